//! The place of the repository.

use super::process::{Git, GitError, failed, text};
use crate::reading;
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::os::unix::fs::MetadataExt;

/// The place of a repository, and the state it is in.
#[derive(Clone, Debug)]
pub struct Location {
    /// The top of the work tree.
    pub root: Utf8PathBuf,
    /// The git directory of this work tree.
    pub git_dir: Utf8PathBuf,
    /// The git directory that all work trees share.
    pub common_dir: Utf8PathBuf,
    /// `true` if history is cut off.
    pub shallow: bool,
    /// `true` if objects may not be here until they are needed.
    pub partial: bool,
}

impl Git {
    /// Returns the place of the repository.
    ///
    /// # Errors
    /// When the directory belongs to no work tree.
    pub fn locate(&self) -> Result<Location, GitError> {
        let directory = Utf8PathBuf::try_from(self.shell.current_dir()).unwrap_or_default();
        if let Some(location) = found(&directory) {
            return Ok(location);
        }
        let asked = ["--show-toplevel", "--git-dir", "--git-common-dir", "--is-shallow-repository"];
        let words = [&["rev-parse", "--path-format=absolute"], &asked[..]].concat();
        let output = self.output(&words, None)?;
        if !output.status.success() {
            let stderr = text(&output.stderr);
            // Anything but "not a repository", such as a directory that git does not trust, is git's to explain.
            let ours = stderr.contains("not a git repository") || stderr.contains("must be run in a work tree");
            return Err(if ours { GitError::NotAWorkTree(directory) } else { failed(&words, &stderr) });
        }
        let answer = text(&output.stdout);
        match answer.lines().collect::<Vec<_>>()[..] {
            [root, git_dir, common_dir, shallow] => Ok(Location {
                root: root.into(),
                git_dir: git_dir.into(),
                partial: promises(&reading::text(&Utf8Path::new(common_dir).join("config")).unwrap_or_default()),
                common_dir: common_dir.into(),
                shallow: shallow == "true",
            }),
            _ => Err(GitError::Answer { command: words.join(" "), answer }),
        }
    }
}

/// Returns `true` if the settings of a repository name a remote that has promised objects.
fn promises(config: &str) -> bool {
    let config = config.to_lowercase();
    config.contains("promisor") || config.contains("partialclone")
}

/// Returns `true` if a directory belongs to the person who runs this: git does not trust that of another. Returns
/// `None` if `/proc` does not say who that is.
fn is_mine(directory: &Utf8Path) -> Option<bool> {
    let me = fs::metadata("/proc/self").ok()?.uid();
    Some(fs::metadata(directory).ok()?.uid() == me)
}

/// The repository around a directory, by its usual signs: a `.git` folder, or the file that stands for it in linked work
/// trees and submodules (<https://git-scm.com/docs/gitrepository-layout>). A process of git's would take longer than all that
/// is done with the answer. Whatever looks unusual is left to git itself, so that it says what is wrong.
fn found(directory: &Utf8Path) -> Option<Location> {
    let directory = directory.canonicalize_utf8().ok()?;
    let root = directory.ancestors().find(|ancestor| ancestor.join(".git").exists())?;
    // Within `.git` itself, or in a bare repository of its own below this one, the root is not what is meant.
    let is_inside =
        directory.ancestors().take_while(|ancestor| *ancestor != root).any(|inner| inner.join("HEAD").is_file());
    if is_inside {
        return None;
    }
    let dot_git = root.join(".git");
    let git_dir = match dot_git.is_dir() {
        true => dot_git,
        false => {
            let pointed = reading::text(&dot_git).ok()?;
            root.join(pointed.strip_prefix("gitdir: ")?.trim_end()).canonicalize_utf8().ok()?
        }
    };
    let common_dir = match reading::text(&git_dir.join("commondir")) {
        Ok(common) => git_dir.join(common.trim_end()).canonicalize_utf8().ok()?,
        Err(_) => git_dir.clone(),
    };
    let config = reading::text(&common_dir.join("config")).ok()?.to_lowercase().replace([' ', '\t'], "");
    // `core.worktree` and `core.bare` change what the root is; submodules and bare repositories with work trees have them.
    let is_plain = !config.contains("worktree=") && !config.contains("bare=true");
    (git_dir.join("HEAD").is_file() && is_plain && is_mine(&git_dir)?).then(|| Location {
        root: root.to_owned(),
        shallow: common_dir.join("shallow").is_file(),
        partial: promises(&config),
        git_dir,
        common_dir,
    })
}
