//! A `package-lock.json` carries another name or version than its `package.json`.
//!
//! ## What it does
//!
//! Compares `name` and `version` of `package.json` with those at the top of the lockfile and in its `packages[""]`. Where one of
//! the files does not have them there is nothing to compare.
//!
//! ## Why is this bad?
//!
//! The lockfile was not written again when the version was raised. The next `npm install` changes it, in a commit about something
//! else.
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
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "react": "^19.2.0"
//!   }
//! }
//! ```
//!
//! ```json src/meadow_ui/package-lock.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "lockfileVersion": 3,
//!   "packages": {
//!     "": {
//!       "name": "meadow-ui",
//!       "version": "0.1.0-alpha.4",
//!       "dependencies": {
//!         "react": "^19.2.0"
//!       }
//!     },
//!     "node_modules/react": {
//!       "version": "19.2.1"
//!     }
//!   }
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
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "react": "^19.2.0"
//!   }
//! }
//! ```
//!
//! ```json src/meadow_ui/package-lock.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "lockfileVersion": 3,
//!   "packages": {
//!     "": {
//!       "name": "meadow-ui",
//!       "version": "0.1.0",
//!       "dependencies": {
//!         "react": "^19.2.0"
//!       }
//!     },
//!     "node_modules/react": {
//!       "version": "19.2.1"
//!     }
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! Safe: both places are copies of what `package.json` says.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::npm::{Pair, pairs};
use release_core::lockfile::package_lock::JsonString;
use release_core::text::SourceText;

pub(super) fn check(context: &Context, report: &mut Report) {
    for pair in pairs(context) {
        let own = [("name", &pair.package.name), ("version", &pair.package.version)];
        let project = pair.lock.project();
        let copies = [
            ("at its top", [pair.lock.name.as_ref(), pair.lock.version.as_ref()]),
            (
                "in `packages[\"\"]`",
                project.map_or([None, None], |own| [own.explicit_name.as_ref(), own.version.as_ref()]),
            ),
        ];
        for (place, copies) in copies {
            for ((key, own), copy) in own.into_iter().zip(copies) {
                let (Some(own), Some(copy)) = (own, copy) else { continue };
                if own.value != copy.value {
                    report.find(finding(&pair, key, place, own, copy));
                }
            }
        }
    }
}

fn finding(pair: &Pair<'_>, key: &str, place: &str, own: &JsonString, copy: &JsonString) -> Finding {
    let (path, lock) = (&pair.project.path, &pair.file.path);
    let message = format!("{lock} has the {key} {} {place}, and {path} has {}", copy.value, own.value);
    let replacement = literal(&pair.project.source, own);
    let finding = Finding::at(message, lock, copy.span.clone(), "the copy")
        .and(path, own.span.clone(), "what the package is called")
        .help(format!("write {replacement}, or run `npm install --package-lock-only`"));
    finding.rewrite(Applicability::Safe, lock, Some(copy.span.clone()), replacement)
}

/// The literal as it stands, so that its escapes are right.
fn literal(source: &SourceText, string: &JsonString) -> String {
    source.as_str().get(string.span.clone()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES_TWICE, SILENT, Scene};

    #[test]
    fn every_copy_is_compared_and_what_is_not_there_is_not() {
        for (package, lock, expected) in [
            (r#""name": "a", "version": "1.0.0""#, r#""name": "a", "version": "1.0.0", "packages": {"": {}}"#, SILENT),
            (r#""name": "a""#, r#""name": "a", "version": "1.0.0", "packages": {}"#, SILENT),
            (r#""version": "1.0.0""#, r#""name": "folder", "version": "1.0.0", "packages": {}"#, SILENT),
            (r#""name": "a", "version": "1.0.0""#, r#""name": "b", "version": "2.0.0", "packages": {}"#, FIRES_TWICE),
            (r#""name": "a""#, r#""name": "b", "packages": {"": {"name": "c"}}"#, FIRES_TWICE),
        ] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let (package, lock) = (format!("{{{package}}}"), format!("{{\"lockfileVersion\": 3, {lock}}}"));
            let files = [("pyproject.toml", manifest), ("a/package.json", package), ("a/package-lock.json", lock)];
            let scene = Scene::of_files(files, "");
            assert_eq!(scene.count("npm-lock-root"), expected, "{:?}", scene.files);
        }
    }
}
