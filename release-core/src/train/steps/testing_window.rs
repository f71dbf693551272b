//! The time in which the community tests: of a final before it is prepared, of a candidate after it is published.

use super::super::world::World;
use super::verdict::Verdict;
use crate::calendar::Day;
use crate::version::Release;

/// Judges the window of a final.
pub(super) fn of_final(world: &World) -> Option<Verdict> {
    let has_candidates = !world.candidates.is_empty() || world.config.stream(world.release.kind()).candidates > 0;
    (!world.release.is_candidate() && has_candidates).then(|| window(world, world.tagged().is_some())).flatten()
}

/// Judges the window of a candidate.
pub(super) fn of_candidate(world: &World) -> Option<Verdict> {
    let is_over = world.history.commit(world.release.base()).is_some();
    world.release.is_candidate().then(|| window(world, is_over)).flatten()
}

/// Judges the days from the first candidate on.
fn window(world: &World, is_released: bool) -> Option<Verdict> {
    let (least, _) = world.config.stream(world.release.kind()).testing_days;
    let base = world.release.base();
    if least == 0 {
        return None;
    }
    if is_released {
        return Some(Verdict::done(format!("{base} is released")));
    }
    let Some(first) = world.candidates.first().map(|(_, day)| *day) else {
        let title = format!("the community tests {base} for {least} days from its first candidate");
        return Some(Verdict::human(title, format!("publish a candidate of {base}")));
    };
    let end = first.plus(i64::from(least));
    let title = format!("the community tests {base} from {first} to {end}");
    Some(match world.today < end {
        true => Verdict::until(title, end.to_string(), problem_found(world, end)),
        false => Verdict::done(title),
    })
}

/// Says what is done until the end of the window.
fn problem_found(world: &World, end: Day) -> String {
    let base: Release = world.release.base();
    let last = world.candidates.last().and_then(|(last, _)| last.candidate).unwrap_or(0);
    format!("wait for {end}, or publish {} if a problem is found", base.with_candidate(last + 1))
}
