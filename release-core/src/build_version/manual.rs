//! The numbers that may be published by hand: the next one of the line that a commit is on.

use crate::history::{History, Tag};
use crate::monorepo::Config;
use crate::plan::preconditions::short;
use crate::problem::Problem;
use crate::version::{Line, Release, ReleaseKind, Version};

/// The way past a refusal.
const FORCE: &str = "`--force \"reason\"` publishes it all the same";

/// The place of a commit among the branches and releases.
#[derive(Clone, Debug, Default)]
pub struct Standpoint {
    /// `true` if main has it.
    pub is_on_main: bool,
    /// The lines whose branches have it.
    pub lines: Vec<Line>,
    /// `true` if the line of the version has a branch.
    pub has_branch: bool,
    /// `true` if the release before it, [`predecessor`], is among its ancestors, or there is none.
    pub follows: bool,
}

/// Returns the release that a commit has to follow to be the next one: the last final of a patch's line, the last candidate of any
/// other version.
pub fn predecessor(release: Release, history: &History) -> Option<Release> {
    let last = history.last_candidate(release.base());
    if release.kind() == ReleaseKind::Patch { last.or_else(|| history.last_final(release.line())) } else { last }
}

/// Checks that a version is the next one of the line that a commit is on.
///
/// # Errors
/// If it is not.
pub fn check_manual(
    release: Release,
    commit: &str,
    standpoint: &Standpoint,
    tags: &[Tag],
    history: &History,
    config: &Config,
) -> Result<(), Problem> {
    let short = short(commit);
    let refused = |message: String, help: &str| Err(Problem::new(message, format!("{help}; {FORCE}")));
    // What stands on the commit already is built again.
    if history.commit(release) == Some(commit) {
        return Ok(());
    }
    if let Some(released) = history.finals().find(|other| history.commit(*other) == Some(commit)) {
        return refused(format!("{short} is released already, as {released}"), "choose a later commit");
    }
    if let Err(error) = history.check_successor(release, false) {
        return refused(error.to_string(), "give the version that comes next");
    }
    if let Some(tag) = other_above(release, tags, config) {
        return refused(
            format!("{release} would sort below {}, which is tagged", tag.name),
            "give a higher version, or delete the tag",
        );
    }
    let branch = config.branch.branch(release.line());
    let (is_there, place) = match standpoint.has_branch {
        true => (standpoint.lines.contains(&release.line()), branch),
        false => (standpoint.is_on_main, config.main.clone()),
    };
    if !is_there {
        let lines = standpoint.lines.iter().map(|line| config.branch.branch(*line));
        let main = standpoint.is_on_main.then(|| config.main.clone());
        let found: Vec<String> = main.into_iter().chain(lines).collect();
        let found = if found.is_empty() { "no branch of a release".to_owned() } else { found.join(", ") };
        return refused(
            format!("{release} is built from {place}, and {short} is on {found}"),
            &format!("choose a commit of {place}"),
        );
    }
    match predecessor(release, history).filter(|_| !standpoint.follows) {
        Some(last) => refused(
            format!("{short} does not follow {}", config.tag.tag(last)),
            &format!("choose a later commit of {place}"),
        ),
        None => Ok(()),
    }
}

/// Returns a tag of a final with another form than ours at or above a release; for a patch, one of its line.
fn other_above<'a>(release: Release, tags: &'a [Tag], config: &Config) -> Option<&'a Tag> {
    let own = Version::new(release.major, release.minor, release.patch);
    let is_of_line = |version: &Version| {
        let numbers = version.release().iter().take(2).map(ToString::to_string);
        numbers.eq([release.major.to_string(), release.minor.to_string()])
    };
    let is_patch = release.kind() == ReleaseKind::Patch;
    tags.iter().find(|tag| {
        let other = config.tag.other_final(&tag.name);
        other.is_some_and(|other| other >= own && (!is_patch || is_of_line(&other)))
    })
}
