//! The candidates that the policy asks of a final.

use super::super::world::World;
use super::prepare;
use super::verdict::Verdict;
use crate::text::count;

/// Judges the candidates.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let release = world.release;
    let wanted = world.config.stream(release.kind()).candidates as usize;
    if release.is_candidate() || (wanted == 0 && world.candidates.is_empty()) {
        return None;
    }
    let there = world.candidates.len();
    if there >= wanted || world.tagged().is_some() {
        return Some(Verdict::done(format!("{release} had {}", count(there, "candidate"))));
    }
    let next = world.candidates.last().and_then(|(last, _)| last.candidate).unwrap_or(0) + 1;
    let title = format!("{release} needs {}, and has {there}", count(wanted, "candidate"));
    Some(Verdict::ready(title, prepare::command(release.with_candidate(next))))
}
