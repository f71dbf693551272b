//! Steps that people do beside the tool. They are done when somebody has said so.

use super::super::world::World;
use super::verdict::Verdict;
use crate::version::ReleaseKind;

fn of_final(world: &World, title: &str, act: String) -> Option<Verdict> {
    (!world.release.is_candidate()).then(|| Verdict::human(title, act))
}

/// Judges the owner of a release.
pub(super) fn owner(world: &World) -> Option<Verdict> {
    of_final(world, "a release has an owner", format!("name a person who owns {}", world.release))
}

/// Judges the thread of a release.
pub(super) fn thread(world: &World) -> Option<Verdict> {
    of_final(world, "a release has a thread of its own", format!("open the thread of {}", world.release))
}

/// Judges the milestone of a minor or major.
pub(super) fn milestone(world: &World) -> Option<Verdict> {
    let act = format!("close the milestone {}, or move what is left with its reason", world.release);
    of_final(world, "the issues of the milestone are done or moved", act)
        .filter(|_| world.release.kind() != ReleaseKind::Patch)
}
