//! Sites: the places of the manifests that carry a version of this monorepo.

use super::discovery::Monorepo;
use super::manifest::Manifest;
use super::packages::Package;
use crate::manifest::TomlString;
use crate::manifest::pyproject::Declared;
use crate::manifest::requirement::Requirement;
use crate::problem::Problem;
use crate::text::{SourceText, Span};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use std::fmt::Display;

/// The kind of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteKind {
    /// `tool.setuptools_scm.fallback_version`.
    FallbackVersion,
    /// `project.version`.
    StaticVersion,
    /// A requirement on a client.
    ClientPin,
    /// A requirement on a sibling.
    SiblingPin,
}

/// A place that carries a version.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// The manifest.
    pub path: &'a Utf8Path,
    /// The text of the manifest.
    pub source: &'a SourceText,
    /// Its kind.
    pub kind: SiteKind,
    /// The package that has the version or is pinned, by its normalised name.
    pub subject: String,
    /// The table or list that holds it.
    pub table: String,
    /// The string.
    pub text: &'a TomlString,
    /// The requirement, for pins.
    pub declared: Option<&'a Declared>,
}

impl Site<'_> {
    /// Returns the string's literal in the file, including quotes.
    pub fn span(&self) -> Span {
        self.text.span.clone()
    }

    /// Returns a problem of this site.
    pub fn problem(&self, message: impl Display, help: impl Into<String>, label: &str) -> Box<Problem> {
        Box::new(Problem::new(format!("{}: {message}", self.path), help).at(self.path, self.span(), label))
    }

    /// Returns `true` if it carries the version of a package, and not a pin.
    pub fn is_version(&self) -> bool {
        self.declared.is_none()
    }

    /// Returns the requirement, if it is one that can be read.
    pub fn requirement(&self) -> Option<&'_ Requirement> {
        self.declared?.requirement.as_ref().ok()
    }
}

/// Returns every site of the monorepo, by file and then by place.
pub fn sites(monorepo: &Monorepo) -> Vec<Site<'_>> {
    monorepo.manifests.iter().flat_map(|(path, manifest)| sites_of(monorepo, path, manifest)).collect()
}

/// Returns the sites of one manifest, by place; the manifest may be an edited one.
pub fn sites_of<'a>(monorepo: &Monorepo, path: &'a Utf8PathBuf, manifest: &'a Manifest) -> Vec<Site<'a>> {
    let package = monorepo.package_at(path);
    let versions = package.into_iter().flat_map(|package| versions(path, manifest, package));
    let pins = manifest.read.requirements.iter().filter_map(|declared| pin(monorepo, path, manifest, declared));
    let mut sites: Vec<Site<'a>> = versions.chain(pins).collect();
    sites.sort_by_key(|site| site.text.span.start);
    sites
}

fn versions<'a>(path: &'a Utf8PathBuf, manifest: &'a Manifest, package: &Package) -> Vec<Site<'a>> {
    let (subject, source) = (&package.canonical, &manifest.source);
    let site = |kind, table: &str, text| Site {
        path,
        source,
        kind,
        subject: subject.clone(),
        table: table.to_owned(),
        text,
        declared: None,
    };
    let fixed = manifest.fixed_version().map(|text| site(SiteKind::StaticVersion, "project", text));
    let fallback = manifest.fallback_version();
    let fallback = fallback.map(|text| site(SiteKind::FallbackVersion, "tool.setuptools_scm", text));
    fixed.into_iter().chain(fallback).collect()
}

fn pin<'a>(
    monorepo: &Monorepo,
    path: &'a Utf8PathBuf,
    manifest: &'a Manifest,
    declared: &'a Declared,
) -> Option<Site<'a>> {
    let subject = declared.name();
    let kind = if monorepo.client(&subject).is_some() {
        SiteKind::ClientPin
    } else if monorepo.sibling(&subject).is_some() {
        SiteKind::SiblingPin
    } else {
        return None;
    };
    let (source, table, text) = (&manifest.source, declared.table.clone(), &declared.text);
    Some(Site { path, source, kind, subject, table, text, declared: Some(declared) })
}
