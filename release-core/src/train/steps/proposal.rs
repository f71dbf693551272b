//! The way of the edits onto the branch of the line.

use super::super::world::World;
use super::arrival;
use super::verdict::Verdict;
use crate::text::quoted;

/// Judges the proposal and its merge.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let (branch, remote) = (world.branch(), &world.remote);
    if world.tagged().is_some() {
        return Some(Verdict::done(format!("{branch} has the edits")));
    }
    let title = format!("bring the edits onto {branch}");
    if let Some(line) = world.line.as_ref().filter(|line| line.is_prepared()) {
        return Some(arrival::pushed(world, format!("{branch} has the edits"), &branch, &line.is_pushed));
    }
    Some(match world.own.as_ref().filter(|own| own.is_prepared()) {
        Some(own) => arrival::judge(world, &title, own, &branch),
        None => Verdict::ready(title, format!("git push {remote} {}", quoted(&branch))),
    })
}
