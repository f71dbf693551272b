//! A registry on the loopback interface: a small HTTP/1.1 server for the tests of everything that asks one.
//!
//! ```ignore
//! let server = Server::new();
//! server.put("/simple/meadow-client/", page("meadow-client", &files(&server, "meadow_client", &["0.4.4"])));
//! server.put("/meadow-client", packument("meadow-client", &[("0.4.4", json!({}))]));
//! server.put("/files/meadow_client-0.4.4-py3-none-any.whl", wheel_answer(...));
//! command.env("UV_INDEX_URL", server.url("/simple")).env("npm_config_registry", server.url(""));
//! server.fault_times("/simple/meadow-client/", 2, Fault::Status(404));   // there at the third question
//! ...
//! assert_eq!(server.asked(), ["/simple/meadow-client/"]);
//! ```
//!
//! A server ends with its last clone. As a proxy it takes `CONNECT` and answers what is asked through it itself, by the path.

#![allow(dead_code, reason = "each test binary that includes this file uses a part of it")]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The content type of a page of a Python index (PEP 691).
pub(crate) const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// The content type of an npm document for installers.
pub(crate) const INSTALL_JSON: &str = "application/vnd.npm.install-v1+json";

/// An answer to requests for a path.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A fault at a path.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This status and an empty body.
    Status(u16),
    /// This status with one more header.
    StatusWith(u16, &'static str, String),
    /// The answer, but only after a while.
    Slow(Duration),
    /// The head at once, then one byte of the body after the other with this pause.
    Drip(Duration),
    /// The head promises the whole body; this many bytes of it come.
    CutOff(usize),
    /// The body under another content type.
    ContentType(&'static str),
    /// 200 and a page for people.
    Html,
    /// Something else under the right content type.
    Body(&'static str),
    /// A document of this many bytes, which is announced and never held.
    Large(u64),
    /// A document without length and end.
    Endless,
    /// A gzip that is small, and has this many bytes when it is unpacked.
    Bomb(usize),
    /// To another address.
    Redirect(String),
    /// To itself.
    RedirectLoop,
    /// The connection ends when the question has come.
    Closed,
    /// Bytes that are no HTTP.
    Raw(Vec<u8>),
    /// These bytes, said to be packed like that.
    Encoded(&'static str, Vec<u8>),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it stood in the request line: for a proxy with its host.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The bytes behind the head.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Everything that came.
    pub(crate) fn text(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
        format!("{} {}\n{}", self.method, self.target, headers.collect::<String>())
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer to a request, from whatever a test keeps behind it.
pub(crate) type Handler = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// The server; clones are the same one.
#[derive(Clone)]
pub(crate) struct Server {
    state: Arc<State>,
    ends: Arc<End>,
}

#[derive(Default)]
struct State {
    handler: Mutex<Option<Handler>>,
    answers: Mutex<BTreeMap<String, Answer>>,
    faults: Mutex<BTreeMap<String, (usize, Fault)>>,
    required: Mutex<Vec<(String, String)>>,
    requests: Mutex<Vec<Request>>,
    no_ranges: AtomicBool,
    gzip: AtomicBool,
    over: AtomicBool,
}

/// Wakes the listener when the last clone is gone.
struct End {
    state: Arc<State>,
    address: SocketAddr,
}

impl Drop for End {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Server {
    /// A server at a free port of 127.0.0.1, that has nothing.
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let state = Arc::new(State::default());
        let end = End { state: Arc::clone(&state), address: listener.local_addr().expect("its address") };
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.over.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&serving);
                // A client that has read enough goes away.
                thread::spawn(move || drop(serve(&state, &stream)));
            }
        });
        Self { state, ends: Arc::new(end) }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> String {
        self.ends.address.to_string()
    }

    /// The address of a path, which is empty or begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }

    /// From now on a path has this answer; others are 404.
    pub(crate) fn put(&self, path: &str, answer: Answer) {
        self.state.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// From now on this answers where no path has an answer of its own.
    pub(crate) fn handle(&self, handler: Handler) {
        *self.state.handler.lock().unwrap() = Some(handler);
    }

    /// From now on nothing is there.
    pub(crate) fn remove(&self, path: &str) {
        self.state.answers.lock().unwrap().remove(path);
    }

    /// From now on a path is faulty.
    pub(crate) fn fault(&self, path: &str, fault: Fault) {
        self.fault_times(path, usize::MAX, fault);
    }

    /// A path is faulty for this many requests.
    pub(crate) fn fault_times(&self, path: &str, times: usize, fault: Fault) {
        self.state.faults.lock().unwrap().insert(path.to_owned(), (times, fault));
    }

    /// Paths with this beginning answer 401 to whoever does not send this header; see [`basic`] and [`bearer`].
    pub(crate) fn require(&self, prefix: &str, authorization: &str) {
        self.state.required.lock().unwrap().push((prefix.to_owned(), authorization.to_owned()));
    }

    /// From now on requests for a part get the whole.
    pub(crate) fn without_ranges(self) -> Self {
        self.state.no_ranges.store(true, Ordering::SeqCst);
        self
    }

    /// From now on whoever accepts gzip gets it.
    pub(crate) fn with_gzip(self) -> Self {
        self.state.gzip.store(true, Ordering::SeqCst);
        self
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Returns the targets of all requests so far, and forgets them.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = std::mem::take(&mut *self.state.requests.lock().unwrap());
        requests.into_iter().map(|request| request.target).collect()
    }
}

impl Answer {
    /// 200, with this content type.
    pub(crate) fn new(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![("Content-Type".to_owned(), kind.to_owned())], body: body.into() }
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The header of HTTP Basic for [`Server::require`].
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// The header of a token for [`Server::require`].
pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Requests of one connection, one after the other.
fn serve(state: &State, stream: &TcpStream) -> io::Result<()> {
    // A client that says nothing is not waited for when the tests are over.
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut lines = BufReader::new(stream);
    while let Some(request) = read(&mut lines)? {
        state.requests.lock().unwrap().push(request.clone());
        if request.method == "CONNECT" {
            // A proxy that gives no tunnel.
            if let Some(fault) = next_fault(state, "CONNECT") {
                let nothing = Answer { status: 200, headers: Vec::new(), body: Vec::new() };
                fail(stream, "", nothing, &fault)?;
                break;
            }
            write!(&mut &*stream, "HTTP/1.1 200 Connection established\r\n\r\n")?;
            continue;
        }
        let path = request
            .target
            .strip_prefix("http://")
            .map_or(request.target.as_str(), |rest| rest.find('/').map_or("/", |at| &rest[at..]));
        let path = path.split('?').next().unwrap_or_default();
        let is_open = respond(state, stream, &request, path)?;
        if !is_open {
            break;
        }
    }
    Ok(())
}

/// The head of the next request; a client that closes has none.
fn read(lines: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        lines.read_line(line)
    };
    if next(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    while next(&mut line)? > 0 && !line.trim_end().is_empty() {
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    lines.read_exact(&mut body)?;
    Ok(Some(Request { method, target, headers, body }))
}

/// Answers; whether the connection stays.
fn respond(state: &State, stream: &TcpStream, request: &Request, path: &str) -> io::Result<bool> {
    let required = state.required.lock().unwrap().clone();
    let refused = required.iter().filter(|(prefix, _)| path.starts_with(prefix));
    if refused.clone().count() > 0
        && !refused.into_iter().any(|(_, value)| request.header("authorization") == Some(value))
    {
        return send(stream, &Answer { status: 401, headers: Vec::new(), body: Vec::new() });
    }
    let known = state.answers.lock().unwrap().get(path).cloned();
    let handler = state.handler.lock().unwrap().clone();
    let known = known.or_else(|| handler.map(|handler| handler(request)));
    let answer = known.unwrap_or(Answer { status: 404, headers: Vec::new(), body: b"nothing here".to_vec() });
    match next_fault(state, path) {
        Some(fault) => fail(stream, path, answer, &fault),
        None => send(stream, &form(state, request, answer)),
    }
}

fn next_fault(state: &State, path: &str) -> Option<Fault> {
    let mut faults = state.faults.lock().unwrap();
    let (times, fault) = faults.get_mut(path)?;
    *times = times.checked_sub(1)?;
    Some(fault.clone())
}

fn send(mut stream: &TcpStream, answer: &Answer) -> io::Result<bool> {
    write!(stream, "{}", head(answer, Some(answer.body.len() as u64)))?;
    stream.write_all(&answer.body)?;
    Ok(true)
}

fn head(answer: &Answer, length: Option<u64>) -> String {
    let mut head = format!("HTTP/1.1 {} As asked\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match length {
        Some(length) => head + &format!("Content-Length: {length}\r\n\r\n"),
        None => head + "Connection: close\r\n\r\n",
    }
}

/// A part of the answer, or the answer packed, where that is asked for and this server does so.
fn form(state: &State, request: &Request, answer: Answer) -> Answer {
    let range = request.header("range").filter(|_| answer.status == 200 && !state.no_ranges.load(Ordering::SeqCst));
    if let Some(range) = range {
        let total = answer.body.len();
        let Some((from, to)) = bounds(range, total) else {
            return Answer {
                status: 416,
                headers: vec![("Content-Range".to_owned(), format!("bytes */{total}"))],
                body: Vec::new(),
            };
        };
        let body = answer.body[from..to].to_vec();
        let part = format!("bytes {from}-{}/{total}", to - 1);
        return Answer { status: 206, body, ..answer }.with("Content-Range", &part);
    }
    let accepts = request.header("accept-encoding").is_some_and(|accepted| accepted.contains("gzip"));
    if accepts && state.gzip.load(Ordering::SeqCst) {
        let body = gzip(&answer.body);
        return Answer { body, ..answer }.with("Content-Encoding", "gzip");
    }
    answer
}

/// First and behind the last byte of `bytes=A-B`, `bytes=A-` and `bytes=-N`.
fn bounds(range: &str, total: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from, to) {
        ("", last) => (total.saturating_sub(last.parse().ok()?), total),
        (from, "") => (from.parse().ok()?, total),
        (from, to) => (from.parse().ok()?, total.min(to.parse::<usize>().ok()? + 1)),
    };
    (from < to).then_some((from, to))
}

fn fail(mut stream: &TcpStream, path: &str, answer: Answer, fault: &Fault) -> io::Result<bool> {
    let length = answer.body.len() as u64;
    let other = |status: u16, name: &str, value: &str| {
        Answer { status, headers: Vec::new(), body: Vec::new() }.with(name, value)
    };
    let kind = |kind: &str, body: Vec<u8>| Answer { body, ..Answer::new(kind, "") };
    match fault {
        Fault::Status(status) => {
            return send(stream, &Answer { status: *status, headers: Vec::new(), body: Vec::new() });
        }
        Fault::StatusWith(status, name, value) => return send(stream, &other(*status, name, value)),
        Fault::ContentType(name) => return send(stream, &kind(name, answer.body)),
        Fault::Html => return send(stream, &kind("text/html; charset=utf-8", b"<html>sign in</html>".to_vec())),
        Fault::Body(body) => return send(stream, &Answer { status: 200, body: body.as_bytes().to_vec(), ..answer }),
        Fault::Encoded(encoding, body) => {
            return send(stream, &Answer { body: body.clone(), ..answer }.with("Content-Encoding", encoding));
        }
        Fault::Redirect(to) => return send(stream, &other(302, "Location", to)),
        Fault::RedirectLoop => return send(stream, &other(301, "Location", path)),
        Fault::Bomb(bytes) => {
            let body = gzip(&vec![b' '; *bytes]);
            return send(stream, &Answer { body, ..answer }.with("Content-Encoding", "gzip"));
        }
        Fault::Slow(pause) => {
            thread::sleep(*pause);
            return send(stream, &answer);
        }
        Fault::Drip(pause) => {
            write!(stream, "{}", head(&answer, Some(length)))?;
            for byte in &answer.body {
                stream.write_all(&[*byte])?;
                thread::sleep(*pause);
            }
        }
        Fault::CutOff(bytes) => {
            write!(stream, "{}", head(&answer, Some(length)))?;
            stream.write_all(&answer.body[..answer.body.len().min(*bytes)])?;
        }
        Fault::Large(bytes) => {
            write!(stream, "{}", head(&Answer { status: 200, ..answer }, Some(*bytes)))?;
            for _ in 0..*bytes / 1024 {
                stream.write_all(&[b' '; 1024])?;
            }
        }
        Fault::Endless => {
            write!(stream, "{}", head(&Answer { status: 200, ..answer }, None))?;
            while stream.write_all(&[b' '; 1024]).is_ok() {}
        }
        Fault::Closed => {}
        Fault::Raw(bytes) => stream.write_all(bytes)?,
    }
    Ok(false)
}

/// Bytes as gzip packs them.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A page of a Python index (PEP 691) with these files; see [`file`].
pub(crate) fn page(name: &str, files: &[Value]) -> Answer {
    let body = json!({"meta": {"api-version": "1.1"}, "name": name, "files": files});
    Answer::new(SIMPLE_JSON, body.to_string())
}

/// A file of a page, to change as a test needs it: `file["yanked"] = json!("broken")`.
pub(crate) fn file(name: &str, url: &str) -> Value {
    json!({
        "filename": name, "url": url, "hashes": {"sha256": "0".repeat(64)}, "size": 1000,
        "upload-time": "2026-01-02T03:04:05.678900Z", "yanked": false,
    })
}

/// The wheel and the source distribution of each version, at `/files/`.
pub(crate) fn files(distribution: &str, versions: &[&str]) -> Vec<Value> {
    let names = versions.iter().flat_map(|version| {
        [format!("{distribution}-{version}-py3-none-any.whl"), format!("{distribution}-{version}.tar.gz")]
    });
    names.map(|name| file(&name, &format!("/files/{name}"))).collect()
}

/// The document of an npm package for installers; each version with what its manifest has beside name, version and `dist`.
pub(crate) fn packument(name: &str, versions: &[(&str, Value)]) -> Answer {
    let file = name.rsplit('/').next().unwrap_or_default();
    let manifest = |(version, more): &(&str, Value)| {
        let mut manifest = json!({
            "name": name, "version": version,
            "dist": {
                "tarball": format!("https://npm.example/{name}/-/{file}-{version}.tgz"),
                "integrity": format!("sha512-{}", BASE64_STANDARD.encode([0; 64])), "shasum": "0".repeat(40),
            },
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            manifest[key] = value.clone();
        }
        ((*version).to_owned(), manifest)
    };
    let all: serde_json::Map<String, Value> = versions.iter().map(manifest).collect();
    let latest = versions.last().map(|(version, _)| *version);
    let body =
        json!({"name": name, "dist-tags": {"latest": latest}, "versions": all, "modified": "2026-01-02T03:04:05.678Z"});
    Answer::new(INSTALL_JSON, body.to_string())
}

/// The way in which the members of a wheel are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Stored,
    Deflated,
}

/// A wheel with a module and this METADATA, as bytes: `Answer::new("application/octet-stream", wheel(...))`.
pub(crate) fn wheel(distribution: &str, version: &str, metadata: &str, packing: Packing) -> Vec<u8> {
    let info = format!("{distribution}-{version}.dist-info");
    let members = [
        (format!("{distribution}/__init__.py"), String::new()),
        (format!("{info}/METADATA"), metadata.to_owned()),
        (format!("{info}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned()),
        (format!("{info}/RECORD"), String::new()),
    ];
    zip(&members.map(|(name, content)| (name, content.into_bytes())), packing)
}

/// A zip of these members.
pub(crate) fn zip(members: &[(String, Vec<u8>)], packing: Packing) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let short = |number: usize| u16::try_from(number).expect("a small zip").to_le_bytes();
    let long = |number: usize| u32::try_from(number).expect("a small zip").to_le_bytes();
    for (name, content) in members {
        let (method, packed) = match packing {
            Packing::Stored => (0, content.clone()),
            Packing::Deflated => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(content).expect("memory");
                (8, encoder.finish().expect("memory"))
            }
        };
        let mut crc = Crc::new();
        crc.update(content);
        let sizes = [crc.sum().to_le_bytes(), long(packed.len()), long(content.len())].concat();
        // Version, flags, method, time and date (the first of 1980), then sum and sizes, and the length of the name.
        let shared =
            [&short(20)[..], &short(0), &short(method), &short(0), &short(33), &sizes, &short(name.len())].concat();
        let at = long(bytes.len());
        bytes.extend([&b"PK\x03\x04"[..], &shared, &short(0), name.as_bytes(), &packed].concat());
        let behind = [&short(0)[..], &short(0), &short(0), &short(0), &long(0), &at, name.as_bytes()].concat();
        directory.extend([&b"PK\x01\x02"[..], &short(20), &shared, &behind].concat());
    }
    let (count, at, length) = (short(members.len()), long(bytes.len()), long(directory.len()));
    bytes.extend(directory);
    bytes.extend([&b"PK\x05\x06"[..], &short(0), &short(0), &count, &count, &length, &at, &short(0)].concat());
    bytes
}
