//! A `uv.lock` was written for other requirements than the manifest has.
//!
//! ## What it does
//!
//! Compares all that a lockfile records with what it is recorded from, as `uv lock --check` does: the requirements, extras and
//! groups of every package that it builds from the tree, the members of the workspace and whether each is a package,
//! `requires-python`, constraints, overrides, excludes and build constraints, `dependency-metadata`, `environments`, `conflicts`,
//! `exclude-newer`, `resolution`, `prerelease` and `fork-strategy`, from `[tool.uv]` or the `uv.toml` that replaces it. Requirements
//! are compared by meaning: the versions, extras and sources that they ask for in each environment.
//!
//! Each client is a finding of its own; all other requirements of a manifest are one, and each setting is one. The version of a
//! package of the tree is left to [uv-lock-version](uv-lock-version.md), and the versions that are locked to
//! [uv-lock-excluded](uv-lock-excluded.md) and [uv-lock-series](uv-lock-series.md): no two of these rules speak about one place.
//!
//! What only uv can tell is said as skipped: dynamic requirements, sources by git, `requires-python` where no manifest has it,
//! comparisons of which uv alone knows whether they are the same. Variables such as `UV_EXCLUDE_NEWER` and the settings of a user
//! are not looked at: a lockfile is right for its tree, or it is not.
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

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::uv::{Deviation, Sides, Words, deviating, locks};
use camino::Utf8Path;
use release_core::lockfile::uv_lock::compare::Difference;
use release_core::lockfile::uv_lock::{Changed, LockedRequirement, Manifests, Workspace, staleness};
use std::collections::BTreeMap;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (project, _) in locks(context) {
        let Some(workspace) = project.workspace(&context.monorepo, Manifests::new()) else { continue };
        let found = staleness(&workspace);
        let unread = project.settings.as_ref().err().cloned();
        for reason in found.unknown.into_iter().chain(unread) {
            report.skip_partly(format!("{}: {reason}", project.path));
        }
        report.findings.extend(found.others.iter().map(|changed| other(&project.path, changed)));
        let mut by_manifest: BTreeMap<&Utf8Path, Vec<Difference<'_>>> = BTreeMap::new();
        for (path, difference) in found.requirements {
            by_manifest.entry(path).or_default().push(difference);
        }
        for (manifest, differences) in by_manifest {
            let sides = Sides { lock: &project.path, manifest, entry: entry(&workspace, manifest) };
            let words = Words {
                one: &|one| {
                    let says: Vec<&str> = one.places.iter().map(|(_, says)| says.as_str()).collect();
                    let says = if one.in_full {
                        says.join(" and ")
                    } else {
                        says.first().copied().unwrap_or_default().to_owned()
                    };
                    format!("{} for `{}`", if says.is_empty() { "records nothing" } else { &says }, one.name)
                },
                several: &|count, names| match count {
                    1 => format!("records {names} otherwise than {manifest} asks for it"),
                    _ => format!("records {count} requirements otherwise than {manifest} asks for them: {names}"),
                },
                or: "",
            };
            let all = differences.into_iter().map(deviation).collect();
            report.findings.extend(deviating(context, &sides, all, &words));
        }
    }
}

/// The place in the lockfile for what it does not record of a manifest.
fn entry(workspace: &Workspace<'_>, manifest: &Utf8Path) -> release_core::text::Span {
    let local = workspace.locals.iter().find(|local| local.path == manifest);
    local.map_or(0..0, |local| local.entry.name.span.clone())
}

/// A name in a table that is recorded otherwise.
fn deviation<'a>(difference: Difference<'a>) -> Deviation<'a> {
    let in_full = difference.has_same_versions();
    let recorded = difference.recorded.iter();
    Deviation {
        places: recorded.map(|entry| (entry.span.clone(), recorded_as(entry, in_full))).collect(),
        name: difference.name,
        pins: difference.declared,
        in_full,
    }
}

/// Says what is recorded of a requirement, in full with its extras and its marker.
fn recorded_as(entry: &LockedRequirement, in_full: bool) -> String {
    let specifier = entry.specifier.as_ref().map(|specifier| specifier.value.as_str());
    if !in_full {
        return specifier.map_or("records any version".to_owned(), |specifier| format!("records `{specifier}`"));
    }
    let extras: Vec<&str> = entry.extras.iter().map(|extra| extra.value.as_str()).collect();
    let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
    let marker = entry.marker.as_ref().map_or(String::new(), |marker| format!("; {}", marker.value));
    format!("records `{}{extras}{}{marker}`", entry.name.value, specifier.unwrap_or_default())
}

/// A setting, or a part of a manifest, that is recorded otherwise.
fn other(lock: &Utf8Path, changed: &Changed) -> Finding {
    let label = if changed.recorded.is_some() { "recorded" } else { "not recorded" };
    let finding = Finding::at(changed.sentence(lock.as_str()), lock, changed.lock.clone().unwrap_or(0..0), label);
    let finding = match &changed.place {
        Some(place) => finding.and(&changed.file, place.clone(), "what the lockfile is to be for"),
        None => finding,
    };
    finding.help(format!("run `uv lock` in the folder of {lock} and commit it"))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    const HEAD: &str = "[project]\nname = 'Meadow'\nversion = '0.4.5'\n";
    const PACKAGE: &str = "version = 1\nrevision = 3\n[[package]]\nname = 'meadow'\nversion = '0.4.5'\nsource = { virtual = '.' }\n[package.metadata]\n";

    fn scene(manifest: &str, metadata: &str, state: &str) -> Scene {
        let files = [("pyproject.toml", format!("{HEAD}{manifest}")), ("uv.lock", format!("{PACKAGE}{metadata}"))];
        Scene::of_files(files, state)
    }

    fn messages(scene: &Scene) -> Vec<(String, bool)> {
        let checked = scene.checked();
        let own = checked.diagnostics.into_iter().filter(|diagnostic| diagnostic.rule == "uv-lock-stale");
        own.map(|diagnostic| (diagnostic.finding.problem.message, diagnostic.finding.in_flight)).collect()
    }

    fn found(manifest: &str, metadata: &str, state: &str) -> Vec<(String, bool)> {
        messages(&scene(manifest, metadata, state))
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
            (
                "dependencies = ['a==1']\n[tool.uv.sources]\na = { path = 'a', editable = true }",
                "requires-dist = [{ name = 'a', editable = 'a' }]",
            ),
            ("dependencies = ['a; os_name==\"nt\"']", "requires-dist = [{ name = 'a', marker = \"os_name == 'nt'\" }]"),
            (
                "optional-dependencies.C_d = ['a==1']",
                "requires-dist = [{ name = 'a', marker = \"extra == 'c-d'\", specifier = '==1' }]\nprovides-extras = ['c-d']",
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
    fn extras_that_include_others_are_recorded_as_they_are_or_with_what_those_ask_for() {
        let manifest = "[build-system]\nrequires = ['setuptools-scm>=8']\n[project]\nname = 'meadow'\ndynamic = ['version']\noptional-dependencies.all = ['meadow[c]']\noptional-dependencies.c = ['a']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";
        let lock = |all: &str| {
            format!(
                "version = 1\nrevision = 3\n[[package]]\nname = 'meadow'\nsource = {{ editable = '.' }}\n[package.metadata]\nrequires-dist = [{all}{{ name = 'a', marker = \"extra == 'c'\" }}]\nprovides-extras = ['all', 'c']\n"
            )
        };
        let scene = |all: &str| Scene::of_files([("pyproject.toml", manifest.to_owned()), ("uv.lock", lock(all))], "");
        for (all, is_stale) in [
            ("{ name = 'a', marker = \"extra == 'all'\" },", false),
            ("{ name = 'meadow', extras = ['c'], marker = \"extra == 'all'\" },", false),
            ("{ name = 'b', marker = \"extra == 'all'\" },", true),
            ("", true),
        ] {
            assert_eq!(!messages(&scene(all)).is_empty(), is_stale, "{all}");
        }
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        for (manifest, metadata) in [
            ("dependencies = ['a']", "requires-dist = []"),
            ("dependencies = ['a']", ""),
            ("dependencies = ['a; python_version<\"3\"']", "requires-dist = []"),
            ("", "requires-dist = [{ name = 'a' }]"),
            ("dependencies = ['a[x]']", "requires-dist = [{ name = 'a' }]"),
            ("dependencies = ['a>=1']", "requires-dist = [{ name = 'a' }]"),
            ("dependencies = ['a']", "requires-dist = [{ name = 'a', specifier = '>=1' }]"),
            ("dependencies = ['a']", "requires-dist = [{ name = 'a', editable = 'a' }]"),
            ("dependencies = ['a']", "requires-dist = [{ name = 'a', marker = \"os_name == 'nt'\" }]"),
            (
                "[dependency-groups]\nt = ['a']",
                "[package.metadata.requires-dev]\nt = [{ name = 'a', marker = \"python_full_version >= '3.12'\" }]",
            ),
        ] {
            assert_eq!(found(manifest, metadata, "").len(), 1, "{manifest}");
        }
    }

    #[test]
    fn a_finding_says_what_both_sides_have() {
        for (manifest, metadata, expected) in [
            (
                "optional-dependencies.x = ['meadow-client==0.4.4; python_version<\"3.13\"', 'meadow-client[fast]==0.4.4; python_version>=\"3.13\"']",
                "requires-dist = [{ name = 'meadow-client', specifier = '==0.4.4', marker = \"extra == 'x'\" }]\nprovides-extras = ['x']",
                "records `meadow-client==0.4.4; extra == 'x'` for `meadow-client`, where pyproject.toml asks for `meadow-client==0.4.4; python_version<\"3.13\"` and `meadow-client[fast]==0.4.4; python_version>=\"3.13\"`",
            ),
            (
                "optional-dependencies.x = []",
                "",
                "does not record `project.optional-dependencies.x`, which pyproject.toml has",
            ),
            (
                "",
                "provides-extras = ['x']",
                "records `project.optional-dependencies.x`, which pyproject.toml does not have",
            ),
            ("[dependency-groups]\nx = []", "", "does not record `dependency-groups.x`, which pyproject.toml has"),
            (
                "[tool.uv]\nresolution = 'lowest'",
                "",
                "does not record `resolution`, which is `lowest` in pyproject.toml",
            ),
            (
                "[tool.uv]\nexclude-newer = '2026-03-01T00:00:00Z'",
                "[options]\nexclude-newer = '2026-03-02T00:00:00Z'",
                "records `2026-03-02T00:00:00Z` for `exclude-newer`, where pyproject.toml has `2026-03-01T00:00:00Z`",
            ),
            (
                "[tool.uv]\npackage = true",
                "",
                "records virtual in `.` for the source of `meadow`, where pyproject.toml has editable in `.`",
            ),
        ] {
            let found = found(manifest, metadata, "");
            assert_eq!(found, [(format!("uv.lock {expected}"), false)], "{manifest}");
        }
    }

    #[test]
    fn a_uv_toml_replaces_the_settings_of_the_manifest() {
        let stale = |settings: &str, file: &str| {
            messages(&scene(&format!("[tool.uv]\n{settings}"), "", "").with("uv.toml", file))
                .into_iter()
                .map(|(text, _)| text)
                .collect::<Vec<_>>()
        };
        assert_eq!(stale("resolution = 'lowest'", ""), Vec::<String>::new());
        assert_eq!(
            stale("", "resolution = 'lowest'"),
            ["uv.lock does not record `resolution`, which is `lowest` in uv.toml"]
        );
    }

    #[test]
    fn a_member_that_no_release_owns_counts_as_one() {
        let member = "[project]\nname = 'pond'\nversion = '1'\n";
        let scene = scene("[tool.uv.workspace]\nmembers = ['examples/*']\n", "", "")
            .with("examples/pond/pyproject.toml", member);
        let found: Vec<_> = messages(&scene).into_iter().map(|(text, _)| text).collect();
        assert_eq!(
            found,
            [
                "uv.lock does not record the member `meadow`, which pyproject.toml has",
                "uv.lock does not record the package `pond`, which examples/pond/pyproject.toml has",
            ]
        );
    }

    #[test]
    fn what_only_uv_can_tell_is_skipped_with_the_reason() {
        for (manifest, metadata, expected) in [
            ("requires-python = '>=3.11'", "", "uv.lock: the lockfile records no `requires-python`"),
            (
                "dynamic = ['dependencies']",
                "",
                "uv.lock: pyproject.toml leaves `dependencies` to its build; uv.lock: the lockfile records no `requires-python`",
            ),
            (
                "dependencies = ['a @ git+https://git.example/a']",
                "requires-dist = [{ name = 'a', git = 'https://git.example/a' }]",
                "uv.lock: only uv can tell how `a` of `project.dependencies` in pyproject.toml is recorded; uv.lock: the lockfile records no `requires-python`",
            ),
        ] {
            let report = scene(manifest, metadata, "").report("uv-lock-stale");
            assert_eq!((report.findings.len(), report.skipped.as_deref()), (0, Some(expected)), "{manifest}");
        }
    }

    #[test]
    fn an_index_that_the_tree_does_not_name_is_left_to_the_settings_of_the_user() {
        let entry = |name: &str, index: &str| {
            format!("[[package]]\nname = '{name}'\nversion = '1'\nsource = {{ registry = 'https://{index}' }}\n")
        };
        let lock = [entry("a", "i.example"), entry("b", "i.example"), entry("c", "test.example")].concat();
        let index = |url: &str, more: &str| format!("[[tool.uv.index]]\nurl = 'https://{url}'\n{more}\n");
        for (settings, unnamed) in [
            (String::new(), &[][..]),
            (index("o.example", ""), &["test.example"]),
            (index("test.example", ""), &[]),
            (index("test.example", "default = true"), &["i.example"]),
        ] {
            let skipped = scene(&settings, &lock, "").report("uv-lock-stale").skipped.unwrap();
            for host in ["i.example", "test.example"] {
                let is_said = skipped.contains(&format!("packages are from https://{host}, which"));
                assert_eq!(is_said, unnamed.contains(&host), "{settings}: {skipped}");
            }
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
