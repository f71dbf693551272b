//! The findings of a run, and those of them that are accepted.

use crate::diagnostic::{Diagnostic, Skipped};
use crate::fingerprint::Fingerprint;
use crate::level::Level;
use std::collections::BTreeSet;

/// The findings of all rules together.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Rules that could not tell, by name.
    pub skipped: Vec<Skipped>,
    /// Findings that are accepted, by place.
    pub accepted: Vec<Accepted>,
    /// The entries of the baseline that accept what is gone.
    pub stale: BTreeSet<Fingerprint>,
}

/// A finding that is accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// The way in which it was accepted.
    pub by: AcceptedBy,
    /// The reason, where one was given.
    pub reason: Option<String>,
}

/// The way in which a finding was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedBy {
    /// By a comment beside it.
    Comment,
    /// By `[[ignore]]` in `release.toml`.
    Configuration,
    /// By the baseline.
    Baseline,
}

/// The way in which a finding was accepted, and the reason.
pub(super) type Acceptance = (AcceptedBy, Option<String>);

impl Checked {
    /// Adds a finding to those that are accepted, or to the others.
    pub(super) fn add(&mut self, diagnostic: Diagnostic, acceptance: Option<Acceptance>) {
        match acceptance {
            Some((by, reason)) => self.accepted.push(Accepted { diagnostic, by, reason }),
            None => self.diagnostics.push(diagnostic),
        }
    }

    /// Returns the number of diagnostics of a level.
    pub fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.level == level).count()
    }

    /// Returns the number of findings that a comment or `release.toml` accepted.
    pub fn ignored(&self) -> usize {
        self.accepted.len() - self.baselined()
    }

    /// Returns the number of findings that the baseline accepted.
    pub fn baselined(&self) -> usize {
        self.accepted.iter().filter(|accepted| accepted.by == AcceptedBy::Baseline).count()
    }
}
