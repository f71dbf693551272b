//! The one way in: opens the repository, takes the lock where a run writes, recovers an interrupted write, reads the
//! configuration, the references and trees.

mod repository;
mod tree;

pub(crate) use repository::Repository;
pub(crate) use tree::{Held, Listed, Place};

use crate::cli::Global;
use crate::effects::lock::Lock;
use crate::effects::write;
use crate::stop::{Result, Stop, Texts};
use crate::{output, remote};
use release_core::history::{History, Refs};
use release_core::monorepo::{
    Config, MANIFESTS, Monorepo, PastPins, Snapshot, Tree, TreeError, UnreadableTree, discover,
};
use release_core::problem::Problem;
use release_core::version::Line;

/// The intent of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// It writes nothing, and so has nothing to lock.
    Read,
    /// It commits beside the checkout, whose files stay as they are.
    Commit,
    /// It writes files of the checkout.
    Write,
}

/// A repository that is ready to be worked on.
pub(crate) struct Checkout {
    pub(crate) repository: Repository,
    pub(crate) config: Config,
    /// The lock of a run that writes; `None` with `--dry-run`.
    pub(crate) lock: Option<Lock>,
    /// An interrupted write that a dry run may not take back.
    pub(crate) unfinished: Option<Problem>,
    global: Global,
}

impl Checkout {
    /// Opens the repository of `--repo`, or the one around the current directory.
    pub(crate) fn open(global: &Global, intent: Intent) -> Result<Self> {
        let repository = Repository::open(global)?;
        let locks = intent != Intent::Read && !global.dry_run;
        let lock = if locks { Some(Lock::take(&repository.location)?) } else { None };
        let unfinished = match intent {
            Intent::Write => write::recover(global, &repository.location.root, &repository.state_dir())?,
            Intent::Read | Intent::Commit => None,
        };
        let config = repository.config(global)?;
        Ok(Self { repository, config, lock, unfinished, global: global.clone() })
    }

    /// Reads the references, after a fetch where `--fetch` asks for it, and finds the remote of the branch that they name.
    pub(crate) fn refs(&self, branch: impl FnOnce(&Refs) -> String) -> Result<(Refs, Option<String>)> {
        let refs = self.repository.git.refs()?;
        let remote = remote::name(&self.repository.git, &refs, &branch(&refs))?;
        if !self.global.fetch {
            return Ok((refs, remote));
        }
        let Some(name) = &remote else {
            let help = "add one, `git remote add origin URL`, or leave `--fetch` out";
            return Err(Stop::usage(Problem::new(
                "there is nowhere to fetch from: no remote is followed here, and none is called upstream or origin",
                help,
            )));
        };
        output::say(&self.global, &format!("fetching {name}"));
        remote::fetch(&self.repository.git, &self.config, name)?;
        Ok((self.repository.git.refs()?, remote))
    }

    /// Reads the references alone, after a fetch where `--fetch` asks for it.
    pub(crate) fn references(&self, branch: impl FnOnce(&Refs) -> String) -> Result<Refs> {
        self.fetched(branch)?.map_or_else(|| Ok(self.repository.git.refs()?), Ok)
    }

    /// Fetches where `--fetch` asks for it, and returns the references as they are then.
    pub(crate) fn fetched(&self, branch: impl FnOnce(&Refs) -> String) -> Result<Option<Refs>> {
        self.global.fetch.then(|| Ok(self.refs(branch)?.0)).transpose()
    }

    /// Finds the commit that a revision names.
    pub(crate) fn commit(&self, revision: &str) -> Result<String> {
        self.repository.git.commit_of(revision)?.ok_or_else(|| no_commit(revision))
    }

    /// The tree of a commit; of `None` the work tree.
    pub(crate) fn tree<'a>(&'a self, commit: Option<&'a str>) -> Place<'a> {
        self.repository.tree(commit)
    }
}

impl Drop for Checkout {
    /// Says what the run has cost, with `-vv`.
    fn drop(&mut self) {
        if self.global.verbose > 1 {
            output::note(&self.repository.cost());
        }
    }
}

/// The branch that is checked out, or an empty name.
pub(crate) fn current(refs: &Refs) -> String {
    refs.current().map(|branch| branch.name.clone()).unwrap_or_default()
}

/// Stops where a revision names no commit.
pub(crate) fn no_commit(revision: &str) -> Stop {
    Stop::from(anyhow::anyhow!(
        "there is no commit `{revision}` in this repository; fetch it, or see that it is spelled right"
    ))
}

/// A monorepo, and the texts of the tree that it was found in.
pub(crate) struct Found {
    pub(crate) monorepo: Monorepo,
    pub(crate) texts: Texts,
}

/// Returns a monorepo's doubts, or where it has none those about what is left of a client's old name, by what the last finals
/// pinned: those of a line, else the highest.
pub(crate) fn doubts(
    repository: &Repository,
    config: &Config,
    history: &History,
    line: Option<Line>,
    monorepo: &Monorepo,
) -> Result<Vec<Problem>, TreeError> {
    // Doubts of the tree alone come first: they are about the same clients.
    if !monorepo.doubts.is_empty() || !monorepo.may_ask_for_an_old_client(history) {
        return Ok(monorepo.doubts.clone());
    }
    let last = line.and_then(|line| history.last_final(line)).or_else(|| history.highest_final());
    let finals = history.finals().rev().skip_while(|release| Some(*release) > last).take(2);
    let finals: Vec<_> = finals.filter_map(|release| Some((release, history.commit(release)?))).collect();
    let commits: Vec<&str> = finals.iter().map(|(_, commit)| *commit).collect();
    let mut past = Vec::new();
    for ((release, commit), files) in finals.iter().zip(repository.git.trees(&commits, &MANIFESTS)?) {
        let place = repository.tree(Some(commit));
        let tree = Listed::of(&place, &MANIFESTS, files);
        match Snapshot::of_manifests(&tree, config, &monorepo.manifests) {
            Ok(snapshot) => past.push(PastPins::of(*release, snapshot)),
            Err(UnreadableTree::Tree(error)) => return Err(error),
            Err(UnreadableTree::Files(_)) => {}
        }
    }
    Ok(monorepo.renamed(&past))
}

/// Discovers the monorepo of a tree.
pub(crate) fn found(tree: &dyn Tree, config: &Config, history: &History) -> Result<Found> {
    let snapshot = Snapshot::take(tree, config)?;
    let texts = snapshot.texts.clone();
    match discover(snapshot, config, history) {
        Ok(monorepo) => Ok(Found { monorepo, texts }),
        Err(problems) => Err(Stop::refused(problems, texts)),
    }
}
