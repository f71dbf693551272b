//! The version that setuptools-scm would give a build of the work tree.

use super::answer::ScmRow;
use super::observe::Scene;
use crate::checkout::{Found, found};
use crate::cli::Naming;
use crate::stop::{Result, Stop};
use camino::Utf8Path;
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::{Manifest, Package};
use release_core::problem::Problem;
use release_core::reading;
use release_core::scm::{self, Checkout, Observed, Origin, Question, Settings, Unpacked};

/// Asks for all packages, or for one.
pub(super) fn answer(scene: &Scene<'_>, wanted: &str, naming: &Naming) -> Result<Vec<ScmRow>> {
    let Found { monorepo, .. } = found(&scene.repository.tree(None), scene.config, &scene.history)?;
    let is_wanted =
        |package: &&Package| wanted.is_empty() || package.canonical == canonical_name(wanted) || package.path == wanted;
    let packages: Vec<&Package> = monorepo.packages.iter().filter(is_wanted).collect();
    if packages.is_empty() {
        let known: Vec<&str> = monorepo.packages.iter().map(|package| package.name.as_str()).collect();
        let problem = Problem::new(
            format!("there is no package `{wanted}` in this monorepo"),
            format!("name one of {}", known.join(", ")),
        );
        return Err(Stop::usage(problem));
    }
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let now = crate::clock::now()?.seconds();
    let mut seen: Vec<(Question, Option<Checkout>)> = Vec::new();
    let mut rows = Vec::new();
    for package in packages {
        let Some(manifest) = monorepo.manifest(package) else { continue };
        let (name, path) = (package.name.clone(), package.path.to_string());
        if let Some(version) = fixed(manifest) {
            let (version, origin) = (Some(version), Some("static".to_owned()));
            rows.push(ScmRow { name, path, version, origin, ..ScmRow::default() });
            continue;
        }
        let settings = Settings::of(&manifest.read, naming.scm_version);
        let root = &scene.repository.location.root;
        let folder = root.join(package.path.parent().unwrap_or(Utf8Path::new("")));
        let called = match settings.question(&folder) {
            Ok(question) => {
                let checkout = checkout(scene, &question, &mut seen)?;
                let unpacked = if checkout.is_none() { unpacked(root, &folder, &question) } else { Vec::new() };
                scm::version(&settings, &Observed { checkout, unpacked, environment: environment.clone(), now })
            }
            Err(error) => Err(error),
        };
        rows.push(match called {
            Ok(called) => row(name, path, called),
            Err(error) => ScmRow { name, path, error: Some(error.to_string()), ..ScmRow::default() },
        });
    }
    Ok(rows)
}

/// The row of a package that setuptools-scm has a version for.
fn row(name: String, path: String, called: scm::ScmVersion) -> ScmRow {
    let origin = Some(origin(&called));
    let row = ScmRow { name, path, version: Some(called.text), origin, ..ScmRow::default() };
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
        Origin::Fallback => "`fallback_version`, as there is no repository".to_owned(),
    };
    let Some(parts) = &called.parts else { return of };
    let dirty = if parts.dirty { ", tracked files are changed" } else { "" };
    format!("{of}, distance {}{dirty}", parts.distance)
}

/// The version of a manifest that does not ask setuptools-scm.
fn fixed(manifest: &Manifest) -> Option<String> {
    let (version, _) = manifest.read.project.as_ref()?.version.as_ref()?;
    Some(version.value.clone())
}

/// The answer of git, who is asked once for packages with the same question.
fn checkout(
    scene: &Scene<'_>,
    question: &Question,
    seen: &mut Vec<(Question, Option<Checkout>)>,
) -> anyhow::Result<Option<Checkout>> {
    if let Some((_, checkout)) = seen.iter().find(|(asked, _)| asked == question) {
        return Ok(checkout.clone());
    }
    let checkout = scene.repository.git.scm_checkout(question, None)?;
    seen.push((question.clone(), checkout.clone()));
    Ok(checkout)
}

/// The things that count where `root` is no repository: files that archives and source distributions have.
fn unpacked(root: &Utf8Path, folder: &Utf8Path, question: &Question) -> Vec<Unpacked> {
    let folders = [Some(folder), question.tops.first().map(camino::Utf8PathBuf::as_path)];
    // A manifest may name a folder outside of the repository, and nothing is read there.
    let text = |folder: &Utf8Path, name: &str| {
        let path = folder.strip_prefix(root).ok()?.join(name);
        String::from_utf8(reading::inside(root, &path).ok()?).ok()
    };
    let read = |folder: &Utf8Path| Unpacked {
        archival: text(folder, ".git_archival.txt"),
        package_info: text(folder, "PKG-INFO"),
    };
    folders.into_iter().flatten().map(read).collect()
}
