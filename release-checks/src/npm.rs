//! The parts that rules about `package.json` and its lockfile share.

use crate::context::{Context, NpmLock, NpmProject};
use release_core::lockfile::package_lock::PackageLock;
use release_core::manifest::package_json::{Dependency, PackageJson};
use release_core::registry::Registry;
use release_core::version::Release;
use release_core::version::npm::read_version;

/// A `package.json` and its lockfile, both read.
pub(crate) struct Pair<'a> {
    /// Both files.
    pub(crate) project: &'a NpmProject,
    /// The content of `package.json`.
    pub(crate) package: &'a PackageJson,
    /// The lockfile.
    pub(crate) file: &'a NpmLock,
    /// The content of the lockfile.
    pub(crate) lock: &'a PackageLock,
}

/// Every `package.json` with a lockfile beside it, where both can be read.
pub(crate) fn pairs(context: &Context) -> impl Iterator<Item = Pair<'_>> {
    context.npm.iter().filter_map(|project| {
        let file = project.lock.as_ref()?;
        Some(Pair { project, package: project.package.as_ref().ok()?, file, lock: (*file.read).as_ref().ok()? })
    })
}

/// The release that a range begins with.
pub(crate) fn named(dependency: &Dependency) -> Option<Release> {
    let text = dependency.range.trim_start_matches(['^', '~', '>', '=', ' ']);
    let version = read_version(text)?;
    let base = Release::new(version.major, version.minor, version.patch);
    let candidate = version.pre.strip_prefix("rc.").and_then(|number| number.parse().ok());
    let release = candidate.map_or(base, |number| base.with_candidate(number));
    (release.npm() == version).then_some(release)
}

/// Tells if a range names a release that is on its way from here and whose client is not published yet.
pub(crate) fn is_in_flight(context: &Context, dependency: &Dependency) -> bool {
    named(dependency).is_some_and(|release| context.is_in_flight(Registry::Npm, &dependency.name, release))
}
