//! The version that main develops after the release. Main follows the highest final alone, and never goes back.

use super::super::world::{Code, Why, World};
use super::arrival;
use super::verdict::Verdict;
use crate::plan::development::{Lead, lead};
use crate::version::Version;

/// Judges the version of main.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    if world.release.is_candidate() {
        return None;
    }
    let main = &world.config.main;
    let next = match lead(&world.history, world.release) {
        Lead::Follows { leader } => return Some(Verdict::done(format!("{main} follows {leader}"))),
        Lead::Leads { next } => next,
    };
    let post = format!("cargo xtask release post {}", world.release);
    let title = format!("{main} develops {next}");
    let says = match &world.main {
        Err(why) => return Some(Verdict::not_known(title, why, post)),
        Ok(says) => says,
    };
    let (Ok(now), Ok(wanted)) = (Version::parse(says), Version::parse(&next)) else {
        let why = Why::new(Code::WrongDocument, format!("{main} says `{says}`, which is no version"));
        return Some(Verdict::not_known(title, &why, post));
    };
    Some(match &world.main_proposed {
        _ if now >= wanted => arrival::pushed(world, format!("{main} develops {says}"), main, &world.main_is_pushed),
        Some(own) => arrival::judge(world, &format!("bring {next} onto {main}"), own, main),
        None => Verdict::ready(format!("{main} says {says}, and {next} comes next"), post),
    })
}
