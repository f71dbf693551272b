//! The checks of the commit that is to be tagged.

use super::super::world::forge::{Check, CheckState, RequiredCheck};
use super::super::world::{Code, Forge, Why, World};
use super::verdict::Verdict;

/// Judges the checks.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let (branch, tag) = (world.branch(), world.tag_name());
    if world.tagged().is_some() {
        return Some(Verdict::done(format!("{tag} is on its commit")));
    }
    let title = format!("the checks of {branch} are green");
    let answers = match &world.forge {
        Err(why) => Err(why),
        Ok(Forge { checks, required, .. }) => checks.as_ref().and_then(|all| Ok((all, required.as_ref()?))),
    };
    let look = format!("gh run list --branch {branch}");
    Some(match answers {
        Err(why) => Verdict::not_known(title, why, look),
        Ok((all, _)) if all.is_empty() => {
            let why = Why::new(Code::Other, format!("no check has reported on {branch}"));
            Verdict::not_known(title, &why, look)
        }
        Ok((all, required)) => of(&title, all, required, look),
    })
}

/// Judges the checks that count: the required ones, or all of them if none is required.
fn of(title: &str, all: &[Check], required: &[RequiredCheck], look: String) -> Verdict {
    let is_meant =
        |check: &Check, by: &RequiredCheck| by.name == check.name && by.app.is_none_or(|app| check.app == Some(app));
    let counts = |check: &&Check| required.is_empty() || required.iter().any(|by| is_meant(check, by));
    let in_state = |state| all.iter().filter(counts).find(move |check| check.state == state);
    if let Some(failed) = in_state(CheckState::Failed) {
        return Verdict::blocked(title, format!("{} failed", failed.name), format!("mend it: {}", failed.page));
    }
    let absent = required.iter().find(|by| !all.iter().any(|check| is_meant(check, by))).map(|by| &by.name);
    match in_state(CheckState::Pending).map(|check| &check.name).or(absent) {
        Some(name) => Verdict::until(title, name, look),
        None => Verdict::done(title),
    }
}
