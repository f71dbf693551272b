//! The tool from which a build takes a package's version, if it is setuptools-scm or another.

use super::flavor::Flavor;
use crate::manifest::pyproject::{Project, Pyproject, SETUPTOOLS_SCM};

/// The source of a build's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `project.version`.
    Static(String),
    /// setuptools-scm, asked by setuptools or by hatch-vcs.
    Scm,
    /// No tool at all: setuptools calls the build 0.0.0. The reason, and the way out.
    Nothing(String),
    /// Another tool, or none that can be told. The reason, and the way out.
    Other(String),
}

/// Returns the source of a package's version. `script` is its `setup.py`, `config` its `setup.cfg`.
pub fn source(manifest: &Pyproject, flavor: Flavor, script: Option<&str>, config: Option<&str>) -> Source {
    let project = manifest.project.as_ref();
    let version = project.and_then(|project| project.version.as_ref()).map(|(version, _)| version.value.clone());
    let is_dynamic = project.is_some_and(Project::is_dynamic);
    match version {
        Some(version) if !is_dynamic => return Source::Static(version),
        Some(_) => {
            return other("`project` has a version and says that it is dynamic, and no tool builds it: remove one");
        }
        None if !is_dynamic => {
            return other("`project` has no version, and no tool builds it: add `dynamic = [\"version\"]`");
        }
        None => {}
    }
    match manifest.backend() {
        None => of_setuptools(manifest, flavor, script, config),
        Some(name) if name.starts_with("setuptools") => of_setuptools(manifest, flavor, script, config),
        Some("hatchling.build") => of_hatchling(manifest),
        Some(name) => other(&format!("`{name}` builds it, which does not ask setuptools-scm: ask that tool")),
    }
}

fn other(reason: &str) -> Source {
    Source::Other(reason.to_owned())
}

fn of_hatchling(manifest: &Pyproject) -> Source {
    let requires =
        |name: &str| manifest.build_system.as_ref().is_some_and(|build| build.names().any(|other| other == name));
    match &manifest.hatch_vcs {
        None => other("hatchling builds it, and `tool.hatch.version` does not say `source = \"vcs\"`: ask hatch"),
        Some(_) if !requires("hatch-vcs") => other(
            "hatchling builds it, and fails: `build-system.requires` does not name hatch-vcs, which `source = \"vcs\"` needs: add it",
        ),
        Some(_) => Source::Scm,
    }
}

fn of_setuptools(manifest: &Pyproject, flavor: Flavor, script: Option<&str>, config: Option<&str>) -> Source {
    let overriding =
        manifest.other_version_source.filter(|table| crate::manifest::pyproject::OVERRIDING.contains(table));
    if let Some(table) = overriding {
        return other(&format!("a build has its version from `{table}`, whatever setuptools-scm says: remove one"));
    }
    if script.is_some_and(|script| script.contains("version")) {
        return other("setup.py may give the build a version, or settings to setuptools-scm: build it and see");
    }
    let is_version =
        |line: &str| line.strip_prefix("version").is_some_and(|rest| rest.trim_start().starts_with(['=', ':']));
    if config.is_some_and(|config| config.lines().any(is_version)) {
        return other("setup.cfg may give the build a version: remove it there, or build it and see");
    }
    let Some(build) = &manifest.build_system else {
        return nothing("there is no `[build-system]` with a requirement on setuptools-scm", "add it");
    };
    let table = manifest.scm.as_ref().filter(|table| table.name == SETUPTOOLS_SCM || flavor >= Flavor::V10);
    let is_simple = build.requires_simple_scm() && flavor >= Flavor::V9;
    if build.requires_scm() && (table.is_some() || is_simple) {
        return Source::Scm;
    }
    if let Some(name) = build.other_tool() {
        let message = "no table and requirement make setuptools-scm name the build, and perhaps";
        return other(&format!("{message} `{name}` does, which `build-system.requires` names: ask that tool"));
    }
    if !build.requires_scm() {
        return nothing("`build-system.requires` does not name setuptools-scm", "add `setuptools-scm>=8.0`");
    }
    match &manifest.scm {
        Some(table) => nothing(
            &format!("setuptools-scm {flavor} does not read `[{}]`", table.name),
            "require `setuptools-scm>=10`, or rename it to `[tool.setuptools_scm]`",
        ),
        None => nothing(
            "there is no `[tool.setuptools_scm]`",
            "add it, or require `setuptools-scm[simple]>=9.2`, in this very spelling",
        ),
    }
}

fn nothing(reason: &str, help: &str) -> Source {
    Source::Nothing(format!("{reason}, so that setuptools finds no version and calls the build 0.0.0: {help}"))
}
