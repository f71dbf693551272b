//! A development tag is missing, stands on another commit, or lowered main.
//!
//! ## What it does
//!
//! In a repository that uses development tags (`vX.Y.Z-dev`, or `vX.Y.Z.dev0`), because `release.toml` says `dev-tag = true` or,
//! where it says nothing, because one is there: every version `X.Y.Z.dev0` that main began after a final must have its tag on
//! the commit that began it. Wherever there are any, none may begin a version that was released already.
//!
//! ## Why is this bad?
//!
//! A build of main is called after the last tag that it descends from. Without the tag that is an older version than the one
//! being developed, and with one of a released version every build sorts below that release.
//!
//! ## Example
//!
//! `v0.5.0-dev` on the commit that sets `0.5.1.dev0`, after `v0.5.0` was released.
//!
//! ## Use instead
//!
//! `v0.5.1-dev` there: `cargo xtask release post 0.5.0` sets it.
//!
//! ## Fix
//!
//! None: a tag that others have is not moved.

use crate::diagnostic::{Finding, Report};
use crate::past::{Past, day};
use release_core::history::DatedTag;
use release_core::plan::preconditions::short;
use release_core::version::Release;
use std::collections::BTreeMap;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let timeline = past.timeline;
    let tags = timeline.development_tags();
    if tags.is_empty() && past.config.dev_tag != Some(true) {
        return;
    }
    let Some(()) = report.clear_of(past.unread) else { return };
    let (finals, history) = (timeline.finals(), timeline.history());
    let highest = |time: i64| history.as_of(time, Vec::new()).highest_final();
    for (release, tag) in &tags {
        let above = &finals[finals.partition_point(|tagged| tagged.release < *release)..];
        let is_released = highest(tag.time).is_some_and(|highest| highest >= *release);
        if let Some(released) = above.iter().find(|tagged| is_released && tagged.tag.time <= tag.time) {
            let carried = timeline.main_versions.iter().find(|version| version.commit == tag.commit);
            let sets = carried
                .and_then(|version| version.version.as_ref())
                .map_or_else(String::new, |version| format!(", on the commit that sets {version}"));
            let message = format!(
                "{} begins a version that is not above {}, which was released before{sets}: it lowers what builds of {} are called",
                tag.name, released.tag.name, timeline.main
            );
            let help = format!("if it was not fetched by anybody yet, delete it: `git tag --delete {}`", tag.name);
            report.find(Finding::about(message, tag.name.clone()).help(help));
        }
    }
    if past.config.dev_tag == Some(false) {
        return;
    }
    // Of several that begin one version, the first.
    let by_release: BTreeMap<Release, &DatedTag> = tags.iter().rev().copied().collect();
    for version in &timeline.main_versions {
        let Some(release) = version.version.as_ref().and_then(|text| Release::parse(text.strip_suffix(".dev0")?).ok())
        else {
            continue;
        };
        if highest(version.time).map(Release::next_patch) != Some(release) {
            continue;
        }
        let name = past.config.tag.development_tag(release);
        let at = short(&version.commit);
        let message = match by_release.get(&release) {
            Some(tag) if tag.commit == version.commit => continue,
            Some(tag) => {
                format!("{name} is on {}, and {at} is the commit that begins {release}.dev0", short(&tag.commit))
            }
            None => format!("{name} is missing: {at} begins {release}.dev0, on {}", day(version.time)),
        };
        let help = format!("where {release} is not released yet: `git tag {name} {at}`");
        report.find(Finding::about(message, name).help(help));
    }
}
