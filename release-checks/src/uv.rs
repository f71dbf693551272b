//! The parts that rules about `uv.lock` share: the lockfiles with their manifests, and words for both.

use crate::context::{Context, UvProject};
use crate::diagnostic::Finding;
use crate::relock::{brings, relock_or};
use camino::Utf8Path;
use release_core::lockfile::uv_lock::compare;
use release_core::lockfile::uv_lock::relock::KNOWN_VERSION;
use release_core::lockfile::uv_lock::{LockedPackage, Manifests, SourceKind, UvLock};
use release_core::manifest::TomlString;
use release_core::manifest::pyproject::Declared;
use release_core::manifest::requirement::Constraint;
use release_core::registry::Registry;
use release_core::text::Span;
use release_core::version::{Clause, Release};
use std::collections::BTreeMap;

pub(crate) use compare::{Local, scope};

/// The number of places of one kind that a finding shows.
pub(crate) const SHOWN: usize = 3;

/// The lockfiles that can be read, in the format that is known.
pub(crate) fn locks(context: &Context) -> impl Iterator<Item = (&UvProject, &UvLock)> {
    let read = context.uv.iter().filter_map(|project| Some((project, project.lock.as_ref().ok()?)));
    read.filter(|(_, lock)| lock.version.is_none_or(|version| version == KNOWN_VERSION))
}

/// The packages of a lockfile that are from an index and have a version: both, and the index's address.
pub(crate) fn indexed(lock: &UvLock) -> impl Iterator<Item = (&LockedPackage, &TomlString, &TomlString)> {
    lock.packages.iter().filter_map(|package| {
        let source = package.source.as_ref().filter(|source| source.kind == SourceKind::Registry)?;
        Some((package, package.version.as_ref()?, &source.location))
    })
}

/// The packages of a lockfile that are built from the tree and whose manifest was read.
pub(crate) fn locals<'a>(context: &'a Context, project: &'a UvProject) -> Vec<Local<'a>> {
    let workspace = project.workspace(&context.monorepo, Manifests::new());
    workspace.map(|workspace| workspace.locals).unwrap_or_default()
}

/// Tells if a name is that of a client in a manifest that the release owns: others have no clients.
pub(crate) fn is_client(context: &Context, manifest: &Utf8Path, name: &str) -> bool {
    context.monorepo.manifests.contains_key(manifest) && context.monorepo.client(name).is_some()
}

/// Tells if one of the pins names a release that is on its way from here and whose client is not published yet.
pub(crate) fn is_in_flight(context: &Context, pins: &[&Declared]) -> bool {
    pins.iter().any(|pin| {
        let specifier = pin.requirement.as_ref().ok().and_then(|requirement| requirement.specifier());
        let versions = specifier.into_iter().flat_map(|specifier| &specifier.clauses).filter_map(Clause::version);
        let mut releases = versions.filter_map(|version| Release::parse(&version.to_string()).ok());
        releases.any(|release| context.is_in_flight(Registry::Pypi, &pin.name(), release))
    })
}

/// Returns what a requirement accepts, in words.
fn wanted(declared: &Declared) -> String {
    match declared.requirement.as_ref().map(|requirement| &requirement.constraint) {
        Ok(Constraint::Specifier(specifier)) => format!("`{specifier}`"),
        Ok(Constraint::Any) => "any version".to_owned(),
        _ => format!("`{}`", declared.text.value),
    }
}

/// Requirements that a lockfile does not follow.
#[derive(Default)]
pub(crate) struct Deviation<'a> {
    /// The canonical name of the package.
    pub(crate) name: String,
    /// The places in the lockfile, each with what stands there.
    pub(crate) places: Vec<(Span, String)>,
    /// The requirements in the manifest.
    pub(crate) pins: Vec<&'a Declared>,
    /// Tells if both sides have the same versions, so that all of a requirement is to be shown.
    pub(crate) in_full: bool,
}

impl Deviation<'_> {
    /// Returns what the manifest asks for, in words.
    fn asked(&self) -> String {
        let shown = |pin: &&Declared| if self.in_full { format!("`{}`", pin.text.value.trim()) } else { wanted(pin) };
        let first = if self.in_full { self.pins.len() } else { 1 };
        let all: Vec<String> = self.pins.iter().take(first).map(shown).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(" and ") }
    }
}

/// A lockfile and a manifest that it is compared with.
#[derive(Clone, Debug)]
pub(crate) struct Sides<'a> {
    /// The lockfile.
    pub(crate) lock: &'a Utf8Path,
    /// The manifest.
    pub(crate) manifest: &'a Utf8Path,
    /// The place in the lockfile for what it does not record.
    pub(crate) entry: Span,
}

/// The words of a rule about deviations.
pub(crate) struct Words<'a> {
    /// Says what the lockfile has in place of what is asked for.
    pub(crate) one: &'a dyn Fn(&Deviation<'_>) -> String,
    /// Says what it has of several packages, with their names.
    pub(crate) several: &'a dyn Fn(usize, &str) -> String,
    /// The other way out for a client.
    pub(crate) or: &'a str,
}

/// Returns a finding for each client whose requirements a lockfile does not follow, and one for all other packages.
pub(crate) fn deviating(
    context: &Context,
    sides: &Sides<'_>,
    all: Vec<Deviation<'_>>,
    words: &Words<'_>,
) -> Vec<Finding> {
    let Sides { lock: path, manifest, .. } = sides;
    let (clients, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| is_client(context, manifest, &one.name));
    let mut by_name: BTreeMap<String, Deviation<'_>> = BTreeMap::new();
    for client in clients {
        let known = by_name.entry(client.name.clone()).or_default();
        known.name = client.name;
        known.places.extend(client.places);
        known.pins.extend(client.pins);
        known.in_full |= client.in_full;
    }
    let lock = format!("`uv lock` in the folder of {path} and commit it");
    let of_client = |client: &Deviation<'_>| {
        let in_flight = is_in_flight(context, &client.pins);
        let resolved = if in_flight { ", which is resolved after publication" } else { "" };
        let message = format!("{path} {}, where {manifest} asks for {}{resolved}", (words.one)(client), client.asked());
        let ours = relock_or(brings(context, &client.name).as_ref());
        let help = match in_flight {
            true => format!("once `{}` is published, run {ours}{lock}", client.name),
            false => format!("run {ours}{lock}{}", words.or),
        };
        labelled(message, sides, std::slice::from_ref(client)).help(help).in_flight(in_flight)
    };
    let mut found: Vec<Finding> = by_name.values().map(of_client).collect();
    if !others.is_empty() {
        let names = listed(others.iter().map(|one| one.name.as_str()));
        let message = format!("{path} {}", (words.several)(others.len(), &names));
        found.push(labelled(message, sides, &others[..others.len().min(SHOWN)]).help(format!("run {lock}")));
    }
    found
}

/// A finding with both places of deviations, the lockfile's before the manifest's. What was not noted down has the package's entry
/// for its place.
fn labelled(message: String, sides: &Sides<'_>, shown: &[Deviation<'_>]) -> Finding {
    let path = sides.lock;
    let mut places = shown.iter().flat_map(|one| one.places.iter().cloned());
    let (first, label) = places.next().unwrap_or_else(|| (sides.entry.clone(), "does not record it".to_owned()));
    let pins = shown.iter().flat_map(|one| &one.pins);
    Finding::at(message, path, first, label)
        .and_all(places.map(|(span, label)| (path, span, label)))
        .and_all(pins.map(|pin| (sides.manifest, pin.text.span.clone(), format!("asks for {}", wanted(pin)))))
}

/// The first names of a list, and how many there are beyond them.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.dedup();
    let first: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
