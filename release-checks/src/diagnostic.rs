//! What a rule found, and what the person is shown of it.

use crate::fingerprint::Fingerprint;
use crate::fix::Fix;
use crate::level::{Level, SetBy};
use camino::Utf8Path;
use release_core::problem::{Label, Problem};
use release_core::text::Span;

/// One thing that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong, where, and the way out.
    pub problem: Problem,
    /// The tag or branch that it is about, for findings that stand in no file.
    pub reference: Option<String>,
    /// How it can be mended, where that can be done by edit.
    pub fix: Option<Fix>,
    /// Whether it follows from a release that is on its way: then it is a warning at most.
    pub in_flight: bool,
    /// Whether it is a warning by default, where the rule's other findings are errors.
    pub mild: bool,
    /// What it says from one day to the next, where its message has a length of time that grows.
    pub steady: Option<String>,
}

/// A finding with its rule and its weight.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    /// What becomes of it.
    pub level: Level,
    /// Who set that.
    pub set_by: SetBy,
    /// What makes it the same one tomorrow.
    pub fingerprint: Fingerprint,
    /// What was found.
    pub finding: Finding,
}

/// A rule that could not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The rule's name.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
}

impl Finding {
    /// A finding that was described already, about a tag or branch where it has no place in a file.
    pub fn of(problem: Problem, reference: impl Into<String>) -> Self {
        let reference = problem.labels.is_empty().then(|| reference.into());
        Self { reference, ..Self::new(problem) }
    }

    /// A finding in a file.
    pub fn at(message: impl Into<String>, path: &Utf8Path, span: Span, label: impl Into<String>) -> Self {
        Self::new(Problem::new(message, "").at(path, span, label))
    }

    /// A finding about a tag or branch, by its name.
    pub fn about(message: impl Into<String>, reference: impl Into<String>) -> Self {
        Self { reference: Some(reference.into()), ..Self::new(Problem::new(message, "")) }
    }

    fn new(problem: Problem) -> Self {
        Self { problem, reference: None, fix: None, in_flight: false, mild: false, steady: None }
    }

    /// The same, with one more place.
    #[must_use]
    pub fn and(mut self, path: &Utf8Path, span: Span, label: impl Into<String>) -> Self {
        self.problem = self.problem.at(path, span, label);
        self
    }

    /// The same, with the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.problem.help = help.into();
        self
    }

    /// The same, with a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The same, as something that follows from a release on its way, where `is` holds.
    #[must_use]
    pub fn in_flight(mut self, is: bool) -> Self {
        self.in_flight = is;
        self
    }

    /// The same, as a warning where `is` holds and nobody set the rule's level.
    #[must_use]
    pub fn mild(mut self, is: bool) -> Self {
        self.mild = is;
        self
    }

    /// The same, known by these words in place of its message, which changes from day to day.
    #[must_use]
    pub fn steady(mut self, words: Option<String>) -> Self {
        self.steady = words;
        self
    }

    /// Its main place in a file.
    pub fn place(&self) -> Option<&Label> {
        self.problem.labels.first()
    }
}
