//! Any text is a manifest or refused, and what is planned for it changes the planned places alone and leaves nothing to do.
#![no_main]

use camino::Utf8PathBuf;
use libfuzzer_sys::fuzz_target;
use release_core::history::{History, Tag};
use release_core::history::TagPattern;
use release_core::monorepo::{Config, Snapshot, discover};
use release_core::plan::{Locks, Outcome, Plan, PlannedKind, prepare};
use release_core::text::SourceText;
use release_core::version::Release;

fuzz_target!(|text: &str| {
    for path in ["pyproject.toml", "src/meadow/pyproject.toml"] {
        for release in [Release::new(0, 4, 5), Release::new(0, 5, 0), Release::new(1, 0, 0).with_candidate(1)] {
            holds(path, text, release);
        }
    }
});

fn holds(path: &str, text: &str, release: Release) {
    let Some(plan) = planned(path, text, release) else { return };
    let new = plan.files.first().map_or(text, |file| file.new.as_str());
    only_planned_places_differ(&plan, text, new);

    let again = planned(path, new, release).unwrap_or_else(|| panic!("refused the second time:\n{new}"));
    assert!(again.is_done(), "planned the second time:\n{new}\n{:#?}", again.sites);
}

/// What stands between the places is in the new text too, in its order.
fn only_planned_places_differ(plan: &Plan, old: &str, new: &str) {
    let changed = || plan.sites.iter().filter(|site| site.outcome == Outcome::Changed);
    // What is added to the configuration of setuptools-scm is proved where it is planned.
    if changed().any(|site| site.kind == PlannedKind::ScmConfiguration) {
        return;
    }
    let mut rest = new;
    let mut copied = 0;
    for site in changed() {
        let kept = &old[copied..site.span.start];
        let at = rest.find(kept).unwrap_or_else(|| panic!("{kept:?} is lost:\n{new}"));
        rest = &rest[at + kept.len()..];
        copied = site.span.end;
    }
    assert!(rest.ends_with(&old[copied..]));
}

/// The plan for a tree of one manifest; nothing where it is refused, with words and places that can be shown.
fn planned(path: &str, text: &str, release: Release) -> Option<Plan> {
    let mut snapshot = Snapshot::default();
    let source = SourceText::new(text);
    snapshot.texts.insert(Utf8PathBuf::from(path), source.clone());
    let tag = Tag { name: "v0.4.4".to_owned(), commit: String::new() };
    let history = History::new(&[tag], &TagPattern::default());
    let plan = discover(snapshot, &Config::default(), &history)
        .and_then(|monorepo| prepare(&monorepo, release, &Locks::new()));
    plan.map_err(|problems| {
        for problem in problems {
            assert!(!problem.message.contains("does not hold"), "{}\n{text}", problem.message);
            for label in &problem.labels {
                assert!(source.as_str().get(label.span.clone()).is_some(), "{label:?}");
            }
        }
    })
    .ok()
}
