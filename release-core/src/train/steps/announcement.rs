//! The release notes and the announcement. They are done when somebody has said so.

use super::super::world::World;
use super::verdict::Verdict;

/// Judges the notes.
pub(super) fn notes(world: &World) -> Option<Verdict> {
    let release = world.release;
    let act = format!("write them on the page of {}", world.tag_name());
    (!release.is_candidate()).then(|| Verdict::human(format!("{release} has release notes"), act))
}

/// Judges the announcement.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let release = world.release;
    (!release.is_candidate()).then(|| Verdict::human(format!("{release} is announced"), format!("announce {release}")))
}
