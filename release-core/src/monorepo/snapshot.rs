//! The files of one tree that a release may care about: of the work tree, or of any revision without checking it out.

use super::config::Config;
use super::manifest::{Manifest, Manifests};
use crate::git::{Answer, Git, GitError, TrackedFile};
use crate::problem::Problem;
use crate::reading::{MOST_BYTES, ReadError};
use crate::text::SourceText;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The names of files that are listed at all.
pub const FILE_NAMES: [&str; 5] = ["pyproject.toml", "package.json", "uv.lock", "pnpm-workspace.yaml", ".yarnrc.yml"];

/// The names of manifests.
pub const MANIFESTS: [&str; 1] = ["pyproject.toml"];

/// Folders whose manifests are not the monorepo's own, and what they are.
const FOREIGN_FOLDERS: [(&str, &str); 13] = [
    ("tests", "a test fixture"),
    ("test", "a test fixture"),
    ("testdata", "a test fixture"),
    ("fixtures", "a test fixture"),
    ("examples", "an example"),
    ("example", "an example"),
    ("templates", "a template"),
    ("vendor", "vendored"),
    ("vendored", "vendored"),
    ("third_party", "vendored"),
    ("third-party", "vendored"),
    ("node_modules", "installed by npm"),
    ("site-packages", "installed by pip"),
];

/// Returns `true` if what lies in a folder of this name is not a repository's own: fixtures, vendored or installed trees.
pub fn is_foreign(folder: &str) -> bool {
    FOREIGN_FOLDERS.iter().any(|(foreign, _)| *foreign == folder)
}

/// The source of the files.
pub trait Tree {
    /// The tracked files that are one of `names` ([`TrackedFile::is_one_of`]).
    ///
    /// # Errors
    /// When they cannot be listed.
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError>;

    /// The contents of files, in their order.
    ///
    /// # Errors
    /// When one of them cannot be read.
    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError>;
}

/// A tree that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file of the work tree could not be read.
    #[error(
        "could not read {path}: {source}; restore it with `git checkout -- {path}`, or leave it out in release.toml"
    )]
    Io {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// Not a regular file, as a pipe, from which reading would never end.
    #[error("{0} is not a regular file; put the file itself there")]
    NotAFile(Utf8PathBuf),
    /// More than anybody writes into a manifest or lockfile.
    #[error("{path} has {bytes} bytes, and no more than {MOST_BYTES} are read; see what was put there")]
    TooLarge {
        /// The file.
        path: Utf8PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A clone without files and without an index, as `git clone --no-checkout` makes it.
    #[error("nothing is checked out here, so that there are no files to look at: `git checkout {0}`")]
    NothingCheckedOut(String),
    /// A manifest that leads out of the repository.
    #[error("{path} is a symbolic link that leads out of the repository, to {target}; put the file itself there")]
    LinkOutside {
        /// The file.
        path: Utf8PathBuf,
        /// The place that it leads to.
        target: Utf8PathBuf,
    },
}

impl TreeError {
    /// The same of a file that was to be read.
    pub fn of(path: &Utf8Path, error: ReadError) -> Self {
        let path = path.to_owned();
        match error {
            ReadError::Io(source) => Self::Io { path, source },
            ReadError::NotAFile => Self::NotAFile(path),
            ReadError::TooLarge { bytes, .. } => Self::TooLarge { path, bytes },
            ReadError::Outside(target) => Self::LinkOutside { path, target },
        }
    }
}

/// A revision's tree.
impl Tree for (&Git, &str) {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        Ok(self.0.tree(self.1, names)?)
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        let ids: Vec<&str> = files.iter().map(|file| file.id.as_str()).collect();
        let lacking = self.0.obtain(&ids)?;
        let lacks = files.iter().filter(|file| lacking.contains(&file.id)).map(|file| &file.path).collect::<Vec<_>>();
        self.0.none_lacking(&lacks, &|path| format!("{path} at {}", short(self.1)))?;
        let content = |(file, answer): (&&TrackedFile, Answer)| match answer {
            Answer::Object(object) => Ok(object.content),
            Answer::TooLarge(bytes) => Err(TreeError::TooLarge { path: file.path.clone(), bytes }),
            Answer::Missing => Err(GitError::absent(&file.id).into()),
        };
        files.iter().zip(self.0.objects_up_to(&ids, MOST_BYTES)?).map(content).collect()
    }
}

/// A revision for people: the beginning of an id, anything else as it is.
fn short(revision: &str) -> &str {
    revision.get(..9).filter(|_| matches!(revision.len(), 40 | 64)).unwrap_or(revision)
}

/// A manifest that is not the monorepo's concern, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The file.
    pub path: Utf8PathBuf,
    /// The reason.
    pub reason: String,
}

impl Left {
    /// Returns `true` if it is a package with a version that no release writes.
    pub fn has_own_version(&self) -> bool {
        self.reason.starts_with("its version ")
    }
}

/// The texts that discovery reads.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Manifests, the files of which they read requirements, `package.json` files, and what holds versions for a workspace of them,
    /// by path.
    pub texts: BTreeMap<Utf8PathBuf, SourceText>,
    /// Those manifests that were read already, to find the files that they name.
    pub read: BTreeMap<Utf8PathBuf, Manifest>,
    /// Files that were left by their path alone.
    pub left: Vec<Left>,
    /// The `uv.lock` files; they are large and most plans do not need them.
    pub uv_locks: Vec<TrackedFile>,
}

/// The error of a tree that cannot be read, or whose files cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableTree {
    /// The tree could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Files that are not text, or cannot be parsed.
    #[error("{} of the files cannot be read", .0.len())]
    Files(Vec<Problem>),
}

impl Snapshot {
    /// Reads a tree.
    ///
    /// # Errors
    /// When it cannot be listed, or a manifest cannot be read or is not UTF-8.
    pub fn take(tree: &dyn Tree, config: &Config) -> Result<Self, UnreadableTree> {
        Self::of(tree, config, &FILE_NAMES, &Manifests::new())
    }

    /// Reads the manifests of a tree alone. Those that are as in another tree are not parsed again.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn of_manifests(tree: &dyn Tree, config: &Config, other: &Manifests) -> Result<Self, UnreadableTree> {
        Self::of(tree, config, &MANIFESTS, other)
    }

    fn of(tree: &dyn Tree, config: &Config, names: &[&str], other: &Manifests) -> Result<Self, UnreadableTree> {
        let mut snapshot = Self::default();
        let named = Named::of(config);
        let mut wanted = Vec::new();
        for file in tree.files(names)? {
            let is_manifest = file.path.file_name() == Some("pyproject.toml");
            match (reason_to_leave(&file, &named), file.path.file_name()) {
                (Some(reason), _) if is_manifest => snapshot.left.push(Left { path: file.path, reason }),
                (Some(_), _) => {}
                (None, Some("uv.lock")) => snapshot.uv_locks.push(file),
                (None, _) => wanted.push(file),
            }
        }
        let mut problems = Vec::new();
        snapshot.texts = texts(tree, &wanted.iter().collect::<Vec<_>>(), &mut problems)?;
        snapshot.read = that_may_name_lists(&snapshot.texts, other);
        let lists = listed(tree, &snapshot)?;
        // Most trees have none, and are read at once.
        if !lists.is_empty() {
            snapshot.texts.extend(texts(tree, &lists.iter().collect::<Vec<_>>(), &mut problems)?);
        }
        if problems.is_empty() { Ok(snapshot) } else { Err(UnreadableTree::Files(problems)) }
    }
}

/// Reads the manifests that may name files of requirements, as far as they can be read, and takes those that another tree has
/// too. Most name none, and are parsed later.
fn that_may_name_lists(texts: &BTreeMap<Utf8PathBuf, SourceText>, other: &Manifests) -> Manifests {
    let manifests = texts.iter().filter(|(path, text)| {
        path.file_name() == Some("pyproject.toml")
            && ["setuptools", "requirements_txt"].iter().any(|tool| text.as_str().contains(tool))
            && text.as_str().contains("file")
    });
    let read = |path: &Utf8PathBuf, text: &SourceText| match other.get(path).filter(|same| same.source == *text) {
        Some(same) => Some(same.clone()),
        None => Manifest::parse(text.clone()).ok(),
    };
    manifests.filter_map(|(path, text)| Some((path.clone(), read(path, text)?))).collect()
}

/// Returns the tracked files of which builds read requirements for the manifests of a snapshot.
///
/// # Errors
/// When they cannot be listed.
fn listed(tree: &dyn Tree, Snapshot { texts, read, .. }: &Snapshot) -> Result<Vec<TrackedFile>, TreeError> {
    let lists = read.iter().flat_map(|(path, manifest)| manifest.read.lists.iter().map(move |(_, list)| (path, list)));
    let named = lists.filter_map(|(path, list)| beside(path, &list.value));
    let paths: BTreeSet<Utf8PathBuf> = named.filter(|path| !texts.contains_key(path)).collect();
    let names: Vec<&str> = paths.iter().filter_map(|path| path.file_name()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tree.files(&names)?.into_iter().filter(|file| !file.is_link && paths.contains(&file.path)).collect())
}

/// Returns the path that a manifest names, from the root of the tree; `None` if it leads out of it.
pub(super) fn beside(manifest: &Utf8Path, named: &str) -> Option<Utf8PathBuf> {
    let mut path = manifest.parent()?.to_owned();
    for part in Utf8Path::new(named).components() {
        match part {
            Utf8Component::Normal(name) => path.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if path.file_name().is_some() => drop(path.pop()),
            _ => return None,
        }
    }
    Some(path)
}

/// Reads files of a tree as texts, by path.
pub(crate) fn texts(
    tree: &dyn Tree,
    files: &[&TrackedFile],
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<Utf8PathBuf, SourceText>, TreeError> {
    let mut texts = BTreeMap::new();
    for (TrackedFile { path, .. }, bytes) in files.iter().zip(tree.read(files)?) {
        match SourceText::from_bytes(bytes) {
            Ok(text) => drop(texts.insert(path.clone(), text)),
            Err(offset) => problems.push(Problem::new(
                format!("{path} is not UTF-8: byte {offset} is invalid"),
                format!("save {path} as UTF-8"),
            )),
        }
    }
    Ok(texts)
}

/// The files that `release.toml` names: manifests of packages, and folders of UIs.
#[derive(Default)]
pub(crate) struct Named<'a> {
    packages: HashSet<&'a Utf8Path>,
    folders: HashSet<&'a Utf8Path>,
}

impl<'a> Named<'a> {
    pub(crate) fn of(config: &'a Config) -> Self {
        Self {
            packages: config.packages.iter().map(|path| &**path).collect(),
            folders: config.uis.iter().map(|ui| &*ui.path).collect(),
        }
    }
}

/// Returns the reason for which a file is not read, by its path, or `None` for files that `release.toml` names.
pub(crate) fn reason_to_leave(file: &TrackedFile, named: &Named<'_>) -> Option<String> {
    let folder = file.path.parent().unwrap_or(Utf8Path::new(""));
    if named.packages.contains(&*file.path) || named.folders.contains(folder) {
        return None;
    }
    if file.is_link {
        return Some("a symbolic link".to_owned());
    }
    let foreign = folder.components().find_map(|component| {
        let name = component.as_str();
        let listed = FOREIGN_FOLDERS.iter().find(|(folder, _)| *folder == name);
        listed
            .map(|(_, what)| format!("{what}, below `{name}`"))
            .or_else(|| name.starts_with('.').then(|| format!("below the hidden `{name}`")))
            .or_else(|| name.contains("{{").then(|| format!("a template, below `{name}`")))
    });
    let names_others = match file.path.file_name() {
        // A root without a package cannot be named, and its requirements count.
        Some("pyproject.toml") => !named.packages.is_empty() && !folder.as_str().is_empty(),
        // The root of a workspace may hold versions of the UIs in it.
        Some("package.json") => {
            !named.folders.is_empty() && !named.folders.iter().any(|named| named.starts_with(folder))
        }
        _ => false,
    };
    foreign.or_else(|| names_others.then(|| "not named in release.toml".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(path: &str, config: &Config) -> Option<String> {
        reason_to_leave(
            &TrackedFile { path: path.into(), id: String::new(), is_link: path.contains("link") },
            &Named::of(config),
        )
    }

    #[test]
    fn fixtures_vendored_trees_and_links_are_left_and_the_reason_names_the_folder() {
        let config = Config::default();
        for (path, left) in [
            ("pyproject.toml", None),
            ("src/meadow_api/pyproject.toml", None),
            ("src/testsuite/pyproject.toml", None),
            ("tests/external/x/pyproject.toml", Some("a test fixture, below `tests`")),
            ("a/vendor/x/pyproject.toml", Some("vendored, below `vendor`")),
            (".github/x/pyproject.toml", Some("below the hidden `.github`")),
            ("new/{{name}}/pyproject.toml", Some("a template, below `{{name}}`")),
            ("link/pyproject.toml", Some("a symbolic link")),
        ] {
            assert_eq!(reason(path, &config).as_deref(), left, "{path}");
        }
    }

    #[test]
    fn packages_that_release_toml_names_are_taken_wherever_they_are_and_others_are_left() {
        let config = Config { packages: vec!["tests/x/pyproject.toml".into()], ..Config::default() };
        assert_eq!(reason("tests/x/pyproject.toml", &config), None);
        assert_eq!(reason("src/x/pyproject.toml", &config).as_deref(), Some("not named in release.toml"));
        assert_eq!(reason("ui/package.json", &config), None);
    }
}
