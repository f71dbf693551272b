//! The places that `tool.uv.sources` names for requirements, as uv records them.

use super::super::compare::{Local, joined};
use super::super::lock::{LockedRequirement, SourceKind};
use super::super::markers::Marker;
use super::super::workspace::Workspace;
use super::members::Members;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirement::{Constraint, Requirement};
use crate::manifest::uv_settings::UvSource;
use camino::{Utf8Path, Utf8PathBuf};

/// The place that a package is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// An index, or `None` for those of all packages.
    Index(Option<String>),
    /// A folder or an archive; `None` stands for the kind of a folder whose manifest is not known.
    Folder(Option<SourceKind>, Utf8PathBuf),
    /// An archive by its URL.
    Url(String),
    /// A place of which only uv knows how it is recorded.
    Unknown,
}

impl Origin {
    /// Returns `true` if both are recorded in the same way, and `None` if only uv can tell.
    pub(super) fn is_same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => None,
            (Self::Folder(one, path), Self::Folder(other, path_of_other)) if one.is_none() || other.is_none() => {
                if path == path_of_other { None } else { Some(false) }
            }
            _ => Some(self == other),
        }
    }

    /// Returns the origin that a lockfile records.
    pub(super) fn recorded(lock: &Utf8Path, recorded: &LockedRequirement) -> Self {
        let Some(source) = &recorded.source else {
            return Self::Index(recorded.index.as_ref().map(|index| index.value.clone()));
        };
        let location = &source.location.value;
        match source.kind {
            SourceKind::Editable | SourceKind::Virtual | SourceKind::Directory | SourceKind::Path => {
                let path = joined(lock.parent().unwrap_or(Utf8Path::new("")), location);
                path.map_or(Self::Unknown, |path| Self::Folder(Some(source.kind), path))
            }
            SourceKind::Url => Self::Url(location.clone()),
            SourceKind::Registry | SourceKind::Git => Self::Unknown,
        }
    }
}

/// The surroundings in which a manifest's requirements get their sources.
pub(super) struct Sources<'a, 'b> {
    pub(super) workspace: &'b Workspace<'a>,
    pub(super) members: &'b Members<'a>,
    /// The manifest, and its path.
    pub(super) path: &'b Utf8Path,
    pub(super) manifest: &'a Pyproject,
}

impl<'a, 'b> Sources<'a, 'b> {
    /// Returns those of a package of the tree.
    pub(super) fn of(workspace: &'b Workspace<'a>, members: &'b Members<'a>, local: &'b Local<'a>) -> Self {
        Self { workspace, members, path: &local.path, manifest: local.manifest }
    }

    /// Returns the origins of a requirement of a table, each with the environments in which it is that one; `None` if only uv can
    /// tell.
    pub(super) fn origins(
        &self,
        scope: &str,
        name: &str,
        requirement: &Requirement,
        text: &str,
    ) -> Option<Vec<(Marker, Origin)>> {
        if let Constraint::Url(span) = &requirement.constraint {
            let url = text.get(span.clone())?.trim();
            let is_archive = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) && !url.contains('#');
            let origin = if is_archive { Origin::Url(url.to_owned()) } else { Origin::Unknown };
            return Some(vec![(Marker::always(), origin)]);
        }
        if self.workspace.settings.no_sources {
            return None;
        }
        let (extra, group) =
            (scope.strip_prefix("project.optional-dependencies."), scope.strip_prefix("dependency-groups."));
        let is_for = |source: &&UvSource| {
            source.package == name
                && source.extra.as_deref().is_none_or(|named| Some(named) == extra)
                && source.group.as_deref().is_none_or(|named| Some(named) == group)
        };
        let of_root = || self.workspace.root.iter().flat_map(|root| &root.manifest.uv.sources);
        let is_own = self.manifest.uv.sources.iter().any(|source| source.package == name);
        let sources: Vec<&UvSource> = match is_own {
            true => self.manifest.uv.sources.iter().filter(is_for).collect(),
            false => of_root().filter(is_for).collect(),
        };
        let (mut origins, mut others) = (Vec::new(), Marker::always());
        for source in sources {
            let marker = source.marker.as_deref().map_or(Some(Marker::always()), Marker::parse)?;
            origins.push((marker.clone(), self.origin(source)));
            others = others.and(Marker::Not(Box::new(marker)));
        }
        origins.push((others, Origin::Index(None)));
        Some(origins)
    }

    fn origin(&self, source: &UvSource) -> Origin {
        if let Some(name) = &source.index {
            let of_root = self.workspace.root.iter().flat_map(|root| &root.manifest.uv.indexes);
            let mut indexes = self.manifest.uv.indexes.iter().chain(of_root);
            let named = indexes.find(|index| index.name.as_ref() == Some(name)).map(|index| &index.url.value);
            let url = named.filter(|url| url.contains("://") && !url.contains(['@', '$']));
            return url.map_or(Origin::Unknown, |url| Origin::Index(Some(url.clone())));
        }
        let kind = |is_package: Option<bool>, is_editable: bool| match (is_package, is_editable) {
            (Some(false), _) => SourceKind::Virtual,
            (_, true) => SourceKind::Editable,
            (_, false) => SourceKind::Directory,
        };
        if source.workspace {
            let Some(member) = self.members.get(&source.package) else { return Origin::Unknown };
            let kind = kind(member.manifest.uv.is_package, source.editable != Some(false));
            let folder = member.path.parent().unwrap_or(Utf8Path::new(""));
            return Origin::Folder(Some(kind), folder.to_owned());
        }
        if let Some(url) = &source.url {
            return Origin::Url(url.clone());
        }
        let folder = self.path.parent().unwrap_or(Utf8Path::new(""));
        let Some(path) = source.path.as_ref().and_then(|path| joined(folder, path)) else { return Origin::Unknown };
        if [".whl", ".tar.gz", ".zip"].iter().any(|ending| path.as_str().ends_with(ending)) {
            return Origin::Folder(Some(SourceKind::Path), path);
        }
        let manifest = self.workspace.manifests.get(&*path.join("pyproject.toml")).copied().flatten();
        let kind =
            manifest.map(|manifest| kind(source.is_package.or(manifest.uv.is_package), source.editable == Some(true)));
        Origin::Folder(kind, path)
    }
}
