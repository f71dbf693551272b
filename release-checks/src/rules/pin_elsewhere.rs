//! A file that no release edits asks for another version than the release.
//!
//! ## What it does
//!
//! On the branch of a line, looks for clients and packages of the monorepo in files that no release edits:
//!
//! - manifests of what is not released, and of front ends that are not named; `setup.py` and `setup.cfg`;
//! - lists for pip (`requirements*.txt`, `constraints*.txt`, `requirements/*.txt` and their like), conda's environments and
//!   recipes, `Pipfile`, and the settings of hatch, pixi, tox, nox and uv beside the manifest;
//! - the lockfiles of poetry, PDM and pipenv, and `pylock.toml`;
//! - container and compose files, workflows, actions, `.pre-commit-config.yaml`, Makefiles, shell scripts, and the metadata
//!   (`# /// script`) of Python scripts in `scripts`, `tools` and `bin`;
//! - commands that install something in `README.md` and in `docs/*.md`;
//! - tables of tools in the manifests (`tool.uv.sources`, `tool.uv.dependency-metadata`, poetry's dependencies).
//!
//! A version may come from a variable of the same file (`ARG V=0.4.4` and `pip install meadow-client==$V`). A place that does
//! not admit the version of the release is reported, and so are a client that is taken from a repository or folder, and
//! requirements that are dynamic and read from no file that the manifest names. Clients whose policy is `keep` are left alone.
//! Of the trees of an audit the manifests, lists for pip, `setup.py`, `setup.cfg` and `Dockerfile`s are searched.
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
            ("Dockerfile", "ARG V=0.4.4\nRUN pip install meadow-client==$V", "", FIRES),
            ("Dockerfile", "ARG V=0.4.5\nRUN pip install meadow-client==$V", "", SILENT),
            ("docker/server.dockerfile", "ENV V 0.4.4\nRUN pip install \"meadow-client==${V}\"", "", FIRES),
            ("compose.dev.yaml", "    command: pip install meadow-client==0.4.4", "", FIRES),
            (
                ".devcontainer/devcontainer.json",
                "{ \"postCreateCommand\": \"pip install meadow-client==0.4.4\" }",
                "",
                FIRES,
            ),
            ("tox.ini", "[testenv]\ndeps =\n    meadow-client==0.4.4", "", FIRES),
            ("tox.toml", "[env_run_base]\ndeps = ['meadow-client==0.4.4']", "", FIRES),
            ("hatch.toml", "[envs.x]\ndependencies = ['meadow-client==0.4.4']", "", FIRES),
            ("uv.toml", "constraint-dependencies = ['meadow-client<0.4.5']", "", FIRES),
            ("pixi.toml", "[pypi-dependencies]\nmeadow-client = '==0.4.4'", "", FIRES),
            ("noxfile.py", "session.install('meadow-client==0.4.4')", "", FIRES),
            ("dev-environment.yml", "dependencies:\n  - meadow-client=0.4.4", "", FIRES),
            ("conda/meta.yaml", "  run:\n    - meadow-client 0.4.4", "", FIRES),
            ("src/x/requirements/dev.in", "meadow-client~=0.3.0", "", FIRES),
            ("dev_requirements.txt", "meadow-client>=0.4.4,<0.5", "", SILENT),
            ("pip-constraints.txt", "meadow-client==0.4.4", "", FIRES),
            ("Pipfile", "meadow-client = {version = '==0.4.4'}", "", FIRES),
            ("Pipfile", "meadow-client = '*'", "", SILENT),
            (
                "poetry.lock",
                "[[package]]\nname = 'x'\n[[package]]\nname = \"meadow-client\"\nversion = \"0.4.4\"",
                "",
                FIRES,
            ),
            (".pre-commit-config.yaml", "      additional_dependencies: [meadow-client==0.4.4]", "", FIRES),
            (".github/actions/x/action.yml", "    - run: pip install meadow-client==0.4.4", "", FIRES),
            (".gitlab-ci.yml", "  script: pip install meadow-client==0.4.4", "", FIRES),
            ("Makefile", "V ?= 0.4.4\nx:\n\tpip install meadow-client==$(V)", "", FIRES),
            ("ops/install.sh", "pip install meadow-client==\"${V:-0.4.4}\"", "", FIRES),
            ("scripts/x.py", "# /// script\n# dependencies = ['meadow-client==0.4.4']\n# ///", "", FIRES),
            ("scripts/x.py", "# dependencies = ['meadow-client==0.4.4']", "", SILENT),
            ("src/x.py", "# /// script\n# dependencies = ['meadow-client==0.4.4']\n# ///", "", SILENT),
            ("README.md", "    pip install meadow-client==0.4.4", "", FIRES),
            ("CHANGELOG.md", "    pip install meadow-client==0.4.4", "", SILENT),
            ("docs/start.md", "`npm install meadow-client@0.4.4`", "", FIRES),
            ("docs/start.md", "Since meadow-client==0.4.4 it is faster.", "", SILENT),
            ("ops/pyproject.toml", "[dependency-groups]\nx = ['meadow-client==0.4.4']", "", FIRES),
            ("examples/pyproject.toml", "[dependency-groups]\nx = ['meadow-client==0.4.4']", "", SILENT),
            ("notes.txt", "meadow-client==0.4.4", "", SILENT),
        ] {
            let scene = Scene::of_requirement("0.4.5", "meadow-client==0.4.5", "");
            let scene = scene.with(path, text).with("release.toml", config);
            assert_eq!(scene.report("pin-elsewhere").findings.len(), found, "{path} {text}");
        }
    }

    #[test]
    fn front_ends_that_are_not_named_are_found_by_the_range_that_excludes_the_release() {
        let ui = "[[ui]]\npath = 'ui'\n";
        for (path, range, config, found) in [
            ("kit/package.json", "0.4.4", ui, FIRES),
            ("kit/package.json", "^0.4.4", ui, SILENT),
            ("kit/package.json", "npm:other@1.0.0", ui, SILENT),
            ("examples/package.json", "0.4.4", ui, SILENT),
            // One that is found is a UI, which follows.
            ("kit/package.json", "0.4.4", "", SILENT),
        ] {
            let package = |range: &str| format!("{{\"devDependencies\": {{\"meadow-client\": \"{range}\"}}}}");
            let scene = Scene::of_requirement("0.4.5", "meadow-client==0.4.5", "").with("release.toml", config);
            let scene = scene.with("ui/package.json", package("^0.4.5")).with(path, package(range));
            assert_eq!(scene.report("pin-elsewhere").findings.len(), found, "{path} {range} {config}");
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
