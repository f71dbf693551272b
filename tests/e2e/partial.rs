//! Clones that lack something: objects, files on disk, branches. What is needed is fetched at once or said, and never taken for
//! absent.

use crate::sample::Sample;
use crate::support::{Run, executable, git, run};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use std::fs;
use std::rc::Rc;

/// A clone of the sample's origin, whose upload-pack notes each start.
struct Narrow {
    sample: Rc<Sample>,
    directory: Utf8PathBuf,
    log: Utf8PathBuf,
}

impl Narrow {
    fn new(options: &[&str]) -> Self {
        Self::of(Rc::new(Sample::new()), "narrow", options)
    }

    fn of(sample: Rc<Sample>, name: &str, options: &[&str]) -> Self {
        let (directory, log) = (sample.root.join(name), sample.root.join(format!("{name}-uploads")));
        for setting in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
            git(&sample.origin, &["config", setting, "true"]);
        }
        let url = format!("file://{}", sample.origin);
        let words = [&["clone", "--quiet"], options, &["--", &url, directory.as_str()]].concat();
        git(&sample.root, &words);
        let recorder = sample.root.join(format!("{name}-upload-pack"));
        executable(&recorder, format!("#!/bin/sh\necho start >> {log}\nexec git-upload-pack \"$@\"\n").as_bytes());
        let clone = Self { sample, directory, log };
        clone.git(&["config", "remote.origin.uploadpack", recorder.as_str()]);
        clone
    }

    #[track_caller]
    fn git(&self, words: &[&str]) -> String {
        git(&self.directory, words)
    }

    fn release(&self, words: &str) -> Run {
        let mut command = self.sample.xtask_in(&self.directory);
        run(command.arg("release").args(words.split_whitespace()))
    }

    /// Returns the number of questions to the remote.
    fn uploads(&self) -> usize {
        fs::read_to_string(&self.log).unwrap_or_default().lines().count()
    }

    fn packs(&self) -> usize {
        let packs = fs::read_dir(self.directory.join(".git/objects/pack")).unwrap();
        packs.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "pack")).count()
    }
}

/// A sample with many more tags, all of them with contents of their own.
fn with_many_tags() -> Rc<Sample> {
    let sample = Sample::new();
    for patch in 5..45 {
        sample.edit("pyproject.toml", &format!("\"0.4.{}\"", patch - 1), &format!("\"0.4.{patch}\""));
        sample.commit(&format!("chore: prepare release v0.4.{patch}"));
        sample.git(&["tag", &format!("v0.4.{patch}")]);
    }
    sample.git(&["push", "--quiet", "--tags", "origin", "release-0.4.x"]);
    Rc::new(sample)
}

#[test]
fn an_audit_of_many_tags_fetches_what_it_reads_at_once_and_finds_what_it_finds_in_a_whole_clone() {
    let (sample, mut expected) = (with_many_tags(), None);
    for (name, options, packs) in
        [("whole", &[][..], 0), ("no-blobs", &["--filter=blob:none"], 1), ("no-trees", &["--filter=tree:0"], 2)]
    {
        let clone = Narrow::of(Rc::clone(&sample), name, options);
        let before = clone.packs();
        let seen = clone.release("audit").expect(1);
        assert_eq!((clone.packs() - before, clone.uploads()), (packs, packs), "{options:?}: {}", seen.stderr);
        assert_eq!(seen.stderr.matches("objects that this partial clone lacks from origin").count(), packs);
        // A second one finds everything here.
        clone.release("audit").expect(1);
        assert_eq!(clone.uploads(), packs, "{options:?}");
        // The tags are as old as this test, and how many of them main has missed changes within a second.
        let is_fixed = |line: &&str| !line.contains("version-main-history");
        let stdout = seen.stdout.lines().filter(is_fixed).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(*expected.get_or_insert_with(|| stdout.clone()), stdout, "{options:?}");
    }
}

#[test]
fn offline_nothing_is_fetched_by_any_command_and_what_was_not_looked_at_is_said() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let clone = Narrow::new(&[filter, "--branch", "release-0.4.x"]);
        let packs = clone.packs();
        for (words, code) in [
            ("check", 0),
            ("check --rev v0.4.0", 2),
            ("audit", if filter == "--filter=tree:0" { 2 } else { 1 }),
            ("version --report", 2),
            ("version --plan-tags", 2),
            ("patch 0.3.2 --commit", 2),
        ] {
            let seen = clone.release(&format!("{words} --offline")).expect(code);
            let way_out = "`git fetch --refetch --no-filter`";
            let said = [
                "this partial clone lacks ",
                "`--offline` fetches nothing",
                "the same command without `--offline`",
                way_out,
            ];
            assert!(said.iter().all(|said| seen.stderr.contains(said)), "{filter} {words}: {}", seen.stderr);
            assert_eq!((clone.uploads(), clone.packs()), (0, packs), "{filter} {words}");
        }
        assert_eq!(clone.git(&["branch", "--list", "release-0.3.x"]), "", "{filter}: nothing was committed");
        // What is here is enough for these.
        for words in ["patch 0.4.5 --dry-run", "pins", "check --rev HEAD"] {
            clone.release(&format!("{words} --offline")).expect(0);
            assert_eq!(clone.uploads(), 0, "{filter} {words}");
        }
    }
}

/// The rules that could not tell because something is not here, in a document.
fn unread(document: &Value) -> Vec<&str> {
    let skipped = document["skipped"].as_array().unwrap().iter();
    let is_unread = |skipped: &&Value| skipped["reason"].as_str().unwrap().contains("this partial clone lacks ");
    skipped.filter(is_unread).map(|skipped| skipped["rule"].as_str().unwrap()).collect()
}

#[test]
fn rules_that_would_read_what_is_not_here_are_listed_as_skipped_in_json() {
    let clone = Narrow::new(&["--filter=blob:none", "--branch", "release-0.4.x"]);
    let check = clone.release("check --offline --output-format json").expect(0);
    assert_eq!(unread(&serde_json::from_str(&check.stdout).unwrap()), ["tag-tree"]);
    let audit = clone.release("audit --offline --output-format json").expect(1);
    let audit: Value = serde_json::from_str(&audit.stdout).unwrap();
    assert_eq!(unread(&audit), ["branch-unreleased", "tag-final-differs", "version-main-history"]);
    let unfit = audit["tags"].as_array().unwrap().iter().filter(|tag| !tag["unfit"].as_array().unwrap().is_empty());
    assert!(unfit.count() > 5, "{audit}");
    // With the remote they can tell.
    let check = clone.release("check --output-format json").expect(0);
    assert_eq!(unread(&serde_json::from_str(&check.stdout).unwrap()), [""; 0]);
    assert_eq!(clone.uploads(), 1);
}

#[test]
fn what_the_remote_does_not_give_is_not_looked_at_either_and_the_way_out_works() {
    let clone = Narrow::new(&["--filter=blob:none", "--branch", "release-0.4.x"]);
    let away = clone.sample.root.join("away.git");
    fs::rename(&clone.sample.origin, &away).unwrap();
    let seen = clone.release("check").expect(0);
    assert!(seen.stderr.contains("skipped tag-tree: this partial clone lacks "), "{}", seen.stderr);
    assert!(seen.stderr.contains("origin did not give them ("), "{}", seen.stderr);
    let seen = clone.release("check --rev v0.4.4").expect(2);
    let lacks = format!(" at {}: origin did not give them (", &clone.git(&["rev-parse", "v0.4.4^{commit}"])[..9]);
    assert!(seen.stderr.contains(&lacks), "{}", seen.stderr);
    fs::rename(&away, &clone.sample.origin).unwrap();
    let advised = seen.stderr.split('`').find(|part| part.starts_with("git fetch")).unwrap().to_owned();
    clone.git(&advised.split(' ').skip(1).collect::<Vec<_>>());
    clone.release("check --rev v0.4.4 --offline").expect(0);
}

#[test]
fn a_commit_on_another_branch_of_a_partial_clone_fetches_before_it_begins_and_once_for_each_need() {
    let clone = Narrow::new(&["--filter=blob:none", "--branch", "release-0.4.x"]);
    let seen = clone.release("patch 0.3.2 --commit").expect(0);
    // The question where the branches are, the manifests, and what git looks for when it writes trees.
    assert_eq!(clone.uploads(), 1 + seen.stderr.matches("that this partial clone lacks").count(), "{}", seen.stderr);
    assert!(clone.uploads() <= 3, "{}", seen.stderr);
    assert_eq!(clone.git(&["diff", "--name-only", "origin/release-0.3.x", "release-0.3.x"]).lines().count(), 3);
}

#[test]
fn a_sparse_checkout_is_read_from_the_index_and_a_plan_that_changes_what_it_leaves_out_names_the_command_that_works() {
    let whole = Narrow::new(&["--branch", "release-0.4.x"]);
    let expected = whole.release("check").expect(0).stdout;
    for (set, needed) in [
        (&["set", "--cone", "docs"][..], "src/meadow_agents src/meadow_api"),
        (&["set", "--cone", "--sparse-index", "docs"], "src/meadow_agents src/meadow_api"),
        (
            &["set", "--no-cone", "/README.md"],
            "/pyproject.toml /src/meadow_agents/pyproject.toml /src/meadow_api/pyproject.toml",
        ),
    ] {
        let clone = Narrow::new(&["--sparse", "--branch", "release-0.4.x"]);
        clone.git(&[&["-c", "advice.sparseIndexExpanded=false", "sparse-checkout"], set].concat());
        assert!(!clone.directory.join("src").exists(), "{set:?}");
        assert_eq!(clone.release("check").expect(0).stdout, expected, "{set:?}");
        for words in ["patch 0.4.5", "patch 0.4.5 --commit"] {
            let seen = clone.release(words).expect(1);
            let advised = format!("`git sparse-checkout add {needed}`");
            assert!(seen.stderr.contains(&advised), "{set:?} {words}: {}", seen.stderr);
            assert!(!seen.stderr.contains("git checkout"), "{}", seen.stderr);
            let errors = seen.stderr.lines().filter(|line| line.starts_with("error"));
            assert_eq!(errors.count(), 1, "one thing is said once: {}", seen.stderr);
            assert_eq!(clone.git(&["status", "--short"]), "", "{set:?} {words}");
        }
        // Another branch is worked on in a tree that has what it needs.
        clone.release("patch 0.3.2 --commit").expect(0);
        assert_eq!(clone.git(&["diff", "--name-only", "origin/release-0.3.x", "release-0.3.x"]).lines().count(), 3);
        let add = ["-c", "advice.sparseIndexExpanded=false", "sparse-checkout", "add"];
        clone.git(&[&add[..], &needed.split(' ').collect::<Vec<_>>()].concat());
        clone.release("patch 0.4.5 --commit").expect(0);
        assert_eq!(clone.git(&["diff", "--name-only", "HEAD~1", "HEAD"]).lines().count(), 3, "{set:?}");
        assert_eq!(clone.git(&["status", "--short"]), "", "{set:?}");
    }
}

#[test]
fn a_file_that_is_left_out_by_a_flag_alone_is_read_from_the_index_too() {
    let sample = Sample::new();
    let path = "src/meadow_api/pyproject.toml";
    let expected = sample.release("check").expect(0).stdout;
    sample.git(&["update-index", "--skip-worktree", path]);
    fs::remove_file(sample.checkout.join(path)).unwrap();
    assert_eq!(sample.release("check").expect(0).stdout, expected);
    let seen = sample.release("patch 0.4.5").expect(1);
    let advised = format!("`git update-index --no-skip-worktree -- {path}`, then `git checkout -- {path}`");
    assert!(seen.stderr.contains(&advised), "{}", seen.stderr);
    sample.git(&["update-index", "--no-skip-worktree", "--", path]);
    // Without the flag it is gone, and that is said.
    let seen = sample.release("check").expect(2);
    assert!(seen.stderr.contains(&format!("could not read {path}")), "{}", seen.stderr);
    sample.git(&["checkout", "--", path]);
    sample.release("patch 0.4.5").expect(0);
}

#[test]
fn a_clone_without_a_checkout_is_told_so() {
    for options in
        [&["--no-checkout"][..], &["--no-checkout", "--filter=blob:none"], &["--no-checkout", "--filter=tree:0"]]
    {
        let clone = Narrow::new(&[options, &["--branch", "release-0.4.x"]].concat());
        for words in ["check", "patch 0.4.5", "pins"] {
            let seen = clone.release(words).expect(2);
            assert!(seen.stderr.contains("nothing is checked out here"), "{options:?} {words}: {}", seen.stderr);
            assert!(seen.stderr.contains("`git checkout release-0.4.x`"), "{options:?} {words}: {}", seen.stderr);
        }
        clone.release("check --rev HEAD").expect(0);
        clone.release("patch 0.3.2 --commit").expect(0);
    }
}

#[test]
fn a_clone_of_one_branch_fetches_main_and_the_lines_where_that_is_asked_for_and_keeps_its_settings() {
    let sample = Sample::new();
    sample.git(&["branch", "somebodys", "main"]);
    sample.git(&["push", "--quiet", "origin", "somebodys"]);
    let clone = Narrow::of(Rc::new(sample), "narrow", &["--single-branch", "--branch", "release-0.4.x"]);
    let config = fs::read(clone.directory.join(".git/config")).unwrap();
    let seen = clone.release("post 0.4.4 --dry-run").expect(1);
    assert!(seen.stderr.contains("there is no branch main, here or on origin") && seen.stderr.contains("`--fetch`"));
    clone.release("post 0.4.4 --dry-run --fetch").expect(0);
    let branches = clone.git(&["for-each-ref", "--format=%(refname)", "refs/remotes"]);
    let expected =
        ["refs/remotes/origin/main", "refs/remotes/origin/release-0.3.x", "refs/remotes/origin/release-0.4.x"];
    assert_eq!(branches.lines().collect::<Vec<_>>(), expected);
    assert_eq!(fs::read(clone.directory.join(".git/config")).unwrap(), config);
}

#[test]
fn a_shallow_clone_stays_as_shallow_as_it_is() {
    let clone = Narrow::new(&["--depth", "1", "--branch", "release-0.4.x"]);
    let shallow = |path: &Utf8Path| fs::read_to_string(path.join(".git/shallow")).unwrap();
    let before = shallow(&clone.directory);
    let seen = clone.release("patch 0.4.5 --fetch --dry-run");
    assert_ne!(seen.code, Some(0), "{}", seen.stderr);
    assert!(shallow(&clone.directory).contains(before.trim()));
    assert_eq!(clone.git(&["rev-list", "--count", "HEAD"]), "1");
}
