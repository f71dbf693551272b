//! The effect of preparing a release on manifests.

mod adopt;
mod completing;
mod development;
mod lists;
mod locked;
mod pins;
mod preconditions;
mod refusals;
mod rewrite_pins;
mod unwritten;
mod versions;

use super::{Locks, Plan, prepare};
use crate::monorepo::tests::{Files, discovered, noted};
use crate::text::SourceText;
use crate::version::Release;

/// The tags of the repository of the trees.
const TAGS: &str = "v0.3.0 v0.4.3 v0.4.4";

/// Returns the plan for a tree, or the problems.
fn plan(files: Files<'_>, config: &str, release: &str) -> Result<Plan, String> {
    let release = Release::parse(release).unwrap();
    let monorepo = discovered(files, config, TAGS).map_err(|problems| noted(&problems, files))?;
    let is_lock = |path: &str| path.ends_with("uv.lock");
    let locks: Locks = files
        .iter()
        .filter(|(path, _)| is_lock(path))
        .map(|(path, text)| ((*path).into(), SourceText::new(*text)))
        .collect();
    let locks = if super::needs_locks(&monorepo) { locks } else { Locks::new() };
    prepare(&monorepo, release, &locks).map_err(|problems| noted(&problems, files))
}

/// Returns the files of a tree after a release was prepared in it. Preparing it a second time finds nothing to do.
#[track_caller]
fn prepared(files: Files<'_>, config: &str, release: &str) -> Vec<String> {
    let plan = plan(files, config, release).unwrap_or_else(|problems| panic!("{problems}"));
    let text = |path: &str, text: &str| {
        let changed = plan.files.iter().find(|file| file.path == path);
        changed.map_or(text.to_owned(), |file| file.new.as_str().to_owned())
    };
    let after: Vec<String> = files.iter().map(|(path, old)| text(path, old)).collect();

    let again: Vec<(&str, &str)> = files.iter().zip(&after).map(|((path, _), text)| (*path, text.as_str())).collect();
    let again = self::plan(&again, config, release).unwrap_or_else(|problems| panic!("the second time: {problems}"));
    assert!(again.is_done(), "the second time: {:#?}", again.sites);
    after
}

/// Returns the only manifest of a tree after a release was prepared.
#[track_caller]
fn prepared_root(text: &str, config: &str, release: &str) -> String {
    prepared(&[("pyproject.toml", text)], config, release).remove(0)
}
