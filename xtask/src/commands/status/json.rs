//! The state of all lines, or of one release, as JSON. The format is documented in `docs/json.md`; a change that breaks a reader
//! raises [`VERSION`].

use super::observe::Observed;
use crate::output::json::ReleaseDocument;
use crate::output::{Document, object};
use release_core::train::overview::{LineState, Overview};
use release_core::train::steps::{Judged, Whole};
use release_core::train::world::World;
use release_core::version::Release;
use serde_json::{Value, json};

/// The version of the format.
const VERSION: u32 = 1;

/// The document of all lines.
pub(super) fn lines(observed: &Observed<'_>, overview: &Overview) -> Document {
    let line = |line: &LineState| {
        let text = |release: Option<Release>| release.map(|release| release.to_string());
        json!({
            "line": line.line.to_string(),
            "branch": line.branch,
            "commit": line.commit,
            "state": line.state,
            "ended_by": text(line.ended_by),
            "last": text(line.last),
            "next": text(line.next),
            "unreleased": line.fixes,
        })
    };
    let train =
        |(release, reasons): &(Release, Vec<String>)| json!({ "release": release.to_string(), "reasons": reasons });
    let repository = json!({
        "main": overview.main,
        "lines": overview.lines.iter().map(line).collect::<Vec<_>>(),
        "trains": overview.trains.iter().map(train).collect::<Vec<_>>(),
        "dangling": overview.dangling.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    document(observed, None, None, Some(repository), &[], None)
}

/// The document of one release.
pub(super) fn steps(observed: &Observed<'_>, world: &World, steps: &[Judged]) -> Document {
    let release = ReleaseDocument::new(world.release, observed.config);
    document(observed, Some(release), world.commit(), None, steps, Some(Whole::of(steps)))
}

fn document(
    observed: &Observed<'_>,
    release: Option<ReleaseDocument>,
    commit: Option<&str>,
    repository: Option<Value>,
    steps: &[Judged],
    whole: Option<Whole>,
) -> Document {
    Document::new(&object! {
        schema: VERSION,
        command: "status",
        release: release,
        commit: commit,
        observed_at: observed.now.timestamp(),
        remote: json!({ "name": observed.remote, "not_asked": observed.answered.as_ref().err() }),
        not_read: observed.unread.as_deref(),
        state: whole,
        steps: steps,
        repository: repository,
    })
}
