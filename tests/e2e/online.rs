//! `release check --online`, against an index on the loopback interface.

use crate::sample::Sample;
use crate::support::{Run, run};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// An index that answers every request alike, and keeps what it was asked.
struct Server {
    url: String,
    host: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(response: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, response) = (Arc::clone(&requests), response.into());
        // It ends with the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = read(&stream);
                kept.lock().unwrap().push(request);
                // A client that has read enough goes away.
                let _ = (&stream).write_all(&response);
            }
        });
        Self { url: format!("http://{host}/simple"), host, requests }
    }

    /// Checks the sample with this index in the environment.
    fn check(&self, sample: &Sample, words: &str) -> Run {
        let mut command = sample.xtask();
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "UV_DEFAULT_INDEX", "PIP_INDEX_URL"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.env("NETRC", "/dev/null").env("UV_INDEX_URL", &self.url).args(["release", "check"]);
        command.args(words.split_whitespace());
        let mut run = run(&mut command);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run.stderr = run.stderr.replace(&self.host, "INDEX");
        run.stdout = run.stdout.replace(&self.host, "INDEX");
        run
    }
}

/// The head of a request.
fn read(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    lines.take_while(|line| !line.is_empty()).fold(String::new(), |head, line| head + &line + "\n")
}

fn response(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// The page of the sample's client with these versions, of which `!` says that they are yanked.
fn page(versions: &str) -> String {
    let mut files = String::new();
    for word in versions.split_whitespace() {
        let (version, yanked) = word.strip_suffix('!').map_or((word, "false"), |version| (version, "\"broken\""));
        for name in [format!("meadow_client-{version}-py3-none-any.whl"), format!("meadow_client-{version}.tar.gz")] {
            let _ = write!(files, ",{{\"filename\":\"{name}\",\"url\":\"x\",\"hashes\":{{}},\"yanked\":{yanked}}}");
        }
    }
    let files = files.trim_start_matches(',');
    format!("{{\"meta\":{{\"api-version\":\"1.1\"}},\"name\":\"meadow-client\",\"files\":[{files}]}}")
}

fn published(versions: &str) -> Server {
    Server::new(response("200 OK", &format!("{JSON}; charset=utf-8"), &page(versions)))
}

#[test]
fn the_index_is_asked_for_the_client_once_as_installers_ask_it() {
    let (sample, server) = (Sample::new(), published("0.4.3 0.4.4"));
    let run = server.check(&sample, "--online").expect(0);
    let said = "checking the work tree as release-0.4.x, the current branch\n\nasking http://INDEX/simple, named by UV_INDEX_URL, for meadow-client\n";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    assert!(!run.stdout.contains("pin-unpublished") && !run.stderr.contains("skipped pin-unpublished"), "{run:?}");
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let head = requests[0].to_ascii_lowercase();
    assert!(head.starts_with("get /simple/meadow-client/ http/1.1\n"), "{head}");
    assert!(head.contains(&format!("\naccept: {JSON}\n")), "{head}");
    assert!(head.contains("\naccept-encoding: gzip\n"), "{head}");
    drop(requests);
    // What is checked again after fixes were made is not asked for again.
    let run = server.check(&sample, "--online --unsafe-fixes");
    assert!(run.stderr.contains("made 2 fixes") && !run.stderr.contains("skipped pin-unpublished"), "{}", run.stderr);
    assert_eq!(server.requests.lock().unwrap().len(), 2);
}

#[test]
fn nobody_is_asked_unless_it_was_said() {
    let (sample, server) = (Sample::new(), published("0.4.3"));
    let run = server.check(&sample, "").expect(0);
    assert!(run.stderr.contains("skipped pin-unpublished: not asked: `--online`\n"), "{}", run.stderr);
    server.check(&sample, "--online --offline").expect(2);
    sample.release("--offline check --online").expect(2);
    assert!(server.requests.lock().unwrap().is_empty());
}

#[test]
fn a_pin_that_nothing_satisfies_is_an_error_with_its_place() {
    let sample = Sample::new();
    for (server, label) in [
        (published("0.4.2 0.4.3"), "the last one is 0.4.3"),
        (published("0.4.3 0.4.4!"), "0.4.4 is yanked"),
        (Server::new(response("404 Not Found", "text/html", "no")), "nothing is published under this name"),
    ] {
        // At its own tag the release publishes its client itself; behind it the index has to have it.
        sample.git(&["commit", "--quiet", "--allow-empty", "--message", label]);
        let run = server.check(&sample, "--online").expect(1);
        let message = "no published version of `meadow-client` satisfies `==0.4.4` in pyproject.toml\n";
        assert!(run.stdout.contains(&format!("error[pin-unpublished]: {message}")), "{}", run.stdout);
        assert!(run.stdout.contains(label), "{}", run.stdout);
    }
}

#[test]
fn the_client_of_a_release_that_is_prepared_is_a_warning_until_it_is_there() {
    let sample = Sample::new();
    sample.release("patch 0.4.5").expect(0);
    let run = published("0.4.4").check(&sample, "--online").expect(0);
    assert!(run.stdout.contains("warning[pin-unpublished]"), "{}", run.stdout);
    assert!(run.stdout.contains("which this release publishes itself"), "{}", run.stdout);
    assert!(run.stdout.contains("warning[uv-lock-"), "{}", run.stdout);
    let run = published("0.4.4 0.4.5").check(&sample, "--online").expect(1);
    assert!(!run.stdout.contains("pin-unpublished"), "{}", run.stdout);
    assert!(run.stdout.contains("error[uv-lock-"), "{}", run.stdout);
}

#[test]
fn an_index_that_could_not_be_asked_is_no_index_without_the_client() {
    let sample = Sample::new();
    let json = |body: &str| response("200 OK", JSON, body);
    let redirect =
        |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let cut = json(&page("0.4.3"));
    for (response, reason) in [
        (response("500 Internal Server Error", "text/plain", "oh"), "http://INDEX/simple answers 500"),
        (
            response("403 Forbidden", "text/plain", ""),
            "http://INDEX/simple answers 403 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index",
        ),
        (
            response("200 OK", "text/html; charset=utf-8", "<html>"),
            "http://INDEX/simple answers `text/html`, a page for people, and not `application/vnd.pypi.simple.v1+json`",
        ),
        (
            json("{\"files\": ["),
            "http://INDEX/simple answers what is no page of meadow-client: `EOF while parsing a list at line 1 column 11`",
        ),
        (
            json("{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"x\"}"),
            "http://INDEX/simple answers what is no page of meadow-client: `missing field `files` at line 1 column 41`",
        ),
        (
            json(&page("").replace("meadow-client", "else\\u001b[31m")),
            "http://INDEX/simple answers what is no page of meadow-client: `the page of `else\\u{1b}[31m`, not of `meadow-client``",
        ),
        (
            json(&page("").replace("1.1", "2.0")),
            "http://INDEX/simple answers what is no page of meadow-client: `version 2.0 of the API`",
        ),
        (cut[..cut.len() - 20].to_owned(), "the answer of http://INDEX/simple ends too early"),
        (redirect("/simple/meadow-client/"), "http://INDEX/simple redirects more than 5 times"),
        (redirect("ftp://user:s3cret@index.example/"), "http://INDEX/simple leads to a place that is no URL"),
        (json(&" ".repeat((32 << 20) + 1)), "the answer of http://INDEX/simple has more than 32 MiB"),
        ("SSH-2.0-OpenSSH\r\n\r\n".to_owned(), "http://INDEX/simple answers what is not HTTP"),
        (String::new(), "the answer of http://INDEX/simple ends too early"),
    ] {
        let run = Server::new(response).check(&sample, "--online").expect(0);
        let said = run.stderr.lines().find(|line| line.starts_with("skipped pin-unpublished")).unwrap_or(&run.stderr);
        assert_eq!(said, format!("skipped pin-unpublished: could not ask for `meadow-client`: {reason}"));
        assert_eq!(run.stdout, Server::new("").check(&sample, "").stdout);
    }
}

#[test]
fn an_index_that_is_not_there_is_said_without_its_credentials() {
    let sample = Sample::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let url = format!("http://user:s3cret@{closed}/simple");
    let server = Server { url, host: closed, requests: Arc::default() };
    let run = server.check(&sample, "--online").expect(0);
    assert!(run.stderr.contains("asking http://INDEX/simple, named by UV_INDEX_URL"), "{}", run.stderr);
    assert!(
        run.stderr.contains("could not ask for `meadow-client`: there is no connection to http://INDEX/simple: "),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    let server = Server { url: "file:///s3cret".to_owned(), ..server };
    let run = server.check(&sample, "--online").expect(0);
    assert!(
        run.stderr.contains("skipped pin-unpublished: the index that UV_INDEX_URL names is no address"),
        "{}",
        run.stderr
    );
}

#[test]
fn release_toml_names_the_index_before_the_environment_does() {
    let (sample, server) = (Sample::new(), published("0.4.4"));
    sample.write("release.toml", &format!("[release]\nindex = \"{}\"\n", server.url));
    let other = published("");
    let run = other.check(&sample, "--online").expect(0);
    assert!(run.stderr.contains("named by release.toml"), "{}", run.stderr);
    assert_eq!((server.requests.lock().unwrap().len(), other.requests.lock().unwrap().len()), (1, 0));
}
