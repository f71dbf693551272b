//! Findings of rules, and what a person is shown of them.

use crate::fingerprint::{Fingerprint, Subject};
use crate::fix::{Applicability, Fix};
use crate::level::{Level, SetBy};
use camino::Utf8Path;
use release_core::problem::{Label, Problem};
use release_core::text::{SourceText, Span, TextEdit};

/// One thing that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The problem, its places, and the way out.
    pub problem: Problem,
    /// The tag or branch that it is about, for findings that stand in no file.
    pub reference: Option<String>,
    /// The edits that mend it, where edits can.
    pub fix: Option<Fix>,
    /// Tells if it follows from a release that is on its way: then it is a warning at most.
    pub in_flight: bool,
    /// Tells if it is a warning by default, where the rule's other findings are errors.
    pub mild: bool,
    /// The words that stay from one day to the next, where its message has a length of time that grows.
    pub steady: Option<String>,
}

/// A finding with its rule and its weight.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    /// The level that it has.
    pub level: Level,
    /// The setting that the level is from.
    pub set_by: SetBy,
    /// The fingerprint that makes it the same one tomorrow.
    pub fingerprint: Fingerprint,
    /// The finding.
    pub finding: Finding,
}

/// A rule that could not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The rule's name.
    pub rule: &'static str,
    /// The reason.
    pub reason: String,
}

/// The findings of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
    /// The reason why the rule could not tell, or not everything.
    pub skipped: Option<String>,
    /// The reasons of which `skipped` is made, where there may be several; each with the packages that it is about, as they are shown.
    reasons: Vec<(String, Vec<String>)>,
}

impl Report {
    /// Notes a finding.
    pub fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Notes one more reason why the rule cannot tell everything.
    pub fn skip_partly(&mut self, reason: impl Into<String>) {
        self.add_reason(reason.into(), None);
    }

    /// Notes why the rule cannot tell of a package. Packages of one reason are named together.
    pub fn skip_package(&mut self, name: &str, reason: &str) {
        self.add_reason(reason.to_owned(), Some(format!("`{name}`")));
    }

    fn add_reason(&mut self, reason: String, name: Option<String>) {
        let is_it = |(known, names): &(String, Vec<String>)| *known == reason && names.is_empty() == name.is_none();
        let at = self.reasons.iter().position(is_it).unwrap_or(self.reasons.len());
        if at == self.reasons.len() {
            self.reasons.push((reason, Vec::new()));
        }
        let names = &mut self.reasons[at].1;
        names.extend(name.filter(|name| !names.contains(name)));
        let texts = self.reasons.iter().map(|(reason, names)| match names[..] {
            [] => reason.clone(),
            _ => format!("could not ask for {}: {reason}", names.join(", ")),
        });
        self.skipped = Some(texts.collect::<Vec<_>>().join("; "));
    }

    /// Returns a value; where it is not known, notes why the rule cannot tell.
    pub(crate) fn known<'v, T>(&mut self, value: &'v Result<T, String>) -> Option<&'v T> {
        value.as_ref().map_err(|reason| self.skip(reason.clone())).ok()
    }

    /// Returns `None` where there is a reason why the rule cannot tell, and notes it.
    pub(crate) fn clear_of(&mut self, reason: Option<impl Into<String>>) -> Option<()> {
        reason.map_or(Some(()), |reason| {
            self.skip(reason);
            None
        })
    }

    /// Notes why the rule cannot tell.
    pub fn skip(&mut self, reason: impl Into<String>) {
        self.skipped = Some(reason.into());
    }
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

    /// A finding about a file that cannot be read.
    pub(crate) fn unreadable(path: &Utf8Path, span: &Span, error: &str, help: &str) -> Self {
        Self::at(format!("{path} cannot be read"), path, span.clone(), error).help(help)
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

    /// The same, with more places.
    #[must_use]
    pub fn and_all<'p, L: Into<String>>(self, places: impl IntoIterator<Item = (&'p Utf8Path, Span, L)>) -> Self {
        places.into_iter().fold(self, |finding, (path, span, label)| finding.and(path, span, label))
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

    /// The same, with a fix that writes a text in place of a span, where that is known.
    #[must_use]
    pub fn rewrite(self, care: Applicability, path: &Utf8Path, span: Option<Span>, text: impl Into<String>) -> Self {
        let Some(span) = span else { return self };
        self.fix(Fix::new(care, path, TextEdit { span, replacement: text.into() }))
    }

    /// The same, as something that follows from a release on its way, where `is` holds.
    #[must_use]
    pub fn in_flight(mut self, is: bool) -> Self {
        self.in_flight = is;
        self
    }

    /// The same, as a warning where `is` holds and no setting gives the rule a level.
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

    /// Returns what a fingerprint is made of; `source` is the text of the file of the main label.
    pub fn subject<'a>(&'a self, rule: &'a str, source: Option<&'a SourceText>) -> Subject<'a> {
        let label = self.place();
        let text = label.and_then(|label| {
            let text = source?.as_str();
            text.get(label.span.start..label.span.end.min(text.len()))
        });
        Subject {
            rule,
            path: label.map(|label| label.path.as_str()).unwrap_or_default(),
            reference: self.reference.as_deref().unwrap_or_default(),
            message: self.steady.as_ref().unwrap_or(&self.problem.message),
            text: text.unwrap_or_default(),
        }
    }
}
