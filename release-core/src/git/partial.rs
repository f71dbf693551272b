//! Partial clones, which lack objects until somebody needs them. Git would fetch each as it meets it, one process and one pack
//! for each; here what is needed is found first, and fetched at once, and what is not here is never taken for absent.
//! (<https://git-scm.com/docs/partial-clone>.)

use super::lacking::{Lacking, Notice};
use super::objects::shown;
use super::process::{Git, GitError};
use std::collections::{BTreeMap, BTreeSet};

/// Commands that ask a remote because that is what they are for.
const ASKING: [&str; 4] = ["clone", "fetch", "ls-remote", "push"];

/// Commands that write files or commits: hooks of the person's may run in them, and fetch what they need.
const WRITING: [&str; 6] = ["checkout", "checkout-index", "commit", "read-tree", "switch", "worktree"];

/// The number of times that missing trees are looked for: fetching a tree brings those below it, so that the second
/// time finds none.
const ROUNDS: usize = 4;

impl Git {
    /// Returns a git for a clone that lacks objects, or does not.
    #[must_use]
    pub fn in_partial_clone(mut self, is_partial: bool) -> Self {
        self.partial.is_partial = is_partial;
        self
    }

    /// Returns a git that fetches nothing by itself, or does.
    #[must_use]
    pub fn offline(mut self, is_offline: bool) -> Self {
        self.partial.is_offline = is_offline;
        self
    }

    /// Returns a git that tells `notice` before objects are fetched.
    #[must_use]
    pub fn announcing(mut self, notice: Notice) -> Self {
        self.partial.notice = Some(notice);
        self
    }

    /// Returns `true` if objects may not be here.
    pub fn is_partial(&self) -> bool {
        self.partial.is_partial
    }

    /// The variables that keep git from fetching objects one by one, by what it is asked to do. Git before 2.44 does not know the
    /// first; without a protocol that is allowed it cannot fetch either.
    pub(super) fn laziness(&self, words: &[&str]) -> &'static [(&'static str, &'static str)] {
        const NOTHING: [(&str, &str); 2] = [("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "")];
        let command = command(words);
        match (ASKING.contains(&command), WRITING.contains(&command)) {
            (true, _) => &[],
            (false, true) if self.partial.is_offline => &NOTHING[..1],
            (false, true) => &[],
            (false, false) => &NOTHING,
        }
    }

    /// Fetches what is not here of these objects, all at once, and gives back those that still are not. In a clone that is whole
    /// nothing is looked for.
    ///
    /// # Errors
    /// When git cannot say what is here.
    pub fn obtain(&self, ids: &[&str]) -> Result<Vec<String>, GitError> {
        if !self.partial.is_partial {
            return Ok(Vec::new());
        }
        let missing = self.missing(ids)?;
        if missing.is_empty() || self.partial.is_offline || self.partial.refused.borrow().is_some() {
            return Ok(missing);
        }
        self.fetch_objects(&missing)?;
        self.missing(&missing.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same for the trees at `roots`, for the files of `trees` that match patterns, and for what the first parents of a branch changed in those
    /// that match others.
    ///
    /// # Errors
    /// When a tree is not here and cannot be fetched.
    pub fn obtain_past(
        &self,
        roots: &[&str],
        trees: &[&str],
        files: &[&str],
        of_branch: Option<(&str, &[&str])>,
    ) -> Result<(), GitError> {
        if !self.partial.is_partial {
            return Ok(());
        }
        let mut commits = String::new();
        if let Some((tip, _)) = of_branch {
            commits = self.read(&["rev-list", "--first-parent", tip])?;
        }
        self.obtain_trees(&roots.iter().chain(trees).copied().chain(commits.lines()).collect::<Vec<_>>())?;
        let mut ids: BTreeSet<String> =
            self.listings(trees, files)?.into_iter().flatten().map(|file| file.id).collect();
        if let Some((tip, patterns)) = of_branch {
            let words =
                ["log", "--first-parent", "-m", "--raw", "-z", "--no-abbrev", "--no-renames", "--format=", tip, "--"];
            ids.extend(changed_ids(&self.read(&[&words, patterns].concat())?));
        }
        self.obtain(&ids.iter().map(String::as_str).collect::<Vec<_>>()).map(drop)
    }

    /// The same for the trees of a branch's first parents, whose changes are looked for.
    ///
    /// # Errors
    /// When one is not here and cannot be fetched.
    pub fn obtain_branch(&self, tip: &str) -> Result<(), GitError> {
        if !self.partial.is_partial {
            return Ok(());
        }
        let commits = self.read(&["rev-list", "--first-parent", tip])?;
        self.obtain_trees(&commits.lines().collect::<Vec<_>>())
    }

    /// The same for what the commits of a range changed, which is compared as patches.
    ///
    /// # Errors
    /// When something is not here and cannot be fetched.
    pub(super) fn obtain_changes(&self, range: &str) -> Result<(), GitError> {
        if !self.partial.is_partial {
            return Ok(());
        }
        let commits = self.read(&["rev-list", "--no-merges", "--parents", range, "--"])?;
        self.obtain_trees(&commits.split_whitespace().collect::<Vec<_>>())?;
        let words = ["log", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-merges", "--format=", range, "--"];
        let ids = changed_ids(&self.read(&words)?);
        self.none_lacking(&self.obtain(&ids.iter().map(String::as_str).collect::<Vec<_>>())?, &shown)
    }

    /// The same for all files of a revision, which is checked out or committed on: git looks for each of them when it writes the
    /// trees of a commit.
    ///
    /// # Errors
    /// When one is not here and cannot be fetched.
    pub fn obtain_checkout(&self, revision: &str) -> Result<(), GitError> {
        if !self.partial.is_partial {
            return Ok(());
        }
        self.obtain_trees(&[revision])?;
        let words = ["ls-tree", "-r", "-z", "--full-tree", revision];
        let file = |[_, kind, id, _]: [&str; 4], path: &str| Some((kind == "blob", id.to_owned(), path.to_owned()));
        let files = self.listed(&words, file)?;
        let files = files.iter().filter(|(is_file, ..)| *is_file);
        let files: BTreeMap<&str, &str> = files.map(|(_, id, path)| (id.as_str(), path.as_str())).collect();
        let lacking = self.obtain(&files.keys().copied().collect::<Vec<_>>())?;
        self.none_lacking(&lacking, &|id| format!("{} at {revision}", files.get(id).unwrap_or(&"")))
    }

    /// Fails if there are objects that are not here; they are called as a person knows them.
    ///
    /// # Errors
    /// If there are any.
    pub fn none_lacking<S: AsRef<str>>(&self, lacking: &[S], shown: &dyn Fn(&str) -> String) -> Result<(), GitError> {
        let names: Vec<String> = lacking.iter().map(|id| shown(id.as_ref())).collect();
        if names.is_empty() { Ok(()) } else { Err(self.lacking(&names)) }
    }

    /// The error about objects that are not here; they are called as a person knows them.
    pub fn lacking(&self, names: &[String]) -> GitError {
        GitError::Lacking(Box::new(self.lack(names)))
    }

    /// The same, to be said otherwise.
    pub fn lack(&self, names: &[String]) -> Lacking {
        let said = self.partial.refused.borrow().clone();
        let why = match (self.partial.is_offline, said) {
            (true, _) => "`--offline` fetches nothing".to_owned(),
            (false, Some(said)) => said,
            (false, None) => "no remote has promised them".to_owned(),
        };
        let such_as = names.first().cloned().unwrap_or_default();
        Lacking { number: names.len(), such_as, why }
    }

    /// Fetches the trees of revisions that are not here, all at once.
    ///
    /// # Errors
    /// When one is not here and cannot be fetched.
    pub(super) fn obtain_trees(&self, revisions: &[&str]) -> Result<(), GitError> {
        if !self.partial.is_partial || revisions.is_empty() {
            return Ok(());
        }
        let is_new = |revision: &&&str| !self.partial.whole.borrow().contains(**revision);
        let wanted: BTreeSet<&str> = revisions.iter().filter(is_new).copied().collect();
        let words = ["rev-list", "--objects", "--missing=print", "--filter=blob:none", "--no-walk", "--stdin"];
        for _ in 0..ROUNDS {
            // Those that are not here themselves are no place to begin at for git before 2.45.
            let ids: Vec<&str> = wanted.iter().filter(|revision| is_id(revision)).copied().collect();
            let mut missing = self.missing(&ids)?;
            let absent: BTreeSet<&str> = missing.iter().map(String::as_str).collect();
            let begin: Vec<&str> = wanted.iter().filter(|revision| !absent.contains(*revision)).copied().collect();
            let answer = self.fed(&words, &begin)?;
            missing.extend(answer.lines().filter_map(|line| line.strip_prefix('?')).map(str::to_owned));
            if missing.is_empty() {
                self.partial.whole.borrow_mut().extend(wanted.into_iter().map(str::to_owned));
                return Ok(());
            }
            if !self.obtain(&missing.iter().map(String::as_str).collect::<Vec<_>>())?.is_empty() {
                self.none_lacking(&missing, &|id| format!("the tree {}", id.get(..9).unwrap_or(id)))?;
            }
        }
        Err(self.lacking(&["trees below trees".to_owned()]))
    }

    /// Fetches what is not here of objects that are named by `REVISION:PATH`, or in any other way, and gives back the names of
    /// those that still are not. What a tree does not have is not among them.
    ///
    /// # Errors
    /// When a tree is not here and cannot be fetched.
    pub(super) fn obtain_named<'a>(&self, names: &[&'a str]) -> Result<Vec<&'a str>, GitError> {
        if !self.partial.is_partial {
            return Ok(Vec::new());
        }
        let mut ids: BTreeMap<&'a str, String> =
            names.iter().filter(|name| is_id(name)).map(|name| (*name, (*name).to_owned())).collect();
        let paths: Vec<(&'a str, &'a str, &'a str)> =
            names.iter().filter_map(|name| name.split_once(':').map(|(tree, path)| (*name, tree, path))).collect();
        let revisions: Vec<&str> =
            paths.iter().map(|(_, revision, _)| *revision).collect::<BTreeSet<_>>().into_iter().collect();
        // A revision that is not here at all, as behind the end of a shallow clone, is absent as before.
        let there = self.roots(&revisions)?;
        let trees: Vec<&str> = there.values().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
        let patterns: BTreeSet<String> = paths.iter().map(|(.., path)| format!(":(literal){path}")).collect();
        let listings = self.listings(&trees, &patterns.iter().map(String::as_str).collect::<Vec<_>>())?;
        let listings: BTreeMap<&str, BTreeMap<&str, &str>> = trees
            .iter()
            .zip(&listings)
            .map(|(tree, files)| (*tree, files.iter().map(|file| (file.path.as_str(), file.id.as_str())).collect()))
            .collect();
        for (name, revision, path) in paths {
            let files = there.get(revision).and_then(|tree| listings.get(tree.as_str()));
            if let Some(id) = files.and_then(|files| files.get(path)) {
                ids.insert(name, (*id).to_owned());
            }
        }
        let wanted: BTreeSet<&str> = ids.values().map(String::as_str).collect();
        let lacking: BTreeSet<String> = self.obtain(&wanted.into_iter().collect::<Vec<_>>())?.into_iter().collect();
        Ok(names.iter().filter(|name| ids.get(**name).is_some_and(|id| lacking.contains(id))).copied().collect())
    }

    /// The trees of revisions, which may themselves not be here.
    fn roots<'a>(&self, revisions: &[&'a str]) -> Result<BTreeMap<&'a str, String>, GitError> {
        let names: Vec<String> = revisions.iter().map(|revision| format!("{revision}^{{}}")).collect();
        let answer = self.fed(&["cat-file", "--batch-check=%(objectname) %(objecttype)"], &names)?;
        let peeled: Vec<(&'a str, &str, bool)> = revisions
            .iter()
            .zip(answer.lines())
            .filter_map(|(revision, line)| match line.rsplit_once(' ')? {
                (id, "commit") => Some((*revision, id, true)),
                (id, "tree") => Some((*revision, id, false)),
                // The id of a tree that is not here has no type.
                (_, "missing") if matches!(revision.len(), 40 | 64) => Some((*revision, *revision, false)),
                _ => None,
            })
            .collect();
        let commits: BTreeSet<&str> =
            peeled.iter().filter(|(.., is_commit)| *is_commit).map(|(_, id, _)| *id).collect();
        let words = ["log", "--no-show-signature", "--no-walk=unsorted", "--stdin", "--format=%H %T"];
        let answer = self.fed(&words, &commits.into_iter().collect::<Vec<_>>())?;
        let trees: BTreeMap<&str, &str> = answer.lines().filter_map(|line| line.split_once(' ')).collect();
        let tree = |id, is_commit| if is_commit { trees.get(id).copied() } else { Some(id) };
        let roots = peeled.iter().filter_map(|(name, id, is_commit)| Some((*name, tree(*id, *is_commit)?.to_owned())));
        Ok(roots.collect())
    }
}

/// The files' ids before and after in what `log --raw -z` lists: `:MODE MODE ID ID STATUS`, then the path.
fn changed_ids(answer: &str) -> BTreeSet<String> {
    let changed = answer.split('\0').filter_map(|entry| entry.trim_start().strip_prefix(':'));
    // Links to submodules are no objects of this repository.
    let files = changed.map(|meta| meta.split(' ').collect::<Vec<_>>()).filter(|meta| !meta.contains(&"160000"));
    let ids = files.flat_map(|meta| meta.into_iter().skip(2).take(2).map(str::to_owned).collect::<Vec<_>>());
    ids.filter(|id| id.bytes().any(|byte| byte != b'0')).collect()
}

/// Returns `true` if a name is the whole id of an object.
pub(super) fn is_id(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The command among git's words, behind the options that every command has.
fn command<'a>(words: &[&'a str]) -> &'a str {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-c" | "-C" | "--git-dir" | "--work-tree" => drop(words.next()),
            word if word.starts_with('-') => {}
            word => return word,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_stands_behind_the_options_of_all_commands() {
        for (words, expected) in [
            (&["ls-files", "-z"][..], "ls-files"),
            (&["-c", "a=b", "worktree", "add"], "worktree"),
            (&["--no-optional-locks", "status"], "status"),
            (&["-C", "commit", "--git-dir", ".git", "describe"], "describe"),
            (&["--git-dir=.", "update-ref"], "update-ref"),
            (&["--version"], ""),
        ] {
            assert_eq!(command(words), expected, "{words:?}");
        }
    }
}
