//! `release verify`, against registries on the loopback interface.

use crate::loopback::{Fault, Server, files, packument, page};
use crate::online::release;
use crate::sample::Sample;
use crate::schema;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CLIENT: &str = "/simple/meadow-client/";
const DOCUMENT: &str = "/npm/meadow-client";

/// A change of the registries, the exit code, the row and what stands below it.
type Case<'a> = (&'a dyn Fn(&Server), i32, &'a str, &'a str);

/// Registries that have all of 0.4.4.
fn published() -> Server {
    let server = Server::new();
    for name in ["meadow", "meadow-agents", "meadow-api", "meadow-client"] {
        server.put(&format!("/simple/{name}/"), page(name, &files(&name.replace('-', "_"), &["0.4.4"])));
    }
    server.put(DOCUMENT, packument("meadow-client", &[("0.4.4", json!({ "gitHead": "abc" }))]));
    server
}

#[test]
fn every_standing_has_its_exit_code_and_its_next_step() {
    let sample = Sample::new();
    let again = "next: gh run list --event release --branch v0.4.4";
    let yanked = || {
        let mut files = files("meadow_client", &["0.4.4"]);
        files.iter_mut().for_each(|file| file["yanked"] = json!("broken"));
        page("meadow-client", &files)
    };
    let cases: [Case<'_>; 6] = [
        (&|_| {}, 0, "there         npm   meadow-client 0.4.4", "published from commit abc"),
        (&|server| server.remove(CLIENT), 4, "missing       pypi  meadow-client 0.4.4", again),
        (
            &|server| server.put(CLIENT, page("meadow-client", &files("meadow_client", &["0.4.4"])[..1])),
            4,
            "partial       pypi  meadow-client 0.4.4\n    it is there without the source distribution",
            again,
        ),
        (
            &|server| server.put(CLIENT, yanked()),
            5,
            "yanked        pypi  meadow-client 0.4.4\n    broken",
            "next: take",
        ),
        (
            &|server| server.put(DOCUMENT, packument("meadow-client", &[("0.4.4", json!({})), ("0.4.3", json!({}))])),
            4,
            "wrong tag     npm   meadow-client 0.4.4",
            "next: npm dist-tag add meadow-client@0.4.4 latest",
        ),
        (
            &|server| {
                ["meadow", "meadow-agents", "meadow-api", "meadow-client"]
                    .iter()
                    .for_each(|name| server.remove(&format!("/simple/{name}/")));
                server.remove(DOCUMENT);
            },
            3,
            "missing       npm   meadow-client 0.4.4",
            again,
        ),
    ];
    for (change, code, row, detail) in cases {
        let server = published();
        change(&server);
        let run = release(&sample, &server, "verify 0.4.4").expect(code);
        assert!(run.stdout.contains(row) && run.stdout.contains(detail), "{row}\n{}", run.stdout);
    }
}

#[test]
fn a_registry_that_could_not_be_asked_never_makes_an_artifact_missing() {
    let sample = Sample::new();
    for (fault, code) in [
        (Fault::Status(401), "no-credentials"),
        (Fault::Status(403), "forbidden"),
        (Fault::Status(429), "rate-limited"),
        (Fault::Status(503), "server-error"),
        (Fault::CutOff(20), "cut-off"),
        (Fault::Html, "wrong-type"),
        (Fault::Body("{"), "wrong-document"),
        (Fault::RedirectLoop, ""),
    ] {
        for (path, kind) in [(CLIENT, "pypi"), (DOCUMENT, "npm")] {
            let server = published();
            server.fault(path, fault.clone());
            let run = release(&sample, &server, "verify 0.4.4 --output-format json").expect(2);
            let document: Value = serde_json::from_str(&run.stdout).unwrap();
            schema::check(&document, &schema::schema("verify.schema.json"), "verify");
            let rows = document["artifacts"].as_array().unwrap();
            let row = rows.iter().find(|row| row["name"] == "meadow-client" && row["kind"] == kind).unwrap();
            assert_eq!(row["standing"], "unknown", "{fault:?}");
            assert!(code.is_empty() || row["detail"]["code"] == code, "{fault:?}: {row}");
            assert_eq!(rows.iter().filter(|row| row["standing"] == "there").count(), rows.len() - 1);
        }
    }
}

#[test]
fn everything_is_asked_side_by_side_and_the_full_document_of_npm() {
    let (sample, server) = (Sample::new(), published());
    let slow = Duration::from_millis(400);
    for name in ["meadow", "meadow-agents", "meadow-api", "meadow-client"] {
        server.fault(&format!("/simple/{name}/"), Fault::Slow(slow));
    }
    server.fault(DOCUMENT, Fault::Slow(slow));
    let started = Instant::now();
    release(&sample, &server, "verify 0.4.4").expect(0);
    // Five questions in turn would take two seconds.
    assert!(started.elapsed() < slow * 4, "{:?}", started.elapsed());
    let npm = server.requests().into_iter().find(|request| request.target == DOCUMENT).unwrap();
    assert_eq!(npm.header("accept"), Some("application/json"));
}

#[test]
fn what_is_on_its_way_is_waited_for_and_what_stays_is_not() {
    let (sample, server) = (Sample::new(), published());
    server.fault_times(CLIENT, 1, Fault::Status(404));
    let run = release(&sample, &server, "verify 0.4.4 --wait 20s").expect(0);
    assert!(run.stderr.contains("waiting: meadow-client 0.4.4 on pypi"), "{}", run.stderr);
    server.fault(CLIENT, Fault::Status(403));
    let started = Instant::now();
    release(&sample, &server, "verify 0.4.4 --wait 60s").expect(2);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn kinds_that_are_not_asked_for_and_offline_are_said_and_are_no_success() {
    let sample = Sample::new();
    let server = published();
    let run = release(&sample, &server, "--offline verify 0.4.4").expect(2);
    assert!(run.stdout.contains("could not ask") && server.asked().is_empty(), "{}", run.stdout);
    sample.write("release.toml", "[[artifact]]\nkind = \"oci\"\nname = \"meadow/server\"\n");
    let run = release(&sample, &server, "verify 0.4.4").expect(2);
    assert!(run.stdout.contains("could not ask oci   meadow/server 0.4.4"), "{}", run.stdout);
    release(&sample, &server, "verify 0.4").expect(2);
}
