//! The pins of a tree, and the packages that its release publishes.

use super::policy::{Missing, follows, is_bounded, is_range, reform};
use super::simulate::{Before, Install, Publication, Versions, Want, World};
use crate::history::History;
use crate::manifest::pyproject::Declared;
use crate::manifest::requirement::{Name, Requirement, canonical_name};
use crate::monorepo::{Artifact, Monorepo, PinForm, Site, sites};
use crate::registry::Registry;
use crate::text::splice;
use crate::version::npm::Spec;
use crate::version::{Operator, Release, Version};
use std::collections::{BTreeMap, BTreeSet};

/// The branch whose policy is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The branch of a line, for finals.
    Release,
    /// The branch of a line, for candidates.
    Candidate,
    /// The development branch.
    Main,
}

/// A pin of a tree, and its form under the policy.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The site of the pin.
    pub site: Site<'a>,
    /// The form that the policy asks for.
    pub form: PinForm,
    /// `true` if the pin has that form.
    pub follows: bool,
}

/// Returns the form of a client's or sibling's pin on a branch.
pub fn form_of(monorepo: &Monorepo, role: Role, subject: &str) -> PinForm {
    let policy = monorepo.client(subject).map(|client| client.policy).unwrap_or_default();
    match role {
        Role::Release => policy.release,
        Role::Candidate => policy.candidate,
        Role::Main => policy.main,
    }
}

/// Returns the form of a pin on a branch. A range on a sibling, for which there is no policy, keeps its form: `~=` and
/// `>=,<` move, any other stays as it is.
pub fn form_at(monorepo: &Monorepo, role: Role, site: &Site<'_>) -> PinForm {
    let form = form_of(monorepo, role, &site.subject);
    let range =
        site.requirement().filter(|_| monorepo.client(&site.subject).is_none()).and_then(Requirement::specifier);
    match range.filter(|range| role != Role::Main && is_range(&range.clauses)) {
        Some(range) if is_bounded(&range.clauses) && range.clauses.len() == 2 => PinForm::Bounded,
        Some(range) if follows(COMPATIBLE, Some(range)) => COMPATIBLE,
        Some(_) => PinForm::Keep,
        None => form,
    }
}

const COMPATIBLE: PinForm = PinForm::Operator(Operator::Compatible);

/// Returns every requirement on a client or sibling, by file and place. A sibling without a specifier always
/// follows the policy.
pub fn listed(monorepo: &Monorepo, role: Role) -> Vec<Listed<'_>> {
    let pin = |site: Site<'_>| -> Option<(bool, PinForm)> {
        let requirement = site.declared?.requirement.as_ref().ok();
        let form = form_at(monorepo, role, &site);
        let is_free = monorepo.client(&site.subject).is_none() && requirement.is_some_and(|one| !one.is_constrained());
        Some((is_free || requirement.is_some_and(|one| follows(form, one.specifier())), form))
    };
    let all = sites(monorepo).into_iter();
    all.filter_map(|site| pin(site.clone()).map(|(follows, form)| Listed { site, form, follows })).collect()
}

/// The pins of a tree at the time its release is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// The pins do not change.
    AsTheyAre,
    /// The pins are prepared under the policy of a branch.
    By(Role),
    /// All pins get one form.
    As(PinForm),
}

/// Returns the versions published before a release, on the assumption that every tag is published: each package and
/// each client, on every registry.
pub fn tagged(monorepo: &Monorepo, release: Release, history: &History) -> Before {
    let earlier: Vec<Release> = history.releases().filter(|other| *other != release).collect();
    let python: Vec<Version> = earlier.iter().filter_map(|other| Version::parse(&other.to_string()).ok()).collect();
    let npm: Vec<semver::Version> = earlier.iter().map(|other| other.npm()).collect();
    let names = monorepo.packages.iter().map(|package| &package.canonical);
    let names = names.chain(monorepo.clients.iter().map(|client| &client.name));
    let wanted = uis(monorepo).into_values().flatten().map(|want| want.name);
    Before {
        python: names.map(|name| (name.clone(), python.clone())).collect(),
        npm: wanted.map(|name| (name, npm.clone())).collect(),
    }
}

/// Returns the packages that a release publishes, in the order of the artifacts, and those that the tree itself
/// installs. The requirements of clients are unknown here and count as met.
pub fn world(
    monorepo: &Monorepo,
    artifacts: &[Artifact],
    release: Release,
    before: Before,
    pinned: Pinned,
) -> Option<World> {
    let version = Version::parse(&release.to_string()).ok()?;
    let publication = |artifact: &Artifact| {
        let name = canonical_name(&artifact.name);
        let is_python = artifact.kind == Registry::Pypi.into();
        let installs = if is_python { installs(monorepo, &name, &version, pinned) } else { Vec::new() };
        let name = if is_python { name } else { artifact.name.clone() };
        Publication { name, kind: artifact.kind, version: version.clone(), is_out: false, installs }
    };
    let ui = |(folder, wants): (String, Vec<Want>)| Publication {
        name: folder,
        kind: Registry::Npm.into(),
        version: version.clone(),
        is_out: true,
        installs: vec![Install { extra: None, wants }],
    };
    let publications = artifacts.iter().map(publication).chain(uis(monorepo).into_iter().map(ui)).collect();
    Some(World { before, publications })
}

/// Returns the requirements of each UI's `package.json` on first-party packages, by its folder. Preparing a release
/// does not change them.
fn uis(monorepo: &Monorepo) -> BTreeMap<String, Vec<Want>> {
    let mut folders: BTreeMap<String, Vec<Want>> = BTreeMap::new();
    for ui in &monorepo.uis {
        let Some(package) = monorepo.package_jsons.get(&ui.path.join("package.json")) else { continue };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.name == ui.key) {
            let spec = Spec::parse(&dependency.range);
            let name = spec.package(&dependency.name).to_owned();
            let versions = Versions::Npm(dependency.range.clone(), spec.range().cloned());
            let folder = if ui.path.as_str().is_empty() { "." } else { ui.path.as_str() };
            folders.entry(folder.to_owned()).or_default().push(Want { name, extras: Vec::new(), versions });
        }
    }
    folders
}

/// Returns the ways to install a package: alone, and with each extra that has first-party requirements.
fn installs(monorepo: &Monorepo, name: &str, version: &Version, pinned: Pinned) -> Vec<Install> {
    let mut extras: BTreeMap<String, Vec<Want>> = BTreeMap::new();
    let mut alone = Vec::new();
    let path = monorepo.sibling(name).map(|package| &package.path);
    for site in sites(monorepo).into_iter().filter(|site| Some(site.path) == path.map(camino::Utf8PathBuf::as_path)) {
        let Some(want) = site.declared.and_then(|declared| want(monorepo, &site, declared, version, pinned)) else {
            continue;
        };
        match site.table.strip_prefix("project.optional-dependencies.") {
            Some(extra) => extras.entry(canonical_name(extra)).or_default().push(want),
            None if site.table == "project.dependencies" => alone.push(want),
            // Groups and tables of tools are not published.
            None => {}
        }
    }
    let extras = extras.into_iter().map(|(extra, wants)| Install { extra: Some(extra), wants });
    [Install { extra: None, wants: alone }].into_iter().chain(extras).collect()
}

/// Returns the requirement of a pin after pinning, or `None` if the pin cannot be read.
fn want(monorepo: &Monorepo, site: &Site<'_>, declared: &Declared, version: &Version, pinned: Pinned) -> Option<Want> {
    let requirement = declared.requirement.as_ref().ok()?;
    let form = match pinned {
        Pinned::AsTheyAre => PinForm::Keep,
        Pinned::By(role) => form_at(monorepo, role, site),
        Pinned::As(form) => form,
    };
    // A requirement that cannot get the form stays, as it does when a release is prepared.
    let edit = reform(&site.text.value, requirement, form, version, Missing::Refuse).ok().flatten();
    let text = edit.and_then(|edit| splice(&site.text.value, &[edit]).ok());
    let read = text.map_or_else(|| Some(requirement.clone()), |text| Requirement::parse(&text).ok())?;
    let extras: BTreeSet<String> = read.extras.iter().map(Name::canonical).collect();
    Some(Want {
        name: read.name.canonical(),
        extras: extras.into_iter().collect(),
        versions: Versions::Python(read.constraint),
    })
}
