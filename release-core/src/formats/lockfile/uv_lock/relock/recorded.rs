//! The lockfile's record of the manifests of the tree.

use super::wanted::Changes;
use crate::lockfile::NotNative;
use crate::lockfile::uv_lock::compare::{Difference, Local, spelled};
use crate::lockfile::uv_lock::workspace::Workspace;
use crate::version::Version;
use camino::Utf8Path;
use std::collections::BTreeSet;

/// Returns the changes of static packages' versions that differ from the record.
pub(super) fn versions<'a>(locals: &[Local<'a>]) -> Result<Changes<'a>, NotNative> {
    let mut changes = Vec::new();
    for local in locals {
        let Some(project) = &local.manifest.project else { continue };
        let fixed = project.version.as_ref().filter(|_| !project.is_dynamic()).map(|(version, _)| version);
        let (name, path) = (&local.entry.name.value, &local.path);
        match (fixed, &local.entry.version) {
            (None, None) => {}
            (Some(fixed), Some(recorded)) => {
                let version = Version::parse(&fixed.value)
                    .map_err(|error| NotNative::new(format!("the version of {path}: {error}")))?;
                if Version::parse(&recorded.value).is_ok_and(|recorded| recorded == version) {
                    continue;
                }
                changes.push((recorded, version.to_string()));
            }
            (Some(_), None) => {
                return refuse!("the lockfile has no version of `{name}`, but {path} has one");
            }
            (None, Some(recorded)) => {
                let recorded = &recorded.value;
                return refuse!("the lockfile has {recorded} of `{name}`, but {path} has no version");
            }
        }
    }
    Ok(changes)
}

/// Returns the changes of a client's specifiers that differ from the record.
pub(super) fn specifiers<'a>(workspace: &Workspace<'a>, client: &str) -> Result<Changes<'a>, NotNative> {
    let mut changes = Vec::new();
    let pairs = workspace.pairs().into_iter().filter(|(_, pair)| pair.name == client).collect::<Vec<_>>();
    for (path, pair) in &pairs {
        if pair.may_be_flattened && pair.declared.is_empty() {
            let of_manifest = pairs.iter().filter(|(of, _)| of == path).flat_map(|(_, pair)| &pair.declared);
            let declared = of_manifest.filter_map(|one| one.requirement.as_ref().ok());
            let texts: Vec<_> = declared.filter_map(|requirement| spelled(requirement.specifier()?)).collect();
            let mut recorded = pair.recorded.iter().filter_map(|recorded| recorded.specifier.as_ref());
            if recorded.any(|recorded| !texts.contains(&recorded.value)) {
                return refuse!("`{}` of {path} includes an extra with `{client}`", pair.scope);
            }
        } else if pair.is_real() {
            changes.extend(of_pair(pair, path)?);
        }
    }
    Ok(changes)
}

fn of_pair<'a>(pair: &Difference<'a>, path: &Utf8Path) -> Result<Changes<'a>, NotNative> {
    let not_native = |what: &str| {
        let Difference { name, scope, .. } = pair;
        NotNative::new(format!("the lockfile records `{name}` of `{scope}` in {path} {what}"))
    };
    if !pair.is_matched(false) {
        return Err(not_native("not at all, or with other extras or markers"));
    }
    let mut texts: Vec<Option<String>> =
        pair.declared.iter().map(|declared| spelled(declared.requirement.as_ref().ok()?.specifier()?)).collect();
    texts.dedup();
    let [Some(text)] = &texts[..] else {
        return Err(not_native("where the manifest has several specifiers, or none"));
    };
    let (mut changes, mut seen) = (Vec::new(), BTreeSet::new());
    for recorded in &pair.recorded {
        let extras: Vec<&str> = recorded.extras.iter().map(|extra| extra.value.as_str()).collect();
        if !seen.insert((extras, recorded.marker.as_ref().map(|marker| &marker.value))) {
            return Err(not_native("several times"));
        }
        let old = recorded.specifier.as_ref().filter(|_| recorded.source.is_none());
        let old = old.ok_or_else(|| not_native("without a specifier"))?;
        if old.value != *text {
            changes.push((old, text.clone()));
        }
    }
    Ok(changes)
}
