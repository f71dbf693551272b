//! The steps that remain after the edits that follow a release.

use super::step::{Step, StepId, announcement};
use crate::history::Refs;
use crate::text::quoted;

/// A branch with edits of its own, as needed for its steps.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// The branch that follows, such as `main`.
    pub name: String,
    /// The branch that has the commit: its own, or one for a pull request.
    pub goes_to: String,
    /// The title of the pull request; `None` if there is none to open.
    pub proposal: Option<String>,
    /// `true` if the remote already has the local state of the branch that has the commit.
    pub is_pushed: bool,
    /// The development tag of the branch.
    pub tag: Option<Tag>,
}

/// A development tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The tag is set locally, and has to be pushed.
    Set(String),
    /// The tag is set as soon as the branch has this version, by this command.
    Later {
        /// The tag's name.
        name: String,
        /// The version of the branch.
        version: String,
        /// The command that sets it.
        command: String,
    },
}

/// Returns the steps that bring commits and tags to the remote, and those that follow. With `is_release` they include
/// the notes and the announcement.
pub fn remaining(remote: &str, refs: &Refs, branches: &[Followed], is_release: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut pushed: Vec<String> = Vec::new();
    for branch in branches {
        match &branch.proposal {
            None if !branch.is_pushed => pushed.push(quoted(&refs.spelled_branch(&branch.name)).into_owned()),
            None => {}
            Some(title) => {
                let (base, head) = (quoted(&branch.name), quoted(&branch.goes_to));
                let spelled = refs.spelled_branch(&branch.goes_to);
                let push = format!("git push --set-upstream {remote} {}", quoted(&spelled));
                let push = (!branch.is_pushed).then_some(push);
                let open = format!("gh pr create --base {base} --head {head} --title {} --body ''", quoted(title));
                let title = format!("bring this onto {}", branch.name);
                steps.push(Step::ready(StepId::Proposal, title, push.into_iter().chain([open])));
            }
        }
        if let Some(Tag::Set(name)) = &branch.tag {
            pushed.push(quoted(&refs.spelled_tag(name)).into_owned());
        }
    }
    if !pushed.is_empty() {
        let atomic = if pushed.len() > 1 { " --atomic" } else { "" };
        let command = format!("git push{atomic} {remote} {}", pushed.join(" "));
        steps.push(Step::ready(StepId::Proposal, format!("bring this to {remote}"), [command]));
    }
    steps.extend(last(branches, is_release));
    steps
}

/// Returns the steps that are left after the edits have arrived.
pub fn last(branches: &[Followed], is_release: bool) -> Vec<Step> {
    let later = branches.iter().filter_map(|branch| match &branch.tag {
        Some(Tag::Later { name, version, command }) => {
            let title = format!("once {} is at {version}: tag that commit {name}", branch.name);
            Some(Step::ready(StepId::DevelopmentTag, title, [command.clone()]).after(StepId::Proposal))
        }
        _ => None,
    });
    later.chain([announcement()]).filter(|_| is_release).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{State, Step};

    fn branch(name: &str, proposal: Option<&str>, is_pushed: bool, tag: Option<Tag>) -> Followed {
        let goes_to = proposal.map_or_else(|| name.to_owned(), |_| format!("post-{name}"));
        Followed { name: name.to_owned(), goes_to, proposal: proposal.map(str::to_owned), is_pushed, tag }
    }

    fn shown(steps: &[Step]) -> Vec<String> {
        let shown = |step: &Step| {
            let state = if step.state == State::Ready { "ready" } else { "waiting" };
            format!("{state}: {}: {}", step.title, step.commands.join(" && "))
        };
        steps.iter().map(shown).collect()
    }

    #[test]
    fn commits_on_their_own_branches_become_pull_requests_and_all_others_are_pushed_at_once() {
        let later = Tag::Later { name: "v0.4.6-dev".into(), version: "0.4.6.dev0".into(), command: "again".into() };
        let push = "git push --set-upstream origin post-main && ";
        let open = "gh pr create --base main --head post-main --title 'it'\\''s main' --body ''";
        let end = "ready: write the release notes and announce the release: ";
        let once = "waiting: once main is at 0.4.6.dev0: tag that commit v0.4.6-dev: again";
        for (branches, expected) in [
            (vec![], vec![end.to_owned()]),
            (vec![branch("main", None, true, None)], vec![end.to_owned()]),
            (
                vec![branch("main", Some("it's main"), false, Some(later))],
                vec![format!("ready: bring this onto main: {push}{open}"), once.to_owned(), end.to_owned()],
            ),
            (
                vec![branch("main", Some("it's main"), true, None)],
                vec![format!("ready: bring this onto main: {open}"), end.to_owned()],
            ),
            (
                vec![branch("r", None, false, None), branch("main", None, true, Some(Tag::Set("v0.4.6-dev".into())))],
                vec!["ready: bring this to origin: git push --atomic origin r v0.4.6-dev".to_owned(), end.to_owned()],
            ),
        ] {
            assert_eq!(shown(&remaining("origin", &Refs::default(), &branches, true)), expected);
        }
    }

    #[test]
    fn lockfiles_alone_are_not_announced() {
        assert_eq!(remaining("origin", &Refs::default(), &[branch("main", None, true, None)], false), []);
        assert_eq!(last(&[], false), []);
    }
}
