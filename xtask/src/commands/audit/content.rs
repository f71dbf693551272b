//! The contents that an audit observes: what a final has that its last candidate had not.

use super::observed::Observed;
use release_core::git::{Git, GitError, Object};
use release_core::history::Window;
use release_core::history::content::{differs_by_version, is_documentation, is_release_file};
use release_core::version::Release;
use std::collections::{BTreeMap, HashMap};

/// In how many files it is looked whether the version alone differs. Where more do, something else does.
const MOST_READ: usize = 20;

/// Of how many finals files are read at once.
const MOST_FINALS: usize = 50;

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
