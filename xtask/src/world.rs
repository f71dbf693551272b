//! Observes: where the repository is, what its work tree holds, when it was last fetched.

use crate::cli::Global;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{Git, GitError, Location, TrackedFile};
use release_core::monorepo::{CONFIG_FILE, Config, Left, MOST_BYTES, Monorepo, Tree, TreeError};
use release_core::problem::Problem;
use release_core::text::SourceText;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};
use walkdir::WalkDir;

/// A repository, located.
pub(crate) struct Repository {
    pub(crate) git: Git,
    pub(crate) location: Location,
    global: Global,
    started: Instant,
    spent_in_git: Rc<Cell<Duration>>,
}

impl Repository {
    /// Finds the repository of `--repo`, or around the current directory.
    pub(crate) fn open(global: &Global) -> anyhow::Result<Self> {
        let started = Instant::now();
        let directory = match &global.repo {
            Some(directory) => directory.clone(),
            None => current_directory()?,
        };
        let spent = Rc::new(Cell::new(Duration::ZERO));
        let start = |directory: &Utf8Path| start_git(directory, global, &spent);
        let git = start(&directory)?;
        let location = git.locate()?;
        // From here on paths are relative to the root, wherever in the repository the command was run.
        let rooted = start(&location.root)?.continuing(&git);
        Ok(Self { git: rooted, location, global: global.clone(), started, spent_in_git: spent })
    }

    /// Git in another work tree of this repository.
    pub(crate) fn git_in(&self, directory: &Utf8Path) -> Result<Git, GitError> {
        start_git(directory, &self.global, &self.spent_in_git)
    }

    /// What the run has cost so far: `cargo xtask bench` reads this line.
    pub(crate) fn cost(&self) -> String {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let (all, git) = (milliseconds(self.started.elapsed()), milliseconds(self.spent_in_git.get()));
        // Linux keeps the peak of a process' resident memory; elsewhere the figure is left out.
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.map_or_else(String::new, |peak| format!(", {} at the peak", peak.trim()));
        format!("{all:.2} ms, {git:.2} ms of it in {} git processes{peak}", self.git.started())
    }

    /// Where the state of an interrupted write is kept.
    pub(crate) fn state_dir(&self) -> Utf8PathBuf {
        self.location.git_dir.join("xtask-release")
    }

    /// An operation of git's that is under way in this work tree, and how it is ended.
    pub(crate) fn operation(&self) -> Option<(&'static str, &'static str)> {
        const OPERATIONS: [(&str, &str, &str); 5] = [
            ("MERGE_HEAD", "a merge", "git merge"),
            ("rebase-merge", "a rebase", "git rebase"),
            ("rebase-apply", "a rebase", "git rebase"),
            ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick"),
            ("REVERT_HEAD", "a revert", "git revert"),
        ];
        let under_way = |(file, _, _): &&(&str, &str, &str)| self.location.git_dir.join(file).exists();
        OPERATIONS.iter().find(under_way).map(|(_, name, command)| (*name, *command))
    }

    /// How long ago a remote was last fetched; nothing when there was no fetch since the clone.
    pub(crate) fn last_fetch(&self) -> Option<Duration> {
        let fetched =
            fs::metadata(self.location.common_dir.join("FETCH_HEAD")).and_then(|file| file.modified()).ok()?;
        SystemTime::now().duration_since(fetched).ok()
    }

    /// The settings: of `--config`, else of the checkout's release.toml, else none.
    pub(crate) fn config(&self, global: &Global) -> anyhow::Result<Result<Config, Unreadable>> {
        let Some((path, source)) = self.config_source(global)? else { return Ok(Ok(Config::default())) };
        Ok(Config::parse(&path, &source).map_err(|problems| Unreadable { path, source, problems }))
    }

    /// The text of the settings, and what errors call it.
    pub(crate) fn config_source(&self, global: &Global) -> anyhow::Result<Option<(Utf8PathBuf, SourceText)>> {
        let (path, required) = match &global.config {
            Some(path) => (path.clone(), true),
            None => (self.location.root.join(CONFIG_FILE), false),
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("could not read {path}")),
        };
        let shown = if required { path } else { CONFIG_FILE.into() };
        let Ok(source) = SourceText::from_bytes(bytes) else { bail!("{shown} is not UTF-8") };
        Ok(Some((shown, source)))
    }

    /// Manifests of the work tree that git does not track: they are not released, and it may be a surprise.
    pub(crate) fn untracked_manifests(&self, monorepo: &Monorepo) -> Vec<Left> {
        let is_known = |path: &Utf8Path| {
            monorepo.manifests.contains_key(path) || monorepo.left.iter().any(|left| left.path == path)
        };
        let skipped = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() > 0 && entry.file_type().is_dir() && (name.starts_with('.') || name == "node_modules")
        };
        WalkDir::new(&self.location.root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| !skipped(entry))
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name() == "pyproject.toml")
            .filter_map(|entry| {
                Utf8Path::from_path(entry.path())?.strip_prefix(&self.location.root).ok().map(Utf8Path::to_owned)
            })
            .filter(|path| !is_known(path))
            .map(|path| Left { path, reason: "git does not track it".to_owned() })
            .collect()
    }
}

/// A release.toml with problems, and its text to show them in.
pub(crate) struct Unreadable {
    pub(crate) path: Utf8PathBuf,
    pub(crate) source: SourceText,
    pub(crate) problems: Vec<Problem>,
}

/// The directory that the command was run in.
pub(crate) fn current_directory() -> anyhow::Result<Utf8PathBuf> {
    let directory = std::env::current_dir().context("could not tell the current directory")?;
    Utf8PathBuf::try_from(directory).context("the path of the current directory is not UTF-8")
}

/// A path that means the same from any directory.
pub(crate) fn absolute(path: &Utf8Path) -> anyhow::Result<Utf8PathBuf> {
    Ok(current_directory()?.join(path))
}

/// Git in a directory; in the sandbox the user's settings do not count.
fn start_git(directory: &Utf8Path, global: &Global, spent: &Rc<Cell<Duration>>) -> Result<Git, GitError> {
    let git = Git::new(directory)?.observed_by(observer(global.verbose > 1, Rc::clone(spent)));
    Ok(if global.sandbox { git.without_user_settings() } else { git })
}

/// Adds up the time that git takes, and shows its commands when that is asked for.
fn observer(shows: bool, spent: Rc<Cell<Duration>>) -> release_core::git::Observer {
    let started = Cell::new(Instant::now());
    Box::new(move |words| match words {
        Some(words) => {
            if shows {
                crate::output::complain(&format!("+ git {}", words.join(" ")));
            }
            started.set(Instant::now());
        }
        None => spent.set(spent.get() + started.get().elapsed()),
    })
}

/// The work tree: git says which files there are, the disk what they hold.
pub(crate) struct WorkTree<'a>(pub(crate) &'a Repository);

impl Tree for WorkTree<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        let pattern = |name: &&str| format!(":(glob){}{name}", if name.contains('/') { "" } else { "**/" });
        let patterns: Vec<String> = names.iter().map(pattern).collect();
        Ok(self.0.git.tracked(&patterns.iter().map(String::as_str).collect::<Vec<_>>())?)
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        let root = &self.0.location.root;
        let read = |file: &&TrackedFile| {
            let path = root.join(&file.path);
            let io = |source| TreeError::Io { path: file.path.clone(), source };
            if fs::symlink_metadata(&path).map_err(io)?.is_symlink() {
                let target = path.canonicalize_utf8().map_err(io)?;
                if !target.starts_with(root.canonicalize_utf8().map_err(io)?) {
                    return Err(TreeError::LinkOutside { path: file.path.clone(), target });
                }
            }
            let metadata = fs::metadata(&path).map_err(io)?;
            if !metadata.is_file() {
                return Err(TreeError::NotAFile(file.path.clone()));
            }
            if metadata.len() > MOST_BYTES {
                return Err(TreeError::TooLarge { path: file.path.clone(), bytes: metadata.len() });
            }
            fs::read(&path).map_err(io)
        };
        files.iter().map(read).collect()
    }
}

/// A tree that is listed and read once, whoever asks.
pub(crate) struct Held {
    files: Vec<TrackedFile>,
    contents: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

impl Held {
    /// Reads every file of a tree that is one of these. Links are nobody's files here, and may lead anywhere.
    pub(crate) fn new(tree: &dyn Tree, names: &[&str]) -> Result<Self, TreeError> {
        let files: Vec<TrackedFile> = tree.files(names)?.into_iter().filter(|file| !file.is_link).collect();
        let contents = tree.read(&files.iter().collect::<Vec<_>>())?;
        let contents = files.iter().map(|file| file.path.clone()).zip(contents).collect();
        Ok(Self { files, contents })
    }

    /// The files that are text, by path.
    pub(crate) fn texts(self) -> BTreeMap<Utf8PathBuf, SourceText> {
        let text = |(path, bytes)| Some((path, SourceText::from_bytes(bytes).ok()?));
        self.contents.into_iter().filter_map(text).collect()
    }
}

impl Tree for Held {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        Ok(self.files.iter().filter(|file| file.is_one_of(names)).cloned().collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        Ok(files.iter().map(|file| self.contents.get(&file.path).cloned().unwrap_or_default()).collect())
    }
}
