//! Commits and their parents.

use std::collections::HashMap;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// The ids of its parents, the first one first; those that a shallow clone lacks are among them.
    pub parents: Vec<String>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// The first line of its message.
    pub subject: String,
}

/// Every commit of a repository, and who its parents are.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    commits: Vec<Commit>,
    places: HashMap<String, usize>,
    parents: Vec<Vec<usize>>,
}

impl Graph {
    /// Takes commits in any order.
    pub fn new(commits: Vec<Commit>) -> Self {
        let places: HashMap<String, usize> =
            commits.iter().enumerate().map(|(place, commit)| (commit.id.clone(), place)).collect();
        let parents = commits
            .iter()
            .map(|commit| commit.parents.iter().filter_map(|parent| places.get(parent).copied()).collect())
            .collect();
        Self { commits, places, parents }
    }

    /// The commit of an id.
    pub fn get(&self, id: &str) -> Option<&Commit> {
        self.commits.get(*self.places.get(id)?)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.commits.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Which commits are reachable from one, itself among them; to be asked again with [`Self::holds`].
    pub fn reachable(&self, id: &str) -> Vec<bool> {
        let mut seen = vec![false; self.commits.len()];
        let mut open: Vec<usize> = self.places.get(id).copied().into_iter().collect();
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut seen[place], true) {
                open.extend(&self.parents[place]);
            }
        }
        seen
    }

    /// Whether a set of [`Self::reachable`] has a commit.
    pub fn holds(&self, set: &[bool], id: &str) -> bool {
        self.places.get(id).is_some_and(|place| set.get(*place).copied().unwrap_or(false))
    }

    /// The commits that `tip` reaches and `base` does not, the newest first.
    pub fn beyond(&self, base: &str, tip: &str) -> Vec<&Commit> {
        let (old, new) = (self.reachable(base), self.reachable(tip));
        let mut found: Vec<&Commit> =
            self.commits.iter().enumerate().filter(|(place, _)| new[*place] && !old[*place]).map(|(_, c)| c).collect();
        found.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id)));
        found
    }

    /// A commit, its first parent, that one's first parent, and so on.
    pub fn first_parents(&self, id: &str) -> impl Iterator<Item = &Commit> {
        let first = self.places.get(id).copied();
        std::iter::successors(first, |place| self.parents[*place].first().copied()).map(|place| &self.commits[place])
    }
}
