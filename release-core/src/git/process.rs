//! Git in one directory, and the way in which its processes are started.

use super::environment::{self, Search};
use super::lacking::{Lacking, Partial};
use super::patience::Patience;
use super::reader::Reader;
use camino::{Utf8Path, Utf8PathBuf};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use xshell::{Cmd, Shell};

/// The oldest git that has all that is asked of it: `rev-parse --path-format` (<https://git-scm.com/docs/git-rev-parse>).
const OLDEST: &str = "2.31";

/// Git in one directory.
pub struct Git {
    pub(super) shell: Shell,
    pub(super) search: Search,
    pub(super) started: Cell<u32>,
    pub(super) observer: Option<Observer>,
    pub(super) partial: Partial,
    pub(super) patience: Patience,
    pub(super) chooses_ssh: bool,
    pub(super) reader: RefCell<Option<Reader>>,
    /// Processes whose answers will be asked for by these words.
    pub(super) expected: RefCell<Vec<(Vec<String>, Child)>>,
}

/// Is told the words of a git process when it starts, none when one that runs is asked again, and `None` when it has answered.
pub type Observer = Box<dyn Fn(Option<&[&str]>)>;

/// The reason for which git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program is not there.
    #[error("could not start git: {0}; install git {oldest} or later and see that it is on the PATH", oldest = OLDEST)]
    NotStarted(#[source] xshell::Error),
    /// No directory of the search path has it.
    #[error(
        "git is not there: install git {oldest} or later, and see that its directory is on the PATH by an absolute path; \
         relative ones are not searched, for they would be the repository's",
        oldest = OLDEST
    )]
    NoProgram,
    /// The directory cannot be entered.
    #[error("{0} is not a directory that can be entered: name a checkout of the monorepo with `--repo DIR`")]
    NoDirectory(Utf8PathBuf),
    /// The directory belongs to no work tree.
    #[error("{0} is not in a git work tree: run this in a checkout of the monorepo, or name one with `--repo DIR`")]
    NotAWorkTree(Utf8PathBuf),
    /// It ran and failed.
    #[error("`git {command}` failed: {stderr}")]
    Failed {
        /// The words after `git`.
        command: String,
        /// Its output on stderr.
        stderr: String,
    },
    /// Objects that a partial clone lacks.
    #[error("{0}")]
    Lacking(Box<Lacking>),
    /// A fetch that failed.
    #[error("{remote} could not be fetched: {reason}; see that it can be reached, or go without `--fetch`")]
    NotFetched {
        /// Its name.
        remote: String,
        /// The reason, as git gives it.
        reason: String,
    },
    /// References that git did not fetch, because something else has their names here.
    #[error(
        "not all of {remote} could be fetched: {kept}; where that is a tag, what others have counts: `git fetch --tags --force {remote}` takes it"
    )]
    Kept {
        /// The name of the remote.
        remote: String,
        /// The references, each with the reason, as git gives it.
        kept: String,
    },
    /// A remote that does not answer.
    #[error(
        "{remote} said nothing for {seconds} seconds, and is waited for no longer: see that it can be reached, or go without it with `--offline`; `RELEASE_REMOTE_TIMEOUT=5m` waits longer"
    )]
    Silent {
        /// Its name.
        remote: String,
        /// The time for which it was waited.
        seconds: u64,
    },
    /// The person ended the run while a remote was asked.
    #[error("interrupted while {remote} was asked; nothing was changed")]
    Stopped {
        /// Its name.
        remote: String,
        /// The signal that ended it.
        signal: i32,
    },
    /// Its streams broke off.
    #[error("`git {command}` was interrupted: {source}")]
    Interrupted {
        /// The words after `git`.
        command: String,
        /// The error of the system.
        source: std::io::Error,
    },
    /// It answered something that this version does not understand.
    #[error("`git {command}` answered in a form that is not understood: {answer}")]
    Answer {
        /// The words after `git`.
        command: String,
        /// The part that is not understood.
        answer: String,
    },
}

impl Git {
    /// Returns git in a directory.
    ///
    /// # Errors
    /// When the directory cannot be entered.
    pub fn new(directory: &Utf8Path) -> Result<Self, GitError> {
        let shell = Shell::new().map_err(GitError::NotStarted)?;
        shell.change_dir(directory);
        if !directory.is_dir() {
            return Err(GitError::NoDirectory(directory.to_owned()));
        }
        let search = Search::new(shell.var_os("PATH").as_deref());
        if search.program.is_none() {
            return Err(GitError::NoProgram);
        }
        let (partial, patience) = (Partial::default(), Patience::default());
        let (started, reader, expected) = (Cell::new(0), RefCell::default(), RefCell::default());
        Ok(Self { shell, search, started, observer: None, partial, patience, chooses_ssh: false, reader, expected })
    }

    /// Returns a git that tells `observer` of every process.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Returns a git for which the settings of the user and of the system do not count.
    #[must_use]
    pub fn without_user_settings(self) -> Self {
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_COUNT", "0"),
            ("GIT_CONFIG_PARAMETERS", ""),
        ] {
            self.shell.set_var(name, value);
        }
        self
    }

    /// Returns a git for which the person has chosen how ssh is started, by `GIT_SSH_COMMAND` or `GIT_SSH`.
    #[must_use]
    pub fn choosing_ssh(mut self, chooses: bool) -> Self {
        self.chooses_ssh = chooses;
        self
    }

    /// Returns a git that counts on from the number of another.
    #[must_use]
    pub fn continuing(self, other: &Self) -> Self {
        self.started.set(other.started.get());
        self
    }

    /// Returns the number of processes that were started.
    pub fn started(&self) -> u32 {
        self.started.get()
    }

    /// Returns the commit that a revision names, or `None` if it names none.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn commit_of(&self, revision: &str) -> Result<Option<String>, GitError> {
        let output = self.output(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")], None)?;
        Ok(output.status.success().then(|| text(&output.stdout).trim_end().to_owned()))
    }

    /// Returns the number of commits that `left` has and `right` lacks, and the other way round.
    ///
    /// # Errors
    /// When git fails.
    pub fn divergence(&self, left: &str, right: &str) -> Result<(u64, u64), GitError> {
        let range = format!("{left}...{right}");
        let words = ["rev-list", "--left-right", "--count", &range];
        let answer = self.read(&words)?;
        let counts =
            answer.trim().split_once('\t').and_then(|(left, right)| Some((left.parse().ok()?, right.parse().ok()?)));
        counts.ok_or(GitError::Answer { command: words.join(" "), answer })
    }

    /// Returns `true` if an object is here.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn has(&self, id: &str) -> Result<bool, GitError> {
        Ok(self.output(&["cat-file", "-e", id], None)?.status.success())
    }

    /// Returns `true` if `ancestor` is reachable from `commit`.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, GitError> {
        Ok(self.output(&["merge-base", "--is-ancestor", ancestor, commit], None)?.status.success())
    }

    /// Runs any git command that answers text.
    ///
    /// # Errors
    /// When git fails.
    pub fn read(&self, words: &[&str]) -> Result<String, GitError> {
        Ok(text(&self.checked(words, None)?.stdout))
    }

    /// Runs a git command and gives back what it printed, whatever its exit.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn output(&self, words: &[&str], input: Option<&str>) -> Result<Output, GitError> {
        self.begin(words);
        let mut command = self.command(words);
        if let Some(input) = input {
            command = command.stdin(input);
        }
        let output = command.quiet().ignore_status().output().map_err(GitError::NotStarted);
        self.end();
        output
    }

    /// Starts a git command whose answer is asked for later. It gets no input.
    pub(super) fn start(&self, words: &[&str]) -> Result<Running<'_>, GitError> {
        self.begin(words);
        let mut command: Command = self.command(words).quiet().into();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let interrupted = |source| GitError::Interrupted { command: words.join(" "), source };
        let child = command.spawn().map_err(interrupted).inspect_err(|_| self.end())?;
        Ok(Running { git: self, words, child })
    }

    /// Starts a git command that will be asked for by the same words, while the caller goes on.
    pub(super) fn expect(&self, words: &[&str]) -> Result<(), GitError> {
        let Running { words, child, .. } = self.start(words)?;
        self.expected.borrow_mut().push((words, child));
        Ok(())
    }

    /// Starts a git command, unless it is the one that was expected and runs already.
    pub(super) fn start_or_expected(&self, words: &[&str]) -> Result<Running<'_>, GitError> {
        let at = self.expected.borrow().iter().position(|(expected, _)| expected == words);
        match at.map(|at| self.expected.borrow_mut().swap_remove(at)) {
            Some((words, child)) => Ok(Running { git: self, words, child }),
            None => self.start(words),
        }
    }

    pub(super) fn begin(&self, words: &[&str]) {
        self.started.set(self.started.get() + 1);
        if let Some(observer) = &self.observer {
            observer(Some(words));
        }
    }

    pub(super) fn end(&self) {
        if let Some(observer) = &self.observer {
            observer(None);
        }
    }

    pub(super) fn checked(&self, words: &[&str], input: Option<&str>) -> Result<Output, GitError> {
        let output = self.output(words, input)?;
        if output.status.success() { Ok(output) } else { Err(failed(words, &text(&output.stderr))) }
    }

    /// Runs a git command that reads lines, and returns its answer; without lines there is none to run.
    pub(super) fn fed<S: AsRef<str>>(&self, words: &[&str], lines: &[S]) -> Result<String, GitError> {
        if lines.is_empty() {
            return Ok(String::new());
        }
        let input: String = lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect();
        Ok(text(&self.checked(words, Some(&input))?.stdout))
    }

    /// Reads what a command lists: entries that end with NUL, each with up to four fields and, behind a tab, a path.
    pub(super) fn listed<T>(
        &self,
        words: &[&str],
        read: impl Fn([&str; 4], &str) -> Option<T>,
    ) -> Result<Vec<T>, GitError> {
        listed(words, &self.read(words)?, read)
    }

    pub(super) fn command(&self, words: &[&str]) -> Cmd<'_> {
        let program = self.search.program.as_deref().unwrap_or(Path::new("git"));
        let command = self.shell.cmd(program).args(words).env("PATH", &self.search.path);
        // A question on the terminal would hang a run that nobody watches: what needs a password is an error.
        let command = environment::REMOVED.iter().fold(command, Cmd::env_remove).env("GIT_TERMINAL_PROMPT", "0");
        self.laziness(words).iter().fold(command, |command, (name, value)| command.env(name, value))
    }
}

/// A git process that runs while its caller goes on.
pub(super) struct Running<'a> {
    git: &'a Git,
    words: Vec<String>,
    child: Child,
}

impl Running<'_> {
    /// Waits for its answer.
    pub(super) fn read(self) -> Result<String, GitError> {
        let Self { git, words, child } = self;
        let output = child.wait_with_output();
        git.end();
        let output = output.map_err(|source| GitError::Interrupted { command: words.join(" "), source })?;
        let said = || failed(&words.iter().map(String::as_str).collect::<Vec<_>>(), &text(&output.stderr));
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(said()) }
    }

    /// Reads what it lists, as [`Git::listed`] does.
    pub(super) fn listed<T>(self, read: impl Fn([&str; 4], &str) -> Option<T>) -> Result<Vec<T>, GitError> {
        let words = self.words.clone();
        let answer = self.read()?;
        listed(&words.iter().map(String::as_str).collect::<Vec<_>>(), &answer, read)
    }
}

/// Reads entries that end with NUL, each with up to four fields and, behind a tab, a path.
fn listed<T>(words: &[&str], answer: &str, read: impl Fn([&str; 4], &str) -> Option<T>) -> Result<Vec<T>, GitError> {
    entries(words, answer, |entry| {
        let (meta, path) = entry.split_once('\t')?;
        let mut fields = meta.split_ascii_whitespace();
        read(std::array::from_fn(|_| fields.next().unwrap_or_default()), path)
    })
}

pub(super) fn failed(words: &[&str], stderr: &str) -> GitError {
    GitError::Failed { command: words.join(" "), stderr: stderr.trim().to_owned() }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn entries<T>(words: &[&str], answer: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, GitError> {
    let not_understood = |entry: &str| GitError::Answer { command: words.join(" "), answer: entry.to_owned() };
    answer
        .split('\0')
        .filter(|entry| !entry.is_empty())
        .map(|entry| read(entry).ok_or_else(|| not_understood(entry)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_asks_for_the_git_that_the_messages_ask_for() {
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(&format!("It needs git {OLDEST} or later")));
        assert!(GitError::NoProgram.to_string().contains(&format!("git {OLDEST} or later")));
    }
}
