//! The releases that may come next.

use super::releases::History;
use crate::version::{Line, Release, ReleaseKind};

/// The reason for which a release may not come next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuccessorError {
    /// A patch on a line that has no final.
    #[error("{0} has no final release yet, so there is nothing to patch")]
    NothingToPatch(Line),
    /// A release at or below an existing one.
    #[error("{release} does not come after {last}, the last release of {series}")]
    NotAfter {
        /// The requested release.
        release: Release,
        /// The last release.
        last: Release,
        /// The series in which that release is the last.
        series: String,
    },
    /// A release that leaves out a number.
    #[error("{release} leaves out {next}, which comes after {last}")]
    Gap {
        /// The requested release.
        release: Release,
        /// The last release.
        last: String,
        /// The release that comes next.
        next: Release,
    },
    /// A candidate of a final that is already published.
    #[error("{0} is released, so it gets no more candidates")]
    AlreadyFinal(Release),
}

impl History {
    /// Checks that a release may come next; `skip` allows gaps in the numbers.
    ///
    /// A patch is the last final's Z+1. A minor or major is the next X.Y.0 above the highest final. A candidate is
    /// the highest candidate of its version + 1, else rc1, and its final must be allowed too. A final may follow any
    /// of its candidates, or none.
    ///
    /// # Errors
    /// If it does not come after the existing releases, or leaves out a number.
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
            return Err(SuccessorError::NotAfter { release, last, series: format!("the candidates of {base}") });
        }
        if release > next && !skip {
            let last = last.map_or_else(|| "no candidate".to_owned(), |last| last.to_string());
            return Err(SuccessorError::Gap { release, last, next });
        }
        Ok(())
    }

    fn check_final(&self, release: Release, skip: bool) -> Result<(), SuccessorError> {
        let (last, next, series) = if release.kind() == ReleaseKind::Patch {
            let line = release.line();
            let last = self.last_final(line).ok_or(SuccessorError::NothingToPatch(line))?;
            (last, last.next_patch(), format!("line {line}"))
        } else {
            // The first release of a repository has no predecessor.
            let Some(last) = self.highest_final() else { return Ok(()) };
            let next = match release.kind() {
                ReleaseKind::Major => Release::new(last.major + 1, 0, 0),
                _ => Release::new(last.major, last.minor + 1, 0),
            };
            (last, next, "all lines".to_owned())
        };
        if release <= last {
            return Err(SuccessorError::NotAfter { release, last, series });
        }
        if release != next && !skip {
            return Err(SuccessorError::Gap { release, last: last.to_string(), next });
        }
        Ok(())
    }
}
