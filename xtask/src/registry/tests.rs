//! The client against a server of its own: every way to answer wrongly, credentials, proxies, parts of wheels. Limits are
//! short, and nothing here depends on how fast a machine is.

#[path = "../../../tests/e2e/loopback.rs"]
pub(crate) mod loopback;

use super::limits::Limits;
use super::proxy::Proxies;
use super::*;
use camino::Utf8Path;
use loopback::{Answer, Fault, Packing, SIMPLE_JSON, Server, basic, bearer, file, files, packument, page, wheel};
use release_core::lockfile::uv_lock::UvLock;
use release_core::registry::simple::{File, Page};
use release_core::text::SourceText;
use release_core::version::Version;
use serde_json::json;
use std::time::{Duration, Instant};

const PAGE: &str = "/simple/meadow-client/";

/// A client that does not wait for long.
fn quick() -> Http {
    Http::new(Limits { whole: Duration::from_millis(700), ..Limits::default() }, Proxies::default())
}

fn patient() -> Http {
    Http::new(Limits::default(), Proxies::default())
}

fn index(url: &str, variables: &[(&str, &str)]) -> Whom {
    python::choose(&user(&[&[("UV_INDEX_URL", url)], variables].concat()), None, None).unwrap()
}

/// A user with these variables and nothing else.
fn user(variables: &[(&str, &str)]) -> User {
    User { environment: Environment::of(variables), ..User::default() }
}

/// An index that release.toml names.
fn index_of_tree(url: &str, variables: &[(&str, &str)]) -> Result<Whom, String> {
    python::choose(&user(variables), Some((url, Origin::Tree("release.toml".to_owned()))), None)
}

fn served() -> Server {
    let server = Server::new();
    server.put(PAGE, page("meadow-client", &files("meadow_client", &["0.4.4"])));
    server
}

/// The words of a failure, without the port.
fn said<T>(server: &Server, result: Result<T, Failure>) -> String {
    result.err().map_or_else(|| "an answer".to_owned(), |failure| failure.to_string().replace(&server.host(), "HOST"))
}

#[test]
fn every_fault_has_its_own_message_and_says_whether_it_may_pass() {
    let started = Instant::now();
    let redirect = |to: &str| Fault::Redirect(to.to_owned());
    let json = "application/vnd.pypi.simple.v1+json";
    for (fault, is_transient, message) in [
        (Fault::Status(401), false, "http://HOST/simple answers 401 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index".to_owned()),
        (Fault::Status(403), false, "http://HOST/simple answers 403 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index".to_owned()),
        (Fault::Status(418), false, "http://HOST/simple answers 418".to_owned()),
        (Fault::Status(429), true, "http://HOST/simple answers 429: too many requests, try again later".to_owned()),
        (Fault::StatusWith(429, "Retry-After", "17".to_owned()), true, "http://HOST/simple answers 429: too many requests, it asks to wait 17s".to_owned()),
        (Fault::Status(500), true, "http://HOST/simple answers 500".to_owned()),
        (Fault::Status(503), true, "http://HOST/simple answers 503".to_owned()),
        (Fault::Slow(Duration::from_secs(20)), true, "http://HOST/simple does not answer within 700ms; UV_HTTP_TIMEOUT sets another limit, in seconds".to_owned()),
        (Fault::Drip(Duration::from_millis(100)), true, "http://HOST/simple does not answer within 700ms; UV_HTTP_TIMEOUT sets another limit, in seconds".to_owned()),
        (Fault::CutOff(20), true, "the answer of http://HOST/simple ends too early".to_owned()),
        (Fault::Closed, true, "the answer of http://HOST/simple ends too early".to_owned()),
        (Fault::ContentType("text/plain"), false, format!("http://HOST/simple answers `text/plain` and not `{json}`")),
        (Fault::ContentType(""), false, format!("http://HOST/simple answers without a content type and not `{json}`")),
        (Fault::Html, false, format!("http://HOST/simple answers `text/html`, a page for people, and not `{json}`")),
        (Fault::Large(50 << 20), false, "the answer of http://HOST/simple has more than 32 MiB".to_owned()),
        (redirect("http://a b/"), false, "http://HOST/simple leads to a place that is no URL".to_owned()),
        (redirect("ftp://u:s3cret@files.example/"), false, "http://HOST/simple leads to a place that is no URL".to_owned()),
        (Fault::RedirectLoop, false, "http://HOST/simple redirects more than 5 times".to_owned()),
        (Fault::Raw(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()), false, "http://HOST/simple answers what is not HTTP".to_owned()),
    ] {
        let server = served();
        server.fault(PAGE, fault.clone());
        let index = index(&server.url("/simple"), &[]);
        let is_slow = matches!(fault, Fault::Slow(_) | Fault::Drip(_));
        let http = if is_slow { quick() } else { patient() };
        let failure = index.page(&http, "meadow-client").unwrap_err();
        assert_eq!(failure.to_string().replace(&server.host(), "HOST"), message, "{fault:?}");
        assert_eq!(failure.is_transient, is_transient, "{fault:?}");
        assert!(!format!("{failure:?}").contains("s3cret"), "{failure:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn what_is_no_page_is_said_in_parts() {
    for fault in [Fault::Body("{\"files\": ["), Fault::Body("[]"), Fault::Body("\u{1b}[31m"), Fault::Body("")] {
        let server = served();
        server.fault(PAGE, fault);
        let failure = index(&server.url("/simple"), &[]).page(&patient(), "meadow-client").unwrap_err();
        assert!(failure.to_string().contains("answers what is no page of meadow-client"), "{failure:?}");
        assert!(!failure.to_string().contains('\u{1b}'), "{failure}");
    }
}

#[test]
fn a_document_without_end_and_one_that_unpacks_to_too_much_are_not_read_to_the_end() {
    for fault in [Fault::Endless, Fault::Bomb(33 << 20)] {
        let server = served();
        server.fault(PAGE, fault);
        let result = index(&server.url("/simple"), &[]).page(&patient(), "meadow-client");
        assert_eq!(said(&server, result), "the answer of http://HOST/simple has more than 32 MiB");
    }
}

#[test]
fn what_was_asked_in_secret_is_not_asked_in_public() {
    let server = served();
    let place = place::Place::parse(&server.url(PAGE)).unwrap().0;
    let nobody = credentials::Credentials::default();
    let request = http::Request { secret: true, ..http::Request::get(place, "https://index.example", nobody.none()) };
    let failure = patient().get(&request).err().unwrap();
    assert_eq!(failure.to_string(), "https://index.example leads to a place without TLS");
    assert!(server.requests().is_empty());
}

#[test]
fn nothing_there_is_an_answer() {
    let server = served();
    let index = index(&server.url("/simple/"), &[]);
    assert!(index.page(&patient(), "meadow-api").unwrap().is_none());
    server.fault(PAGE, Fault::Status(410));
    assert!(index.page(&patient(), "meadow-client").unwrap().is_none());
}

#[test]
fn a_server_that_is_not_there_is_no_connection() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = index(&format!("http://u:s3cret@{closed}/simple"), &[]).page(&patient(), "a").unwrap_err();
    assert!(failure.is_transient, "{failure:?}");
    assert_eq!(
        failure.to_string(),
        format!("there is no connection to http://{closed}/simple: it refuses the connection")
    );
}

#[test]
fn gzip_is_unpacked_and_redirects_are_followed_to_where_the_page_is() {
    let server = served().with_gzip();
    server.fault("/old/meadow-client/", Fault::Redirect("/simple/meadow-client/".to_owned()));
    let (page, base) = index(&server.url("/old"), &[]).page(&patient(), "meadow-client").unwrap().unwrap();
    assert_eq!((page.files.len(), base), (2, server.url(PAGE)));
    let request = &server.requests()[1];
    assert_eq!((request.header("accept"), request.header("accept-encoding")), (Some(SIMPLE_JSON), Some("gzip")));
}

#[test]
fn several_questions_are_asked_at_the_same_time_and_answered_in_order() {
    let server = served();
    let names: Vec<String> = (0..40).map(|n| format!("p{n}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("meadow-client");
    let index = index(&server.url("/simple"), &[]);
    let answers = at_once(&names, |name| index.page(&patient(), name).unwrap());
    assert_eq!(answers.len(), 41);
    assert_eq!(answers[7], None);
    let (page, _) = answers[40].as_ref().unwrap();
    assert_eq!(page.versions().keys().collect::<Vec<_>>(), [&Version::parse("0.4.4").unwrap()]);
    assert_eq!(at_once(&(0..100).collect::<Vec<_>>(), |n| n * 2), (0..100).map(|n| n * 2).collect::<Vec<_>>());
}

#[test]
fn the_index_is_that_of_the_user_else_of_the_settings_else_of_the_lockfile() {
    let lock = "version = 1\n[[package]]\nname = 'a'\nsource = { registry = 'https://lock.example/simple/' }";
    let lock = UvLock::parse(&SourceText::new(lock)).unwrap();
    let path = Utf8Path::new("ui/uv.lock");
    let choose = |flag: Option<&str>, configured: Option<&str>, variables: &[(&str, &str)], lock: Option<&UvLock>| {
        let user = User { index: flag.map(|url| ("--index", url.to_owned())), ..user(variables) };
        let configured = configured.map(|url| (url, Origin::Tree("release.toml".to_owned())));
        let index = python::choose(&user, configured, lock.map(|lock| (path, lock)))?;
        Ok::<_, String>(format!("{} of {}", index.address, index.named_by()))
    };
    let is = |text: &str| Ok(text.to_owned());
    let (pip, uv) = (("PIP_INDEX_URL", "https://pip.example/simple"), ("UV_INDEX_URL", "http://uv.example:8080/"));
    let default = ("UV_DEFAULT_INDEX", "mirror=https://mirror.example/simple");
    let (set, flag) = (Some("https://set.example/simple/"), Some("https://flag.example/simple/"));
    let lock = Some(&lock);
    assert_eq!(choose(flag, set, &[pip, uv], lock), is("https://flag.example/simple of --index"));
    assert_eq!(choose(None, set, &[pip, uv, default], lock), is("https://mirror.example/simple of UV_DEFAULT_INDEX"));
    assert_eq!(choose(None, set, &[pip, uv], lock), is("http://uv.example:8080 of UV_INDEX_URL"));
    assert_eq!(
        choose(None, None, &[pip, ("UV_INDEX_URL", " ")], None),
        is("https://pip.example/simple of PIP_INDEX_URL")
    );
    let tree = "(the tree's choice, asked without credentials)";
    assert_eq!(choose(None, set, &[], lock), is(&format!("https://set.example/simple of release.toml {tree}")));
    assert_eq!(choose(None, None, &[], lock), is(&format!("https://lock.example/simple of ui/uv.lock {tree}")));
    assert!(choose(None, None, &[], None).unwrap_err().contains("set `index`"));
    assert!(choose(None, None, &[], Some(&UvLock::default())).unwrap_err().contains("set `index`"));
}

#[test]
fn credentials_are_not_shown() {
    for (text, url) in [
        ("https://user:s3cret@i.example/simple", Some("https://i.example/simple")),
        ("HTTPS://us@er:s3cret@i.example/simple?token=s3cret#s3cret", Some("https://i.example/simple")),
        ("https://i.example?s3cret@j", Some("https://i.example")),
        ("s3=https://s3cret@i.example:443/", Some("https://i.example")),
        ("https://u:s3cret@[::1]:8080/x/", Some("https://[::1]:8080/x")),
        ("https://s3cret@/simple", None),
        ("https://", None),
        ("file:///s3cret", None),
        ("../s3cret", None),
        ("https://i.example:s3cret/x", None),
        ("https://i.example/a b/s3cret", None),
        ("https://i.exa\u{1b}mple/s3cret", None),
    ] {
        let of_user = python::choose(&user(&[("UV_INDEX_URL", text)]), None, None);
        for index in [of_user, index_of_tree(text, &[])] {
            assert_eq!(index.as_ref().ok().map(|index| index.address.as_str()), url, "{text}");
            assert!(!format!("{index:?}").contains("s3cret"), "{text}: {index:?}");
        }
    }
}

#[test]
fn an_index_of_the_tree_gets_nothing_but_what_the_user_has_for_its_very_host() {
    let directory = tempfile::tempdir().unwrap();
    let netrc = directory.path().join("netrc");
    let netrc_path = netrc.to_str().unwrap().to_owned();
    let server = served();
    let url = format!("name=http://u:s3cret@{}/simple", server.host());
    let variables =
        [("NETRC", netrc_path.as_str()), ("UV_INDEX_NAME_USERNAME", "named"), ("UV_INDEX_NAME_PASSWORD", "s3cret")];
    for (text, wanted) in [
        ("default login me password s3cret", None),
        ("machine other.example login me password s3cret", None),
        ("machine 127.0.0.1 login me password s3cret", Some(basic("me", "s3cret"))),
    ] {
        std::fs::write(&netrc, text).unwrap();
        let index = index_of_tree(&url, &variables).unwrap();
        assert!(index.page(&patient(), "meadow-client").unwrap().is_some());
        let sent = server.requests().pop().unwrap().header("authorization").map(str::to_owned);
        assert_eq!(sent, wanted, "{text}");
        let with = if wanted.is_some() { "with what netrc has for this very host" } else { "without credentials" };
        assert_eq!(index.named_by(), format!("release.toml (the tree's choice, asked {with})"));
    }
    std::fs::write(&netrc, "default login me password s3cret").unwrap();
    server.fault(PAGE, Fault::Status(401));
    for (url, why) in [
        (
            url.as_str(),
            "those in the address that release.toml names are not used, as they are the tree's; put them into netrc, under `machine 127.0.0.1`",
        ),
        (
            &server.url("/simple"),
            "put them into netrc, under `machine 127.0.0.1`, for release.toml is the tree's and selects none",
        ),
    ] {
        let message = said(&server, index_of_tree(url, &variables).unwrap().page(&patient(), "meadow-client"));
        assert_eq!(message, format!("http://HOST/simple answers 401 and asks for credentials: {why}"));
    }
    let said =
        index_of_tree("https://u:${TOKEN}@${HOST}/simple", &[("TOKEN", "s3cret"), ("HOST", "s3cret")]).unwrap_err();
    assert_eq!(
        said,
        "the index that release.toml names, `https://${HOST}/simple`, has a variable, and none is expanded for a tree: \
         name the index with `--index URL`, or set UV_DEFAULT_INDEX"
    );
}

#[test]
fn a_file_on_another_host_is_asked_for_with_the_users_own_for_that_host_and_never_for_the_tree() {
    let directory = tempfile::tempdir().unwrap();
    let netrc = directory.path().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login me password s3cret\ndefault login any password s3cret").unwrap();
    let netrc = ("NETRC", netrc.to_str().unwrap());
    let (server, files) = (Server::new(), Server::new());
    let mut listed = file("meadow_client-0.4.4-py3-none-any.whl", &files.url("/w.whl"));
    listed["core-metadata"] = json!(true);
    server.put(PAGE, page("meadow-client", &[listed]));
    files.put("/w.whl.metadata", Answer::new("text/plain", "Name: beside"));
    // The user's own index is called by a name, so that netrc has nothing for it but `default`.
    let own = format!("http://localhost:{}/simple", server.host().rsplit_once(':').unwrap().1);
    let of_user = python::choose(&user(&[("UV_INDEX_URL", &own), netrc]), None, None).unwrap();
    let of_tree = index_of_tree(&server.url("/simple"), &[netrc]).unwrap();
    for (index, at_index, at_files) in
        [(of_user, basic("any", "s3cret"), Some(basic("me", "s3cret"))), (of_tree, basic("me", "s3cret"), None)]
    {
        let (page, base) = index.page(&patient(), "meadow-client").unwrap().unwrap();
        index.metadata(&patient(), &page.files[0], &base).unwrap();
        let sent = |server: &Server| server.requests().pop().unwrap().header("authorization").map(str::to_owned);
        assert_eq!((sent(&server), sent(&files)), (Some(at_index), at_files));
    }
}

#[test]
fn an_index_gets_the_credentials_that_are_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let netrc = directory.path().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login me password s3cret").unwrap();
    let netrc = ("NETRC", netrc.to_str().unwrap());
    let host = |server: &Server, user: &str| format!("http://{user}{}/simple", server.host());
    let named = [("UV_INDEX_MY_MIRROR_USERNAME", "named"), ("UV_INDEX_MY_MIRROR_PASSWORD", "s3cret")];
    for (login, name, variables, wanted, from) in [
        ("u:s3%2Fcret@", "", &[netrc][..], basic("u", "s3/cret"), "the URL of UV_DEFAULT_INDEX"),
        ("token@", "", &[], basic("token", ""), "the URL of UV_DEFAULT_INDEX"),
        ("me@", "", &[netrc], basic("me", "s3cret"), "netrc"),
        ("", "", &[netrc], basic("me", "s3cret"), "netrc"),
        ("u:p@", "my-mirror=", &named, basic("named", "s3cret"), "UV_INDEX_MY_MIRROR_USERNAME"),
    ] {
        let server = served();
        let url = format!("{name}{}", host(&server, login));
        let variables = [&[("UV_DEFAULT_INDEX", url.as_str())], variables].concat();
        let index = python::choose(&user(&variables), None, None).unwrap();
        server.require("/simple", &wanted);
        assert!(index.page(&patient(), "meadow-client").unwrap().is_some(), "{wanted}");
        server.fault(PAGE, Fault::Status(403));
        let message = said(&server, index.page(&patient(), "meadow-client"));
        assert_eq!(message, format!("http://HOST/simple answers 403: it refuses the credentials from {from}"));
        assert!(!format!("{index:?}").contains("s3"), "{index:?}");
    }
}

#[test]
fn another_host_gets_no_credentials_and_who_was_led_away_has_none_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let netrc = directory.path().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login me password s3cret").unwrap();
    let netrc = ("NETRC", netrc.to_str().unwrap());
    let (server, other) = (served(), served());
    server.fault(PAGE, Fault::Redirect(other.url("/back")));
    other.fault("/back", Fault::Redirect(server.url("/there")));
    server.put("/there", page("meadow-client", &[]));
    // Also where netrc knows the host that it leads to.
    let index = index(&format!("http://u:s3cret@{}/simple", server.host()), &[netrc]);
    assert!(index.page(&patient(), "meadow-client").unwrap().is_some());
    let sent = |server: &Server| {
        server.requests().iter().map(|request| request.header("authorization").is_some()).collect::<Vec<_>>()
    };
    assert_eq!((sent(&server), sent(&other)), (vec![true, false], vec![false]));
}

#[test]
fn credentials_are_kept_back_where_anybody_could_read_them() {
    let proxy = Server::new();
    proxy.require("/simple", &basic("u", "s3cret"));
    let proxies = Proxies::read(&Environment::of(&[("http_proxy", &proxy.url(""))]));
    let http = Http::new(Limits::default(), proxies);
    let result = index("http://u:s3cret@index.example/simple", &[]).page(&http, "meadow-client");
    assert_eq!(
        said(&proxy, result),
        "http://index.example/simple answers 401, and the credentials from the URL of UV_INDEX_URL are not sent without TLS: use its https address (asked through the proxy of http_proxy)"
    );
    assert!(proxy.requests().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn the_proxy_of_the_environment_is_asked_but_for_hosts_of_no_proxy_and_this_machine() {
    let proxy = served();
    let url = proxy.url("");
    let ask = |variables: &[(&str, &str)], to: &str| {
        let http = Http::new(Limits::default(), Proxies::read(&Environment::of(variables)));
        index(to, &[]).page(&http, "meadow-client").map(|page| page.is_some())
    };
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        assert_eq!(ask(&[(name, &url)], "http://index.example/simple"), Ok(true), "{name}");
        let request = proxy.requests().remove(0);
        assert_eq!((request.header("host"), request.header("proxy-authorization")), (Some("index.example"), None));
        assert_eq!(proxy.asked(), [format!("http://index.example{PAGE}")], "{name}");
    }
    let with_user = format!("http://me:s3%2Fcret@{}", proxy.host());
    assert_eq!(ask(&[("HTTP_PROXY", &with_user)], "http://index.example:8080/simple"), Ok(true));
    let request = proxy.requests().remove(0);
    assert_eq!(request.target, format!("http://index.example:8080{PAGE}"));
    assert_eq!(request.header("host"), Some("index.example:8080"));
    assert!(request.header("proxy-authorization").is_some_and(|value| value.starts_with("Basic ")));
    // Of this machine a proxy knows nothing.
    let server = served();
    assert_eq!(ask(&[("HTTP_PROXY", "http://127.0.0.1:1")], &server.url("/simple")), Ok(true));
    let socks = ask(&[("ALL_PROXY", "socks5://127.0.0.1:1")], "https://index.example/simple").unwrap_err().to_string();
    assert!(socks.contains("ALL_PROXY is a SOCKS proxy"), "{socks}");
    let closed = ask(&[("HTTPS_PROXY", "http://127.0.0.1:1")], "https://index.example/simple").unwrap_err().to_string();
    assert!(closed.contains("through the proxy of HTTPS_PROXY: it refuses the connection"), "{closed}");
}

#[test]
fn hosts_of_no_proxy_are_asked_directly() {
    let place = |url: &str| place::Place::parse(url).unwrap().0;
    for (list, url, is_direct) in [
        ("", "https://index.example/", false),
        ("*", "https://index.example/", true),
        ("index.example", "https://index.example/", true),
        ("index.example", "https://a.index.example/", true),
        ("index.example", "https://myindex.example/", false),
        (".example, other", "https://index.example/", true),
        ("*.INDEX.example", "https://a.index.example/", true),
        ("index.example:8080", "https://index.example:8080/", true),
        ("index.example:8080", "https://index.example/", false),
        ("10.0.0.0/8", "http://10.1.2.3/", true),
        ("10.0.0.0/8", "http://11.1.2.3/", false),
        ("10.0.0.0/99", "http://10.1.2.3/", false),
        ("fd00::/8", "http://[fd12::1]/", true),
        ("fd12::1", "http://[fd12::1]/", true),
        ("", "http://127.0.0.1/", true),
        ("", "http://[::1]:8080/", true),
        ("", "http://localhost/", true),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let proxies = Proxies::read(&Environment::of(&[(name, list)]));
            assert_eq!(proxies.is_direct(&place(url)), is_direct, "{list} {url}");
        }
    }
}

#[test]
fn the_timeout_is_the_one_of_uv() {
    assert!(Http::of(&Environment::of(&[("UV_HTTP_TIMEOUT", "5")])).is_ok());
    for text in ["0", "-1", "soon", "1.5"] {
        assert!(Http::of(&Environment::of(&[("UV_HTTP_TIMEOUT", text)])).is_err(), "{text}");
    }
}

#[test]
fn a_file_of_certificates_that_has_none_is_said() {
    let error = Http::of(&Environment::of(&[("SSL_CERT_FILE", "/dev/null")])).err();
    assert_eq!(error.unwrap(), "/dev/null, which SSL_CERT_FILE names, has no certificates (PEM)");
}

/// The wheel of a page that says this of it.
fn wheel_of(server: &Server, has_metadata: bool) -> File {
    let mut wheel = file("meadow_client-0.4.4-py3-none-any.whl", "../../files/w.whl");
    wheel["core-metadata"] = json!(has_metadata);
    server.put(PAGE, page("meadow-client", &[wheel]));
    let (page, _): (Page, _) = index(&server.url("/simple"), &[]).page(&patient(), "meadow-client").unwrap().unwrap();
    server.asked();
    page.files.into_iter().next().unwrap()
}

#[test]
fn metadata_is_read_beside_the_wheel_or_from_its_parts() {
    let text = format!("Metadata-Version: 2.1\nName: meadow-client\nVersion: 0.4.4\n{}", "# \u{e9}\n".repeat(2000));
    let padded = |packing| {
        let mut members =
            vec![("meadow_client/data.bin".to_owned(), (0..200_000_u32).map(|n| ((n * 7919) >> 3) as u8).collect())];
        members.push(("meadow_client-0.4.4.dist-info/METADATA".to_owned(), text.clone().into_bytes()));
        // A directory that does not fit into the end that is asked for first.
        members.extend((0..900).map(|n| (format!("meadow_client/{n:0>60}.py"), Vec::new())));
        loopback::zip(&members, packing)
    };
    let small = |packing| wheel("meadow_client", "0.4.4", &text, packing);
    for (bytes, has_ranges, requests) in [
        (small(Packing::Deflated), true, 1),
        (small(Packing::Stored), true, 1),
        (padded(Packing::Deflated), true, 3),
        (padded(Packing::Stored), true, 3),
        (padded(Packing::Stored), false, 1),
    ] {
        let server = if has_ranges { Server::new() } else { Server::new().without_ranges() };
        let wheel = wheel_of(&server, false);
        server.put("/files/w.whl", Answer::new("application/octet-stream", bytes));
        let index = index(&server.url("/simple"), &[]);
        let read = index.metadata(&patient(), &wheel, &server.url(PAGE)).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), text);
        assert_eq!(server.requests().len(), requests);
        // The file beside it is asked for first; where it is not, the wheel is.
        let wheel = wheel_of(&server, true);
        assert!(index.metadata(&patient(), &wheel, &server.url(PAGE)).is_ok());
        assert_eq!(server.asked()[..2], ["/files/w.whl.metadata", "/files/w.whl"]);
        server.put("/files/w.whl.metadata", Answer::new("text/plain", "Name: beside"));
        assert_eq!(index.metadata(&patient(), &wheel, &server.url(PAGE)).unwrap(), b"Name: beside");
        assert_eq!(server.asked(), ["/files/w.whl.metadata"]);
    }
}

#[test]
fn a_wheel_that_is_none_or_not_there_is_said() {
    let server = Server::new();
    let wheel_file = wheel_of(&server, false);
    let index = index(&server.url("/simple"), &[]);
    let ask = || said(&server, index.metadata(&patient(), &wheel_file, &server.url(PAGE)));
    assert_eq!(ask(), "http://HOST/simple answers with a file that is not at its place, http://HOST/files/w.whl");
    server.put("/files/w.whl", Answer::new("text/html", "<html>".repeat(10)));
    assert_eq!(ask(), "http://HOST/files/w.whl answers what is no wheel: it has no end");
    let other = wheel("meadow_client", "0.4.5", "Name: meadow-client", Packing::Stored);
    server.put("/files/w.whl", Answer::new("application/zip", other));
    assert_eq!(ask(), "http://HOST/files/w.whl answers a wheel without a METADATA of its own");
    server.fault("/files/w.whl", Fault::Large(65 << 20));
    assert_eq!(ask(), "the answer of http://HOST/files/w.whl has more than 64 MiB");
}

/// A registry with this `.npmrc` of the user's, and another of the tree's.
fn registry(server: &Server, name: &str, own: &str, tree: &str, variables: &[(&str, &str)]) -> Whom {
    let [own, tree] = [own, tree].map(|text| text.replace("HOST", &server.host()));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("npmrc");
    std::fs::write(&path, own).unwrap();
    let path = ("npm_config_userconfig", path.to_str().unwrap());
    let settings = [Settings { path: Utf8Path::new("ui/.npmrc"), text: &tree }];
    npm::choose(name, &user(&[variables, &[path]].concat()), &settings, None).unwrap()
}

#[test]
fn an_npm_registry_is_asked_as_npm_asks_it() {
    let server = Server::new().with_gzip();
    server.put("/npm/meadow-client", packument("meadow-client", &[("0.4.4", json!({}))]));
    server.put("/npm/@meadow%2fclient", packument("@meadow/client", &[("0.4.4", json!({}))]));
    for name in ["meadow-client", "@meadow/client"] {
        let registry = registry(&server, name, "", "registry=http://HOST/npm/", &[]);
        let document = registry.document(&patient(), name).unwrap().unwrap();
        assert!(document.version(&Version::parse("0.4.4").unwrap()).is_some());
    }
    let accept = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
    assert_eq!(server.requests()[0].header("accept"), Some(accept));
    assert_eq!(server.asked(), ["/npm/meadow-client", "/npm/@meadow%2fclient"]);
    let registry = registry(&server, "a", "", "registry=http://HOST/npm/", &[]);
    assert!(registry.document(&patient(), "absent").unwrap().is_none());
    for name in ["", "../x", "a/b", "@a", "@a/b/c", ".x", "a b"] {
        assert!(registry.document(&patient(), name).is_err(), "{name}");
    }
    server.fault("/npm/meadow-client", Fault::Html);
    let message = said(&server, registry.document(&patient(), "meadow-client"));
    assert!(message.contains("`text/html`, a page for people"), "{message}");
    for (body, message) in [
        (
            "[",
            "http://HOST/npm answers what is no document of meadow-client: `EOF while parsing a list at line 1 column 1`",
        ),
        (
            "{\"name\": \"else\\u001b\"}",
            "http://HOST/npm answers what is no document of meadow-client: `that of else\\u{1b}`",
        ),
    ] {
        server.fault("/npm/meadow-client", Fault::Body(body));
        assert_eq!(said(&server, registry.document(&patient(), "meadow-client")), message);
    }
}

#[test]
fn an_npm_registry_gets_the_users_credentials_of_its_host_and_path_and_none_of_the_trees() {
    let password = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, "s3cret");
    let place = "registry=http://HOST/npm/\n";
    for (npmrc, wanted) in [
        ("//HOST/npm/:_authToken=${TOKEN}".to_owned(), Some(bearer("s3cret"))),
        ("//HOST/:_authToken=${TOKEN}\n//HOST/npm/:_auth=abc".to_owned(), Some("Basic abc".to_owned())),
        (format!("//HOST/npm:username=u\n//HOST/npm:_password={password}"), Some(basic("u", "s3cret"))),
        ("//HOST/other/:_authToken=${TOKEN}".to_owned(), None),
        ("//other.example/npm/:_authToken=${TOKEN}\n_authToken=${TOKEN}".to_owned(), None),
    ] {
        // Who chose the registry is the user, or the tree; whose the credentials are decides.
        let whole = format!("{place}{npmrc}");
        for (own, tree, is_own) in
            [(&*whole, "", true), (&*npmrc, place, true), ("", &*whole, false), (place, &*npmrc, false)]
        {
            let server = Server::new();
            server.put("/npm/meadow-client", packument("meadow-client", &[("0.4.4", json!({}))]));
            let registry = registry(&server, "meadow-client", own, tree, &[("TOKEN", "s3cret")]);
            assert!(registry.document(&patient(), "meadow-client").unwrap().is_some());
            let wanted = wanted.clone().filter(|_| is_own);
            assert_eq!(server.requests()[0].header("authorization").map(str::to_owned), wanted, "{npmrc}");
            server.fault("/npm/meadow-client", Fault::Status(401));
            let message = said(&server, registry.document(&patient(), "meadow-client"));
            let line = "put `//HOST/:_authToken=${NAME_OF_A_VARIABLE}` into your own ~/.npmrc";
            let is_ignored = !is_own && !npmrc.contains("other");
            let part = match (wanted.is_some(), is_ignored) {
                (true, _) => "refuses the credentials from /".to_owned(),
                (false, true) => {
                    format!("asks for credentials: those in ui/.npmrc are not used, as they are the tree's; {line}")
                }
                (false, false) => format!("asks for credentials: {line}"),
            };
            assert!(message.contains(&part), "{npmrc}: {message}");
            assert!(!format!("{registry:?} {message}").contains("s3cret"));
        }
    }
}

#[test]
fn a_variable_in_the_trees_registry_is_an_error_that_shows_it_as_it_stands() {
    let tree = "registry=https://${TOKEN}@${HOST}/npm/\n//${HOST}/npm/:_authToken=${TOKEN}";
    let settings = [Settings { path: Utf8Path::new("ui/.npmrc"), text: tree }];
    let variables = [("TOKEN", "s3cret"), ("HOST", "s3cret.example")];
    let choose = |variables: &[(&str, &str)]| npm::choose("meadow-client", &user(variables), &settings, None);
    assert_eq!(
        choose(&variables).unwrap_err(),
        "the registry that ui/.npmrc names, `https://${HOST}/npm/`, has a variable, and none is expanded for a tree: put the \
         line into your own ~/.npmrc, or set npm_config_registry"
    );
    // Where the user names one the tree's is not looked at.
    let own = [variables[0], ("npm_config_registry", "https://own.example/")];
    assert_eq!(choose(&own).unwrap().address, "https://own.example");
}

#[test]
fn a_redirect_without_a_place_and_a_false_gzip_are_called_that() {
    for (fault, message) in [
        (
            Fault::StatusWith(302, "X", String::new()),
            "http://HOST/simple answers 302, a redirect, without saying where to",
        ),
        (Fault::StatusWith(307, "Location", String::new()), "http://HOST/simple leads to a place that is no URL"),
        (Fault::StatusWith(307, "Location", "\u{e9}".to_owned()), "http://HOST/simple leads to a place that is no URL"),
        (Fault::Encoded("gzip", b"{}".to_vec()), "http://HOST/simple answers what is said to be gzip and is not"),
        (Fault::Encoded("gzip", Vec::new()), "http://HOST/simple answers what is said to be gzip and is not"),
        (
            Fault::Encoded("gzip", loopback::gzip(&[b'x'; 500])[..20].to_vec()),
            "http://HOST/simple answers what is said to be gzip and is not",
        ),
        (
            Fault::Encoded("gzip", [loopback::gzip(b"{}"), b"more".to_vec()].concat()),
            "http://HOST/simple answers what is said to be gzip and is not",
        ),
        (Fault::Encoded("br", b"{}".to_vec()), "http://HOST/simple answers in an encoding that was not asked for"),
        (
            Fault::StatusWith(429, "Retry-After", "9".repeat(40)),
            "http://HOST/simple answers 429: too many requests, it asks to wait 18446744073709551615s",
        ),
    ] {
        let server = served();
        server.fault(PAGE, fault.clone());
        let result = index(&server.url("/simple"), &[]).page(&patient(), "meadow-client");
        assert_eq!(said(&server, result), message, "{fault:?}");
    }
}

#[test]
fn a_proxy_that_answers_itself_is_said() {
    for (status, is_transient, plain, tunnel) in [
        (
            407,
            false,
            "http://index.example/simple cannot be asked: the proxy of ALL_PROXY answers 407 and asks for credentials: put them into the URL of ALL_PROXY",
            "https://index.example/simple cannot be asked: the proxy of ALL_PROXY answers 407 and asks for credentials: put them into the URL of ALL_PROXY",
        ),
        (
            502,
            true,
            "http://index.example/simple answers 502 (asked through the proxy of ALL_PROXY)",
            "https://index.example/simple cannot be asked: the proxy of ALL_PROXY answers 502",
        ),
    ] {
        let proxy = served();
        proxy.fault(PAGE, Fault::Status(status));
        proxy.fault("CONNECT", Fault::Status(status));
        let http = Http::new(Limits::default(), Proxies::read(&Environment::of(&[("ALL_PROXY", &proxy.url(""))])));
        for (scheme, message) in [("http", plain), ("https", tunnel)] {
            let index = index(&format!("{scheme}://index.example/simple"), &[]);
            let failure = index.page(&http, "meadow-client").unwrap_err();
            assert_eq!((failure.to_string().as_str(), failure.is_transient), (message, is_transient));
        }
        assert_eq!(proxy.asked(), [format!("http://index.example{PAGE}"), "index.example:443".to_owned()]);
    }
}
