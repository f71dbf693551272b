//! The lockfiles on the line, which follow what is published.

use super::super::world::World;
use super::arrival;
use super::verdict::Verdict;

/// Judges the lockfiles.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    if world.release.is_candidate() {
        return None;
    }
    let (branch, post) = (world.branch(), format!("cargo xtask release post {}", world.release));
    let title = format!("the lockfiles on {branch} have what is published");
    Some(match &world.locks {
        Err(why) => Verdict::not_known(title, why, post),
        Ok(stale) if stale.is_empty() => match &world.line {
            Some(line) => arrival::pushed(world, title, &branch, &line.is_pushed),
            None => Verdict::done(title),
        },
        Ok(stale) => match &world.locks_proposed {
            Some(own) => arrival::judge(world, &format!("bring the lockfiles onto {branch}"), own, &branch),
            None => Verdict::ready(format!("{} on {branch} has an older client", stale.join(", ")), post),
        },
    })
}
