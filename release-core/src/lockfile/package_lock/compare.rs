//! What `package.json` asks for beside what the lockfile has noted down of it.

use super::PackageLock;
use crate::manifest::package_json::{Dependency, PackageJson};
use crate::version::npm::Spec;
use std::collections::{BTreeMap, BTreeSet};

/// A name that both files ask for otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    /// The package.
    pub name: &'a str,
    /// What `package.json` says, if anything.
    pub wanted: Option<&'a Dependency>,
    /// What `packages[""]` of the lockfile says, if anything.
    pub recorded: Option<&'a Dependency>,
}

/// The dependencies that both files have otherwise, by meaning and by table, in the order of their names; none where the
/// lockfile has no entry of the project.
pub fn differences<'a>(package: &'a PackageJson, lock: &'a PackageLock) -> Vec<Difference<'a>> {
    let Some(project) = lock.project() else { return Vec::new() };
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

/// The dependencies by name and table. What is optional is no dependency besides, as npm has it.
fn by_table(dependencies: &[Dependency]) -> BTreeMap<(&str, &str), &Dependency> {
    let is_optional = |dependency: &&Dependency| dependency.table == "optionalDependencies";
    let optional: BTreeSet<&str> = dependencies.iter().filter(is_optional).map(|found| found.name.as_str()).collect();
    let counts = |dependency: &&Dependency| dependency.table != "dependencies" || !optional.contains(&*dependency.name);
    dependencies.iter().filter(counts).map(|found| ((found.name.as_str(), found.table), found)).collect()
}
