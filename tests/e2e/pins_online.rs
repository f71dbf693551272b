//! `release pins --simulate --online`: the registries say what is there before the release.

use crate::loopback::{Fault, Server, files, packument, page};
use crate::online::release;
use crate::sample::Sample;
use expect_test::expect;
use serde_json::{Value, json};

const API: &str = "/simple/meadow-api/";
const PAGE: &str = "/simple/meadow-client/";
const DOCUMENT: &str = "/npm/meadow-client";

/// The sample, and registries with these versions of the client; of the sibling they have 0.4.4.
fn world(python: &[&str], npm: &[&str]) -> (Sample, Server) {
    let server = Server::new();
    server.put(API, page("meadow-api", &files("meadow_api", &["0.4.4"])));
    server.put(PAGE, page("meadow-client", &files("meadow_client", python)));
    let npm: Vec<(&str, Value)> = npm.iter().map(|version| (*version, json!({}))).collect();
    server.put(DOCUMENT, packument("meadow-client", &npm));
    (Sample::new(), server)
}

fn seen(sample: &Sample, server: &Server, words: &str) -> String {
    let before = sample.files();
    let run = release(sample, server, words);
    sample.assert_unchanged(&before, words);
    sample.seen(&format!("$ release {words}"), &run)
}

fn asked(server: &Server) -> Vec<String> {
    let mut asked = server.asked();
    asked.sort();
    asked
}

#[test]
fn the_registries_are_asked_once_for_each_name_and_what_they_have_counts() {
    // Half of the release is out: the window is open until the packages follow.
    let (sample, server) = world(&["0.4.4", "0.4.5"], &["0.4.4"]);
    let words = "pins --simulate 0.4.5 --online";
    expect![[r#"
        $ release pins --simulate 0.4.5 --online
          1. meadow (pypi)  everything that is out can be installed
          2. meadow-agents (pypi)  everything that is out can be installed
          3. meadow-api (pypi)  everything that is out can be installed
          4. meadow-client (pypi)  everything that is out can be installed
          5. meadow-client (npm)  everything that is out can be installed
        no window: at each step everything that is out can be installed
        asking http://HOST/npm, named by the environment (npm_config_*), for meadow-client
        asking http://HOST/simple, named by UV_DEFAULT_INDEX, for meadow-api, meadow-client
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen(&sample, &server, words));
    assert_eq!(asked(&server), [DOCUMENT, API, PAGE]);
}

#[test]
fn what_is_tagged_and_was_never_published_opens_the_window() {
    let (sample, server) = world(&["0.4.3"], &["0.4.3"]);
    expect![[r#"
        $ release pins --simulate 0.4.5 --policy minimum --online
          1. meadow (pypi)
             pip install 'meadow[client]==0.4.5' fails: meadow-client>=0.4.5 cannot be had yet
             npm install in src/meadow_ui fails: meadow-client@^0.4.4 cannot be had yet
          2. meadow-agents (pypi)
             pip install 'meadow[client]==0.4.5' fails: meadow-client>=0.4.5 cannot be had yet
             pip install 'meadow-agents==0.4.5' fails: meadow-client>=0.4.5 cannot be had yet
             npm install in src/meadow_ui fails: meadow-client@^0.4.4 cannot be had yet
          3. meadow-api (pypi)
             pip install 'meadow[client]==0.4.5' fails: meadow-client>=0.4.5 cannot be had yet
             pip install 'meadow-agents==0.4.5' fails: meadow-client>=0.4.5 cannot be had yet
             npm install in src/meadow_ui fails: meadow-client@^0.4.4 cannot be had yet
          4. meadow-client (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.4 cannot be had yet
          5. meadow-client (npm)  everything that is out can be installed
        the window opens with step 1 and closes with step 5
        without a window: --order npm:meadow-client,meadow-api,pypi:meadow-client,meadow,meadow-agents
        without a window in this order: pins by none of the policies
        asking http://HOST/npm, named by the environment (npm_config_*), for meadow-client
        asking http://HOST/simple, named by UV_DEFAULT_INDEX, for meadow-api, meadow-client
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen(&sample, &server, "pins --simulate 0.4.5 --policy minimum --online"));
    // The range of the UI is met by nothing, until the client is there.
    server.remove(DOCUMENT);
    expect![[r#"
        $ release pins --simulate 0.4.5 --online --order meadow-client
          1. meadow-client (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.4 cannot be had yet
          2. meadow-client (npm)  everything that is out can be installed
          3. meadow (pypi)  everything that is out can be installed
          4. meadow-agents (pypi)  everything that is out can be installed
          5. meadow-api (pypi)  everything that is out can be installed
        the window opens with step 1 and closes with step 2
        without a window: --order npm:meadow-client,pypi:meadow-client,meadow,meadow-agents,meadow-api
        without a window in this order: pins by none of the policies
        asking http://HOST/npm, named by the environment (npm_config_*), for meadow-client
        asking http://HOST/simple, named by UV_DEFAULT_INDEX, for meadow-api, meadow-client
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen(&sample, &server, "pins --simulate 0.4.5 --online --order meadow-client"));
}

#[test]
fn what_was_taken_back_is_not_there() {
    let (sample, server) = world(&[], &["0.4.4"]);
    let mut all = files("meadow_client", &["0.4.5"]);
    all.iter_mut().for_each(|file| file["yanked"] = json!("broken"));
    server.put(PAGE, page("meadow-client", &all));
    let run = release(&sample, &server, "pins --simulate 0.4.5 --online").expect(0);
    assert!(run.stdout.contains("the window opens with step 1 and closes with step 4\n"), "{}", run.stdout);
}

#[test]
fn what_could_not_be_asked_is_an_error_and_nothing_is_guessed() {
    let (sample, server) = world(&["0.4.4"], &["0.4.4"]);
    server.fault(PAGE, Fault::Status(500));
    server.fault(DOCUMENT, Fault::Html);
    expect![[r#"
        $ release pins --simulate 0.4.5 --online
        asking http://HOST/npm, named by the environment (npm_config_*), for meadow-client
        asking http://HOST/simple, named by UV_DEFAULT_INDEX, for meadow-api, meadow-client
        error: could not ask for `meadow-client`: http://HOST/simple answers 500
         |
         = help: without `--online` what is tagged is taken to be published

        error: could not ask for `meadow-client`: http://HOST/npm answers `text/html`, a page for people, and not `application/vnd.npm.install-v1+json`
         |
         = help: without `--online` what is tagged is taken to be published

        (exit 2)
    "#]].assert_eq(&seen(&sample, &server, "pins --simulate 0.4.5 --online"));
    release(&sample, &server, "pins --simulate 0.4.5 --online --output-format json").expect(2);
    for words in ["pins --simulate 0.4.5 --online --offline", "--offline pins --simulate --online", "pins --online"] {
        let before = server.requests().len();
        release(&sample, &server, words).expect(2);
        assert_eq!(server.requests().len(), before, "{words}");
    }
    sample.write("release.toml", "[release]\nindex = \"file:///index\"\n");
    expect![[r#"
        $ release pins --simulate 0.4.5 --online
        error: `index` is not a URL
         --> release.toml:2:9
          |
        2 | index = "file:///index"
          |         ^^^^^^^^^^^^^^^
          |
          = help: write the URL of a simple index, `https://...`

        (exit 2)
    "#]]
    .assert_eq(&seen(&sample, &server, "pins --simulate 0.4.5 --online"));
}

#[test]
fn the_settings_of_a_revision_say_whom_to_ask() {
    let (sample, server) = world(&["0.4.4"], &["0.4.4"]);
    sample.git(&["switch", "--quiet", "main"]);
    let run = release(&sample, &server, "pins --rev release-0.4.x --simulate --online --output-format json").expect(0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["simulation"]["before"], "registries");
    assert_eq!(document["simulation"]["window"], Value::Null);
    assert_eq!(asked(&server), [DOCUMENT, API, PAGE]);
}
