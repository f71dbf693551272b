//! The contents that an audit observes: what a final has that its last candidate had not, and what unreleased commits bring.

use super::observed::Observed;
use release_core::git::{Git, GitError, Object};
use release_core::history::content::{
    Seen, differs_by_version, is_documentation, is_release_file, marks_in, picked, settled,
};
use release_core::history::{Commit, Timeline, Window};
use release_core::version::Release;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// In how many files it is looked whether the version alone differs. Where more do, something else does.
const MOST_READ: usize = 20;

/// Of how many finals files are read at once.
const MOST_FINALS: usize = 50;

/// The number of commits that may lie on either side of a final that is not on its branch, for their patches to be compared.
const MOST_COMPARED: usize = 500;

/// For each final, the files in which it differs from its last candidate by more than a release changes.
pub(super) fn differing(observed: &Observed<'_>) -> Result<BTreeMap<Release, Vec<String>>, GitError> {
    let timeline = &observed.timeline;
    let pair = |window: Window| {
        let last = window.candidates.into_iter().next_back()?;
        let trees = (observed.trees.get(&last.tag.commit)?.clone(), observed.trees.get(&window.tag.commit)?.clone());
        Some((window.release, last.release, trees))
    };
    let pairs: Vec<_> = timeline.windows().into_iter().filter_map(pair).collect();
    let git = &observed.repository.git;
    let trees: Vec<_> = pairs.iter().map(|(.., trees)| trees.clone()).collect();
    let mut finals = Vec::with_capacity(pairs.len());
    for ((release, candidate, trees), mut files) in pairs.into_iter().zip(git.differing(&trees)?) {
        files.retain(|path| !is_release_file(path) && !is_documentation(path));
        finals.push(Differing { release, candidate, trees, files });
    }
    finals.chunks_mut(MOST_FINALS).try_for_each(|finals| keep_otherwise(git, finals))?;
    Ok(finals.into_iter().map(|last| (last.release, last.files)).collect())
}

/// A final and its last candidate.
struct Differing {
    release: Release,
    candidate: Release,
    /// Those of the candidate and of the final.
    trees: (String, String),
    files: Vec<String>,
}

impl Differing {
    /// The names of a file in both trees.
    fn names(&self, path: &str) -> [String; 2] {
        [format!("{}:{path}", self.trees.0), format!("{}:{path}", self.trees.1)]
    }

    /// The files that are read. A name with a line break cannot be asked for; such a file differs.
    fn read(&self) -> impl Iterator<Item = &String> {
        let is_few = (1..=MOST_READ).contains(&self.files.len());
        self.files.iter().filter(move |path| is_few && !path.contains('\n'))
    }
}

/// Leaves the files that differ by more than the version, by one process.
fn keep_otherwise(git: &Git, finals: &mut [Differing]) -> Result<(), GitError> {
    let names: Vec<String> = finals.iter().flat_map(|last| last.read().flat_map(|path| last.names(path))).collect();
    if names.is_empty() {
        return Ok(());
    }
    let found = git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let text =
        |(name, object): (&String, Option<Object>)| Some((name.clone(), String::from_utf8(object?.content).ok()?));
    let contents: HashMap<String, String> = names.iter().zip(found).filter_map(text).collect();
    for last in finals {
        let is_version = |path: &String| {
            let [old, new] = last.names(path).map(|name| contents.get(&name));
            old.zip(new).is_some_and(|(old, new)| differs_by_version(old, new, last.candidate, last.release))
        };
        let others = last.files.iter().filter(|path| !is_version(path)).cloned().collect();
        last.files = others;
    }
    Ok(())
}

/// Vulnerabilities by the commit that names them.
type Marks = BTreeMap<String, Vec<String>>;

/// The CVE and GHSA numbers that unreleased commits name, and the commits among them that bring users nothing.
pub(super) fn unreleased(
    git: &Git,
    timeline: &Timeline,
    trees: &HashMap<String, String>,
) -> Result<(Marks, BTreeSet<String>), GitError> {
    let lines = timeline.lines();
    let lines: Vec<_> = lines.iter().filter_map(|line| Some((line, line.unreleased.as_ref()?))).collect();
    let commits: Vec<&Commit> = lines.iter().flat_map(|(_, unreleased)| &unreleased.commits).collect();
    let messages = git.messages(&commits.iter().map(|commit| commit.id.as_str()).collect::<Vec<_>>())?;
    let tree = |id: &str| trees.get(id).cloned().unwrap_or_default();
    let pairs: Vec<(String, String)> =
        commits.iter().filter_map(|commit| Some((tree(commit.parents.first()?), tree(&commit.id)))).collect();
    let mut files = git.differing(&pairs)?.into_iter();
    // A commit without a parent is the first of its branch, and nobody's release.
    let files: Vec<Vec<String>> = commits
        .iter()
        .map(|commit| commit.parents.first().and_then(|_| files.next()).unwrap_or_else(|| vec![String::new()]))
        .collect();
    let (mut marks, mut nothing, mut at) = (BTreeMap::new(), BTreeSet::new(), 0);
    for (line, unreleased) in lines {
        let range = at..at + unreleased.commits.len();
        at = range.end;
        let seen: Vec<Seen<'_>> = unreleased
            .commits
            .iter()
            .zip(&messages[range.clone()])
            .zip(&files[range])
            .map(|((commit, message), files)| Seen { id: &commit.id, message, files })
            .collect();
        let named = seen.iter().map(|seen| (seen.id.to_owned(), marks_in(seen.message)));
        marks.extend(named.filter(|(_, marks)| !marks.is_empty()));
        nothing.extend(settled(&seen));
        let last = line.releases.iter().find(|tagged| tagged.release == unreleased.last);
        if let Some((last, tip)) = last.zip(timeline.tip(&line.branch)) {
            nothing.extend(released_otherwise(git, timeline, (&last.tag.commit, tip), &seen)?);
        }
    }
    Ok((marks, nothing))
}

/// The commits whose change a final has under another id. Where the final lies on the branch there are none: what was done
/// again there was taken back before.
fn released_otherwise(
    git: &Git,
    timeline: &Timeline,
    (last, tip): (&str, &str),
    seen: &[Seen<'_>],
) -> Result<Vec<String>, GitError> {
    let graph = &timeline.graph;
    if graph.is_ancestor(last, tip) {
        return Ok(Vec::new());
    }
    let is_picked = |seen: &&Seen<'_>| picked(seen.message).any(|from| graph.is_ancestor(from, last));
    let mut found: Vec<String> = seen.iter().filter(is_picked).map(|seen| seen.id.to_owned()).collect();
    if seen.len() <= MOST_COMPARED && graph.beyond(tip, last).len() <= MOST_COMPARED {
        let other: BTreeSet<String> = git.unlike(last, tip)?.into_iter().collect();
        found.extend(seen.iter().map(|seen| seen.id.to_owned()).filter(|id| !other.contains(id)));
    }
    Ok(found)
}
