//! What must change before a release is tagged: versions to the release's, pins of clients to the branch's policy.

use super::scm_config;
use super::{Outcome, Plan, PlannedFile, PlannedKind, PlannedSite};
use crate::lockfile::uv_lock;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirement::{Constraint, Requirement};
use crate::monorepo::{Manifest, Monorepo, PinForm, PinPolicy, Scheme, Site, SiteKind, sites, sites_of};
use crate::pins::policy::{Missing, reform, specifier};
use crate::problem::Problem;
use crate::text::{SourceText, TextEdit, splice};
use crate::version::{Release, Version};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// The `uv.lock` files of the tree, by path.
pub type Locks = BTreeMap<Utf8PathBuf, SourceText>;

/// Whether the plan has to see the `uv.lock` files: when a package stops being static.
pub fn needs_locks(monorepo: &Monorepo, release: Release) -> bool {
    completes_scm(monorepo, release)
        && monorepo.packages.iter().any(|package| monorepo.manifest(package).is_some_and(has_static_version))
}

/// Plans the edits of a release, and proves in memory that they lead where they must.
///
/// # Errors
/// What makes the monorepo doubtful, or every site that cannot be brought to the release's version, with its place. Nothing is planned then.
pub fn prepare(monorepo: &Monorepo, release: Release, locks: &Locks) -> Result<Plan, Vec<Problem>> {
    if !monorepo.doubts.is_empty() {
        return Err(monorepo.doubts.clone());
    }
    let mut draft = Draft {
        monorepo,
        release,
        version: version(release),
        edits: BTreeMap::new(),
        sites: Vec::new(),
        problems: Vec::new(),
    };
    let completed = if completes_scm(monorepo, release) { draft.complete_scm() } else { BTreeSet::new() };
    for site in sites(monorepo) {
        let replaced = site.kind == SiteKind::StaticVersion && completed.contains(site.path);
        if !replaced {
            draft.site(&site);
        }
    }
    draft.demand_versions(&completed);
    draft.unlock(&completed, locks);
    let Draft { edits, mut sites, mut problems, .. } = draft;
    if !problems.is_empty() {
        return Err(problems);
    }
    sites.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    let mut files = Vec::new();
    for (path, edits) in edits {
        let Some(old) = monorepo.manifests.get(&path).map(|manifest| &manifest.source).or_else(|| locks.get(&path))
        else {
            continue;
        };
        match splice(old.as_str(), &edits) {
            Ok(new) => files.push(PlannedFile { path, old: old.clone(), new: SourceText::new(new) }),
            Err(error) => problems.push(unsound(&path, &error.to_string())),
        }
    }
    problems.extend(verify(monorepo, Some(&release.to_string()), &files, &sites));
    if problems.is_empty() { Ok(Plan { release, sites, files }) } else { Err(problems) }
}

/// A minor, a major and their candidates bring the setuptools-scm configuration with them; a monorepo of the older scheme
/// stays as it is.
fn completes_scm(monorepo: &Monorepo, release: Release) -> bool {
    monorepo.scheme == Scheme::Dynamic && release.patch == 0
}

fn has_static_version(manifest: &Manifest) -> bool {
    manifest.read.project.as_ref().is_some_and(|project| project.version.is_some())
}

pub(super) fn version(release: Release) -> Version {
    let version = Version::new(release.major, release.minor, release.patch);
    match release.candidate {
        Some(number) => version.with_pre(crate::version::PreKind::Candidate, number),
        None => version,
    }
}

fn form(policy: PinPolicy, release: Release) -> PinForm {
    if release.is_candidate() { policy.candidate } else { policy.release }
}

struct Draft<'a> {
    monorepo: &'a Monorepo,
    release: Release,
    version: Version,
    edits: BTreeMap<Utf8PathBuf, Vec<TextEdit>>,
    sites: Vec<PlannedSite>,
    problems: Vec<Problem>,
}

impl Draft<'_> {
    /// Plans one site that is there.
    fn site(&mut self, site: &Site<'_>) {
        let Some(manifest) = self.monorepo.manifests.get(site.path) else { return };
        let source = &manifest.source;
        let (outcome, new) = match self.wanted(site, source) {
            Ok((outcome, new, edit)) => {
                if let Some(edit) = edit {
                    self.edits.entry(site.path.to_owned()).or_default().push(edit);
                }
                (outcome, new)
            }
            Err(problem) => {
                self.problems.push(*problem);
                return;
            }
        };
        self.sites.push(PlannedSite {
            path: site.path.to_owned(),
            kind: site.kind.into(),
            subject: site.subject.clone(),
            table: site.table.clone(),
            span: site.span(),
            location: source.location(site.text.span.start),
            old: Some(site.text.value.clone()),
            new: Some(new),
            outcome,
        });
    }

    /// What becomes of a site: its outcome, its value afterwards, and the edit that leads there.
    fn wanted(
        &self,
        site: &Site<'_>,
        source: &SourceText,
    ) -> Result<(Outcome, String, Option<TextEdit>), Box<Problem>> {
        let value = &site.text.value;
        let Some(declared) = site.declared else {
            let target = self.release.to_string();
            if *value == target {
                return Ok((Outcome::AlreadyRight, target, None));
            }
            let span = site.text.content_span(source).ok_or_else(|| spelled_oddly(site))?;
            return Ok((Outcome::Changed, target.clone(), Some(TextEdit { span, replacement: target })));
        };
        let policy = self.monorepo.client(&site.subject).map(|client| client.policy).unwrap_or_default();
        let form = form(policy, self.release);
        if form == PinForm::Keep {
            return Ok((Outcome::Kept, value.clone(), None));
        }
        let requirement = declared.requirement.as_ref().map_err(|error| {
            Box::new(Problem::new(format!("{}: {error}", site.path), "write it as PEP 508 has it: `name==1.0`").at(
                site.path,
                site.span(),
                error.problem,
            ))
        })?;
        if site.kind == SiteKind::SiblingPin && requirement.specifier().is_none() {
            return Ok((Outcome::Kept, value.clone(), None));
        }
        let edit = reform(value, requirement, form, &self.version, Missing::Refuse)
            .map_err(|error| Box::new(unpinnable(site, requirement, form, &self.version, &error.to_string())))?;
        let Some(edit) = edit else { return Ok((Outcome::AlreadyRight, value.clone(), None)) };
        let new = splice(value, std::slice::from_ref(&edit)).map_err(|_| spelled_oddly(site))?;
        let span = site.text.source_span(source, edit.span).ok_or_else(|| spelled_oddly(site))?;
        Ok((Outcome::Changed, new, Some(TextEdit { span, replacement: edit.replacement })))
    }

    /// Adds what packages lack of the setuptools-scm configuration. Answers with the manifests whose version was made
    /// dynamic or was added.
    fn complete_scm(&mut self) -> BTreeSet<Utf8PathBuf> {
        let (requirement, version) = (scm_config::requirement(self.monorepo), self.release.to_string());
        let mut completed = BTreeSet::new();
        for package in &self.monorepo.packages {
            let Some(manifest) = self.monorepo.manifest(package) else { continue };
            match scm_config::complete(package, manifest, &version, &requirement) {
                Ok(additions) => {
                    if has_static_version(manifest) || additions.iter().any(|addition| addition.is_fallback) {
                        completed.insert(package.path.clone());
                    }
                    for addition in additions {
                        self.edits.entry(package.path.clone()).or_default().extend(addition.edits);
                        self.sites.push(addition.site);
                    }
                }
                Err(problem) => {
                    // One problem is enough for a package.
                    completed.insert(package.path.clone());
                    self.problems.push(problem);
                }
            }
        }
        completed
    }

    /// Every package must have come by a version.
    fn demand_versions(&mut self, completed: &BTreeSet<Utf8PathBuf>) {
        for package in &self.monorepo.packages {
            let Some(manifest) = self.monorepo.manifest(package) else { continue };
            if manifest.current_version().is_some() || completed.contains(&package.path) {
                continue;
            }
            let problem = Problem::new(
                format!("{}: {} has no `fallback_version`", package.path, package.name),
                format!(
                    "add `fallback_version = \"{}\"` to `[tool.setuptools_scm]`; if it is not released with the others, name those that are in release.toml (`[[package]]`)",
                    self.release
                ),
            );
            let scm = manifest.read.scm.as_ref().map(|scm| scm.span.clone());
            let name = manifest.read.project.as_ref().and_then(|project| Some(project.name.as_ref()?.span.clone()));
            self.problems.push(match scm.or(name) {
                Some(span) => problem.at(&package.path, span, "the package"),
                None => problem,
            });
        }
    }

    /// A package that stops being static also loses its version in the lockfiles.
    fn unlock(&mut self, completed: &BTreeSet<Utf8PathBuf>, locks: &Locks) {
        let packages = self.monorepo.packages.iter().filter(|package| completed.contains(&package.path));
        let names: Vec<&str> = packages.map(|package| package.canonical.as_str()).collect();
        for (path, source) in locks {
            let edits = match uv_lock::without_versions(source, &names) {
                Ok(edits) => edits,
                Err(error) => {
                    let problem = Problem::new(format!("{path} is not TOML"), "write it anew with `uv lock`");
                    self.problems.push(problem.at(path, error.span, error.message));
                    continue;
                }
            };
            for edit in edits {
                self.sites.push(PlannedSite {
                    path: path.clone(),
                    kind: PlannedKind::LockedVersion,
                    subject: names.join(", "),
                    table: "package".to_owned(),
                    location: source.location(edit.span.start),
                    old: Some(source.as_str()[edit.span.clone()].trim().to_owned()),
                    new: None,
                    span: edit.span.clone(),
                    outcome: Outcome::Changed,
                });
                self.edits.entry(path.clone()).or_default().push(edit);
            }
        }
    }
}

/// Reads each new text as if it was found like that, and compares with what was wanted; without a version the one that is
/// there must stay. The edits are right by construction; this is for the day they are not.
pub(super) fn verify(
    monorepo: &Monorepo,
    version: Option<&str>,
    files: &[PlannedFile],
    planned: &[PlannedSite],
) -> Vec<Problem> {
    files.iter().filter_map(|file| Some(unsound(&file.path, &misses(monorepo, version, file, planned)?))).collect()
}

/// What a new manifest misses of what was planned.
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

/// The requirements of a manifest that are nobody's concern here: neither pins nor the build's.
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

pub(super) fn unsound(path: &Utf8Path, reason: &str) -> Problem {
    Problem::new(
        format!("{path}: the planned edit does not hold: {reason}"),
        "nothing was written; this is a defect of this tool: report it with the file",
    )
}

pub(super) fn spelled_oddly(site: &Site<'_>) -> Box<Problem> {
    Box::new(
        Problem::new(
            format!("{}: `{}` cannot be edited in place", site.path, site.text.value),
            "write it as a plain string",
        )
        .at(site.path, site.span(), "spelled with escapes that the version is part of"),
    )
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
