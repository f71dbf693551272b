//! The edits before a release is tagged: versions become the release's, and pins of clients follow the branch's
//! policy.

use super::draft::{Draft, Fate, Finished, unsound};
use super::planned::{Plan, PlannedFile, PlannedKind, PlannedSite};
use super::scm_config;
use super::unlock::{Locks, unlock};
use crate::manifest::pyproject::{Declared, Pyproject};
use crate::manifest::requirement::{Constraint, Requirement};
use crate::monorepo::{Manifest, Monorepo, Package, PinForm, PinPolicy, Scheme, Site, SiteKind, sites, sites_of};
use crate::pins::policy::{Missing, reform, specifier};
use crate::problem::Problem;
use crate::text::SourceText;
use crate::version::{Release, Version};
use camino::Utf8PathBuf;
use std::collections::BTreeSet;

/// Returns `true` if the plan needs the `uv.lock` files, because a package stops being static.
pub fn needs_locks(monorepo: &Monorepo, release: Release) -> bool {
    completes_scm(monorepo, release)
        && monorepo.packages.iter().any(|package| monorepo.manifest(package).is_some_and(has_static_version))
}

/// Plans the edits of a release, and verifies the result in memory.
///
/// # Errors
/// The doubts about the monorepo, or every site that cannot be brought to the release's version, with its place.
/// There is no plan then.
pub fn prepare(monorepo: &Monorepo, release: Release, locks: &Locks) -> Result<Plan, Vec<Problem>> {
    if !monorepo.doubts.is_empty() {
        return Err(monorepo.doubts.clone());
    }
    let mut draft = Draft::default();
    let completed = match completes_scm(monorepo, release) {
        true => complete_scm(monorepo, release, &mut draft),
        false => BTreeSet::new(),
    };
    let version = version(release);
    for site in sites(monorepo) {
        let is_replaced = site.kind == SiteKind::StaticVersion && completed.contains(site.path);
        let manifest = monorepo.manifests.get(site.path).filter(|_| !is_replaced);
        if let Some(Manifest { source, .. }) = manifest {
            draft.site(&site, source, fate(monorepo, release, &version, &site, source));
        }
    }
    let versionless = versionless(monorepo, release, &completed);
    versionless.for_each(|problem| draft.refuse(problem));
    let packages = monorepo.packages.iter().filter(|package| completed.contains(&package.path));
    unlock(&mut draft, locks, &packages.map(|package| package.canonical.as_str()).collect::<Vec<_>>());
    let verify = |finished: &Finished| verify(monorepo, Some(&release.to_string()), &finished.files, &finished.sites);
    draft.finish(verify).map(|Finished { sites, files }| Plan { release, sites, files })
}

/// Returns `true` if the release completes the setuptools-scm configuration: minors, majors and their candidates do,
/// except in a monorepo with static versions.
fn completes_scm(monorepo: &Monorepo, release: Release) -> bool {
    monorepo.scheme == Scheme::Dynamic && release.patch == 0
}

fn has_static_version(manifest: &Manifest) -> bool {
    manifest.read.project.as_ref().is_some_and(|project| project.version.is_some())
}

pub(crate) fn version(release: Release) -> Version {
    let version = Version::new(release.major, release.minor, release.patch);
    match release.candidate {
        Some(number) => version.with_pre(crate::version::PreKind::Candidate, number),
        None => version,
    }
}

fn form(policy: PinPolicy, release: Release) -> PinForm {
    if release.is_candidate() { policy.candidate } else { policy.release }
}

/// Returns the fate of an existing site.
fn fate(
    monorepo: &Monorepo,
    release: Release,
    version: &Version,
    site: &Site<'_>,
    source: &SourceText,
) -> Result<Fate, Box<Problem>> {
    let Some(declared) = site.declared else { return Fate::version(site, source, &release.to_string()) };
    let policy = monorepo.client(&site.subject).map(|client| client.policy).unwrap_or_default();
    let form = form(policy, release);
    if form == PinForm::Keep {
        return Ok(Fate::Kept);
    }
    let requirement = readable(site, declared)?;
    if site.kind == SiteKind::SiblingPin && requirement.specifier().is_none() {
        return Ok(Fate::Kept);
    }
    let edit = reform(&site.text.value, requirement, form, version, Missing::Refuse)
        .map_err(|error| Box::new(unpinnable(site, requirement, form, version, &error.to_string())))?;
    Fate::requirement(site, source, edit)
}

/// Returns the requirement of a site, or the problem if it does not follow PEP 508.
pub(super) fn readable<'a>(site: &Site<'_>, declared: &'a Declared) -> Result<&'a Requirement, Box<Problem>> {
    declared.requirement.as_ref().map_err(|error| {
        let problem = Problem::new(format!("{}: {error}", site.path), "write it as PEP 508 has it: `name==1.0`");
        Box::new(problem.at(site.path, site.span(), error.problem))
    })
}

/// Adds the missing parts of the setuptools-scm configuration. Returns the manifests whose version was made dynamic
/// or was added.
fn complete_scm(monorepo: &Monorepo, release: Release, draft: &mut Draft) -> BTreeSet<Utf8PathBuf> {
    let (requirement, version) = (scm_config::requirement(monorepo), release.to_string());
    let mut completed = BTreeSet::new();
    for package in &monorepo.packages {
        let Some(manifest) = monorepo.manifest(package) else { continue };
        match scm_config::complete(package, manifest, &version, &requirement) {
            Ok(additions) => {
                if has_static_version(manifest) || additions.iter().any(|addition| addition.is_fallback) {
                    completed.insert(package.path.clone());
                }
                additions.into_iter().for_each(|addition| draft.add(addition.site, &manifest.source, addition.edits));
            }
            Err(problem) => {
                // One problem is enough for a package.
                completed.insert(package.path.clone());
                draft.refuse(problem);
            }
        }
    }
    completed
}

/// Returns a problem for each package that has no version.
fn versionless<'a>(
    monorepo: &'a Monorepo,
    release: Release,
    completed: &'a BTreeSet<Utf8PathBuf>,
) -> impl Iterator<Item = Problem> + 'a {
    let problem = move |package: &Package| {
        let manifest = monorepo.manifest(package)?;
        if manifest.current_version().is_some() || completed.contains(&package.path) {
            return None;
        }
        let problem = Problem::new(
            format!("{}: {} has no `fallback_version`", package.path, package.name),
            format!(
                "add `fallback_version = \"{release}\"` to `[tool.setuptools_scm]`; if it is not released with the others, name those that are in release.toml (`[[package]]`)"
            ),
        );
        let scm = manifest.read.scm.as_ref().map(|scm| scm.span.clone());
        let name = manifest.read.project.as_ref().and_then(|project| Some(project.name.as_ref()?.span.clone()));
        Some(match scm.or(name) {
            Some(span) => problem.at(&package.path, span, "the package"),
            None => problem,
        })
    };
    monorepo.packages.iter().filter_map(problem)
}

/// Reads each new text like an original one, and compares it with the plan; without a version the existing one must
/// stay.
pub(super) fn verify(
    monorepo: &Monorepo,
    version: Option<&str>,
    files: &[PlannedFile],
    planned: &[PlannedSite],
) -> Vec<Problem> {
    files.iter().filter_map(|file| Some(unsound(&file.path, &misses(monorepo, version, file, planned)?))).collect()
}

/// Returns the first difference between a new manifest and the plan.
fn misses(monorepo: &Monorepo, version: Option<&str>, file: &PlannedFile, planned: &[PlannedSite]) -> Option<String> {
    // A lockfile only loses lines.
    let before = monorepo.manifests.get(&file.path)?;
    let read = match Pyproject::parse(&file.new) {
        Ok(read) => read,
        Err(error) => return Some(error.to_string()),
    };
    let after = Manifest { source: file.new.clone(), read };
    let version = version.map(str::to_owned).or_else(|| before.current_version());
    if monorepo.package_at(&file.path).is_some() && after.current_version() != version {
        return Some(format!("its version would not be {}", version.unwrap_or_default()));
    }
    let start = planned.partition_point(|site| site.path < file.path);
    let wanted = planned[start..]
        .iter()
        .take_while(|site| site.path == file.path)
        .filter(|site| matches!(site.kind, PlannedKind::ClientPin | PlannedKind::SiblingPin))
        .filter_map(|site| site.new.as_deref());
    let found = sites_of(monorepo, &file.path, &after);
    let found = found.iter().filter(|site| site.declared.is_some()).map(|site| site.text.value.as_str());
    if !wanted.eq(found) {
        return Some("its pins would not be those that were planned".to_owned());
    }
    (!others(monorepo, before).eq(others(monorepo, &after))).then(|| "other requirements would change".to_owned())
}

/// Returns the requirements of a manifest that a release does not change: neither pins nor those of the build.
fn others<'a>(monorepo: &'a Monorepo, manifest: &'a Manifest) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_ours = |requirement: &Requirement| {
        let name = requirement.name.canonical();
        monorepo.client(&name).is_some() || monorepo.sibling(&name).is_some()
    };
    let requirements = manifest.read.requirements.iter().filter(|declared| declared.table != "build-system.requires");
    requirements
        .filter(move |declared| !declared.requirement.as_ref().is_ok_and(is_ours))
        .map(|declared| (declared.table.as_str(), declared.text.value.as_str()))
}

fn unpinnable(site: &Site<'_>, requirement: &Requirement, form: PinForm, version: &Version, reason: &str) -> Problem {
    let name = &requirement.name.text;
    let (message, label) = match requirement.constraint {
        Constraint::Any => (format!("the client `{name}` is required without a version"), "no specifier"),
        Constraint::Url(_) => (format!("the client `{name}` is required by URL"), "a URL cannot follow a release"),
        Constraint::Specifier(_) => (reason.to_owned(), "cannot be pinned"),
    };
    Problem::new(
        format!("{}: {message}", site.path),
        format!("write `{name}{}`, or keep it as it is with `pin = {{ release = \"keep\", candidate = \"keep\" }}` in release.toml", specifier(form, version)),
    )
    .at(site.path, site.span(), label)
}
