//! Commits and their parents.
//!
//! A past is long, and every tag asks for the commits it reaches. A question is answered from the commits in which
//! two branches differ, not from all of them.

use std::collections::{BinaryHeap, HashMap, HashSet};

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// The ids of its parents in order, including those that a shallow clone lacks.
    pub parents: Vec<String>,
    /// The time of the commit, in seconds since 1970.
    pub time: i64,
    /// The first line of its message.
    pub subject: String,
}

/// Every commit of a repository, and its parents.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    commits: Vec<Commit>,
    places: HashMap<String, usize>,
    parents: Vec<Vec<usize>>,
    /// For each commit the length of the longest path to a first commit: no commit reaches one of a higher
    /// generation. Dates cannot replace it, because clocks differ.
    generations: Vec<usize>,
}

impl Graph {
    /// Builds the graph of commits in any order.
    pub fn new(commits: Vec<Commit>) -> Self {
        let places: HashMap<String, usize> =
            commits.iter().enumerate().map(|(place, commit)| (commit.id.clone(), place)).collect();
        let above = |commit: &Commit| commit.parents.iter().filter_map(|parent| places.get(parent).copied()).collect();
        let parents: Vec<Vec<usize>> = commits.iter().map(above).collect();
        let generations = generations(&parents);
        Self { commits, places, parents, generations }
    }

    /// Returns the commit with an id.
    pub fn get(&self, id: &str) -> Option<&Commit> {
        self.commits.get(*self.places.get(id)?)
    }

    /// Returns the number of commits.
    pub fn len(&self) -> usize {
        self.commits.len()
    }

    /// Returns `true` if there are no commits.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Returns `true` if a commit is reachable from another, or is the same.
    pub fn is_ancestor(&self, ancestor: &str, commit: &str) -> bool {
        self.reached(commit, &[ancestor]).has(self, ancestor)
    }

    /// Returns the commits that a commit reaches, including itself, as far back as needed to answer for each of
    /// `wanted`.
    pub fn reached(&self, commit: &str, wanted: &[&str]) -> Reached {
        let generation = |id: &&str| self.places.get(*id).map(|place| self.generations[*place]);
        let mut places = HashSet::new();
        let Some(oldest) = wanted.iter().filter_map(generation).min() else { return Reached { places } };
        let mut open: Vec<usize> = self.places.get(commit).copied().into_iter().collect();
        while let Some(place) = open.pop() {
            if self.generations[place] >= oldest && places.insert(place) {
                open.extend(&self.parents[place]);
            }
        }
        Reached { places }
    }

    /// Returns the commits that `tip` reaches and `base` does not, the newest first.
    pub fn beyond(&self, base: &str, tip: &str) -> Vec<&Commit> {
        let places = self.places_beyond(self.places.get(base).copied(), self.places.get(tip).copied());
        let mut found: Vec<&Commit> = places.into_iter().map(|place| &self.commits[place]).collect();
        found.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id)));
        found
    }

    /// Walks back from both, the higher generation first, so that all commits that reach a commit are visited before
    /// it. As soon as `base` reaches all open commits, the rest is common to both.
    fn places_beyond(&self, base: Option<usize>, tip: Option<usize>) -> Vec<usize> {
        let mut walk = Walk::default();
        tip.iter().for_each(|tip| walk.meet(self, *tip, false));
        base.iter().for_each(|base| walk.meet(self, *base, true));
        let mut found = Vec::new();
        while walk.own > 0 {
            let Some((_, place)) = walk.open.pop() else { break };
            let is_of_base = walk.is_of_base.get(&place).copied().unwrap_or_default();
            if !is_of_base {
                walk.own -= 1;
                found.push(place);
            }
            self.parents[place].iter().for_each(|parent| walk.meet(self, *parent, is_of_base));
        }
        found
    }

    /// Returns for every commit its nearest branch; branches are given by their newest commits.
    pub fn nearest(&self, tips: &[&str]) -> Nearest {
        let tips: Vec<Option<usize>> = tips.iter().map(|tip| self.places.get(*tip).copied()).collect();
        let mut near = vec![Near::Nothing; self.commits.len()];
        for (branch, tip) in tips.iter().enumerate() {
            let mut open: Vec<usize> = tip.iter().copied().collect();
            while let Some(place) = open.pop() {
                if near[place] == Near::Nothing {
                    near[place] = Near::One(branch);
                    open.extend(&self.parents[place]);
                }
            }
        }
        let mut others: Vec<usize> = (0..near.len()).filter(|place| near[*place] == Near::Nothing).collect();
        others.sort_by_key(|place| self.generations[*place]);
        for place in others {
            let parents = self.parents[place].iter().map(|parent| near[*parent]);
            near[place] = parents.fold(Near::Nothing, Near::and);
        }
        Nearest { tips, near }
    }
}

/// A walk with two colours.
#[derive(Default)]
struct Walk {
    /// `true` for every visited commit that `base` reaches.
    is_of_base: HashMap<usize, bool>,
    open: BinaryHeap<(usize, usize)>,
    /// The number of open commits that `base` is not known to reach.
    own: usize,
}

impl Walk {
    fn meet(&mut self, graph: &Graph, place: usize, is_of_base: bool) {
        match (self.is_of_base.get(&place), is_of_base) {
            (None, _) => {
                self.open.push((graph.generations[place], place));
                self.own += usize::from(!is_of_base);
            }
            (Some(false), true) => self.own -= 1,
            (Some(true), _) | (Some(false), false) => return,
        }
        self.is_of_base.insert(place, is_of_base);
    }
}

/// The commits that a commit is known to reach.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    places: HashSet<usize>,
}

impl Reached {
    /// Returns `true` if a requested commit is among them.
    pub fn has(&self, graph: &Graph, id: &str) -> bool {
        graph.places.get(id).is_some_and(|place| self.places.contains(place))
    }
}

/// The nearest branch of every commit: the branch of which it lacks the fewest commits, and among equals the first.
#[derive(Clone, Debug, Default)]
pub struct Nearest {
    tips: Vec<Option<usize>>,
    near: Vec<Near>,
}

/// The branches that contain a commit, or that it descends from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Near {
    Nothing,
    /// The part of it that is on any branch is on this one, and on none before it.
    One(usize),
    Many,
}

impl Near {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, any) | (any, Self::Nothing) => any,
            (one, other) if one == other => one,
            _ => Self::Many,
        }
    }
}

impl Nearest {
    /// Returns the index of the branch, or `None` if there is none.
    pub fn of(&self, graph: &Graph, id: &str) -> Option<usize> {
        let place = graph.places.get(id).copied();
        match place.map(|place| self.near[place]) {
            Some(Near::One(branch)) => Some(branch),
            // A rare case: a merge of several branches that is on none of them.
            Some(Near::Many) => {
                let lacking = |tip: &Option<usize>| graph.places_beyond(*tip, place).len();
                let all = self.tips.iter().enumerate();
                all.min_by_key(|(branch, tip)| (lacking(tip), *branch)).map(|(branch, _)| branch)
            }
            Some(Near::Nothing) | None => (!self.tips.is_empty()).then_some(0),
        }
    }
}

/// Returns the highest generation of the parents plus one.
fn generations(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut generations: Vec<Option<usize>> = vec![None; parents.len()];
    let mut open = Vec::new();
    for start in 0..parents.len() {
        open.push(start);
        while let Some(place) = open.last().copied() {
            let lacking = parents[place].iter().copied().filter(|parent| generations[*parent].is_none());
            let before = open.len();
            if generations[place].is_none() {
                open.extend(lacking);
            }
            if open.len() == before {
                let above = parents[place].iter().filter_map(|parent| generations[*parent]).max();
                generations[place] = Some(above.map_or(0, |above| above + 1));
                open.pop();
            }
        }
    }
    generations.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Creates a graph in which every commit has some of the earlier ones as parents.
    fn graph(parents: &[Vec<usize>]) -> Graph {
        let commit = |(place, parents): (usize, &Vec<usize>)| Commit {
            id: place.to_string(),
            parents: parents.iter().filter(|_| place > 0).map(|parent| (parent % place).to_string()).collect(),
            time: 0,
            subject: String::new(),
        };
        // Git lists the newest first, and in any order where clocks differ.
        let mut commits: Vec<Commit> = parents.iter().enumerate().map(commit).collect();
        commits.reverse();
        let middle = commits.len() / 2;
        commits.rotate_left(middle);
        Graph::new(commits)
    }

    /// Returns the commits that a commit reaches, by looking at all of them.
    fn reachable(graph: &Graph, id: &str) -> HashSet<usize> {
        let (mut seen, mut open) = (HashSet::new(), vec![graph.places[id]]);
        while let Some(place) = open.pop() {
            if seen.insert(place) {
                open.extend(&graph.parents[place]);
            }
        }
        seen
    }

    fn pasts() -> impl Strategy<Value = Vec<Vec<usize>>> {
        prop::collection::vec(prop::collection::vec(0usize..40, 0..3), 1..40)
    }

    proptest! {
        #[test]
        fn a_part_of_the_past_answers_as_all_of_it_would(
            parents in pasts(), one in 0usize..40, other in 0usize..40,
        ) {
            let graph = graph(&parents);
            let id = |place: usize| (place % parents.len()).to_string();
            let (one, other) = (id(one), id(other));
            let (of_one, of_other) = (reachable(&graph, &one), reachable(&graph, &other));
            prop_assert_eq!(graph.is_ancestor(&one, &other), of_other.contains(&graph.places[&one]));
            let beyond: HashSet<usize> =
                graph.beyond(&one, &other).iter().map(|commit| graph.places[&commit.id]).collect();
            prop_assert_eq!(beyond, of_other.difference(&of_one).copied().collect::<HashSet<_>>());
            prop_assert_eq!(graph.beyond("nobody", &other).len(), of_other.len());
        }

        #[test]
        fn the_nearest_branch_is_the_one_of_which_least_is_lacking(
            parents in pasts(), tips in prop::collection::vec(0usize..40, 0..5), commit in 0usize..40,
        ) {
            let graph = graph(&parents);
            let id = |place: &usize| (place % parents.len()).to_string();
            let tips: Vec<String> = tips.iter().map(id).collect();
            let names: Vec<&str> = tips.iter().map(String::as_str).collect();
            let own = reachable(&graph, &id(&commit));
            let lacking = |tip: &String| own.difference(&reachable(&graph, tip)).count();
            let wanted = tips.iter().enumerate().min_by_key(|(branch, tip)| (lacking(tip), *branch));
            prop_assert_eq!(graph.nearest(&names).of(&graph, &id(&commit)), wanted.map(|(branch, _)| branch));
        }
    }

    #[test]
    fn a_long_past_needs_no_deep_stack() {
        let parents: Vec<Vec<usize>> = (0..100_000_usize).map(|place| vec![place.saturating_sub(1)]).collect();
        let graph = graph(&parents);
        assert!(graph.is_ancestor("0", "99999"));
        assert_eq!(graph.beyond("0", "99999").len(), 99_999);
    }
}
