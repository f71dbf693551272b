//! The parts that rules about `package.json` and its lockfile share.

use crate::context::{Context, NpmLock, NpmProject};
use crate::diagnostic::Report;
use release_core::lockfile::package_lock::PackageLock;
use release_core::manifest::package_json::{Dependency, PackageJson};
use release_core::registry::Registry;
use release_core::version::Release;
use release_core::version::npm::{Spec, read_version};

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
    /// The folder of `package.json` from that of the lockfile, for a workspace; else empty.
    pub(crate) member: String,
}

/// Every `package.json` with a lockfile beside it, where both can be read.
pub(crate) fn pairs(context: &Context) -> impl Iterator<Item = Pair<'_>> {
    context.npm.iter().filter_map(|project| {
        let file = project.lock.as_ref()?;
        Some(Pair {
            project,
            package: project.package.as_ref().ok()?,
            file,
            lock: (*file.read).as_ref().ok()?,
            member: String::new(),
        })
    })
}

/// Every `package.json` with the lockfile beside it, or with that of the project of which it is a workspace.
pub(crate) fn pairs_and_members(context: &Context) -> impl Iterator<Item = Pair<'_>> {
    let alone = context.npm.iter().filter(|project| project.lock.is_none());
    pairs(context).chain(alone.filter_map(|project| member(context, project)))
}

/// Returns a workspace with the lockfile of its project: the nearest one above that has its folder.
fn member<'a>(context: &'a Context, project: &'a NpmProject) -> Option<Pair<'a>> {
    let folder = project.path.parent()?;
    folder.ancestors().skip(1).find_map(|above| {
        let root = pairs(context).find(|pair| pair.file.path.parent() == Some(above))?;
        let member = folder.strip_prefix(above).ok()?.to_string();
        let is_there =
            root.package.is_root_of(&member) || root.lock.packages.iter().any(|entry| entry.path.value == member);
        let package = project.package.as_ref().ok().filter(|_| is_there)?;
        Some(Pair { project, package, file: root.file, lock: root.lock, member })
    })
}

/// Notes the UIs whose lockfile is not npm's, or that have none: nothing is said of what is locked for them.
pub(crate) fn skip_others(context: &Context, report: &mut Report) {
    for project in context.npm.iter().filter(|project| project.lock.is_none()) {
        if context.monorepo.is_ui(&project.path) && member(context, project).is_none() {
            report.skip_partly(format!("{} has no package-lock.json, and other lockfiles are not read", project.path));
        }
    }
}

/// The release that a range begins with.
pub(crate) fn named(dependency: &Dependency) -> Option<Release> {
    // The version of an alias stands behind the last `@`.
    let range = dependency.range.strip_prefix("npm:").and_then(|alias| alias.rsplit('@').next());
    let text = range.unwrap_or(&dependency.range).trim_start_matches(['^', '~', '>', '=', ' ']);
    let version = read_version(text)?;
    let base = Release::new(version.major, version.minor, version.patch);
    let candidate = version.pre.strip_prefix("rc.").and_then(|number| number.parse().ok());
    let release = candidate.map_or(base, |number| base.with_candidate(number));
    (release.npm() == version).then_some(release)
}

/// Tells if a range names a release that is on its way from here and whose client is not published yet.
pub(crate) fn is_in_flight(context: &Context, dependency: &Dependency) -> bool {
    let spec = Spec::parse(&dependency.range);
    let package = spec.package(&dependency.name);
    named(dependency).is_some_and(|release| context.is_in_flight(Registry::Npm, package, release))
}
