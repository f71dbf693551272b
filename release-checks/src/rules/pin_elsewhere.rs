//! A file that no release edits asks for another version than the release.
//!
//! ## What it does
//!
//! On the branch of a line, looks for clients and packages of the monorepo in lists for pip (`requirements*.txt`,
//! `constraints*.txt`), container files, workflows, `setup.py`, `setup.cfg`, `tox.ini`, `noxfile.py`, `Pipfile` and conda's
//! environments, and in tables of tools in the manifests (`tool.uv.sources`, `tool.uv.dependency-metadata`, poetry's
//! dependencies). A place that does not admit the version of the release is reported, and so are a client that is taken
//! from a repository or folder, and requirements that are dynamic and read from no file that the manifest names.
//! Clients whose policy is `keep` are left alone. The trees of an audit are not searched for such files.
//!
//! ## Why is this bad?
//!
//! What is built or tested by such a file has the client of another release, and no release moves it.
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
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```text Dockerfile
//! FROM python:3.12
//! RUN pip install meadow-client==0.4.4
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
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```text Dockerfile
//! FROM python:3.12
//! RUN pip install meadow-client==0.4.5
//! ```
//!
//! ## Fix
//!
//! None: the file may be written by another tool.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins;

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(_), Some(release)) = (report.known(&context.branch), pins::release(context)) else { return };
    if context.line().is_none() {
        return;
    }
    for place in &context.elsewhere {
        if let Some(problem) = place.against(&context.monorepo, release) {
            report.find(Finding::of(problem, "elsewhere"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn places_that_exclude_the_release_are_found_wherever_they_stand() {
        let keep = "[[client]]\nname = 'meadow-client'\npin = { release = 'keep' }";
        for (path, text, config, found) in [
            ("Dockerfile.dev", "RUN pip install meadow-client==0.4.4", "", FIRES),
            ("docker/Dockerfile", "RUN pip install 'meadow-client>=0.4.4'", "", SILENT),
            ("requirements-dev.txt", "meadow-client==0.4.4 --hash=sha256:00", "", FIRES),
            ("requirements/x.txt", "meadow==0.4.4", "", FIRES),
            ("tests/requirements.txt", "meadow-client==0.4.4", "", SILENT),
            (
                ".github/workflows/x.yml",
                "jobs:\n  x:\n    steps:\n    - run: pip install meadow-client==0.4.4",
                "",
                FIRES,
            ),
            ("setup.cfg", "[options]\ninstall_requires = meadow-client<0.4.5", "", FIRES),
            ("Dockerfile", "RUN pip install meadow-client==0.4.4", keep, SILENT),
            ("notes.txt", "meadow-client==0.4.4", "", SILENT),
        ] {
            let scene = Scene::of_requirement("0.4.5", "meadow-client==0.4.5", "");
            let scene = scene.with(path, text).with("release.toml", config);
            assert_eq!(scene.report("pin-elsewhere").findings.len(), found, "{path} {text}");
        }
    }

    #[test]
    fn requirements_that_only_a_build_knows_are_said() {
        for (table, found) in
            [("", FIRES), ("[tool.setuptools.dynamic]\ndependencies = { file = 'requirements.txt' }", SILENT)]
        {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndynamic = ['dependencies', 'readme']\n\
                            [dependency-groups]\ndev = ['meadow-client==0.4.5']\n";
            let files = [("pyproject.toml", format!("{manifest}{table}\n")), ("requirements.txt", String::new())];
            let scene = Scene::of_files(files, "branch release-0.4.x");
            assert_eq!(scene.report("pin-elsewhere").findings.len(), found, "{table}");
        }
    }

    #[test]
    fn tables_of_tools_are_looked_at_by_their_keys() {
        let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.5']\n";
        for (table, found) in [
            ("[tool.uv.sources]\nmeadow-client = { git = 'https://x.example/y', tag = 'v0.4.4' }", FIRES),
            ("[tool.uv.sources]\nmeadow-client = { git = 'https://x.example/y', tag = 'v0.4.5' }", SILENT),
            ("[tool.uv.sources]\nmeadow-client = [{ git = 'https://x.example/y', rev = '0a1b2c3' }]", FIRES),
            ("[tool.uv.sources]\nmeadow-client = { index = 'x' }", SILENT),
            ("[tool.uv.sources]\nmeadow = { path = '.', editable = true }", SILENT),
            ("[[tool.uv.dependency-metadata]]\nname = 'meadow-client'\nversion = '0.4.4'", FIRES),
            ("[tool.poetry.group.dev.dependencies]\nMeadow_Client = '0.4.4'", FIRES),
            ("[tool.poetry.dependencies]\nmeadow-client = { version = '^0.4.4' }", SILENT),
            ("[tool.uv.sources]\nmeadow-client = { git = 'https://x.example/y', rev = '0451234' }", FIRES),
            ("[tool.poetry]\nname = 'meadow'\nversion = '0.4.4'", SILENT),
        ] {
            let scene = Scene::of_files([("pyproject.toml", format!("{manifest}{table}\n"))], "branch release-0.4.x");
            assert_eq!(scene.report("pin-elsewhere").findings.len(), found, "{table}");
        }
    }
}
