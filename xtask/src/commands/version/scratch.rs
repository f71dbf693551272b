//! A repository beside the user's that borrows its objects: tags and merges are tried there, so that git itself says what
//! `git describe` would find, and nothing of the user's is touched.

use super::observe::Scene;
use anyhow::{Context as _, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use std::fs;
use tempfile::TempDir;

/// The maker of the tags and commits that are thrown away.
const NOBODY: [&str; 4] = ["-c", "user.name=nobody", "-c", "user.email=nobody@meadow.example"];

/// The repository; it is gone when this is dropped.
pub(super) struct Scratch {
    _directory: TempDir,
    pub(super) git: Git,
}

impl Scratch {
    /// Makes it, with the user's tags.
    pub(super) fn make(scene: &Scene<'_>) -> anyhow::Result<Self> {
        let repository = scene.repository;
        let directory = tempfile::tempdir().context("could not make a temporary directory")?;
        let path = Utf8PathBuf::try_from(directory.path().to_owned()).context("its path is not UTF-8")?;
        let tags = repository.git.read(&["for-each-ref", "--format=%(objectname) %(refname)", "refs/tags"])?;
        let sha256 = tags.find(' ') == Some(64);
        let format = if sha256 { "--object-format=sha256" } else { "--object-format=sha1" };
        let git = repository.git_in(&path)?.without_user_settings();
        git.read(&["init", "--quiet", "--bare", "--template=", format, "."])?;
        borrow(&path, &repository.location.common_dir)?;
        let create = |line: &str| line.split_once(' ').map(|(id, name)| format!("create {name} {id}\n"));
        let input: String = tags.lines().filter_map(create).collect();
        let made = git.output(&["--git-dir=.", "update-ref", "--stdin"], Some(&input))?;
        if !made.status.success() {
            bail!("the tags could not be copied: {}", String::from_utf8_lossy(&made.stderr).trim());
        }
        Ok(Self { _directory: directory, git })
    }

    /// Sets an annotated tag: one that is not loses against others on the same commit.
    pub(super) fn tag(&self, name: &str, commit: &str) -> anyhow::Result<()> {
        let words = ["tag", "--annotate", "--no-sign", "--message=x", "--", name, commit];
        self.git.read(&[&NOBODY[..], &words].concat())?;
        Ok(())
    }

    /// The commit that merges others into one, whose files stay as they are.
    pub(super) fn merge(&self, into: &str, others: &[&str]) -> anyhow::Result<String> {
        let tree = format!("{into}^{{tree}}");
        let mut words = [&NOBODY[..], &["commit-tree", "-m", "x", "-p", into]].concat();
        words.extend(others.iter().flat_map(|other| ["-p", *other]));
        words.push(&tree);
        Ok(self.git.read(&words)?.trim_end().to_owned())
    }
}

/// (<https://git-scm.com/docs/gitrepository-layout>, `objects/info/alternates`.)
fn borrow(path: &Utf8Path, common_dir: &Utf8Path) -> anyhow::Result<()> {
    let info = path.join("objects/info");
    fs::create_dir_all(&info).with_context(|| format!("could not make {info}"))?;
    fs::write(info.join("alternates"), format!("{common_dir}/objects\n"))
        .with_context(|| format!("could not write in {info}"))
}
