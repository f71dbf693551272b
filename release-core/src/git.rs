//! The only file that starts git.
//!
//! Every call is plumbing or has a machine format (`-z`, `--porcelain`, `--format`), so that neither the user's
//! configuration nor their language changes what is read.

mod checkout;
mod commit;
mod ending;
mod environment;
mod locate;
mod past;
mod refs;
mod verify;

pub use commit::{CommitOutcome, CommitRequest, Made};
pub use locate::Location;
pub use past::Blobs;
pub use verify::{Departure, Flag, Held};

use camino::{Utf8Path, Utf8PathBuf};
use environment::Search;
use std::cell::Cell;
use std::path::Path;
use std::process::Output;
use xshell::{Cmd, Shell};

/// How objects are read.
const BATCH: [&str; 2] = ["cat-file", "--batch"];

/// Git in one directory.
pub struct Git {
    shell: Shell,
    search: Search,
    started: Cell<u32>,
    observer: Option<Observer>,
}

/// Told the words of a git process when it starts, and nothing when it has ended.
pub type Observer = Box<dyn Fn(Option<&[&str]>)>;

/// Why git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program is not there.
    #[error("could not start git: {0}; install git 2.25 or later and see that it is on the PATH")]
    NotStarted(#[source] xshell::Error),
    /// No directory of the search path has it.
    #[error(
        "git is not there: install git 2.25 or later, and see that its directory is on the PATH by an absolute path; \
         relative ones are not searched, for they would be the repository's"
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
        /// What it said.
        stderr: String,
    },
    /// Its streams broke off.
    #[error("`git {command}` was interrupted: {source}")]
    Interrupted {
        /// The words after `git`.
        command: String,
        /// What the system said.
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

/// An object of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its id.
    pub id: String,
    /// What it holds.
    pub content: Vec<u8>,
}

/// A file of a tree, as git lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedFile {
    /// From the top of the tree.
    pub path: Utf8PathBuf,
    /// The blob's id.
    pub id: String,
    /// Whether it is a symbolic link.
    pub is_link: bool,
}

impl TrackedFile {
    /// Whether its last component is one of `names`, or its path is like one of them that names a folder and what files
    /// there end in: `.github/workflows/*.yml`.
    pub fn is_one_of(&self, names: &[&str]) -> bool {
        let path = self.path.as_str();
        let (folder, last) = path.rsplit_once('/').unwrap_or(("", path));
        names.iter().any(|name| match name.rsplit_once("/*") {
            Some((wanted, end)) => folder == wanted && last.ends_with(end),
            None => last == *name,
        })
    }
}

impl Git {
    /// Git in a directory.
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
        Ok(Self { shell, search, started: Cell::new(0), observer: None })
    }

    /// The same, telling `observer` of every process.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The same, where the settings of the user and of the system do not count.
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

    /// The same, counting on from what another counted.
    #[must_use]
    pub fn continuing(self, other: &Self) -> Self {
        self.started.set(other.started.get());
        self
    }

    /// How many processes were started.
    pub fn started(&self) -> u32 {
        self.started.get()
    }

    /// The files of the index that match the patterns; unmerged ones once.
    ///
    /// # Errors
    /// When git fails.
    pub fn tracked(&self, patterns: &[&str]) -> Result<Vec<TrackedFile>, GitError> {
        let words = [&["ls-files", "-z", "--stage", "--full-name", "--"], patterns].concat();
        let answer = self.read(&words)?;
        // MODE ID STAGE\tPATH
        let file = |entry: &str| {
            let (meta, path) = entry.split_once('\t')?;
            let mut meta = meta.split(' ');
            Some(TrackedFile { is_link: meta.next()? == "120000", id: meta.next()?.to_owned(), path: path.into() })
        };
        let mut files = entries(&words, &answer, file)?;
        files.dedup_by(|left, right| left.path == right.path);
        Ok(files)
    }

    /// The files of a revision's tree that are one of `names`.
    ///
    /// # Errors
    /// When git fails, as for a revision that is not there.
    pub fn tree(&self, revision: &str, names: &[&str]) -> Result<Vec<TrackedFile>, GitError> {
        let words = ["ls-tree", "-r", "-z", "--full-tree", revision];
        let answer = self.read(&words)?;
        // MODE TYPE ID\tPATH
        let file = |entry: &str| {
            let (meta, path) = entry.split_once('\t')?;
            let mut meta = meta.split(' ');
            let is_link = meta.next()? == "120000";
            Some(TrackedFile { is_link, id: meta.nth(1)?.to_owned(), path: path.into() })
        };
        let mut files = entries(&words, &answer, file)?;
        files.retain(|file| file.is_one_of(names));
        Ok(files)
    }

    /// The same with the size of each file in bytes, by one process.
    ///
    /// # Errors
    /// When git fails, as for a revision that is not there.
    pub fn sized_tree(&self, revision: &str, names: &[&str]) -> Result<Vec<(TrackedFile, u64)>, GitError> {
        let words = ["ls-tree", "-r", "-l", "-z", "--full-tree", revision];
        let answer = self.read(&words)?;
        // MODE TYPE ID SIZE\tPATH; a submodule has no size, and is no file
        let file = |entry: &str| {
            let (meta, path) = entry.split_once('\t')?;
            let mut meta = meta.split_ascii_whitespace();
            let is_link = meta.next()? == "120000";
            let (id, size) = (meta.nth(1)?.to_owned(), meta.next()?.parse().unwrap_or(0));
            Some((TrackedFile { is_link, id, path: path.into() }, size))
        };
        let mut files = entries(&words, &answer, file)?;
        files.retain(|(file, _)| file.is_one_of(names));
        Ok(files)
    }

    /// The contents of objects, in their order, by one process.
    ///
    /// # Errors
    /// When git fails or one of them is not there.
    pub fn contents(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
        let missing = |id: &str| GitError::Answer { command: BATCH.join(" "), answer: format!("nothing for {id}") };
        let found = self.objects(ids)?;
        let content = |(id, object): (&&str, Option<Object>)| Ok(object.ok_or_else(|| missing(id))?.content);
        ids.iter().zip(found).map(content).collect()
    }

    /// Objects by any name that git knows, such as `REVISION:PATH`, in their order, by one process; nothing for those that
    /// are not there.
    ///
    /// # Errors
    /// When git fails.
    pub fn objects(&self, names: &[&str]) -> Result<Vec<Option<Object>>, GitError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let output = self.checked(&BATCH, Some(&(names.join("\n") + "\n")))?;
        let mut rest = &output.stdout[..];
        let mut objects = Vec::with_capacity(names.len());
        for name in names {
            let broken = || GitError::Answer { command: BATCH.join(" "), answer: format!("too little for {name}") };
            let header_end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
            let header = text(&rest[..header_end]);
            rest = &rest[header_end + 1..];
            // NAME missing, or ID TYPE SIZE
            if header.ends_with(" missing") {
                objects.push(None);
                continue;
            }
            let size: usize = header.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(broken)?;
            let content = rest.get(..size).ok_or_else(broken)?.to_vec();
            objects.push(Some(Object { id: header.split(' ').next().unwrap_or_default().to_owned(), content }));
            rest = rest.get(size + 1..).unwrap_or_default();
        }
        Ok(objects)
    }

    /// The sizes of objects in bytes, in their order, by one process.
    ///
    /// # Errors
    /// When git fails or one of them is not there.
    pub fn sizes(&self, ids: &[&str]) -> Result<Vec<u64>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let words = ["cat-file", "--batch-check=%(objectsize)"];
        let answer = text(&self.checked(&words, Some(&(ids.join("\n") + "\n")))?.stdout);
        let not_understood = |line: &str| GitError::Answer { command: words.join(" "), answer: line.to_owned() };
        answer.lines().map(|line| line.parse().map_err(|_| not_understood(line))).collect()
    }

    /// The commit that a revision names; nothing when it names none.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn commit_of(&self, revision: &str) -> Result<Option<String>, GitError> {
        let output = self.output(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")], None)?;
        Ok(output.status.success().then(|| text(&output.stdout).trim_end().to_owned()))
    }

    /// How many commits `left` has that `right` has not, and the other way round.
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

    /// Whether an object is here.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn has(&self, id: &str) -> Result<bool, GitError> {
        Ok(self.output(&["cat-file", "-e", id], None)?.status.success())
    }

    /// Whether `ancestor` is reachable from `commit`.
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

    fn begin(&self, words: &[&str]) {
        self.started.set(self.started.get() + 1);
        if let Some(observer) = &self.observer {
            observer(Some(words));
        }
    }

    fn end(&self) {
        if let Some(observer) = &self.observer {
            observer(None);
        }
    }

    fn checked(&self, words: &[&str], input: Option<&str>) -> Result<Output, GitError> {
        let output = self.output(words, input)?;
        if output.status.success() { Ok(output) } else { Err(failed(words, &text(&output.stderr))) }
    }

    fn command(&self, words: &[&str]) -> Cmd<'_> {
        let program = self.search.program.as_deref().unwrap_or(Path::new("git"));
        let command = self.shell.cmd(program).args(words).env("PATH", &self.search.path);
        // A question on the terminal would hang a run that nobody watches: what needs a password is an error.
        environment::REMOVED.iter().fold(command, Cmd::env_remove).env("GIT_TERMINAL_PROMPT", "0")
    }
}

fn failed(words: &[&str], stderr: &str) -> GitError {
    GitError::Failed { command: words.join(" "), stderr: stderr.trim().to_owned() }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn entries<T>(words: &[&str], answer: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, GitError> {
    let not_understood = |entry: &str| GitError::Answer { command: words.join(" "), answer: entry.to_owned() };
    answer
        .split('\0')
        .filter(|entry| !entry.is_empty())
        .map(|entry| read(entry).ok_or_else(|| not_understood(entry)))
        .collect()
}
