//! Known answers: releases of a real monorepo's past, prepared again in the world of their moment, compared byte for byte
//! with what people committed then.
//!
//! The history is no part of this repository. It is looked for beside it, and every test here is skipped, saying so, where
//! it is absent. Its script `at DIR COMMIT LINE VERSION [cut]` makes the world just before a commit: `DIR/origin.git`, and
//! `DIR/checkout` with LINE checked out at the commit's parent; with `cut`, LINE is not there yet and main is checked out.
//!
//! One release is reproduced by no policy and not among the rows: 0.4.0rc1 (11bb7c1) lost a comment and changed an
//! operator by hand. The move from static versions to setuptools-scm on a line of its own (9137f21) is none that preparing
//! a release makes; `init.rs` has it.

use crate::support::{Run, directory, git, is_thorough, release, run};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A release of the past.
struct Row {
    /// The commit that people made.
    commit: &'static str,
    /// The branch they committed it to.
    line: &'static str,
    /// The command that must make the same of the commit's parent.
    command: &'static str,
    /// The manifests that change. All of them are compared, and no other tracked file may change but `uv.lock`, where it records
    /// static versions. People left those to a later commit, and `uv lock --check` failed until then.
    changed: &'static [&'static str],
}

const LOCKS: [&str; 2] = ["uv.lock", "src/llama_stack_api/uv.lock"];
const API: &str = "src/llama_stack_api/pyproject.toml";
const ROOT: &[&str] = &["pyproject.toml"];
const BOTH: &[&str] = &["pyproject.toml", API];

const fn row(commit: &'static str, line: &'static str, command: &'static str, changed: &'static [&'static str]) -> Row {
    Row { commit, line, command, changed }
}

/// Versions from setuptools-scm, clients pinned with `==`, no configuration.
#[rustfmt::skip]
const WITH_SETUPTOOLS_SCM: &[Row] = &[
    row("fabf612", "release-0.4.x", "patch 0.4.5", BOTH),
    // `fallback_version` was still that of main, and a pin carries a trailing comment.
    row("8870e7e", "release-0.5.x", "patch 0.5.1", BOTH),
    // The fallbacks are right already.
    row("b456cbc", "release-0.4.x", "patch 0.4.4", ROOT),
];

/// Static versions, clients pinned with `==`, no configuration.
#[rustfmt::skip]
const STATIC: &[Row] = &[
    row("1081106", "release-0.3.x", "rc 0.3.5rc2 --patch-candidate", ROOT),
    row("b5ee95c", "release-0.3.x", "patch 0.3.5",                   ROOT),
    // 0.4.0rc1 has no tag.
    row("3d56ed1", "release-0.4.x", "rc 0.4.0rc2 --skip",            BOTH),
    row("6deb895", "release-0.4.x", "minor 0.4.0",                   BOTH),
    row("456c6f5", "release-0.4.x", "patch 0.4.1",                   BOTH),
    row("f1c576a", "release-0.4.x", "patch 0.4.2",                   BOTH),
    row("a2ac15e", "release-0.4.x", "patch 0.4.3",                   BOTH),
];

/// Static versions, clients pinned with `>=`.
#[rustfmt::skip]
const STATIC_WITH_FLOORS: &[Row] = &[
    row("ee31d73", "release-0.3.x", "rc 0.3.0rc6",                          ROOT),
    row("0cd84d3", "release-0.3.x", "minor 0.3.0",                          ROOT),
    row("7b11cac", "release-0.3.x", "rc 0.3.1rc1 --patch-candidate",        ROOT),
    row("69615c5", "release-0.3.x", "rc 0.3.1rc2 --patch-candidate",        ROOT),
    row("54390fb", "release-0.3.x", "rc 0.3.1rc3 --patch-candidate",        ROOT),
    row("e1d48b2", "release-0.3.x", "rc 0.3.1rc4 --patch-candidate",        ROOT),
    row("d1e8ce4", "release-0.3.x", "rc 0.3.1rc5 --patch-candidate",        ROOT),
    row("0a5d475", "release-0.3.x", "patch 0.3.1",                          ROOT),
    row("7a85441", "release-0.3.x", "rc 0.3.2rc1 --patch-candidate",        ROOT),
    // 0.3.2rc1 has no tag.
    row("4eaa130", "release-0.3.x", "rc 0.3.2rc2 --patch-candidate --skip", ROOT),
    row("2d68403", "release-0.3.x", "rc 0.3.2rc3 --patch-candidate",        ROOT),
    row("a2a5bfe", "release-0.3.x", "patch 0.3.2",                          ROOT),
    row("c08206e", "release-0.3.x", "rc 0.3.3rc1 --patch-candidate",        ROOT),
    row("939c92e", "release-0.3.x", "patch 0.3.3",                          ROOT),
    row("c280b02", "release-0.3.x", "rc 0.3.4rc1 --patch-candidate",        ROOT),
    row("4582901", "release-0.3.x", "rc 0.3.4rc2 --patch-candidate",        ROOT),
    row("d4ac69d", "release-0.3.x", "rc 0.3.4rc3 --patch-candidate",        ROOT),
    row("8d3acad", "release-0.3.x", "patch 0.3.4",                          ROOT),
    row("4b55298", "release-0.3.x", "rc 0.3.5rc1 --patch-candidate",        ROOT),
];

/// Static versions, the client's pins left alone by candidates.
#[rustfmt::skip]
const STATIC_WITH_KEPT_PINS: &[Row] = &[
    row("6e7e1e9", "release-0.3.x", "rc 0.3.6rc1 --patch-candidate", ROOT),
    row("ee8074e", "release-0.4.x", "rc 0.4.0rc3",                   BOTH),
    row("370bffa", "release-0.4.x", "rc 0.4.0rc4",                   BOTH),
    row("3693564", "release-0.4.x", "rc 0.4.0rc5",                   BOTH),
    row("2b85e18", "release-0.4.x", "rc 0.4.1rc1 --patch-candidate", BOTH),
    row("be6c224", "release-0.4.x", "rc 0.4.1rc2 --patch-candidate", BOTH),
    row("5e4c439", "release-0.4.x", "rc 0.4.1rc3 --patch-candidate", BOTH),
    row("9a54327", "release-0.4.x", "rc 0.4.2rc1 --patch-candidate", BOTH),
    row("333a471", "release-0.4.x", "rc 0.4.2rc2 --patch-candidate", BOTH),
    row("7d36330", "release-0.4.x", "rc 0.4.3rc1 --patch-candidate", BOTH),
    row("6209fe6", "release-0.4.x", "rc 0.4.3rc2 --patch-candidate", BOTH),
    row("ce52709", "release-0.4.x", "rc 0.4.3rc3 --patch-candidate", BOTH),
];

#[test]
fn releases_with_setuptools_scm_are_what_people_committed() {
    replay(WITH_SETUPTOOLS_SCM, None);
}

#[test]
fn releases_with_static_versions_are_what_people_committed() {
    replay(STATIC, None);
}

#[test]
fn releases_with_floors_are_what_people_committed() {
    replay(STATIC_WITH_FLOORS, Some(r#"pin = { release = ">=", candidate = ">=" }"#));
}

#[test]
fn candidates_with_kept_pins_are_what_people_committed() {
    replay(STATIC_WITH_KEPT_PINS, Some(r#"pin = { candidate = "keep" }"#));
}

/// The commit that people made for 0.5.0 on the branch that was cut for it.
const CUT: &str = "e1b6d92";

#[test]
fn a_minor_is_cut_from_main_and_has_what_people_committed_and_the_fallback_they_forgot() {
    let Some(world) = World::at(CUT, "release-0.5.x", "0.5.0", true) else { return };

    world.release("minor 0.5.0 --early tested").expect(0);

    assert_eq!(git(&world.checkout, &["branch", "--show-current"]), "release-0.5.x");
    assert_eq!(world.changed(), BOTH);
    for (path, wanted) in answer_for_the_cut(&world) {
        assert_eq!(world.text(path), wanted, "{path}");
    }
    world.has_nothing_left_to_do("minor 0.5.0 --early tested");
}

#[test]
fn a_minor_is_committed_to_the_branch_that_is_cut_for_it_and_the_checkout_stays_on_main() {
    let Some(world) = World::at(CUT, "release-0.5.x", "0.5.0", true) else { return };
    let main = git(&world.checkout, &["rev-parse", "main"]);

    world.release("minor 0.5.0 --early tested --commit").expect(0);

    assert_eq!(git(&world.checkout, &["rev-parse", "--abbrev-ref", "HEAD"]), "main");
    assert_eq!(git(&world.checkout, &["rev-parse", "main", "release-0.5.x^"]), format!("{main}\n{main}"));
    assert!(world.changed().is_empty());
    let changed = git(&world.checkout, &["diff", "--name-only", "main", "release-0.5.x"]);
    assert_eq!(changed.lines().collect::<Vec<_>>(), BOTH);
    for (path, wanted) in answer_for_the_cut(&world) {
        assert_eq!(world.committed("release-0.5.x", path), wanted, "{path}");
    }
    world.has_nothing_left_to_do("minor 0.5.0 --early tested --commit");
}

/// The manifests as 0.5.0 must have them: people moved the root's pins, and forgot `fallback_version` in both.
fn answer_for_the_cut(world: &World) -> [(&'static str, String); 2] {
    let wanted = |path, commit: &str| {
        let forgotten = world.committed(commit, path);
        assert_eq!(forgotten.matches("fallback_version = \"0.5.0.dev0\"").count(), 1);
        (path, forgotten.replace("fallback_version = \"0.5.0.dev0\"", "fallback_version = \"0.5.0\""))
    };
    [wanted(ROOT[0], CUT), wanted(API, CUT)]
}

#[test]
fn a_line_that_is_end_of_life_is_patched_only_when_that_is_asked_for() {
    let Some(world) = World::as_it_ended("release-0.3.x") else { return };

    let refused = world.release("patch 0.3.6").expect(1);
    assert!(refused.stderr.contains("line 0.3 is end of life since 0.5.0"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--unmaintained"), "{}", refused.stderr);
    assert!(world.changed().is_empty());

    world.release("patch 0.3.6 --unmaintained").expect(0);
    assert_eq!(world.following("0.3.6"), LOCKS[..1]);
    assert_eq!(world.changed(), [ROOT[0], LOCKS[0]]);
    assert!(world.text(ROOT[0]).contains("\nversion = \"0.3.6\"\n"));
    world.has_nothing_left_to_do("patch 0.3.6 --unmaintained");
}

/// Prepares every release of a table in its world, twice; `pin` is the client's line in a configuration, where there is one.
#[track_caller]
fn replay(rows: &[Row], pin: Option<&str>) {
    // Some of every long table.
    let step = if is_thorough() || rows.len() < 4 { 1 } else { 3 };
    for row in rows.iter().step_by(step) {
        let version = row.command.split(' ').nth(1).expect("a version");
        let Some(world) = World::at(row.commit, row.line, version, false) else { return };
        let mut command = row.command.to_owned();
        if let Some(pin) = pin {
            let config = world.directory.join("release.toml");
            fs::write(&config, format!("[[client]]\nname = \"llama-stack-client\"\n{pin}\n")).expect("written");
            command = format!("{command} --config {config}");
        }

        world.release(&command).expect(0);

        let following = world.following(version);
        let manifests: Vec<_> =
            world.changed().into_iter().filter(|path| !following.contains(&path.as_str())).collect();
        assert_eq!(manifests, row.changed, "{}: {command}", row.commit);
        for path in world.packages() {
            assert_eq!(world.text(path), world.committed(row.commit, path), "{}: {command}: {path}", row.commit);
        }
        world.has_nothing_left_to_do(&command);
    }
}

/// A moment of the past.
pub(crate) struct World {
    _temporary: TempDir,
    pub(crate) directory: Utf8PathBuf,
    pub(crate) checkout: Utf8PathBuf,
}

impl World {
    /// Makes the moment just before a commit, or `None` where there is no corpus.
    pub(crate) fn at(commit: &str, line: &str, version: &str, cut: bool) -> Option<Self> {
        let corpus = UNPACKED.get_or_init(unpacked).as_ref()?;
        let world = Self::new();
        let mut at = Command::new("bash");
        at.arg(corpus.join("at")).args([world.directory.as_str(), commit, line, version]);
        at.args(cut.then_some("cut")).envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
        run(&mut at).expect(0);
        Some(world)
    }

    /// The end of the history, with a line checked out.
    pub(crate) fn as_it_ended(line: &str) -> Option<Self> {
        let bundle = bundle(&corpus()?);
        let world = Self::new();
        git(&world.directory, &["clone", "--quiet", "--branch", line, bundle.as_str(), world.checkout.as_str()]);
        Some(world)
    }

    fn new() -> Self {
        let (temporary, directory) = directory();
        Self { _temporary: temporary, checkout: directory.join("checkout"), directory }
    }

    pub(crate) fn release(&self, command: &str) -> Run {
        release(&self.checkout, &command.split(' ').collect::<Vec<_>>())
    }

    /// Tracked files that differ from the last commit, and untracked ones.
    pub(crate) fn changed(&self) -> Vec<String> {
        let status = git(&self.checkout, &["status", "--porcelain", "--no-renames"]);
        status.lines().filter_map(|line| Some(line.get(3..)?.to_owned())).collect()
    }

    /// The manifests of the packages, as far as this moment has them.
    fn packages(&self) -> &'static [&'static str] {
        if self.checkout.join(API).exists() { BOTH } else { ROOT }
    }

    /// Returns the lockfiles that record static versions of the tree; fails unless each has this version there, and all else as
    /// the last commit has it.
    #[track_caller]
    fn following(&self, version: &str) -> Vec<&'static str> {
        const HEADER: &str = "[[package]]\n";
        if !self.text(ROOT[0]).contains("\nversion = \"") {
            return Vec::new();
        }
        let is_local = |entry: &&str| {
            ["editable", "virtual", "directory"].iter().any(|kind| entry.contains(&format!("\nsource = {{ {kind} = ")))
        };
        let is_version = |line: &str| line.starts_with("version = ");
        let line = |line: &str| if is_version(line) { format!("version = \"{version}\"\n") } else { line.to_owned() };
        let moved = |entry: &str| entry.split_inclusive('\n').map(line).collect::<String>();
        let follows = |path: &&str| {
            let old = self.committed("HEAD", path);
            let (head, entries) = old.split_once(HEADER).expect("packages");
            let entries: Vec<&str> = entries.split(HEADER).collect();
            let new = entries.iter().map(|entry| if is_local(entry) { moved(entry) } else { (*entry).to_owned() });
            let new: String = new.map(|entry| format!("{HEADER}{entry}")).collect();
            assert!(self.text(path) == format!("{head}{new}"), "{path} has other changes than the versions");
            entries.into_iter().filter(is_local).any(|entry| entry.lines().any(is_version))
        };
        LOCKS.into_iter().filter(|path| self.checkout.join(path).exists()).filter(follows).collect()
    }

    pub(crate) fn text(&self, path: impl AsRef<Utf8Path>) -> String {
        fs::read_to_string(self.checkout.join(path.as_ref())).expect("a text file")
    }

    /// A file of a commit, to the last byte.
    pub(crate) fn committed(&self, commit: &str, path: &str) -> String {
        let mut show = Command::new("git");
        show.current_dir(&self.checkout).args(["cat-file", "blob", &format!("{commit}:{path}")]);
        run(&mut show).expect(0).stdout
    }

    /// The same command again says so, and changes nothing.
    #[track_caller]
    pub(crate) fn has_nothing_left_to_do(&self, command: &str) {
        let state = || {
            let files = [self.changed(), self.packages().iter().map(|path| self.text(path)).collect()];
            (files, git(&self.checkout, &["for-each-ref"]), git(&self.checkout, &["rev-parse", "HEAD"]))
        };
        let before = state();
        let again = self.release(command).expect(0);
        assert!(again.stderr.contains("nothing to do"), "{command}: {}", again.stderr);
        assert_eq!(again.stdout, "", "{command}");
        assert_eq!(state(), before, "{command}");
    }
}

/// Returns the place of the history, or `None`, with a word on stderr, where it is absent.
fn corpus() -> Option<Utf8PathBuf> {
    let workspace = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let corpus = workspace.join("../shared/corpus");
    if corpus.join("at").exists() {
        return Some(corpus);
    }
    eprintln!("skipped: there is no corpus in {corpus}");
    None
}

/// The bundle that holds the history.
fn bundle(corpus: &Utf8Path) -> Utf8PathBuf {
    let mut files = corpus.read_dir_utf8().expect("the corpus").map(|entry| entry.expect("an entry").into_path());
    files.find(|path| path.extension() == Some("bundle")).expect("the bundle")
}

/// Returns the bundle as a bare repository, or `None` where there is no corpus.
pub(crate) fn unpacked_bundle() -> Option<Utf8PathBuf> {
    UNPACKED.get_or_init(unpacked).as_deref().map(bundle)
}

/// The corpus with its bundle unpacked.
static UNPACKED: OnceLock<Option<Utf8PathBuf>> = OnceLock::new();

/// Unpacks the bundle once, under its name: the script clones a repository in a fraction of the time.
fn unpacked() -> Option<Utf8PathBuf> {
    let corpus = corpus()?;
    let bundle = bundle(&corpus);
    let size = fs::metadata(&bundle).expect("the bundle").len();
    let unpacked = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("corpus-{size}"));
    if !unpacked.exists() {
        let parent = unpacked.parent().expect("a folder");
        let making = tempfile::tempdir_in(parent).expect("a temporary directory");
        let made = Utf8Path::from_path(making.path()).expect("UTF-8").join("corpus");
        fs::create_dir(&made).expect("a folder");
        let repository = made.join(bundle.file_name().expect("a name"));
        git(&made, &["clone", "--quiet", "--bare", bundle.as_str(), repository.as_str()]);
        // Another run may have been faster.
        let _ = fs::rename(&made, &unpacked);
    }
    // The script is the corpus' own, as it is now.
    fs::copy(corpus.join("at"), unpacked.join("at")).expect("the script");
    Some(unpacked)
}
