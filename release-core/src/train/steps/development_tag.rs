//! The development tag on main, where the repository uses them.

use super::super::world::World;
use super::verdict::Verdict;

/// Judges the development tag.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let (tag, is_there) = world.development.as_ref().filter(|_| !world.release.is_candidate())?;
    let main = &world.config.main;
    let post = format!("cargo xtask release post {}", world.release);
    Some(match is_there {
        Err(why) => Verdict::not_known(format!("{tag} is on {main}"), why, post),
        Ok(true) => Verdict::done(format!("{tag} is on {main}")),
        Ok(false) => Verdict::ready(format!("tag {main} as {tag}"), post),
    })
}
