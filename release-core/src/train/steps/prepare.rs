//! The edits of the release: the tree of its branch says its version, and its pins follow.

use super::super::world::{Tree, World};
use super::verdict::Verdict;
use crate::history::LineState;
use crate::plan::own_branch::mistagged;
use crate::text::count;
use crate::version::{Release, ReleaseKind};

/// Returns the command that prepares a release.
pub(super) fn command(release: Release) -> String {
    match release.is_candidate() {
        true if release.kind() == ReleaseKind::Patch => format!("cargo xtask release rc {release} --patch-candidate"),
        true => format!("cargo xtask release rc {release}"),
        false => format!("cargo xtask release {} {release}", release.kind()),
    }
}

/// Returns what stands against a release that is not tagged yet, and the way out: its number, or the end of its line.
pub(super) fn against(world: &World) -> Option<(String, String)> {
    let release = world.release;
    if let Err(error) = world.history.check_successor(release, false) {
        return Some((error.to_string(), "see `cargo xtask release status` for the next numbers".to_owned()));
    }
    match world.history.line_state(release.line(), world.config.maintained_lines) {
        LineState::EndOfLife(by) => Some((
            format!("line {} is end of life since {by}.0", release.line()),
            format!("{} --unmaintained", command(release)),
        )),
        _ => None,
    }
}

/// Judges the edits.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let (release, branch) = (world.release, world.branch());
    if world.tagged().is_some() {
        return Some(of_tag(world));
    }
    if let Some(head) = world.line.iter().chain(&world.own).find(|head| head.is_prepared()) {
        return Some(Verdict::done(format!("{} is at {release}", head.name)));
    }
    let title = format!("bring {branch} to {release}");
    if let Some((finding, way_out)) = against(world) {
        return Some(Verdict::blocked(title, finding, way_out));
    }
    Some(match world.line.as_ref().map(|line| &line.tree) {
        None if release.kind() == ReleaseKind::Patch => {
            Verdict::blocked(title, format!("there is no branch {branch}"), "cargo xtask release status --fetch")
        }
        Some(Tree::Refused(finding, way_out)) => Verdict::blocked(title, finding, way_out),
        Some(Tree::Unread(why)) => Verdict::not_known(title, why, command(release)),
        Some(Tree::Left(files)) => {
            Verdict::ready(format!("{title}: {} to edit", count(*files, "file")), command(release))
        }
        None | Some(Tree::Prepared) => Verdict::ready(title, command(release)),
    })
}

/// Judges the tree that is tagged, which cannot change any more.
fn of_tag(world: &World) -> Verdict {
    let (release, tag) = (world.release, world.tag_name());
    let title = format!("the tree of {tag} is at {release}");
    match (&world.tag.tree, mistagged(release, &world.history, &world.config)) {
        (Tree::Prepared, _) => Verdict::done(title),
        (Tree::Unread(why), _) => Verdict::not_known(title, why, "git fetch --tags").opening(),
        (_, found) => {
            let (finding, way_out) = found.map_or_else(
                || (format!("the tree of {tag} is not at {release}"), format!("prepare {}", release.next_patch())),
                |problem| (problem.message, problem.help),
            );
            Verdict::blocked(format!("the tree of {tag} is not at {release}"), finding, way_out).opening()
        }
    }
}
