//! Places that fix the version of a client or a package and that no plan edits: lists for pip, container files, workflows,
//! `setup.py`, environments, and tables of tools in the manifests.

use super::config::PinForm;
use super::discovery::Monorepo;
use super::manifest::Manifest;
use super::on_npm::on_registry;
use super::snapshot::{Named, Tree, TreeError, reason_to_leave, texts};
use crate::git::TrackedFile;
use crate::manifest::loose::Kind;
use crate::manifest::package_json::{Dependency, PackageJson};
use crate::manifest::requirement::canonical_name;
use crate::manifest::toml::entries;
use crate::manifest::{TomlString, loose, toml};
use crate::problem::Problem;
use crate::registry::Registry;
use crate::text::{SourceText, Span};
use crate::version::npm::{self, Spec};
use crate::version::{Release, SpecifierSet, Version};
use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Item, TableLike};

/// The files that may have such places, as [`TrackedFile::is_one_of`] reads their names.
pub const ELSEWHERE: [&str; 59] = [
    // Manifests that are no package's and no UI's.
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    // Lists for pip, conda and their like, and the settings of tools.
    "requirements*.txt",
    "requirements*.in",
    "*requirements.txt",
    "*requirements.in",
    "**/requirements/*.txt",
    "**/requirements/*.in",
    "constraints*.txt",
    "*constraints.txt",
    "**/constraints/*.txt",
    "environment*.yml",
    "environment*.yaml",
    "*environment.yml",
    "*environment.yaml",
    "conda.yml",
    "conda.yaml",
    "meta.yaml",
    "recipe.yaml",
    "Pipfile",
    "hatch.toml",
    "pixi.toml",
    "tox.toml",
    "uv.toml",
    "python-vcs-versioning.toml",
    "tox.ini",
    "noxfile.py",
    // Lockfiles that no release edits.
    "Pipfile.lock",
    "pdm.lock",
    "poetry.lock",
    "pylock*.toml",
    // Containers.
    "Dockerfile*",
    "Containerfile*",
    "*.Dockerfile",
    "*.dockerfile",
    "docker-compose*.yml",
    "docker-compose*.yaml",
    "compose*.yml",
    "compose*.yaml",
    "devcontainer.json",
    // Workflows and hooks.
    ".github/workflows/*.yml",
    ".github/workflows/*.yaml",
    "action.yml",
    "action.yaml",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    // Scripts.
    "Makefile",
    "justfile",
    "*.sh",
    "**/scripts/*.py",
    "**/tools/*.py",
    "**/bin/*.py",
    // Documentation.
    "README.md",
    "README.rst",
    "**/docs/*.md",
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
    /// Those of a range of npm's.
    Range(npm::Range),
    /// Those of a repository or folder.
    Origin,
    /// Those that the build puts together: they are not seen.
    Unseen,
}

/// Returns the places of a tree.
///
/// # Errors
/// If its files cannot be read. Those that are not text have none.
pub fn elsewhere(tree: &dyn Tree, monorepo: &Monorepo) -> Result<Vec<Elsewhere>, TreeError> {
    let is_known = |name: &str| monorepo.client(name).is_some() || monorepo.sibling(name).is_some();
    let named = Named::default();
    let is_hidden = |path: &Utf8Path| [".github", ".devcontainer"].iter().any(|folder| path.starts_with(folder));
    let is_left =
        |file: &TrackedFile| file.is_link || (!is_hidden(&file.path) && reason_to_leave(file, &named).is_some());
    let files: Vec<TrackedFile> = tree.files(&ELSEWHERE)?;
    let files: Vec<&TrackedFile> =
        files.iter().filter(|file| !is_left(file) && !monorepo.manifests.contains_key(&file.path)).collect();
    let mut found = Vec::new();
    for (path, source) in texts(tree, &files, &mut Vec::new())? {
        if path.file_name() == Some("package.json") {
            found.extend(of_package(monorepo, &path, &source));
            continue;
        }
        for one in loose::requirements(source.as_str(), Kind::of(&path), &is_known) {
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

/// Returns the dependencies of a `package.json` on clients, but for those of UIs, which are edited or refused.
fn of_package(monorepo: &Monorepo, path: &Utf8Path, source: &SourceText) -> Vec<Elsewhere> {
    let Ok(package) = PackageJson::parse(source) else { return Vec::new() };
    let place = |dependency: Dependency| {
        let subject = canonical_name(&on_registry(&dependency));
        let is_other = monorepo.client(&subject).is_some() && !monorepo.asks_for(path, &dependency.name);
        let fixed = Fixed::Range(Spec::parse(&dependency.range).range().filter(|_| is_other)?.clone());
        Some(Elsewhere { path: path.to_owned(), source: source.clone(), span: dependency.span, subject, fixed })
    };
    package.dependencies.into_iter().filter_map(place).collect()
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
            Fixed::Range(range)
                if npm::read_version(&Registry::Npm.spelling(&version))
                    .is_some_and(|version| range.contains(&version)) =>
            {
                return None;
            }
            Fixed::Versions(_) | Fixed::Range(_) => {
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
