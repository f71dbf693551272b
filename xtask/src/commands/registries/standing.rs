//! Whether a tree may name a host that is asked: the project's own may, anybody else's may not unless the user says so.
//!
//! A revision is the project's own when the remote's main or one of its release branches has it. Of another one only those
//! hosts are asked that the same kind of file names in the project's own tree.

use crate::checkout::{Held, Repository};
use crate::registry::{Origin, Place, host, registries};
use crate::remote;
use camino::Utf8Path;
use release_core::history::Refs;
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::{SourceKind, UvLock};
use release_core::monorepo::{CONFIG_FILE, Config};
use release_core::plan::preconditions::short;
use release_core::text::SourceText;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// The files that name hosts.
const FILES: [&str; 4] = ["uv.lock", "package-lock.json", ".npmrc", CONFIG_FILE];

/// What is known of the project's own trees; it is looked up when a tree names a host for the first time.
pub(crate) struct Standing<'a> {
    repository: &'a Repository,
    config: &'a Config,
    /// The branch that is worked on.
    branch: String,
    /// Hosts that the user lets be asked.
    allowed: &'a [String],
    project: OnceCell<Result<Project, String>>,
    named: OnceCell<Result<BTreeSet<(String, String)>, String>>,
}

/// The branches that are the project's own.
struct Project {
    /// Where they are: on this remote, or here.
    at: String,
    tips: Vec<String>,
    /// Main, and the line that is worked on.
    nearest: Vec<String>,
}

impl<'a> Standing<'a> {
    /// Of trees of a repository, when this branch is worked on.
    pub(crate) fn new(
        repository: &'a Repository,
        config: &'a Config,
        branch: Option<&str>,
        allowed: &'a [String],
    ) -> Self {
        let line = branch.filter(|branch| config.branch.line(branch).is_some());
        let branch = line.unwrap_or(&config.main).to_owned();
        Self { repository, config, branch, allowed, project: OnceCell::new(), named: OnceCell::new() }
    }

    /// Admits a place that was chosen, of a tree at a commit or of the work tree.
    ///
    /// # Errors
    /// Why it is not asked, when only the tree names it and the tree is nobody's that is known.
    pub(crate) fn admit(&self, commit: Option<&str>, origin: &Origin, place: &Place) -> Result<(), String> {
        let Origin::Tree(path) = origin else { return Ok(()) };
        let authority = place.authority();
        let is_allowed = |host: &String| *host == authority || *host == place.host;
        if self.allowed.iter().any(is_allowed) {
            return Ok(());
        }
        let project = self.project.get_or_init(|| self.project()).as_ref().map_err(Clone::clone)?;
        let commit = match commit {
            Some(commit) => Some(commit.to_owned()),
            None => self.repository.git.commit_of("HEAD").map_err(|error| error.to_string())?,
        };
        let git = &self.repository.git;
        let is_own = |commit: &String| git.is_within(commit, &project.tips).map_err(|error| error.to_string());
        if commit.as_ref().map(is_own).transpose()? == Some(true) {
            return Ok(());
        }
        let named = self.named.get_or_init(|| self.named(project)).as_ref().map_err(Clone::clone)?;
        let kind = Utf8Path::new(path).file_name().unwrap_or_default();
        if named.contains(&(kind.to_owned(), authority.clone())) {
            return Ok(());
        }
        let at =
            commit.as_deref().map_or_else(|| "a tree without a commit".to_owned(), |commit| short(commit).to_owned());
        let why = match (project.tips.is_empty(), project.at.as_str()) {
            (true, "") => format!("and there is no {} here to compare with", self.config.main),
            (true, remote) => format!("and no branch of {remote}'s is here to compare with: `git fetch {remote}`"),
            (false, "") => format!("which is in neither {} nor a release branch", self.config.main),
            (false, remote) => format!("which is in neither {} nor a release branch of {remote}", self.config.main),
        };
        Err(format!(
            "{authority} is not asked, as only {origin} names it, at {at}, {why}: `--allow-host {authority}` lets it be asked"
        ))
    }

    fn project(&self) -> Result<Project, String> {
        let git = &self.repository.git;
        let failed = |error: release_core::git::GitError| error.to_string();
        let refs = git.refs().map_err(failed)?;
        let remote = remote::name(self.repository, &refs, &self.branch).map_err(failed)?;
        let branches = own_branches(&refs, remote.as_deref(), self.config);
        let is_near = |name: &str| name == self.config.main || name == self.branch;
        let nearest = branches.iter().filter(|(name, _)| is_near(name)).map(|(_, tip)| tip.clone()).collect();
        let tips = branches.into_iter().map(|(_, tip)| tip).collect();
        Ok(Project { at: remote.unwrap_or_default(), tips, nearest })
    }

    /// The hosts that the project's own trees name, each with the kind of file.
    fn named(&self, project: &Project) -> Result<BTreeSet<(String, String)>, String> {
        let mut named = BTreeSet::new();
        for tip in &project.nearest {
            let tree = Held::new(&(&self.repository.git, tip.as_str()), &FILES).map_err(|error| error.to_string())?;
            for (path, text) in tree.texts() {
                let kind = path.file_name().unwrap_or_default();
                named.extend(hosts(kind, &text).into_iter().map(|host| (kind.to_owned(), host)));
            }
        }
        Ok(named)
    }
}

/// Main and the release branches, by name, of a remote or of this repository.
fn own_branches(refs: &Refs, remote: Option<&str>, config: &Config) -> Vec<(String, String)> {
    let is_own = |name: &str| name == config.main || config.branch.line(name).is_some();
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
        ".npmrc" => registries(text.as_str()).collect(),
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
