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
use crate::diagnostic::{Finding, Report};
use crate::level::Level;
use crate::rule::{Rule, comment_of};
use crate::uv::{Local, SHOWN, is_client, is_in_flight, listed, locals, locks, scope, wanted};
use camino::Utf8Path;
use release_core::lockfile::uv_lock::{SourceKind, UvLock};
use release_core::manifest::TomlString;
use release_core::manifest::pyproject::Declared;
use release_core::version::Version;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The rule of this file.
pub(crate) const RULE: Rule =
    Rule::of_tree("uv-lock-excluded", Level::Error, comment_of!("uv_lock_excluded.rs"), check);

/// The locked versions of every name.
type Locked<'a> = HashMap<&'a str, Vec<(&'a TomlString, Version)>>;

fn check(context: &Context, report: &mut Report) {
    for (project, lock) in locks(context) {
        let locked = locked(lock);
        for local in locals(context, project, lock) {
            let mut found = excluded(context, &local, &locked);
            found.retain(|name, pins| {
                let is_client = is_client(context, &local, name);
                if is_client {
                    report.find(of_client(context, &project.path, &local, name, pins, &locked));
                }
                !is_client
            });
            report.findings.extend(of_others(&project.path, &local, &found, &locked));
        }
    }
}

fn locked(lock: &UvLock) -> Locked<'_> {
    let mut locked = Locked::new();
    for package in &lock.packages {
        let is_from_index = package.source.as_ref().is_some_and(|source| source.kind == SourceKind::Registry);
        let Some(text) = package.version.as_ref().filter(|_| is_from_index) else { continue };
        if let Ok(version) = Version::parse(&text.value) {
            locked.entry(&package.name.value).or_default().push((text, version));
        }
    }
    locked
}

/// The requirements that no locked version satisfies, by name.
fn excluded<'a>(context: &Context, local: &Local<'a>, locked: &Locked<'_>) -> BTreeMap<String, Vec<&'a Declared>> {
    let requirements = &local.manifest.requirements;
    let overrides = requirements.iter().filter(|declared| declared.table == "tool.uv.override-dependencies");
    let overridden: BTreeSet<String> = overrides.map(Declared::name).collect();
    let mut found: BTreeMap<String, Vec<&Declared>> = BTreeMap::new();
    for declared in requirements {
        let (Ok(requirement), Some(_)) = (&declared.requirement, scope(&declared.table)) else { continue };
        let Some(specifier) = requirement.specifier() else { continue };
        let name = requirement.name.canonical();
        let counts = requirement.marker.is_none() || is_client(context, local, &name);
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

fn of_client(
    context: &Context,
    path: &Utf8Path,
    local: &Local<'_>,
    name: &str,
    pins: &[&Declared],
    locked: &Locked<'_>,
) -> Finding {
    let in_flight = is_in_flight(context, pins);
    let version = locked.get(name).and_then(|versions| versions.first()).map_or("", |(text, _)| text.value.as_str());
    let asks = pins.first().map_or_else(String::new, |pin| wanted(pin));
    let resolved = if in_flight { ", which is resolved after publication" } else { "" };
    let message = format!("{path} locks `{name}` {version}, where {} asks for {asks}{resolved}", local.path);
    let finding = labelled(message, path, local, &[(name, pins)], locked);
    let finding = finding.help(match in_flight {
        true => format!("once `{name}` is published, run `uv lock` in the folder of {path} and commit it"),
        false => format!("run `uv lock` in the folder of {path} and commit it, or pin the client that was meant"),
    });
    finding.in_flight(in_flight)
}

fn of_others(
    path: &Utf8Path,
    local: &Local<'_>,
    found: &BTreeMap<String, Vec<&Declared>>,
    locked: &Locked<'_>,
) -> Option<Finding> {
    if found.is_empty() {
        return None;
    }
    let (count, names) = (found.len(), listed(found.keys().map(String::as_str)));
    let what = if count == 1 { "a version".to_owned() } else { format!("versions of {count} packages") };
    let message = format!("{path} locks {what} that {} excludes: {names}", local.path);
    let first: Vec<(&str, &[&Declared])> =
        found.iter().take(SHOWN).map(|(name, pins)| (name.as_str(), pins.as_slice())).collect();
    Some(
        labelled(message, path, local, &first, locked)
            .help(format!("run `uv lock` in the folder of {path} and commit it")),
    )
}

/// A finding with the locked versions and the requirements that exclude them.
fn labelled(
    message: String,
    path: &Utf8Path,
    local: &Local<'_>,
    found: &[(&str, &[&Declared])],
    locked: &Locked<'_>,
) -> Finding {
    let mut versions = found.iter().filter_map(|(name, _)| locked.get(name)).flatten().map(|(text, _)| *text);
    let first = versions.next().unwrap_or(&local.entry.name);
    let mut finding = Finding::at(message, path, first.span.clone(), "is locked");
    for text in versions {
        finding = finding.and(path, text.span.clone(), "is locked");
    }
    for pin in found.iter().flat_map(|(_, pins)| *pins) {
        finding = finding.and(&local.path, pin.text.span.clone(), format!("asks for {}", wanted(pin)));
    }
    finding
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(requirements: &str, locked: &str) -> usize {
        let manifest = format!("[project]\nname = 'meadow'\nversion = '0.4.5'\n{requirements}");
        let lock = format!(
            "version = 1\n[[package]]\nname = 'meadow'\nversion = '0.4.5'\nsource = {{ editable = '.' }}\n{locked}"
        );
        let files = [("pyproject.toml".into(), manifest), ("uv.lock".into(), lock)].into();
        Scene { files, state: String::new() }.count(&super::RULE)
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
}
