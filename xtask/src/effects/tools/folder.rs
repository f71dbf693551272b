//! The temporary folder of a tool: what it sees of the tree, and a home of its own.

use crate::checkout::Repository;
use crate::effects::lock::Lock;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::text::SourceText;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

/// Names that npm and uv look for in folders above theirs.
const LOOKED_FOR: [&str; 5] = ["pyproject.toml", "uv.toml", "package.json", ".npmrc", "node_modules"];

/// The folder, which only its owner may enter.
pub(super) struct Folder {
    top: Utf8PathBuf,
    /// The files of the tree.
    pub(super) tree: Utf8PathBuf,
    /// The folder that the tool takes for the user's home: empty at first, its caches grow here.
    pub(super) home: Utf8PathBuf,
    /// The folder for its temporary files.
    pub(super) temporary: Utf8PathBuf,
}

/// Does something with a folder. It is removed whatever happens; after a kill, by the next run.
pub(super) fn with<T>(
    repository: &Repository,
    lock: &Lock,
    work: impl FnOnce(&Folder) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let parent = std::env::temp_dir().canonicalize().context("could not find the temporary directory")?;
    let parent = Utf8PathBuf::try_from(parent).context("the path of the temporary directory is not UTF-8")?;
    for folder in parent.ancestors() {
        if let Some(name) = LOOKED_FOR.iter().find(|name| fs::symlink_metadata(folder.join(name)).is_ok()) {
            bail!(
                "npm and uv would look at {}, above the temporary directory; name another one with TMPDIR",
                folder.join(name)
            );
        }
    }
    let top = lock.make_folder()?;
    let [tree, home, temporary] = ["tree", "home", "tmp"].map(|name| top.join(name));
    let folder = Folder { top, tree, home, temporary };
    let outcome = folder.make().and_then(|()| work(&folder));
    let discarded = lock.discard(&repository.location, &folder.top);
    let outcome = outcome?;
    discarded?;
    Ok(outcome)
}

impl Folder {
    fn make(&self) -> anyhow::Result<()> {
        for folder in [&self.tree, &self.home, &self.temporary] {
            fs::create_dir(folder).with_context(|| format!("could not make {folder}"))?;
        }
        Ok(())
    }

    /// Writes a file of the tree.
    pub(super) fn put(&self, path: &Utf8Path, text: &SourceText) -> anyhow::Result<()> {
        let path = self.tree.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text.as_str()));
        written.with_context(|| format!("could not write {path}; nothing was changed"))
    }

    /// Writes a file that only its owner can read, beside the tree, and gives back where it is.
    pub(super) fn secret(&self, name: &str, text: &str) -> anyhow::Result<Utf8PathBuf> {
        let path = self.top.join(name);
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("could not write {path}; nothing was changed"))?;
        Ok(path)
    }
}
