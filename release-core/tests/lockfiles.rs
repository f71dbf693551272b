//! Every lockfile of a real monorepo's past can be read, and the result matches the text.
//!
//! The history is not part of this repository. The tests search for it beside the repository, and are skipped with a
//! message if it is absent.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::{SourceKind, UvLock};
use release_core::text::SourceText;
use std::collections::BTreeSet;
use std::process::Command;

mod random;

use random::every;

#[test]
fn every_uv_lock_is_read_alike_by_both_readers() {
    let Some(locks) = blobs("uv.lock") else { return };
    for text in locks.iter().step_by(every(3)) {
        let lock = UvLock::parse(&SourceText::new(&**text)).unwrap();
        // uv writes no comments: a comment at the end sends the text to the full parser.
        assert_eq!(lock, UvLock::parse(&SourceText::new(format!("{text}\n# end\n"))).unwrap());

        let count = |needle: &str| text.matches(needle).count();
        assert_eq!(lock.packages.len(), count("\n[[package]]\n"));
        assert_eq!(lock.packages.iter().map(|package| package.files.len()).sum::<usize>(), count("{ url = "));
        let kinds = lock.packages.iter().map(|package| package.source.as_ref().unwrap().kind);
        assert_eq!(kinds.filter(|kind| *kind == SourceKind::Registry).count(), count("\nsource = { registry = "));
        let metadata = lock.packages.iter().filter_map(|package| package.metadata.as_ref());
        let recorded: usize = metadata
            .map(|metadata| {
                let groups = metadata.requires_dev.iter().map(|group| &group.requirements);
                groups.chain([&metadata.requires_dist]).flatten().filter(|one| one.specifier.is_some()).count()
            })
            .sum();
        assert_eq!(recorded, count("specifier = "));
    }
    eprintln!("{} files read", locks.len());
}

#[test]
fn every_package_lock_is_read_as_a_json_parser_reads_it() {
    let Some(locks) = blobs("package-lock.json") else { return };
    for text in &locks {
        let lock = PackageLock::parse(&SourceText::new(&**text)).unwrap();
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(lock.lockfile_version, json["lockfileVersion"].as_u64().unwrap());
        assert_eq!(lock.packages.len(), json["packages"].as_object().unwrap().len());
        for entry in &lock.packages {
            let other = &json["packages"][&entry.path.value];
            for (ours, theirs) in [
                (&entry.explicit_name, "name"),
                (&entry.version, "version"),
                (&entry.resolved, "resolved"),
                (&entry.integrity, "integrity"),
            ] {
                assert_eq!(ours.as_ref().map(|ours| &*ours.value), other[theirs].as_str(), "{:?}", entry.path);
            }
            for dependency in &entry.dependencies {
                assert_eq!(Some(&*dependency.range), other[dependency.table][&dependency.name].as_str());
            }
        }
        assert!(lock.project().is_some_and(|project| !project.dependencies.is_empty()));
    }
    eprintln!("{} files read", locks.len());
}

/// Returns every version of the files of that name, at any tag or tip of a branch.
fn blobs(name: &str) -> Option<BTreeSet<String>> {
    let bundle = bundle()?;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(folder.path()).args(arguments).output().expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["clone", "--quiet", "--bare", bundle.as_str(), "."]);
    let mut ids = BTreeSet::new();
    for reference in git(&["for-each-ref", "--format=%(refname)"]).lines() {
        for line in git(&["ls-tree", "-r", reference]).lines() {
            let (entry, path) = line.split_once('\t').unwrap();
            if Utf8Path::new(path).file_name() == Some(name) {
                ids.extend(entry.split(' ').next_back().map(str::to_owned));
            }
        }
    }
    assert!(!ids.is_empty());
    Some(ids.iter().map(|id| git(&["cat-file", "blob", id])).collect())
}

/// Returns the bundle with the history, or `None` with a message on stderr if it is absent.
fn bundle() -> Option<Utf8PathBuf> {
    let corpus = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(mut files) = corpus.read_dir_utf8() else {
        eprintln!("skipped: there is no corpus in {corpus}");
        return None;
    };
    files.find_map(|entry| Some(entry.ok()?.into_path()).filter(|path| path.extension() == Some("bundle")))
}
