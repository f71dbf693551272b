//! The fixes of a patch: what users wait for on its branch.

use super::super::world::{Head, World};
use super::verdict::Verdict;
use crate::text::count;
use crate::version::ReleaseKind;

/// Judges the fixes.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    if world.release.kind() != ReleaseKind::Patch || world.release.is_candidate() {
        return None;
    }
    let (branch, tag) = (world.branch(), world.tag_name());
    if world.tagged().is_some() {
        return Some(Verdict::done(format!("{tag} has what was picked")));
    }
    let is_prepared = world.line.iter().chain(&world.own).any(Head::is_prepared);
    Some(match &world.fixes {
        Err(why) => {
            Verdict::not_known(format!("the fixes on {branch}"), why, format!("see `git log {branch}`")).opening()
        }
        Ok(fixes) if fixes.is_empty() && !is_prepared => Verdict::human(
            format!("{branch} has nothing that users wait for"),
            format!("pick the fixes onto {branch}, if there are any"),
        ),
        Ok(fixes) => {
            let marks: Vec<&str> = fixes.iter().flat_map(|fix| &fix.marks).map(String::as_str).collect();
            let marks = if marks.is_empty() { String::new() } else { format!(", for {}", marks.join(", ")) };
            Verdict::done(format!("{branch} has {} that users wait for{marks}", count(fixes.len(), "commit")))
        }
    })
}
