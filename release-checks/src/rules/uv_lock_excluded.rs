//! A `uv.lock` holds a version that the manifest excludes.
//!
//! ## What it does
//!
//! Looks up what every package that a lockfile builds from the tree asks for, and reports names of which no locked version
//! satisfies the specifier. Only packages from an index count, and pre-releases count like other versions. Requirements with
//! a marker, which may never be installed, are looked at for clients alone. What `tool.uv.override-dependencies` replaces is
//! left out.
//!
//! ## Why is this bad?
//!
//! What is installed from the lockfile is not what was asked for: a release is tested with a client that it refuses.
//!
//! A client that is released together with the tree cannot be locked before it is published. That alone is a warning, until
//! the release's tag is behind.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["anyio>=4.2"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "anyio"
//! version = "4.1.0"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//!
//! [package.metadata]
//! requires-dist = [{ name = "anyio", specifier = ">=4.2" }]
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["anyio>=4.2"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "anyio"
//! version = "4.2.0"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//!
//! [package.metadata]
//! requires-dist = [{ name = "anyio", specifier = ">=4.2" }]
//! ```
//!
//! ## Fix
//!
//! None: uv has to find the version and its files.

use crate::context::Context;
use crate::diagnostic::Report;
use crate::uv::{Deviation, Local, Sides, Words, deviating, indexed, is_client, locals, locks, scope};
use camino::Utf8Path;
use release_core::lockfile::uv_lock::UvLock;
use release_core::manifest::TomlString;
use release_core::manifest::pyproject::Declared;
use release_core::manifest::requirement::canonical_name;
use release_core::version::Version;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The locked versions of every name.
type Locked<'a> = HashMap<&'a str, Vec<(&'a TomlString, Version)>>;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (project, lock) in locks(context) {
        let locked = locked(lock);
        for local in locals(context, project) {
            let first = |name: &str| locked.get(name)?.first().map(|(text, _)| text.value.as_str());
            let words = Words {
                one: &|one| format!("locks `{}` {}", one.name, first(&one.name).unwrap_or_default()),
                several: &|count, names| {
                    let what =
                        if count == 1 { "a version".to_owned() } else { format!("versions of {count} packages") };
                    format!("locks {what} that {} excludes: {names}", local.path)
                },
                or: ", or pin the client that was meant",
            };
            let deviation = |(name, pins): (String, _)| {
                let versions = locked.get(name.as_str()).into_iter().flatten();
                let places = versions.map(|(text, _)| (text.span.clone(), "is locked".to_owned())).collect();
                Deviation { name, places, pins, in_full: false }
            };
            let has_groups = is_member(&local, &project.path, lock);
            let all = excluded(context, &local, &locked, has_groups).into_iter().map(deviation).collect();
            let sides = Sides { lock: &project.path, manifest: &local.path, entry: local.entry.name.span.clone() };
            report.findings.extend(deviating(context, &sides, all, &words));
        }
    }
}

fn locked(lock: &UvLock) -> Locked<'_> {
    let mut locked = Locked::new();
    for (package, text, _) in indexed(lock) {
        if let Ok(version) = Version::parse(&text.value) {
            locked.entry(&package.name.value).or_default().push((text, version));
        }
    }
    locked
}

/// Tells if a package is a member of the lockfile's workspace. Of others, as of a folder that is asked for by its path, uv locks
/// no groups.
fn is_member(local: &Local<'_>, path: &Utf8Path, lock: &UvLock) -> bool {
    let name = canonical_name(&local.entry.name.value);
    local.path.parent() == path.parent()
        || lock.recorded.members.iter().any(|member| canonical_name(&member.value) == name)
}

/// The requirements that no locked version satisfies, by name.
fn excluded<'a>(
    context: &Context,
    local: &Local<'a>,
    locked: &Locked<'_>,
    has_groups: bool,
) -> BTreeMap<String, Vec<&'a Declared>> {
    let requirements = &local.manifest.requirements;
    let overrides = requirements.iter().filter(|declared| declared.table == "tool.uv.override-dependencies");
    let overridden: BTreeSet<String> = overrides.map(Declared::name).collect();
    let mut found: BTreeMap<String, Vec<&Declared>> = BTreeMap::new();
    for declared in requirements {
        let (Ok(requirement), Some(scope)) = (&declared.requirement, scope(&declared.table)) else { continue };
        if !has_groups && scope.starts_with("dependency-groups.") {
            continue;
        }
        let Some(specifier) = requirement.specifier() else { continue };
        let name = requirement.name.canonical();
        let counts = requirement.marker.is_none() || is_client(context, &local.path, &name);
        let satisfies = |(_, version): &(_, Version)| specifier.contains(version);
        if let Some(versions) = locked.get(name.as_str())
            && counts
            && !overridden.contains(&name)
            && !versions.iter().any(satisfies)
        {
            found.entry(name).or_default().push(declared);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(requirements: &str, locked: &str) -> usize {
        let manifest = format!("[project]\nname = 'meadow'\nversion = '0.4.5'\n{requirements}");
        let lock = format!(
            "version = 1\n[[package]]\nname = 'meadow'\nversion = '0.4.5'\nsource = {{ editable = '.' }}\n{locked}"
        );
        let files = [("pyproject.toml", manifest), ("uv.lock", lock)];
        Scene::of_files(files, "").count("uv-lock-excluded")
    }

    #[test]
    fn one_version_of_several_is_enough_and_only_what_comes_from_an_index_counts() {
        let a = |version: &str, source: &str| {
            format!("[[package]]\nname = 'a'\nversion = '{version}'\nsource = {{ {source} = 'x' }}\n")
        };
        for (requirements, locked, expected) in [
            ("dependencies = ['a>=2']", a("1.0", "registry"), FIRES),
            ("dependencies = ['a>=2']", a("1.0", "registry") + &a("2.0", "registry"), SILENT),
            ("dependencies = ['a>=2']", a("1.0", "git"), SILENT),
            ("dependencies = ['a>=2']", String::new(), SILENT),
            ("dependencies = ['a>=2; python_version<\"3\"']", a("1.0", "registry"), SILENT),
            ("dependencies = ['a>=1.0rc1']", a("1.0rc2", "registry"), SILENT),
            ("dependencies = ['a>=1']\n[tool.uv]\noverride-dependencies = ['a==0.9']", a("0.9", "registry"), SILENT),
            ("[tool.uv]\nconstraint-dependencies = ['a>=2']", a("1.0", "registry"), SILENT),
        ] {
            assert_eq!(fires(requirements, &locked), expected, "{requirements}");
        }
    }

    #[test]
    fn the_groups_of_a_folder_that_is_no_member_are_not_locked() {
        for (members, table, expected) in [
            ("", "[dependency-groups]\ndev = ['a==2']", SILENT),
            ("[manifest]\nmembers = ['meadow', 'meadow-api']\n", "[dependency-groups]\ndev = ['a==2']", FIRES),
            ("", "[project.optional-dependencies]\ndev = ['a==2']", FIRES),
        ] {
            let entry = |name: &str, folder: &str| {
                format!("[[package]]\nname = '{name}'\nversion = '0.4.5'\nsource = {{ editable = '{folder}' }}\n")
            };
            let locked = "[[package]]\nname = 'a'\nversion = '1.0'\nsource = { registry = 'x' }\n";
            let files = [
                ("pyproject.toml", "[project]\nname = 'meadow'\nversion = '0.4.5'\n".to_owned()),
                ("api/pyproject.toml", format!("[project]\nname = 'meadow-api'\nversion = '0.4.5'\n{table}\n")),
                (
                    "uv.lock",
                    format!("version = 1\n{members}{locked}{}{}", entry("meadow", "."), entry("meadow-api", "api")),
                ),
            ];
            assert_eq!(Scene::of_files(files, "").count("uv-lock-excluded"), expected, "{members} {table}");
        }
    }
}
