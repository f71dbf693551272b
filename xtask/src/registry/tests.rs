//! What is not worth a run of the binary: names of files, the choice of an index, and limits that are too long to wait for.

use super::*;
use release_core::text::SourceText;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

#[test]
fn the_version_stands_in_the_name_of_a_file() {
    for (file, version) in [
        ("meadow_client-0.4.4-py3-none-any.whl", Some("0.4.4")),
        ("Meadow.Client-0.4.4rc1-1-py3-none-any.whl", Some("0.4.4rc1")),
        ("meadow_client-0.4.4.tar.gz", Some("0.4.4")),
        ("meadow-client-0.4.4.post1.zip", Some("0.4.4.post1")),
        ("meadow_client_extra-0.4.4.tar.gz", None),
        ("meadow-client-extra-0.4.4.tar.gz", None),
        ("meadow-0.4.4.tar.gz", None),
        ("meadow_client-latest.tar.gz", None),
        ("meadow_client-0.4.4.exe", None),
        ("meadow_client.whl", None),
        (".tar.gz", None),
        ("", None),
    ] {
        assert_eq!(version_of(file, "meadow-client"), version.map(|text| Version::parse(text).unwrap()), "{file}");
    }
}

#[test]
fn the_index_is_that_of_the_settings_else_of_the_environment_else_of_the_lockfile() {
    let lock = "version = 1\n[[package]]\nname = 'a'\nsource = { registry = 'https://lock.example/simple/' }";
    let lock = UvLock::parse(&SourceText::new(lock)).unwrap();
    let choose = |configured, variables: &[(&str, &str)], lock| {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Index::choose(configured, variable, lock).map(|index| (index.url, index.named_by))
    };
    let is = |url: &str, by: &str| Ok((url.to_owned(), by.to_owned()));
    let (pip, uv) = (("PIP_INDEX_URL", "https://pip.example/simple"), ("UV_INDEX_URL", "http://uv.example:8080/"));
    let default = ("UV_DEFAULT_INDEX", "mirror=https://mirror.example/simple");
    let set = Some("https://set.example/simple/");
    assert_eq!(choose(set, &[pip, uv], Some(&lock)), is("https://set.example/simple", "release.toml"));
    assert_eq!(choose(None, &[pip, uv, default], Some(&lock)), is("https://mirror.example/simple", "UV_DEFAULT_INDEX"));
    assert_eq!(choose(None, &[pip, uv], Some(&lock)), is("http://uv.example:8080", "UV_INDEX_URL"));
    assert_eq!(
        choose(None, &[pip, ("UV_INDEX_URL", " ")], Some(&lock)),
        is("https://pip.example/simple", "PIP_INDEX_URL")
    );
    assert_eq!(choose(None, &[], Some(&lock)), is("https://lock.example/simple", "uv.lock"));
    assert!(choose(None, &[], None).unwrap_err().contains("set `index`"));
    assert!(choose(None, &[], Some(&UvLock::default())).unwrap_err().contains("set `index`"));
}

#[test]
fn credentials_are_neither_kept_nor_shown() {
    for (text, url) in [
        ("https://user:s3cret@i.example/simple", Ok("https://i.example/simple")),
        ("HTTPS://us@er:s3cret@i.example/simple?token=s3cret#s3cret", Ok("https://i.example/simple")),
        ("https://i.example?s3cret@j", Ok("https://i.example")),
        ("https://s3cret@/simple", Err(())),
        ("https://", Err(())),
        ("file:///s3cret", Err(())),
        ("../s3cret", Err(())),
        ("https://i.example/a b/s3cret", Err(())),
        ("https://i.exa\u{1b}mple/s3cret", Err(())),
    ] {
        let index = Index::new(text, "UV_INDEX_URL");
        assert_eq!(index.as_ref().map(Index::shown).map_err(|_| ()), url, "{text}");
        assert!(!format!("{index:?}").contains("s3cret"), "{text}: {index:?}");
    }
}

#[test]
fn what_a_server_sent_is_shown_short_and_escaped() {
    assert_eq!(foreign("text/html"), "`text/html`");
    assert_eq!(foreign("\u{1b}[31m\n\u{9b}é"), r"`\u{1b}[31m\n\u{9b}\u{e9}`");
    assert_eq!(foreign(&"x".repeat(1000)).len(), 122);
}

/// The answer of a server that does this with its connections, under short limits.
fn answer(serve: impl Fn(TcpStream) + Send + 'static) -> Result<Answer, String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let index = Index::new(&format!("http://{}/simple", listener.local_addr().unwrap()), "a test").unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    let limits = Limits { whole: Duration::from_millis(300), bytes: 10_000, ..Limits::default() };
    // A proxy of the environment is not for this.
    let agent = index.config(limits).proxy(None).build().new_agent();
    let answer = index.answer(&agent, "meadow-client", limits);
    answer.map_err(|reason| reason.replace(index.shown(), "INDEX"))
}

fn head(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {SIMPLE_JSON}\r\n{more}\r\n")
}

#[test]
fn a_server_that_is_silent_or_drips_is_left_in_time() {
    let started = Instant::now();
    let late = Err("INDEX does not answer within 300ms".to_owned());
    let wait = || thread::sleep(Duration::from_secs(5));
    assert_eq!(answer(move |stream| (wait(), drop(stream)).1), late);
    let drip = |mut stream: TcpStream| {
        while stream.write_all(b"H").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    };
    assert_eq!(answer(drip), Err("INDEX does not answer as HTTP asks".to_owned()));
    let drip = |mut stream: TcpStream| {
        let _ = stream.write_all(head("Content-Length: 5000\r\n").as_bytes());
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    };
    assert_eq!(answer(drip), late);
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[test]
fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let endless = |mut stream: TcpStream| {
        let _ = stream.write_all(head("").as_bytes());
        while stream.write_all(&[b' '; 1000]).is_ok() {}
    };
    let large = Err("the answer of INDEX has more than 10000 bytes".to_owned());
    assert_eq!(answer(endless), large);
    let packed = |mut stream: TcpStream| {
        // 100,000 spaces as gzip packs them.
        let (start, end) = (
            [
                0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00,
                0xc2, 0xa0, 0x2a, 0xeb, 0x9f, 0xd2, 0x1a, 0x1e, 0x40, 0x01,
            ],
            [0xaf, 0x06, 0x2d, 0xf0, 0x79, 0xca, 0xa0, 0x86, 0x01, 0x00],
        );
        let bytes = [&start[..], &[0; 96], &end].concat();
        let _ = stream
            .write_all(head(&format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", bytes.len())).as_bytes());
        let _ = stream.write_all(&bytes);
    };
    assert_eq!(answer(packed), large);
}
