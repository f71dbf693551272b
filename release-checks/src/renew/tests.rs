use super::*;
use crate::baseline::FILE_NAME;
use crate::context::Context;
use crate::fingerprint::Fingerprint;
use crate::level::Levels;
use crate::rules::tests::Scene;
use crate::run::{Checked, run};
use camino::Utf8Path;
use expect_test::expect;
use proptest::prelude::*;
use release_core::text::SourceText;

fn parse(text: &str) -> Result<Baseline, Vec<Problem>> {
    Baseline::parse(Utf8Path::new(FILE_NAME), &SourceText::new(text))
}

fn day() -> Day {
    Day::parse("2026-11-23").unwrap()
}

/// A tree with two pins that float.
fn scene(above: &str) -> Scene {
    let text = format!(
        "{above}[build-system]\nrequires = [\"setuptools>=61.0\", \"setuptools-scm>=8.0\"]\n[project]\nname = \"meadow\"\ndynamic = [\"version\"]\ndependencies = [\"meadow-client>=0.4.5\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.5\"\n"
    );
    Scene::of_files([("pyproject.toml", text)], "")
}

fn with(mut scene: Scene, baseline: &str) -> (Context, Checked) {
    scene.files.insert(FILE_NAME.into(), baseline.to_owned());
    let context = scene.context();
    let checked = run(&context, &Levels::default());
    (context, checked)
}

#[test]
fn a_baseline_is_written_for_people() {
    let checked = run(&scene("").context(), &Levels::default());
    let renewed = renewed(None, &Found::by_check(&checked), Some(" the next minor pins it "), day()).unwrap();
    assert_eq!((renewed.added, renewed.kept, renewed.dropped, renewed.left), (1, 0, 0, 0));
    expect![[r##"
        # Findings of `cargo xtask release check` and `audit` that are accepted as they are; new ones fail.
        # Written by their `--write-baseline`. The reasons are yours to edit, and are kept.
        version = 1

        [[finding]]
        fingerprint = "cd43eda71b021874"
        rule = "pin-operator"
        path = "pyproject.toml"
        message = "`meadow-client` is pinned by `>=0.4.5`, and on release-0.4.x it is `==`"
        reason = "the next minor pins it"
        date = "2026-11-23"
    "##]]
    .assert_eq(&renewed.text);
}

#[test]
fn what_is_accepted_stays_accepted_when_lines_move_and_entries_go_with_their_findings() {
    let first = run(&scene("").context(), &Levels::default());
    let written = renewed(None, &Found::by_check(&first), Some("later"), day()).unwrap().text;

    let (context, checked) = with(scene("# a comment\n\n"), &written);
    assert_eq!((checked.diagnostics.len(), checked.baselined(), checked.ignored()), (0, 1, 0));
    let again = renewed(context.baseline.as_ref(), &Found::by_check(&checked), None, Day::parse("2027-01-01").unwrap())
        .unwrap();
    assert_eq!((again.text.as_str(), again.kept), (written.as_str(), 1), "reason and date are those of the first time");

    let mut mended = scene("");
    mended.files.values_mut().for_each(|text| *text = text.replace(">=0.4.5\"]", "==0.4.5\"]"));
    let (context, checked) = with(mended, &written);
    let rules: Vec<_> = checked.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    assert_eq!(rules, ["config-stale-baseline"]);
    let again = renewed(context.baseline.as_ref(), &Found::by_check(&checked), None, day()).unwrap();
    assert_eq!((again.added, again.kept, again.dropped), (0, 0, 1), "and it does not accept itself");
    assert!(parse(&again.text).unwrap().entries.is_empty());
}

#[test]
fn new_findings_need_a_reason() {
    let checked = run(&scene("").context(), &Levels::default());
    for reason in [None, Some(""), Some(" \n")] {
        let problem = renewed(None, &Found::by_check(&checked), reason, day()).unwrap_err();
        assert_eq!(problem.message, "1 finding is new, and no reason is given for them to stay");
    }
}

#[test]
fn what_a_release_on_its_way_makes_unavoidable_is_not_accepted_for_good() {
    let mut checked = run(&scene("").context(), &Levels::default());
    checked.diagnostics[0].finding.in_flight = true;
    let renewed = renewed(None, &Found::by_check(&checked), Some("x"), day()).unwrap();
    assert_eq!((renewed.added, renewed.left), (0, 1));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_place() {
    let text = r#"
versoin = 1
[[finding]]
fingerprint = "0f3a"
rule = "pin-operator"
reason = " "
date = "yesterday"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = 1
raeson = "x"
date = "2026-11-23"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = "tag-name"
path = "a"
reference = "b"
reason = "x"
date = "2026-11-23"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = "tag-name"
reason = "x"
date = "2026-11-23"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = "tag-name"
tag = "v0.4.4"
reason = "x"
date = "2026-11-23"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = "tag-name"
tag = "v0.4.4"
reason = "x"
date = "2026-11-23"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = "tag-name"
tag = " "
reason = "x"
date = "2026-11-23"
[[finding]]
fingerprint = "0f3a5c7e9b1d2468"
rule = "tag-name"
tag = ["v0.4.4"]
reason = "x"
date = "2026-11-23"
"#;
    let source = SourceText::new(text);
    let said: Vec<String> = parse(text)
        .unwrap_err()
        .iter()
        .map(|problem| {
            let place = source.location(problem.labels[0].span.start);
            format!("{}:{}: {} ({})", place.line, place.column, problem.message, problem.help)
        })
        .collect();
    expect![[r#"
        2:1: release-baseline.toml has no key `versoin` (did you mean `version`?)
        1:1: release-baseline.toml lacks `version` (add `version = 1` at the top)
        4:15: `0f3a` is not a fingerprint (16 hexadecimal digits; `--write-baseline` writes them)
        6:10: a finding is accepted without a reason (say why in `reason`)
        7:8: `yesterday` is not a day (write YYYY-MM-DD)
        11:1: [[finding]] has no key `raeson` (did you mean `reason`?)
        10:8: `rule` is integer, not a string (write a string)
        8:1: [[finding]] lacks `reason` (add `reason = "..."`)
        14:15: a finding has both `path` and `reference` (leave `path` for a file, `reference` for a tag or branch)
        21:15: release-baseline.toml has the fingerprint 0f3a5c7e9b1d2468 twice (remove one of the two entries)
        32:15: release-baseline.toml has the fingerprint 0f3a5c7e9b1d2468 at v0.4.4 twice (remove one of the two entries)
        40:7: `tag` is empty (name the tag that it was found at, or remove the key)
        46:7: `tag` is array, not a string (write a string)
        44:15: release-baseline.toml has the fingerprint 0f3a5c7e9b1d2468 twice (remove one of the two entries)"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn what_is_no_baseline_at_all_is_said_in_one_sentence() {
    for (text, message) in [
        ("version = ", "release-baseline.toml is not TOML"),
        ("", "release-baseline.toml lacks `version`"),
        ("version = 2", "release-baseline.toml has a version of the format that is not 1"),
        ("version = '1'", "release-baseline.toml has a version of the format that is not 1"),
        ("version = 1\nfinding = 3", "`finding` is integer, not an array of tables"),
        ("version = 1\n[finding]\n", "`finding` is table, not an array of tables"),
    ] {
        assert_eq!(parse(text).unwrap_err()[0].message, message, "{text}");
    }
}

#[test]
fn an_entry_of_another_rule_accepts_nothing() {
    let first = run(&scene("").context(), &Levels::default());
    let written = renewed(None, &Found::by_check(&first), Some("later"), day()).unwrap().text;
    let (_, checked) = with(scene(""), &written.replace("\"pin-operator\"", "\"pin-tables\""));
    let rules: Vec<_> = checked.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    assert_eq!(rules, ["pin-operator", "config-stale-baseline"]);
}

#[test]
fn what_an_audit_accepts_is_nothing_to_check() {
    let first = run(&scene("").context(), &Levels::default());
    let written = renewed(None, &Found::by_check(&first), Some("later"), day()).unwrap().text;
    let at_tag = written.replace("rule = \"pin-operator\"\n", "rule = \"pin-operator\"\ntag = \"v0.4.4\"\n");
    let (_, checked) = with(scene(""), &at_tag);
    let rules: Vec<_> = checked.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    assert_eq!((rules, checked.stale.len()), (vec!["pin-operator"], 0), "not used, and not stale");

    // Side by side, and the one of `check` is gone.
    let both = at_tag + written.split_once("version = 1\n").unwrap().1;
    let (context, checked) = with(scene(""), &both);
    assert_eq!((checked.baselined(), checked.diagnostics.len()), (1, 0));
    let mut mended = scene("");
    mended.files.values_mut().for_each(|text| *text = text.replace(">=0.4.5\"]", "==0.4.5\"]"));
    let (_, checked) = with(mended, &both);
    let again = renewed(context.baseline.as_ref(), &Found::by_check(&checked), None, day()).unwrap();
    assert_eq!((again.kept, again.dropped), (1, 1));
    assert_eq!(parse(&again.text).unwrap().entries[0].tag.as_deref(), Some("v0.4.4"));
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(
        texts in prop::collection::vec(("\\PC{0,20}|[\\x00-\\x7f\\\\\"']{0,20}", "\\PC{0,20}|[\\x00-\\x7f]{0,20}", any::<bool>(), any::<bool>()), 0..5)
    ) {
        let entries: Vec<Entry> = texts.into_iter().enumerate().map(|(at, (one, other, is_path, is_at_tag))| Entry {
            fingerprint: Fingerprint::parse(&format!("{at:016x}")).unwrap(),
            rule: "tag-name".to_owned(),
            tag: is_at_tag.then(|| format!("v{at}{one}")),
            place: Some(if is_path { Place::Path(one.clone()) } else { Place::Reference(one.clone()) }),
            message: other,
            reason: format!("x{one}"),
            date: day(),
            span: 0..0,
        }).collect();
        let mut entries = entries;
        let mut read = parse(&text(&entries)).unwrap().entries;
        entries.sort_by(|a, b| a.key().cmp(&b.key()));
        read.iter_mut().for_each(|entry| entry.span = 0..0);
        prop_assert_eq!(read, entries);
    }

    #[test]
    fn no_text_is_a_panic(text in "(version = 1\n)?(\\[\\[finding\\]\\]\n|(fingerprint|rule|reason|date|path) = [\"'\\[{a0-9. ]{0,6}[\"'\\]}]?\n|\\PC{0,10}){0,12}") {
        let _ = parse(&text);
    }
}
