//! Tags of another pattern than that of the releases, above all that follow it.

use crate::history::History;
use crate::problem::Problem;
use crate::version::{Release, ReleaseKind};

/// Returns the problem of a release that is not tagged, and before which a tag of another pattern counts: one of its line,
/// or of any for all but a patch.
pub fn misnamed(release: Release, history: &History) -> Option<Problem> {
    let of_all = || history.misnamed_above(None).filter(|_| release.kind() != ReleaseKind::Patch);
    let tag = history.misnamed_above(Some(release.line())).or_else(of_all)?;
    let help = format!(
        "if {} was released, tag its commit by the pattern and delete {}; `--skip` goes on if it is no release",
        tag.release, tag.name
    );
    history.commit(release).is_none().then(|| Problem::new(tag.described(), help))
}
