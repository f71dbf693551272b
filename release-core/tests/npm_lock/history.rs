//! Known answers: npm's edits of the same files in a real monorepo's past.

use super::{Files, document_of_entry};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::package_lock::Wanted;
use serde_json::Value;
use std::process::Command;

const FOLDER: &str = "src/llama_stack_ui";
const CLIENT: &str = "llama-stack-client";

#[test]
fn locks_of_the_past_are_what_npm_made_of_them_to_the_byte() {
    let Some(history) = History::unpacked() else { return };
    for commit in ["e1a98c3", "c9c849c", "3839f33", "7f1c9d6"] {
        let (before, after) = (history.files(&format!("{commit}^")), history.files(commit));
        let lock: Value = serde_json::from_str(&after.lock).unwrap();
        let package: Value = serde_json::from_str(&after.package).unwrap();
        let entry = &lock["packages"][format!("node_modules/{CLIENT}")];
        let document = document_of_entry(CLIENT, entry);
        let version = entry["version"].as_str().unwrap();
        let range = package["dependencies"][CLIENT].as_str().unwrap();
        let wanted = Wanted { client: CLIENT, package: CLIENT, version, range };
        let manifest = &document.versions[version];
        let published = Some((manifest, manifest.tarball.as_deref().unwrap()));

        // The files are too long to be shown.
        let (once, twice) = (before.relocked(&wanted, published), after.relocked(&wanted, published));
        assert!(once.as_ref() == Ok(&after), "{commit}: {:?}", once.err());
        assert!(twice.as_ref() == Ok(&after), "{commit}, again: {:?}", twice.err());
    }
}

/// The history, unpacked.
struct History {
    repository: tempfile::TempDir,
}

impl History {
    fn unpacked() -> Option<Self> {
        let bundle = bundle()?;
        let repository = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let history = Self { repository };
        history.git(&["clone", "--quiet", "--bare", bundle.as_str(), "."]);
        Some(history)
    }

    fn files(&self, commit: &str) -> Files {
        let file = |name: &str| self.git(&["cat-file", "blob", &format!("{commit}:{FOLDER}/{name}")]);
        Files { package: file("package.json"), lock: file("package-lock.json") }
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.repository.path()).args(arguments).output().expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Returns the bundle with the history, or `None` with a message on stderr if it is absent.
fn bundle() -> Option<Utf8PathBuf> {
    let workspace = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let corpus = workspace.join("../shared/corpus");
    let files = corpus.read_dir_utf8().ok().into_iter().flatten();
    let found = files.filter_map(|file| Some(file.ok()?.into_path())).find(|path| path.extension() == Some("bundle"));
    if found.is_none() {
        eprintln!("skipped: there is no bundle in {corpus}");
    }
    found
}
