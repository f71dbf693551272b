//! The cut of a line's branch from main, for a minor or major and its candidates.

use super::super::world::World;
use super::prepare;
use super::verdict::Verdict;
use crate::version::ReleaseKind;

/// Judges the cut.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    if world.release.kind() == ReleaseKind::Patch {
        return None;
    }
    let branch = world.branch();
    if world.line.is_some() || world.tagged().is_some() {
        return Some(Verdict::done(format!("{branch} is cut")));
    }
    let title = format!("cut {branch} from {}", world.config.main);
    if let Some((finding, way_out)) = prepare::against(world) {
        return Some(Verdict::blocked(title, finding, way_out));
    }
    let first = match world.config.stream(world.release.kind()).candidates {
        0 => world.release,
        _ => world.release.base().with_candidate(world.release.candidate.unwrap_or(1)),
    };
    Some(Verdict::ready(title, format!("{} --commit", prepare::command(first))))
}
