//! The artifacts on their registries.

use super::super::world::{Artifact, Standing, World};
use super::verdict::Verdict;
use crate::text::count;

/// Judges the artifacts.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let release = world.release;
    let verify = format!("cargo xtask release verify {release}");
    Some(match &world.artifacts {
        Err(why) => Verdict::not_known(format!("{release} is published"), why, verify),
        Ok(all) => {
            let title = format!("{release} is published as {}", count(all.len(), "artifact"));
            standing(world, &title, &all.iter().collect::<Vec<_>>())
        }
    })
}

/// Judges some artifacts, the worst standing first.
pub(super) fn standing(world: &World, title: &str, all: &[&Artifact]) -> Verdict {
    let Some(worst) = all.iter().min_by_key(|artifact| rank(&artifact.standing)) else {
        return Verdict::done(title);
    };
    let name = format!("{} ({})", worst.name, worst.kind);
    let next = match worst.next.is_empty() {
        true => format!("cargo xtask release verify {}", world.release),
        false => worst.next.clone(),
    };
    match &worst.standing {
        Standing::There => Verdict::done(title),
        Standing::Yanked(why) => Verdict::blocked(title, format!("{name} was withdrawn: {why}"), next),
        Standing::OtherBytes(where_) => Verdict::blocked(title, format!("{name} has other bytes: {where_}"), next),
        Standing::WrongTag(tag) => Verdict::blocked(title, format!("{name}: {tag}"), next),
        Standing::Staged => Verdict::human(format!("{name} waits for an approval"), next),
        Standing::Unknown(why) => Verdict::not_known(format!("{name} is published"), why, next),
        Standing::Missing => Verdict::ready(format!("{name} is missing"), next),
        Standing::Partial(parts) => Verdict::ready(format!("{name} lacks {}", parts.join(", ")), next),
    }
}

/// Returns the place of a standing among the others: the one that waiting does not mend comes first.
fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::Yanked(_) => 0,
        Standing::OtherBytes(_) => 1,
        Standing::WrongTag(_) => 2,
        Standing::Staged => 3,
        Standing::Unknown(_) => 4,
        Standing::Missing => 5,
        Standing::Partial(_) => 6,
        Standing::There => 7,
    }
}
