//! The version that setuptools-scm would give a build of the work tree, or of a source tree without a repository.

use super::answer::ScmRow;
use super::observe::Scene;
use crate::checkout::{Found, found};
use crate::cli::{Global, Naming};
use crate::directory::current_directory;
use crate::stop::{Result, Stop};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::Manifest;
use release_core::problem::Problem;
use release_core::reading;
use release_core::scm::{self, Checkout, Observed, Origin, Question, Settings, Source};
use walkdir::WalkDir;

/// A manifest that may be asked about, with the path from the root.
type Candidate<'a> = (&'a Utf8Path, &'a Manifest);

/// Asks for all packages, or for one.
pub(super) fn answer(scene: &Scene<'_>, wanted: &str, naming: &Naming) -> Result<Vec<ScmRow>> {
    let Found { monorepo, texts } = found(&scene.repository.tree(None), scene.config, &scene.history)?;
    let packages = monorepo.packages.iter().filter_map(|package| Some((&*package.path, monorepo.manifest(package)?)));
    let mut candidates: Vec<Candidate<'_>> = packages.collect();
    // Others are not released from here, but what setuptools-scm calls them may be asked.
    let is_other = |path: &Utf8Path, manifest: &Manifest| {
        let is_asked = !wanted.is_empty() || manifest.read.hatch_vcs.is_some() || manifest.read.scm.is_some();
        is_asked && !monorepo.packages.iter().any(|package| package.path == path)
    };
    let read = texts.iter().filter(|(path, _)| path.file_name() == Some("pyproject.toml"));
    let read = read.filter_map(|(path, text)| Some((path, Manifest::parse(text.clone()).ok()?)));
    let others: Vec<_> = read.filter(|(path, manifest)| is_other(path, manifest)).collect();
    candidates.extend(others.iter().map(|(path, manifest)| (&***path, manifest)));
    let asked = asked(candidates, wanted)?;
    rows(&scene.repository.git, &scene.repository.location.root, &asked, naming)
}

/// Asks about a source tree without a repository, such as an unpacked source distribution; `None` in a repository.
pub(super) fn unpacked(global: &Global, wanted: &str, naming: &Naming) -> Result<Option<Vec<ScmRow>>> {
    let root = global.repo.clone().map_or_else(current_directory, Ok)?;
    let root = root.canonicalize_utf8().unwrap_or(root);
    let is_named = ["PKG-INFO", ".git_archival.txt"].iter().any(|name| root.join(name).exists());
    let has_repository = |folder: &Utf8Path| folder.join(".git").exists();
    let is_in_repository = root.ancestors().any(has_repository) && (has_repository(&root) || !is_named);
    if is_in_repository || std::env::var_os("GIT_DIR").is_some() {
        return Ok(None);
    }
    let mut manifests: Vec<(Utf8PathBuf, Manifest)> = Vec::new();
    let is_left = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() > 0 && entry.file_type().is_dir() && (name.starts_with('.') || name == "node_modules")
    };
    let entries = WalkDir::new(&root).sort_by_file_name().into_iter().filter_entry(|entry| !is_left(entry));
    for entry in entries.filter_map(std::result::Result::ok).filter(|entry| entry.file_name() == "pyproject.toml") {
        let path = Utf8Path::from_path(entry.path()).and_then(|path| path.strip_prefix(&root).ok());
        let Some(path) = path else { continue };
        let manifest = reading::inside(&root, path).ok().and_then(Manifest::from_bytes).ok_or_else(|| {
            Stop::from(anyhow::anyhow!("{path} cannot be read as TOML; correct it, or name another folder with --repo"))
        })?;
        manifests.push((path.to_owned(), manifest));
    }
    let asked = asked(manifests.iter().map(|(path, manifest)| (&**path, manifest)).collect(), wanted)?;
    let git = Git::new(&root).map_err(anyhow::Error::from)?;
    rows(&git, &root, &asked, naming).map(Some)
}

/// Selects the packages that are asked for, by name or path.
fn asked<'a>(candidates: Vec<Candidate<'a>>, wanted: &str) -> Result<Vec<Candidate<'a>>> {
    let is_wanted = |(path, manifest): &Candidate<'_>| match manifest.read.name() {
        Some(name) => wanted.is_empty() || canonical_name(name) == canonical_name(wanted) || *path == wanted,
        None => false,
    };
    let (asked, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_wanted);
    if asked.is_empty() {
        let known: Vec<&str> = others.iter().filter_map(|(_, manifest)| manifest.read.name()).collect();
        return Err(Stop::usage(match known.is_empty() {
            true => Problem::new("there is no `pyproject.toml` with a `project.name` here", "name its folder: --repo"),
            false => Problem::new(
                format!("there is no package `{wanted}` in this monorepo"),
                format!("name one of {}", known.join(", ")),
            ),
        }));
    }
    Ok(asked)
}

/// Names the builds of packages.
fn rows(git: &Git, root: &Utf8Path, asked: &[Candidate<'_>], naming: &Naming) -> Result<Vec<ScmRow>> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let now = crate::clock::now()?.seconds();
    let mut seen: Vec<(Question, Option<Checkout>)> = Vec::new();
    let mut rows = Vec::new();
    for (path, manifest) in asked {
        let own = path.parent().unwrap_or(Utf8Path::new(""));
        let folder = root.join(own);
        let text = |name: &str| String::from_utf8(reading::inside(root, &own.join(name)).ok()?).ok();
        let (script, config) = (text("setup.py"), text("setup.cfg"));
        let name = manifest.read.name().unwrap_or_default().to_owned();
        let row = ScmRow { name, path: path.to_string(), ..ScmRow::default() };
        let version = |version: &str| Some(version.to_owned());
        rows.push(match scm::source(&manifest.read, naming.scm_version, script.as_deref(), config.as_deref()) {
            Source::Static(fixed) => ScmRow { version: Some(fixed), origin: version("static"), ..row },
            Source::Nothing(why) => {
                ScmRow { version: version("0.0.0"), origin: version("no tool names it"), error: Some(why), ..row }
            }
            Source::Other(why) => ScmRow { error: Some(why), ..row },
            Source::Scm => match Settings::read(&manifest.read, naming.scm_version, root, &folder) {
                Err(error) => ScmRow { error: Some(error.to_string()), ..row },
                Ok(settings) => {
                    let row = ScmRow { notes: settings.notes.clone(), ..row };
                    let called = settings.question(&folder).map(|question| checkout(git, &question, &mut seen));
                    let called = match called {
                        Ok(checkout) => settings.observed(root, &folder, checkout?).and_then(|observed| {
                            let observed = Observed { environment: environment.clone(), now, ..observed };
                            scm::version(&settings, &observed)
                        }),
                        Err(error) => Err(error),
                    };
                    let tool = settings.tool;
                    match called.and_then(|called| Ok((called.in_wheel(tool)?, called))) {
                        Ok((version, called)) => named(row, version, called),
                        Err(error) => ScmRow { error: Some(error.to_string()), ..row },
                    }
                }
            },
        });
    }
    Ok(rows)
}

/// The row of a package that setuptools-scm has a version for.
fn named(row: ScmRow, version: String, called: scm::ScmVersion) -> ScmRow {
    let origin = Some(origin(&called));
    let row = ScmRow { version: Some(version), origin, ..row };
    match called.parts {
        None => row,
        Some(parts) => ScmRow {
            base: Some(parts.base),
            distance: Some(parts.distance),
            node: parts.node,
            dirty: Some(parts.dirty),
            ..row
        },
    }
}

/// The origin of a version, in words.
fn origin(called: &scm::ScmVersion) -> String {
    let of = match &called.origin {
        Origin::Pretended { variable } => format!("given by {variable}"),
        Origin::Tag { tag } => format!("tag {tag}"),
        Origin::NoTag => "no tag is reachable, so `fallback_version` (else 0.0) stands for one".to_owned(),
        Origin::Archival => "from .git_archival.txt".to_owned(),
        Origin::PackageInfo => "from PKG-INFO".to_owned(),
        Origin::Metadata => "from scm_version.json".to_owned(),
        Origin::Fallback => "`fallback_version`, as there is no repository".to_owned(),
    };
    let Some(parts) = &called.parts else { return of };
    let dirty = if parts.dirty { ", tracked files are changed" } else { "" };
    format!("{of}, distance {}{dirty}", parts.distance)
}

/// The answer of git, who is asked once for packages with the same question.
fn checkout(
    git: &Git,
    question: &Question,
    seen: &mut Vec<(Question, Option<Checkout>)>,
) -> anyhow::Result<Option<Checkout>> {
    if let Some((_, checkout)) = seen.iter().find(|(asked, _)| asked == question) {
        return Ok(checkout.clone());
    }
    let checkout = git.scm_checkout(question, None)?;
    seen.push((question.clone(), checkout.clone()));
    Ok(checkout)
}
