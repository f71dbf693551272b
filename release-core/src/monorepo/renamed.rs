//! Clients that were renamed since the last finals: known from what these pinned to their own version.

use super::discovery::Monorepo;
use super::manifest::Manifest;
use super::on_npm::npm_version;
use super::ours::Ours;
use super::snapshot::Snapshot;
use crate::history::History;
use crate::manifest::pyproject::Declared;
use crate::manifest::requirement::{Requirement, canonical_name};
use crate::problem::Problem;
use crate::text::Span;
use crate::version::{Operand, Operator, Release, Version};
use camino::Utf8Path;
use std::collections::BTreeSet;

/// A final, and the names that its manifests required.
#[derive(Clone, Debug)]
pub struct PastPins {
    release: Release,
    /// All of them, and those pinned to the version of the final.
    required: BTreeSet<String>,
    pinned: BTreeSet<String>,
}

impl PastPins {
    /// Reads the tree of a final. Manifests that cannot be read pin nothing.
    pub fn of(release: Release, snapshot: Snapshot) -> Self {
        let Snapshot { texts, mut read, .. } = snapshot;
        let manifests: Vec<Manifest> = texts
            .into_iter()
            .filter_map(|(path, text)| match path.file_name() {
                Some("package.json") => None,
                Some("pyproject.toml") => read.remove(&path).or_else(|| Manifest::parse(text).ok()),
                _ => Some(Manifest::of_list(text, String::new())),
            })
            .collect();
        let own: BTreeSet<String> =
            manifests.iter().filter_map(|manifest| manifest.read.name()).map(canonical_name).collect();
        let foreign = || {
            let all = manifests.iter().flat_map(|manifest| &manifest.read.requirements);
            all.filter(|declared| !own.contains(&declared.name()))
        };
        let is_pinned =
            |declared: &&Declared| versions(declared).any(|version| version.to_string() == release.to_string());
        Self {
            release,
            required: foreign().map(Declared::name).collect(),
            pinned: foreign().filter(is_pinned).map(Declared::name).collect(),
        }
    }
}

/// Returns the versions that a requirement begins with or is fixed to.
fn versions(declared: &Declared) -> impl Iterator<Item = &Version> {
    let specifier = declared.requirement.as_ref().ok().and_then(Requirement::specifier);
    specifier.map_or(&[][..], |set| &set.clauses).iter().filter_map(|clause| {
        match (&clause.operator, &clause.operand) {
            (Operator::Equal | Operator::Compatible | Operator::GreaterEqual, Operand::Version(version)) => {
                Some(version)
            }
            _ => None,
        }
    })
}

/// A requirement on a package that is neither a client nor a package of the monorepo.
struct Other<'a> {
    path: &'a Utf8Path,
    name: String,
    span: &'a Span,
    asked: Asked<'a>,
}

/// The place of a requirement's versions, which are read only if they matter.
enum Asked<'a> {
    Pin(&'a Declared),
    Range(&'a str),
}

impl Asked<'_> {
    fn is_ours(&self, ours: &Ours<'_>) -> bool {
        match self {
            Self::Pin(declared) => versions(declared).any(|version| ours.has(version)),
            Self::Range(range) => npm_version(range).is_some_and(|version| ours.has(&version)),
        }
    }
}

impl Monorepo {
    /// Returns `true` if something may still ask for a client under an old name: what is called a client and is none, or
    /// has a version of this monorepo. Only then the last finals need to be read.
    pub fn may_ask_for_an_old_client(&self, history: &History) -> bool {
        let ours = Ours::new(history, std::iter::empty());
        let is_suspect = |other: &Other<'_>| other.name.contains("client") || other.asked.is_ours(&ours);
        !self.clients.is_empty() && self.others().iter().any(is_suspect)
    }

    /// Returns a problem for each client of a final that is none any more, while another one has come since and something
    /// still asks for the old one.
    pub fn renamed(&self, past: &[PastPins]) -> Vec<Problem> {
        let (others, mut seen, mut problems) = (self.others(), BTreeSet::new(), Vec::new());
        for PastPins { release, required, pinned } in past {
            let new: Vec<String> = self
                .clients
                .iter()
                .map(|client| &client.name)
                .filter(|name| !required.contains(*name))
                .map(|name| format!("`{name}`"))
                .collect();
            for old in pinned.iter().filter(|old| !new.is_empty() && seen.insert((*old).clone())) {
                let asking: Vec<&Other<'_>> = others.iter().filter(|other| other.name == *old).collect();
                let Some(first) = asking.first() else { continue };
                let problem = Problem::new(
                    format!(
                        "{} still asks for `{old}`, which was the client of {release}; now the client is {}",
                        first.path,
                        new.join(", ")
                    ),
                    "replace what is left of the old name, in the code too; if both are clients, name each in release.toml (`[[client]]`, `name = \"...\"`)",
                );
                problems.push(
                    asking
                        .iter()
                        .fold(problem, |problem, other| problem.at(other.path, other.span.clone(), "the old name")),
                );
            }
        }
        problems
    }

    fn others(&self) -> Vec<Other<'_>> {
        let pins = self.manifests.iter().flat_map(|(path, manifest)| {
            manifest.read.requirements.iter().map(move |declared| Other {
                path,
                name: declared.name(),
                span: &declared.text.span,
                asked: Asked::Pin(declared),
            })
        });
        let ranges = self.package_jsons.iter().flat_map(|(path, package)| {
            package.dependencies.iter().map(move |dependency| Other {
                path,
                name: canonical_name(&dependency.name),
                span: &dependency.span,
                asked: Asked::Range(&dependency.range),
            })
        });
        let is_other = |other: &Other<'_>| self.client(&other.name).is_none() && self.sibling(&other.name).is_none();
        pins.chain(ranges).filter(is_other).collect()
    }
}
