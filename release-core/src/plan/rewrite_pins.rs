//! Changing the form of pins without a release: `release pins --policy`.

use super::draft::{Draft, Fate};
use super::planned::{Edits, Outcome, PlannedSite};
use super::prepare::{readable, verify};
use crate::manifest::requirement::{Constraint, Requirement, unpin};
use crate::monorepo::{Client, ClientConfig, Monorepo, PinForm, PinPolicy, Site, SiteKind, sites};
use crate::pins::policy::{Missing, reform};
use crate::pins::tree::{Role, form_of};
use crate::problem::Problem;
use crate::version::{Clause, Operand, Operator, Version};

/// The requested form and pins.
#[derive(Clone, Debug)]
pub struct Rewrite<'a> {
    /// The new form of the pins.
    pub form: PinForm,
    /// The client or sibling whose pins change, by its normalised name; `None` means every client whose pins the
    /// role's policy does not keep. Siblings are not included in that, because they have no policy of their own, and
    /// the next release would pin them again.
    pub client: Option<&'a str>,
    /// The new version of the pins; `None` means that each keeps its version.
    pub version: Option<&'a Version>,
    /// The role whose policy tells which pins are kept.
    pub role: Role,
}

/// Gives pins a form, and verifies in memory that nothing else changes.
///
/// # Errors
/// The doubts about the monorepo, or every pin that cannot get the form, with its place. There is no plan then.
pub fn rewrite_pins(monorepo: &Monorepo, request: &Rewrite<'_>) -> Result<Edits, Vec<Problem>> {
    monorepo.is_certain()?;
    let mut draft = Draft::default();
    for site in sites(monorepo).iter().filter(|site| site.declared.is_some()) {
        draft.site(site, fate(monorepo, site, request));
    }
    let mut edits = draft.finish(&|file, sites| verify(monorepo, None, file, sites))?;
    edits.sites.retain(|site| request.client.is_none_or(|client| client == site.subject));
    Ok(edits)
}

/// Returns the fate of a pin.
fn fate(monorepo: &Monorepo, site: &Site<'_>, request: &Rewrite<'_>) -> Result<Fate, Box<Problem>> {
    let is_named = request.client == Some(&site.subject);
    // uv's tables of constraints limit main's tests and are not requirements; the checks treat them the same way.
    let is_bound = request.role == Role::Main && site.table.starts_with("tool.uv.");
    let is_kept = form_of(monorepo, request.role, &site.subject) == PinForm::Keep;
    let is_free = site.kind == SiteKind::SiblingPin || is_kept;
    let is_meant = !is_bound && (is_named || request.client.is_none() && !is_free);
    let Some(declared) = site.declared.filter(|_| is_meant) else { return Ok(Fate::Kept) };
    let requirement = readable(site, declared)?;
    let value = &site.text.value;
    let edit = match request.version.or_else(|| named_version(requirement)) {
        Some(version) => reform(value, requirement, request.form, version, Missing::Add),
        // Removing a specifier needs no version.
        None if request.form == PinForm::Unpinned => unpin(value, requirement),
        None => return Err(versionless(site, requirement)),
    };
    let edit = edit.map_err(|error| unwritable(site, requirement, &error.to_string()))?;
    Fate::requirement(site, edit)
}

/// Returns the one version that a requirement names: in its only `==`, `~=` or `>=` clause. Upper bounds and
/// exclusions name none.
fn named_version(requirement: &Requirement) -> Option<&Version> {
    let clauses = requirement.specifier().map_or(&[][..], |specifier| &specifier.clauses);
    let mut named = clauses.iter().filter_map(|clause: &Clause| match (&clause.operator, &clause.operand) {
        (Operator::Equal | Operator::Compatible | Operator::GreaterEqual, Operand::Version(version)) => Some(version),
        _ => None,
    });
    named.next().filter(|_| named.next().is_none())
}

fn versionless(site: &Site<'_>, requirement: &Requirement) -> Box<Problem> {
    let (message, label) = match requirement.constraint {
        Constraint::Any => ("is required without a version", "no specifier"),
        Constraint::Url(_) => ("is required by URL", "a URL names no version"),
        Constraint::Specifier(_) => ("is not required at one version", "which version it names is not clear"),
    };
    let help = match requirement.constraint {
        Constraint::Url(_) => "remove the URL, or name the others alone with `--client`",
        _ => "give the version: `--version X.Y.Z`",
    };
    site.problem(format!("`{}` {message}", requirement.name.text), help, label)
}

fn unwritable(site: &Site<'_>, requirement: &Requirement, reason: &str) -> Box<Problem> {
    match requirement.constraint {
        Constraint::Url(_) => versionless(site, requirement),
        _ => site.problem(reason, "give another version: `--version X.Y.Z`", "cannot be written like that"),
    }
}

/// Returns the clients for release.toml with which the form of the selected pins stays, or `None` if they are already
/// like that.
///
/// If release.toml names no clients, all of them are listed, because naming one ends their discovery.
pub fn lasting(
    monorepo: &Monorepo,
    configured: &[ClientConfig],
    request: &Rewrite<'_>,
    touched: &[PlannedSite],
) -> Vec<Client> {
    let is_meant = |client: &Client| {
        touched.iter().any(|site| site.subject == client.name && site.outcome != Outcome::Kept)
            && form_of(monorepo, request.role, &client.name) != request.form
    };
    if !monorepo.clients.iter().any(is_meant) {
        return Vec::new();
    }
    let with_form = |policy: PinPolicy| match request.role {
        Role::Release => PinPolicy { release: request.form, ..policy },
        Role::Candidate => PinPolicy { candidate: request.form, ..policy },
        Role::Main => PinPolicy { main: request.form, ..policy },
    };
    let listed = monorepo.clients.iter().filter(|client| configured.is_empty() || is_meant(client));
    let lasting = |client: &Client| match is_meant(client) {
        true => Client { policy: with_form(client.policy), ..client.clone() },
        false => client.clone(),
    };
    listed.map(lasting).collect()
}
