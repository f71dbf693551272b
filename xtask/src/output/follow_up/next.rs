//! What comes after the commits of `post` and `relock`.

use super::{Command, Report};
use crate::commands::follow_up::observe::Observed;
use crate::commands::follow_up::part::{Part, Role};
use crate::commands::follow_up::tag::{DevTag, State};
use release_core::plan::{Step, quoted};

impl Report<'_> {
    /// The commands that bring commits and tags to the remote.
    pub(super) fn publishing(&self, parts: &[Part], observed: &Observed<'_>) -> Vec<Step> {
        let remote = if observed.remote.is_empty() { "origin" } else { &observed.remote };
        let is_pushed = |branch: &str, commit: Option<&String>| {
            let theirs = observed.refs.remote_branch(remote, branch).map(|branch| &branch.commit);
            let local = commit.or_else(|| observed.refs.branch(branch).map(|branch| &branch.commit));
            local.is_none() || local == theirs
        };
        let mut steps = Vec::new();
        let mut direct: Vec<String> = Vec::new();
        for part in parts {
            let Some(target) = &part.target else { continue };
            if target.is_direct() && !is_pushed(&part.name, part.commit.as_ref()) {
                direct.push(quoted(&part.name).into_owned());
            } else if !target.is_direct() && (part.commit.is_some() || part.waits()) {
                let (base, head) = (quoted(&part.name), quoted(&target.goes_to));
                let mut commands = Vec::new();
                if !is_pushed(&target.goes_to, part.commit.as_ref()) {
                    commands.push(format!("git push --set-upstream {remote} {head}"));
                }
                let title = title(self.command, part);
                commands.push(format!("gh pr create --base {base} --head {head} --title '{title}' --body ''"));
                steps.push(Step { title: format!("bring this onto {}", part.name), commands });
            }
            if let Some(DevTag { name, state: State::On(_) }) = &part.tag {
                direct.push(quoted(name).into_owned());
            }
        }
        if !direct.is_empty() {
            let atomic = if direct.len() > 1 { " --atomic" } else { "" };
            let command = format!("git push{atomic} {remote} {}", direct.join(" "));
            steps.push(Step { title: format!("bring this to {remote}"), commands: vec![command] });
        }
        steps.extend(self.last_steps(parts));
        steps
    }

    /// What is left when the edits have arrived.
    pub(super) fn last_steps(&self, parts: &[Part]) -> Vec<Step> {
        let mut steps = Vec::new();
        let Command::Post(_) = self.command else { return steps };
        for part in parts {
            if let Some(DevTag { name, state: State::Later }) = &part.tag {
                let version = part.branch.as_ref().ok().and_then(|branch| branch.version.clone()).unwrap_or_default();
                steps.push(Step {
                    title: format!("once {} is at {version}: tag that commit {name}", part.name),
                    commands: vec![self.again()],
                });
            }
        }
        steps.push(Step { title: "write the release notes and announce the release".to_owned(), commands: Vec::new() });
        steps
    }
}

/// The message of a part's commit, which is also the title of its pull request.
pub(crate) fn title(command: Command, part: &Part) -> String {
    let branch = part.branch.as_ref().ok();
    if let (Role::Main, Command::Post(release)) = (part.role, command) {
        return match branch.and_then(|branch| branch.version.as_ref()) {
            Some(version) => format!("chore: main is {version} after the release of {release}"),
            None => format!("chore: follow the release of {release}"),
        };
    }
    let wanted = branch.into_iter().flat_map(|branch| &branch.jobs).flat_map(|job| &job.wanted);
    let mut names: Vec<String> = wanted.map(|(wanted, _)| format!("{} {}", wanted.client, wanted.version)).collect();
    names.sort();
    names.dedup();
    format!("chore: lock {}", names.join(", "))
}
