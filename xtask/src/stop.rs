//! The one thing that a person sees when a command cannot go on.

use crate::Outcome;
use crate::output::{self, Document};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::monorepo::UnreadableTree;
use release_core::problem::Problem;
use release_core::text::SourceText;
use std::collections::BTreeMap;

/// The end of a command, or of a part of it.
pub(crate) type Result<T, E = Stop> = std::result::Result<T, E>;

/// Texts by path, to show problems in.
pub(crate) type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// The reason why a command cannot go on. It flows by `?`, and `shown` shows it.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Problems, each with a way out.
    Refused(Box<Refusal>),
    /// An error of what surrounds the run: the disk, git, the environment.
    Failed(anyhow::Error),
}

/// Problems, what they are shown in, and how the run ends with them.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) problems: Vec<Problem>,
    pub(crate) texts: Texts,
    pub(crate) outcome: Outcome,
    /// The line behind the problems.
    closing: Option<String>,
    /// The document on stdout, where JSON is asked for.
    document: Option<Document>,
}

impl Stop {
    /// Refuses a command line that makes no sense.
    pub(crate) fn usage(problem: Problem) -> Self {
        Self::ended(vec![problem], Outcome::Usage)
    }

    /// Refuses for what the texts hold.
    pub(crate) fn refused(problems: Vec<Problem>, texts: Texts) -> Self {
        Self::of(problems, texts, Outcome::Refused)
    }

    /// Refuses for a problem that is in no file.
    pub(crate) fn problem(problem: Problem) -> Self {
        Self::ended(vec![problem], Outcome::Refused)
    }

    /// Refuses for a file of ours that cannot be understood, with its places.
    pub(crate) fn unreadable(path: Utf8PathBuf, source: SourceText, problems: Vec<Problem>) -> Self {
        Self::of(problems, Texts::from([(path, source)]), Outcome::Usage)
    }

    /// Ends with problems that are in no file.
    pub(crate) fn ended(problems: Vec<Problem>, outcome: Outcome) -> Self {
        Self::of(problems, Texts::new(), outcome)
    }

    fn of(problems: Vec<Problem>, texts: Texts, outcome: Outcome) -> Self {
        Self::Refused(Box::new(Refusal { problems, texts, outcome, closing: None, document: None }))
    }

    /// Tells whether the command line makes no sense.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.outcome == Outcome::Usage)
    }

    /// Adds problems that were found before.
    pub(crate) fn after(mut self, mut found: Vec<Problem>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            found.append(&mut refusal.problems);
            refusal.problems = found;
        }
        self
    }

    /// Adds texts that the problems may be about.
    pub(crate) fn within(mut self, texts: impl IntoIterator<Item = (Utf8PathBuf, SourceText)>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.texts.extend(texts);
        }
        self
    }

    /// Leaves the texts out, for a command that shows the places alone.
    pub(crate) fn without_texts(self) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Box::new(Refusal { texts: Texts::new(), ..*refusal })),
            failed @ Self::Failed(_) => failed,
        }
    }

    /// Adds what a command says of its problems: a line behind them, and its document on stdout where JSON is asked for.
    pub(crate) fn told(mut self, tell: impl FnOnce(&[Problem]) -> (Option<String>, Option<Document>)) -> Self {
        if let Self::Refused(refusal) = &mut self {
            (refusal.closing, refusal.document) = tell(&refusal.problems);
        }
        self
    }

    /// Returns the problems, or the error that is none of them.
    pub(crate) fn refusal(self) -> Result<Refusal> {
        match self {
            Self::Refused(refusal) => Ok(*refusal),
            failed @ Self::Failed(_) => Err(failed),
        }
    }

    /// Returns the problems; an error is one too.
    pub(crate) fn problems(self) -> Vec<Problem> {
        match self {
            Self::Refused(refusal) => refusal.problems,
            Self::Failed(error) => vec![Problem::new(error.to_string(), "")],
        }
    }
}

/// Every error stops a command; those of the core that are problems of files are shown as such.
impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        match error.into().downcast() {
            Ok(UnreadableTree::Files(problems)) => Self::refused(problems, Texts::new()),
            Ok(UnreadableTree::Tree(error)) => Self::Failed(error.into()),
            Err(error) => Self::Failed(error),
        }
    }
}

/// Shows why a command could not go on, and gives back how it ended.
pub(crate) fn shown(ended: Result<Outcome>) -> anyhow::Result<Outcome> {
    match ended {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Refused(refusal)) => {
            let Refusal { problems, texts, outcome, closing, document } = *refusal;
            output::print(document);
            output::problems(&problems, texts.iter().map(|(path, text)| (path.as_path() as &Utf8Path, text)));
            if let Some(line) = closing {
                output::complain(&line);
            }
            Ok(outcome)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn problem(message: &str) -> Problem {
        Problem::new(message, "do otherwise")
    }

    fn messages(stop: Stop) -> Vec<String> {
        stop.problems().into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn files_that_cannot_be_understood_are_problems_and_every_other_error_stays_one() {
        let files = |count: usize| UnreadableTree::Files(vec![problem("x is not UTF-8"); count]);
        assert!(matches!(Stop::from(files(2)), Stop::Refused(refusal) if refusal.problems.len() == 2));
        let within = Err::<(), _>(files(1)).context("of a tag");
        assert!(matches!(Stop::from(within.unwrap_err()), Stop::Refused(refusal) if refusal.problems.len() == 1));
        assert!(matches!(Stop::from(std::io::Error::other("the disk is full")), Stop::Failed(_)));
        assert_eq!(messages(Stop::from(anyhow::anyhow!("git is not there"))), ["git is not there"]);
    }

    #[test]
    fn what_was_found_before_comes_first_and_an_error_takes_nothing_along() {
        let stop = Stop::refused(vec![problem("the third")], Texts::new());
        assert_eq!(
            messages(stop.after(vec![problem("the first"), problem("the second")])),
            ["the first", "the second", "the third"]
        );
        assert_eq!(messages(Stop::from(anyhow::anyhow!("an error")).after(vec![problem("the first")])), ["an error"]);
    }

    #[test]
    fn a_run_ends_as_its_stop_says() {
        for (stop, outcome) in [
            (Stop::usage(problem("x")), Outcome::Usage),
            (Stop::refused(vec![problem("x")], Texts::new()), Outcome::Refused),
            (Stop::unreadable("release.toml".into(), SourceText::new(""), vec![problem("x")]), Outcome::Usage),
            (Stop::ended(vec![problem("x")], Outcome::Unknown), Outcome::Unknown),
        ] {
            assert_eq!(stop.is_usage(), outcome == Outcome::Usage);
            assert_eq!(shown(Err(stop)).unwrap(), outcome);
        }
        assert!(shown(Err(Stop::from(anyhow::anyhow!("an error")))).is_err());
        assert_eq!(shown(Ok(Outcome::Done)).unwrap(), Outcome::Done);
    }
}
