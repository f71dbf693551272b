//! The pins of clients, which a lockfile has to obey.

use crate::manifest::requirement::Requirement;
use crate::monorepo::{Monorepo, Site, SiteKind, sites};
use crate::problem::Problem;
use crate::version::{SpecifierSet, Version};
use std::collections::HashMap;

/// A client, and its wanted version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The client's normalised name.
    pub client: String,
    /// Its version.
    pub version: Version,
}

/// Returns the pins of all clients, by client: a monorepo may have as many clients as it has pins.
pub fn client_pins(monorepo: &Monorepo) -> HashMap<String, Vec<Site<'_>>> {
    let mut pins: HashMap<String, Vec<Site<'_>>> = HashMap::new();
    for site in sites(monorepo).into_iter().filter(|site| site.kind == SiteKind::ClientPin) {
        pins.entry(site.subject.clone()).or_default().push(site);
    }
    pins
}

fn excluded_by(pins: &[Site<'_>], version: &Version) -> Option<Problem> {
    let excludes = |specifier: &SpecifierSet| !specifier.contains(version);
    let excludes = |site: &&Site<'_>| site.requirement().and_then(Requirement::specifier).is_some_and(excludes);
    let mut excluding = pins.iter().filter(excludes);
    let first = excluding.next()?;
    let message = format!("`{}` excludes {version}", first.text.value);
    let help = format!("prepare {version} on this branch first, or check which version its lockfiles should have");
    let label = "asks for another version";
    let problem = *first.problem(message, help, label);
    Some(excluding.fold(problem, |problem, site| problem.at(site.path, site.span(), label)))
}

/// Returns a problem for each client whose pins exclude its wanted version.
pub fn excluded(monorepo: &Monorepo, wanted: &[Wanted]) -> Vec<Problem> {
    let pins = client_pins(monorepo);
    let pins = |client: &str| pins.get(client).map_or(&[][..], Vec::as_slice);
    wanted.iter().filter_map(|wanted| excluded_by(pins(&wanted.client), &wanted.version)).collect()
}
