//! Renderings of problems and diagnostics.

mod audit;
mod concise;
mod excerpt;
mod full;
mod github;
pub mod json;
mod junit;
mod sarif;
#[cfg(test)]
mod tests;

pub use audit::{AuditRun, TagRun};
pub use concise::concise;
pub use full::{Sources, diagnostic, full};
pub use github::{github, summary};
pub use junit::{audit_junit, junit};
pub use sarif::{Sarif, audit_sarif, sarif, stand_in};

use crate::context::Context;
use crate::level::{Level, Levels};
use crate::run::Checked;

/// A run as reports for other systems show it.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The scene that was looked at.
    pub context: &'a Context,
    /// The findings.
    pub checked: &'a Checked,
    /// The levels that held.
    pub levels: &'a Levels,
    /// The version of this tool.
    pub version: &'a str,
    /// The commit that was judged, where there is one.
    pub commit: Option<&'a str>,
    /// `true` if warnings fail.
    pub deny_warnings: bool,
}

impl Run<'_> {
    /// Returns `true` if the findings fail the run.
    pub fn fails(&self) -> bool {
        self.checked.diagnostics.iter().any(|diagnostic| self.fails_by(diagnostic.level))
    }

    /// Returns `true` if a finding of a level fails the run.
    fn fails_by(&self, level: Level) -> bool {
        level == Level::Error || (self.deny_warnings && level == Level::Warn)
    }
}
