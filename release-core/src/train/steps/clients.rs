//! The clients that are published before what needs them, where `release.toml` says so.

use super::super::world::World;
use super::artifacts;
use super::verdict::Verdict;

/// Judges the clients.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    if !world.config.clients_first || world.clients.is_empty() {
        return None;
    }
    let title = format!("publish {} first", world.clients.join(", "));
    if world.tagged().is_some() {
        return Some(Verdict::done("the clients come before the tag".to_owned()));
    }
    let is_client = |name: &str| world.clients.iter().any(|client| client == name);
    Some(match &world.artifacts {
        Err(why) => Verdict::not_known(title, why, format!("cargo xtask release verify {}", world.release)),
        Ok(all) => {
            let own: Vec<_> = all.iter().filter(|artifact| is_client(&artifact.name)).collect();
            artifacts::standing(world, &title, &own)
        }
    })
}
