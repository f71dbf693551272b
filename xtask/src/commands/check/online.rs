//! `--online`: what the registries say of the packages of a tree.

use crate::cli::Global;
use crate::commands::registries::{Named, Registries};
use crate::output;
use release_checks::context::Context;
use release_checks::published::{Published, asked};
use release_core::monorepo::Tree;
use std::sync::Arc;

/// Asks for everything that a tree releases and pins, by name alone; or why there is nobody to ask.
pub(super) fn published(
    global: &Global,
    context: &Context,
    tree: &dyn Tree,
) -> anyhow::Result<Result<Arc<Published>, String>> {
    let named = Named::read(tree, &context.monorepo.uis)?;
    let registries = match Registries::new(global, context.config.index.as_deref()) {
        Ok(registries) => registries,
        Err(reason) => return Ok(Err(reason)),
    };
    let asked = asked(&context.config, &context.monorepo);
    let asked = asked.iter().map(|(registry, name)| (*registry, name.as_str()));
    let published = registries.published(global, &named, asked);
    output::say(global, "");
    Ok(Ok(Arc::new(published)))
}
