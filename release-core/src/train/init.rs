//! The steps that remain after a monorepo's move to setuptools-scm.

use super::{Step, StepId, in_turn};
use crate::text::quoted;
use camino::Utf8Path;

/// Returns the steps that remain after these files are edited: to commit them, and to check the result.
pub fn remaining<'a>(message: &str, files: impl IntoIterator<Item = &'a Utf8Path>) -> Vec<Step> {
    let files: Vec<_> = files.into_iter().map(|path| quoted(path.as_str())).collect();
    if files.is_empty() {
        return Vec::new();
    }
    let commit = format!("git commit --message {} -- {}", quoted(message), files.join(" "));
    in_turn([
        Step::ready(StepId::Commit, "commit the edits", [commit]),
        Step::ready(StepId::Checks, "check the result with the rules", ["cargo xtask release check".to_owned()]),
    ])
}
