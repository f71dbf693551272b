//! Certificates of one's own, by real openssl and a real server.

use super::Trap;
use crate::support::works;
use camino::Utf8Path;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// An index that has every package, without files, behind TLS.
const SERVER: &str = r#"
import http.server, json, ssl, sys

class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/").split("/")[-1]
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server with this certificate, and its port.
fn serve(folder: &Utf8Path, name: &str) -> (Ended, u16) {
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let mut command = Command::new("python3");
    command.args(["-c", SERVER, certificate.as_str(), key.as_str()]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Ended(child), line.trim().parse().unwrap())
}

fn certificate(folder: &Utf8Path, name: &str, more: &[&str]) -> bool {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    command.args(["-addext", "subjectAltName=DNS:localhost"]).args(more).current_dir(folder);
    command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
    works(&mut command, "a certificate of one's own")
}

#[test]
fn a_certificate_that_signs_itself_is_trusted_or_it_is_said_why_not() {
    let trap = Trap::untouched();
    let folder = trap.sample.root.join("certificates");
    std::fs::create_dir_all(&folder).unwrap();
    if !works(Command::new("python3").arg("--version"), "a server with TLS")
        || !certificate(&folder, "own", &["-addext", "basicConstraints=critical,CA:FALSE"])
        || !certificate(&folder, "authority", &["-addext", "keyUsage=digitalSignature,keyCertSign"])
    {
        return;
    }
    let ask = |trusted: &str, port: u16| {
        let mut command = trap.command("check --online --index");
        command.arg(format!("https://localhost:{port}/simple"));
        command.env("SSL_CERT_FILE", folder.join(format!("{trusted}.pem")));
        trap.run(&mut command, trusted).stderr
    };
    let (_own, own) = serve(&folder, "own");
    let (_authority, authority) = serve(&folder, "authority");
    let said = ask("own", own);
    assert!(!said.contains("could not ask for `meadow-client`: the certificate"), "{said}");
    assert!(said.contains("does not know `meadow-agents`"), "{said}");
    let said = ask("authority", authority);
    assert!(said.contains("is that of an authority (`CA:TRUE`)"), "{said}");
    assert!(said.contains("basicConstraints=critical,CA:FALSE"), "{said}");
    let said = ask("authority", own);
    assert!(said.contains(&format!("the certificate of https://localhost:{own}/simple is not trusted")), "{said}");
}
