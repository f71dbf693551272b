//! Registries on the loopback interface: the sandbox has an index with the sample's packages and an npm registry with its
//! client, so that what follows a release runs as it does outside, and asks no registry there.

use anyhow::Context;
use release_core::version::Release;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The sample's client.
const CLIENT: &str = "meadow-client";

/// Everything of the sample's that is on a Python index.
const PACKAGES: [&str; 4] = ["meadow", "meadow-agents", "meadow-api", CLIENT];

/// No request of ours is longer.
const MOST_BYTES: u64 = 16 << 10;

/// The answer for a path: the content type and the body.
pub(crate) type Routes = dyn Fn(&str) -> Option<(&'static str, String)> + Send;

/// The content type of an index's pages (PEP 691).
pub(crate) const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// Serves the sample's packages in these releases until the process ends; gives back the address.
pub(super) fn serve_sample(released: Vec<Release>) -> anyhow::Result<String> {
    serve(|address| {
        Box::new(move |path| match path {
            "/npm/meadow-client" => Some(("application/json", document(&address, &released).to_string())),
            _ => match path.strip_prefix("/simple/") {
                Some(name) => {
                    let name = PACKAGES.into_iter().find(|known| name.strip_suffix('/') == Some(known))?;
                    Some((SIMPLE_JSON, sample_page(&address, name, &released).to_string()))
                }
                None => {
                    let (_, version) = path.strip_suffix("-py3-none-any.whl.metadata")?.rsplit_once('-')?;
                    Some(("text/plain", metadata(version)))
                }
            },
        })
    })
}

/// Serves until the process ends; gives back the address, such as `http://127.0.0.1:4000`. The routes are made for it.
pub(crate) fn serve(routes: impl FnOnce(String) -> Box<Routes>) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("could not serve registries on this machine")?;
    let address = format!("http://{}", listener.local_addr()?);
    let routes = routes(address.clone());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever goes away or sends something else gets no answer.
            let _ = answer(&stream, &routes);
        }
    });
    Ok(address)
}

fn answer(stream: &TcpStream, routes: &Routes) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut lines = BufReader::new(stream.take(MOST_BYTES)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head, so that nothing is left unread when the connection closes.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, (kind, body)) = match routes(path) {
        Some(found) => ("200 OK", found),
        None => ("404 Not Found", ("text/plain", String::new())),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// The page of a package.
fn sample_page(address: &str, name: &str, released: &[Release]) -> Value {
    let distribution = name.replace('-', "_");
    let files = released.iter().flat_map(|release| {
        [format!("{distribution}-{release}-py3-none-any.whl"), format!("{distribution}-{release}.tar.gz")]
    });
    let file = |name: String| {
        file(&name, &format!("{address}/files/{name}"), Some(1000), Some("2026-03-01T12:00:00.000000Z"), true)
    };
    page(name, &files.map(file).collect::<Vec<_>>())
}

/// The page of a package with these files (PEP 691).
pub(crate) fn page(name: &str, files: &[Value]) -> Value {
    json!({ "meta": { "api-version": "1.1" }, "name": name, "files": files })
}

/// A file of such a page.
pub(crate) fn file(name: &str, url: &str, size: Option<i64>, uploaded: Option<&str>, has_metadata: bool) -> Value {
    json!({
        "filename": name,
        "url": url,
        "hashes": { "sha256": "0".repeat(64) },
        "size": size,
        "upload-time": uploaded,
        "core-metadata": has_metadata,
        "yanked": false,
    })
}

/// The npm document of the client.
fn document(address: &str, released: &[Release]) -> Value {
    let version = |release: &Release| {
        let version = release.npm().to_string();
        let dist = dist(address, CLIENT, &version);
        (version.clone(), json!({ "name": CLIENT, "version": version, "license": "MIT", "dist": dist }))
    };
    let versions: serde_json::Map<String, Value> = released.iter().map(version).collect();
    let latest = released.iter().max().map(|release| release.npm().to_string());
    json!({ "name": CLIENT, "dist-tags": { "latest": latest }, "versions": versions })
}

/// The archive of a version in an npm document.
pub(crate) fn dist(address: &str, client: &str, version: &str) -> Value {
    json!({
        "tarball": format!("{address}/npm/{client}/-/{client}-{version}.tgz"),
        "integrity": format!("sha512-{}==", "C".repeat(86)),
    })
}

fn metadata(version: &str) -> String {
    format!("Metadata-Version: 2.4\nName: {CLIENT}\nVersion: {version}\nRequires-Python: >=3.12\n\n")
}
