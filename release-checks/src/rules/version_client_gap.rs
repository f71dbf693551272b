//! A client's published versions leave out numbers.
//!
//! ## What it does
//!
//! With `--online`, goes through the finals that each registry has of every client that moves with the packages, in the order of
//! versions: within a line each is one patch above the last, and each new line one minor or major above the line before. The
//! first one may be any. A number that is tagged here is left to [tag-unpublished](tag-unpublished.md).
//!
//! ## Why is this bad?
//!
//! Clients are published with the packages and under the same number. One that skips was published by hand, or by a slip
//! (0.1.19 after 0.1.8), and a pin on the number that everybody expects finds nothing.
//!
//! ## Example
//!
//! The index has `meadow-client` 0.1.8 and 0.1.19.
//!
//! ## Use instead
//!
//! 0.1.8, then 0.1.9.
//!
//! ## Fix
//!
//! None: a published version cannot be taken back. Accept it by its tag.

use crate::diagnostic::{Finding, Report};
use crate::past::Past;
use crate::published::{self, registries_of};
use crate::rules::tag_gap::left_out;
use release_core::monorepo::PinForm;
use release_core::registry::Registry;
use release_core::version::Release;
use std::collections::BTreeSet;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let Some(_) = report.known(past.published) else { return };
    let moving = past.clients.iter().filter(|client| client.policy.release != PinForm::Keep);
    let tagged: BTreeSet<Release> = past.timeline.releases().iter().map(|tagged| tagged.release).collect();
    for (registry, name) in moving.flat_map(registries_of) {
        let Some((place, finals)) = finals(past, registry, &name, report) else { continue };
        for (last, release) in finals.iter().zip(finals.iter().skip(1)) {
            let Some((missing, _)) = left_out(*last, *release).filter(|(_, first)| !tagged.contains(first)) else {
                continue;
            };
            let message = format!("`{name}` {release} follows {last} on {place}, and leaves out {missing}");
            // It has a tag of its own where the packages skipped with it.
            let tag = past.config.tag.tag(*release);
            let reference = if tagged.contains(release) { tag } else { past.config.main.clone() };
            report.find(
                Finding::about(message, reference).help("if it was a slip, go on from it; accept it by its place"),
            );
        }
    }
}

/// Returns the registry's address, and the finals that it has of a package.
fn finals<'a>(
    past: &Past<'a>,
    registry: Registry,
    name: &str,
    report: &mut Report,
) -> Option<(&'a str, BTreeSet<Release>)> {
    let (place, versions): (_, Vec<String>) = match registry {
        Registry::Npm => {
            let (place, versions) = published::npm(past.published, name, report)?;
            (place, versions.keys().map(ToString::to_string).collect())
        }
        Registry::Pypi => {
            let (place, versions) = published::python(past.published, name, report)?;
            (place, versions.keys().map(ToString::to_string).collect())
        }
    };
    let finals = versions.iter().filter_map(|version| Release::parse(version).ok());
    Some((place, finals.filter(|release| !release.is_candidate()).collect()))
}
