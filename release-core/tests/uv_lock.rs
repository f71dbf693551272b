//! The native edits of `uv.lock` are those of uv, byte for byte: compared with the program itself on a generated
//! workspace and a loopback index, and with the commits of people in a real monorepo's past.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::uv_lock::{
    FileKind, Locked, LockedPackage, Need, NewFile, UvLock, Verdict, Wanted, Workspace, needs, relock, runs_everywhere,
    same_requirements,
};
use release_core::monorepo::Manifest;
use release_core::registry::address::join;
use release_core::registry::metadata::CoreMetadata;
use release_core::registry::simple::{Page, Standing};
use release_core::text::{SourceText, splice};
use release_core::version::Version;
use std::collections::BTreeMap;

#[path = "uv_lock/corpus.rs"]
mod corpus;
#[path = "uv_lock/index.rs"]
mod index;
mod random;
#[path = "uv_lock/settings.rs"]
mod settings;
#[path = "uv_lock/stale.rs"]
mod stale;
#[path = "uv_lock/tool.rs"]
mod tool;
#[path = "uv_lock/workspace.rs"]
mod workspace;

/// The manifests of a tree by their paths.
type Manifests = BTreeMap<Utf8PathBuf, Manifest>;

fn manifest(text: &str) -> Manifest {
    let source = SourceText::new(text);
    Manifest::parse(source).unwrap()
}

fn entry<'a>(lock: &'a UvLock, client: &str) -> &'a LockedPackage {
    lock.packages.iter().find(|package| package.name.value == client).unwrap()
}

fn workspace_of<'a>(lock: &'a UvLock, manifests: &'a Manifests) -> Workspace<'a> {
    let manifests = manifests.iter().map(|(path, manifest)| (&**path, Some(&manifest.read)));
    Workspace::of("uv.lock".into(), lock, manifests.collect())
}

/// Returns the lockfile with this version of the client, or the reason for which uv is needed.
fn relocked(
    text: &str,
    manifests: &Manifests,
    client: &str,
    version: &str,
    files: Option<Vec<NewFile>>,
) -> Result<String, String> {
    let source = SourceText::new(text);
    let lock = UvLock::parse(&source).unwrap();
    let version: Version = version.parse().unwrap();
    let wanted = [Locked { client, version: &version, files }];
    let edits = relock(&source, &lock, &workspace_of(&lock, manifests), &wanted).map_err(|error| error.reason)?;
    Ok(splice(text, &edits).unwrap())
}

/// Returns the files of an entry, as an index would have them.
fn files_of(entry: &LockedPackage) -> Vec<NewFile> {
    let file = |file: &release_core::lockfile::uv_lock::LockedFile| NewFile {
        kind: file.kind,
        url: file.url.clone().unwrap(),
        sha256: file.hash.as_ref().unwrap().strip_prefix("sha256:").unwrap().to_owned(),
        size: file.size.map(|size| size.try_into().unwrap()),
        upload_time: file.upload_time.clone(),
    };
    entry.files.iter().map(file).collect()
}
