//! A package index on a loopback address: pages of the simple API, and the metadata of wheels. The wheels themselves
//! are not downloaded for a lockfile.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// The documents that the index serves.
#[derive(Default)]
pub(crate) struct Universe {
    /// The documents by their paths.
    documents: BTreeMap<String, Vec<u8>>,
    files: BTreeMap<&'static str, Vec<Value>>,
}

/// A version of a package.
#[derive(Clone, Copy)]
pub(crate) struct Release {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) requires: &'static [&'static str],
    pub(crate) python: &'static str,
    /// The ends of its files' names after the version.
    pub(crate) files: &'static [&'static str],
    pub(crate) upload_time: Option<&'static str>,
    pub(crate) has_size: bool,
}

impl Release {
    /// Creates a release with a wheel and a source distribution.
    pub(crate) const fn new(name: &'static str, version: &'static str, requires: &'static [&'static str]) -> Self {
        let upload_time = Some("2026-02-05T17:23:06.688000Z");
        let files = &["-py3-none-any.whl", ".tar.gz"];
        Self { name, version, requires, python: ">=3.9", files, upload_time, has_size: true }
    }

    /// Returns its `METADATA`.
    pub(crate) fn metadata(&self) -> String {
        let requires: String = self.requires.iter().map(|requires| format!("Requires-Dist: {requires}\n")).collect();
        let Self { name, version, python, .. } = self;
        format!(
            "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n{requires}Provides-Extra: web\n"
        )
    }
}

impl Universe {
    pub(crate) fn of(releases: &[Release]) -> Self {
        let mut universe = Self::default();
        for release in releases {
            universe.add(release);
        }
        for (name, files) in &universe.files {
            let page = json!({ "meta": { "api-version": "1.1" }, "name": name, "files": files, "versions": [] });
            universe.documents.insert(format!("/simple/{name}/"), page.to_string().into_bytes());
        }
        universe
    }

    fn add(&mut self, release: &Release) {
        for ending in release.files {
            let file = format!("{}-{}{ending}", release.name.replace('-', "_"), release.version);
            let number = self.documents.len() + self.files.values().map(Vec::len).sum::<usize>();
            let url = format!("/files/{:02x}/{file}", (number * 37) % 256);
            let mut entry = json!({
                "filename": file, "url": format!("../..{url}"), "hashes": { "sha256": format!("{number:064x}") },
                "requires-python": release.python, "yanked": false,
            });
            if release.has_size {
                entry["size"] = json!(1000 + number);
            }
            if let Some(time) = release.upload_time {
                entry["upload-time"] = json!(time);
            }
            if file.ends_with(".whl") {
                entry["core-metadata"] = json!(true);
                self.documents.insert(format!("{url}.metadata"), release.metadata().into_bytes());
            }
            self.files.entry(release.name).or_default().push(entry);
        }
    }

    /// Returns a page as it is served.
    pub(crate) fn page(&self, name: &str) -> &[u8] {
        &self.documents[&format!("/simple/{name}/")]
    }

    /// Serves the documents until the process ends, and returns the address of the index.
    pub(crate) fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let universe = Arc::clone(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let universe = Arc::clone(&universe);
                // The client may disconnect at any time.
                thread::spawn(move || drop(universe.answer(&stream)));
            }
        });
        format!("http://{address}/simple")
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        for line in lines {
            if line?.is_empty() {
                break;
            }
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let (status, body) = match self.documents.get(path) {
            Some(body) => ("200 OK", body.as_slice()),
            None => ("404 Not Found", &[][..]),
        };
        let kind = if path.starts_with("/simple/") { "application/vnd.pypi.simple.v1+json" } else { "text/plain" };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        stream.write_all(body)
    }
}
