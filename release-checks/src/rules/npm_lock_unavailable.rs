//! A UI's lockfile locks a client that npm's registry does not have, or that is deprecated.
//!
//! ## What it does
//!
//! With `--online`, looks up the version of every UI's client that is locked. One that is deprecated is a warning: it can be
//! installed.
//!
//! ## Why is this bad?
//!
//! `npm ci` fails on a version that was unpublished, unless its cache has it. Of one that was deprecated after it was locked
//! npm says nothing: `npm ci` warns only where the lockfile itself says `deprecated`.
//!
//! ## Example
//!
//! ```state
//! branch main
//! published-npm meadow-client 0.4.3
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.3"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.3"
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
//!         "meadow-client": "^0.4.3"
//!       }
//!     },
//!     "node_modules/meadow-client": {
//!       "version": "0.4.4"
//!     }
//!   }
//! }
//! ```
//!
//! ## Use instead
//!
//! ```state
//! branch main
//! published-npm meadow-client 0.4.3
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.3"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.3"
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
//!         "meadow-client": "^0.4.3"
//!       }
//!     },
//!     "node_modules/meadow-client": {
//!       "version": "0.4.3"
//!     }
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: `cargo xtask release relock` locks the version that is pinned, where the registry has it.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::npm::pairs_and_members;
use crate::published::{self, because};
use release_core::manifest::package_json::Dependency;
use release_core::version::npm::read_version;

pub(super) fn check(context: &Context, report: &mut Report) {
    for pair in pairs_and_members(context) {
        let asks = |wanted: &&Dependency| context.monorepo.asks_for(&pair.project.path, &wanted.name);
        for wanted in pair.package.dependencies.iter().filter(asks) {
            let entry = pair.lock.entry_of(&pair.member, &wanted.name).filter(|entry| !entry.link);
            let Some(entry) = entry else { continue };
            let Some(text) = &entry.version else { continue };
            let Some(version) = read_version(&text.value) else { continue };
            // What is locked may not be what is asked for.
            let name = entry.explicit_name.as_ref().map_or(wanted.name.as_str(), |name| &name.value);
            let Some((registry, versions)) = published::npm(&context.published, name, report) else { continue };
            let (wrong, is_there) = match versions.get(&version) {
                None => (format!("{registry} does not have"), false),
                Some(Some(reason)) => (format!("is deprecated{}", because(reason)), true),
                Some(None) => continue,
            };
            let path = &pair.file.path;
            let message = format!("{path} locks `{name}` {}, which {wrong}", text.value);
            let finding = Finding::at(message, path, text.span.clone(), "is locked");
            let help = "ask for a version that can be installed, and run `cargo xtask release relock`";
            report.find(finding.help(help).mild(is_there));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    #[test]
    fn what_is_locked_has_to_be_there() {
        for (said, expected) in [
            ("0.4.4", None),
            ("0.4.3", Some(Level::Error)),
            ("0.4.4:deprecated", Some(Level::Warn)),
            ("absent", Some(Level::Error)),
            ("unknown", None),
        ] {
            let scene = Scene::of_version("0.4.4", &format!("published-npm meadow-client {said}"))
                .asking_for("meadow-client>=0.4.3");
            let own = r#"{"dependencies": {"meadow-client": "^0.4.3"}}"#;
            let entry = r#""node_modules/meadow-client": {"version": "0.4.4"}"#;
            let lock = format!(r#"{{"lockfileVersion": 3, "packages": {{"": {own}, {entry}}}}}"#);
            let scene = scene.with("ui/package.json", own).with("ui/package-lock.json", lock);
            assert_eq!(scene.level("npm-lock-unavailable"), expected, "{said}");
        }
    }

    #[test]
    fn an_alias_is_asked_for_by_its_package_in_the_lockfile_of_a_workspace_too() {
        for (said, expected) in [("0.4.4", None), ("0.4.3", Some(Level::Error))] {
            let state = format!("published-npm @kite/meadow-client {said}\npublished-npm meadow-client 0.4.2");
            let own = r#"{"dependencies": {"meadow-client": "npm:@kite/meadow-client@^0.4.3"}}"#;
            let entry = r#""node_modules/meadow-client": {"name": "@kite/meadow-client", "version": "0.4.4"}"#;
            for (lock_path, member) in [("ui/package-lock.json", ""), ("package-lock.json", "ui")] {
                let lock = format!(r#"{{"lockfileVersion": 3, "packages": {{"{member}": {own}, {entry}}}}}"#);
                let scene = Scene::of_version("0.4.4", &state).asking_for("meadow-client>=0.4.3");
                let scene = scene.with("package.json", "{}").with("ui/package.json", own).with(lock_path, lock);
                assert_eq!(scene.level("npm-lock-unavailable"), expected, "{said} {lock_path}");
            }
        }
    }
}
