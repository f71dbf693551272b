//! Files of the index and of trees, and what they hold.

use super::process::{Git, GitError, failed, text};
use super::reader::{Answer, BATCH, Object, Reader, portion};
use camino::Utf8PathBuf;
use std::cell::RefMut;
use std::collections::{BTreeMap, BTreeSet};

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

/// The words that list the files of the index.
fn tracked<'a>(patterns: &[&'a str]) -> Vec<&'a str> {
    [&["ls-files", "-z", "--stage", "--full-name", "--"], patterns].concat()
}

impl Git {
    /// The files of the index that match the patterns; unmerged ones once.
    ///
    /// # Errors
    /// When git fails.
    pub fn tracked(&self, patterns: &[&str]) -> Result<Vec<TrackedFile>, GitError> {
        let index = self.start_or_expected(&tracked(patterns))?;
        // MODE ID STAGE\tPATH
        let mut files = index.listed(|[mode, id, ..], path| TrackedFile::listed(mode, id, path))?;
        files.dedup_by(|left, right| left.path == right.path);
        Ok(files)
    }

    /// Begins to list them, and starts the process that reads objects, while the caller goes on: both will be asked soon.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn expect_tracked(&self, patterns: &[&str]) -> Result<(), GitError> {
        self.expect(&tracked(patterns))?;
        self.running_reader().map(drop)
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

    /// The files of several revisions' trees that are one of `names`, in the order of their paths. A tree that they share is read
    /// once.
    ///
    /// # Errors
    /// When git fails, as for a revision that is not there.
    pub fn trees(&self, revisions: &[&str], names: &[&str]) -> Result<Vec<Vec<TrackedFile>>, GitError> {
        self.obtain_trees(revisions)?;
        let roots: Vec<String> = revisions.iter().map(|revision| format!("{revision}^{{tree}}")).collect();
        let roots = self.trees_by(&roots.iter().map(String::as_str).collect::<Vec<_>>())?;
        let mut known: BTreeMap<String, Vec<TreeEntry>> = BTreeMap::new();
        let mut level: Vec<(String, Vec<TreeEntry>)> = roots.clone();
        while !level.is_empty() {
            known.extend(level);
            let below = known.values().flatten().filter(|entry| entry.is_tree() && !known.contains_key(&entry.id));
            let below: BTreeSet<String> = below.map(|entry| entry.id.clone()).collect();
            level = self.trees_by(&below.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Ok(roots.iter().map(|(root, _)| files_of(root, &known, names)).collect())
    }

    /// The ids of trees and what they list.
    fn trees_by(&self, names: &[&str]) -> Result<Vec<(String, Vec<TreeEntry>)>, GitError> {
        let tree = |(name, answer): (&&str, Answer)| match answer {
            Answer::Object(Object { id, content }) => Ok((id.clone(), TreeEntry::all(&content, id.len() / 2))),
            _ => Err(GitError::absent(name)),
        };
        names.iter().zip(self.answers(names, u64::MAX - 1)?).map(tree).collect()
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

    /// The contents of objects, in their order.
    ///
    /// # Errors
    /// When git fails or one of them is not there.
    pub fn contents(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
        let missing = |id: &str| GitError::absent(id);
        let found = self.objects(ids)?;
        let content = |(id, object): (&&str, Option<Object>)| Ok(object.ok_or_else(|| missing(id))?.content);
        ids.iter().zip(found).map(content).collect()
    }

    /// Objects by any name that git knows, such as `REVISION:PATH`, in their order; `None` for those that are not there.
    ///
    /// # Errors
    /// When git fails.
    pub fn objects(&self, names: &[&str]) -> Result<Vec<Option<Object>>, GitError> {
        let object = |answer| if let Answer::Object(object) = answer { Some(object) } else { None };
        Ok(self.objects_up_to(names, u64::MAX - 1)?.into_iter().map(object).collect())
    }

    /// The same, but of objects with more bytes than `most` only their sizes.
    ///
    /// # Errors
    /// When git fails.
    pub fn objects_up_to(&self, names: &[&str], most: u64) -> Result<Vec<Answer>, GitError> {
        self.none_lacking(&self.obtain_named(names)?, &shown)?;
        self.answers(names, most)
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

impl Git {
    /// The objects of up to `most` bytes under any names that git knows, such as `REVISION:PATH`, in their order. In a partial
    /// clone they have to be here.
    ///
    /// # Errors
    /// When git fails.
    pub(super) fn answers(&self, names: &[&str], most: u64) -> Result<Vec<Answer>, GitError> {
        let was_running = self.reader.borrow().is_some();
        match self.read_objects(names, most) {
            // It was ended meanwhile, as by an interrupt that reached all of the group.
            Err(_) if was_running => self.read_objects(names, most),
            answers => answers,
        }
    }

    /// Returns the process that reads objects, which is started if it does not run.
    fn running_reader(&self) -> Result<RefMut<'_, Option<Reader>>, GitError> {
        let mut reader = self.reader.borrow_mut();
        if reader.is_none() {
            self.begin(&BATCH);
            let interrupted = |source| GitError::Interrupted { command: BATCH.join(" "), source };
            let started = Reader::start(self.command(&BATCH).quiet().into()).map_err(interrupted);
            self.end();
            *reader = Some(started?);
        }
        Ok(reader)
    }

    fn read_objects(&self, names: &[&str], most: u64) -> Result<Vec<Answer>, GitError> {
        let mut found = Vec::with_capacity(names.len());
        if names.is_empty() {
            return Ok(found);
        }
        let mut reader = self.running_reader()?;
        if let Some(observer) = &self.observer {
            observer(Some(&[]));
        }
        let mut rest = names;
        while let (Some(running), false) = (reader.as_mut(), rest.is_empty()) {
            let (asked, later) = rest.split_at(portion(rest));
            rest = later;
            if let Err(why) = running.ask(asked, most, &mut found) {
                // One that failed does not go on, and says why.
                let said = reader.take().map(Reader::end).unwrap_or_default();
                self.end();
                return Err(if said.is_empty() { broken(&why.to_string()) } else { failed(&BATCH, &said) });
            }
        }
        self.end();
        Ok(found)
    }
}

fn broken(answer: &str) -> GitError {
    GitError::Answer { command: BATCH.join(" "), answer: answer.to_owned() }
}

impl GitError {
    /// The error for an object that is not there.
    pub(crate) fn absent(name: &str) -> Self {
        broken(&format!("nothing for {name}"))
    }
}

/// A line of a tree.
#[derive(Clone)]
struct TreeEntry {
    mode: String,
    name: String,
    id: String,
}

impl TreeEntry {
    /// Reads the bytes of a tree: `MODE NAME`, NUL and the bytes of an id for each entry.
    fn all(mut rest: &[u8], id: usize) -> Vec<Self> {
        let mut found = Vec::new();
        while let Some(end) = rest.iter().position(|byte| *byte == 0)
            && let (Some(bytes), head) = (rest.get(end + 1..end + 1 + id), text(&rest[..end]))
            && let Some((mode, name)) = head.split_once(' ')
        {
            let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
            let id = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
            found.push(Self { mode: mode.to_owned(), name: name.to_owned(), id });
            rest = &rest[end + 1 + bytes.len()..];
        }
        found
    }

    fn is_tree(&self) -> bool {
        self.mode == "40000"
    }
}

/// Returns the files below a tree that are one of `names`, in the order of their paths.
fn files_of(root: &str, known: &BTreeMap<String, Vec<TreeEntry>>, names: &[&str]) -> Vec<TrackedFile> {
    let (mut found, mut open) = (Vec::new(), vec![(Utf8PathBuf::new(), root)]);
    while let Some((folder, id)) = open.pop() {
        for entry in known.get(id).into_iter().flatten() {
            let path = folder.join(&entry.name);
            if entry.is_tree() {
                open.push((path, &entry.id));
            } else {
                found.extend(TrackedFile::listed(&entry.mode, &entry.id, path.as_str()));
            }
        }
    }
    found.retain(|file| file.is_one_of(names));
    found.sort_by(|left, right| left.path.as_str().cmp(right.path.as_str()));
    found
}

/// An object as a person knows it: `PATH at REVISION`, or its short id.
pub(super) fn shown(name: &str) -> String {
    let short = |id: &str| id.get(..9).filter(|_| id.len() >= 40).unwrap_or(id).to_owned();
    name.split_once(':').map_or_else(|| short(name), |(revision, path)| format!("{path} at {}", short(revision)))
}
