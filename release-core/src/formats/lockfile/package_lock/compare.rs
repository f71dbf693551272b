//! The requirements of `package.json`, compared with their record in the lockfile.

use super::lock::PackageLock;
use crate::manifest::package_json::{Dependency, PackageJson};
use crate::version::npm::Spec;
use std::collections::{BTreeMap, BTreeSet};

/// A package that the two files require differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    /// The package.
    pub name: &'a str,
    /// The requirement in `package.json`, if any.
    pub wanted: Option<&'a Dependency>,
    /// The requirement in `packages[""]` of the lockfile, if any.
    pub recorded: Option<&'a Dependency>,
}

/// Returns the dependencies that differ between the files, by meaning and by table, in the order of their names;
/// empty if the lockfile has no entry for the project.
pub fn differences<'a>(package: &'a PackageJson, lock: &'a PackageLock) -> Vec<Difference<'a>> {
    differences_of(package, lock, "")
}

/// Returns the same for a folder of the repository, by its path from the lockfile: a workspace of the project.
pub fn differences_of<'a>(package: &'a PackageJson, lock: &'a PackageLock, member: &str) -> Vec<Difference<'a>> {
    let Some(project) = lock.packages.iter().find(|entry| entry.path.value == member) else { return Vec::new() };
    let (wanted, recorded) = (by_table(&package.dependencies), by_table(&project.dependencies));
    let keys: BTreeSet<_> = wanted.keys().chain(recorded.keys()).copied().collect();
    let difference = |key: (&'a str, &'a str)| {
        let (wanted, recorded) = (wanted.get(&key).copied(), recorded.get(&key).copied());
        let is_same = match (wanted, recorded) {
            (Some(wanted), Some(recorded)) => {
                wanted.range == recorded.range || Spec::parse(&wanted.range) == Spec::parse(&recorded.range)
            }
            _ => false,
        };
        (!is_same).then_some(Difference { name: key.0, wanted, recorded })
    };
    keys.into_iter().filter_map(difference).collect()
}

/// Returns the dependencies by name and table. As in npm, an optional dependency does not count in another table.
fn by_table(dependencies: &[Dependency]) -> BTreeMap<(&str, &str), &Dependency> {
    let is_optional = |dependency: &&Dependency| dependency.table == "optionalDependencies";
    let optional: BTreeSet<&str> = dependencies.iter().filter(is_optional).map(|found| found.name.as_str()).collect();
    let counts = |dependency: &&Dependency| dependency.table != "dependencies" || !optional.contains(&*dependency.name);
    dependencies.iter().filter(counts).map(|found| ((found.name.as_str(), found.table), found)).collect()
}
