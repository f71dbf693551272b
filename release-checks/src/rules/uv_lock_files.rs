//! A `uv.lock` lists files of another package or version than the entry's.
//!
//! ## What it does
//!
//! Reads name and version off the file names of every package from an index, and compares them with the entry. Names that
//! follow no rule are left out.
//!
//! ## Why is this bad?
//!
//! The entry was edited by hand, or two branches were merged: what is installed is not the version that the lockfile says.
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
//! sdist = { url = "https://files.example/anyio-4.1.0.tar.gz" }
//! wheels = [{ url = "https://files.example/anyio-4.2.0-py3-none-any.whl" }]
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
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
//! sdist = { url = "https://files.example/anyio-4.2.0.tar.gz" }
//! wheels = [{ url = "https://files.example/anyio-4.2.0-py3-none-any.whl" }]
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//! ```
//!
//! ## Fix
//!
//! None: the right file's hash is the index's to say.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::uv::{SHOWN, indexed, locks};
use release_core::lockfile::uv_lock::LockedFile;
use release_core::manifest::requirement::canonical_name;
use release_core::registry::file_name::is_of_another;
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (project, lock) in locks(context) {
        let path = &project.path;
        for (package, version, _) in indexed(lock) {
            let Ok(parsed) = Version::parse(&version.value) else { continue };
            let name = canonical_name(&package.name.value);
            let is_wrong = |file: &&LockedFile| is_of_another(&file.name, file.kind, &name, &parsed) == Some(true);
            let wrong: Vec<&LockedFile> = package.files.iter().filter(is_wrong).collect();
            let Some(first) = wrong.first() else { continue };
            let message =
                format!("{path} lists `{}` among the files of `{}` {}", first.name, package.name.value, version.value);
            let more = wrong.iter().take(SHOWN).skip(1);
            let finding = Finding::at(message, path, first.location.clone(), "of another package or version")
                .and_all(more.map(|file| (path.as_path(), file.location.clone(), "this too")))
                .and(path, version.span.clone(), "the version of the entry");
            report.find(finding.help(format!(
                "run `uv lock --upgrade-package '{}'`, or take the entry from the branch that it is from",
                package.name.value
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn names_and_versions_are_compared_by_meaning() {
        for (file, expected) in [
            ("sdist = { url = 'https://f.example/a_b-1.0.tar.gz' }", SILENT),
            ("sdist = { url = 'https://f.example/A.b-1.0.0.zip' }", SILENT),
            ("sdist = { url = 'https://f.example/a-b-1.0.tar.gz' }", SILENT),
            ("sdist = { url = 'https://f.example/v1.0.tar.gz' }", SILENT),
            ("sdist = { url = 'https://f.example/a_b-1.1.tar.gz' }", FIRES),
            ("sdist = { url = 'https://f.example/c-1.0.tar.gz' }", FIRES),
            ("wheels = [{ path = 'a_b-1.0-py3-none-any.whl' }]", SILENT),
            ("wheels = [{ path = 'a_b-1.0-1-py3-none-any.whl' }]", SILENT),
            ("wheels = [{ path = 'a_b-1.0%2Bcpu-py3-none-any.whl' }]", FIRES),
            ("wheels = [{ path = 'c-1.0-py3-none-any.whl' }]", FIRES),
        ] {
            let lock = format!(
                "version = 1\n[[package]]\nname = 'a-b'\nversion = '1.0'\nsource = {{ registry = 'x' }}\n{file}"
            );
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let files = [("pyproject.toml", manifest), ("uv.lock", lock)];
            let fires = Scene::of_files(files, "").count("uv-lock-files");
            assert_eq!(fires, expected, "{file}");
        }
    }
}
