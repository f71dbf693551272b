//! A `package-lock.json` has the archive of another package or version in an entry.
//!
//! ## What it does
//!
//! Reads name and version off every `resolved` of the usual shape, `/NAME/-/NAME-VERSION.tgz`, and compares them with the entry: its
//! `name` where it has one, as aliases do. It also reports an `integrity` that two different packages have. Links and what comes
//! in the archive of another package have no archive of their own; other URLs say nothing.
//!
//! ## Why is this bad?
//!
//! Where the `integrity` is that of the entry, `npm ci` fails (`EINTEGRITY`). Where it is missing, or goes with the URL, npm
//! installs what the URL leads to, whatever the entry is called, and neither `npm ci` nor `npm install` nor `npm ls` says so: a
//! bad merge, or an attack.
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
//!     "idna": "^3.0.0",
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
//!         "idna": "^3.0.0",
//!         "react": "^19.2.0"
//!       }
//!     },
//!     "node_modules/idna": {
//!       "version": "3.6.0",
//!       "resolved": "https://npm.example/idna/-/idna-3.6.0.tgz",
//!       "integrity": "sha512-aWRuYQ=="
//!     },
//!     "node_modules/react": {
//!       "version": "19.2.1",
//!       "resolved": "https://npm.example/reakt/-/reakt-19.2.1.tgz",
//!       "integrity": "sha512-cmVhY3Q=="
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
//!     "idna": "^3.0.0",
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
//!         "idna": "^3.0.0",
//!         "react": "^19.2.0"
//!       }
//!     },
//!     "node_modules/idna": {
//!       "version": "3.6.0",
//!       "resolved": "https://npm.example/idna/-/idna-3.6.0.tgz",
//!       "integrity": "sha512-aWRuYQ=="
//!     },
//!     "node_modules/react": {
//!       "version": "19.2.1",
//!       "resolved": "https://npm.example/react/-/react-19.2.1.tgz",
//!       "integrity": "sha512-cmVhY3Q=="
//!     }
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: which of the two was meant is not known here.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::npm::pairs;
use camino::Utf8Path;
use release_core::lockfile::package_lock::{JsonString, LockedEntry};
use release_core::registry::address::without_query;
use std::borrow::Cow;
use std::collections::HashMap;

/// Whose hash it is, and where it stands.
type Owner<'a> = ((&'a str, &'a str), &'a JsonString);

pub(super) fn check(context: &Context, report: &mut Report) {
    for pair in pairs(context) {
        let path = &pair.file.path;
        let entries = pair.lock.packages.len() + pair.lock.legacy.len();
        let mut hashes: HashMap<&str, Owner<'_>> = HashMap::with_capacity(entries);
        for entry in pair.lock.packages.iter().chain(&pair.lock.legacy) {
            let Some((name, version)) = package(entry) else { continue };
            if let Some(resolved) =
                entry.resolved.as_ref().filter(|resolved| belongs(&resolved.value, name, version) == Some(false))
            {
                report.find(of_another(path, entry, (name, version), resolved));
            }
            let Some(integrity) = &entry.integrity else { continue };
            let (owner, first) = hashes.entry(&integrity.value).or_insert(((name, version), integrity));
            if *owner != (name, version) {
                let message =
                    format!("{path} has one integrity for `{name}` {version} and for `{}` {}", owner.0, owner.1);
                let finding = Finding::at(message, path, integrity.span.clone(), "of this entry").and(
                    path,
                    first.span.clone(),
                    "and of this",
                );
                report.find(finding.help(help(path)));
            }
        }
    }
}

/// The name and version of an entry that has an archive of its own. The older copy spells aliases out.
fn package(entry: &LockedEntry) -> Option<(&str, &str)> {
    if entry.link || entry.in_bundle {
        return None;
    }
    let version = entry.version.as_ref()?.value.as_str();
    match version.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
        Some((name, version)) => Some((name, version)),
        None => Some((entry.name()?, version)),
    }
}

fn of_another(path: &Utf8Path, entry: &LockedEntry, (name, version): (&str, &str), resolved: &JsonString) -> Finding {
    let archive = resolved.value.rsplit('/').next().unwrap_or_default();
    let message = format!("{path} resolves `{name}` {version} to `{archive}`");
    let finding = Finding::at(message, path, resolved.span.clone(), "of another package or version").and(
        path,
        entry.path.span.clone(),
        format!("the entry of `{name}`"),
    );
    let finding = match &entry.version {
        Some(version) => finding.and(path, version.span.clone(), "its version"),
        None => finding,
    };
    finding.help(help(path))
}

fn help(path: &Utf8Path) -> String {
    format!("remove the entry from {path} and run `npm install --package-lock-only`; look at how it came there")
}

/// Tells if a URL is that of a package's archive; `None` where it has another shape.
fn belongs(url: &str, name: &str, version: &str) -> Option<bool> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    let (before, archive) = without_query(url).rsplit_once('/')?;
    let (before, stem) = (before.strip_suffix("/-")?, archive.strip_suffix(".tgz")?);
    // A scope's slash may be spelled in hexadecimal.
    let before = match before.contains('%') {
        true => Cow::Owned(before.replace("%2f", "/").replace("%2F", "/").replace("%40", "@")),
        false => Cow::Borrowed(before),
    };
    let told = stem.strip_prefix(before.rsplit('/').next()?)?.strip_prefix('-')?;
    let is_named = before.strip_suffix(name).is_some_and(|before| before.ends_with('/'));
    Some(is_named && told.split('+').next() == version.split('+').next())
}

#[cfg(test)]
mod tests {
    use super::belongs;
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn only_urls_of_the_usual_shape_are_judged() {
        for (url, expected) in [
            ("https://r.example/@s/a/-/a-1.0.0.tgz", Some(true)),
            ("https://r.example/npm/@s%2fa/-/a-1.0.0.tgz", Some(true)),
            ("https://r.example/a/-/a-1.0.0.tgz", Some(false)),
            ("https://r.example/@s/a/-/a-1.0.1.tgz", Some(false)),
            ("https://r.example/@t/a/-/a-1.0.0.tgz", Some(false)),
            ("https://r.example/download/@s/a/1.0.0/abc", None),
            ("https://r.example/@s/a/-/a-1.0.0.tgz?from=/-/b-1.0.0.tgz#c", Some(true)),
            ("https://r.example/-/@s/a/-/a-1.0.0.tgz", Some(true)),
            ("https://r.example/@s/a/-/more/a-1.0.0.tgz", None),
            ("https://r.example/@s/a/-/other.tgz", None),
            ("git+ssh://git@h.example/s/a.git#abc", None),
            ("file:../a/-/a-1.tgz", None),
        ] {
            assert_eq!(belongs(url, "@s/a", "1.0.0"), expected, "{url}");
        }
    }

    #[test]
    fn aliases_links_and_bundles_are_respected_and_a_hash_has_one_owner() {
        let url = r#""resolved": "https://r.example/b/-/b-1.0.0.tgz""#;
        for (entries, expected) in [
            (format!(r#""node_modules/a": {{"version": "1.0.0", {url}}}"#), FIRES),
            (format!(r#""node_modules/a": {{"name": "b", "version": "1.0.0", {url}}}"#), SILENT),
            (format!(r#""node_modules/a": {{"version": "1.0.0", "inBundle": true, {url}}}"#), SILENT),
            (r#""node_modules/a": {"resolved": "b", "link": true}"#.to_owned(), SILENT),
            (r#""node_modules/a": {"version": "1.0.0", "integrity": "x"}, "node_modules/b/node_modules/a": {"version": "1.0.0", "integrity": "x"}"#.to_owned(), SILENT),
            (r#""node_modules/a": {"version": "1.0.0", "integrity": "x"}, "node_modules/b": {"version": "1.0.0", "integrity": "x"}"#.to_owned(), FIRES),
        ] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let lock = format!(r#"{{"lockfileVersion": 3, "packages": {{{entries}}}}}"#);
            let files = [("pyproject.toml", manifest), ("a/package.json", "{}".to_owned()), ("a/package-lock.json", lock)];
            let scene = Scene::of_files(files, "");
            assert_eq!(scene.count("npm-lock-resolved"), expected, "{entries}");
        }
    }
}
