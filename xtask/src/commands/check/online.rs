//! `--online`: what the index says of the clients that are pinned.

use crate::cli::Global;
use crate::output;
use crate::registry::{Environment, Http, Index};
use release_checks::context::{Context, Published};

/// Asks for the clients of a tree, by their names alone; or why there is nobody to ask.
pub(super) fn published(global: &Global, context: &Context) -> Result<Published, String> {
    let root = context.uv.iter().find(|project| project.path == "uv.lock");
    let lock = root.and_then(|project| project.lock.as_ref().ok());
    let environment = Environment::of_process();
    let index = Index::choose(context.config.index.as_deref(), &environment, lock)?;
    let clients = context.monorepo.clients.iter();
    let names: Vec<&str> = clients
        .filter(|client| client.registries.iter().any(|registry| registry == "pypi"))
        .map(|client| client.name.as_str())
        .collect();
    let index_name = index.shown().to_owned();
    if names.is_empty() {
        return Ok(Published { index: index_name, ..Published::default() });
    }
    let http = Http::of(&environment)?;
    output::say(global, &format!("asking {index_name}, named by {}, for {}\n", index.named_by, names.join(", ")));
    Ok(Published { answers: index.ask(&http, &names), index: index_name })
}
