//! Places that fix the version of a client or a package and that no plan edits: lists for pip, container files, workflows,
//! `setup.py`, environments, and tables of tools in the manifests.

use super::config::{Config, PinForm};
use super::discovery::Monorepo;
use super::manifest::Manifest;
use super::snapshot::{Named, Tree, TreeError, reason_to_leave, texts};
use crate::git::TrackedFile;
use crate::manifest::requirement::canonical_name;
use crate::manifest::toml::entries;
use crate::manifest::{TomlString, loose, toml};
use crate::problem::Problem;
use crate::text::{SourceText, Span};
use crate::version::{Release, SpecifierSet, Version};
use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Item, TableLike};

/// The files that may have such places, as [`TrackedFile::is_one_of`] reads their names.
pub const ELSEWHERE: [&str; 17] = [
    "Dockerfile*",
    "Containerfile*",
    "*.Dockerfile",
    "requirements*.txt",
    "requirements*.in",
    "constraints*.txt",
    "requirements/*.txt",
    "requirements/*.in",
    "environment*.yml",
    "environment*.yaml",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "tox.ini",
    "noxfile.py",
    ".github/workflows/*.yml",
    ".github/workflows/*.yaml",
];

/// One of them.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// The bytes of the place.
    pub span: Span,
    /// The client or package, by its normalised name.
    pub subject: String,
    /// The versions that it admits.
    fixed: Fixed,
}

/// The versions that a place admits.
#[derive(Clone, Debug)]
enum Fixed {
    Versions(SpecifierSet),
    /// Those of a repository or folder.
    Origin,
    /// Those that the build puts together: they are not seen.
    Unseen,
}

/// Returns the places of a tree.
///
/// # Errors
/// If its files cannot be read. Those that are not text have none.
pub fn elsewhere(tree: &dyn Tree, monorepo: &Monorepo, config: &Config) -> Result<Vec<Elsewhere>, TreeError> {
    let is_known = |name: &str| monorepo.client(name).is_some() || monorepo.sibling(name).is_some();
    let named = Named::of(config);
    let is_left = |file: &TrackedFile| {
        file.is_link || (!file.path.starts_with(".github") && reason_to_leave(file, &named).is_some())
    };
    let files: Vec<TrackedFile> = tree.files(&ELSEWHERE)?;
    let files: Vec<&TrackedFile> =
        files.iter().filter(|file| !is_left(file) && !monorepo.manifests.contains_key(&file.path)).collect();
    let mut found = Vec::new();
    for (path, source) in texts(tree, &files, &mut Vec::new())? {
        for one in loose::requirements(source.as_str(), &is_known) {
            let (path, source) = (path.clone(), source.clone());
            found.push(Elsewhere {
                path,
                source,
                span: one.span,
                subject: one.name,
                fixed: Fixed::Versions(one.specifier),
            });
        }
    }
    for (path, manifest) in monorepo.manifests.iter().filter(|(_, manifest)| manifest.lists.is_none()) {
        let mut places = unseen(monorepo, path, manifest);
        if let Ok(document) = toml::parse(&manifest.source)
            && let Some(tool) = document.get("tool").and_then(Item::as_table_like)
        {
            of_table(&mut places, monorepo, tool);
            of_metadata(&mut places, monorepo, tool);
        }
        found.extend(places.into_iter().map(|(span, subject, fixed)| Elsewhere {
            path: path.clone(),
            source: manifest.source.clone(),
            span,
            subject,
            fixed,
        }));
    }
    Ok(found)
}

type Places = Vec<(Span, String, Fixed)>;

fn fixed(value: &str) -> Fixed {
    loose::value(value).map_or(Fixed::Origin, Fixed::Versions)
}

/// Returns the requirements that a package has from its build, and not from files that are read, where there are clients.
fn unseen(monorepo: &Monorepo, path: &Utf8Path, manifest: &Manifest) -> Places {
    let Some(package) = monorepo.package_at(path).filter(|_| !monorepo.clients.is_empty()) else { return Vec::new() };
    let dynamic = manifest.read.project.as_ref().and_then(|project| project.dynamic.as_ref());
    let is_unseen = |item: &&TomlString| {
        let table = format!("project.{}", item.value);
        let is_read = || manifest.read.lists.iter().any(|(list, _)| list.starts_with(&table));
        ["dependencies", "optional-dependencies"].contains(&&*item.value) && !is_read()
    };
    let items = dynamic.into_iter().flat_map(|dynamic| &dynamic.items).filter(is_unseen);
    items.map(|item| (item.span.clone(), package.canonical.clone(), Fixed::Unseen)).collect()
}

/// Adds the keys of tables that are the name of a client or package and have a version or a repository, as those of
/// `tool.uv.sources` and of poetry's dependencies.
fn of_table(places: &mut Places, monorepo: &Monorepo, table: &dyn TableLike) {
    for (key, item) in table.iter() {
        let name = canonical_name(key);
        let is_client = monorepo.client(&name).is_some();
        if !is_client && monorepo.sibling(&name).is_none() {
            entries(Some(item)).into_iter().for_each(|inner| of_table(places, monorepo, inner));
            continue;
        }
        if let Some(fixed) = toml::string(item) {
            places.extend(loose::value(&fixed.value).map(|set| (fixed.span, name.clone(), Fixed::Versions(set))));
        }
        for entry in entries(Some(item)) {
            let text = |key: &str| toml::string(entry.get(key)?);
            let version = text("version").or_else(|| text("tag"));
            let version = version.map(|text| (text.span, fixed(text.value.strip_prefix('v').unwrap_or(&text.value))));
            // A package of the monorepo is taken from its folder, and so has the right version.
            let origins = ["rev", "branch", "git", "url", "path"];
            let origin = || origins.iter().filter(|_| is_client).find_map(|key| Some((text(key)?.span, Fixed::Origin)));
            places.extend(version.or_else(origin).map(|(span, fixed)| (span, name.clone(), fixed)));
        }
    }
}

/// Adds the versions of clients for which uv is told what they require.
fn of_metadata(places: &mut Places, monorepo: &Monorepo, tool: &dyn TableLike) {
    let metadata = toml::table(tool, &["uv"]).and_then(|uv| uv.get("dependency-metadata"));
    for entry in entries(metadata) {
        let text = |key: &str| toml::string(entry.get(key)?);
        let Some((name, version)) = text("name").zip(text("version")) else { continue };
        let name = canonical_name(&name.value);
        if monorepo.client(&name).is_some() {
            places.push((version.span, name, fixed(&version.value)));
        }
    }
}

impl Elsewhere {
    /// Returns the text of the place.
    pub fn text(&self) -> &str {
        self.source.as_str().get(self.span.clone()).unwrap_or_default()
    }

    /// Returns what is to be said of the place when a version is released: `None` if it admits the version, or if the
    /// client's pins are kept.
    pub fn against(&self, monorepo: &Monorepo, release: Release) -> Option<Problem> {
        let form = monorepo.client(&self.subject).map(|client| client.policy).unwrap_or_default().form(release);
        let version = Version::parse(&release.to_string()).ok()?;
        let (path, subject, text) = (&self.path, &self.subject, self.text());
        let (message, label) = match &self.fixed {
            _ if form == PinForm::Keep => return None,
            Fixed::Versions(set) if set.contains(&version) => return None,
            Fixed::Versions(_) => {
                (format!("{path}: `{text}` asks for another `{subject}` than {release}"), "no release edits this")
            }
            Fixed::Origin => {
                (format!("{path}: `{subject}` is taken from {text}, whatever is pinned"), "no release follows this")
            }
            Fixed::Unseen => (
                format!("{path}: the build of `{subject}` makes its {text}, and no release edits them"),
                "not in a list",
            ),
        };
        let help = match &self.fixed {
            Fixed::Unseen => {
                "see that they ask for this release; pins move where the manifest, or a file that it names, lists them"
                    .to_owned()
            }
            _ if self.is_published(monorepo) => {
                format!("users install by it: move it to {release}, or move the requirements to pyproject.toml")
            }
            _ => format!("move it to {release} by hand where it belongs to the release, or let its own tool write it"),
        };
        Some(Problem::new(message, help).at(path, self.span.clone(), label))
    }

    /// Returns `true` if it is part of what users install: `setup.py` or `setup.cfg` beside a package's manifest.
    pub fn is_published(&self, monorepo: &Monorepo) -> bool {
        let is_setup = matches!(self.path.file_name(), Some("setup.py" | "setup.cfg"));
        is_setup && monorepo.package_at(&self.path.with_file_name("pyproject.toml")).is_some()
    }
}
