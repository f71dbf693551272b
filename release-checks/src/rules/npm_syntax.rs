//! A `package.json` or its lockfile cannot be read.
//!
//! ## What it does
//!
//! Reports files that are not JSON, lockfiles of a format newer than 3, and keys that stand twice in an object of a lockfile. The
//! other rules say nothing about them. A lockfile of npm 6 is no finding: npm reads it, but it does not say what `package.json`
//! asked for, so that it cannot be compared, and is named among what was skipped.
//!
//! ## Why is this bad?
//!
//! npm refuses a `package.json` that is not JSON. Of a lockfile that is not, `npm ci` says that there is none, and `npm
//! install` writes a new one in its place without a word, with the versions of the day. Of two equal keys npm takes the last.
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
//! ```json src/meadow_ui/package.json
//! { "name": "meadow-ui", "version": "0.1.0" }
//! ```
//!
//! ```json src/meadow_ui/package-lock.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "lockfileVersion": 3,
//!   "packages": {},
//! }
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
//! ```json src/meadow_ui/package.json
//! { "name": "meadow-ui", "version": "0.1.0" }
//! ```
//!
//! ```json src/meadow_ui/package-lock.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "lockfileVersion": 3,
//!   "packages": {}
//! }
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::lockfile::package_lock::is_too_old;

pub(super) fn check(context: &Context, report: &mut Report) {
    for project in &context.npm {
        if let Err(error) = &project.package {
            let help = "correct the syntax: npm reads strict JSON, without comments";
            report.find(Finding::unreadable(&project.path, &error.span, &error.message, help));
        }
        let Some(lock) = &project.lock else { continue };
        if let Err(error) = &*lock.read {
            if is_too_old(error) {
                report.skip_partly(format!("{} is of npm 6, and nothing is said of it: {}", lock.path, error.message));
                continue;
            }
            let help = "write it again: `npm install --package-lock-only`";
            report.find(Finding::unreadable(&lock.path, &error.span, &error.message, help));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, FIRES_TWICE, SILENT, Scene};

    #[test]
    fn what_npm_does_not_write_is_refused_also_outside_of_discovery() {
        for (package, lock, expected) in [
            ("{}", "{ \"lockfileVersion\": 3 }", SILENT),
            ("{}", "{ \"lockfileVersion\": 1 }", SILENT),
            ("{}", "{ \"lockfileVersion\": 4 }", FIRES),
            ("{}", "{ \"lockfileVersion\": 3, \"packages\": { \"a\": {}, \"a\": {} } }", FIRES),
            ("{ // no\n}", "[]", FIRES_TWICE),
        ] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let files = [
                ("pyproject.toml", &*manifest),
                ("tests/a/package.json", package),
                ("tests/a/package-lock.json", lock),
            ];
            let scene = Scene::of_files(files, "");
            assert_eq!(scene.count("npm-syntax"), expected, "{package} {lock}");
            let is_old = lock.contains(": 1 }");
            assert_eq!(scene.report("npm-syntax").skipped.is_some(), is_old, "what is not looked at is said: {lock}");
        }
    }
}
