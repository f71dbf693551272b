//! The indexes that locked packages come from: uv keeps those that its settings name.

use super::super::lock::SourceKind;
use super::super::workspace::{Root, Workspace};
use super::found::Staleness;
use std::collections::BTreeSet;

/// Notes the indexes that the tree does not name. Whether uv keeps their packages, a variable or the settings of a user decide; where
/// no index is named at all, uv keeps all of them.
pub(super) fn compare(workspace: &Workspace<'_>, root: &Root<'_>, found: &mut Staleness<'_>) {
    let indexes = &root.manifest.uv.indexes;
    if indexes.is_empty() || workspace.settings_path != root.path {
        return;
    }
    let has_default = indexes.iter().any(|index| index.is_default);
    let usual = workspace.lock.main_registry().filter(|_| !has_default);
    let metadata = workspace.lock.packages.iter().filter_map(|package| package.metadata.as_ref());
    let noted = metadata.flat_map(|metadata| {
        let groups = metadata.requires_dev.iter().flat_map(|group| &group.requirements);
        metadata.requires_dist.iter().chain(groups).filter_map(|noted| noted.index.as_ref())
    });
    let normal = |index: &'_ str| index.trim_end_matches('/').to_owned();
    let named = indexes.iter().map(|index| &index.url).chain(noted).map(|index| normal(&index.value));
    let named: BTreeSet<String> = named.chain(usual.map(normal)).collect();
    let sources = workspace.lock.packages.iter().filter_map(|package| package.source.as_ref());
    let registries = sources.filter(|source| source.kind == SourceKind::Registry);
    let unnamed: BTreeSet<String> =
        registries.map(|source| normal(&source.location.value)).filter(|index| !named.contains(index)).collect();
    found.unknown.extend(unnamed.into_iter().map(|index| {
        format!("packages are from {index}, which the tree does not name, and uv keeps them only where its other settings do")
    }));
}
