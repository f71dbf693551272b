//! The merge of a minor or major into main, where `release.toml` says so.

use super::super::world::World;
use super::verdict::Verdict;
use crate::version::ReleaseKind;

/// Judges the merge.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    if !world.config.merge_back || world.release.is_candidate() || world.release.kind() == ReleaseKind::Patch {
        return None;
    }
    let (tag, main) = (world.tag_name(), &world.config.main);
    Some(match world.is_merged_back {
        true => Verdict::done(format!("{main} has {tag}")),
        false => Verdict::human(format!("{main} does not have {tag}"), format!("merge {tag} into {main}")),
    })
}
