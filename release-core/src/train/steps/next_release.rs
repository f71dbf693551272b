//! The release that follows a candidate.

use super::super::world::World;
use super::prepare;
use super::verdict::Verdict;

/// Judges the release that follows.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let (release, base) = (world.release, world.release.base());
    let number = release.candidate?;
    let later = |other: &crate::version::Release| other.base() == base && *other > release;
    if let Some(later) = world.history.releases().find(later) {
        return Some(Verdict::done(format!("{later} follows")));
    }
    let title = format!("{base} follows, or {} if a problem was found", base.with_candidate(number + 1));
    Some(Verdict::human(title, prepare::command(base)))
}
