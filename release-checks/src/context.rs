//! The view of rules: one tree, its branch, and the tags around it. All of it was observed before; a rule computes.

mod files;
mod locks;
mod tags;
#[cfg(test)]
mod tests;

pub use files::{NpmLock, NpmProject, UvProject, WorkflowFile, projects, workflows};
pub use locks::{ReadLock, ReadLocks};
pub use tags::TagNames;

use crate::baseline::Baseline;
use crate::diagnostic::Report;
use crate::published::{Asked, NOT_ASKED, Published};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::history::{History, LineState};
use release_core::manifest::TomlString;
use release_core::monorepo::{Config, Elsewhere, Manifest, Monorepo, Package, Replaced, Unlisted};
use release_core::plan::preconditions::Divergence;
use release_core::problem::Problem;
use release_core::registry::Registry;
use release_core::scm::TagPattern;
use release_core::text::SourceText;
use release_core::version::{Line, Release, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One tree and what surrounds it.
#[derive(Clone, Debug)]
pub struct Context {
    /// The tree.
    pub monorepo: Monorepo,
    /// The problems for which a part of the tree, or all of it, is not in the monorepo, and the texts that they are about.
    pub refused: (Vec<Problem>, BTreeMap<Utf8PathBuf, SourceText>),
    /// The settings.
    pub config: Config,
    /// The text of `release.toml`, where there is one, and what it is called.
    pub config_source: Option<(Utf8PathBuf, SourceText)>,
    /// The findings that are accepted until they are mended.
    pub baseline: Option<Baseline>,
    /// The tags.
    pub history: History,
    /// The branch that the tree is judged as, or why that is not known.
    pub branch: Result<Branch, String>,
    /// The names of all branches, local and remote, each once.
    pub branches: Arc<[String]>,
    /// The names of all tags that were there.
    pub tags: TagNames,
    /// The releases that are tagged on the judged commit.
    pub here: Vec<Release>,
    /// The names of all tags on the judged commit, whatever they look like.
    pub tags_here: Vec<String>,
    /// The tag by which git describes the judged commit, where it was looked for: there are tags that are not read
    /// ([`Context::has_unread_tags`]).
    pub nearest_tag: Option<String>,
    /// The newest tag of the line.
    pub newest: Option<NewestTag>,
    /// The development tags (`vX.Y.Z-dev`) in the order of versions: at least the highest, and those on the judged commit.
    pub dev_tags: Vec<DevTag>,
    /// Main and the branches of lines, by name, on whose tips the first package has its version from setuptools-scm; none
    /// where a revision is judged as of its own moment, when the branches stood elsewhere.
    pub dynamic_branches: Vec<String>,
    /// Tells if the judged commit strictly descends from the tag of the version that the tree has.
    pub is_past_own_tag: bool,
    /// Tells if a higher line had its first final after the release of the tree was tagged: what was to follow it was forgotten.
    pub is_passed: bool,
    /// The reason why tags and branches say nothing, as in a shallow clone.
    pub blind: Option<String>,
    /// The reason for which files of other commits, and so what tags and branches carry, were not looked at, as in a
    /// partial clone.
    pub unread: Option<String>,
    /// The `uv.lock` files, each with the manifest beside it.
    pub uv: Vec<UvProject>,
    /// The `package.json` files that have a lockfile beside them or are a UI's.
    pub npm: Vec<NpmProject>,
    /// The places in files that no release edits; none in an audit.
    pub elsewhere: Vec<Elsewhere>,
    /// The problems of packages whose `fallback_version` a file of setuptools-scm's own replaces.
    pub replaced: Vec<Replaced>,
    /// The lists of packages that leave some out; none in an audit, which does not list sources.
    pub unlisted: Vec<Unlisted>,
    /// The workflows of GitHub Actions.
    pub workflows: Vec<WorkflowFile>,
    /// Tells if the tree is judged as of today, and not as of the moment of a revision.
    pub is_today: bool,
    /// In an audit how many seconds ago the judged tag was made. What registries have today they did not have then.
    pub audited: Option<i64>,
    /// The answers of registries about the packages, or the reason why none was asked.
    pub published: Asked,
}

/// The branch that a tree is judged as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The commits that it and its upstream lack of each other, where it has one.
    pub divergence: Option<Divergence>,
}

/// The role of a branch in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The development branch.
    Main,
    /// The branch of a line.
    Line(Line),
}

/// The newest tag of a line, and what was observed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestTag {
    /// The release that it names.
    pub release: Release,
    /// Its name.
    pub name: String,
    /// Tells if its commit is on the line's branch; `None` where that could not be told.
    pub is_on_branch: Option<bool>,
    /// Tells if the final of its version, or it itself, was made before the line's branch began, so that neither can be on it.
    /// That is looked at only where it stands on the judged commit, and not on the branch.
    pub is_before_branch: bool,
    /// The versions that the packages have in its tree, by manifest.
    pub versions: Vec<(Utf8PathBuf, Option<String>)>,
}

/// A development tag, and what was observed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevTag {
    /// Its name.
    pub name: String,
    /// The final whose development it begins: `0.5.1` of `v0.5.1-dev`.
    pub release: Release,
    /// Tells if it stands on the judged commit.
    pub is_here: bool,
    /// The version that the first package has in its tree; `None` where that was not read. Rules look at those of the
    /// newest tag and of tags on the judged commit alone.
    pub version: Option<String>,
}

/// The version of a package in the tree.
#[derive(Clone, Copy, Debug)]
pub struct PackageVersion<'a> {
    /// The package.
    pub package: &'a Package,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// The string that carries it.
    pub text: &'a TomlString,
}

impl Context {
    /// A tree that is judged as of today, and of whose surroundings nothing else was observed.
    pub fn new(monorepo: Monorepo, config: Config, history: History, branch: Result<Branch, String>) -> Self {
        Self {
            monorepo,
            config,
            history,
            branch,
            refused: Default::default(),
            config_source: None,
            baseline: None,
            branches: Arc::default(),
            tags: TagNames::default(),
            here: Vec::new(),
            tags_here: Vec::new(),
            nearest_tag: None,
            newest: None,
            dev_tags: Vec::new(),
            dynamic_branches: Vec::new(),
            is_past_own_tag: false,
            is_passed: false,
            blind: None,
            unread: None,
            uv: Vec::new(),
            npm: Vec::new(),
            workflows: Vec::new(),
            elsewhere: Vec::new(),
            replaced: Vec::new(),
            unlisted: Vec::new(),
            is_today: true,
            audited: None,
            published: Err(NOT_ASKED.to_owned()),
        }
    }

    /// Returns the text of a file that findings point into.
    pub fn source(&self, path: &Utf8Path) -> Option<&SourceText> {
        let manifest = self.monorepo.manifests.get(path).map(|manifest| &manifest.source);
        let config = self.config_source.iter().map(|(path, source)| (path, source));
        let baseline = self.baseline.iter().map(|baseline| (&baseline.path, &baseline.source));
        let locks = self.uv.iter().flat_map(UvProject::texts).chain(self.npm.iter().flat_map(NpmProject::texts));
        let workflows = self.workflows.iter().map(|workflow| (&workflow.path, &workflow.source));
        let elsewhere = self.elsewhere.iter().map(|place| (&place.path, &place.source));
        let replaced = self.replaced.iter().map(|replaced| (&replaced.path, &replaced.source));
        let shared = self.monorepo.shared.iter().map(|(path, file)| (path, &file.source));
        let refused = self.refused.1.iter();
        let mut others = config
            .chain(baseline)
            .chain(shared)
            .chain(locks)
            .chain(workflows)
            .chain(elsewhere)
            .chain(replaced)
            .chain(refused);
        manifest.or_else(|| others.find(|(known, _)| *known == path).map(|(_, source)| source))
    }

    /// Tells if a place is a tag or branch that is not looked at here.
    pub fn is_elsewhere(&self, place: &str) -> bool {
        let is_newest = self.newest.as_ref().is_some_and(|newest| newest.name == *place);
        let is_looked_at = is_newest
            || self.tags_here.iter().any(|tag| tag == place)
            || self.dev_tags.last().is_some_and(|tag| tag.name == *place)
            || self.branch.as_ref().is_ok_and(|branch| branch.name == *place);
        !is_looked_at && (self.tags.contains(place) || self.branches.iter().any(|name| name == place))
    }

    /// Tells if there are tags that setuptools-scm looks for, and from which a package gets no version.
    pub fn has_unread_tags(&self) -> bool {
        let patterns = self.tag_patterns();
        self.tags.iter().any(|tag| unread(&patterns, tag).is_some())
    }

    /// Returns the patterns of the packages that look for tags as setuptools-scm does by itself. Expressions that are not understood
    /// here are left out.
    pub(crate) fn tag_patterns(&self) -> Vec<TagPattern> {
        let manifests = self.monorepo.packages.iter().filter_map(|package| self.monorepo.manifest(package));
        let tables = manifests.filter_map(|manifest| manifest.read.scm.as_ref());
        let own = tables.filter(|table| table.describe_command.is_none());
        let expressions: BTreeSet<&str> =
            own.map(|table| table.tag_regex.as_ref().map_or("", |regex| regex.value.as_str())).collect();
        expressions.into_iter().filter_map(|regex| TagPattern::new(regex).ok()).collect()
    }

    /// Returns the branch that is judged, where it and, of a line, its tags are known; else the rule says why it cannot tell.
    pub(crate) fn branch_with_tags(&self, report: &mut Report) -> Option<&Branch> {
        let branch = report.known(&self.branch)?;
        report.clear_of(self.blind.as_ref().filter(|_| branch.role != Role::Main)).map(|()| branch)
    }

    /// Returns the line whose branch is judged.
    pub fn line(&self) -> Option<Line> {
        match self.branch.as_ref().ok()?.role {
            Role::Line(line) => Some(line),
            Role::Main => None,
        }
    }

    /// Tells if main is judged.
    pub fn is_main(&self) -> bool {
        self.branch.as_ref().is_ok_and(|branch| branch.role == Role::Main)
    }

    /// Returns what the process owes the line that is judged.
    pub fn line_state(&self) -> Option<LineState> {
        Some(self.history.line_state(self.line()?, self.config.maintained_lines))
    }

    /// Returns the version of every package that has one.
    pub fn versions(&self) -> impl Iterator<Item = PackageVersion<'_>> {
        self.monorepo.packages.iter().filter_map(|package| {
            let manifest = self.monorepo.manifest(package)?;
            Some(PackageVersion { package, manifest, text: manifest.version_string()? })
        })
    }

    /// The version that the tree has: that of the first package, the root's.
    pub fn version(&self) -> Option<Version> {
        Version::parse(&self.versions().next()?.text.value).ok()
    }

    /// Tells if the versions are no longer those of the commit, whose tag was read: the work tree is being prepared for what
    /// comes next, and what is tagged on the commit is not about it.
    pub fn is_edited_since_tag(&self) -> bool {
        let Some(newest) = self.newest.as_ref().filter(|newest| self.here.contains(&newest.release)) else {
            return false;
        };
        let tagged: BTreeMap<&Utf8Path, Option<&str>> =
            newest.versions.iter().map(|(path, version)| (path.as_path(), version.as_deref())).collect();
        self.versions().any(|version| {
            let was = tagged.get(version.package.path.as_path());
            was.is_some_and(|was| *was != Some(version.text.value.as_str()))
        })
    }

    /// Returns the release that the tree has, when its version is one.
    pub fn release(&self) -> Option<Release> {
        Release::parse(&self.versions().next()?.text.value).ok()
    }

    /// Tells if a client of this very release is on its way: the release is, and its registry was not found to have the client
    /// already. A lockfile cannot know its client before it is published.
    pub fn is_in_flight(&self, registry: Registry, client: &str, release: Release) -> bool {
        let is_known = |published: &Arc<Published>| published.has(registry, client, release);
        self.is_releasing(release) && (self.audited.is_some() || !self.published.as_ref().is_ok_and(is_known))
    }

    /// Tells if this very release is on its way from here: the tree or a tag on the judged commit has it. A final is until its tag
    /// is behind us, as lockfiles follow it then; no commit follows a candidate, which is until the next one or its final is there. None is any
    /// more once a newer minor is out.
    pub fn is_releasing(&self, release: Release) -> bool {
        let base = release.base();
        let is_last = || {
            let last = self.history.last_candidate(base).is_none_or(|last| last <= release);
            last && self.history.commit(base).is_none()
        };
        match release.is_candidate() {
            _ if self.is_passed => false,
            true => self.here.contains(&release) || (self.has(release) && is_last()),
            false => self.is_own(release),
        }
    }

    /// Tells if a line waits for the client of its first final: no final is tagged but one that is on its way from here, and no
    /// registry was found to have its client. Until then everything on its branch that is locked is of the line before.
    pub fn is_unopened(&self, line: Line, registry: Registry, client: &str) -> bool {
        let own = self.release().filter(|own| own.line() == line && !own.is_candidate());
        // Without tags, a patch tells that its line is open.
        let is_patch = |own: &Release| self.blind.is_some() && own.patch > 0;
        let mut finals = self.history.releases_of(line).filter(|release| !release.is_candidate()).chain(own);
        !own.as_ref().is_some_and(is_patch) && finals.all(|release| self.is_in_flight(registry, client, release))
    }

    /// Tells if the tree or a tag on the judged commit has this release, final or candidate, and its tag is not behind us yet.
    pub fn is_own(&self, release: Release) -> bool {
        self.has(release) && !self.is_past_own_tag
    }

    fn has(&self, release: Release) -> bool {
        self.release() == Some(release) || self.here.contains(&release)
    }

    /// Tells if registries may not have this release yet: it is made from here, and in an audit a day has not gone by.
    pub fn may_be_published_soon(&self, release: Release) -> bool {
        self.is_own(release) && self.audited.is_none_or(|seconds| seconds < A_DAY)
    }

    /// Tells if the judged tree is a final: by the tags on its commit, without any by its version.
    pub fn is_final(&self) -> bool {
        let own = self.release().filter(|_| self.here.is_empty());
        self.here.iter().copied().chain(own).any(|release| !release.is_candidate())
    }
}

/// The reason why a build gets no version from a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// No version is read off it.
    Odd,
    /// It names a development version with a number, which setuptools-scm does not go on from.
    Dated,
}

/// Returns why a tag gives no version by one of the patterns; `None` where all read one, or it has no digit and is not looked for.
pub(crate) fn unread(patterns: &[TagPattern], tag: &str) -> Option<Unread> {
    let is_looked_for = tag.contains(|c: char| c.is_ascii_digit());
    patterns.iter().filter(|_| is_looked_for).find_map(|pattern| {
        let version = pattern.read(tag).and_then(|parts| Version::parse(parts.version).ok());
        match version {
            None => Some(Unread::Odd),
            Some(version) => (version.is_dev() && !version.to_string().ends_with(".dev0")).then_some(Unread::Dated),
        }
    })
}

/// Seconds until the packages of a release are surely published: registries show them some minutes apart.
const A_DAY: i64 = 24 * 60 * 60;
