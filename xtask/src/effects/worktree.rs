//! Temporary work trees: what is done to another branch is done there, and the checkout stays as it is.

use super::lock::Lock;
use crate::checkout::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use release_core::plan::PlannedFile;
use std::fs;

/// A temporary work tree has the files that it needs, however few the checkout has.
const WHOLE: &str = "core.sparseCheckout=false";

/// The part of a commit that is checked out.
#[derive(Clone, Copy)]
pub(crate) enum Extent<'a> {
    /// Everything.
    Whole,
    /// These files alone; the index has all.
    Files(&'a [Utf8PathBuf]),
}

/// Does something in a temporary work tree at a commit, its head detached. The tree is removed, whatever happens.
pub(crate) fn with<T>(
    repository: &Repository,
    lock: &Lock,
    base: &str,
    extent: Extent<'_>,
    work: impl FnOnce(&Git, &Utf8Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let tree = lock.make_folder()?;
    let outcome = check_out(repository, &tree, base, extent).and_then(|inside| work(&inside, &tree));
    // Whatever happened, the work tree goes; what went wrong is the better error.
    let discarded = lock.discard(&repository.location, &tree);
    let outcome = outcome?;
    discarded?;
    Ok(outcome)
}

fn check_out(repository: &Repository, tree: &Utf8Path, base: &str, extent: Extent<'_>) -> anyhow::Result<Git> {
    let checkout: &[&str] = if matches!(extent, Extent::Whole) { &[] } else { &["--no-checkout"] };
    // What is to run after a checkout is for work trees that stay.
    let add = ["-c", "core.hooksPath=/dev/null", "-c", WHOLE, "worktree", "add", "--quiet", "--detach"];
    repository.git.obtain_checkout(base)?;
    repository.git.read(&[&add, checkout, &[tree.as_str(), base]].concat())?;
    let inside = repository.git_in(tree)?;
    if let Extent::Files(paths) = extent {
        inside.read(&["-c", WHOLE, "read-tree", "HEAD"])?;
        let listed: String = paths.iter().map(|path| format!("{path}\0")).collect();
        let output = inside.output(&["-c", WHOLE, "checkout-index", "-z", "--stdin"], Some(&listed))?;
        if !output.status.success() {
            bail!("could not check out the files: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
    Ok(inside)
}

/// Writes new texts of files. No other run has this tree, and a half-written one is thrown away: there is nothing to take back.
/// What was checked out may differ from a plan's old text in its line endings, which the commit makes the same again.
pub(crate) fn write(tree: &Utf8Path, files: &[PlannedFile]) -> anyhow::Result<()> {
    for file in files {
        let path = tree.join(&file.path);
        fs::write(&path, file.new.as_str()).with_context(|| format!("could not write {path}; nothing was changed"))?;
    }
    Ok(())
}
