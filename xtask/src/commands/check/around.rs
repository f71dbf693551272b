//! What surrounds a tree: the newest tag of its line, development tags, the tips of other branches. Everything that is to be
//! read of other commits is read by one process.

use super::judge::{Judged, Scene};
use camino::{Utf8Path, Utf8PathBuf};
use release_checks::context::{Branch, DevTag, NewestTag, Role};
use release_core::git::{GitError, Object};
use release_core::monorepo::{Manifest, Monorepo};
use release_core::version::Release;
use std::collections::BTreeMap;

/// Up to how many packages are looked up by path: each costs git a walk down the tree, which in a folder of thousands is
/// slower than listing it once.
const FEW: usize = 50;

/// How many commits are followed back from a tip before git is asked about ancestry: tags stand close to the tips of their
/// lines.
const NEAR: usize = 40;

/// What surrounds a tree.
pub(super) struct Around {
    pub(super) newest: Option<NewestTag>,
    pub(super) dev_tags: Vec<DevTag>,
    pub(super) dynamic_branches: Vec<String>,
    pub(super) is_past_own_tag: bool,
    /// The reason why files of other commits were not looked at.
    pub(super) unread: Option<String>,
}

/// Objects that are wanted, and then those that are there.
#[derive(Default)]
struct Batch {
    names: Vec<String>,
    found: BTreeMap<String, Object>,
    unread: Option<String>,
}

impl Batch {
    fn want(&mut self, name: String) {
        self.names.push(name);
    }

    fn want_manifest(&mut self, commit: &str, path: &Utf8Path) {
        self.want(format!("{commit}:{path}"));
    }

    fn want_history(&mut self, commit: &str) {
        (1..=NEAR).for_each(|back| self.want(format!("{commit}~{back}")));
    }

    fn read(&mut self, scene: &Scene<'_>) -> Result<(), GitError> {
        self.names.sort_unstable();
        self.names.dedup();
        let mut names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let found = match scene.repository.git.objects(&names) {
            // What a partial clone lacks is files: the commits are here.
            Err(GitError::Lacking(lacking)) => {
                self.unread = Some(lacking.to_string());
                names.retain(|name| !name.contains(':'));
                scene.repository.git.objects(&names)?
            }
            found => found?,
        };
        self.found = names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(found)
            .filter_map(|(name, object)| Some((name, object?)))
            .collect();
        Ok(())
    }

    fn manifest(&self, commit: &str, path: &Utf8Path) -> Option<Manifest> {
        Manifest::from_bytes(self.found.get(&format!("{commit}:{path}"))?.content.clone())
    }

    /// Whether a commit is reachable from another. Git itself is asked only when the first parents do not tell.
    fn is_ancestor(&self, scene: &Scene<'_>, ancestor: &str, commit: &str) -> Result<bool, GitError> {
        let near = (1..=NEAR).filter_map(|back| self.found.get(&format!("{commit}~{back}")));
        if ancestor == commit || near.into_iter().any(|object| object.id == ancestor) {
            return Ok(true);
        }
        scene.repository.git.is_ancestor(ancestor, commit)
    }
}

/// Observes what surrounds the judged commit. `own` is the release that the tree's version names; today's branches are looked
/// at only where the tree is judged as of today.
pub(super) fn around(
    scene: &Scene<'_>,
    judged: &Judged,
    monorepo: &Monorepo,
    own: Option<Release>,
    is_today: bool,
) -> Result<Around, GitError> {
    let newest = newest(scene, judged);
    let dev_tags = dev_tags(scene, judged);
    let branches = if is_today && matches!(&judged.branch, Ok(Branch { role: Role::Line(_), .. })) {
        scene.candidates()
    } else {
        Vec::new()
    };
    let first = monorepo.packages.first().map(|package| package.path.clone()).unwrap_or_default();
    let own_tag =
        own.and_then(|release| scene.history.commit(release)).filter(|tag| Some(*tag) != judged.commit.as_deref());
    let paths: Vec<&Utf8PathBuf> = monorepo.packages.iter().map(|package| &package.path).collect();

    let mut batch = Batch::default();
    if let Some((_, commit, tip)) = &newest {
        tip.iter().filter(|tip| *tip != commit).for_each(|tip| batch.want_history(tip));
        if paths.len() <= FEW {
            paths.iter().for_each(|path| batch.want_manifest(commit, path));
        }
    }
    if let (Some(_), Some(commit)) = (own_tag, &judged.commit) {
        batch.want_history(commit);
    }
    dev_tags.iter().for_each(|(_, commit)| batch.want_manifest(commit, &first));
    branches.iter().for_each(|(_, commit)| batch.want_manifest(commit, &first));
    batch.read(scene)?;

    let mut unread = batch.unread.clone();
    let newest = newest.map(|(release, commit, tip)| -> Result<NewestTag, GitError> {
        let is_on_branch = tip.map(|tip| batch.is_ancestor(scene, &commit, &tip)).transpose()?;
        let versions = if paths.len() <= FEW {
            let version = |path: &&Utf8PathBuf| batch.manifest(&commit, path)?.current_version();
            paths.iter().map(|path| ((*path).clone(), version(path))).collect()
        } else {
            or_unread(listed_versions(scene, &commit, &paths), &mut unread)?
        };
        Ok(NewestTag { release, name: scene.config.tag.tag(release), is_on_branch, versions })
    });
    let dev_tag = |(tag, commit): (DevTag, String)| DevTag {
        version: batch.manifest(&commit, &first).and_then(|manifest| manifest.current_version()),
        ..tag
    };
    let is_dynamic = |commit: &str| batch.manifest(commit, &first).is_some_and(|manifest| manifest.read.scm.is_some());
    let is_past_own_tag = match (own_tag, &judged.commit) {
        (Some(tag), Some(commit)) => batch.is_ancestor(scene, tag, commit)?,
        _ => false,
    };
    let newest = newest.transpose()?;
    Ok(Around {
        newest,
        unread,
        dynamic_branches: branches
            .iter()
            .filter(|(_, commit)| is_dynamic(commit))
            .map(|(name, _)| name.clone())
            .collect(),
        dev_tags: dev_tags.into_iter().map(dev_tag).collect(),
        is_past_own_tag,
    })
}

/// The content that was read, or the reason why a partial clone lacks it.
pub(crate) fn or_unread<T: Default>(read: Result<T, GitError>, unread: &mut Option<String>) -> Result<T, GitError> {
    match read {
        Err(GitError::Lacking(lacking)) => {
            unread.get_or_insert_with(|| lacking.to_string());
            Ok(T::default())
        }
        read => read,
    }
}

/// The newest release of the judged line, a tag on the judged commit before all others, with its commit and the branch's tip.
fn newest(scene: &Scene<'_>, judged: &Judged) -> Option<(Release, String, Option<String>)> {
    let Ok(Branch { role: Role::Line(line), name, .. }) = &judged.branch else { return None };
    let of_line = || scene.history.releases_of(*line);
    let is_here = |release: &Release| scene.history.commit(*release) == judged.commit.as_deref();
    let release = of_line().rfind(is_here).or_else(|| of_line().next_back())?;
    let tip = scene.candidates().into_iter().find(|(branch, _)| branch == name).map(|(_, commit)| commit);
    Some((release, scene.history.commit(release)?.to_owned(), tip))
}

/// The development tags, by the version that they begin, with their commits.
fn dev_tags(scene: &Scene<'_>, judged: &Judged) -> Vec<(DevTag, String)> {
    let mut tags: Vec<(DevTag, String)> = scene
        .refs
        .tags
        .iter()
        .filter_map(|tag| {
            let release = scene.config.tag.development(&tag.name)?;
            let is_here = judged.commit.as_ref() == Some(&tag.commit);
            Some((DevTag { name: tag.name.clone(), release, is_here, version: None }, tag.commit.clone()))
        })
        .collect();
    tags.sort_by_key(|(tag, _)| tag.release);
    tags
}

/// The versions in the tree of a commit with many packages.
fn listed_versions(
    scene: &Scene<'_>,
    commit: &str,
    paths: &[&Utf8PathBuf],
) -> Result<Vec<(Utf8PathBuf, Option<String>)>, GitError> {
    let git = &scene.repository.git;
    let tree = git.tree(commit, &["pyproject.toml"])?;
    let ids: BTreeMap<&Utf8Path, &str> = tree.iter().map(|file| (file.path.as_path(), file.id.as_str())).collect();
    let there: Vec<(&Utf8PathBuf, &str)> =
        paths.iter().filter_map(|path| Some((*path, *ids.get(path.as_path())?))).collect();
    let contents = git.contents(&there.iter().map(|(_, id)| *id).collect::<Vec<_>>())?;
    let mut versions: BTreeMap<&Utf8PathBuf, Option<String>> = paths.iter().map(|path| (*path, None)).collect();
    for ((path, _), content) in there.into_iter().zip(contents) {
        versions.insert(path, Manifest::from_bytes(content).and_then(|manifest| manifest.current_version()));
    }
    Ok(versions.into_iter().map(|(path, version)| (path.clone(), version)).collect())
}
