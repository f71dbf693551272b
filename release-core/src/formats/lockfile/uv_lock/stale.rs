//! The differences between a lockfile and the manifests and settings for which uv would have to write it: those for which
//! `uv lock --check` ends with 1, as far as they are known without resolving anything.
//!
//! By experiment with uv 0.13.9, and compared with it in `tests/uv_lock/stale.rs`. Left out are the environment and the user's own
//! settings, which are not the tree's, and the version of a package of the tree, which [`super::compare`] has no part in.

mod clauses;
mod found;
mod groups;
mod indexes;
mod members;
mod options;
mod packages;
mod requirement;
mod sources;

use super::workspace::Workspace;
use crate::manifest::requirement::canonical_name;
use camino::Utf8PathBuf;
use std::collections::BTreeSet;

pub use found::{Changed, Staleness};

/// Returns the paths of manifests that were not read and have to be, if a lockfile is to be compared with them.
pub fn unread(workspace: &Workspace<'_>) -> Vec<Utf8PathBuf> {
    members::unread(workspace)
}

/// Compares a lockfile with its manifests and settings.
pub fn staleness<'a>(workspace: &Workspace<'a>) -> Staleness<'a> {
    let mut found = Staleness::default();
    let Some(root) = &workspace.root else {
        found.unknown.insert("the pyproject.toml beside it was not read".to_owned());
        return found;
    };
    let members = match members::members(workspace, root) {
        Ok(members) => members,
        Err(reason) => {
            found.unknown.insert(reason);
            return found;
        }
    };
    let locked: BTreeSet<String> =
        workspace.lock.packages.iter().map(|package| canonical_name(&package.name.value)).collect();
    options::compare(workspace, root, &members, &locked, &mut found);
    members::compare(workspace, root, &members, &mut found);
    packages::compare(workspace, root, &members, &locked, &mut found);
    indexes::compare(workspace, root, &mut found);
    found
}
