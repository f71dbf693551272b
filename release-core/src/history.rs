//! Tags, lines and branches as data, and which release may come next.

use crate::monorepo::{Config, TagPattern};
use crate::version::{Line, Release, ReleaseKind};
use camino::Utf8PathBuf;
use std::sync::Arc;

/// The references of a repository.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    /// Local branches.
    pub branches: Vec<Branch>,
    /// Branches of remotes, as of the last fetch.
    pub remote_branches: Vec<RemoteBranch>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// The branch that is checked out and has no commits yet.
    pub unborn: Option<String>,
}

/// A local branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its short name.
    pub name: String,
    /// The id of its commit.
    pub commit: String,
    /// What it follows.
    pub upstream: Option<Upstream>,
    /// The work tree that has it checked out.
    pub worktree: Option<Utf8PathBuf>,
    /// Whether it is checked out in the work tree that was asked.
    pub is_current: bool,
}

/// What a branch follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The full name, such as `refs/remotes/origin/main`.
    pub reference: String,
    /// The remote's name.
    pub remote: String,
}

/// A branch of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBranch {
    /// The remote's name.
    pub remote: String,
    /// The branch's name there.
    pub name: String,
    /// The id of its commit, as of the last fetch.
    pub commit: String,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its short name.
    pub name: String,
    /// The commit it stands on.
    pub commit: String,
}

impl Refs {
    /// The local branch of this name.
    pub fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.name == name)
    }

    /// Whether a word names a branch, local or of a remote.
    pub fn has_branch(&self, word: &str) -> bool {
        self.branches.iter().any(|branch| self.is_branch(word, &branch.name))
            || self.remote_branches.iter().any(|branch| self.is_branch(word, &branch.name))
    }

    /// Whether a word names the branch of a short name, local or of a remote: `main`, `origin/main`, or in full.
    pub fn is_branch(&self, word: &str, name: &str) -> bool {
        let short = word.strip_prefix("refs/heads/").or_else(|| word.strip_prefix("refs/remotes/")).unwrap_or(word);
        let is_remote = |branch: &RemoteBranch| branch.name == name && short == format!("{}/{name}", branch.remote);
        (short == name && self.branch(name).is_some()) || self.remote_branches.iter().any(is_remote)
    }

    /// The branch that is checked out; nothing when the head is detached or not born yet.
    pub fn current(&self) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.is_current)
    }

    /// The names of all branches, local and remote, each once.
    pub fn branch_names(&self) -> Vec<String> {
        let local = self.branches.iter().map(|branch| branch.name.clone());
        let mut names: Vec<String> =
            local.chain(self.remote_branches.iter().map(|branch| branch.name.clone())).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Main and the branches of lines with their newest commits, main first; of those of one name the local one.
    pub fn main_and_lines(&self, config: &Config) -> Vec<(String, String)> {
        let local = self.branches.iter().map(|branch| (&branch.name, &branch.commit));
        let remote = self.remote_branches.iter().map(|branch| (&branch.name, &branch.commit));
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, commit) in local.chain(remote) {
            let is_known = *name == config.main || config.branch.line(name).is_some();
            if is_known && found.iter().all(|(other, _)| other != name) {
                found.push((name.clone(), commit.clone()));
            }
        }
        found.sort_by_key(|(name, _)| (*name != config.main, name.clone()));
        found
    }

    /// A remote's branch.
    pub fn remote_branch(&self, remote: &str, name: &str) -> Option<&RemoteBranch> {
        self.remote_branches.iter().find(|branch| branch.remote == remote && branch.name == name)
    }

    /// The commit of a branch by its full name, local or remote.
    pub fn commit(&self, reference: &str) -> Option<&str> {
        if let Some(name) = reference.strip_prefix("refs/heads/") {
            return self.branch(name).map(|branch| branch.commit.as_str());
        }
        let (remote, name) = reference.strip_prefix("refs/remotes/")?.split_once('/')?;
        self.remote_branch(remote, name).map(|branch| branch.commit.as_str())
    }
}

/// The releases that a repository's tags name. Development tags are not among them.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Each with the place of its commit's id: an audit makes a history for every tag, and shares the ids.
    releases: Vec<(Release, usize)>,
    ids: Arc<[String]>,
}

/// What the process owes a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// No final yet.
    BeingOpened,
    /// One of the last stable minors.
    Maintained,
    /// Older than those; the line that ended it is named.
    EndOfLife(Line),
}

/// Why a release may not come next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuccessorError {
    /// A patch of a line without a final.
    #[error("{0} has no final release yet, so there is nothing to patch")]
    NothingToPatch(Line),
    /// At or below what is there.
    #[error("{release} does not come after {last}, the last release of {of}")]
    NotAfter {
        /// The release asked for.
        release: Release,
        /// The last one.
        last: Release,
        /// Of what it is the last.
        of: String,
    },
    /// A number is left out.
    #[error("{release} leaves out {next}, which comes after {last}")]
    Gap {
        /// The release asked for.
        release: Release,
        /// The last one.
        last: String,
        /// The one that comes next.
        next: Release,
    },
    /// A candidate of a final that is out.
    #[error("{0} is released, so it gets no more candidates")]
    AlreadyFinal(Release),
}

impl History {
    /// Reads the tags that the pattern names.
    pub fn new(tags: &[Tag], pattern: &TagPattern) -> Self {
        let mut named: Vec<(Release, &str)> =
            tags.iter().filter_map(|tag| Some((pattern.release(&tag.name)?, tag.commit.as_str()))).collect();
        named.sort_unstable();
        let ids = named.iter().map(|(_, commit)| (*commit).to_owned()).collect();
        Self { releases: named.iter().enumerate().map(|(place, (release, _))| (*release, place)).collect(), ids }
    }

    /// Releases that were read already, in any order, each with the place of its commit among the ids.
    pub fn of(mut releases: Vec<(Release, usize)>, ids: Arc<[String]>) -> Self {
        releases.sort();
        Self { releases, ids }
    }

    /// The commit that a release is tagged on.
    pub fn commit(&self, release: Release) -> Option<&str> {
        let place = self.releases.partition_point(|(tagged, _)| *tagged < release);
        let (_, commit) = self.releases.get(place).filter(|(tagged, _)| *tagged == release)?;
        self.ids.get(*commit).map(String::as_str)
    }

    /// Every release, in order.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.releases.iter().map(|(release, _)| *release)
    }

    /// Every final, in order.
    pub fn finals(&self) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.releases().filter(|release| !release.is_candidate())
    }

    /// The highest final of all lines.
    pub fn highest_final(&self) -> Option<Release> {
        self.finals().next_back()
    }

    /// The last final of a line.
    pub fn last_final(&self, line: Line) -> Option<Release> {
        self.finals().rfind(|release| release.line() == line)
    }

    /// The highest candidate of a version.
    pub fn last_candidate(&self, base: Release) -> Option<Release> {
        self.releases().rfind(|release| release.is_candidate() && release.base() == base)
    }

    /// What comes after the last release of this one's kind: of its line, or of its final's candidates.
    pub fn next_like(&self, release: Release) -> Release {
        let base = release.base();
        if release.is_candidate() && self.commit(base).is_none() {
            let last = self.last_candidate(base).and_then(|last| last.candidate).unwrap_or(0);
            return base.with_candidate(last + 1);
        }
        self.last_final(release.line()).unwrap_or(base).next_patch()
    }

    /// What the process owes a line, when the last `maintained` minors with a final are maintained.
    pub fn line_state(&self, line: Line, maintained: usize) -> LineState {
        let mut lines: Vec<Line> = self.finals().map(Release::line).collect();
        lines.dedup();
        if !lines.contains(&line) {
            return LineState::BeingOpened;
        }
        match lines.iter().rev().nth(maintained.saturating_sub(1)) {
            Some(oldest) if line < *oldest => {
                // The line whose opening pushed this one out.
                let at = lines.iter().position(|other| *other == line).unwrap_or(0) + maintained;
                LineState::EndOfLife(lines.get(at).copied().unwrap_or(*oldest))
            }
            _ => LineState::Maintained,
        }
    }

    /// Whether a release may come next; `skip` allows to leave numbers out.
    ///
    /// A patch is the last final's Z+1. A minor or major is the next X.Y.0 above the highest final. A candidate is the
    /// highest of its version + 1, else rc1, and its final must itself be allowed. A final may follow any of its
    /// candidates, or none.
    ///
    /// # Errors
    /// When it does not come after what is there, or leaves out a number.
    pub fn check_successor(&self, release: Release, skip: bool) -> Result<(), SuccessorError> {
        let base = release.base();
        if release.is_candidate() && self.commit(base).is_some() {
            return Err(SuccessorError::AlreadyFinal(base));
        }
        self.check_final(base, skip)?;
        if !release.is_candidate() {
            return Ok(());
        }
        let last = self.last_candidate(base);
        let next = base.with_candidate(last.and_then(|last| last.candidate).unwrap_or(0) + 1);
        if let Some(last) = last.filter(|last| release <= *last) {
            return Err(SuccessorError::NotAfter { release, last, of: format!("the candidates of {base}") });
        }
        if release > next && !skip {
            let last = last.map_or_else(|| "no candidate".to_owned(), |last| last.to_string());
            return Err(SuccessorError::Gap { release, last, next });
        }
        Ok(())
    }

    fn check_final(&self, release: Release, skip: bool) -> Result<(), SuccessorError> {
        let (last, next, of) = if release.kind() == ReleaseKind::Patch {
            let line = release.line();
            let last = self.last_final(line).ok_or(SuccessorError::NothingToPatch(line))?;
            (last, last.next_patch(), format!("line {line}"))
        } else {
            // The first release of a repository has nothing before it to follow.
            let Some(last) = self.highest_final() else { return Ok(()) };
            let next = match release.kind() {
                ReleaseKind::Major => Release::new(last.major + 1, 0, 0),
                _ => Release::new(last.major, last.minor + 1, 0),
            };
            (last, next, "all lines".to_owned())
        };
        if release <= last {
            return Err(SuccessorError::NotAfter { release, last, of });
        }
        if release != next && !skip {
            return Err(SuccessorError::Gap { release, last: last.to_string(), next });
        }
        Ok(())
    }

    /// What main is called after `release` is out: the highest final over all lines, last number + 1, `.dev0`. Nothing when
    /// another line leads, and main stays.
    pub fn next_development(&self, release: Release) -> Option<String> {
        let leads = self.highest_final().is_none_or(|highest| highest <= release);
        (leads && !release.is_candidate()).then(|| format!("{}.dev0", release.next_patch()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn history(tags: &str) -> History {
        let tags: Vec<Tag> =
            tags.split_whitespace().map(|name| Tag { name: name.to_owned(), commit: "c".to_owned() }).collect();
        History::new(&tags, &TagPattern::default())
    }

    const TAGS: &str =
        "v0.3.0 v0.3.5 v0.4.0rc1 v0.4.0 v0.4.3 v0.4.4 v0.5.0rc1 v0.5.0rc2 v0.5.0-dev v0.3.1-dev.20251027";

    #[test]
    fn a_release_follows_the_last_of_its_line_or_the_highest_of_all() {
        for release in ["0.4.5", "0.3.6", "0.5.0", "1.0.0", "0.5.0rc3", "1.0.0rc1", "0.4.5rc1"] {
            assert_eq!(history(TAGS).check_successor(Release::parse(release).unwrap(), false), Ok(()), "{release}");
        }
        assert_eq!(history("").check_successor(Release::new(0, 1, 0), false), Ok(()));
    }

    #[test]
    fn what_does_not_follow_is_refused_with_the_reason() {
        let refused: Vec<String> = [
            "0.4.4", "0.4.3", "0.4.6", "0.5.1", "0.6.0", "0.3.0", "2.0.0", "0.5.0rc2", "0.5.0rc4", "0.4.0rc2",
            "1.0.0rc2", "0.2.0",
        ]
        .map(|release| history(TAGS).check_successor(Release::parse(release).unwrap(), false).unwrap_err().to_string())
        .to_vec();
        expect![[r#"
            0.4.4 does not come after 0.4.4, the last release of line 0.4
            0.4.3 does not come after 0.4.4, the last release of line 0.4
            0.4.6 leaves out 0.4.5, which comes after 0.4.4
            0.5 has no final release yet, so there is nothing to patch
            0.6.0 leaves out 0.5.0, which comes after 0.4.4
            0.3.0 does not come after 0.4.4, the last release of all lines
            2.0.0 leaves out 1.0.0, which comes after 0.4.4
            0.5.0rc2 does not come after 0.5.0rc2, the last release of the candidates of 0.5.0
            0.5.0rc4 leaves out 0.5.0rc3, which comes after 0.5.0rc2
            0.4.0 is released, so it gets no more candidates
            1.0.0rc2 leaves out 1.0.0rc1, which comes after no candidate
            0.2.0 does not come after 0.4.4, the last release of all lines"#]]
        .assert_eq(&refused.join("\n"));
    }

    #[test]
    fn skip_allows_gaps_and_never_a_step_back() {
        for (release, allowed) in
            [("0.4.6", true), ("0.6.0", true), ("0.5.0rc4", true), ("0.4.4", false), ("0.5.0rc1", false)]
        {
            assert_eq!(
                history(TAGS).check_successor(Release::parse(release).unwrap(), true).is_ok(),
                allowed,
                "{release}"
            );
        }
    }

    #[test]
    fn the_last_minors_with_a_final_are_maintained() {
        let line = |major, minor| Line { major, minor };
        let history = history("v0.2.0 v0.3.0 v0.4.0 v0.4.1 v1.0.0 v1.1.0rc1");
        for (line, state) in [
            (line(1, 1), LineState::BeingOpened),
            (line(1, 0), LineState::Maintained),
            (line(0, 4), LineState::Maintained),
            (line(0, 3), LineState::EndOfLife(line(1, 0))),
            (line(0, 2), LineState::EndOfLife(line(0, 4))),
        ] {
            assert_eq!(history.line_state(line, 2), state, "{line}");
        }
    }

    #[test]
    fn main_follows_the_highest_final_and_never_goes_back() {
        let history = history("v0.4.4 v0.5.1");
        for (release, main) in
            [("0.4.5", None), ("0.5.2", Some("0.5.3.dev0")), ("0.6.0", Some("0.6.1.dev0")), ("0.6.0rc1", None)]
        {
            assert_eq!(history.next_development(Release::parse(release).unwrap()).as_deref(), main, "{release}");
        }
    }
}
