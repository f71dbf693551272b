//! A `package-lock.json` holds a version that `package.json` excludes.
//!
//! ## What it does
//!
//! Looks up every dependency of `package.json` in the lockfile, and reports those whose locked version is not in the range.
//! Tags, folders, repositories and links have no range; peer dependencies may be somebody else's.
//!
//! ## Why is this bad?
//!
//! `npm ci` refuses such a lockfile; what is built from it has another version than was asked for.
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
//!       "version": "19.1.0"
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
//! None: npm has to find the version and its archive.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::npm::{is_in_flight, pairs_and_members};
use crate::relock::{brings_to_ui, relock_or};
use release_core::lockfile::package_lock::LockedEntry;
use release_core::version::npm::{Spec, read_version};
use std::collections::HashMap;

pub(super) fn check(context: &Context, report: &mut Report) {
    for pair in pairs_and_members(context) {
        let (path, lock) = (&pair.project.path, &pair.file.path);
        let entries: HashMap<&str, &LockedEntry> =
            pair.lock.packages.iter().map(|entry| (entry.path.value.as_str(), entry)).collect();
        let find = |name: &str| match pair.member.as_str() {
            "" => entries.get(format!("node_modules/{name}").as_str()).copied(),
            member => pair.lock.entry_of(member, name),
        };
        for wanted in pair.package.dependencies.iter().filter(|wanted| wanted.table != "peerDependencies") {
            let spec = Spec::parse(&wanted.range);
            let entry = find(&wanted.name).filter(|entry| !entry.link);
            let (Some(range), Some(version)) = (spec.range(), entry.and_then(|entry| entry.version.as_ref())) else {
                continue;
            };
            if read_version(&version.value).is_none_or(|version| range.contains(&version)) {
                continue;
            }
            let in_flight = context.monorepo.asks_for(path, &wanted.name) && is_in_flight(context, wanted);
            let resolved = if in_flight { ", which is resolved after publication" } else { "" };
            let message = format!(
                "{lock} locks `{}` {}, where {path} asks for `{}`{resolved}",
                wanted.name, version.value, wanted.range
            );
            let when = if in_flight { "once it is published, run" } else { "run" };
            let ours = relock_or(brings_to_ui(context, path, &wanted.name).as_ref());
            let finding = Finding::at(message, lock, version.span.clone(), "is locked")
                .and(path, wanted.span.clone(), "excludes it")
                .help(format!("{when} {ours}`npm install --package-lock-only` beside it and commit the lockfile"));
            report.find(finding.in_flight(in_flight));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn ranges_and_aliases_are_held_to_and_what_has_no_range_is_not() {
        for (table, range, entry, expected) in [
            ("dependencies", "^1.0.0", r#"{"version": "2.0.0"}"#, FIRES),
            ("devDependencies", "^1.0.0", r#"{"version": "1.2.0"}"#, SILENT),
            ("dependencies", "^1.0.0", r#"{"version": "1.2.0-rc.1"}"#, FIRES),
            ("dependencies", "npm:b@^1.0.0", r#"{"name": "b", "version": "2.0.0"}"#, FIRES),
            ("dependencies", "npm:b@^1.0.0", r#"{"name": "b", "version": "1.0.0"}"#, SILENT),
            ("peerDependencies", "^1.0.0", r#"{"version": "2.0.0"}"#, SILENT),
            ("dependencies", "latest", r#"{"version": "2.0.0"}"#, SILENT),
            ("dependencies", "^1.0.0", r#"{"resolved": "../a", "link": true}"#, SILENT),
        ] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let own = format!(r#"{{"{table}": {{"a": "{range}"}}}}"#);
            let lock = format!(r#"{{"lockfileVersion": 3, "packages": {{"": {own}, "node_modules/a": {entry}}}}}"#);
            let files = [("pyproject.toml", manifest), ("a/package.json", own), ("a/package-lock.json", lock)];
            let fires = Scene::of_files(files, "").count("npm-lock-excluded");
            assert_eq!(fires, expected, "{range} {entry}");
        }
    }
}
