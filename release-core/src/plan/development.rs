//! The edits on main after a release: the next development version in every package and, if configured, the lower
//! bounds of the clients.

use super::draft::{Draft, Fate};
use super::planned::{Edits, Plan};
use super::prepare::verify;
use crate::history::History;
use crate::manifest::requirement::Requirement;
use crate::monorepo::{Monorepo, Package, PinForm, Site, SiteKind, sites};
use crate::pins::policy::{Missing, reform};
use crate::problem::Problem;
use crate::text::TextEdit;
use crate::version::{Clause, Operator, Release, SpecifierSet, Version};

/// The effect of a release on main.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// It is the highest final of all lines, and main develops the next version.
    Leads {
        /// The next version, such as `0.4.6.dev0`.
        next: String,
    },
    /// Another final is higher: this release does not change main.
    Follows {
        /// The highest final.
        leader: Release,
    },
}

/// Returns the effect of a final on main, which follows only the highest one.
pub fn lead(history: &History, release: Release) -> Lead {
    match (history.next_development(release), history.highest_final()) {
        (None, Some(leader)) => Lead::Follows { leader },
        (next, _) => Lead::Leads { next: next.unwrap_or_else(|| format!("{}.dev0", release.next_patch())) },
    }
}

/// Returns the highest version of main's packages, with its spelling.
///
/// # Errors
/// A version that does not follow PEP 440, with its place.
pub fn highest(monorepo: &Monorepo) -> Result<Option<(Version, String)>, Vec<Problem>> {
    let mut highest: Option<(Version, String)> = None;
    let mut problems = Vec::new();
    for site in sites(monorepo).iter().filter(|site| site.is_version()) {
        match Version::parse(&site.text.value) {
            Ok(own) if highest.as_ref().is_none_or(|(highest, _)| *highest < own) => {
                highest = Some((own, site.text.value.clone()));
            }
            Ok(_) => {}
            Err(error) => {
                let help = "write a version of PEP 440, such as `0.4.6.dev0`: otherwise it is unknown whether main would go back";
                problems.push(*site.problem(error, help, "not a version"));
            }
        }
    }
    if problems.is_empty() { Ok(highest) } else { Err(problems) }
}

/// Plans main's edits after a release that leads: every package gets `next`, or main's version if that is higher,
/// because main never goes back. With `floors` each client's lower bound rises to the release.
///
/// # Errors
/// Every site that cannot be edited, with its place. There is no plan then.
pub fn develop(monorepo: &Monorepo, release: Release, next: &str, floors: bool) -> Result<Plan, Vec<Problem>> {
    if floors {
        monorepo.is_certain()?;
    }
    let highest = highest(monorepo)?;
    let is_lower = |highest: &Version| Version::parse(next).is_ok_and(|next| *highest < next);
    let target = match highest {
        Some((highest, text)) if !is_lower(&highest) => text,
        _ => next.to_owned(),
    };
    let mut draft = Draft::default();
    without_version(monorepo, next).into_iter().for_each(|problem| draft.refuse(problem));
    for site in sites(monorepo) {
        let fate = match site.kind {
            SiteKind::FallbackVersion | SiteKind::StaticVersion => Fate::version(&site, &target),
            SiteKind::ClientPin if floors => raised(monorepo, &site, release),
            SiteKind::ClientPin | SiteKind::SiblingPin => Ok(Fate::Kept),
        };
        draft.site(&site, fate);
    }
    let Edits { sites, files } = draft.finish(&|file, sites| verify(monorepo, Some(&target), file, sites))?;
    Ok(Plan { release, sites, files })
}

/// Returns a problem for each package without a version, if other packages have one.
fn without_version(monorepo: &Monorepo, next: &str) -> Vec<Problem> {
    let has_version =
        |package: &&Package| monorepo.manifest(package).is_some_and(|manifest| manifest.current_version().is_some());
    if !monorepo.packages.iter().any(|package| has_version(&package)) {
        // Only tags give builds their version, so main has no version to change.
        return Vec::new();
    }
    let problem = |package: &Package| {
        Problem::new(
            format!("{}: {} has no `fallback_version`, but other packages have one", package.path, package.name),
            format!("add `fallback_version = \"{next}\"` to `[tool.setuptools_scm]`"),
        )
    };
    monorepo.packages.iter().filter(|package| !has_version(package)).map(problem).collect()
}

/// Raises the lower bound of a client's pin to the release. A single clause gets the form of main's policy; of
/// several clauses only the version of the lower bound changes. A higher bound stays.
fn raised(monorepo: &Monorepo, site: &Site<'_>, release: Release) -> Result<Fate, Box<Problem>> {
    let policy = monorepo.client(&site.subject).map_or(PinForm::Keep, |client| client.policy.main);
    let Some(requirement) = site.requirement() else { return Ok(Fate::Kept) };
    let operator = match policy {
        PinForm::Operator(operator) => operator,
        PinForm::Bounded => Operator::GreaterEqual,
        PinForm::Unpinned | PinForm::Keep => return Ok(Fate::Kept),
    };
    let Some(specifier) = requirement.specifier() else { return Ok(Fate::Kept) };
    let target = Version::from(release);
    let is_bound = |clause: &&Clause| [operator, Operator::GreaterEqual].contains(&clause.operator);
    let bound = match &specifier.clauses[..] {
        [only] => Some(only),
        several => several.iter().find(is_bound),
    };
    let Some(lowest) = bound.and_then(Clause::version) else {
        return Err(unraisable(site, &format!("`{}` has no lower bound to raise", site.text.value)));
    };
    if lowest >= target {
        return Ok(Fate::AlreadyRight);
    }
    // A policy with an upper bound determines it; any other upper bound was written by a person and stays.
    let is_ours = policy == PinForm::Bounded || specifier.clauses.len() == 1;
    let edit = match bound.filter(|_| !is_ours) {
        Some(bound) => Some(TextEdit { span: bound.version_span.clone(), replacement: release.to_string() }),
        None => reform(&site.text.value, requirement, policy, &target, Missing::Refuse)
            .map_err(|error| unraisable(site, &error.to_string()))?,
    };
    let Some(edit) = edit else { return Ok(Fate::Kept) };
    let fate = Fate::requirement(site, Some(edit))?;
    if let Fate::Changed { new, .. } = &fate {
        let raised = Requirement::parse(new).ok();
        let admits = |set: &SpecifierSet| set.contains(&target);
        if !raised.as_ref().and_then(Requirement::specifier).is_some_and(admits) {
            return Err(unraisable(site, &format!("`{}` excludes {release} by another bound", site.text.value)));
        }
    }
    Ok(fate)
}

fn unraisable(site: &Site<'_>, message: &str) -> Box<Problem> {
    let help = "change the pin by hand, or leave it alone: `floors = false` in [main] of release.toml, or `pin = { main = \"keep\" }` of the client";
    site.problem(message, help, "the client's pin")
}
