//! The surroundings of a tree: the newest tag of its line, development tags, the tips of other branches. Everything that is to be
//! read of other commits is read by one process.

use super::judge::{Judged, Scene};
use camino::{Utf8Path, Utf8PathBuf};
use release_checks::context::{Branch, Context, DevTag, NewestTag, Role};
use release_core::git::{GitError, Object};
use release_core::monorepo::Manifest;
use release_core::version::Release;
use std::collections::{BTreeMap, BTreeSet};

/// Up to how many packages are looked up by path: each costs git a walk down the tree, which in a folder of thousands is
/// slower than listing it once.
const FEW: usize = 50;

/// The number of commits that are followed back from a tip before git is asked about ancestry: tags stand close to the tips of their
/// lines.
const NEAR: usize = 40;

/// The objects of other commits that are there.
struct Batch {
    found: BTreeMap<String, Object>,
    /// The reason why files were not looked at.
    unread: Option<String>,
}

/// The name of a file in a commit.
fn file(commit: &str, path: &Utf8Path) -> String {
    format!("{commit}:{path}")
}

/// The names of the commits before one, by first parents.
fn before(commit: &str) -> impl Iterator<Item = String> {
    (1..=NEAR).map(move |back| format!("{commit}~{back}"))
}

impl Batch {
    fn read(scene: &Scene<'_>, names: &BTreeSet<String>) -> Result<Self, GitError> {
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut unread, mut found) = (None, scene.repository.git.objects(&names));
        // A partial clone lacks files alone, and has the commits.
        if let Err(GitError::Lacking(lacking)) = &found {
            unread = Some(lacking.to_string());
            names.retain(|name| !name.contains(':'));
            found = scene.repository.git.objects(&names);
        }
        let found = names.iter().zip(found?).filter_map(|(name, object)| Some(((*name).to_owned(), object?)));
        Ok(Self { found: found.collect(), unread })
    }

    fn manifest(&self, commit: &str, path: &Utf8Path) -> Option<Manifest> {
        Manifest::from_bytes(self.found.get(&file(commit, path))?.content.clone())
    }

    fn version(&self, commit: &str, path: &Utf8Path) -> Option<String> {
        self.manifest(commit, path)?.current_version()
    }

    /// Tells if a commit is reachable from another. Git itself is asked only when the first parents do not tell.
    fn is_ancestor(&self, scene: &Scene<'_>, ancestor: &str, commit: &str) -> Result<bool, GitError> {
        let is_near = |name: String| self.found.get(&name).is_some_and(|object| object.id == ancestor);
        if ancestor == commit || before(commit).any(is_near) {
            return Ok(true);
        }
        scene.repository.git.is_ancestor(ancestor, commit)
    }
}

/// The surroundings of the judged commit, as a context has them.
pub(super) struct Around {
    newest: Option<NewestTag>,
    dev_tags: Vec<DevTag>,
    dynamic_branches: Vec<String>,
    is_passed: bool,
    is_past_own_tag: bool,
    nearest_tag: Option<String>,
    pub(super) unread: Option<String>,
}

impl Around {
    /// Adds them to the context of a tree.
    pub(super) fn added_to(self, context: Context) -> Context {
        let Self { newest, dev_tags, dynamic_branches, is_passed, is_past_own_tag, nearest_tag, unread } = self;
        Context { newest, dev_tags, dynamic_branches, is_passed, is_past_own_tag, nearest_tag, unread, ..context }
    }
}

/// Looks at what surrounds the judged commit; at today's branches only where the tree is judged as of today.
pub(super) fn look_around(scene: &Scene<'_>, judged: &Judged, context: &Context) -> Result<Around, GitError> {
    let newest = newest(scene, judged);
    let tags = dev_tags(scene, judged);
    let branches = match &judged.branch {
        Ok(Branch { role: Role::Line(_), .. }) if context.is_today => scene.candidates(),
        _ => Vec::new(),
    };
    let paths: Vec<Utf8PathBuf> = context.monorepo.packages.iter().map(|package| package.path.clone()).collect();
    let first = paths.first().cloned().unwrap_or_default();
    // The tag of the release that the tree's version names, and the judged commit, where that is another one.
    let own = context.release().and_then(|release| scene.history.commit(release)).zip(judged.commit.as_deref());
    let own = own.filter(|(tag, commit)| tag != commit);

    let mut names: BTreeSet<String> = own.iter().flat_map(|(_, commit)| before(commit)).collect();
    if let Some((_, commit, tip)) = &newest {
        names.extend(tip.iter().filter(|tip| *tip != commit).flat_map(|tip| before(tip)));
        names.extend(paths.iter().filter(|_| paths.len() <= FEW).map(|path| file(commit, path)));
    }
    names.extend(tags.iter().map(|(_, commit)| file(commit, &first)));
    names.extend(branches.iter().map(|(_, commit)| file(commit, &first)));
    let mut batch = Batch::read(scene, &names)?;

    let mut newest_tag = None;
    if let Some((release, commit, tip)) = newest {
        let is_on_branch = tip.as_ref().map(|tip| batch.is_ancestor(scene, &commit, tip)).transpose()?;
        let stray = tip.filter(|_| is_on_branch == Some(false) && judged.commit.as_ref() == Some(&commit));
        let is_before_branch = stray.map_or(Ok(false), |tip| is_before(scene, release, &tip))?;
        let versions = if paths.len() <= FEW {
            paths.iter().map(|path| (path.clone(), batch.version(&commit, path))).collect()
        } else {
            or_unread(listed_versions(scene, &commit, &paths), &mut batch.unread)?
        };
        let name = scene.config.tag.tag(release);
        newest_tag = Some(NewestTag { release, name, is_on_branch, is_before_branch, versions });
    }
    let is_passed = match context.release() {
        Some(release) if context.is_today => is_passed(scene, release)?,
        _ => false,
    };
    let is_past_own_tag = own.map_or(Ok(false), |(tag, commit)| batch.is_ancestor(scene, tag, commit))?;
    let nearest_tag = match &judged.commit {
        Some(commit) if context.is_today && context.has_unread_tags() => scene.repository.git.nearest_tag(commit)?,
        _ => None,
    };
    let versioned = |(tag, commit): (DevTag, String)| DevTag { version: batch.version(&commit, &first), ..tag };
    let dev_tags = tags.into_iter().map(versioned).collect();
    let has_scm = |commit: &str| batch.manifest(commit, &first).is_some_and(|manifest| manifest.read.scm.is_some());
    let dynamic_branches = branches.into_iter().filter(|(_, tip)| has_scm(tip)).map(|(name, _)| name).collect();
    Ok(Around {
        newest: newest_tag,
        dev_tags,
        dynamic_branches,
        is_passed,
        is_past_own_tag,
        nearest_tag,
        unread: batch.unread,
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
    // Of a commit whose tag names no release, the releases are none of its concern.
    let is_other = judged.commit.as_deref().is_some_and(|commit| scene.home(commit).is_some());
    let release = of_line().rfind(is_here).or_else(|| of_line().next_back().filter(|_| !is_other))?;
    let tip = scene.candidates().into_iter().find(|(branch, _)| branch == name).map(|(_, commit)| commit);
    Some((release, scene.history.commit(release)?.to_owned(), tip))
}

/// Tells if a higher line had its first final after a release was tagged.
fn is_passed(scene: &Scene<'_>, release: Release) -> Result<bool, GitError> {
    let above = scene.history.first_above(release.line());
    let Some(above) = above.filter(|_| scene.history.commit(release).is_some()) else { return Ok(false) };
    let [above, own] = [above, release].map(|release| scene.config.tag.tag(release));
    let dates = scene.repository.git.tag_dates(&[&above, &own])?;
    Ok(dates.get(&above).zip(dates.get(&own)).is_some_and(|(above, own)| above > own))
}

/// Tells if the final of a version was made before the branch of its line had a commit of its own.
fn is_before(scene: &Scene<'_>, release: Release, tip: &str) -> Result<bool, GitError> {
    let git = &scene.repository.git;
    let Some((_, main)) = scene.candidates().into_iter().find(|(name, _)| *name == scene.config.main) else {
        return Ok(false);
    };
    let Some(begun) = git.oldest(&format!("{main}..{tip}"))? else { return Ok(false) };
    // Of a revision only the tags that were there then are known, and the final of a candidate comes later.
    let tag = format!("refs/tags/{}", scene.config.tag.tag(release.base()));
    let Some(commit) = git.commit_of(&tag)? else { return Ok(false) };
    Ok(git.oldest(&format!("{commit}^!"))?.is_some_and(|time| time < begun))
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
    paths: &[Utf8PathBuf],
) -> Result<Vec<(Utf8PathBuf, Option<String>)>, GitError> {
    let git = &scene.repository.git;
    let known: BTreeSet<&Utf8Path> = paths.iter().map(Utf8PathBuf::as_path).collect();
    let mut files = git.tree(commit, &["pyproject.toml"])?;
    files.retain(|file| known.contains(file.path.as_path()));
    let contents = git.contents(&files.iter().map(|file| file.id.as_str()).collect::<Vec<_>>())?;
    let versions = contents.into_iter().map(|content| Manifest::from_bytes(content)?.current_version());
    let mut versions: BTreeMap<&Utf8Path, _> = files.iter().map(|file| file.path.as_path()).zip(versions).collect();
    Ok(paths.iter().map(|path| (path.clone(), versions.remove(path.as_path()).flatten())).collect())
}
