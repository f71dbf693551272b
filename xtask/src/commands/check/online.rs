//! `--online`: what the registries say of the packages of a tree.

use crate::commands::registries::{Asker, Named, ask};
use release_checks::context::Context;
use release_checks::published::{Asked, looked_up};
use release_core::monorepo::Tree;

/// Asks for everything that a tree, of a commit or the work tree, releases and pins, by name alone; or why there is nobody to
/// ask.
pub(super) fn published(
    asker: Asker<'_>,
    context: &Context,
    tree: &dyn Tree,
    commit: Option<&str>,
) -> anyhow::Result<Asked> {
    let named = Named::read(tree, &context.monorepo.uis, commit)?;
    Ok(ask(asker, &named, &looked_up(&context.config, &context.monorepo)))
}
