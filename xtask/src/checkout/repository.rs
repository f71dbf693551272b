//! The repository: where it is, what its work tree holds, when it was last fetched.

use crate::cli::Global;
use crate::directory::current_directory;
use crate::effects::{ending, lock};
use crate::stop::{Result, Stop};
use crate::{output, remote};
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{Git, GitError, Location, Patience};
use release_core::monorepo::{CONFIG_FILE, Config, Left, Monorepo};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::{SourceText, quoted};
use std::cell::Cell;
use std::collections::BTreeSet;
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
        lock::tell_of_what_is_left(&location.common_dir);
        let silence = remote::silence()?;
        // From here on paths are relative to the root, wherever in the repository the command was run.
        let rooted = start(&location.root)?.continuing(&git).in_partial_clone(location.partial);
        let rooted = rooted.with_patience(Patience { silence, watch: Box::new(ending::watch) });
        Ok(Self { git: rooted, location, global: global.clone(), started, spent_in_git: spent })
    }

    /// Git in another work tree of this repository.
    pub(crate) fn git_in(&self, directory: &Utf8Path) -> Result<Git, GitError> {
        let git = start_git(directory, &self.global, &self.spent_in_git)?;
        Ok(git.in_partial_clone(self.location.partial))
    }

    /// The cost of the run so far: `cargo xtask bench` reads this line.
    pub(crate) fn cost(&self) -> String {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let (all, git) = (milliseconds(self.started.elapsed()), milliseconds(self.spent_in_git.get()));
        // Linux keeps the peak of a process' resident memory; elsewhere the figure is left out.
        let status = reading::text("/proc/self/status".into()).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.map_or_else(String::new, |peak| format!(", {} at the peak", peak.trim()));
        format!("{all:.2} ms, {git:.2} ms of it in {} git processes{peak}", self.git.started())
    }

    /// The folder in which the state of an interrupted write is kept.
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

    /// The time since a remote was last fetched; `None` when there was no fetch since the clone.
    pub(crate) fn last_fetch(&self) -> Option<Duration> {
        let fetched =
            fs::metadata(self.location.common_dir.join("FETCH_HEAD")).and_then(|file| file.modified()).ok()?;
        SystemTime::now().duration_since(fetched).ok()
    }

    /// The settings: of `--config`, else of the checkout's release.toml, else none.
    pub(crate) fn config(&self, global: &Global) -> Result<Config> {
        let Some((path, source)) = self.config_source(global)? else { return Ok(Config::default()) };
        Config::parse(&path, &source).map_err(|problems| Stop::unreadable(path, source, problems))
    }

    /// The text of the settings, and what errors call it.
    pub(crate) fn config_source(&self, global: &Global) -> anyhow::Result<Option<(Utf8PathBuf, SourceText)>> {
        let (path, required) = match &global.config {
            Some(path) => (path.clone(), true),
            None => (self.location.root.join(CONFIG_FILE), false),
        };
        // What a person names may be anywhere; what the repository has stays in it.
        let read = match required {
            true => reading::named(&path).map(Some),
            false => reading::inside_if_any(&self.location.root, CONFIG_FILE.into()),
        };
        let shown = if required { path } else { CONFIG_FILE.into() };
        let Some(bytes) = read.with_context(|| format!("could not read {shown}"))? else { return Ok(None) };
        let Ok(source) = SourceText::from_bytes(bytes) else { bail!("{shown} is not UTF-8") };
        Ok(Some((shown, source)))
    }

    /// The reason why files cannot be changed here: a sparse checkout leaves them out.
    pub(crate) fn left_out<'p>(&self, paths: impl Iterator<Item = &'p Utf8Path>) -> Result<Option<Problem>, GitError> {
        let is_absent = |path: &&Utf8Path| fs::symlink_metadata(self.location.root.join(path)).is_err();
        let absent: Vec<&Utf8Path> = paths.filter(is_absent).collect();
        if absent.is_empty() {
            return Ok(None);
        }
        let left_out = self.git.left_out()?;
        let files: Vec<&Utf8Path> = absent.into_iter().filter(|path| left_out.contains(*path)).collect();
        if files.is_empty() {
            return Ok(None);
        }
        let is_set = |name| -> Result<bool, GitError> {
            let answer = self.git.output(&["config", "--type=bool", "--get", name], None)?;
            Ok(answer.stdout.starts_with(b"true"))
        };
        let quoted = |paths: &[String]| paths.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(" ");
        let help = match (is_set("core.sparseCheckout")?, is_set("core.sparseCheckoutCone")?) {
            (true, true) => {
                let folders: BTreeSet<&Utf8Path> = files.iter().filter_map(|file| file.parent()).collect();
                let folders = folders.into_iter().map(ToString::to_string).filter(|folder| !folder.is_empty());
                format!("`git sparse-checkout add {}`", quoted(&folders.collect::<Vec<_>>()))
            }
            (true, false) => {
                let patterns: Vec<String> = files.iter().map(|file| format!("/{file}")).collect();
                format!("`git sparse-checkout add {}`", quoted(&patterns))
            }
            (false, _) => {
                let all = quoted(&files.iter().map(ToString::to_string).collect::<Vec<_>>());
                format!("`git update-index --no-skip-worktree -- {all}`, then `git checkout -- {all}`")
            }
        };
        let files: Vec<&str> = files.into_iter().map(Utf8Path::as_str).collect();
        let message = format!(
            "{} would be changed, and this sparse checkout leaves {} out",
            files.join(" and "),
            if files.len() == 1 { "it" } else { "them" }
        );
        Ok(Some(Problem::new(message, help)))
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

/// Git in a directory; in the sandbox the user's settings do not count.
fn start_git(directory: &Utf8Path, global: &Global, spent: &Rc<Cell<Duration>>) -> Result<Git, GitError> {
    let git = Git::new(directory)?.observed_by(observer(global.verbose > 1, Rc::clone(spent)));
    let own = global.clone();
    let git = git.offline(global.offline).choosing_ssh(remote::ssh_is_chosen()).announcing(Box::new(
        move |number, remote| {
            let objects = output::count(number, "object");
            output::say(&own, &format!("fetching {objects} that this partial clone lacks from {remote}"));
        },
    ));
    Ok(if global.sandbox { git.without_user_settings() } else { git })
}

/// Adds up the time that git takes, and shows its commands when that is asked for.
fn observer(shows: bool, spent: Rc<Cell<Duration>>) -> release_core::git::Observer {
    // Several may run at the same time: the time of all is that in which one of them does.
    let (started, running) = (Cell::new(Instant::now()), Cell::new(0_u32));
    Box::new(move |words| match words {
        Some(words) => {
            if shows && !words.is_empty() {
                crate::output::complain(&format!("+ git {}", words.join(" ")));
            }
            if running.replace(running.get() + 1) == 0 {
                started.set(Instant::now());
            }
        }
        None => {
            running.set(running.get().saturating_sub(1));
            if running.get() == 0 {
                spent.set(spent.get() + started.get().elapsed());
            }
        }
    })
}
