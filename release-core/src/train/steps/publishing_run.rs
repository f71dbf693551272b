//! The run of the workflow that publishes.

use super::super::world::forge::CheckState;
use super::super::world::{Standing, World};
use super::verdict::Verdict;

/// Judges the run.
pub(super) fn judge(world: &World) -> Option<Verdict> {
    let tag = world.tag_name();
    let title = format!("the publishing run of {tag}");
    // With everything published a run is of no more use.
    let all = world.artifacts.as_deref().unwrap_or_default();
    if !all.is_empty() && all.iter().all(|artifact| artifact.standing == Standing::There) {
        return Some(Verdict::done(format!("{tag} is published")));
    }
    let runs = match &world.forge {
        Err(why) => Err(why),
        Ok(forge) => forge.runs.as_ref(),
    };
    let look = format!("gh run list --branch {tag}");
    Some(match runs {
        Err(why) => Verdict::not_known(title, why, look),
        Ok(runs) => match runs.first() {
            None => Verdict::human(format!("no run has begun for {tag}"), "start the publishing workflow by hand"),
            Some(run) => match run.state {
                CheckState::Passed => Verdict::done(format!("{title} succeeded")),
                CheckState::Pending => Verdict::until(title, "the run", run.page.clone()),
                CheckState::Failed => Verdict::blocked(
                    title,
                    format!("run {} failed", run.id),
                    format!("gh run rerun {} --failed", run.id),
                ),
            },
        },
    })
}
