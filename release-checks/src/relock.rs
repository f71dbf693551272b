//! The command of ours that mends a lockfile, where it does so without being told more.

use crate::context::Context;
use camino::Utf8Path;
use release_core::manifest::requirement::canonical_name;
use release_core::plan::relock::named;
use release_core::version::{Release, Version};

/// Returns the command with the word that joins it to another way out, or nothing where it would ask for more.
pub(crate) fn relock_or(brings: Option<&Version>) -> &'static str {
    if brings.is_some() { "`cargo xtask release relock --write` or " } else { "" }
}

/// Returns the final of a client that `relock` brings the lockfiles to.
pub(crate) fn brings(context: &Context, client: &str) -> Option<Version> {
    let line = context.line().and_then(|line| context.history.last_final(line));
    let client = canonical_name(client);
    let found = named(&context.monorepo, line).ok()?.into_iter().find(|wanted| wanted.client == client)?;
    let is_final = Release::parse(&found.version.to_string()).is_ok_and(|release| !release.is_candidate());
    is_final.then_some(found.version)
}

/// Returns the same for what a UI requires as its client under a name.
pub(crate) fn brings_to_ui(context: &Context, package_json: &Utf8Path, key: &str) -> Option<Version> {
    let uis = &context.monorepo.uis;
    let ui = uis.iter().find(|ui| package_json.parent() == Some(&ui.path) && ui.key == key)?;
    brings(context, &ui.client)
}
