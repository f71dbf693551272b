//! Reads what the index and the last commit hold of files, and compares a commit with the one that was planned.

use super::process::{Git, GitError, Running, entries, text};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// A mark by which git no longer looks at a file of the work tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `git update-index --assume-unchanged`.
    AssumeUnchanged,
    /// `git update-index --skip-worktree`, or a sparse checkout.
    SkipWorktree,
}

impl Flag {
    /// As `git update-index` spells it, without the dashes.
    pub fn name(self) -> &'static str {
        match self {
            Self::AssumeUnchanged => "assume-unchanged",
            Self::SkipWorktree => "skip-worktree",
        }
    }
}

/// A file of the work tree, as the index and the last commit have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// From the top of the tree.
    pub path: Utf8PathBuf,
    /// The marks it has.
    pub flags: Vec<Flag>,
    /// Its blob in the index.
    pub staged: String,
    /// Its blob in the last commit.
    pub committed: Option<String>,
}

/// In which way a commit is not what was planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// A planned file is as before.
    Missing(Utf8PathBuf),
    /// A planned file has another content.
    Content {
        /// The file.
        path: Utf8PathBuf,
        /// Its blob in the commit.
        id: String,
    },
    /// A planned file has another mode: it became a link, or can be run.
    Mode(Utf8PathBuf),
    /// A planned file is gone.
    Gone(Utf8PathBuf),
    /// A file is in it that was not planned.
    Unplanned(Utf8PathBuf),
}

impl Departure {
    /// Returns the file.
    pub fn path(&self) -> &Utf8Path {
        match self {
            Self::Content { path, .. }
            | Self::Missing(path)
            | Self::Mode(path)
            | Self::Gone(path)
            | Self::Unplanned(path) => path,
        }
    }
}

/// A file in which two trees differ.
#[derive(Debug, PartialEq, Eq)]
struct TreeChange<'a> {
    path: &'a Utf8Path,
    old_mode: &'a str,
    new_mode: &'a str,
    id: &'a str,
}

/// The words that ask for uncommitted changes.
const STATUS: [&str; 7] =
    ["--no-optional-locks", "status", "--porcelain=v2", "-z", "--untracked-files=no", "--no-renames", "--"];

/// A look for uncommitted changes that is under way.
pub struct Changing<'a>(Running<'a>);

impl Changing<'_> {
    /// Returns the files with uncommitted changes.
    ///
    /// # Errors
    /// When git fails.
    pub fn files(self) -> Result<Vec<Utf8PathBuf>, GitError> {
        // 1 XY SUB MODE MODE MODE ID ID PATH, or u XY SUB MODE MODE MODE MODE ID ID ID PATH
        entries(&STATUS, &self.0.read()?, |entry| {
            let fields = if entry.starts_with('u') { 11 } else { 9 };
            entry.splitn(fields, ' ').nth(fields - 1).map(Utf8PathBuf::from)
        })
    }
}

/// A look at the index and the last commit that is under way; `None` if it is for no files.
pub struct Holding<'a>(Option<(Running<'a>, Running<'a>)>);

impl Holding<'_> {
    /// Returns what they hold of the files; those that the index lacks are left out.
    ///
    /// # Errors
    /// When git fails.
    pub fn files(self) -> Result<Vec<Held>, GitError> {
        let Some((index, commit)) = self.0 else { return Ok(Vec::new()) };
        // TAG MODE ID STAGE\tPATH
        let mut files = index.listed(|[tag, _, id, _], path| {
            let is = |flag, is: bool| is.then_some(flag);
            let is_lower = tag.chars().all(|c| c.is_ascii_lowercase());
            let flags = [is(Flag::AssumeUnchanged, is_lower), is(Flag::SkipWorktree, tag.eq_ignore_ascii_case("s"))];
            let flags = flags.into_iter().flatten().collect();
            (!id.is_empty()).then(|| Held { path: path.into(), flags, staged: id.to_owned(), committed: None })
        })?;
        // MODE TYPE ID\tPATH
        let committed = commit.listed(|[_, _, id, _], path| Some((Utf8PathBuf::from(path), id.to_owned())))?;
        let committed: BTreeMap<Utf8PathBuf, String> = committed.into_iter().collect();
        for file in &mut files {
            file.committed = committed.get(&file.path).cloned();
        }
        Ok(files)
    }
}

impl Git {
    /// Returns the files with uncommitted changes, staged or not, among those that match the patterns (all, if there are
    /// none). Files that git does not track are not among them.
    ///
    /// # Errors
    /// When git fails.
    pub fn changed(&self, patterns: &[&str]) -> Result<Vec<Utf8PathBuf>, GitError> {
        self.changing(patterns)?.files()
    }

    /// Begins to look for them, while the caller goes on.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn changing(&self, patterns: &[&str]) -> Result<Changing<'_>, GitError> {
        self.obtain_trees(&["HEAD"])?;
        self.start_or_expected(&[&STATUS[..], patterns].concat()).map(Changing)
    }

    /// Begins to look for what will be asked for by the same patterns.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn expect_changing(&self, patterns: &[&str]) -> Result<(), GitError> {
        self.expect(&[&STATUS[..], patterns].concat())
    }

    /// Begins to look at what the index and the last commit hold of these files, by two processes, while the caller goes on.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn holding(&self, paths: &[&Utf8Path]) -> Result<Holding<'_>, GitError> {
        if paths.is_empty() {
            return Ok(Holding(None));
        }
        let named = literal(paths.iter().copied());
        let plain: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
        let words = ["ls-files", "-z", "-v", "--stage", "--full-name", "--"];
        let index = self.start(&words.into_iter().chain(named.iter().map(String::as_str)).collect::<Vec<_>>())?;
        let commit = self.start(&[&["ls-tree", "-z", "--full-tree", "HEAD", "--"], &plain[..]].concat())?;
        Ok(Holding(Some((index, commit))))
    }

    /// Returns what the index and the last commit hold of these files; those that the index lacks are left out.
    ///
    /// # Errors
    /// When git fails.
    pub fn held(&self, paths: &[&Utf8Path]) -> Result<Vec<Held>, GitError> {
        self.holding(paths)?.files()
    }

    /// The blobs that git would make of files as they are on the disk, by the filters of each path: line endings, and what the
    /// user has configured. Nothing is stored.
    ///
    /// # Errors
    /// When git fails, as for a file that is not there.
    pub fn hashed(&self, paths: &[&Utf8Path]) -> Result<Vec<String>, GitError> {
        let words = ["hash-object", "--stdin-paths"];
        let answer = self.fed(&words, &paths.iter().map(|path| quoted(path.as_str())).collect::<Vec<_>>())?;
        let ids: Vec<String> = answer.lines().map(str::to_owned).collect();
        if ids.len() != paths.len() {
            return Err(GitError::Answer { command: words.join(" "), answer });
        }
        Ok(ids)
    }

    /// The blob of a text as it is, without any filter. Nothing is stored.
    ///
    /// # Errors
    /// When git fails.
    pub fn hashed_as_is(&self, content: &str) -> Result<String, GitError> {
        let words = ["hash-object", "--no-filters", "--stdin"];
        Ok(text(&self.checked(&words, Some(content))?.stdout).trim_end().to_owned())
    }

    /// In which ways a commit differs from its base in anything but these files with these blobs.
    ///
    /// # Errors
    /// When git fails.
    pub fn departures(
        &self,
        base: &str,
        commit: &str,
        planned: &BTreeMap<Utf8PathBuf, String>,
    ) -> Result<Vec<Departure>, GitError> {
        self.departing(&["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", base, commit], planned)
    }

    /// Brings the index of the checkout to a commit that was just made on a base, where it holds what was planned or what the base has: a
    /// hook that stages files stages them for the commit alone. Returns the files that hold something else, which stay as they are.
    ///
    /// # Errors
    /// When git fails.
    pub fn follow_in_index(
        &self,
        base: &str,
        paths: &[Utf8PathBuf],
        planned: &BTreeMap<Utf8PathBuf, String>,
    ) -> Result<Vec<Utf8PathBuf>, GitError> {
        let named = literal(paths.iter().map(Utf8PathBuf::as_path));
        let words = ["diff-index", "--cached", "-z", "--raw", "--no-renames", "--no-abbrev", base, "--"];
        let words: Vec<&str> = words.into_iter().chain(named.iter().map(String::as_str)).collect();
        let own = self.departing(&words, planned)?;
        let own = own.iter().filter(|departure| !matches!(departure, Departure::Missing(_)));
        let own: Vec<Utf8PathBuf> = own.map(|departure| departure.path().to_owned()).collect();
        let followed =
            literal(paths.iter().map(Utf8PathBuf::as_path).filter(|path| !own.iter().any(|own| own == path)));
        if !followed.is_empty() {
            let words = ["-c", "core.hooksPath=/dev/null", "reset", "--quiet", "--"];
            self.read(&words.into_iter().chain(followed.iter().map(String::as_str)).collect::<Vec<_>>())?;
        }
        Ok(own)
    }

    /// Compares a difference to a base with these files with these blobs.
    fn departing(&self, words: &[&str], planned: &BTreeMap<Utf8PathBuf, String>) -> Result<Vec<Departure>, GitError> {
        let answer = self.read(words)?;
        let not_understood = || GitError::Answer { command: words.join(" "), answer: answer.clone() };
        let changes = changes(&answer).ok_or_else(not_understood)?;
        Ok(departures(planned, &changes))
    }

    /// A file of a commit as a checkout would have it.
    ///
    /// # Errors
    /// When git fails.
    pub fn checked_out_text(&self, commit: &str, path: &Utf8Path) -> Result<Vec<u8>, GitError> {
        Ok(self.checked(&["cat-file", "--filters", &format!("{commit}:{path}")], None)?.stdout)
    }
}

/// Paths as git names no more than these: from the top, without patterns.
fn literal<'a>(paths: impl Iterator<Item = &'a Utf8Path>) -> Vec<String> {
    paths.map(|path| format!(":(top,literal){path}")).collect()
}

/// Reads `:MODE MODE ID ID STATUS\0PATH\0`, again and again.
fn changes(answer: &str) -> Option<Vec<TreeChange<'_>>> {
    let mut fields = answer.split('\0').filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(meta) = fields.next() {
        let [old_mode, new_mode, _, id, _] = meta.strip_prefix(':')?.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        changes.push(TreeChange { path: fields.next()?.into(), old_mode, new_mode, id });
    }
    Some(changes)
}

fn departures(planned: &BTreeMap<Utf8PathBuf, String>, changes: &[TreeChange<'_>]) -> Vec<Departure> {
    const NONE: &str = "000000";
    let missing = planned.keys().filter(|path| !changes.iter().any(|change| change.path == **path)).cloned();
    let missing = missing.map(Departure::Missing);
    let others = changes.iter().filter_map(|change| {
        let path = change.path.to_owned();
        match planned.get(&path) {
            None => Some(Departure::Unplanned(path)),
            Some(_) if change.new_mode == NONE => Some(Departure::Gone(path)),
            Some(_) if change.new_mode != change.old_mode => Some(Departure::Mode(path)),
            Some(id) if *id == change.id => None,
            Some(_) => Some(Departure::Content { path, id: change.id.to_owned() }),
        }
    });
    missing.chain(others).collect()
}

/// A path as git reads it from a line: in quotes, so that no character of it is taken for more than itself.
fn quoted(path: &str) -> String {
    let escaped = path.chars().fold(String::new(), |escaped, c| match c {
        '"' | '\\' => escaped + "\\" + &c.to_string(),
        '\n' => escaped + "\\n",
        '\r' => escaped + "\\r",
        c => escaped + &c.to_string(),
    });
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_what_was_planned_or_says_in_what_it_is_not() {
        let planned = BTreeMap::from([("a".into(), "1".to_owned()), ("b c".into(), "2".to_owned())]);
        let path = Utf8PathBuf::from;
        let (a, b) = (":100644 100644 0 1 M\0a\0", ":100644 100644 0 2 M\0b c\0");
        for (answer, found) in [
            (format!("{a}{b}"), vec![]),
            (a.to_owned(), vec![Departure::Missing(path("b c"))]),
            (String::new(), vec![Departure::Missing(path("a")), Departure::Missing(path("b c"))]),
            (
                format!("{a}:100644 100644 0 3 M\0b c\0"),
                vec![Departure::Content { path: path("b c"), id: "3".to_owned() }],
            ),
            (format!("{a}:100644 100755 0 2 M\0b c\0"), vec![Departure::Mode(path("b c"))]),
            (format!("{a}:100644 120000 0 2 T\0b c\0"), vec![Departure::Mode(path("b c"))]),
            (format!("{a}:100644 000000 0 0 D\0b c\0"), vec![Departure::Gone(path("b c"))]),
            (format!("{a}{b}:000000 100644 0 4 A\0uv.lock\0"), vec![Departure::Unplanned(path("uv.lock"))]),
        ] {
            assert_eq!(departures(&planned, &changes(&answer).unwrap()), found, "{answer:?}");
        }
        assert_eq!(changes("100644 100644 0 1 M\0a\0"), None);
        assert_eq!(changes(":100644 100644 0 1 M\0"), None);
    }

    #[test]
    fn paths_are_quoted_whatever_they_hold() {
        for (path, line) in [
            ("a b.toml", r#""a b.toml""#),
            ("\"q\".toml", r#""\"q\".toml""#),
            ("back\\slash\nline\r", r#""back\\slash\nline\r""#),
            ("ü", "\"ü\""),
        ] {
            assert_eq!(quoted(path), line);
        }
    }
}
