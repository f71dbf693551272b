//! All lines of a repository at one moment: their releases, what is unreleased on them, and the releases on their way.

use super::world::Fix;
use crate::calendar::Day;
use crate::history::{LineHistory, Timeline};
use crate::monorepo::Config;
use crate::version::{Line, Release, Version};
use serde::Serialize;
use std::collections::BTreeMap;

/// The lines of a repository, its main, and the releases on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The version that main has, and the one that it has to have after the highest final.
    pub main: MainLine,
    /// The lines, the highest first.
    pub lines: Vec<LineState>,
    /// The releases on their way, in order, and the reasons why they are.
    pub trains: Vec<(Release, Vec<String>)>,
    /// The last candidates of finals that will not come.
    pub dangling: Vec<Release>,
}

/// The development branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MainLine {
    /// Its name.
    pub branch: String,
    /// Its newest commit, or `None` if it is not here.
    pub commit: Option<String>,
    /// The version of its first package, or `None` if it has no readable one.
    pub version: Option<String>,
    /// The version that comes after the highest final, or `None` if there is no final.
    pub next: Option<String>,
    /// `true` if its version is that one, or above.
    pub follows: bool,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineState {
    /// The line.
    pub line: Line,
    /// The name of its branch, even if that does not exist.
    pub branch: String,
    /// Its newest commit, or `None` if there is no such branch.
    pub commit: Option<String>,
    /// Its place among the lines.
    pub state: Maintenance,
    /// The final that ended it, or passed it before it had one.
    pub ended_by: Option<Release>,
    /// Its last final.
    pub last: Option<Release>,
    /// The commits that users wait for, those first that name a vulnerability.
    pub fixes: Vec<Fix>,
    /// The final that comes next, or `None` if none does.
    pub next: Option<Release>,
}

/// The place of a line among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Maintenance {
    /// It has no final yet.
    BeingOpened,
    /// It is one of the last minors.
    Maintained,
    /// It gets no more releases.
    EndOfLife,
}

/// Returns the lines of a past; `versions` has the version of the first package at the newest commit of each branch, `own` the names of all
/// branches.
pub fn overview(timeline: &Timeline, config: &Config, versions: &BTreeMap<String, String>, own: &[String]) -> Overview {
    let mut lines: Vec<LineState> = timeline.lines().iter().map(|line| state(timeline, line)).collect();
    lines.reverse();
    let dangling: Vec<Release> = timeline.dangling().into_iter().map(|tagged| tagged.release).collect();
    let main = main_line(timeline, config, versions.get(&config.main));
    let trains = trains(timeline, config, (&lines, &main, &dangling), versions, own);
    Overview { main, lines, trains, dangling }
}

fn state(timeline: &Timeline, history: &LineHistory) -> LineState {
    let last = history.releases.iter().map(|tagged| tagged.release).rfind(|release| !release.is_candidate());
    let state = match (history.ended, last) {
        (Some(_), _) => Maintenance::EndOfLife,
        (None, None) => Maintenance::BeingOpened,
        (None, Some(_)) => Maintenance::Maintained,
    };
    let first = Release::new(history.line.major, history.line.minor, 0);
    let fix = |commit: &crate::history::Commit| Fix {
        commit: commit.id.clone(),
        subject: commit.subject.clone(),
        marks: timeline.marks.get(&commit.id).cloned().unwrap_or_default(),
    };
    LineState {
        line: history.line,
        branch: history.branch.clone(),
        commit: timeline.tip(&history.branch).map(str::to_owned),
        state,
        ended_by: history.ended.map(|(_, by)| by),
        last,
        fixes: history.unreleased.iter().flat_map(|unreleased| unreleased.fixes(timeline)).map(fix).collect(),
        next: (state != Maintenance::EndOfLife).then(|| last.map_or(first, Release::next_patch)),
    }
}

fn main_line(timeline: &Timeline, config: &Config, version: Option<&String>) -> MainLine {
    let highest = timeline.finals().into_iter().next_back();
    let next = highest.map(|highest| format!("{}.dev0", highest.release.next_patch()));
    let read = |text: &String| Version::parse(text).ok();
    let follows = match (version.and_then(read), next.as_ref().map(read)) {
        (_, None) => true,
        (Some(version), Some(Some(next))) => version >= next,
        _ => false,
    };
    let commit = timeline.tip(&config.main).map(str::to_owned);
    MainLine { branch: config.main.clone(), commit, version: version.cloned(), next, follows }
}

/// Returns the releases on their way: those that a branch is at or waits with, those that have a candidate, and the highest final
/// as long as main does not follow it.
fn trains(
    timeline: &Timeline,
    config: &Config,
    (lines, main, dangling): (&[LineState], &MainLine, &[Release]),
    versions: &BTreeMap<String, String>,
    own: &[String],
) -> Vec<(Release, Vec<String>)> {
    let history = timeline.history();
    let mut found: BTreeMap<Release, Vec<String>> = BTreeMap::new();
    let is_open = |release: &Release| history.commit(*release).is_none() && history.commit(release.base()).is_none();
    for tagged in timeline.releases().iter().filter(|tagged| tagged.release.is_candidate()) {
        let base = tagged.release.base();
        let last = history.last_candidate(base);
        if is_open(&base) && last == Some(tagged.release) && !dangling.contains(&tagged.release) {
            let reason = format!("{} was tagged on {}", tagged.tag.name, Day::at(tagged.tag.time));
            found.entry(base).or_default().push(reason);
        }
    }
    for line in lines.iter().filter(|line| line.state != Maintenance::EndOfLife) {
        let at = versions.get(&line.branch).and_then(|version| Release::parse(version).ok());
        if let Some(at) = at.filter(|at| at.line() == line.line && is_open(at)) {
            found.entry(at).or_default().push(format!("{} is at {at}", line.branch));
        }
    }
    let prepared = |name: &&String| config.tag.release(name.strip_prefix("prepare-")?).filter(is_open);
    for (name, release) in own.iter().filter_map(|name| Some((name, prepared(&name)?))) {
        found.entry(release).or_default().push(format!("{name} has its edits"));
    }
    if let (false, Some(highest), Some(next)) = (main.follows, history.highest_final(), &main.next) {
        let says = main.version.as_deref().unwrap_or("no version");
        let reason = format!("{} says {says}, and {next} comes next", main.branch);
        found.entry(highest).or_default().push(reason);
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{BranchPattern, Commit, DatedTag, Graph, TagPattern};
    use std::collections::BTreeSet;

    const DAY: i64 = 86_400;

    /// Creates a past in which each tag stands on a commit of its own, on the branch of its line, and some commits follow the last.
    fn past(tags: &[&str], after: &[(&str, &str)]) -> Timeline {
        let (pattern, branches) = (TagPattern::default(), BranchPattern::default());
        let mut tips: BTreeMap<String, String> = BTreeMap::new();
        let (mut commits, mut dated) = (Vec::new(), Vec::new());
        let mut commit = |branch: &str, subject: &str, time: i64| {
            let id = format!("c{}", commits.len());
            let parents = tips.insert(branch.to_owned(), id.clone()).into_iter().collect();
            commits.push(Commit { id: id.clone(), parents, time, subject: subject.to_owned() });
            id
        };
        commit("main", "feat: begin", 0);
        for (at, name) in tags.iter().enumerate() {
            let time = (i64::try_from(at).unwrap() + 1) * DAY;
            let release = pattern.release(name).unwrap();
            let id = commit(&branches.branch(release.line()), "build: release", time);
            dated.push(DatedTag { name: (*name).to_owned(), commit: id, time });
        }
        let mut marks = BTreeMap::new();
        for (branch, subject) in after {
            let id = commit(branch, subject, 90 * DAY);
            let named = crate::history::content::marks_in(subject);
            marks.extend((!named.is_empty()).then_some((id, named)));
        }
        Timeline {
            graph: Graph::new(commits),
            tags: dated,
            branches: tips.into_iter().collect(),
            main: "main".to_owned(),
            main_versions: Vec::new(),
            tag_pattern: pattern,
            branch_pattern: branches,
            maintained: 2,
            now: 100 * DAY,
            marks,
            settled: BTreeSet::new(),
        }
    }

    fn seen(timeline: &Timeline, versions: &[(&str, &str)], own: &[&str]) -> Overview {
        let versions = versions.iter().map(|(branch, version)| ((*branch).to_owned(), (*version).to_owned()));
        let own: Vec<String> = own.iter().map(|name| (*name).to_owned()).collect();
        overview(timeline, &Config::default(), &versions.collect(), &own)
    }

    #[test]
    fn a_release_is_on_its_way_by_a_candidate_a_branch_or_a_main_that_does_not_follow() {
        for (tags, versions, own, expected) in [
            (&["v0.4.5"][..], &[("main", "0.4.6.dev0"), ("release-0.4.x", "0.4.5")][..], &[][..], ""),
            (&["v0.4.5"], &[("main", "0.4.5.dev0")], &[], "0.4.5: main says 0.4.5.dev0, and 0.4.6.dev0 comes next"),
            (
                &["v0.4.5"],
                &[("main", "0.6.0.dev0"), ("release-0.4.x", "0.4.6")],
                &[],
                "0.4.6: release-0.4.x is at 0.4.6",
            ),
            (
                &["v0.4.5"],
                &[("main", "0.4.6.dev0")],
                &["prepare-v0.4.6", "prepare-v0.4.5"],
                "0.4.6: prepare-v0.4.6 has its edits",
            ),
            (
                &["v0.4.5", "v0.5.0rc1", "v0.5.0rc2"],
                &[("main", "0.5.0.dev0")],
                &[],
                "0.5.0: v0.5.0rc2 was tagged on 1970-01-04",
            ),
            (
                &["v0.3.0", "v0.3.1rc1", "v0.4.0", "v0.5.0"],
                &[("main", "0.5.1.dev0"), ("release-0.3.x", "0.3.1")],
                &[],
                "",
            ),
            (&[], &[], &[], ""),
        ] {
            let trains = seen(&past(tags, &[]), versions, own).trains;
            let shown = |(release, reasons): &(Release, Vec<String>)| format!("{release}: {}", reasons.join("; "));
            assert_eq!(trains.iter().map(shown).collect::<Vec<_>>().join("\n"), expected, "{tags:?} {versions:?}");
        }
    }

    #[test]
    fn a_line_has_its_last_final_what_follows_it_and_what_users_wait_for() {
        let after = [
            ("release-0.3.x", "fix: a"),
            ("release-0.3.x", "chore: b"),
            ("release-0.3.x", "fix: CVE-2026-1234"),
            ("release-0.6.x", "feat: c"),
        ];
        let overview = seen(&past(&["v0.3.0", "v0.4.0", "v0.5.0", "v0.3.1rc1", "v0.6.0rc1"], &after), &[], &[]);
        let shown = |line: &LineState| {
            let fixes: Vec<&str> = line.fixes.iter().map(|fix| fix.subject.as_str()).collect();
            let text = |release: Option<Release>| release.map_or("-".to_owned(), |release| release.to_string());
            format!("{} {:?} {} {} {}", line.branch, line.state, text(line.last), text(line.next), fixes.join(", "))
        };
        let lines: Vec<String> = overview.lines.iter().map(shown).collect();
        assert_eq!(
            lines,
            [
                "release-0.6.x BeingOpened - 0.6.0 ",
                "release-0.5.x Maintained 0.5.0 0.5.1 ",
                "release-0.4.x Maintained 0.4.0 0.4.1 ",
                "release-0.3.x EndOfLife 0.3.0 - fix: CVE-2026-1234, fix: a",
            ]
        );
        assert_eq!(overview.dangling, [Release::parse("0.3.1rc1").unwrap()]);
    }
}
