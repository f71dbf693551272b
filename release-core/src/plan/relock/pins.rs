//! The pins of clients, which a lockfile has to obey.

use crate::manifest::requirement::Requirement;
use crate::monorepo::{Client, Monorepo, Site, SiteKind, sites};
use crate::problem::Problem;
use crate::version::{Operator, Release, SpecifierSet, Version};
use std::collections::HashMap;

/// A client, and its wanted version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The client's normalised name.
    pub client: String,
    /// Its version.
    pub version: Version,
}

impl Wanted {
    /// Returns a client at the version of a release.
    pub fn of(client: &Client, release: Release) -> Option<Self> {
        let version = Version::parse(&release.to_string()).ok()?;
        Some(Self { client: client.name.clone(), version })
    }
}

/// Returns the version of every client that lockfiles are brought to by themselves: the one that all of its pins name, else that of the
/// line's last final.
///
/// # Errors
/// If a client's pins name no single version and there is no final, or if they exclude that.
pub fn named(monorepo: &Monorepo, last: Option<Release>) -> Result<Vec<Wanted>, Vec<Problem>> {
    let pins = client_pins(monorepo);
    let mut wanted = Vec::new();
    let mut problems = Vec::new();
    for client in &monorepo.clients {
        let pinned = pins.get(&client.name).and_then(|pins| pinned(pins));
        let pinned = pinned.map(|version| Wanted { client: client.name.clone(), version });
        match pinned.or_else(|| Wanted::of(client, last?)) {
            Some(one) => wanted.push(one),
            None => problems.push(Problem::new(
                format!("the pins of `{}` do not name one version", client.name),
                format!("say which one is to be locked: `relock {}==X.Y.Z`", client.name),
            )),
        }
    }
    problems.extend(excluded(monorepo, &wanted));
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}

/// The one version that every pin of a client names with `==`.
fn pinned(pins: &[Site<'_>]) -> Option<Version> {
    let version = |site: &Site<'_>| {
        let requirement = site.declared?.requirement.as_ref().ok()?;
        let [clause] = &requirement.specifier()?.clauses[..] else { return None };
        clause.version().filter(|_| clause.operator == Operator::Equal)
    };
    let mut versions = pins.iter().map(version);
    let first = versions.next()??;
    versions.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// Returns the pins of all clients, by client: a monorepo may have as many clients as it has pins.
fn client_pins(monorepo: &Monorepo) -> HashMap<String, Vec<Site<'_>>> {
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
