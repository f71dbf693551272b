//! A `uv.lock` was written for other requirements than the manifest has.
//!
//! ## What it does
//!
//! Compares `requires-dist` and `requires-dev` of every package that a lockfile builds from the tree with the requirements
//! of its manifest, by meaning: specifiers, extras, groups under their canonical names. What is missing on either side is
//! reported too. Each client is a finding of its own; all other requirements of a package are one.
//!
//! ## Why is this bad?
//!
//! uv does not take such a lockfile: `uv sync --locked` fails, and `uv sync` resolves again, so that what is installed is not
//! what was tested.
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
//! dependencies = ["anyio>=4.2", "meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//!
//! [package.metadata]
//! requires-dist = [
//!     { name = "anyio", specifier = ">=4.1" },
//!     { name = "meadow-client", specifier = "==0.4.5" },
//! ]
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
//! dependencies = ["anyio>=4.2", "meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//!
//! [package.metadata]
//! requires-dist = [
//!     { name = "anyio", specifier = ">=4.2" },
//!     { name = "meadow-client", specifier = "==0.4.5" },
//! ]
//! ```
//!
//! ## Fix
//!
//! None: other requirements may need other versions, which uv has to find.

use crate::context::{Context, UvProject};
use crate::diagnostic::{Finding, Report};
use crate::uv::{Deviation, Local, Words, deviating, differences, locals, locks};
use release_core::lockfile::uv_lock::LockedRequirement;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (project, lock) in locks(context) {
        let locals = locals(context, project, lock);
        report.findings.extend(unknown(project, &locals));
        for local in locals {
            let manifest = &local.path;
            let words = Words {
                one: &|one| {
                    let says = one.places.first().map_or("records nothing", |(_, says)| says);
                    format!("{says} for `{}`", one.name)
                },
                several: &|count, names| match count {
                    1 => format!("records {names} otherwise than {manifest} asks for it"),
                    _ => format!("records {count} requirements otherwise than {manifest} asks for them: {names}"),
                },
                or: "",
            };
            let all = differences(&local).into_iter().map(|difference| Deviation {
                places: difference.recorded.iter().map(|entry| (entry.span.clone(), recorded(entry))).collect(),
                name: difference.name,
                pins: difference.declared,
            });
            report.findings.extend(deviating(context, &project.path, &local, all.collect(), &words));
        }
    }
}

/// A lockfile that does not know the package beside it at all.
fn unknown(project: &UvProject, locals: &[Local<'_>]) -> Option<Finding> {
    let (path, manifest) = project.manifest.as_ref()?;
    let name = manifest.read.project.as_ref()?.name.as_ref()?;
    if locals.iter().any(|local| local.path == *path) {
        return None;
    }
    let message = format!("{} does not know `{}`, the package of {path}", project.path, name.value);
    let finding = Finding::at(message, &project.path, 0..0, "no `[[package]]` with this folder as its source");
    let finding = finding.and(path, name.span.clone(), "the package");
    Some(finding.help(format!("run `uv lock` in the folder of {} and commit it", project.path)))
}

fn recorded(entry: &LockedRequirement) -> String {
    entry
        .specifier
        .as_ref()
        .map_or("records any version".to_owned(), |specifier| format!("records `{}`", specifier.value))
}

#[cfg(test)]
mod tests {

    use crate::rules::tests::Scene;

    const HEAD: &str = "[project]\nname = 'Meadow'\nversion = '0.4.5'\n";
    const PACKAGE: &str = "version = 1\n[[package]]\nname = 'meadow'\nversion = '0.4.5'\nsource = { editable = '.' }\n[package.metadata]\n";

    fn found(manifest: &str, metadata: &str, state: &str) -> Vec<(String, bool)> {
        let files = [("pyproject.toml", format!("{HEAD}{manifest}")), ("uv.lock", format!("{PACKAGE}{metadata}"))];
        let checked = Scene::of_files(files, state).checked();
        let own = checked.diagnostics.into_iter().filter(|diagnostic| diagnostic.rule == "uv-lock-stale");
        own.map(|diagnostic| (diagnostic.finding.problem.message, diagnostic.finding.in_flight)).collect()
    }

    #[test]
    fn a_lockfile_that_does_not_know_its_package_is_stale() {
        let scene = Scene::of_files([("pyproject.toml", HEAD), ("uv.lock", "version = 1\n")], "");
        assert_eq!(scene.fires(), ["uv-lock-stale"]);
    }

    #[test]
    fn what_means_the_same_is_silent() {
        for (manifest, metadata) in [
            ("dependencies = ['A.b >= 1, <2']", "requires-dist = [{ name = 'a-b', specifier = '<2.0,>=1' }]"),
            ("dependencies = ['a[X_y]']", "requires-dist = [{ name = 'a', extras = ['x-y'] }]"),
            ("dependencies = ['a==1']", "requires-dist = [{ name = 'a', editable = 'a' }]"),
            ("dependencies = ['a; python_version<\"3\"']", "requires-dist = []"),
            ("dependencies = ['a; os_name==\"nt\"']", "requires-dist = [{ name = 'a', marker = \"os_name == 'nt'\" }]"),
            (
                "optional-dependencies.C_d = ['a==1']",
                "requires-dist = [{ name = 'a', marker = \"extra == 'c-d'\", specifier = '==1' }]",
            ),
            (
                "optional-dependencies.all = ['meadow[c]']\noptional-dependencies.c = ['a']",
                "requires-dist = [{ name = 'a', marker = \"extra == 'all'\" }, { name = 'a', marker = \"extra == 'c'\" }]",
            ),
            ("dynamic = ['dependencies']", "requires-dist = [{ name = 'a' }]"),
            ("[dependency-groups]\nt_c = ['a']", "[package.metadata.requires-dev]\nt-c = [{ name = 'a' }]"),
            (
                "[dependency-groups]\na = [{include-group='b'}, 'x']\nb = ['y', {include-group='a'}]",
                "[package.metadata.requires-dev]\na = [{ name = 'x' }, { name = 'y' }]\nb = [{ name = 'x' }, { name = 'y' }]",
            ),
            (
                "[dependency-groups]\nt = ['a']\n[tool.uv.dependency-groups]\nt = { requires-python = '>=3.12' }",
                "[package.metadata.requires-dev]\nt = [{ name = 'a', marker = \"python_full_version >= '3.12'\" }]",
            ),
            ("[tool.uv]\ndev-dependencies = ['a']", "[package.metadata.requires-dev]\ndev = [{ name = 'a' }]"),
        ] {
            assert_eq!(found(manifest, metadata, ""), [], "{manifest}");
        }
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        for (manifest, metadata) in [
            ("dependencies = ['a']", "requires-dist = []"),
            ("", "requires-dist = [{ name = 'a' }]"),
            ("dependencies = ['a[x]']", "requires-dist = [{ name = 'a' }]"),
            ("dependencies = ['a>=1']", "requires-dist = [{ name = 'a' }]"),
            ("dependencies = ['a']", "requires-dist = [{ name = 'a', specifier = '>=1' }]"),
            ("dependencies = ['a']", "requires-dist = [{ name = 'a', marker = \"extra == 'x'\" }]"),
            ("dependencies = ['a']", "requires-dist = [{ name = 'a', marker = \"os_name == 'nt'\" }]"),
            (
                "[dependency-groups]\nt = ['a']",
                "[package.metadata.requires-dev]\nt = [{ name = 'a', marker = \"python_full_version >= '3.12'\" }]",
            ),
            ("[dependency-groups]\na = ['x']", "[package.metadata.requires-dev]\nb = [{ name = 'x' }]"),
        ] {
            assert_eq!(found(manifest, metadata, "").len(), 1, "{manifest}");
        }
    }

    #[test]
    fn only_the_client_of_a_release_on_its_way_may_differ() {
        let manifest = "dependencies = ['a>=2', 'meadow-client==0.4.5']";
        let metadata =
            "requires-dist = [{ name = 'a', specifier = '>=1' }, { name = 'meadow-client', specifier = '==0.4.4' }]";
        for (state, client_is_in_flight) in [("", true), ("tag v0.4.5 here", true), ("tag v0.4.5 past", false)] {
            let mut in_flight: Vec<bool> = found(manifest, metadata, state).into_iter().map(|(_, is)| is).collect();
            in_flight.sort();
            assert_eq!(in_flight, [false, client_is_in_flight], "{state}");
        }
        let of_another = found(&manifest.replace("0.4.5", "0.4.3"), metadata, "");
        assert!(of_another.iter().all(|(_, in_flight)| !in_flight));
    }
}
