//! `exclude-newer`: uv takes no file that was uploaded at its moment or later, and resolves all again when the setting changes.

use super::wanted::{Locked, NewFile};
use crate::lockfile::NotNative;
use crate::lockfile::uv_lock::lock::UvLock;
use crate::lockfile::uv_lock::workspace::Workspace;
use crate::manifest::limit::{Limit, moment};

/// Checks that the lockfile was written with the limits that are set.
pub(super) fn is_set_as_recorded(lock: &UvLock, workspace: &Workspace<'_>) -> Result<(), NotNative> {
    let Some((package, set, recorded)) = workspace.settings.limits.difference(&lock.recorded.limits) else {
        return Ok(());
    };
    let key = match package {
        Some(package) => format!("`exclude-newer-package` of `{package}`"),
        None => "`exclude-newer`".to_owned(),
    };
    let shown = |limit: Option<&Limit>| limit.map_or("without it".to_owned(), |limit| format!("with {limit}"));
    let set = set.map_or("have none".to_owned(), |limit| format!("have {limit}"));
    refuse!(
        "the lockfile was written {} for {key}, and the settings (pyproject.toml, uv.toml, UV_EXCLUDE_NEWER) {set}: uv would resolve everything again",
        shown(recorded)
    )
}

/// Checks that uv would take the files of a version, whatever the time.
pub(super) fn admits(lock: &UvLock, workspace: &Workspace<'_>, target: &Locked<'_>) -> Result<(), NotNative> {
    let mut indexes = workspace.root.iter().flat_map(|root| &root.manifest.uv.indexes);
    if let Some(index) = indexes.find(|index| index.has_limit) {
        return refuse!("the index {} has an `exclude-newer` of its own, which only uv applies", index.url.value);
    }
    let client = target.client;
    let free = format!("to take it all the same, set `exclude-newer-package = {{ {client} = false }}` in [tool.uv]");
    let (limit, text) = match lock.recorded.limits.of(client) {
        None | Some(Limit::Off) => return Ok(()),
        Some(Limit::Moment(limit, text)) => (*limit, text),
        Some(other) => {
            return refuse!(
                "with `exclude-newer` of {other} it depends on the time whether uv takes {client} {}; {free}",
                target.version
            );
        }
    };
    let time = |file: &NewFile| file.upload_time.clone();
    for file in target.files.iter().flatten() {
        let name = file.url.rsplit('/').next().unwrap_or_default();
        match file.upload_time.as_deref().and_then(moment) {
            Some(uploaded) if uploaded < limit => {}
            Some(_) => {
                let uploaded = time(file).unwrap_or_default();
                return refuse!(
                    "`exclude-newer` is {text}, and {name} was uploaded at {uploaded}, so that uv does not take it; {free}"
                );
            }
            None => {
                return refuse!(
                    "`exclude-newer` is {text}, and the index does not say when {name} was uploaded, so that uv does not take it; {free}"
                );
            }
        }
    }
    Ok(())
}
