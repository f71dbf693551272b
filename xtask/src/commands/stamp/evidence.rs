//! The tags of a client repository, as evidence of the versions that were released.

use camino::Utf8Path;
use release_core::git::Git;
use release_core::history::TagPattern;
use release_core::plan::stamp::{Evidence, Tagged};
use std::collections::BTreeSet;

/// Returns all that git knows, if the folder is the top of a repository: tags of one around it are of other packages.
pub(super) fn of(root: &Utf8Path, pattern: &TagPattern) -> anyhow::Result<Evidence> {
    let Ok(git) = Git::new(root) else { return Ok(Evidence::default()) };
    let Ok(location) = git.locate() else { return Ok(Evidence::default()) };
    if root.canonicalize_utf8().ok() != location.root.canonicalize_utf8().ok() {
        return Ok(Evidence::default());
    }
    let tags = git.refs()?.tags;
    let Some(head) = git.commit_of("HEAD")?.filter(|_| !tags.is_empty()) else {
        return Ok(Evidence { is_shallow: location.shallow, ..Evidence::default() });
    };
    let merged = git.read(&["for-each-ref", "--merged", "HEAD", "--format=%(refname:strip=2)", "refs/tags"])?;
    let merged: BTreeSet<&str> = merged.lines().collect();
    let tagged = tags.into_iter().filter_map(|tag| {
        let (version, is_here) = (pattern.named(&tag.name)?, tag.commit == head);
        Some(Tagged { is_behind: merged.contains(tag.name.as_str()), version, is_here, name: tag.name })
    });
    Ok(Evidence { tags: tagged.collect(), is_shallow: location.shallow })
}
