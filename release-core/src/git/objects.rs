//! Files of the index and of trees, and what they hold.

use super::process::{Git, GitError, text};
use camino::Utf8PathBuf;
use std::collections::BTreeSet;
use std::ops::Range;

/// The words that read objects.
const BATCH: [&str; 2] = ["cat-file", "--batch"];

/// An object of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its id.
    pub id: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A file of a tree, as git lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedFile {
    /// From the top of the tree.
    pub path: Utf8PathBuf,
    /// The blob's id.
    pub id: String,
    /// `true` if it is a symbolic link.
    pub is_link: bool,
}

impl TrackedFile {
    /// Returns the file of a listing, or `None` if it is listed without an id.
    pub(super) fn listed(mode: &str, id: &str, path: &str) -> Option<Self> {
        (!id.is_empty()).then(|| Self { path: path.into(), id: id.to_owned(), is_link: mode == "120000" })
    }

    /// Returns `true` if its last component is one of `names`, with one `*` for any text, or if one of them names its folder
    /// and the end of its name: `.github/workflows/*.yml`.
    pub fn is_one_of(&self, names: &[&str]) -> bool {
        let path = self.path.as_str();
        let (folder, last) = path.rsplit_once('/').unwrap_or(("", path));
        names.iter().any(|name| match name.rsplit_once("/*") {
            Some((wanted, end)) => {
                let is_folder = wanted.strip_prefix("**/").map_or(folder == wanted, |wanted| {
                    folder.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'))
                });
                is_folder && last.ends_with(end)
            }
            None => name.split_once('*').map_or(last == *name, |(start, end)| {
                last.len() >= start.len() + end.len() && last.starts_with(start) && last.ends_with(end)
            }),
        })
    }
}

impl Git {
    /// The files of the index that match the patterns; unmerged ones once.
    ///
    /// # Errors
    /// When git fails.
    pub fn tracked(&self, patterns: &[&str]) -> Result<Vec<TrackedFile>, GitError> {
        let words = [&["ls-files", "-z", "--stage", "--full-name", "--"], patterns].concat();
        // MODE ID STAGE\tPATH
        let mut files = self.listed(&words, |[mode, id, ..], path| TrackedFile::listed(mode, id, path))?;
        files.dedup_by(|left, right| left.path == right.path);
        Ok(files)
    }

    /// The files of the index that a sparse checkout leaves out (`skip-worktree`).
    ///
    /// # Errors
    /// When git fails.
    pub fn left_out(&self) -> Result<BTreeSet<Utf8PathBuf>, GitError> {
        let answer = self.read(&["ls-files", "-z", "-t", "--full-name"])?;
        Ok(answer.split('\0').filter_map(|entry| entry.strip_prefix("S ")).map(Utf8PathBuf::from).collect())
    }

    /// The files of a revision's tree that are one of `names`.
    ///
    /// # Errors
    /// When git fails, as for a revision that is not there.
    pub fn tree(&self, revision: &str, names: &[&str]) -> Result<Vec<TrackedFile>, GitError> {
        self.obtain_trees(&[revision])?;
        let words = ["ls-tree", "-r", "-z", "--full-tree", revision];
        // MODE TYPE ID\tPATH
        let mut files = self.listed(&words, |[mode, _, id, _], path| TrackedFile::listed(mode, id, path))?;
        files.retain(|file| file.is_one_of(names));
        Ok(files)
    }

    /// The same with the size of each file in bytes, by one process.
    ///
    /// # Errors
    /// When git fails, as for a revision that is not there.
    pub fn sized_tree(&self, revision: &str, names: &[&str]) -> Result<Vec<(TrackedFile, u64)>, GitError> {
        if self.is_partial() {
            // Git would look for the sizes of all files there, and fetch each.
            let files = self.tree(revision, names)?;
            let sizes = self.sizes(&files.iter().map(|file| file.id.as_str()).collect::<Vec<_>>())?;
            return Ok(files.into_iter().zip(sizes).collect());
        }
        let words = ["ls-tree", "-r", "-l", "-z", "--full-tree", revision];
        // MODE TYPE ID SIZE\tPATH; a submodule has no size, and is no file
        let mut files = self.listed(&words, |[mode, _, id, size], path| {
            Some((TrackedFile::listed(mode, id, path).filter(|_| !size.is_empty())?, size.parse().unwrap_or(0)))
        })?;
        files.retain(|(file, _)| file.is_one_of(names));
        Ok(files)
    }

    /// The contents of objects, in their order, by one process.
    ///
    /// # Errors
    /// When git fails or one of them is not there.
    pub fn contents(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
        let missing = |id: &str| GitError::Answer { command: BATCH.join(" "), answer: format!("nothing for {id}") };
        let found = self.objects(ids)?;
        let content = |(id, object): (&&str, Option<Object>)| Ok(object.ok_or_else(|| missing(id))?.content);
        ids.iter().zip(found).map(content).collect()
    }

    /// Objects by any name that git knows, such as `REVISION:PATH`, in their order, by one process; nothing for those that
    /// are not there.
    ///
    /// # Errors
    /// When git fails.
    pub fn objects(&self, names: &[&str]) -> Result<Vec<Option<Object>>, GitError> {
        self.none_lacking(&self.obtain_named(names)?, &shown)?;
        let (bytes, places) = self.batch(&BATCH, names)?;
        let object = |(id, place): (String, Range<usize>)| Object { id, content: bytes[place].to_vec() };
        Ok(places.into_iter().map(|place| place.map(object)).collect())
    }

    /// Reads objects by one process: all that it answers, and for each name the id of the object and its place in the
    /// answer, or `None` for one that is not there.
    #[expect(clippy::type_complexity, reason = "it is taken apart where it is asked for")]
    pub(super) fn batch(
        &self,
        words: &[&str],
        names: &[&str],
    ) -> Result<(Vec<u8>, Vec<Option<(String, Range<usize>)>>), GitError> {
        if names.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let bytes = self.checked(words, Some(&(names.join("\n") + "\n")))?.stdout;
        let mut at = 0;
        let place = |name: &&str| {
            let broken = || GitError::Answer { command: words.join(" "), answer: format!("too little for {name}") };
            let rest = bytes.get(at..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
            let header = text(&rest[..end]);
            at += end + 1;
            // NAME missing, or ID TYPE SIZE
            if header.ends_with(" missing") {
                return Ok(None);
            }
            let size: usize = header.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(broken)?;
            let place = at..at + size;
            bytes.get(place.clone()).ok_or_else(broken)?;
            at = place.end + 1;
            Ok(Some((header.split(' ').next().unwrap_or_default().to_owned(), place)))
        };
        let places = names.iter().map(place).collect::<Result<_, GitError>>()?;
        Ok((bytes, places))
    }

    /// The sizes of objects in bytes, in their order, by one process.
    ///
    /// # Errors
    /// When git fails or one of them is not there.
    pub fn sizes(&self, ids: &[&str]) -> Result<Vec<u64>, GitError> {
        self.none_lacking(&self.obtain(ids)?, &shown)?;
        let words = ["cat-file", "--batch-check=%(objectsize)"];
        let answer = self.fed(&words, ids)?;
        let not_understood = |line: &str| GitError::Answer { command: words.join(" "), answer: line.to_owned() };
        answer.lines().map(|line| line.parse().map_err(|_| not_understood(line))).collect()
    }
}

/// An object as a person knows it: `PATH at REVISION`, or its short id.
pub(super) fn shown(name: &str) -> String {
    let short = |id: &str| id.get(..9).filter(|_| id.len() >= 40).unwrap_or(id).to_owned();
    name.split_once(':').map_or_else(|| short(name), |(revision, path)| format!("{path} at {}", short(revision)))
}
