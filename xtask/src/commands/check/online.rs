//! `--online`: what the registries say of the packages of a tree.

use crate::cli::Global;
use crate::commands::registries::{Named, ask};
use release_checks::context::Context;
use release_checks::published::{Asked, asked};
use release_core::monorepo::Tree;

/// Asks for everything that a tree releases and pins, by name alone; or why there is nobody to ask.
pub(super) fn published(global: &Global, context: &Context, tree: &dyn Tree) -> anyhow::Result<Asked> {
    let named = Named::read(tree, &context.monorepo.uis)?;
    let asked = asked(&context.config, &context.monorepo);
    Ok(ask(global, context.config.index.as_deref(), &named, &asked))
}
