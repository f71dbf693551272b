//! Whole manifests, generated from parts: preparing a release changes only the bytes of the sites, does so once, and
//! can be undone.

#[path = "manifests/generate.rs"]
mod generate;

use generate::{Part, incomplete, manifest};
use proptest::prelude::*;
use release_core::history::History;
use release_core::manifest::pyproject::Pyproject;
use release_core::monorepo::{Config, Monorepo, Snapshot, discover};
use release_core::plan::{Locks, Outcome, Plan, PlannedKind, prepare};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::version::Release;

const LAST: Release = Release::new(0, 4, 4);
const PATCH: Release = Release::new(0, 4, 5);
const MINOR: Release = Release::new(0, 5, 0);

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_the_bytes_of_the_sites_change(parts in manifest()) {
        let old = Part::text(&parts, "0.4.4");
        let plan = planned(&old, PATCH).unwrap();
        prop_assert_eq!(after(&plan, &old), Part::text(&parts, "0.4.5"));

        let (changed, others): (Vec<_>, Vec<_>) = plan.sites.iter().partition(|site| site.outcome == Outcome::Changed);
        prop_assert_eq!(changed.len(), Part::sites(&parts));
        prop_assert!(changed.iter().all(|site| old[site.span.clone()].contains("0.4.4")));
        // A package that requires itself does so without a version.
        prop_assert!(others.iter().all(|site| (site.kind, site.outcome) == (PlannedKind::SiblingPin, Outcome::Kept)));
        differs_within_sites(&plan, &old)?;
    }

    #[test]
    fn what_is_prepared_stays_and_is_never_taken_back(parts in manifest()) {
        let old = Part::text(&parts, "0.4.4");
        let new = after(&planned(&old, PATCH).unwrap(), &old);
        prop_assert!(planned(&new, PATCH).unwrap().is_done());

        // A version never goes down.
        prop_assert!(planned(&new, LAST).is_err());
    }

    #[test]
    fn a_minor_completes_what_is_missing_and_keeps_every_line(old in incomplete()) {
        let completed = |text: &str| {
            let monorepo = monorepo(&[("pyproject.toml", text), ("sibling/pyproject.toml", SIBLING)]).unwrap();
            prepare(&monorepo, MINOR, &Locks::new()).unwrap()
        };
        let new = after(&completed(&old), &old);
        let read = Pyproject::parse(&SourceText::new(new.as_str())).unwrap();
        prop_assert!(read.project.is_some_and(|project| project.is_dynamic() && project.version.is_none()), "{}", new);
        prop_assert!(read.build_system.is_some_and(|build| build.requires_scm()), "{}", new);
        prop_assert_eq!(read.scm.and_then(|scm| scm.fallback_version).map(|text| text.value), Some("0.5.0".to_owned()));
        prop_assert!(completed(&new).files.iter().all(|file| file.path != "pyproject.toml"));

        // Only lines with a version or the end of a list may have changed.
        let mut rest = new.trim_start_matches('\u{feff}').lines();
        let is_edited = |line: &&str| line.contains(['\'', '"']) || line.starts_with("requires");
        let mut stays = old.trim_start_matches('\u{feff}').lines().filter(|line| !is_edited(line));
        prop_assert!(stays.all(|line| rest.any(|other| other == line)), "{}", new);
        prop_assert_eq!(new.contains("\r\n"), old.contains("\r\n"));
        prop_assert_eq!(new.replace("\r\n", "").contains('\n'), old.replace("\r\n", "").contains('\n'));
        prop_assert_eq!(new.ends_with('\n'), old.ends_with('\n'));
    }

    #[test]
    fn what_is_broken_anywhere_is_an_error_or_still_only_changes_sites(
        parts in manifest(), cut in any::<prop::sample::Index>(), length in 0usize..12, junk in "[\\[\\]{}\"'=.,#\\n\\r a@ä]{0,4}",
    ) {
        let text = Part::text(&parts, "0.4.4");
        let boundaries: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let start = cut.index(boundaries.len());
        let end = (start + length).min(boundaries.len() - 1);
        let broken = format!("{}{junk}{}", &text[..boundaries[start]], &text[boundaries[end]..]);
        for release in [PATCH, MINOR] {
            holds(&broken, release)?;
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\PC\\n\\r\\t]{0,200}", head in any::<bool>()) {
        let head = if head { "[project]\nname = \"a\"\nversion = \"0.4.4\"\n" } else { "" };
        for release in [PATCH, MINOR] {
            holds(&format!("{head}{text}"), release)?;
        }
    }
}

/// Checks that a text is refused, or that its plan changes only sites and leaves nothing to do.
fn holds(text: &str, release: Release) -> Result<(), TestCaseError> {
    let Ok(plan) = planned(text, release) else { return Ok(()) };
    differs_within_sites(&plan, text)?;
    let again = planned(&after(&plan, text), release);
    prop_assert!(again.as_ref().is_ok_and(Plan::is_done), "{:?}\n{}\n{}", again, text, after(&plan, text));
    Ok(())
}

/// Checks that the text between the changed sites is also in the new text, in its order; added configuration has its
/// own check.
fn differs_within_sites(plan: &Plan, old: &str) -> Result<(), TestCaseError> {
    let changed: Vec<_> = plan.sites.iter().filter(|site| site.outcome == Outcome::Changed).collect();
    if changed.iter().any(|site| site.kind == PlannedKind::ScmConfiguration) {
        return Ok(());
    }
    let new = after(plan, old);
    let mut rest = new.as_str();
    let mut copied = 0;
    for site in changed {
        let kept = &old[copied..site.span.start];
        let at = rest.find(kept);
        prop_assert!(at.is_some(), "{:?} is lost", kept);
        rest = &rest[at.unwrap_or_default() + kept.len()..];
        copied = site.span.end;
    }
    prop_assert!(rest.ends_with(&old[copied..]));
    Ok(())
}

fn after(plan: &Plan, old: &str) -> String {
    let file = plan.files.iter().find(|file| file.path == "pyproject.toml");
    file.map_or(old.to_owned(), |file| file.new.as_str().to_owned())
}

fn planned(text: &str, release: Release) -> Result<Plan, Vec<Problem>> {
    prepare(&monorepo(&[("pyproject.toml", text)])?, release, &Locks::new())
}

/// A tree of these manifests.
fn monorepo(files: &[(&str, &str)]) -> Result<Monorepo, Vec<Problem>> {
    let mut snapshot = Snapshot::default();
    snapshot.texts.extend(files.iter().map(|(path, text)| ((*path).into(), SourceText::new(*text))));
    discover(snapshot, &Config::default(), &History::default())
}

/// A package with the complete configuration, which makes it a monorepo of setuptools-scm.
const SIBLING: &str = "[build-system]
requires = [\"setuptools-scm>=8\"]
[project]
name = \"meadow-api\"
dynamic = [\"version\"]
[tool.setuptools_scm]
root = \"..\"
fallback_version = \"0.4.4\"
";
