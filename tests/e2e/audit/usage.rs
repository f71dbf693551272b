//! Which tags are audited, how a run ends, and what it refuses.

use super::past::{TESTED, made, made_with, without_ids};
use super::{audited, list, text};
use crate::support::{directory, git, release};
use serde_json::Value;

const BEYOND: &str = "
    4 commit main 0.4.1.dev0 chore: begin 0.4.1
";

fn past() -> String {
    format!("{TESTED}{BEYOND}")
}

#[test]
fn tags_are_chosen_by_pattern_and_by_day() {
    let made = made(&past());
    for (arguments, wanted) in [
        (&[][..], &["v0.4.0rc1", "v0.4.0"][..]),
        (&["--tags", "*rc*"], &["v0.4.0rc1"]),
        (&["--since", "2025-01-04"], &["v0.4.0"]),
        (&["--tags", "v0.4.?", "--since", "2025-01-01"], &["v0.4.0"]),
    ] {
        let document = audited(&made.root, arguments);
        let tags: Vec<&str> = list(&document["tags"]).iter().map(|tag| text(&tag["tag"])).collect();
        assert_eq!(tags, wanted, "{arguments:?}");
    }
}

#[test]
fn what_makes_no_sense_ends_with_2_and_says_why() {
    let made = made(&past());
    for (arguments, said) in [
        (&["--since", "2025-02-30"][..], "is not a day"),
        (&["--since", "yesterday"], "is not a day"),
        (&["--tags", "v9*"], "matches"),
        (&["--output-format", "github"], "text, JSON, HTML, SARIF or JUnit"),
        (&["--output-format", "concise"], "text, JSON, HTML, SARIF or JUnit"),
        (&["--reason", "because"], "--write-baseline"),
        (&["--write-baseline"], "no reason is given for them to stay"),
        (&["--baseline", "missing.toml"], "could not read the baseline missing.toml"),
        (&["--ignore", "no-such-rule"], "no-such-rule"),
    ] {
        let run = release(&made.root, &[&["audit"], arguments].concat()).expect(2);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    let run = release(&made.root, &["check", "--output-format", "html"]).expect(2);
    assert!(run.stderr.contains("release audit"), "{}", run.stderr);
}

#[test]
fn shallow_clones_and_repositories_without_tags_are_refused() {
    let made = made(&past());
    let (_kept, tmp) = directory();
    let from = format!("file://{}", made.root);
    git(&tmp, &["clone", "--quiet", "--depth=1", &from, "shallow"]);
    let run = release(&tmp.join("shallow"), &["audit"]).expect(2);
    assert!(run.stderr.contains("shallow"), "{}", run.stderr);
    git(&tmp, &["clone", "--quiet", "--no-tags", &from, "bare-of-tags"]);
    let run = release(&tmp.join("bare-of-tags"), &["audit"]).expect(2);
    assert!(run.stderr.contains("no tags"), "{}", run.stderr);
}

#[test]
fn a_finding_of_the_past_is_accepted_by_its_tag_and_by_level() {
    let made = made(&past());
    let number = |arguments: &[&str]| {
        let document = audited(&made.root, arguments);
        list(&document["past"]).iter().filter(|finding| finding["rule"] == "policy-testing-window").count()
    };
    assert_eq!((number(&[]), number(&["--ignore", "policy-testing-window"])), (1, 0));
    let ignore = "[[ignore]]\nrule = \"policy-testing-window\"\npath = \"v0.4.0\"\nreason = \"an old one\"\n";
    std::fs::write(made.root.join("release.toml"), ignore).unwrap();
    assert_eq!(number(&[]), 0);
    let document = audited(&made.root, &[]);
    assert_eq!(document["suppressed"], 1);
}

#[test]
fn what_stands_at_a_tag_is_accepted_by_the_tag_too() {
    let made = made(&past());
    git(&made.root, &["tag", "v0.4.9", "main"]);
    let at_tag = |document: &serde_json::Value| -> usize {
        let rows = list(&document["tags"]).iter().filter(|tag| tag["tag"] == "v0.4.9");
        rows.flat_map(|tag| list(&tag["diagnostics"]))
            .filter(|found| found["rule"] == "version-development-at-tag")
            .count()
    };
    assert_eq!(at_tag(&audited(&made.root, &[])), 1);
    let ignore = "[[ignore]]\nrule = \"version-development-at-tag\"\npath = \"v0.4.9\"\nreason = \"a slip\"\n";
    std::fs::write(made.root.join("release.toml"), ignore).unwrap();
    let document = audited(&made.root, &[]);
    assert_eq!((at_tag(&document), &document["suppressed"]), (0, &serde_json::json!(1)));
}

#[test]
fn errors_end_with_1_and_warnings_only_where_they_are_denied() {
    let made = made(&past());
    let chosen = |more: &[&str]| release(&made.root, &[&["audit", "-q"], more].concat()).code;
    assert_eq!(chosen(&[]), Some(1));
    let mild = ["--warn", "policy-testing-window"];
    let rules = list(&audited(&made.root, &[])["past"]).len();
    assert_eq!(rules, 2, "the window, and main");
    assert_eq!(chosen(&mild), Some(0));
    assert_eq!(chosen(&[&mild[..], &["--deny-warnings"]].concat()), Some(1));
}

#[test]
fn the_sandbox_is_audited_too() {
    let (_kept, tmp) = directory();
    let run = release(&tmp, &["audit", "--sandbox"]);
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    assert!(run.stdout.contains("v0.4.4"), "{}", run.stdout);
}

#[test]
fn ids_of_sha256_and_a_first_package_below_the_root_make_no_difference() {
    let past = "
        0 commit main 0.4.0.dev0 feat: begin
        1 branch release-0.4.x main
        1 commit release-0.4.x 0.4.0rc1 chore: 0.4.0rc1
        2 tag v0.4.0rc1 release-0.4.x
        3 source release-0.4.x fix: a gate
        4 commit release-0.4.x 0.4.0 chore: 0.4.0
        4 tag v0.4.0 release-0.4.x
        6 commit main 0.4.1.dev0 chore: begin 0.4.1
        6 tag v0.4.0-dev main
        7 tag v0.4.1 main
        8 source release-0.4.x fix: a fence
        9 source main fix: a gate that no branch has
        9 tag other main";
    let found = |ids: &str, manifest: &str| {
        let document = audited(&made_with(past, ids, manifest).root, &[]);
        let of_tags = list(&document["tags"]).iter().flat_map(|tag| {
            let of = |finding: &Value| format!("{} at {}", text(&finding["message"]), text(&tag["tag"]));
            list(&tag["diagnostics"]).iter().map(of).collect::<Vec<_>>()
        });
        let of_past = list(&document["past"]).iter().map(|finding| text(&finding["message"]).to_owned());
        let all: Vec<String> = of_tags.chain(of_past).map(|message| without_ids(&message)).collect();
        all.join("\n").replace(manifest, "MANIFEST")
    };
    let wanted = found("sha1", "pyproject.toml");
    for rule in ["was tested for 2.0 days", "differs from", "begins a version", "main said 0.4.0.dev0", "is not on"] {
        assert!(wanted.contains(rule), "{rule}: {wanted}");
    }
    assert_eq!(found("sha256", "pyproject.toml"), wanted);
    assert_eq!(found("sha1", "packages/meadow/pyproject.toml"), wanted);
}

#[test]
fn rules_that_could_not_tell_are_in_the_document_with_their_reason() {
    let document = audited(&made(&past()).root, &[]);
    let of = |rule: &str| {
        let found = list(&document["skipped"]).iter().filter(|skipped| skipped["rule"] == rule);
        found.map(|skipped| (text(&skipped["reason"]), skipped["tags"].as_u64())).collect::<Vec<_>>()
    };
    assert_eq!(of("tag-unpublished"), [("not asked: `--online`", Some(2))]);
    assert_eq!(of("version-client-gap"), [("not asked: `--online`", Some(0))]);
}
