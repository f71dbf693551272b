//! The release on the forge.

use super::super::tagged::Tagged;
use super::super::world::forge::ForgeRelease;
use super::super::world::{Forge, World};
use super::verdict::Verdict;

/// Judges the release on the forge.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let tag = world.tag_name();
    let title = format!("{tag} is a release on the forge");
    let look = format!("gh release view {tag}");
    let forge = match &world.forge {
        Err(why) => return Some(Verdict::not_known(title, why, look)),
        Ok(forge) => forge,
    };
    Some(match &forge.release {
        Err(why) => Verdict::not_known(title, why, look),
        Ok(Some(release)) => of(world, title, release, forge),
        Ok(None) => {
            let step = Tagged::Here.step(world.release, &world.config, &world.history, &world.remote);
            let create = step.and_then(|step| step.commands.into_iter().next_back()).unwrap_or_default();
            Verdict::ready(format!("create the release {tag}"), create)
        }
    })
}

/// Judges a release that is there.
fn of(world: &World, title: String, release: &ForgeRelease, forge: &Forge) -> Verdict {
    let tag = world.tag_name();
    let is_candidate = world.release.is_candidate();
    if release.is_draft {
        return Verdict::ready(format!("{tag} is a draft"), format!("gh release edit {tag} --draft=false"));
    }
    if release.is_prerelease != is_candidate {
        let kind = if is_candidate { "a candidate" } else { "a final" };
        let edit = format!("gh release edit {tag} --prerelease={is_candidate}");
        return Verdict::ready(format!("{tag} is not marked as {kind}"), edit);
    }
    let leads = world.history.highest_final().is_none_or(|highest| highest <= world.release);
    match (&forge.latest, leads && !is_candidate) {
        (Err(why), true) => {
            Verdict::not_known(format!("{tag} is the latest release"), why, "gh release list").opening()
        }
        (Ok(latest), true) if latest.as_ref() != Some(&tag) => {
            Verdict::ready(format!("{tag} is not the latest release"), format!("gh release edit {tag} --latest"))
                .opening()
        }
        (Ok(Some(latest)), false) if *latest == tag => {
            Verdict::ready(format!("{tag} is the latest release"), format!("gh release edit {tag} --latest=false"))
                .opening()
        }
        _ => Verdict::done(title),
    }
}
