//! Registries that do not have the client, or give no answer: each ends with its own message and exit, and nothing is changed.

use super::{DOCUMENT, METADATA, PAGE, World, files};
use crate::loopback::{self, Fault};
use expect_test::expect;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

/// The exit and the messages of a run that must change nothing.
#[track_caller]
fn ended(world: &World, what: &str) -> String {
    let before = world.sample.files();
    let run = world.release("post 0.4.5 --commit --output-format json");
    world.sample.assert_unchanged(&before, what);
    world.sample.assert_nothing_left();
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("one document");
    crate::schema::check(&document, &crate::schema::schema("follow-up.schema.json"), "follow-up");
    let code = run.code.unwrap_or_default();
    let outcome = document["outcome"].as_str().unwrap_or_default();
    let mut text = format!("{what}: {outcome}, exit {code}\n");
    for line in run.stderr.lines().filter(|line| line.contains("error: ") || line.contains("= help")) {
        let _ = writeln!(text, "  {}", line.trim_start_matches([' ', '|']));
    }
    text
}

#[test]
fn a_client_that_is_not_there_is_absent_lagging_incomplete_or_yanked() {
    let world = World::new();
    let mut text = String::new();
    let npm = |versions: &[&str]| {
        let manifests: Vec<_> = versions.iter().map(|version| (*version, json!({"license": "MIT"}))).collect();
        world.server.put(DOCUMENT, loopback::packument("meadow-client", &manifests));
    };
    let page = |files: &[serde_json::Value]| world.server.put(PAGE, loopback::page("meadow-client", files));
    let both = ["0.4.4", "0.4.5"];
    npm(&both[..1]);
    text += &ended(&world, "not on npm");
    page(&files(&both[..1]));
    text += &ended(&world, "nowhere");
    npm(&both);
    text += &ended(&world, "not on the index");
    world.server.remove(PAGE);
    text += &ended(&world, "unknown to the index");
    page(&files(&both)[..3]);
    text += &ended(&world, "a wheel alone");
    let mut yanked = files(&both);
    for file in &mut yanked[2..] {
        file["yanked"] = json!("broken\u{1b}[31m on python 3.13");
    }
    page(&yanked);
    text += &ended(&world, "yanked");
    npm(&both[..1]);
    text += &ended(&world, "yanked, and not on npm");
    expect![[r#"
        not on npm: lagging, exit 4
          error: meadow-client 0.4.5 is not on npm (http://HOST/npm)
          = help: it is on pypi already; wait for it: `--wait 15m`; main's part alone: `--only main`
        nowhere: absent, exit 3
          error: meadow-client 0.4.5 is not on pypi (http://HOST/simple)
          = help: see that the release was published; wait for it: `--wait 15m`; main's part alone: `--only main`
          error: meadow-client 0.4.5 is not on npm (http://HOST/npm)
          = help: see that the release was published; wait for it: `--wait 15m`; main's part alone: `--only main`
        not on the index: lagging, exit 4
          error: meadow-client 0.4.5 is not on pypi (http://HOST/simple)
          = help: it is on npm already; wait for it: `--wait 15m`; main's part alone: `--only main`
        unknown to the index: lagging, exit 4
          error: meadow-client 0.4.5 is not on pypi (http://HOST/simple)
          = help: it is on npm already; wait for it: `--wait 15m`; main's part alone: `--only main`
        a wheel alone: lagging, exit 4
          error: meadow-client 0.4.5 is on pypi (http://HOST/simple) without the source distribution, which may be on its way
          = help: it is on npm already; wait for it: `--wait 15m`; main's part alone: `--only main`
        yanked: yanked, exit 5
          error: meadow-client 0.4.5 is yanked on pypi (http://HOST/simple): broken[31m on python 3.13
          = help: it is not to be locked: release the next patch, or take the yank back on the index; main's part alone: `--only main`
        yanked, and not on npm: yanked, exit 5
          error: meadow-client 0.4.5 is yanked on pypi (http://HOST/simple): broken[31m on python 3.13
          = help: it is not to be locked: release the next patch, or take the yank back on the index; main's part alone: `--only main`
          error: meadow-client 0.4.5 is not on npm (http://HOST/npm)
          = help: it is not to be locked: release the next patch, or take the yank back on the index; main's part alone: `--only main`
    "#]].assert_eq(&text);
}

/// Returns the faults that a path can have.
fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("401", Fault::Status(401)),
        ("403", Fault::Status(403)),
        ("404", Fault::Status(404)),
        ("429", Fault::StatusWith(429, "Retry-After", "7".to_owned())),
        ("503", Fault::Status(503)),
        ("slow", Fault::Slow(Duration::from_secs(20))),
        ("cut off", Fault::CutOff(40)),
        ("another content type", Fault::ContentType("image/png")),
        ("a page for people", Fault::Html),
        ("no JSON", Fault::Body("{\"name\": ")),
        ("other JSON", Fault::Body("[1, 2]")),
        ("50 MB", Fault::Large(50 << 20)),
        ("a redirect loop", Fault::RedirectLoop),
        ("a connection that ends", Fault::Closed),
    ]
}

/// The exit and the messages for every fault of a path.
fn at(path: &str) -> Vec<String> {
    let world = World::new();
    let mut seen = Vec::new();
    for (what, fault) in faults() {
        world.server.fault(path, fault);
        seen.push(ended(&world, what));
    }
    seen
}

#[test]
fn every_fault_of_a_registry_ends_in_its_own_message() {
    let mut text = String::new();
    for (index, npm) in at(PAGE).iter().zip(&at(DOCUMENT)) {
        // What is the same for both is written once.
        let mut lines: Vec<_> = index.lines().chain(npm.lines().filter(|line| !index.contains(line))).collect();
        lines.sort_by_key(|line| line.contains("= help"));
        text += &(lines.join("\n") + "\n");
    }
    expect![[r#"
        401: unknown, exit 2
          error: http://HOST/simple answers 401 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index
          error: http://HOST/npm answers 401 and asks for credentials: put `//HOST/:_authToken=${NAME_OF_A_VARIABLE}` into your own ~/.npmrc
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        403: unknown, exit 2
          error: http://HOST/simple answers 403 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index
          error: http://HOST/npm answers 403 and asks for credentials: put `//HOST/:_authToken=${NAME_OF_A_VARIABLE}` into your own ~/.npmrc
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        404: lagging, exit 4
          error: meadow-client 0.4.5 is not on pypi (http://HOST/simple)
          error: meadow-client 0.4.5 is not on npm (http://HOST/npm)
          = help: it is on npm already; wait for it: `--wait 15m`; main's part alone: `--only main`
          = help: it is on pypi already; wait for it: `--wait 15m`; main's part alone: `--only main`
        429: unknown, exit 2
          error: http://HOST/simple answers 429: too many requests, it asks to wait 7s
          error: http://HOST/npm answers 429: too many requests, it asks to wait 7s
          = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`
        503: unknown, exit 2
          error: http://HOST/simple answers 503
          error: http://HOST/npm answers 503
          = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`
        slow: unknown, exit 2
          error: http://HOST/simple does not answer within 1s; UV_HTTP_TIMEOUT sets another limit, in seconds
          error: http://HOST/npm does not answer within 1s; UV_HTTP_TIMEOUT sets another limit, in seconds
          = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`
        cut off: unknown, exit 2
          error: the answer of http://HOST/simple ends too early
          error: the answer of http://HOST/npm ends too early
          = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`
        another content type: unknown, exit 2
          error: http://HOST/simple answers `image/png` and not `application/vnd.pypi.simple.v1+json`
          error: http://HOST/npm answers `image/png` and not `application/vnd.npm.install-v1+json`
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        a page for people: unknown, exit 2
          error: http://HOST/simple answers `text/html`, a page for people, and not `application/vnd.pypi.simple.v1+json`
          error: http://HOST/npm answers `text/html`, a page for people, and not `application/vnd.npm.install-v1+json`
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        no JSON: unknown, exit 2
          error: http://HOST/simple answers what is no page of meadow-client: `EOF while parsing a value at line 1 column 9`
          error: http://HOST/npm answers what is no document of meadow-client: `EOF while parsing a value at line 1 column 9`
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        other JSON: unknown, exit 2
          error: http://HOST/simple answers what is no page of meadow-client: `invalid type: integer `1`, expected struct Meta at line 1 column 2`
          error: http://HOST/npm answers what is no document of meadow-client: `invalid type: integer `1`, expected a string at line 1 column 2`
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        50 MB: unknown, exit 2
          error: the answer of http://HOST/simple has more than 32 MiB
          error: the answer of http://HOST/npm has more than 32 MiB
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        a redirect loop: unknown, exit 2
          error: http://HOST/simple redirects more than 5 times
          error: http://HOST/npm redirects more than 5 times
          = help: this says nothing about whether it is published, and waiting does not help; main's part alone: `--only main`
        a connection that ends: unknown, exit 2
          error: the answer of http://HOST/simple ends too early
          error: the answer of http://HOST/npm ends too early
          = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`
    "#]].assert_eq(&text);
}

#[test]
fn every_fault_of_the_metadata_ends_in_its_own_message() {
    let world = World::new();
    let mut text = String::new();
    // Its content type is nothing that installers look at, and what is no metadata is a reason to ask uv.
    let others = ["JSON", "page", "content"];
    for (what, fault) in faults().into_iter().filter(|(what, _)| !others.iter().any(|other| what.contains(other))) {
        world.server.fault(METADATA, fault);
        text += &ended_somehow(&world, what);
    }
    expect![[r#"
        401: exit 2
          error: http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata answers 401 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index
          = help: nothing was changed; try again, or `--with-tools`
        403: exit 2
          error: http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata answers 403 and asks for credentials: put them into netrc, or into the URL that an environment variable gives the index
          = help: nothing was changed; try again, or `--with-tools`
        404: exit 2
          error: http://HOST/simple answers with a file that is not at its place, http://HOST/files/meadow_client-0.4.5-py3-none-any.whl
          = help: nothing was changed; try again, or `--with-tools`
        429: exit 2
          error: http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata answers 429: too many requests, it asks to wait 7s
          = help: nothing was changed; try again, or `--with-tools`
        503: exit 2
          error: http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata answers 503
          = help: nothing was changed; try again, or `--with-tools`
        slow: exit 2
          error: http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata does not answer within 1s; UV_HTTP_TIMEOUT sets another limit, in seconds
          = help: nothing was changed; try again, or `--with-tools`
        cut off: exit 2
          error: the answer of http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata ends too early
          = help: nothing was changed; try again, or `--with-tools`
        50 MB: exit 2
          error: the answer of http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata has more than 4 MiB
          = help: nothing was changed; try again, or `--with-tools`
        a redirect loop: exit 2
          error: http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata redirects more than 5 times
          = help: nothing was changed; try again, or `--with-tools`
        a connection that ends: exit 2
          error: the answer of http://HOST/files/meadow_client-0.4.5-py3-none-any.whl.metadata ends too early
          = help: nothing was changed; try again, or `--with-tools`
    "#]].assert_eq(&text);
}

/// As above, for runs that may end without a document.
#[track_caller]
fn ended_somehow(world: &World, what: &str) -> String {
    let before = world.sample.files();
    let run = world.release("post 0.4.5 --commit --only line");
    world.sample.assert_unchanged(&before, what);
    let lines: Vec<&str> =
        run.stderr.lines().filter(|line| line.contains("error: ") || line.contains("help")).collect();
    let lines = lines.iter().map(|line| format!("  {}\n", line.trim_start_matches([' ', '|']))).collect::<String>();
    format!("{what}: exit {}\n{}", run.code.unwrap_or_default(), world.sample.normal(&lines))
}

#[test]
fn nobody_at_the_address_is_no_answer() {
    let world = World::new();
    let before = world.sample.files();
    let mut command = world.command("post 0.4.5 --commit --only line -q");
    command.env("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple").env("npm_config_registry", "http://127.0.0.1:9/npm");
    let run = world.run(&mut command).expect(2);
    world.sample.assert_unchanged(&before, "nobody");
    expect![[r#"
        error: there is no connection to http://127.0.0.1:9/simple: it refuses the connection
         |
         = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`

        error: there is no connection to http://127.0.0.1:9/npm: it refuses the connection
         |
         = help: this says nothing about whether it is published: try again, or `--wait 15m`; main's part alone: `--only main`

    "#]].assert_eq(&world.sample.normal(&run.stderr));
}
