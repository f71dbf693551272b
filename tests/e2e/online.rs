//! `release check --online` and `release audit --online`, against registries on the loopback interface.

use crate::loopback::{Answer, Fault, SIMPLE_JSON, Server, files, packument, page};
use crate::sample::Sample;
use crate::support::{Run, run};
use expect_test::expect;
use serde_json::{Value, json};
use std::net::TcpListener;

const CLIENT: &str = "/simple/meadow-client/";
const DOCUMENT: &str = "/npm/meadow-client";

/// Runs with these registries in the environment.
pub(crate) fn release(sample: &Sample, server: &Server, words: &str) -> Run {
    release_at(sample, &server.url("/simple"), server, words)
}

fn release_at(sample: &Sample, index: &str, server: &Server, words: &str) -> Run {
    let mut command = sample.xtask();
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "UV_INDEX_URL", "PIP_INDEX_URL"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("UV_DEFAULT_INDEX", index).env("npm_config_registry", server.url("/npm"));
    command.env("NPM_CONFIG_USERCONFIG", "/dev/null").env("NETRC", "/dev/null").env("UV_HTTP_TIMEOUT", "5");
    let mut run = run(command.arg("release").args(words.split_whitespace()));
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let hidden = |text: &str| text.replace(&server.host(), "HOST");
    (run.stdout, run.stderr) = (hidden(&run.stdout), hidden(&run.stderr));
    run
}

/// The page of the sample's client with these versions, of which `!` says that they are yanked.
fn client(versions: &str) -> Answer {
    let of = |word: &str| {
        let version = word.trim_end_matches('!');
        let mut of = files("meadow_client", &[version]);
        of.iter_mut().filter(|_| version != word).for_each(|file| file["yanked"] = json!("broken\u{1b}[31m"));
        of
    };
    page("meadow-client", &versions.split_whitespace().flat_map(of).collect::<Vec<Value>>())
}

fn npm(versions: &[&str]) -> Answer {
    packument("meadow-client", &versions.iter().map(|version| (*version, json!({}))).collect::<Vec<_>>())
}

/// Registries that have everything of the sample's up to 0.4.4, but of the Python client these versions.
fn published(versions: &str) -> Server {
    let server = Server::new();
    for (name, file) in [("meadow", "meadow"), ("meadow-agents", "meadow_agents"), ("meadow-api", "meadow_api")] {
        let versions = ["0.3.0", "0.3.1", "0.4.0", "0.4.1", "0.4.2", "0.4.3", "0.4.4"];
        server.put(&format!("/simple/{name}/"), page(name, &files(file, &versions)));
    }
    server.put(CLIENT, client(versions));
    server.put(DOCUMENT, npm(&["0.4.3", "0.4.4"]));
    server
}

/// The lines about rules that could not tell.
fn skipped(run: &Run) -> String {
    run.stderr.lines().filter(|line| line.starts_with("skipped")).map(|line| format!("{line}\n")).collect()
}

/// The findings of the rules that only registries can tell, a line each.
fn findings(run: &Run) -> String {
    let rules = ["unpublished", "unavailable", "yanked", "client-gap"];
    let is_own = |line: &&str| rules.iter().any(|rule| line.contains(&format!("{rule}]")));
    run.stdout.lines().filter(is_own).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_registries_are_asked_once_for_each_name_as_installers_ask_them() {
    let (sample, server) = (Sample::new(), published("0.4.3 0.4.4"));
    let run = release(&sample, &server, "check --online").expect(0);
    expect![[r#"
        checking the work tree as release-0.4.x, the current branch

        asking http://HOST/npm, named by the environment (npm_config_*), for meadow-client
        asking http://HOST/simple, named by UV_DEFAULT_INDEX, for meadow, meadow-agents, meadow-api, meadow-client

    "#]]
    .assert_eq(&run.stderr.split_inclusive('\n').take(5).collect::<String>());
    assert_eq!((findings(&run), skipped(&run)), (String::new(), String::new()));
    let mut requests = server.requests();
    requests.sort_by(|a, b| a.target.cmp(&b.target));
    let targets: Vec<&str> = requests.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets, [DOCUMENT, "/simple/meadow-agents/", "/simple/meadow-api/", CLIENT, "/simple/meadow/"],);
    for request in &requests[1..] {
        let head = ["accept", "accept-encoding"].map(|name| request.header(name));
        assert_eq!((request.method.as_str(), head), ("GET", [Some(SIMPLE_JSON), Some("gzip")]));
    }
    // What is checked again after fixes were made is not asked for again.
    server.asked();
    let run = release(&sample, &server, "check --online --unsafe-fixes");
    assert!(run.stderr.contains("made 2 fixes") && skipped(&run).is_empty(), "{}", run.stderr);
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn nobody_is_asked_unless_it_was_said() {
    let (sample, server) = (Sample::new(), published("0.4.3"));
    let run = release(&sample, &server, "check").expect(0);
    let rules = "npm-client-unpublished, npm-lock-unavailable, pin-unpublished, pin-yanked, tag-unpublished, uv-lock-unavailable";
    assert_eq!(skipped(&run), format!("skipped {rules}: not asked: `--online`\n"));
    for command in ["check", "audit"] {
        release(&sample, &server, &format!("{command} --online --offline")).expect(2);
        release(&sample, &server, &format!("--offline {command} --online")).expect(2);
    }
    let run = release(&sample, &server, "audit");
    assert!(skipped(&run).contains("version-client-gap"), "{}", run.stderr);
    assert!(server.asked().is_empty());
}

#[test]
fn a_pin_that_nothing_satisfies_is_an_error_with_its_place() {
    let sample = Sample::new();
    // At its own tag the release publishes its client itself; behind it the index has to have it.
    sample.git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
    for (versions, rule, label) in [
        ("0.4.2 0.4.3", "pin-unpublished", "the last one is 0.4.3"),
        ("0.4.3 0.4.4!", "pin-yanked", "0.4.4 is yanked: broken[31m"),
    ] {
        let run = release(&sample, &published(versions), "check --online").expect(1);
        assert!(run.stdout.contains(&format!("error[{rule}]")), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("--> pyproject.toml:{}", 20)), "{}", run.stdout);
        assert!(run.stdout.contains(label), "{}", run.stdout);
        assert!(run.stdout.contains("error[uv-lock-unavailable]"), "{}", run.stdout);
    }
    let server = published("");
    server.remove(CLIENT);
    let run = release(&sample, &server, "check --online").expect(1);
    assert!(run.stdout.contains("nothing is published under this name"), "{}", run.stdout);
}

#[test]
fn the_client_of_a_release_that_is_prepared_is_a_warning_until_it_is_there() {
    let sample = Sample::new();
    sample.release("patch 0.4.5").expect(0);
    let server = published("0.4.4");
    let run = release(&sample, &server, "check --online").expect(0);
    assert!(run.stdout.contains("warning[pin-unpublished]"), "{}", run.stdout);
    assert!(run.stdout.contains("which this release publishes itself"), "{}", run.stdout);
    assert!(run.stdout.contains("warning[uv-lock-"), "{}", run.stdout);
    server.put(CLIENT, client("0.4.4 0.4.5"));
    let run = release(&sample, &server, "check --online").expect(1);
    assert!(!run.stdout.contains("pin-unpublished"), "{}", run.stdout);
    assert!(run.stdout.contains("error[uv-lock-"), "{}", run.stdout);
}

#[test]
fn a_ui_needs_its_client_from_npm_whatever_python_has() {
    let sample = Sample::new();
    sample.git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
    let server = published("0.4.3 0.4.4");
    server.put(DOCUMENT, npm(&["0.4.3"]));
    let run = release(&sample, &server, "check --online --output-format concise").expect(1);
    expect![[r#"
        src/meadow_ui/package-lock.json:16:18: error[npm-lock-unavailable] src/meadow_ui/package-lock.json locks `meadow-client` 0.4.4, which http://HOST/npm does not have
        src/meadow_ui/package.json:6:22: error[npm-client-unpublished] no published version of `meadow-client` satisfies `^0.4.4` in src/meadow_ui/package.json
        v0.4.4: error[tag-unpublished] v0.4.4 is not wholly published: `meadow-client` 0.4.4 is not on http://HOST/npm
    "#]]
    .assert_eq(&findings(&run));
    let deprecated = packument("meadow-client", &[("0.4.4", json!({"deprecated": "use 0.4.5"}))]);
    server.put(DOCUMENT, deprecated);
    let run = release(&sample, &server, "check --online --output-format concise").expect(0);
    expect![[r#"
        src/meadow_ui/package-lock.json:16:18: warn[npm-lock-unavailable] src/meadow_ui/package-lock.json locks `meadow-client` 0.4.4, which is deprecated: use 0.4.5
    "#]]
    .assert_eq(&findings(&run));
}

#[test]
fn an_alias_is_asked_for_by_the_package_behind_it_and_never_by_its_own_name() {
    let sample = Sample::new();
    let alias = "\"meadow-client\": \"npm:@kite/meadow-client@^0.4.4\"";
    for path in ["src/meadow_ui/package.json", "src/meadow_ui/package-lock.json"] {
        sample.edit(path, "\"meadow-client\": \"^0.4.4\"", alias);
    }
    let named = "\"node_modules/meadow-client\": {\n      \"name\": \"@kite/meadow-client\",";
    sample.edit("src/meadow_ui/package-lock.json", "\"node_modules/meadow-client\": {", named);
    sample.edit("src/meadow_ui/package-lock.json", "/meadow-client/-/", "/@kite/meadow-client/-/");
    sample.commit("an alias");
    let server = published("0.4.3 0.4.4");
    server.remove(DOCUMENT);
    for (there, code) in [("0.4.4", 0), ("0.4.3", 1)] {
        let document = packument("@kite/meadow-client", &[(there, json!({}))]);
        server.put("/npm/@kite%2fmeadow-client", document);
        let run = release(&sample, &server, "check --online --output-format concise").expect(code);
        assert!(run.stderr.contains("for @kite/meadow-client"), "{}", run.stderr);
        for rule in ["npm-lock-unavailable", "npm-client-unpublished", "tag-unpublished"] {
            assert_eq!(run.stdout.contains(rule), code == 1, "{rule}: {}", run.stdout);
        }
    }
    assert!(!server.asked().iter().any(|path| path == DOCUMENT), "{:?}", server.asked());
}

#[test]
fn a_final_is_published_when_all_of_it_is_on_every_registry() {
    let sample = Sample::new();
    sample.git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
    let server = published("0.4.3 0.4.4");
    let wheel = files("meadow_api", &["0.4.4"]).remove(0);
    server.put("/simple/meadow-api/", page("meadow-api", &[wheel]));
    server.put("/simple/meadow/", page("meadow", &files("meadow", &["0.4.3"])));
    server.remove("/simple/meadow-agents/");
    let run = release(&sample, &server, "check --online --output-format concise").expect(1);
    expect![[r#"
        v0.4.4: error[tag-unpublished] v0.4.4 is not wholly published: `meadow` 0.4.4 is not on http://HOST/simple, `meadow-api` 0.4.4 is on http://HOST/simple without the source distribution
    "#]]
    .assert_eq(&findings(&run));
    let said = "skipped tag-unpublished: http://HOST/simple does not know `meadow-agents`: name what a release publishes in `[[artifact]]`\n";
    assert_eq!(skipped(&run), said);
    let artifact = "[[artifact]]\nkind = \"pypi\"\nname = \"Meadow_Agents\"\n";
    sample.write("release.toml", artifact);
    let run = release(&sample, &server, "check --online --output-format concise").expect(1);
    let message = "v0.4.4 is not wholly published: `meadow-agents` 0.4.4 is not on http://HOST/simple\n";
    assert_eq!(findings(&run), format!("v0.4.4: error[tag-unpublished] {message}"));
}

#[test]
fn an_audit_looks_at_every_final_and_at_the_numbers_that_clients_skip() {
    let sample = Sample::new();
    let server = published("0.1.8 0.1.19 0.2.0 0.2.9 0.3.0 0.3.1 0.4.0 0.4.1 0.4.3 0.4.4");
    server.put(DOCUMENT, npm(&["0.2.9", "0.3.0", "0.3.1", "0.4.0", "0.4.2", "0.4.3", "0.4.4"]));
    let run = release(&sample, &server, "audit --online --output-format json").expect(1);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let row = |place: &str, finding: &Value| {
        let rule = finding["rule"].as_str().unwrap();
        let is_own = ["unpublished", "gap", "yanked", "unavailable"].iter().any(|end| rule.ends_with(end));
        is_own.then(|| format!("{place} {rule}: {}\n", finding["message"].as_str().unwrap()))
    };
    let list = |value: &Value| value.as_array().cloned().unwrap();
    let mut rows = String::new();
    for tag in list(&document["tags"]) {
        rows.extend(list(&tag["diagnostics"]).iter().filter_map(|finding| row(tag["tag"].as_str().unwrap(), finding)));
    }
    rows.extend(list(&document["past"]).iter().filter_map(|finding| row("past", finding)));
    expect![[r#"
        v0.4.0rc1 pin-unpublished: no published version of `meadow-client` satisfies `==0.4.0rc1` in pyproject.toml, as candidates go to a test index
        v0.4.0rc1 pin-unpublished: no published version of `meadow-client` satisfies `==0.4.0rc1` in pyproject.toml, as candidates go to a test index
        v0.4.0rc1 pin-unpublished: no published version of `meadow-client` satisfies `==0.4.0rc1` in src/meadow_agents/pyproject.toml, as candidates go to a test index
        v0.4.1 tag-unpublished: v0.4.1 is not wholly published: `meadow-client` 0.4.1 is not on http://HOST/npm
        v0.4.2 pin-unpublished: no published version of `meadow-client` satisfies `==0.4.2` in pyproject.toml
        v0.4.2 pin-unpublished: no published version of `meadow-client` satisfies `==0.4.2` in pyproject.toml
        v0.4.2 pin-unpublished: no published version of `meadow-client` satisfies `==0.4.2` in src/meadow_agents/pyproject.toml
        v0.4.2 npm-lock-unavailable: src/meadow_ui/package-lock.json locks `meadow-client` 0.4.1, which http://HOST/npm does not have
        v0.4.2 tag-unpublished: v0.4.2 is not wholly published: `meadow-client` 0.4.2 is not on http://HOST/simple
        v0.4.3 uv-lock-unavailable: uv.lock locks `meadow-client` 0.4.2, which http://HOST/simple does not have
        past version-client-gap: `meadow-client` 0.1.19 follows 0.1.8 on http://HOST/simple, and leaves out 0.1.9 to 0.1.18
        past version-client-gap: `meadow-client` 0.2.9 follows 0.2.0 on http://HOST/simple, and leaves out 0.2.1 to 0.2.8
    "#]].assert_eq(&rows);
    assert_eq!(server.asked().len(), 5, "each name once, however many tags there are");
}

#[test]
fn what_a_lockfile_could_not_know_at_its_tag_stays_known_in_an_audit() {
    let sample = Sample::new();
    let words = "audit --tags v0.4.4 --output-format json";
    let server = published("0.4.3 0.4.4");
    let known = |run: &Run| {
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        (document["known"].clone(), document["tags"][0]["counts"].clone())
    };
    let offline = known(&release(&sample, &server, words));
    assert_eq!(known(&release(&sample, &server, &format!("{words} --online"))), offline);
}

#[test]
fn an_index_that_could_not_be_asked_is_no_index_without_the_client() {
    let sample = Sample::new();
    let raw = |status: &str, kind: &str, body: &str| {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n");
        format!("{head}Connection: close\r\n\r\n{body}")
    };
    let json = |body: &str| raw("200 OK", SIMPLE_JSON, body);
    let redirect =
        |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let page = |name: &str, version: &str| {
        format!("{{\"meta\":{{\"api-version\":\"{version}\"}},\"name\":\"{name}\",\"files\":[]}}")
    };
    let cut = json(&page("meadow-client", "1.1"));
    let offline = release(&sample, &published(""), "check").stdout;
    for (response, reason) in [
        (raw("500 Internal Server Error", "text/plain", "oh"), "http://HOST/simple answers 500"),
        (
            raw("403 Forbidden", "text/plain", ""),
            "http://HOST/simple answers 403 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index",
        ),
        (
            raw("200 OK", "text/html; charset=utf-8", "<html>"),
            "http://HOST/simple answers `text/html`, a page for people, and not `application/vnd.pypi.simple.v1+json`",
        ),
        (
            json("{\"files\": ["),
            "http://HOST/simple answers what is no page of meadow-client: `EOF while parsing a list at line 1 column 11`",
        ),
        (
            json("{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"x\"}"),
            "http://HOST/simple answers what is no page of meadow-client: `missing field `files` at line 1 column 41`",
        ),
        (
            json(&page("else\\u001b[31m", "1.1")),
            "http://HOST/simple answers what is no page of meadow-client: `the page of `else\\u{1b}[31m`, not of `meadow-client``",
        ),
        (
            json(&page("meadow-client", "2.0")),
            "http://HOST/simple answers what is no page of meadow-client: `version 2.0 of the API`",
        ),
        (cut[..cut.len() - 20].to_owned(), "the answer of http://HOST/simple ends too early"),
        (redirect(CLIENT), "http://HOST/simple redirects more than 5 times"),
        (redirect("ftp://user:s3cret@index.example/"), "http://HOST/simple leads to a place that is no URL"),
        (json(&" ".repeat((32 << 20) + 1)), "the answer of http://HOST/simple has more than 32 MiB"),
        ("SSH-2.0-OpenSSH\r\n\r\n".to_owned(), "http://HOST/simple answers what is not HTTP"),
        (String::new(), "the answer of http://HOST/simple ends too early"),
    ] {
        let server = published("0.4.4");
        server.fault(CLIENT, Fault::Raw(response.into_bytes()));
        let run = release(&sample, &server, "check --online").expect(0);
        let rules = "pin-unpublished, pin-yanked, tag-unpublished, uv-lock-unavailable";
        assert_eq!(skipped(&run), format!("skipped {rules}: could not ask for `meadow-client`: {reason}\n"));
        assert_eq!(run.stdout, offline);
    }
}

#[test]
fn registries_that_are_not_there_are_said_once_and_without_credentials() {
    let (sample, server) = (Sample::new(), published("0.4.4"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let run = release_at(&sample, &format!("http://user:s3cret@{closed}/simple"), &server, "check --online").expect(0);
    let said = run.stderr.replace(&closed, "CLOSED");
    assert!(said.contains("asking http://CLOSED/simple, named by UV_DEFAULT_INDEX"), "{said}");
    assert!(
        said.contains("could not ask for `meadow-client`: there is no connection to http://CLOSED/simple: "),
        "{said}"
    );
    assert!(
        said.contains("could not ask for `meadow`, `meadow-agents`, `meadow-api`, `meadow-client`: there"),
        "{said}"
    );
    assert!(!said.contains("s3cret"), "{said}");
    let run = release_at(&sample, "file:///s3cret", &server, "check --online").expect(0);
    let reason = "the index that UV_DEFAULT_INDEX names is no address of the web (http or https)";
    assert!(skipped(&run).contains(&format!("could not ask for `meadow-client`: {reason}")), "{}", run.stderr);
    assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    // An audit says it once too, with the number of tags.
    let run = release_at(&sample, "file:///s3cret", &server, "audit --online");
    assert!(skipped(&run).lines().count() == 2 && skipped(&run).matches(reason).count() == 2, "{}", run.stderr);
}

#[test]
fn the_environment_names_the_index_before_release_toml_does_and_the_command_line_before_both() {
    let (sample, server) = (Sample::new(), published("0.4.4"));
    let (other, third) = (published(""), published(""));
    sample.write("release.toml", &format!("[release]\nindex = \"{}\"\n", other.url("/simple")));
    let run = release(&sample, &server, "check --online").expect(0);
    assert!(run.stderr.contains("named by UV_DEFAULT_INDEX"), "{}", run.stderr);
    assert_eq!((server.asked().len(), other.asked().len()), (5, 0));
    let flags = format!("check --online --index {} --npm-registry {}", third.url("/simple"), third.url("/npm"));
    let run = release(&sample, &server, &flags).expect(1);
    assert!(run.stderr.contains("named by --npm-registry, for"), "{}", run.stderr);
    assert_eq!((server.asked().len(), other.asked().len(), third.asked().len()), (0, 0, 5));
    // What only says whom to ask is nothing where nobody is asked.
    for words in
        ["check --index https://a.example", "audit --allow-host a.example", "pins --npm-registry https://a.example"]
    {
        let run = release(&sample, &server, words).expect(2);
        assert!(run.stderr.contains("no registry is asked without `--online`"), "{}", run.stderr);
    }
}

#[test]
fn the_sandbox_has_registries_of_its_own() {
    let sample = Sample::new();
    for command in ["check", "audit"] {
        let run = sample.release(&format!("{command} --online --sandbox"));
        assert!(run.stderr.contains("asking http://127.0.0.1:"), "{}", run.stderr);
        assert!(!run.stderr.contains("could not ask"), "{}", run.stderr);
    }
}
