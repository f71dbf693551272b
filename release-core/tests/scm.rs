//! setuptools-scm itself and `release_core::scm` give a build the same version, in generated repositories and in a
//! real history. Skipped, with the reason on stderr, if Python or the packages are not available.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use release_core::manifest::pyproject::Pyproject;
use release_core::scm::{self, Flavor, Observed, ScmError, ScmVersion, Settings};
use release_core::text::SourceText;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::process::Command;

mod random;
#[path = "scm/real.rs"]
mod real;
#[path = "scm/wheels.rs"]
mod wheels;

use random::{Random, every, in_turn};
use real::Real;

const SCRIPT: &str = include_str!("scm/answer.py");

const TAGS: [&str; 26] = [
    "v0.5.0",
    "v0.5.1",
    "v0.6.0rc1",
    "v0.6.0rc2",
    "v0.6.0",
    "v0.6.1-dev",
    "v0.6.1.dev0",
    "v0.6.1.dev20260219",
    "v1.0",
    "1",
    "v1.0.0.post1",
    "meadow-0.7.0",
    "meadow_api-v0.7.1",
    "release/0.8.0",
    "nightly-2025-09-27",
    "v1.2.3.4",
    "v1.0-3",
    "v0.9.0+linux.1",
    "v0.9.1+not_!",
    "2026.02.19",
    "26.2.19.3",
    "2!1.0",
    "V3",
    "v1.x",
    "nothing",
    "v2.09.9",
];

const OPTIONS: [&str; 27] = [
    "",
    "",
    "",
    "",
    "",
    "fallback_version = '0.7.2'",
    "fallback_version = '0.7.2.dev0'",
    "fallback_version = 'x'",
    "version_scheme = 'post-release'",
    "version_scheme = 'python-simplified-semver'",
    "version_scheme = 'release-branch-semver'",
    "version_scheme = 'no-guess-dev'",
    "version_scheme = 'calver-by-date'",
    "version_scheme = 'only-version'",
    "version_scheme = ['no-guess-dev', 'post-release']",
    "version_scheme = 'semver-pep440'",
    "version_scheme = 'semver-pep440-release-branch'",
    "local_scheme = 'node-and-timestamp'",
    "local_scheme = 'dirty-tag'",
    "local_scheme = 'no-local-version'",
    "local_scheme = ['fail-on-uncommitted-changes', 'dirty-tag']",
    "local_scheme = 'no-local-version-strict'",
    "normalize = false",
    r"tag_regex = '^v(?P<version>\d+\.\d+(\.\d+)?)'",
    "git_describe_command = 'git describe --tags --dirty --match \"v*\"'",
    "scm.git.describe_command = ['git', 'describe', '--tags', '--long', '--abbrev=12', '--first-parent']",
    "tag = { prefix = 'meadow-', strict = true }",
];

const ENVIRONMENTS: [&[(&str, &str)]; 13] = [
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1.0-RC1")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION", "no version")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API", ""), ("SETUPTOOLS_SCM_PRETEND_VERSION", "1.1")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_meadow_api", "1.2"), ("SETUPTOOLS_SCM_PRETEND_VERSION", "1.3")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_OTHER", "1.4")],
    &[("VCS_VERSIONING_PRETEND_VERSION", "1.5")],
];

/// All versions, and the answers in which they differ from this crate.
struct Comparison {
    reals: Vec<Real>,
    asked: usize,
    compared: usize,
    refused: usize,
    different: Vec<String>,
}

impl Comparison {
    fn new() -> Option<Self> {
        let reals = Real::all(SCRIPT)?;
        Some(Self { reals, asked: 0, compared: 0, refused: 0, different: Vec::new() })
    }

    /// Asks the versions whose turn it is about a folder with a manifest.
    fn ask(&mut self, folder: &Utf8Path, options: &str, environment: &[(&str, &str)], what: &str) {
        let text = format!("[project]\nname = 'meadow.api'\ndynamic = ['version']\n[tool.setuptools_scm]\n{options}\n");
        fs::write(folder.join("pyproject.toml"), &text).unwrap();
        let mut environment: Vec<(String, String)> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if environment.iter().all(|(name, _)| name != "SOURCE_DATE_EPOCH") {
            environment.push(("SOURCE_DATE_EPOCH".to_owned(), "1771459200".to_owned()));
        }
        let mut reals = in_turn(&mut self.reals, self.asked);
        self.asked += 1;
        for real in &mut reals {
            real.ask(folder, &environment);
        }
        let manifest = Pyproject::parse(&SourceText::new(text)).unwrap();
        let ours = |real: &Real| {
            let called = called(&manifest, real.flavor, Utf8Path::new("/"), folder, &environment);
            called.map(|called| called.text)
        };
        let ours: Vec<_> = reals.iter().map(|real| ours(real)).collect();
        for (real, ours) in reals.into_iter().zip(ours) {
            let theirs = real.answer();
            self.compared += 1;
            self.refused += usize::from(theirs["version"].is_null());
            // A scheme that does not exist is `+unknown` in 8, and ignored in a list: here it is an error in any
            // place.
            if matches!(ours, Err(ScmError::Scheme { option: "local_scheme", .. })) {
                continue;
            }
            if theirs["version"] != json!(ours.as_ref().ok()) {
                self.different.push(format!(
                    "{:?} {options:?} {environment:?} {what}\n  ours {ours:?}\n  theirs {theirs}",
                    real.flavor
                ));
            }
        }
    }

    fn end(self) {
        let first = self.different[..self.different.len().min(20)].join("\n");
        assert!(self.different.is_empty(), "{} of {} differ:\n{first}", self.different.len(), self.compared);
        note(&format!("{} answers compared, {} of them refusals", self.compared, self.refused));
    }
}

fn called(
    manifest: &Pyproject,
    flavor: Flavor,
    boundary: &Utf8Path,
    folder: &Utf8Path,
    environment: &[(String, String)],
) -> Result<ScmVersion, ScmError> {
    let settings = Settings::read(manifest, flavor, boundary, folder)?;
    let git = Git::new(folder).unwrap();
    let question = settings.question(folder)?;
    let checkout = git.scm_checkout(&question, None).unwrap();
    assert!(git.started() <= 3 || question.wants_history || question.wants_submodules || question.scope.is_some());
    let observed = settings.observed(boundary, folder, checkout)?;
    let observed = Observed { environment: environment.to_vec(), now: 1_771_459_200, ..observed };
    scm::version(&settings, &observed)
}

#[test]
fn generated_repositories_are_called_as_setuptools_scm_calls_them() {
    compare(7);
}

#[test]
fn more_generated_repositories_are_called_as_setuptools_scm_calls_them() {
    compare(8);
}

/// Two tests share the work, for two processors.
fn compare(seed: u64) {
    let Some(mut comparison) = Comparison::new() else { return };
    let mut random = Random::new(seed);
    for _ in 0..4 {
        let directory = tempfile::tempdir().unwrap();
        let top = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap();
        git(&top, &["init", "--quiet", "--initial-branch", "main"]);
        fs::create_dir(top.join("sub")).unwrap();
        comparison.ask(&top, "", &[], "no commit yet");
        for step in 0..14 {
            let done = change(&top, step, &mut random);
            for _ in 0..2 {
                let (options, environment) = (random.pick(&OPTIONS), ENVIRONMENTS[random.below(ENVIRONMENTS.len())]);
                match random.below(8) {
                    0 => comparison.ask(&top.join("sub"), &format!("root = '..'\n{options}"), environment, &done),
                    1 => comparison.ask(&top.join("sub"), options, environment, &done),
                    2 => comparison.ask(
                        &top.join("sub"),
                        &format!("search_parent_directories = true\n{options}"),
                        environment,
                        &done,
                    ),
                    _ => comparison.ask(&top, options, environment, &done),
                }
            }
        }
        for epoch in ["1771459200", "-5", " +1_771_459_200 ", "99999999999999"] {
            comparison.ask(&top, "local_scheme = 'node-and-timestamp'", &[("SOURCE_DATE_EPOCH", epoch)], "epoch");
        }
        comparison.ask(&top, "local_scheme = 'no-local-version'", &[("SOURCE_DATE_EPOCH", "soon")], "epoch");
        let clone = top.join("shallow");
        git(&top, &["clone", "--quiet", "--depth", "1", &format!("file://{top}"), clone.as_str()]);
        comparison.ask(&clone, "fallback_version = '0.7.2'", &[], "shallow");
    }
    comparison.end();
}

/// Makes one more commit, tag, branch or change.
fn change(top: &Utf8Path, step: usize, random: &mut Random) -> String {
    let commit = |name: &str| {
        git(top, &["add", "--all", "--", "file"]);
        git(top, &["commit", "--quiet", "--allow-empty", "--message", name]);
    };
    if step == 0 || random.one_in(3) {
        fs::write(top.join("file"), step.to_string()).unwrap();
        commit("one");
        return "commit".to_owned();
    }
    match random.below(8) {
        0..=4 => {
            let tag = random.pick(&TAGS);
            let _output = match random.below(3) {
                0 => git(top, &["tag", "--force", tag]),
                1 => git(top, &["tag", "--force", "--annotate", "--message", "x", tag]),
                _ => {
                    git(top, &["tag", "--force", tag]);
                    git(top, &["tag", "--force", "--annotate", "--message", "x", random.pick(&TAGS)])
                }
            };
            if random.one_in(4) {
                commit("two");
            }
            format!("tag {tag}")
        }
        5 => {
            let name = random.pick(&["feature/x", "release-0.6", "maint/v0.6.x", "release-26.2.19", "0.5", "main"]);
            git(top, &["checkout", "--quiet", "-B", name]);
            format!("branch {name}")
        }
        6 => {
            fs::write(top.join("file"), format!("changed {step}")).unwrap();
            "changed".to_owned()
        }
        _ => {
            fs::write(top.join("new"), "").unwrap();
            if random.one_in(2) {
                git(top, &["add", "new"]);
            }
            "new file".to_owned()
        }
    }
}

#[test]
fn unpacked_sources_are_called_as_setuptools_scm_calls_them() {
    let Some(mut comparison) = Comparison::new() else { return };
    for (archival, package_info) in [
        (None, None),
        (None, Some("Metadata-Version: 2.1\nName: meadow\nVersion: 1.0-RC1\n\nVersion: 2")),
        (None, Some("Name: meadow\nVersion: UNKNOWN\n")),
        (Some("node: $Format:%H$\ndescribe-name: $Format:%(describe:tags=true)$\n"), Some("Version: 3\n")),
        (Some("node: 1a2b3c4d5e6f\ndescribe-name: v0.5.0-3-g1a2b3c4d5e6f\n"), None),
        (Some("node: 1a2b3c4d5e6f\ndescribe-name: v0.5.0\nref-names: tag: v9\n"), None),
        (Some("node: 1a2b3c4d5e6f\ndescribe-name: \nref-names: HEAD -> main, tag: v0.6.0\n"), None),
        (Some("node: 1a2b3c4d5e6f\nref-names: HEAD -> main, tag: nothing, tag: v0.6.1, origin/main\n"), None),
        (Some("node: 1a2b3c4d5e6f\nref-names: (tag: v1.x, tag: v0.6.2)\n"), None),
        (Some("node: 1a2b3c4d5e6f\nref-names: HEAD -> main\n"), None),
        (Some("other: 1\n"), None),
    ] {
        for options in
            ["", "fallback_version = '0.7.2-dev'", "fallback_version = 'x'", "version_scheme = 'calver-by-date'"]
        {
            let directory = tempfile::tempdir().unwrap();
            let folder = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap();
            for (name, text) in [(".git_archival.txt", archival), ("PKG-INFO", package_info)] {
                if let Some(text) = text {
                    fs::write(folder.join(name), text).unwrap();
                }
            }
            comparison.ask(&folder, options, &[], &format!("{archival:?} {package_info:?}"));
        }
    }
    comparison.end();
}

#[test]
fn a_real_history_is_called_as_setuptools_scm_calls_it() {
    let corpus = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let bundle = corpus.read_dir_utf8().ok().and_then(|mut files| {
        files.find_map(|entry| Some(entry.ok()?.into_path()).filter(|path| path.extension() == Some("bundle")))
    });
    let Some(bundle) = bundle else { return note(&format!("skipped: there is no corpus in {corpus}")) };
    let Some(mut comparison) = Comparison::new() else { return };
    let directory = tempfile::tempdir().unwrap();
    let top = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap().join("corpus");
    git(Utf8Path::new("/"), &["clone", "--quiet", bundle.as_str(), top.as_str()]);
    let refs = git(&top, &["for-each-ref", "--format=%(refname)", "refs/tags", "refs/remotes"]);
    let question = Settings::default().question(&top).unwrap();
    assert!(Git::new(&top).unwrap().scm_checkout(&question, Some("no-such-revision")).is_err());
    for name in refs.lines().step_by(every(9)) {
        git(&top, &["checkout", "--quiet", "--force", "--detach", name]);
        // The manifest is replaced without a change that git sees.
        git(&top, &["update-index", "--assume-unchanged", "pyproject.toml"]);
        comparison.ask(&top, "fallback_version = '0.7.2'", &[], name);
        without_checking_it_out(&top, name);
        fs::write(top.join("uv.lock"), "changed").unwrap();
        comparison.ask(&top, "version_scheme = 'release-branch-semver'", &[], name);
        git(&top, &["update-index", "--no-assume-unchanged", "pyproject.toml"]);
    }
    comparison.end();
}

/// Checks that a revision gets the same version as its clean checkout.
fn without_checking_it_out(top: &Utf8Path, revision: &str) {
    for options in ["", "version_scheme = 'calver-by-date'"] {
        let text = format!("[tool.setuptools_scm]\n{options}\n");
        let settings = Settings::of(&Pyproject::parse(&SourceText::new(text)).unwrap(), Flavor::V10);
        let question = settings.question(top).unwrap();
        let called = |revision| {
            let git = Git::new(top).unwrap();
            let checkout = git.scm_checkout(&question, revision).unwrap();
            assert!(git.started() <= 3);
            scm::version(&settings, &Observed { checkout, now: 1_771_459_200, ..Observed::default() }).unwrap()
        };
        assert_eq!(called(Some(revision)), called(None), "{revision}");
    }
}

fn git(folder: &Utf8Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@meadow.example");
        command.env(format!("GIT_{who}_DATE"), "2026-02-20T00:30:00+02:00");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Writes a message even if the test harness captures the output of passing tests.
fn note(message: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    drop(writeln!(std::io::stderr(), "{name}: {message}"));
}
