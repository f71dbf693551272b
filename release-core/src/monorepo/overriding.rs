//! Overrides of a UI's client: versions that are put in place of what the UI asks for, in its own `package.json` or for its
//! whole workspace.

use super::clients::Ui;
use super::discovery::Monorepo;
use crate::manifest::package_json::{NPM_OVERRIDES, Override};
use crate::manifest::shared::FILES;
use crate::version::npm::{Spec, read_version};
use camino::Utf8Path;

/// An override of a UI's client.
#[derive(Clone, Copy, Debug)]
pub struct Overriding<'a> {
    /// The file.
    pub path: &'a Utf8Path,
    /// The override.
    pub found: &'a Override,
}

impl Monorepo {
    /// Returns the overrides of a UI's client: its own, those of the roots of workspaces above, and of pnpm's settings there.
    pub fn overriding<'a>(&'a self, ui: &Ui) -> Vec<Overriding<'a>> {
        let mut all = Vec::new();
        for folder in ui.path.ancestors() {
            let shared = FILES.iter().filter_map(|name| self.shared.get_key_value(&folder.join(name)));
            let shared: Vec<_> = shared.map(|(path, file)| (path.as_path(), &file.read.overrides)).collect();
            let package = self.package_jsons.get_key_value(&folder.join("package.json"));
            let own = package.filter(|(_, read)| folder == ui.path || !shared.is_empty() || read.workspaces.is_some());
            let own = own.map(|(path, read)| (path.as_path(), &read.overrides));
            for (path, overrides) in own.into_iter().chain(shared) {
                all.extend(overrides.iter().map(|found| Overriding { path, found }));
            }
        }
        all.retain(|one| one.found.name == ui.key);
        all
    }
}

impl Overriding<'_> {
    /// Returns `true` if it is of the UI's own `package.json`.
    pub fn is_own(&self, ui: &Ui) -> bool {
        self.path.file_name() == Some("package.json") && self.path.parent() == Some(&ui.path)
    }

    /// Returns `true` if it is one of npm, which refuses to install where it differs from a dependency of the same file.
    pub fn is_of_npm(&self) -> bool {
        self.found.table == NPM_OVERRIDES && self.path.file_name() == Some("package.json")
    }

    /// Returns `true` if it puts another version than this one, in npm's spelling, in place of every requirement.
    pub fn is_at_other_than(&self, version: &str) -> bool {
        read_version(self.found.wanted.value.trim()) != read_version(version)
            && read_version(&self.found.wanted.value).is_some()
    }

    /// Returns `true` if it puts something else in place of this range: neither the same, nor a reference to the dependency, nor,
    /// where that is allowed, one of its versions.
    pub fn differs_from(&self, range: &str) -> bool {
        let value = self.found.wanted.value.trim();
        let (wanted, own) = (Spec::parse(range), Spec::parse(value));
        let is_version_of = |version: semver::Version| wanted.range().is_some_and(|range| range.contains(&version));
        let follows = value.strip_prefix('$') == Some(&self.found.name);
        let is_one = !self.is_of_npm() && read_version(value).is_some_and(is_version_of);
        !(follows || is_one || own == wanted)
    }
}
