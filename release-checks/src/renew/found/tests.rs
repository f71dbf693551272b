use crate::baseline::{Baseline, FILE_NAME};
use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::fingerprint::Fingerprints;
use crate::level::{Level, Levels, SetBy};
use crate::renew::{Seen, renewed};
use crate::run::{AcceptedBy, Checked, ignore_at, report_stale};
use camino::Utf8Path;
use release_core::calendar::Day;
use release_core::monorepo::Config;
use release_core::text::SourceText;
use std::collections::BTreeMap;

const TAGS: [&str; 4] = ["v0.4.0", "v0.4.1", "v0.4.2", "unfit"];

fn parse(text: &str) -> Baseline {
    Baseline::parse(Utf8Path::new(FILE_NAME), &SourceText::new(text)).unwrap()
}

fn day() -> Day {
    Day::parse("2026-11-23").unwrap()
}

/// Findings of rules, each with the file that it is about; a place that begins with `v` is a tag.
fn checked(found: &[(&'static str, &str)]) -> Checked {
    let mut fingerprints = Fingerprints::default();
    let diagnostic = |(rule, place): &(&'static str, &str)| {
        let finding = match place.starts_with('v') {
            true => Finding::about("it is so", *place),
            false => Finding::at("it is so", Utf8Path::new(place), 0..0, ""),
        };
        let fingerprint = fingerprints.next(&finding.subject(rule, None));
        Diagnostic { rule, level: Level::Error, set_by: SetBy::Default, fingerprint, finding }
    };
    Checked { diagnostics: found.iter().map(diagnostic).collect(), ..Checked::default() }
}

/// The same defect at two tags, one that is mended at the second, and one of the past.
fn audit() -> (BTreeMap<&'static str, Checked>, Checked) {
    let first = checked(&[("pin-operator", "a.toml"), ("pin-tables", "a.toml")]);
    let tags = [("v0.4.0", first), ("v0.4.1", checked(&[("pin-operator", "a.toml")])), ("v0.4.2", checked(&[]))];
    (tags.into(), checked(&[("tag-gap", "v0.4.1")]))
}

fn seen<'a>(tags: &'a BTreeMap<&str, Checked>, past: &'a Checked, levels: &'a Levels) -> Seen<'a> {
    let looked_at = tags.iter().map(|(tag, checked)| (*tag, Some(checked))).chain([("unfit", None)]);
    Seen { tags: looked_at.collect(), past, known: TAGS.into(), levels }
}

fn entry(rule: &str, tag: &str, place: &str) -> String {
    let tag = if tag.is_empty() { String::new() } else { format!("tag = '{tag}'\n") };
    format!(
        "[[finding]]\nfingerprint = '0f3a5c7e9b1d2468'\nrule = '{rule}'\n{tag}{place}\nreason = 'x'\ndate = '2026-11-23'\n"
    )
}

#[test]
fn what_is_written_is_accepted_at_its_tag_and_nowhere_else() {
    let (tags, past) = audit();
    let levels = Levels::default();
    let all = seen(&tags, &past, &levels);
    let written = renewed(None, &all.found(None), Some("as it was"), day()).unwrap();
    assert_eq!((written.added, written.kept), (4, 0));
    let order: Vec<_> = parse(&written.text).entries.into_iter().map(|entry| (entry.tag, entry.rule)).collect();
    let of = |tag: &str, rule: &str| (Some(tag.to_owned()), rule.to_owned());
    assert_eq!(order[0], (None, "tag-gap".to_owned()));
    assert!(order.contains(&of("v0.4.1", "pin-operator")) && !order.contains(&of("v0.4.1", "pin-tables")), "{order:?}");

    let baseline = parse(&written.text);
    let mut at_first = checked(&[("pin-operator", "a.toml"), ("pin-operator", "b.toml")]);
    baseline.accept(Some("v0.4.0"), &mut at_first);
    assert_eq!((at_first.diagnostics.len(), at_first.baselined()), (1, 1), "another finding is new");
    assert_eq!(at_first.accepted[0].reason.as_deref(), Some("as it was"));
    let mut at_another = checked(&[("pin-operator", "a.toml")]);
    baseline.accept(Some("v0.4.2"), &mut at_another);
    assert_eq!((at_another.diagnostics.len(), at_another.baselined()), (1, 0), "and so is the same at another tag");
    baseline.accept(None, &mut at_another);
    assert_eq!(at_another.baselined(), 0, "and in the work tree");

    let again = renewed(Some(&baseline), &seen(&tags, &past, &levels).found(Some(&baseline)), None, day()).unwrap();
    assert_eq!((again.text, again.kept, again.dropped), (written.text, 4, 0));
}

#[test]
fn only_what_an_audit_could_have_found_is_gone() {
    let mut ignored = Levels::default();
    ignored.set("pin-tables", Level::Ignore, SetBy::Flag);
    let plain = Levels::default();
    for (rule, tag, place, levels, stale) in [
        ("pin-tables", "v0.4.1", "", &plain, true),
        ("pin-tables", "v0.4.1", "", &ignored, false),
        ("no-such-rule", "v0.4.1", "", &plain, true),
        // It could not tell.
        ("pin-unpublished", "v0.4.1", "", &plain, false),
        // Not looked at, not fit to be looked at, not there.
        ("pin-tables", "v0.4.0", "", &plain, false),
        ("pin-tables", "unfit", "", &plain, false),
        ("pin-tables", "v0.3.9", "", &plain, true),
        ("tag-gap", "", "reference = 'v0.3.9'", &plain, true),
        ("tag-dev-history", "", "reference = 'v0.3.9'", &plain, false),
        // Those of `check`.
        ("pin-tables", "", "path = 'a.toml'", &plain, false),
        ("no-such-rule", "", "path = 'a.toml'", &plain, false),
    ] {
        let baseline = parse(&format!("version = 1\n{}", entry(rule, tag, place)));
        let mut tags = audit().0;
        tags.remove("v0.4.0");
        for checked in tags.values_mut() {
            checked.skipped.push(Skipped { rule: "pin-unpublished", reason: "not asked".to_owned() });
        }
        let mut past = checked(&[]);
        past.skipped.push(Skipped { rule: "tag-dev-history", reason: "not told".to_owned() });
        let found = seen(&tags, &past, levels).found(Some(&baseline));
        assert_eq!(!found.stale.is_empty(), stale, "{rule} {tag} {place}");
        let kept = renewed(Some(&baseline), &found, Some("x"), day()).unwrap().kept;
        assert_eq!(kept, usize::from(!stale), "{rule} {tag} {place}");
    }
}

#[test]
fn what_is_stale_is_said_with_its_tag_and_can_be_ignored() {
    let text = format!(
        "version = 1\n{}{}",
        entry("pin-tables", "v0.3.9", "path = 'a.toml'"),
        entry("pin-tables", "v0.4.2", "path = 'a.toml'")
    );
    let baseline = parse(&text);
    let stale: Vec<_> = baseline.entries.iter().collect();
    let told = |config: &str, levels: &Levels| {
        let config = Config::parse(Utf8Path::new("release.toml"), &SourceText::new(config)).unwrap();
        let mut checked = Checked::default();
        report_stale(&baseline, &stale, &TAGS.into(), &config, levels, &mut checked);
        checked.diagnostics.iter().map(|found| found.finding.problem.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        told("", &Levels::default()),
        [
            "release-baseline.toml accepts a finding of `pin-tables` at v0.3.9, and there is no such tag",
            "release-baseline.toml accepts a finding of `pin-tables` in a.toml at v0.4.2 that is gone",
        ]
    );
    let ignore = "[[ignore]]\nrule = 'config-stale-baseline'\npath = 'release-baseline.toml'\nreason = 'x'\n";
    assert!(told(ignore, &Levels::default()).is_empty());
    let mut levels = Levels::default();
    levels.set("config-stale-baseline", Level::Ignore, SetBy::Flag);
    assert!(told("", &levels).is_empty());
}

#[test]
fn an_entry_of_release_toml_is_about_a_tag_a_file_a_folder_or_a_reference() {
    for (place, accepted) in [
        ("", 3),
        ("path = 'v0.4.0'", 3),
        ("path = 'v0.4.1'", 1),
        ("path = 'src'", 1),
        ("path = 'src/'", 1),
        ("path = 'src/a.toml'", 1),
        ("path = 'sr'", 0),
        ("path = 'v0.4.2'", 0),
    ] {
        let text = format!("[[ignore]]\nrule = 'pin-operator'\n{place}\nreason = ' an old one '\n");
        let config = Config::parse(Utf8Path::new("release.toml"), &SourceText::new(text.as_str())).unwrap();
        let mut found = checked(&[
            ("pin-operator", "src/a.toml"),
            ("pin-operator", "b.toml"),
            ("pin-operator", "v0.4.1"),
            ("pin-tables", "b.toml"),
        ]);
        ignore_at(&config, [("v0.4.0", &mut found)]);
        assert_eq!((found.ignored(), found.diagnostics.len()), (accepted, 4 - accepted), "{place}");
        let is_whole =
            |by, reason: &Option<String>| by == AcceptedBy::Configuration && reason.as_deref() == Some("an old one");
        assert!(found.accepted.iter().all(|accepted| is_whole(accepted.by, &accepted.reason)));
    }
}
