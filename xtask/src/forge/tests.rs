//! The client against a forge of its own: what it reads, every way to answer wrongly, and where the token goes.

#[path = "../../../tests/e2e/forge.rs"]
mod forge;
mod openapi;
mod probe;
mod programs;

use super::*;
use crate::registry::tests::loopback;
use crate::registry::{Environment, Http};
use forge::{Forge, REPOSITORY, TOKEN, account, check_run, document};
use loopback::Fault;
use release_core::train::world::forge::{CheckState, PullRequestState, RequiredCheck};
use release_core::train::world::{self, Code, Fact};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const COMMIT: &str = "00000000000000000000000000000000000c0de1";
const TAG: &str = "v0.4.5";

fn http(variables: &[(&str, &str)]) -> Http {
    Http::of(&Environment::of(variables)).unwrap()
}

fn client<'a>(http: &'a Http, forge: &Forge, token: Option<&str>) -> Client<'a> {
    let url = forge.server.url("");
    let mut variables = vec![("GITHUB_API_URL", url.as_str())];
    variables.extend(token.map(|token| ("GH_TOKEN", token)));
    let environment = Environment::of(&variables);
    let remote = "git@github.example:meadow/meadow.git";
    let api = Api::choose(&Chosen { environment: &environment, remote, repository: None }).unwrap();
    let token = Token::find(&api, &environment, &|_| None);
    Client::new(http, api, token)
}

fn asked(client: &Client<'_>) -> Fact<world::Forge> {
    let heads = ["prepare-v0.4.5".to_owned(), "post/v0.4.5".to_owned()];
    let wanted = Wanted {
        tag: TAG,
        line: "release-0.4.x",
        heads: &heads,
        commit: Some(COMMIT),
        workflow: Some("publish.yml"),
        is_ours: &|commit| commit != "f0e1",
    };
    observe(client, &wanted)
}

/// A forge in the middle of a release.
fn busy() -> Forge {
    let forge = Forge::new();
    forge.change(|state| {
        let asset = json!({"name": "a.whl", "state": "uploaded", "size": 17, "digest": "sha256:00", "uploader": account("a", "User")});
        state.release("v0.4.4", false, &[document("asset", &asset)]);
        state.release(TAG, true, &[]);
        state.latest = Some("v0.4.4".to_owned());
        state.tags.insert(TAG.to_owned(), ("tag", "7a6".to_owned(), COMMIT.to_owned()));
        state.collaborators = vec![("alice".to_owned(), "write"), ("eve".to_owned(), "read")];
        state.pull("prepare-v0.4.5", COMMIT, 1, &account("alice", "User"));
        state.check_runs.insert(COMMIT.to_owned(), vec![check_run("unit", "completed", Some("success"))]);
        let status = json!({"context": "dco", "state": "pending"});
        state.statuses.insert(COMMIT.to_owned(), vec![document("status", &status)]);
        let checks = json!({"strict_required_status_checks_policy": false, "required_status_checks": [{"context": "unit", "integration_id": 15368}]});
        let rules = vec![json!({"type": "merge_queue"}), json!({"type": "required_status_checks", "parameters": checks})];
        state.rules.insert("release-0.4.x".to_owned(), rules);
        let protection = json!({"enabled": true, "required_status_checks": {"enforcement_level": "everyone", "contexts": ["dco"], "checks": [{"context": "dco", "app_id": null}]}});
        state.branches.insert("release-0.4.x".to_owned(), protection);
        let run = |id: u64, event: &str, of: u64| {
            let repository = document("repository", &json!({"id": of, "owner": account("meadow", "Organization")}));
            document("run", &json!({
                "id": id, "event": event, "head_branch": TAG, "head_sha": COMMIT, "status": "in_progress", "conclusion": null,
                "html_url": format!("https://forge.example/runs/{id}"), "head_repository": repository, "repository": repository,
            }))
        };
        // A branch of a fork may be called as the tag is.
        let runs = vec![run(5, "release", 1), run(6, "pull_request", 2), run(7, "push", 2)];
        state.runs.insert("publish.yml".to_owned(), runs);
    });
    forge
}

#[test]
fn everything_about_a_release_is_read_in_one_round() {
    let (http, forge) = (http(&[]), busy());
    let client = client(&http, &forge, Some(TOKEN));
    let found = asked(&client).unwrap();
    assert_eq!(
        (found.repository.as_str(), found.page.as_str()),
        ("meadow/meadow", "https://forge.example/meadow/meadow")
    );
    let release = found.release.unwrap().unwrap();
    assert_eq!((release.tag.as_str(), release.is_draft, release.assets.len()), (TAG, true, 0));
    assert_eq!(found.latest, Ok(Some("v0.4.4".to_owned())));
    assert_eq!(found.tag, Ok(Some(COMMIT.to_owned())), "the commit of an annotated tag");
    let proposals = found.proposals.unwrap();
    assert_eq!(proposals.len(), 1);
    assert_eq!((proposals[0].head.as_str(), &proposals[0].state), ("prepare-v0.4.5", &PullRequestState::Open));
    let checks: Vec<_> = found.checks.unwrap().into_iter().map(|check| (check.name, check.state)).collect();
    assert_eq!(checks, [("unit".to_owned(), CheckState::Passed), ("dco".to_owned(), CheckState::Pending)]);
    let required = |name: &str, app| RequiredCheck { name: name.to_owned(), app };
    assert_eq!(found.required, Ok(vec![required("unit", Some(15368)), required("dco", None)]));
    let runs: Vec<u64> = found.runs.unwrap().into_iter().map(|run| run.id).collect();
    assert_eq!(runs, [5], "and no run of a fork's branch");
    let requests = forge.server.requests();
    assert_eq!(requests.len(), 14, "{requests:#?}");
    // The same again costs a head each.
    let again = asked(&client).unwrap();
    assert_eq!(again.checks.unwrap().len(), 2);
    let conditional =
        forge.server.requests().iter().skip(14).filter(|request| request.header("if-none-match").is_some()).count();
    assert_eq!(conditional, 13, "all but the one that has nothing");
}

#[test]
fn a_forge_that_takes_its_time_is_asked_everything_at_once() {
    let (http, forge) = (http(&[]), busy());
    let client = client(&http, &forge, Some(TOKEN));
    asked(&client).unwrap();
    for request in forge.server.requests() {
        let path = request.target.split('?').next().unwrap().to_owned();
        forge.server.fault(&path, Fault::Slow(Duration::from_millis(400)));
    }
    let started = Instant::now();
    let _ = asked(&client);
    let took = started.elapsed();
    assert!(took < Duration::from_millis(800), "two rounds would take longer: {took:?}");
}

/// The facts of an observation, each with its kind of answer.
fn facts(found: &world::Forge) -> Vec<(&'static str, Option<Code>, bool)> {
    fn of<T>(name: &'static str, fact: &Fact<T>, is_there: impl Fn(&T) -> bool) -> (&'static str, Option<Code>, bool) {
        (name, fact.as_ref().err().map(|why| why.code), fact.as_ref().is_ok_and(is_there))
    }
    vec![
        of("release", &found.release, Option::is_some),
        of("latest", &found.latest, Option::is_some),
        of("tag", &found.tag, Option::is_some),
        of("proposals", &found.proposals, |all| !all.is_empty()),
        of("checks", &found.checks, |all| !all.is_empty()),
        of("required", &found.required, |all| !all.is_empty()),
        of("runs", &found.runs, |all| !all.is_empty()),
    ]
}

#[test]
fn a_fault_at_any_request_makes_something_unknown_and_nothing_missing() {
    let http = http(&[("UV_HTTP_TIMEOUT", "1")]);
    let (messages, started) = (std::cell::RefCell::new(BTreeSet::new()), Instant::now());
    let limit = |name, value: &str| Fault::StatusWith(403, name, value.to_owned());
    for (fault, code) in [
        (Fault::Status(401), Code::CredentialsRefused),
        (Fault::Status(403), Code::Forbidden),
        (limit("Retry-After", "60"), Code::RateLimited),
        (limit("X-RateLimit-Remaining", "0"), Code::RateLimited),
        (Fault::Status(409), Code::Conflict),
        (Fault::Status(422), Code::Rejected),
        (Fault::StatusWith(429, "Retry-After", "60".to_owned()), Code::RateLimited),
        (Fault::Status(500), Code::ServerError),
        (Fault::Status(418), Code::Other),
        (Fault::Slow(Duration::from_millis(1500)), Code::TimedOut),
        (Fault::CutOff(1), Code::CutOff),
        (Fault::Html, Code::WrongType),
        (Fault::Body("{\"x\": "), Code::WrongDocument),
        (Fault::Body("\"x\""), Code::WrongDocument),
        (Fault::Large(33 << 20), Code::TooLarge),
        (Fault::Redirect("https://elsewhere.example/x".to_owned()), Code::Redirected),
    ] {
        let paths: BTreeSet<String> = {
            let forge = busy();
            asked(&client(&http, &forge, Some(TOKEN))).unwrap();
            forge.server.asked().into_iter().map(|target| target.split('?').next().unwrap().to_owned()).collect()
        };
        assert_eq!(paths.len(), 13);
        let paths: Vec<String> = match fault {
            // These take a second each.
            Fault::Slow(_) | Fault::Large(_) => paths.into_iter().filter(|path| path.contains("/releases")).collect(),
            _ => paths.into_iter().collect(),
        };
        for path in paths {
            let forge = busy();
            forge.server.fault(&path, fault.clone());
            let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap();
            for (name, unknown, is_there) in facts(&found) {
                assert!(unknown.is_some() || is_there, "{fault:?} at {path}: {name} is not missing");
                assert!(unknown.is_none_or(|found| found == code), "{fault:?} at {path}: {name} is {unknown:?}");
            }
            let is_optional =
                path.ends_with("/collaborators") || path == REPOSITORY || path.contains("/releases/tags/");
            let changed = facts(&found).iter().any(|(_, unknown, _)| unknown.is_some());
            // A draft is found in the list whatever is said of a published one, and collaborators have another question.
            assert!(changed || is_optional, "{fault:?} at {path} changed nothing");
            let reasons = [found.latest.err(), found.checks.err()].into_iter().flatten();
            for why in reasons {
                assert!(!why.reason.contains(TOKEN), "{why}");
                messages.borrow_mut().insert(why.reason.replace(&forge.server.host(), "HOST"));
            }
        }
    }
    let latest = messages.borrow().iter().filter(|text| text.contains("/releases/latest")).cloned().collect::<Vec<_>>();
    expect_test::expect![[r#"
        http://HOST/repos/meadow/meadow/releases/latest answers 401: it refuses the credentials from GH_TOKEN
        http://HOST/repos/meadow/meadow/releases/latest answers 403: too many requests, it asks to wait 60s
        http://HOST/repos/meadow/meadow/releases/latest answers 403: too many requests, try again later
        http://HOST/repos/meadow/meadow/releases/latest answers 403: who asks may not read this
        http://HOST/repos/meadow/meadow/releases/latest answers 409: its state does not allow it
        http://HOST/repos/meadow/meadow/releases/latest answers 418
        http://HOST/repos/meadow/meadow/releases/latest answers 422: it does not accept the question
        http://HOST/repos/meadow/meadow/releases/latest answers 429: too many requests, it asks to wait 60s
        http://HOST/repos/meadow/meadow/releases/latest answers 500
        http://HOST/repos/meadow/meadow/releases/latest answers `text/html`, a page for people, and not `application/json`
        http://HOST/repos/meadow/meadow/releases/latest answers a document of another kind: invalid type: string "x", expected struct Release
        http://HOST/repos/meadow/meadow/releases/latest answers what is no JSON: `EOF while parsing a value at line 1 column 6`
        http://HOST/repos/meadow/meadow/releases/latest does not answer within 1s; UV_HTTP_TIMEOUT sets another limit, in seconds
        http://HOST/repos/meadow/meadow/releases/latest leads to another host, `elsewhere.example`, which is not asked with what is for this one
        the answer of http://HOST/repos/meadow/meadow/releases/latest ends too early
        the answer of http://HOST/repos/meadow/meadow/releases/latest has more than 32 MiB
    "#]].assert_eq(&(latest.join("\n") + "\n"));
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

#[test]
fn nothing_is_missing_in_a_repository_that_is_not_seen() {
    let (http, forge) = (http(&[]), busy());
    forge.change(|state| state.is_hidden = true);
    let why = asked(&client(&http, &forge, Some(TOKEN))).unwrap_err();
    assert_eq!(why.code, Code::NoRepository);
    let reason = why.reason.replace(&forge.server.host(), "HOST");
    assert_eq!(
        reason,
        "http://HOST/repos/meadow/meadow answers 404: there is no repository meadow/meadow, or the token of GH_TOKEN may not see it; see to the remote's address, or `[forge] repository` in release.toml"
    );
    // That a release is not there is only known of a repository that could be asked for.
    let forge = Forge::new();
    forge.server.fault(REPOSITORY, Fault::Status(500));
    let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap();
    let unknown = facts(&found).into_iter().filter(|(_, code, _)| *code == Some(Code::ServerError)).count();
    assert_eq!(unknown, 6, "all but the checks, whose list is there and empty: {:?}", facts(&found));
}

#[test]
fn a_repository_with_nothing_of_the_release_says_so() {
    let (http, forge) = (http(&[]), Forge::new());
    let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap();
    assert_eq!((&found.release, &found.latest, &found.tag), (&Ok(None), &Ok(None), &Ok(None)));
    assert_eq!(
        (&found.checks, &found.required),
        (&Ok(Vec::new()), &Ok(Vec::new())),
        "no checks are not green, but none"
    );
    assert_eq!(found.runs.unwrap_err().code, Code::NotConfigured, "the workflow is not there");
    // Who may not push sees no drafts.
    forge.change(|state| state.may_push = false);
    let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap();
    assert_eq!(found.release.unwrap_err().code, Code::Forbidden);
}

#[test]
fn a_pull_request_is_found_again_only_when_it_is_ours() {
    let (alice, eve) = (account("alice", "User"), account("eve", "User"));
    for (commit, repository, author, hides, count) in [
        ("c1", 1, &alice, false, 1),
        ("c1", 2, &alice, false, 0),   // of a fork
        ("f0e1", 1, &alice, false, 0), // with a commit that is not ours
        ("c1", 1, &eve, false, 0),     // by someone who may not write
        ("c1", 1, &account("mallory", "User"), false, 0),
        ("c1", 1, &account("ci[bot]", "Bot"), false, 1),
        ("c1", 1, &alice, true, 1), // where the list is hidden, each is asked for
        ("c1", 1, &eve, true, 0),
    ] {
        let (http, forge) = (http(&[]), Forge::new());
        forge.change(|state| {
            state.hides_collaborators = hides;
            state.collaborators = vec![("alice".to_owned(), "write"), ("eve".to_owned(), "read")];
            let pull = state.pull("prepare-v0.4.5", commit, repository, author);
            pull["merged_at"] = json!("2026-01-02T03:04:05Z");
            pull["merge_commit_sha"] = json!("d0e");
            pull["state"] = json!("closed");
        });
        let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap().proposals.unwrap();
        assert_eq!(found.len(), count, "{commit} {repository} {} {hides}", author["login"]);
        assert!(found.iter().all(|found| found.state == PullRequestState::Merged("d0e".to_owned())));
    }
    let (http, forge) = (http(&[]), Forge::new());
    forge.change(|state| {
        state.hides_collaborators = true;
        state.pull("prepare-v0.4.5", "c1", 1, &alice);
    });
    forge.server.fault(&format!("{REPOSITORY}/collaborators/alice/permission"), Fault::Status(403));
    let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap().proposals;
    assert_eq!(found.unwrap_err().code, Code::Forbidden, "whether she may write is not known");
}

#[test]
fn every_page_of_a_list_is_read_with_links_and_without() {
    let (http, forge) = (http(&[]), Forge::new());
    let rule = |number: usize| {
        let checks = json!({"strict_required_status_checks_policy": false, "required_status_checks": [{"context": format!("check {number}")}]});
        json!({"type": "required_status_checks", "parameters": checks})
    };
    forge.change(|state| {
        for number in 0..230 {
            state.release(&format!("v0.3.{number}"), false, &[]);
        }
        // The oldest of all, on the last page.
        state.release(TAG, true, &[]);
        state.releases.rotate_left(1);
        state.rules.insert("release-0.4.x".to_owned(), (0..200).map(rule).collect());
        let runs = (0..101).map(|number| check_run(&format!("run {number}"), "completed", Some("success")));
        state.check_runs.insert(COMMIT.to_owned(), runs.collect());
    });
    let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap();
    assert!(found.release.unwrap().unwrap().is_draft);
    assert_eq!((found.checks.unwrap().len(), found.required.unwrap().len()), (101, 200));
}

#[test]
fn a_token_goes_to_its_forge_alone() {
    let (http, forge, other) = (http(&[]), busy(), loopback::Server::new());
    forge.server.fault(&format!("{REPOSITORY}/releases/latest"), Fault::Redirect(other.url("/x")));
    let client = client(&http, &forge, Some(TOKEN));
    let found = asked(&client).unwrap();
    assert_eq!(found.latest.unwrap_err().code, Code::Redirected);
    assert!(other.requests().is_empty(), "another host is not even asked");
    assert!(
        forge
            .server
            .requests()
            .iter()
            .all(|request| request.header("authorization") == Some(&format!("Bearer {TOKEN}")))
    );
    // Who has no token is told where to put one.
    let open = busy();
    open.server.require(REPOSITORY, &loopback::bearer(TOKEN));
    let why = asked(&self::client(&http, &open, None)).unwrap().latest.unwrap_err();
    assert_eq!(why.code, Code::NoCredentials);
    assert!(why.reason.ends_with("answers 401 and asks for credentials: set GH_TOKEN, or sign in with `gh auth login --hostname github.example`"), "{why}");
    // The same host may have moved the repository.
    let moved = busy();
    moved
        .server
        .fault(&format!("{REPOSITORY}/releases/latest"), Fault::Redirect(format!("{REPOSITORY}/releases/tags/v0.4.4")));
    let found = asked(&self::client(&http, &moved, Some(TOKEN))).unwrap();
    assert_eq!(found.latest, Ok(Some("v0.4.4".to_owned())));
}
