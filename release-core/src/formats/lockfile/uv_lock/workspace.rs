//! The manifests that a lockfile was written for: those of the packages that it builds from the tree, and the one beside it,
//! of which uv reads some lists alone and records them in `[manifest]`.

use super::compare::{Difference, Local, locals, paired, paired_lists};
use super::lists::{BUILD_CONSTRAINTS, CONSTRAINTS, OVERRIDES, only_bounds};
use super::lock::{LockedGroup, UvLock};
use crate::manifest::pyproject::{Declared, Pyproject};
use crate::manifest::uv_settings::UvSettings;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The manifests of a lockfile.
#[derive(Clone, Debug)]
pub struct Workspace<'a> {
    /// The packages that are built from the tree and whose manifests are known.
    pub locals: Vec<Local<'a>>,
    /// The manifest beside the lockfile.
    pub root: Option<Root<'a>>,
    /// The path of the lockfile.
    pub path: Utf8PathBuf,
    /// Its content.
    pub lock: &'a UvLock,
    /// All manifests of the tree; `None` for those that were not read.
    pub manifests: Manifests<'a>,
    /// The settings that hold for it.
    pub settings: UvSettings,
    /// The file that has them, or would have them.
    pub settings_path: Utf8PathBuf,
}

/// Manifests by their paths; `None` for those that were not read.
pub type Manifests<'a> = BTreeMap<&'a Utf8Path, Option<&'a Pyproject>>;

/// The manifest beside a lockfile, with the record of the lists that uv reads of it alone.
#[derive(Clone, Debug)]
pub struct Root<'a> {
    /// The manifest's path.
    pub path: Utf8PathBuf,
    /// The manifest.
    pub manifest: &'a Pyproject,
    /// The lists of the lockfile, under the names of the manifest's tables.
    pub lists: &'a [LockedGroup],
}

impl<'a> Workspace<'a> {
    /// Returns the manifests of the lockfile at this path, with the settings of the manifest beside it.
    pub fn of(path: &Utf8Path, lock: &'a UvLock, manifests: Manifests<'a>) -> Self {
        let manifest = |path: &Utf8Path| manifests.get(path).copied().flatten();
        let beside = path.with_file_name("pyproject.toml");
        let settings = manifest(&beside).map(|read| read.uv.settings.clone()).unwrap_or_default();
        let root = manifest(&beside).map(|read| Root { path: beside.clone(), manifest: read, lists: &lock.lists });
        let locals = locals(path, lock, manifest);
        Self { locals, root, path: path.to_owned(), lock, manifests, settings, settings_path: beside }
    }

    /// Returns it with other settings, and the file that has them.
    #[must_use]
    pub fn with_settings(self, settings: UvSettings, path: &Utf8Path) -> Self {
        Self { settings, settings_path: path.to_owned(), ..self }
    }

    /// Returns every required name in every locked table, with the path of its manifest.
    pub(super) fn pairs(&self) -> Vec<(&Utf8Path, Difference<'a>)> {
        let of_locals = self.locals.iter().flat_map(|local| paired(local).into_iter().map(|pair| (&*local.path, pair)));
        let root = self
            .root
            .iter()
            .flat_map(|root| paired_lists(root.manifest, root.lists).into_iter().map(|pair| (&*root.path, pair)));
        of_locals.chain(root).collect()
    }

    /// Returns `true` if a manifest asks for a package, in every environment and from an index, and the lockfile records nothing
    /// of that.
    pub fn lacks(&self, name: &str) -> bool {
        let asks = |declared: &&Declared| declared.requirement.as_ref().is_ok_and(|asked| asked.marker.is_none());
        let is_lacking = |pair: &Difference<'_>| {
            let is_asked = !pair.has_source && !only_bounds(&pair.scope) && pair.declared.iter().any(asks);
            pair.name == name && pair.recorded.is_empty() && is_asked
        };
        self.pairs().iter().any(|(_, pair)| is_lacking(pair))
    }

    /// Returns the requirements among which uv chooses the version of a name: its overrides, where there are any.
    pub(super) fn choosing(&self, name: &str) -> Vec<(&Utf8Path, Difference<'a>)> {
        let is_chosen_by = |pair: &Difference<'_>| pair.name == name && pair.scope != BUILD_CONSTRAINTS;
        let pairs: Vec<_> = self.pairs().into_iter().filter(|(_, pair)| is_chosen_by(pair)).collect();
        let is_override = |pair: &Difference<'_>| pair.scope == OVERRIDES;
        if pairs.iter().any(|(_, pair)| is_override(pair) && !pair.declared.is_empty()) {
            let is_left = |pair: &Difference<'_>| is_override(pair) || pair.scope == CONSTRAINTS;
            return pairs.into_iter().filter(|(_, pair)| is_left(pair)).collect();
        }
        pairs
    }
}
