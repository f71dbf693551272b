//! Runs the binary and git in temporary repositories, apart from the configuration of the person who runs the tests.

use camino::{Utf8Path, Utf8PathBuf};
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Variables that keep the user's configuration and identity out of a process.
pub(crate) const ENVIRONMENT: [(&str, &str); 7] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "Tester"),
    ("GIT_AUTHOR_EMAIL", "tester@meadow.example"),
    ("GIT_COMMITTER_NAME", "Tester"),
    ("GIT_COMMITTER_EMAIL", "tester@meadow.example"),
    ("LC_ALL", "C.UTF-8"),
];

/// The end of a run of the binary.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; a run that a signal ended has none.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The run, if it ended with this code; all that it said otherwise.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The binary with its environment set, to add arguments to.
pub(crate) fn xtask(directory: &Utf8Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir(directory).envs(ENVIRONMENT).env_remove("CLICOLOR_FORCE");
    // The tests may run in a workflow themselves.
    for name in [
        "GITHUB_ACTIONS",
        "GITHUB_BASE_REF",
        "GITHUB_EVENT_NAME",
        "GITHUB_OUTPUT",
        "GITHUB_REF",
        "GITHUB_REF_NAME",
        "GITHUB_STEP_SUMMARY",
        "SETUPTOOLS_SCM_PRETEND_VERSION",
        "SOURCE_DATE_EPOCH",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs `release` with these arguments in a directory.
pub(crate) fn release(directory: &Utf8Path, arguments: &[&str]) -> Run {
    run(xtask(directory).arg("release").args(arguments))
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the command starts");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Writes a program. A child does it: what we have open for writing is open in whatever another test starts at that moment,
/// and a file that is open for writing cannot be run (ETXTBSY).
#[track_caller]
pub(crate) fn executable(path: &Utf8Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    let mut command = Command::new("sh");
    command.args(["-c", "cat > \"$0\" && chmod 755 \"$0\"", path.as_str()]).stdin(Stdio::piped());
    let mut writer = command.spawn().expect("sh starts");
    writer.stdin.take().expect("its input").write_all(content).expect("it reads");
    assert!(writer.wait().expect("it ends").success(), "{path} is written");
}

/// Returns `true` where every case is wanted, and not only as many as fit into a run of two minutes.
pub(crate) fn is_thorough() -> bool {
    std::env::var_os("RELEASE_TESTS_THOROUGH").is_some()
}

/// Returns `true` if a tool works here; if not, the test says so and is skipped.
pub(crate) fn works(command: &mut Command, needed_for: &str) -> bool {
    let works = command.output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: {command:?} does not work here, and {needed_for} needs it");
    }
    works
}

/// Runs git in a directory and gives back what it printed.
#[track_caller]
pub(crate) fn git(directory: &Utf8Path, arguments: &[&str]) -> String {
    let run = run(Command::new("git").current_dir(directory).envs(ENVIRONMENT).args(arguments));
    run.expect(0).stdout.trim_end().to_owned()
}

/// A temporary directory, with its real path.
pub(crate) fn directory() -> (TempDir, Utf8PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().canonicalize().expect("its path");
    (directory, Utf8PathBuf::try_from(path).expect("UTF-8"))
}
