//! Whether the clients are published: every registry that a lockfile needs is asked, at the same time, and again while there
//! is time to wait.

use super::branch::{Branch, Job, LockRef};
use super::part::Part;
use crate::Outcome;
use crate::cli::Global;
use crate::commands::registries::Registries;
use crate::effects::interrupt::Interrupt;
use crate::effects::wait::{self, Seen};
use crate::registry::{Failure, Http, Index, NpmRegistry, Origin, at_once};
use release_core::registry::Registry;
use release_core::registry::npm::Document;
use release_core::registry::simple::{Page, Standing};
use release_core::version::Version;
use std::time::Duration;

/// Something to ask.
pub(super) struct Question {
    pub(super) client: String,
    pub(super) version: Version,
    pub(super) whom: Whom,
}

/// A registry.
pub(super) enum Whom {
    Python(Index),
    Npm(NpmRegistry),
}

/// What a registry has of a client.
pub(super) enum Known {
    /// The page of an index, and the address that its files are relative to.
    Python(Page, String),
    Npm(Document),
}

/// What was asked, and what came of it.
pub(crate) struct Told {
    pub(crate) client: String,
    pub(crate) registry: Registry,
    /// The registry's address, without credentials, and who chose it.
    pub(crate) address: String,
    pub(crate) origin: Origin,
    /// The same in words, with what it means for who asks.
    pub(crate) named_by: String,
    /// The version in the registry's spelling.
    pub(crate) version: String,
    pub(crate) state: State,
}

/// How a version stands in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Published,
    Absent,
    /// Files are there, but not this.
    Incomplete(&'static str),
    /// With the reason, which may be empty.
    Yanked(String),
    /// It could not be asked.
    Unknown(Failure),
}

/// The questions of a run with their answers.
pub(super) struct Answers {
    pub(super) questions: Vec<Question>,
    pub(super) known: Vec<Option<Known>>,
    pub(super) told: Vec<Told>,
}

impl Registries<'_> {
    /// The questions of one lockfile, of the tree of a commit or of the work tree.
    fn questions(&self, branch: &Branch, job: &Job, commit: Option<&str>) -> Result<Vec<Question>, String> {
        let question = |client: &str, version: &Version, whom| Question {
            client: client.to_owned(),
            version: version.clone(),
            whom,
        };
        let mut questions = Vec::new();
        for wanted in job.asked() {
            questions.push(match job.lock {
                LockRef::Uv(index) => {
                    let file = &branch.lockfiles.uv[index];
                    let whom = Whom::Python(self.index(Some((&file.path, &file.lock)), commit)?);
                    question(&wanted.client, &wanted.version, whom)
                }
                LockRef::Npm(index) => {
                    let file = &branch.lockfiles.npm[index];
                    let registry = self.npm_of(&file.ui.client, file, commit)?;
                    question(&file.ui.client, &wanted.version, Whom::Npm(registry))
                }
            });
        }
        Ok(questions)
    }

    /// Every question of the parts, each once.
    pub(super) fn all_questions(&self, parts: &[Part]) -> Result<Vec<Question>, String> {
        let mut questions: Vec<Question> = Vec::new();
        for part in parts {
            let Ok(branch) = &part.branch else { continue };
            for job in &branch.jobs {
                for question in self.questions(branch, job, part.base.as_deref())? {
                    if !questions.iter().any(|known| known.is_like(&question)) {
                        questions.push(question);
                    }
                }
            }
        }
        Ok(questions)
    }

    /// Asks all questions at the same time.
    fn ask(&self, questions: &[Question]) -> (Vec<Option<Known>>, Vec<Told>) {
        let http = &self.http;
        let answers = at_once(questions, |question| question.ask(http));
        questions.iter().zip(answers).map(|(question, (known, state))| (known, question.told(state))).unzip()
    }

    /// Asks until everything is published, or until it is clear that waiting does not help, or until the time is over.
    pub(super) fn wait(
        &self,
        global: &Global,
        questions: Vec<Question>,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Answers {
        let look = || {
            let (known, told) = interrupt.harmless(|| self.ask(&questions));
            let missing: Vec<String> = told.iter().filter_map(Told::missing).collect();
            let is_worth_it = told.iter().all(|told| told.state.may_change());
            if missing.is_empty() || !is_worth_it {
                return Seen::Done((known, told));
            }
            let retry_after = told.iter().filter_map(|told| match &told.state {
                State::Unknown(failure) => failure.retry_after(),
                _ => None,
            });
            let retry_after = retry_after.max();
            Seen::Pending((known, told), missing.join("; "), retry_after)
        };
        let (known, told) = wait::until(limit, interrupt, global, look);
        Answers { questions, known, told }
    }
}

impl Question {
    fn address(&self) -> (Registry, &str, &Origin) {
        match &self.whom {
            Whom::Python(index) => (Registry::Pypi, index.shown(), &index.origin),
            Whom::Npm(registry) => (Registry::Npm, registry.shown(), &registry.origin),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.address(), &self.client, &self.version) == (other.address(), &other.client, &other.version)
    }

    fn ask(&self, http: &Http) -> (Option<Known>, State) {
        match &self.whom {
            Whom::Python(index) => match index.page(http, &self.client) {
                Ok(Some((page, base))) => {
                    let state = match page.standing(&self.version) {
                        Standing::Published => State::Published,
                        Standing::Absent => State::Absent,
                        Standing::Incomplete(what) => State::Incomplete(what),
                        Standing::Yanked(reason) => State::Yanked(reason),
                    };
                    (Some(Known::Python(page, base)), state)
                }
                Ok(None) => (None, State::Absent),
                Err(failure) => (None, State::Unknown(failure)),
            },
            Whom::Npm(registry) => match registry.document(http, &self.client) {
                Ok(Some(document)) => {
                    let state = document.version(&self.version).map_or(State::Absent, |_| State::Published);
                    (Some(Known::Npm(document)), state)
                }
                Ok(None) => (None, State::Absent),
                Err(failure) => (None, State::Unknown(failure)),
            },
        }
    }

    fn told(&self, state: State) -> Told {
        let (registry, address, origin) = self.address();
        let named_by = match &self.whom {
            Whom::Python(index) => index.named_by(),
            Whom::Npm(registry) => registry.named_by(),
        };
        Told {
            client: self.client.clone(),
            registry,
            address: address.to_owned(),
            origin: origin.clone(),
            named_by,
            version: registry.spelling(&self.version),
            state,
        }
    }
}

impl State {
    /// Whether asking again may give another answer.
    pub(crate) fn may_change(&self) -> bool {
        match self {
            Self::Published | Self::Absent | Self::Incomplete(_) => true,
            Self::Yanked(_) => false,
            Self::Unknown(failure) => failure.is_transient(),
        }
    }
}

impl Told {
    /// What is missing, in words; nothing where it is published.
    pub(crate) fn missing(&self) -> Option<String> {
        let Self { client, version, registry, address, .. } = self;
        match &self.state {
            State::Published => None,
            State::Absent => Some(format!("{client} {version} is not on {registry} ({address})")),
            State::Incomplete(what) => {
                Some(format!("{client} {version} is on {registry} ({address}) without {what}, which may be on its way"))
            }
            State::Yanked(reason) if reason.is_empty() => {
                Some(format!("{client} {version} is yanked on {registry} ({address})"))
            }
            State::Yanked(reason) => {
                let reason: String = reason.chars().filter(|c| !c.is_control()).take(200).collect();
                Some(format!("{client} {version} is yanked on {registry} ({address}): {reason}"))
            }
            State::Unknown(failure) => Some(failure.to_string()),
        }
    }
}

/// How it stands with the clients as a whole; nothing when all of them are published everywhere.
pub(super) fn verdict(told: &[Told]) -> Option<Outcome> {
    let any = |is: fn(&State) -> bool| told.iter().any(|told| is(&told.state));
    if any(|state| matches!(state, State::Unknown(_))) {
        return Some(Outcome::Unknown);
    }
    if any(|state| matches!(state, State::Yanked(_))) {
        return Some(Outcome::Yanked);
    }
    let lacks = any(|state| matches!(state, State::Absent | State::Incomplete(_)));
    let has = any(|state| matches!(state, State::Published | State::Incomplete(_)));
    match (lacks, has) {
        (false, _) => None,
        (true, true) => Some(Outcome::Lagging),
        (true, false) => Some(Outcome::Absent),
    }
}
