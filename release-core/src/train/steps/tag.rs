//! The tag of the release, here and on the remote.

use super::super::tagged::Tagged;
use super::super::world::World;
use super::verdict::Verdict;
use crate::plan::preconditions::short;

/// Judges the tag.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let (tag, remote) = (world.tag_name(), &world.remote);
    let command = |tagged: Tagged| {
        let step = tagged.step(world.release, &world.config, &world.history, remote);
        step.and_then(|step| step.commands.into_iter().next()).unwrap_or_default()
    };
    let on = |commit: &str| format!("{tag} is on {}", short(commit));
    Some(match (world.tag.here.as_deref(), world.tagged_there(), &world.tag.there) {
        (Some(here), Some(there), _) if here != there => Verdict::blocked(
            format!("{tag} is on one commit"),
            format!("{tag} is on {} here and on {} on {remote}", short(here), short(there)),
            format!("what others have counts: `git tag --delete {tag}`, then `git fetch --tags {remote}`"),
        ),
        (_, Some(there), _) => Verdict::done(on(there)),
        (Some(here), None, _) if remote.is_empty() => Verdict::done(on(here)),
        (Some(here), None, Ok(_)) => {
            Verdict::ready(format!("{} here, and {remote} does not have it", on(here)), command(Tagged::Here))
        }
        (Some(here), None, Err(why)) => {
            Verdict::not_known(format!("{} here", on(here)), why, command(Tagged::Unasked)).opening()
        }
        (None, None, Err(why)) if !remote.is_empty() => {
            Verdict::not_known(format!("{tag} is not here"), why, format!("git fetch --tags {remote}"))
        }
        (None, None, _) => Verdict::ready(format!("tag {} as {tag}", world.branch()), command(Tagged::Nowhere)),
    })
}
