//! The world around a release, as it was observed at one moment. Steps are judged by it; observing it is the work of the shell.

pub mod artifact;
pub mod fact;
pub mod forge;

pub use artifact::{Artifact, Standing};
pub use fact::{Code, Fact, Why};
pub use forge::Forge;

use super::step::StepId;
use crate::calendar::Day;
use crate::history::History;
use crate::monorepo::Config;
use crate::version::Release;

/// The world around one release.
#[derive(Clone, Debug)]
pub struct World {
    /// The release.
    pub release: Release,
    /// The day on which it was observed.
    pub today: Day,
    /// The settings.
    pub config: Config,
    /// The releases that tags name.
    pub history: History,
    /// The name of the remote; empty if there is none.
    pub remote: String,
    /// The branch of the line, or `None` if it is not cut.
    pub line: Option<Head>,
    /// The branch on which the edits of the release wait for the line, or `None` if there is none.
    pub own: Option<Head>,
    /// The tag of the release.
    pub tag: TagPlaces,
    /// The commits of the line that users wait for, since its last final.
    pub fixes: Fact<Vec<Fix>>,
    /// The days on which the candidates of the release were tagged, in the order of their numbers.
    pub candidates: Vec<(Release, Day)>,
    /// The names of the clients, as they are published.
    pub clients: Vec<String>,
    /// The lockfiles on the line that do not have the published clients yet.
    pub locks: Fact<Vec<String>>,
    /// The branch on which the line's lockfiles wait.
    pub locks_proposed: Option<Head>,
    /// The version that main develops.
    pub main: Fact<String>,
    /// `true` if the remote has the commit of main that has this version.
    pub main_is_pushed: Fact<bool>,
    /// The branch on which main's edits wait.
    pub main_proposed: Option<Head>,
    /// The development tag, and its presence; `None` if the repository uses none.
    pub development: Option<(String, Fact<bool>)>,
    /// `true` if main has the commit of the tag.
    pub is_merged_back: bool,
    /// The answers of the forge.
    pub forge: Fact<Forge>,
    /// The artifacts, as the registries show them.
    pub artifacts: Fact<Vec<Artifact>>,
    /// The decisions of people.
    pub decisions: Vec<Decision>,
}

/// A branch with the edits of a release, or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// Its newest commit.
    pub commit: String,
    /// `true` if the remote has that commit.
    pub is_pushed: Fact<bool>,
    /// Its tree.
    pub tree: Tree,
}

/// A tree, seen by the edits of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Nothing is left to edit.
    Prepared,
    /// As many files are left to edit.
    Left(usize),
    /// The release cannot be prepared from it; the finding, and the way out.
    Refused(String, String),
    /// It could not be read.
    Unread(Why),
}

/// The places of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPlaces {
    /// Its commit here.
    pub here: Option<String>,
    /// Its commit on the remote.
    pub there: Fact<Option<String>>,
    /// The tree of that commit; [`Tree::Prepared`] while there is none.
    pub tree: Tree,
}

/// A commit that users wait for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fix {
    /// Its id.
    pub commit: String,
    /// The first line of its message.
    pub subject: String,
    /// The vulnerabilities that its message names.
    pub marks: Vec<String>,
}

/// A step that a person has done by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The step.
    pub step: StepId,
    /// The commit for which it was decided.
    pub commit: String,
    /// The person.
    pub by: String,
    /// The day.
    pub at: Day,
    /// The reason.
    pub reason: String,
}

impl World {
    /// Returns the commit that has the tag, on the remote before here.
    pub fn tagged(&self) -> Option<&str> {
        self.tagged_there().or(self.tag.here.as_deref())
    }

    /// Returns the commit that the remote has the tag on, by its own answer or the forge's.
    pub fn tagged_there(&self) -> Option<&str> {
        let forge = || self.forge.as_ref().ok()?.tag.as_ref().ok()?.as_deref();
        self.tag.there.as_ref().ok().and_then(Option::as_deref).or_else(forge)
    }

    /// Returns the commit of the release: the one that is tagged, else the one that would be.
    pub fn commit(&self) -> Option<&str> {
        self.tagged().or_else(|| self.line.as_ref().map(|line| line.commit.as_str()))
    }

    /// Returns the name of the line's branch.
    pub fn branch(&self) -> String {
        self.config.branch.branch(self.release.line())
    }

    /// Returns the name of the tag.
    pub fn tag_name(&self) -> String {
        self.config.tag.tag(self.release)
    }
}

impl Head {
    /// Returns `true` if the edits of the release are in its tree.
    pub fn is_prepared(&self) -> bool {
        self.tree == Tree::Prepared
    }
}
