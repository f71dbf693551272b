//! The hook for pre-commit, run by the real pre-commit from a fresh clone of this workspace as it is in the work tree.
//! Skipped, with the reason on stderr, where Python or pre-commit cannot be had.
//!
//! The hook builds the tool, which takes as long as many tests: one test has it do so, and is left to `cargo xtask ci`. For all
//! others a script stands in for cargo and puts the binary of the tests where the hook wants it.

use crate::sample::{Sample, put};
use crate::support::{ENVIRONMENT, Run, directory, executable, git, run, works};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::process::Command;
use std::sync::OnceLock;

/// The pre-commit that runs the hook.
const PRE_COMMIT: &str = "pre-commit==4.3.0";

/// The script that the hook is, in this workspace.
const SCRIPT: &str = "xtask/hooks/release-check";

/// The hook builds a release once for each clone. Here it keeps what it built and does not optimise: the time counts.
const QUICK: [(&str, &str); 2] =
    [("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")];

/// Who builds the tool for the hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Builder {
    Cargo,
    /// A script that answers to `cargo install` with the binary of the tests.
    StandIn,
}

/// The things that tests of this file share.
struct Workshop {
    program: Utf8PathBuf,
    /// A repository that holds the work tree of this workspace in one commit.
    source: Utf8PathBuf,
    revision: String,
    /// The folder of pre-commit's clones; empty at first.
    home: Utf8PathBuf,
    target: Utf8PathBuf,
    /// The folder in which the hook finds its cargo.
    path: String,
    /// Other runs of the tests wait until this one ends.
    _lock: File,
}

/// A sample and how its first run of the hook went, or nothing where pre-commit cannot be had.
fn workshop() -> Option<&'static (Workshop, Run)> {
    static WORKSHOP: OnceLock<Option<(Workshop, Run)>> = OnceLock::new();
    let made = WORKSHOP.get_or_init(|| {
        let workshop = Workshop::open(Builder::StandIn)?;
        let first = workshop.first_run();
        Some((workshop, first))
    });
    made.as_ref()
}

impl Workshop {
    fn open(builder: Builder) -> Option<Self> {
        let workspace = workspace();
        let manifest = ["ls-files", "--cached", "--others", "--error-unmatch", ".pre-commit-hooks.yaml"];
        let needed_for = "the hook for pre-commit";
        if !works(Command::new("cargo").arg("--version"), needed_for)
            || !works(Command::new("git").current_dir(&workspace).args(manifest), needed_for)
        {
            return None;
        }
        let shared = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit");
        let folder = shared.join(format!("{builder:?}"));
        fs::create_dir_all(&folder).unwrap();
        let locked = |folder: &Utf8Path| {
            let lock = File::create(folder.join("lock")).unwrap();
            lock.lock().unwrap();
            lock
        };
        let lock = locked(&folder);
        let installing = locked(&shared);
        let program = install(&shared.join(PRE_COMMIT.replace("==", "-")))?;
        drop(installing);
        let path = std::env::var("PATH").unwrap();
        let path = match builder {
            Builder::Cargo => path,
            Builder::StandIn => format!("{}:{path}", stand_in(&folder)),
        };
        let [source, home] = ["source", "home"].map(|name| {
            let place = folder.join(name);
            let removed = fs::remove_dir_all(&place);
            assert!(removed.is_ok() || !place.exists(), "{place}: {removed:?}");
            fs::create_dir(&place).unwrap();
            place
        });
        let revision = copy(&workspace, &source);
        Some(Self { program, source, revision, home, target: folder.join("target"), path, _lock: lock })
    }

    /// The first run of the hook in a clone of pre-commit's.
    fn first_run(&self) -> Run {
        self.pre_commit(&self.sample(""), &["run", "--all-files", "--verbose"])
    }

    /// A sample on `release-0.4.x` whose commits run the hook with these arguments.
    fn sample(&self, arguments: &str) -> Sample {
        let sample = Sample::new();
        let (source, revision) = (&self.source, &self.revision);
        let config = format!(
            "repos:\n- repo: '{source}'\n  rev: {revision}\n  hooks:\n  - id: release-check\n    args: [{arguments}]\n"
        );
        sample.write(".pre-commit-config.yaml", &config);
        // What is wrong in these tests is a pin, and a lock that differs from it would be too.
        fs::remove_file(sample.checkout.join("uv.lock")).unwrap();
        sample.commit("ci: check the release before each commit");
        self.pre_commit(&sample, &["install"]).expect(0);
        sample
    }

    fn pre_commit(&self, sample: &Sample, words: &[&str]) -> Run {
        run(self.command(self.program.as_str(), sample, &sample.checkout).args(words))
    }

    /// Commits everything in a work tree of the sample, hooks and all.
    fn commit(&self, sample: &Sample, work_tree: &Utf8Path) -> Run {
        git(work_tree, &["add", "--all"]);
        run(self.command("git", sample, work_tree).args(["commit", "--message", "chore: a commit of the user's"]))
    }

    /// A program as a user starts it: not in a workflow, and with nothing skipped.
    fn command(&self, program: &str, sample: &Sample, directory: &Utf8Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name == "SKIP" || name.to_string_lossy().starts_with("GITHUB_") {
                command.env_remove(name);
            }
        }
        command.current_dir(directory).envs(ENVIRONMENT).envs(QUICK).env("TMPDIR", &sample.tmp);
        command.env("PRE_COMMIT_HOME", &self.home).env("CARGO_TARGET_DIR", &self.target).env("PATH", &self.path);
        command
    }
}

/// A folder with a `cargo` that does what the hook has cargo do, but for building.
fn stand_in(folder: &Utf8Path) -> Utf8PathBuf {
    let folder = folder.join("bin");
    let script = format!(
        "#!/bin/sh\nset -eu\n[ \"$1\" = install ]\nwhile [ \"$1\" != --root ]; do shift; done\n\
         mkdir -p \"$2/bin\"\ncp '{}' \"$2/bin/new\"\nmv \"$2/bin/new\" \"$2/bin/xtask\"\n",
        env!("CARGO_BIN_EXE_xtask")
    );
    executable(&folder.join("cargo"), script.as_bytes());
    folder
}

fn workspace() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// pre-commit in a virtual environment of its own, which stays for the next run.
fn install(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let (python, program) = (folder.join("bin/python"), folder.join("bin/pre-commit"));
    let is_there = run_quietly(Command::new(&program).arg("--version"));
    if !is_there {
        let make = ["-m", "venv", "--clear", folder.as_str()];
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PRE_COMMIT];
        let has_it = works(Command::new("python3").args(make), "the hook for pre-commit")
            && works(Command::new(&python).args(install), "the hook for pre-commit");
        if !has_it {
            return None;
        }
    }
    Some(program)
}

fn run_quietly(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Makes a repository of what the next commit of all of a work tree would hold, and gives back its revision.
fn copy(work_tree: &Utf8Path, repository: &Utf8Path) -> String {
    let listed = git(work_tree, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for path in listed.split_terminator('\0') {
        let target = repository.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        // With its mode. What was removed from the work tree is still listed.
        let copied = fs::copy(work_tree.join(path), target);
        assert!(!copied.is_err_and(|error| error.kind() != ErrorKind::NotFound), "{path}");
    }
    git(repository, &["init", "--quiet"]);
    git(repository, &["add", "--all"]);
    git(repository, &["commit", "--quiet", "--no-verify", "--message", "the work tree"]);
    git(repository, &["rev-parse", "HEAD"])
}

/// Makes every pin of the client float, which no release branch allows.
fn break_the_pins(work_tree: &Utf8Path) {
    for manifest in ["pyproject.toml", "src/meadow_agents/pyproject.toml"] {
        let manifest = work_tree.join(manifest);
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains("==0.4.4"), "{text}");
        fs::write(&manifest, text.replace("==0.4.4", ">=0.4.4")).unwrap();
    }
}

/// Fails unless the finding that a pin floats is shown with its place.
#[track_caller]
fn assert_shows_the_finding(refused: &Run) {
    let after = refused.stderr.split_once("error[pin-operator]: ").expect(&refused.stderr).1;
    assert!(after.contains("\n  --> pyproject.toml:20:5\n"), "{}", refused.stderr);
}

#[test]
fn the_first_run_in_a_fresh_clone_makes_the_tool_and_a_clean_tree_passes() {
    if let Some((workshop, first)) = workshop() {
        assert_makes_the_tool(workshop, first);
    }
}

#[test]
#[ignore = "it builds the tool: `cargo xtask ci` runs it"]
fn the_tool_is_made_by_the_cargo_of_the_user() {
    if let Some(workshop) = Workshop::open(Builder::Cargo) {
        assert_makes_the_tool(&workshop, &workshop.first_run());
    }
}

/// Fails unless the first run made the tool and passed, and the next one had it.
fn assert_makes_the_tool(workshop: &Workshop, first: &Run) {
    let said = format!("{}{}", first.stdout, first.stderr);
    assert_eq!(first.code, Some(0), "{said}");
    assert!(said.contains("Passed"), "{said}");
    assert_eq!(said.matches("release-check: building the tool in ").count(), 1, "{said}");
    assert!(said.contains(workshop.home.as_str()), "{said}");
    assert!(said.contains("checking the work tree as release-0.4.x"), "{said}");

    let sample = workshop.sample("");
    let again = workshop.pre_commit(&sample, &["run", "--all-files", "--verbose"]).expect(0);
    assert!(again.stdout.contains("Passed") && !again.stdout.contains("building"), "{}", again.stdout);
    sample.assert_nothing_left();
}

#[test]
fn the_hook_runs_for_the_files_that_rules_read_and_for_no_other() {
    let Some((workshop, _)) = workshop() else { return };
    let sample = workshop.sample("");
    sample.write("release.toml", "");
    sample.write("uv.lock", "version = 1\n");
    sample.write(".github/workflows/publish.yml", "on: push\n");
    sample.write(".github/workflows/publish.yaml", "on: push\n");
    for path in [
        "pyproject.toml",
        "uv.lock",
        "src/meadow_api/pyproject.toml",
        "src/meadow_ui/package.json",
        "src/meadow_ui/package-lock.json",
        "release.toml",
        ".github/workflows/publish.yml",
        ".github/workflows/publish.yaml",
    ] {
        let run = workshop.pre_commit(&sample, &["run", "--files", path]);
        assert!(run.stdout.contains("Passed") || run.stdout.contains("Failed"), "{path}: {}", run.stdout);
    }
    let others = [
        "README.md",
        "docs/pyproject.toml.md",
        "my-package.json",
        "src/uv.lock/notes",
        "pyproject-toml",
        "src/.github/workflows/a.yml",
    ];
    for path in others {
        put(&sample.checkout.join(path), b"text\n");
    }
    let run = workshop.pre_commit(&sample, &[&["run", "--files"], &others[..]].concat()).expect(0);
    assert!(run.stdout.contains("(no files to check)Skipped"), "{}", run.stdout);
}

#[test]
fn a_commit_that_breaks_a_pin_is_refused_with_the_finding_and_one_that_touches_no_manifest_is_not_checked() {
    let Some((workshop, _)) = workshop() else { return };
    let sample = workshop.sample("");
    let head = sample.id("HEAD");
    break_the_pins(&sample.checkout);
    let refused = workshop.commit(&sample, &sample.checkout).expect(1);
    assert_shows_the_finding(&refused);
    assert!(refused.stderr.contains("release check............................................................Failed"));
    assert_eq!(sample.id("HEAD"), head);

    sample.git(&["reset", "--quiet", "--hard"]);
    sample.write("README.md", "Words.\n");
    let made = workshop.commit(&sample, &sample.checkout).expect(0);
    assert!(made.stderr.contains("release check........................................(no files to check)Skipped"));
    sample.assert_nothing_left();
}

#[test]
fn a_commit_in_a_linked_work_tree_is_checked_where_it_is_made() {
    let Some((workshop, _)) = workshop() else { return };
    let sample = workshop.sample("");
    // Here git gives its hooks `GIT_DIR`, and with `--only` an index that is not the repository's.
    let linked = sample.root.join("linked");
    sample.git(&["worktree", "add", "--quiet", linked.as_str(), "-b", "topic"]);
    break_the_pins(&linked);
    workshop.commit(&sample, &linked).expect(1);
    let mut only = workshop.command("git", &sample, &linked);
    let refused = run(only.args(["commit", "--message", "chore: pins", "--only", "pyproject.toml"])).expect(1);
    assert_shows_the_finding(&refused);
    // The first work tree is as it should be, and is not stopped by the other.
    sample.edit("pyproject.toml", "# released together with the server", "# released with the server");
    let made = workshop.commit(&sample, &sample.checkout).expect(0);
    assert!(made.stderr.contains("Passed"), "{}", made.stderr);
}

#[test]
fn arguments_of_the_users_configuration_reach_the_command() {
    let Some((workshop, _)) = workshop() else { return };
    // An entry that accepts nothing is a warning.
    let warned = "[[ignore]]\nrule = \"pin-operator\"\npath = \"src/meadow_api/pyproject.toml\"\nreason = \"none\"\n";
    for (arguments, code) in [("", 0), ("--deny-warnings, --output-format, concise", 1)] {
        let sample = workshop.sample(arguments);
        sample.write("release.toml", warned);
        sample.git(&["add", "--all"]);
        let run = workshop.pre_commit(&sample, &["run", "--verbose"]).expect(code);
        let finding = run.stdout.lines().find(|line| line.contains("[config-unused-ignore]")).expect(&run.stdout);
        // The full format gives the place on a line of its own.
        assert_eq!(finding.starts_with("release.toml:"), code == 1, "{}", run.stdout);
    }
}

/// The script alone in a directory, without a binary.
fn script(root: &Utf8Path) -> Utf8PathBuf {
    let script = root.join(SCRIPT);
    executable(&script, &fs::read(workspace().join(SCRIPT)).unwrap());
    script
}

#[test]
fn without_cargo_the_hook_says_that_it_needs_it() {
    let (_temporary, root) = directory();
    let refused = run(Command::new(script(&root)).env("PATH", "").env("CARGO_HOME", &root)).expect(2);
    let wanted = "release-check: this hook is built by cargo, which is not on the PATH; install Rust, then try again\n";
    assert_eq!(refused.stderr, wanted);
    assert_eq!(refused.stdout, "");
}

#[test]
fn a_build_that_fails_or_is_killed_fails_the_hook_and_is_tried_again() {
    let (_temporary, root) = directory();
    let script = script(&root);
    let elsewhere = root.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    // Ends as the test says, at last by making what cargo makes.
    let cargo = root.join("bin/cargo");
    let makes = "printf '#!/bin/sh\\necho \"$PWD: $*\"\\n' > bin/made; chmod +x bin/made
        mkdir -p target/release-check/bin; mv bin/made target/release-check/bin/xtask";
    let hook = |end: &str| {
        executable(&cargo, format!("#!/bin/sh\necho \"$PWD: $* ($GIT_DIR$GIT_INDEX_FILE)\"\n{end}\n").as_bytes());
        let path = format!("{}:{}", root.join("bin"), std::env::var("PATH").unwrap());
        let mut command = Command::new(&script);
        command.env("PATH", path).env("GIT_DIR", "/nowhere").env("GIT_INDEX_FILE", "/nowhere/index");
        run(command.current_dir(&elsewhere).args(["--deny-warnings", "a b"]))
    };
    let building = format!(
        "release-check: building the tool in {root}; this first run takes about a minute\n\
         {root}: install --quiet --locked --path xtask --bin xtask --root {root}/target/release-check ()\n"
    );
    for end in ["exit 101", "kill -KILL $$"] {
        let failed = hook(end).expect(2);
        assert!(failed.stderr.starts_with(&building), "{}", failed.stderr);
        assert!(failed.stderr.ends_with("release-check: cargo could not build the tool; what it said stands above\n"));
        assert_eq!(failed.stdout, "");
    }
    let built = hook(makes).expect(0);
    assert_eq!(built.stderr, building);
    assert_eq!(built.stdout, format!("{elsewhere}: release check --deny-warnings a b\n"));
    let again = hook("exit 101").expect(0);
    assert_eq!((again.stdout, again.stderr.as_str()), (built.stdout, ""));
}
