//! A registry on this machine: documents of packages, below a path for each test.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

type Documents = Arc<Mutex<HashMap<String, String>>>;

/// It lives as long as the process.
pub(super) struct Registry {
    address: String,
    documents: Documents,
}

impl Registry {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let documents = Documents::default();
        let served = Arc::clone(&documents);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                std::thread::spawn(move || answer(&stream, &served));
            }
        });
        Self { address, documents }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(super) fn serve(&self, below: &str, documents: &BTreeMap<String, Value>) {
        let mut served = self.documents.lock().unwrap();
        for (name, document) in documents {
            served.insert(format!("/{below}/{name}"), document.to_string());
        }
    }
}

/// Answers one request; the client may disconnect at any time.
fn answer(mut stream: &TcpStream, documents: &Documents) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    while lines.next().is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default().replace("%2f", "/");
    let body = documents.lock().unwrap().get(&path).cloned();
    let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
    let body = body.unwrap_or_else(|| "{}".to_owned());
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
}
