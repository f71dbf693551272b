//! The edits before a release is tagged: versions become the release's, and pins of clients follow the branch's
//! policy.

use super::draft::{Draft, Fate};
use super::planned::{Edits, Plan, PlannedFile, PlannedKind, PlannedSite};
use super::scm_config;
use super::unlock::{Locks, follow, is_static, unlock};
use crate::manifest::pyproject::Declared;
use crate::manifest::requirement::{Constraint, Requirement};
use crate::monorepo::{Manifest, Monorepo, Package, PinForm, Scheme, Site, SiteKind, sites, sites_of};
use crate::pins::policy::{Missing, reform, specifier};
use crate::pins::tree::{Role, form_at};
use crate::problem::Problem;
use crate::text::ParseError;
use crate::version::{Release, Version};
use std::collections::BTreeSet;

/// Plans the edits of a release, and verifies the result in memory.
///
/// # Errors
/// The doubts about the monorepo, or every site that cannot be brought to the release's version, with its place.
/// There is no plan then.
pub fn prepare(monorepo: &Monorepo, release: Release, locks: &Locks) -> Result<Plan, Vec<Problem>> {
    monorepo.is_certain()?;
    let mut draft = Draft::default();
    super::standing::lower(monorepo, release).into_iter().for_each(|problem| draft.refuse(problem));
    super::standing::disagreement(monorepo, release).into_iter().for_each(|problem| draft.refuse(problem));
    let unwritten = || monorepo.unwritten.iter().filter(|unwritten| unwritten.is_released);
    unwritten().for_each(|unwritten| draft.refuse(unwritten.problem()));
    let completed = match completes_scm(monorepo, release) {
        true => scm_config::complete_all(monorepo, &release.to_string(), &mut draft),
        false => BTreeSet::new(),
    };
    let version = Version::from(release);
    for site in sites(monorepo) {
        if site.kind != SiteKind::StaticVersion || !completed.contains(site.path) {
            draft.site(&site, fate(monorepo, release, &version, &site));
        }
    }
    let is_said = |package: &Package| unwritten().any(|unwritten| unwritten.path == package.path);
    let others = monorepo.packages.iter().filter(|package| !completed.contains(&*package.path));
    let others = others.filter(|package| !is_said(package));
    for package in others {
        let unread = || monorepo.manifest(package).and_then(|manifest| scm_config::unread(package, manifest));
        let problem = versionless(monorepo, release, package).or_else(unread);
        problem.into_iter().for_each(|problem| draft.refuse(problem));
    }
    let packages = monorepo.packages.iter().filter(|package| completed.contains(&*package.path));
    unlock(&mut draft, locks, &packages.map(|package| package.canonical.as_str()).collect::<Vec<_>>());
    let version = release.to_string();
    let is_followed = |package: &Package| is_static(monorepo, package) && !completed.contains(&*package.path);
    follow(&mut draft, monorepo, locks, &|package| is_followed(package).then(|| version.clone()));
    let Edits { sites, files } = draft.finish(&|file, sites| verify(monorepo, Some(&version), file, sites))?;
    Ok(Plan { release, sites, files })
}

/// Returns `true` if the release completes the setuptools-scm configuration: minors, majors and their candidates do,
/// except in a monorepo with static versions.
fn completes_scm(monorepo: &Monorepo, release: Release) -> bool {
    monorepo.scheme == Scheme::Dynamic && release.patch == 0
}

/// Returns the fate of an existing site.
fn fate(monorepo: &Monorepo, release: Release, version: &Version, site: &Site<'_>) -> Result<Fate, Box<Problem>> {
    let Some(declared) = site.declared else { return Fate::version(site, &release.to_string()) };
    let role = if release.is_candidate() { Role::Candidate } else { Role::Release };
    let form = form_at(monorepo, role, site);
    if form == PinForm::Keep {
        admits(site, release, version)?;
        return Ok(Fate::Kept);
    }
    let requirement = readable(site, declared)?;
    if site.kind == SiteKind::SiblingPin && requirement.specifier().is_none() {
        return Ok(Fate::Kept);
    }
    let edit = reform(&site.text.value, requirement, form, version, Missing::Refuse)
        .map_err(|error| unpinnable(site, requirement, form, version, &error.to_string()))?;
    Fate::requirement(site, edit)
}

/// Checks that a range on a sibling that no policy keeps contains the release.
///
/// # Errors
/// If it does not.
fn admits(site: &Site<'_>, release: Release, version: &Version) -> Result<(), Box<Problem>> {
    let range = site.requirement().filter(|_| site.kind == SiteKind::SiblingPin).and_then(Requirement::specifier);
    if range.is_none_or(|range| range.contains(version)) {
        return Ok(());
    }
    let message = format!("`{}` excludes {release}, which `{}` is released as", site.text.value, site.subject);
    let help = format!("write a range that contains it, such as `>={release}`, or pin the sibling by `=={release}`");
    Err(site.problem(message, help, "written by hand, and no policy says how it moves"))
}

/// Returns the requirement of a site, or the problem if it does not follow PEP 508.
pub(super) fn readable<'a>(site: &Site<'_>, declared: &'a Declared) -> Result<&'a Requirement, Box<Problem>> {
    let unreadable = |error: &ParseError| site.problem(error, "write it as PEP 508 has it: `name==1.0`", error.problem);
    declared.requirement.as_ref().map_err(unreadable)
}

/// Returns the problem of a package that has no version.
fn versionless(monorepo: &Monorepo, release: Release, package: &Package) -> Option<Problem> {
    let manifest = monorepo.manifest(package).filter(|manifest| manifest.version_string().is_none())?;
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
}

/// Reads a new text like an original one, and compares it with the plan; without a version the existing one must stay.
///
/// # Errors
/// The first difference.
pub(super) fn verify(
    monorepo: &Monorepo,
    version: Option<&str>,
    file: &PlannedFile,
    planned: &[PlannedSite],
) -> Result<(), String> {
    // Of a lockfile only recorded versions change.
    let Some(before) = monorepo.manifests.get(&file.path) else { return Ok(()) };
    let after = before.again(file.new.clone()).map_err(|error| error.to_string())?;
    let version = version.map(str::to_owned).or_else(|| before.current_version());
    if monorepo.package_at(&file.path).is_some() && after.current_version() != version {
        return Err(format!("its version would not be {}", version.unwrap_or_default()));
    }
    let start = planned.partition_point(|site| site.path < file.path);
    let wanted = planned[start..]
        .iter()
        .take_while(|site| site.path == file.path)
        .filter(|site| matches!(site.kind, PlannedKind::ClientPin | PlannedKind::SiblingPin))
        .filter_map(|site| site.new.as_deref());
    let found = sites_of(monorepo, &file.path, &after);
    let found = found.iter().filter(|site| !site.is_version()).map(|site| site.text.value.as_str());
    if !wanted.eq(found) {
        return Err("its pins would not be those that were planned".to_owned());
    }
    let is_ours = |requirement: &Requirement| {
        let name = requirement.name.canonical();
        monorepo.client(&name).is_some() || monorepo.sibling(&name).is_some()
    };
    keeps_others(before, &after, &is_ours)
}

/// Checks that a manifest keeps its requirements, but for those of the build and those that are ours to change.
///
/// # Errors
/// If it does not.
pub(super) fn keeps_others(
    before: &Manifest,
    after: &Manifest,
    is_ours: &dyn Fn(&Requirement) -> bool,
) -> Result<(), String> {
    let others = |manifest: &Manifest| {
        let is_other = |declared: &&Declared| {
            declared.table != "build-system.requires" && !declared.requirement.as_ref().is_ok_and(is_ours)
        };
        let others = manifest.read.requirements.iter().filter(is_other);
        others.map(|declared| (declared.table.clone(), declared.text.value.clone())).collect::<Vec<_>>()
    };
    if others(before) == others(after) { Ok(()) } else { Err("other requirements would change".to_owned()) }
}

fn unpinnable(
    site: &Site<'_>,
    requirement: &Requirement,
    form: PinForm,
    version: &Version,
    reason: &str,
) -> Box<Problem> {
    let name = &requirement.name.text;
    let (message, label) = match requirement.constraint {
        Constraint::Any => (format!("the client `{name}` is required without a version"), "no specifier"),
        Constraint::Url(_) => (format!("the client `{name}` is required by URL"), "a URL cannot follow a release"),
        Constraint::Specifier(_) => (reason.to_owned(), "cannot be pinned"),
    };
    let help = format!(
        "write `{name}{}`, or keep it as it is with `pin = {{ release = \"keep\", candidate = \"keep\" }}` in release.toml",
        specifier(form, version)
    );
    site.problem(message, help, label)
}
