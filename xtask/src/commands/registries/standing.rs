//! Tells whether a tree may name a host that is asked: the project's own may, any other only where the user says so.
//!
//! A revision is the project's own when the remote's main or one of its release branches has it. Of another one only those
//! hosts are asked that the same kind of file names in the project's own tree. Which branches those are is said by the user's
//! settings or by those on the remote's main, and not by the tree that is looked at.

use crate::checkout::{Held, Repository};
use crate::cli::{AskFlags, Global};
use crate::registry::{Origin, Place, host, registries};
use crate::remote;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{Git, GitError};
use release_core::history::Refs;
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::{SourceKind, UvLock};
use release_core::monorepo::{CONFIG_FILE, Config};
use release_core::plan::preconditions::short;
use release_core::plan::relock::web_addresses;
use release_core::text::{SourceText, shown};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// The files that name hosts.
const FILES: [&str; 4] = ["uv.lock", "package-lock.json", ".npmrc", CONFIG_FILE];

/// The files that tools are given.
const GIVEN: [&str; 4] = ["pyproject.toml", "uv.lock", "package.json", "package-lock.json"];

/// The one who asks, and the repository that it is about.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) global: &'a Global,
    pub(crate) flags: &'a AskFlags,
    pub(crate) repository: &'a Repository,
    pub(crate) config: &'a Config,
    /// The branch that is worked on.
    pub(crate) branch: Option<&'a str>,
}

/// The knowledge of the project's own trees, which is looked up when a tree names a host for the first time.
pub(crate) struct Standing<'a> {
    asker: Asker<'a>,
    project: OnceCell<Project>,
    named: OnceCell<Hosts>,
    /// The hosts that the project's own trees would have a tool ask.
    mentioned: OnceCell<Hosts>,
}

/// Hosts, with their ports, each with the kind of file that names it.
type Hosts = BTreeSet<(String, String)>;

/// The branches that are the project's own.
struct Project {
    /// The place of the branches: on this remote, or here.
    at: String,
    /// The name of main.
    main: String,
    tips: Vec<String>,
    /// Main, and the line that is worked on.
    nearest: Vec<String>,
}

/// The names of the project's own branches.
struct Naming<'a> {
    config: Cow<'a, Config>,
    /// The branch that the remote's `HEAD` names.
    head: Option<String>,
}

impl<'a> Standing<'a> {
    pub(crate) fn new(asker: Asker<'a>) -> Self {
        Self { asker, project: OnceCell::new(), named: OnceCell::new(), mentioned: OnceCell::new() }
    }

    /// Admits a place that was chosen, of a tree at a commit or of the work tree.
    ///
    /// # Errors
    /// The reason why it is not asked, when only the tree names it and the tree is not known to be the project's.
    pub(crate) fn admit(&self, commit: Option<&str>, origin: &Origin, place: &Place) -> Result<(), String> {
        let Origin::Tree(path) = origin else { return Ok(()) };
        if self.is_allowed(place) {
            return Ok(());
        }
        let Some(foreign) = self.foreign(commit).map_err(|error| error.to_string())? else { return Ok(()) };
        let named = once(&self.named, || self.of_own(&FILES, &|path, text| hosts(kind(path.as_str()), text)))?;
        match named.contains(&(kind(path).to_owned(), place.authority())) {
            true => Ok(()),
            false => Err(refused(&place.authority(), origin, &foreign)),
        }
    }

    /// Admits every host that files which a tool is given would have it ask, besides those that are asked anyway.
    ///
    /// # Errors
    /// The reason why one is not asked.
    pub(crate) fn admit_given(
        &self,
        commit: Option<&str>,
        files: &[(Utf8PathBuf, SourceText)],
        asked: &[String],
    ) -> Result<(), String> {
        let Some(foreign) = self.foreign(commit).map_err(|error| error.to_string())? else { return Ok(()) };
        let addresses = |path: &Utf8Path, text: &SourceText| {
            web_addresses(path, text).iter().map(|address| authority(address)).collect()
        };
        let own = once(&self.mentioned, || self.of_own(&GIVEN, &addresses))?;
        for (path, text) in files {
            for address in web_addresses(path, text) {
                let place = Place::parse(&address).map(|(place, _)| place);
                let host = authority(&address);
                let is_admitted = place.is_some_and(|place| self.is_allowed(&place))
                    || asked.contains(&host)
                    || own.contains(&(kind(path.as_str()).to_owned(), host.clone()));
                if !is_admitted {
                    return Err(refused(&host, &Origin::Tree(path.to_string()), &foreign));
                }
            }
        }
        Ok(())
    }

    fn is_allowed(&self, place: &Place) -> bool {
        let authority = place.authority();
        self.asker.flags.allow_host.iter().any(|host| *host == authority || *host == place.host)
    }

    /// Returns the place of a tree that is not the project's own, and the reason; `None` where it is.
    fn foreign(&self, commit: Option<&str>) -> anyhow::Result<Option<String>> {
        let project = self.own()?;
        let git = &self.asker.repository.git;
        let commit = match commit {
            Some(commit) => Some(commit.to_owned()),
            None => git.commit_of("HEAD")?,
        };
        if let Some(commit) = &commit
            && git.is_within(commit, &project.tips)?
        {
            return Ok(None);
        }
        let at =
            commit.as_deref().map_or_else(|| "a tree without a commit".to_owned(), |commit| short(commit).to_owned());
        let why = match (project.tips.is_empty(), project.at.as_str()) {
            (true, "") => format!("and there is no {} here to compare with", project.main),
            (true, remote) => format!("and no branch of {remote}'s is here to compare with: `git fetch {remote}`"),
            (false, "") => format!("which is in neither {} nor a release branch", project.main),
            (false, remote) => format!("which is in neither {} nor a release branch of {remote}", project.main),
        };
        Ok(Some(format!("{at}, {why}")))
    }

    fn own(&self) -> anyhow::Result<&Project> {
        if let Some(known) = self.project.get() {
            return Ok(known);
        }
        let git = &self.asker.repository.git;
        let refs = git.refs()?;
        let naming = self.naming(&refs)?;
        let main = naming.config.main.clone();
        let line = self.asker.branch.filter(|branch| naming.config.branch.line(branch).is_some());
        let branch = line.unwrap_or(&main);
        let remote = remote::name(git, &refs, branch)?;
        let branches = own_branches(&refs, remote.as_deref(), &naming);
        let is_near = |name: &str| naming.is_main(name) || name == branch;
        let nearest = branches.iter().filter(|(name, _)| is_near(name)).map(|(_, tip)| tip.clone()).collect();
        let tips = branches.into_iter().map(|(_, tip)| tip).collect();
        Ok(self.project.get_or_init(|| Project { at: remote.unwrap_or_default(), main, tips, nearest }))
    }

    /// Returns the names of the project's branches: by the user's settings, else by those on the branch that the remote's `HEAD` names,
    /// else on `main`. The settings of the checkout, which may be anybody's, say it only where there is neither.
    fn naming(&self, refs: &Refs) -> anyhow::Result<Naming<'a>> {
        if self.asker.global.config.is_some() {
            return Ok(Naming { config: Cow::Borrowed(self.asker.config), head: None });
        }
        let (usual, git) = (Config::default(), &self.asker.repository.git);
        let remote = remote::name(git, refs, &usual.main)?;
        let head = remote.as_deref().map(|remote| head(git, remote)).transpose()?.flatten();
        let tip = |name: &str| match &remote {
            Some(remote) => refs.remote_branch(remote, name).map(|branch| branch.commit.as_str()),
            None => refs.branch(name).map(|branch| branch.commit.as_str()),
        };
        let Some(tip) = head.as_deref().and_then(tip).or_else(|| tip(&usual.main)) else {
            return Ok(Naming { config: Cow::Borrowed(self.asker.config), head });
        };
        let settings = Held::new(&(git, tip), &[CONFIG_FILE])?.texts().remove(Utf8Path::new(CONFIG_FILE));
        let config = settings.and_then(|text| Config::parse(CONFIG_FILE.into(), &text).ok());
        Ok(Naming { config: Cow::Owned(config.unwrap_or(usual)), head })
    }

    /// Returns the hosts that files of the project's own trees name, as `hosts` finds them.
    fn of_own(&self, names: &[&str], hosts: &dyn Fn(&Utf8Path, &SourceText) -> Vec<String>) -> anyhow::Result<Hosts> {
        let mut found = Hosts::new();
        for tip in &self.own()?.nearest {
            for (path, text) in Held::new(&(&self.asker.repository.git, tip.as_str()), names)?.texts() {
                found.extend(hosts(&path, &text).into_iter().map(|host| (kind(path.as_str()).to_owned(), host)));
            }
        }
        Ok(found)
    }
}

/// Returns what was found once already, or finds it.
fn once(cell: &OnceCell<Hosts>, find: impl FnOnce() -> anyhow::Result<Hosts>) -> Result<&Hosts, String> {
    match cell.get() {
        Some(known) => Ok(known),
        None => find().map(|found| cell.get_or_init(|| found)).map_err(|error| error.to_string()),
    }
}

/// The branch that a remote's `HEAD` names, as of the clone.
fn head(git: &Git, remote: &str) -> Result<Option<String>, GitError> {
    let prefix = format!("refs/remotes/{remote}/");
    let answer = git.output(&["symbolic-ref", "--quiet", &format!("{prefix}HEAD")], None)?;
    let name = String::from_utf8_lossy(&answer.stdout);
    Ok(name.trim_end().strip_prefix(&prefix).map(str::to_owned))
}

fn kind(path: &str) -> &str {
    Utf8Path::new(path).file_name().unwrap_or_default()
}

/// Host and port of an address; what is none stays as it is, but for what may be credentials.
fn authority(address: &str) -> String {
    Place::parse(address).map_or_else(
        || address.rsplit_once('@').map_or(address, |(_, after)| after).to_owned(),
        |(place, _)| place.authority(),
    )
}

fn refused(host: &str, origin: &Origin, foreign: &str) -> String {
    let host = shown(host);
    format!("{host} is not asked, as only {origin} names it, at {foreign}: `--allow-host {host}` lets it be asked")
}

impl Naming<'_> {
    fn is_main(&self, name: &str) -> bool {
        name == self.config.main || self.head.as_deref() == Some(name)
    }
}

/// Main and the release branches, by name, of a remote or of this repository.
fn own_branches(refs: &Refs, remote: Option<&str>, naming: &Naming<'_>) -> Vec<(String, String)> {
    let is_own = |name: &str| naming.is_main(name) || naming.config.branch.line(name).is_some();
    let named = |name: &str, commit: &str| is_own(name).then(|| (name.to_owned(), commit.to_owned()));
    match remote {
        None => refs.branches.iter().filter_map(|branch| named(&branch.name, &branch.commit)).collect(),
        Some(remote) => {
            let of_remote = refs.remote_branches.iter().filter(|branch| branch.remote == remote);
            of_remote.filter_map(|branch| named(&branch.name, &branch.commit)).collect()
        }
    }
}

/// The hosts, with their ports, that a file of a kind names; one that cannot be read names none.
fn hosts(kind: &str, text: &SourceText) -> Vec<String> {
    match kind {
        ".npmrc" => registries(text.as_str()),
        "uv.lock" => {
            let lock = UvLock::parse(text).unwrap_or_default();
            let sources = lock.packages.iter().filter_map(|package| package.source.as_ref());
            let sources = sources.filter(|source| source.kind == SourceKind::Registry);
            sources.filter_map(|source| host(&source.location.value)).collect()
        }
        "package-lock.json" => {
            let Ok(lock) = PackageLock::parse(text) else { return Vec::new() };
            lock.packages.iter().filter_map(|entry| host(&entry.resolved.as_ref()?.value)).collect()
        }
        _ => {
            let config = Config::parse(Utf8Path::new(kind), text).unwrap_or_default();
            config.index.as_deref().and_then(host).into_iter().collect()
        }
    }
}
