//! The step that tags a release, which is done once the remote has the tag.

use super::{Step, StepId};
use crate::history::History;
use crate::monorepo::Config;
use crate::version::Release;

/// The place of a release's tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// It is not made yet.
    Nowhere,
    /// It was made here, and the remote lacks it.
    Here,
    /// It was made here, and the remote was not asked for it.
    Unasked,
    /// The remote has it, or there is no remote to push it to.
    There,
}

impl Tagged {
    /// Tells where a tag is that is on these commits; a remote without a name is none, and `is_asked` says whether it answered.
    pub fn of(here: Option<&str>, remote: &str, is_asked: bool, theirs: Option<&str>) -> Self {
        match (here, theirs) {
            (_, Some(_)) => Self::There,
            (None, None) => Self::Nowhere,
            _ if remote.is_empty() => Self::There,
            _ if is_asked => Self::Here,
            _ => Self::Unasked,
        }
    }

    /// Returns the step that is left until the release is tagged on the remote, and created on the forge.
    pub fn step(self, release: Release, config: &Config, history: &History, remote: &str) -> Option<Step> {
        let (tag, branch) = (config.tag.tag(release), config.branch.branch(release.line()));
        let leads = history.highest_final().is_none_or(|highest| highest <= release);
        let flag = match (release.is_candidate(), leads) {
            (true, _) => " --prerelease",
            (false, true) => " --latest",
            (false, false) => " --latest=false",
        };
        let push = format!("git push {remote} refs/tags/{tag}");
        let create = |at: &str| format!("gh release create {tag} {at} --generate-notes{flag}");
        let (title, commands) = match self {
            Self::There => return None,
            Self::Nowhere => {
                (format!("create the GitHub release {tag} on {branch}"), vec![create(&format!("--target {branch}"))])
            }
            Self::Here => (
                format!("push {tag}, which {remote} does not have, and create its GitHub release"),
                vec![push, create("--verify-tag")],
            ),
            Self::Unasked => {
                (format!("see that {remote} has {tag} and its GitHub release; it was not asked"), vec![push])
            }
        };
        Some(Step::ready(StepId::GithubRelease, title, commands))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Tag, TagPattern};

    #[test]
    fn a_tag_is_left_to_be_made_or_pushed_until_the_remote_has_it() {
        let tag = |name: &str| Tag { name: name.into(), commit: "ours".into() };
        let (config, release) = (Config::default(), Release::parse("0.4.5").unwrap());
        for (tags, remote, is_asked, theirs, expected) in [
            (
                "v0.4.4",
                "origin",
                true,
                None,
                "gh release create v0.4.5 --target release-0.4.x --generate-notes --latest",
            ),
            (
                "v0.4.5",
                "origin",
                true,
                None,
                "git push origin refs/tags/v0.4.5; gh release create v0.4.5 --verify-tag --generate-notes --latest",
            ),
            (
                "v0.4.5 v0.5.0",
                "up",
                true,
                None,
                "git push up refs/tags/v0.4.5; gh release create v0.4.5 --verify-tag --generate-notes --latest=false",
            ),
            ("v0.4.5", "origin", false, None, "git push origin refs/tags/v0.4.5"),
            ("v0.4.5", "origin", true, Some("ours"), ""),
            ("v0.4.5", "", false, None, ""),
        ] {
            let history = History::new(&tags.split(' ').map(tag).collect::<Vec<_>>(), &TagPattern::default());
            let step =
                Tagged::of(history.commit(release), remote, is_asked, theirs).step(release, &config, &history, remote);
            let commands = step.map(|step| step.commands.join("; ")).unwrap_or_default();
            assert_eq!(commands, expected, "{tags} {remote:?} {is_asked} {theirs:?}");
        }
    }
}
