//! A comparison of the edits of `package.json` and `package-lock.json` with those of npm on the same files: on a real
//! monorepo's past, and on a small universe of packages that a registry on this machine serves to the real npm.
//!
//! Both are skipped, with a line on stderr, if the history or npm is absent.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use release_core::lockfile::NotNative;
use release_core::lockfile::package_lock::{Edits, PackageLock, Wanted, relock};
use release_core::manifest::package_json::PackageJson;
use release_core::registry::npm::{Document, Manifest};
use release_core::text::{SourceText, splice};
use serde_json::{Value, json};

#[path = "npm_lock/history.rs"]
mod history;
mod random;
#[path = "npm_lock/real.rs"]
mod real;

/// `package.json` and its lockfile.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Files {
    package: String,
    lock: String,
}

impl Files {
    /// Returns both files after the edits.
    fn relocked(&self, wanted: &Wanted<'_>, published: Option<(&Manifest, &str)>) -> Result<Self, NotNative> {
        let (package, lock) = (SourceText::new(&*self.package), SourceText::new(&*self.lock));
        let read = (PackageJson::parse(&package).unwrap(), PackageLock::parse(&lock).unwrap());
        let Edits { package_json, lock: in_lock } = relock((&package, &read.0), (&lock, &read.1), wanted, published)?;
        Ok(Self { package: splice(&self.package, &package_json).unwrap(), lock: splice(&self.lock, &in_lock).unwrap() })
    }
}

/// Returns the document of a registry with one version, made from an entry of a lockfile.
fn document_of_entry(name: &str, entry: &Value) -> Document {
    let mut manifest = entry.clone();
    manifest["name"] = json!(name);
    manifest["dist"] = json!({ "tarball": entry["resolved"], "integrity": entry["integrity"] });
    let version = entry["version"].as_str().unwrap();
    let document = json!({ "name": name, "dist-tags": { "latest": version }, "versions": { version: manifest } });
    Document::parse(document.to_string().as_bytes(), name).unwrap()
}
