//! The past of a repository: its commits, its dated tags, its branches, and what unreleased commits bring.

use release_core::git::{Git, GitError};
use release_core::history::content::{Seen, marks_in, picked, settled};
use release_core::history::{Commit, Graph, Refs, Timeline};
use release_core::monorepo::Config;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The number of commits that may lie on either side of a final that is not on its branch, for their patches to be compared.
const MOST_COMPARED: usize = 500;

/// The trees of commits, by their ids.
pub(super) type Trees = HashMap<String, String>;

/// Reads commits, tags and branches, up to a moment in seconds since 1970. What unreleased commits bring is not looked at yet.
pub(super) fn past(git: &Git, config: &Config, refs: &Refs, now: i64) -> Result<(Timeline, Trees), GitError> {
    let (commits, trees) = git.commits()?;
    let tags = git.dated_tags()?.into_iter().filter(|tag| trees.contains_key(&tag.commit)).collect();
    let timeline = Timeline {
        graph: Graph::new(commits),
        tags,
        branches: refs.main_and_lines(&config.main, &config.branch),
        main: config.main.clone(),
        main_versions: Vec::new(),
        tag_pattern: config.tag.clone(),
        branch_pattern: config.branch.clone(),
        maintained: config.maintained_lines,
        now,
        marks: BTreeMap::new(),
        settled: BTreeSet::new(),
    };
    Ok((timeline, trees))
}

/// Vulnerabilities by the commit that names them.
type Marks = BTreeMap<String, Vec<String>>;

/// The CVE and GHSA numbers that unreleased commits name, and the commits among them that bring users nothing.
pub(super) fn unreleased(git: &Git, timeline: &Timeline, trees: &Trees) -> Result<(Marks, BTreeSet<String>), GitError> {
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
