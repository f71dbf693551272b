//! The whole past by few processes: commits, dated tags, the listings of many trees, and what differs between pairs of them.

use super::objects::TrackedFile;
use super::partial::is_id;
use super::process::{Git, GitError, text};
use super::reader::Answer;
use crate::history::{Commit, DatedTag};
use std::collections::{BTreeSet, HashMap};

impl Git {
    /// Every commit that a branch, remote branch or tag reaches, and the id of its tree.
    ///
    /// # Errors
    /// When git fails.
    pub fn commits(&self) -> Result<(Vec<Commit>, HashMap<String, String>), GitError> {
        let format = "--format=%H%x00%T%x00%P%x00%ct%x00%s";
        let mut words = vec!["log", "--no-show-signature", "--no-color", "--no-mailmap", "--all", format];
        let answer = match self.read(&words) {
            // The heads of other work trees are among all: git cannot list them after it was killed while it made one.
            Err(error @ GitError::Failed { .. }) => {
                words[4] = "--glob=refs/*";
                words.push("HEAD");
                self.read(&words).map_err(|_| error)?
            }
            answer => answer?,
        };
        let not_understood = |line: &str| GitError::Answer { command: words.join(" "), answer: line.to_owned() };
        let (mut commits, mut trees) = (Vec::new(), HashMap::new());
        for line in answer.lines() {
            let [id, tree, parents, time, subject] = line.splitn(5, '\0').collect::<Vec<_>>()[..] else {
                return Err(not_understood(line));
            };
            trees.insert(id.to_owned(), tree.to_owned());
            let parents = parents.split_whitespace().map(str::to_owned).collect();
            let time = time.parse().map_err(|_| not_understood(line))?;
            commits.push(Commit { id: id.to_owned(), parents, time, subject: subject.to_owned() });
        }
        Ok((commits, trees))
    }

    /// The whole messages of commits, in their order.
    ///
    /// # Errors
    /// When git fails, or one of them is not there.
    pub fn messages(&self, commits: &[&str]) -> Result<Vec<String>, GitError> {
        // The headers end with the first empty line: what a signature has of its own begins with a space.
        let message = |content: Vec<u8>| {
            let content = text(&content);
            content.split_once("\n\n").map(|(_, message)| message.trim().to_owned()).unwrap_or_default()
        };
        Ok(self.contents(commits)?.into_iter().map(message).collect())
    }

    /// Every tag with its date, the oldest first.
    ///
    /// # Errors
    /// When git fails.
    pub fn dated_tags(&self) -> Result<Vec<DatedTag>, GitError> {
        let format = "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)%00%(*committerdate:unix)";
        let words = ["for-each-ref", format, "refs/tags"];
        let answer = self.read(&words)?;
        let tag = |line: &str| {
            let [name, id, peeled, time, made] = line.split('\0').collect::<Vec<_>>()[..] else { return None };
            let commit = if peeled.is_empty() { id } else { peeled }.to_owned();
            Some(DatedTag { name: name.to_owned(), commit, time: time.parse().or_else(|_| made.parse()).ok()? })
        };
        // An annotated tag may be nobody's and so have no date; it has that of its commit, as a lightweight one. A tag of a blob or a tree has no date and is nobody's release.
        let mut tags: Vec<DatedTag> = answer.lines().filter_map(tag).collect();
        tags.sort_by(|a, b| (a.time, &a.name).cmp(&(b.time, &b.name)));
        Ok(tags)
    }

    /// The commits of a branch's first parents that changed a file, the newest first.
    ///
    /// # Errors
    /// When git fails.
    pub fn changes_of(&self, tip: &str, path: &str) -> Result<Vec<String>, GitError> {
        self.obtain_branch(tip)?;
        let words = ["log", "--no-show-signature", "--no-color", "--first-parent", "--format=%H", tip, "--", path];
        Ok(self.read(&words)?.lines().map(str::to_owned).collect())
    }

    /// The tag by which git describes a commit, of those that setuptools-scm looks for.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn nearest_tag(&self, commit: &str) -> Result<Option<String>, GitError> {
        let described = self.output(&["describe", "--tags", "--abbrev=0", "--match", "*[0-9]*", commit], None)?;
        let tag = text(&described.stdout).trim().to_owned();
        Ok((described.status.success() && !tag.is_empty()).then_some(tag))
    }

    /// The dates of tags in seconds since 1970, by name: a tag's own, else that of its commit. Those that are not there have none.
    ///
    /// # Errors
    /// When git fails.
    pub fn tag_dates(&self, tags: &[&str]) -> Result<HashMap<String, i64>, GitError> {
        let names: Vec<String> = tags.iter().map(|tag| format!("refs/tags/{tag}")).collect();
        let format = ["for-each-ref", "--format=%(creatordate:unix) %(refname:strip=2)"];
        let dates = self.read(&format.into_iter().chain(names.iter().map(String::as_str)).collect::<Vec<_>>())?;
        let dated =
            |line: &str| line.split_once(' ').and_then(|(date, tag)| Some((tag.to_owned(), date.parse().ok()?)));
        Ok(dates.lines().filter_map(dated).collect())
    }

    /// The time of the oldest commit of a range, such as `main..release-0.4.x`, or `COMMIT^!` for one alone.
    ///
    /// # Errors
    /// When git fails.
    pub fn oldest(&self, range: &str) -> Result<Option<i64>, GitError> {
        let times = self.read(&["log", "--no-show-signature", "--no-color", "--format=%ct", range, "--"])?;
        Ok(times.lines().filter_map(|time| time.parse().ok()).min())
    }

    /// The commits that `tip` has and `base` has not, not even as the same patch under another id.
    ///
    /// # Errors
    /// When git fails.
    pub fn unlike(&self, base: &str, tip: &str) -> Result<Vec<String>, GitError> {
        let range = format!("{base}...{tip}");
        self.obtain_changes(&range)?;
        let words = ["rev-list", "--cherry-pick", "--right-only", "--no-merges", &range, "--"];
        Ok(self.read(&words)?.lines().map(str::to_owned).collect())
    }

    /// The files of many trees that match the patterns, by one process, in the order of the trees.
    ///
    /// # Errors
    /// When git fails.
    pub fn listings(&self, trees: &[&str], patterns: &[&str]) -> Result<Vec<Vec<TrackedFile>>, GitError> {
        self.obtain_trees(trees)?;
        let empty = text(&self.checked(&["hash-object", "-t", "tree", "--stdin"], Some(""))?.stdout);
        let empty = empty.trim();
        let pairs: Vec<(String, String)> = trees.iter().map(|tree| (empty.to_owned(), (*tree).to_owned())).collect();
        let words =
            [&["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--"], patterns].concat();
        // :MODE MODE ID ID STATUS, then the path
        let file = |entry: &[String]| {
            let [meta, path] = entry else { return None };
            let mut meta = meta.split(' ').skip(1);
            TrackedFile::listed(meta.next()?, meta.nth(1)?, path)
        };
        let listings = self.pairs(&words, &pairs)?.into_iter();
        Ok(listings.map(|entries| entries.chunks(2).filter_map(file).collect()).collect())
    }

    /// The paths that differ between the trees of each pair, by one process.
    ///
    /// # Errors
    /// When git fails.
    pub fn differing(&self, pairs: &[(String, String)]) -> Result<Vec<Vec<String>>, GitError> {
        // Of a tree that is not here git says so, ends with success, and has no differences.
        let trees: BTreeSet<&str> = pairs.iter().flat_map(|(old, new)| [old.as_str(), new.as_str()]).collect();
        self.obtain_trees(&trees.into_iter().collect::<Vec<_>>())?;
        self.pairs(&["diff-tree", "--stdin", "-r", "-z", "--name-only", "--no-renames"], pairs)
    }

    /// Reads the answers of `diff-tree --stdin` for each pair: a line with the pair, then entries that end with NUL.
    /// Pairs that do not differ are left out by git, and have no entries here.
    fn pairs(&self, words: &[&str], pairs: &[(String, String)]) -> Result<Vec<Vec<String>>, GitError> {
        let headers: Vec<String> = pairs.iter().map(|(old, new)| format!("{old} {new}")).collect();
        let answer = self.fed(words, &headers)?;
        let mut rest = answer.as_str();
        let mut found = Vec::with_capacity(pairs.len());
        for header in headers {
            let mut entries = Vec::new();
            if let Some(after) = rest.strip_prefix(header.as_str()).and_then(|rest| rest.strip_prefix('\n')) {
                rest = after;
                while !rest.is_empty() && !is_header(rest) {
                    let end = rest.find('\0').unwrap_or(rest.len());
                    entries.push(rest[..end].to_owned());
                    rest = rest.get(end + 1..).unwrap_or_default();
                }
            }
            found.push(entries);
        }
        Ok(found)
    }
}

/// Objects that were read at once.
pub struct Blobs(HashMap<String, Vec<u8>>);

impl Blobs {
    /// The bytes of an object; nothing for one that was not asked for, or is not there.
    pub fn get(&self, id: &str) -> Option<&[u8]> {
        self.0.get(id).map(Vec::as_slice)
    }
}

impl Git {
    /// Objects by their ids; those that are not there are left out.
    ///
    /// # Errors
    /// When git fails.
    pub fn blobs(&self, ids: &[&str]) -> Result<Blobs, GitError> {
        let object =
            |answer| if let Answer::Object(object) = answer { Some((object.id, object.content)) } else { None };
        Ok(Blobs(self.answers(ids, u64::MAX - 1)?.into_iter().filter_map(object).collect()))
    }
}

/// Returns `true` if a text begins with a line of two ids.
fn is_header(text: &str) -> bool {
    let Some(line) = text.find('\n').map(|end| &text[..end]) else { return false };
    line.split_once(' ').is_some_and(|(old, new)| is_id(old) && is_id(new))
}
