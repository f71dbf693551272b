//! The questions about a release's artifacts, all asked side by side, and the artifacts as the answers have them.

use crate::checkout::{Checkout, Found as FoundTree, current, found};
use crate::cli::{Global, Verify};
use crate::commands::registries::{Asker, Named, Registries};
use crate::registry::{Found, Question, ask_all, who_is_asked};
use crate::stop::{Result, Stop};
use release_core::history::History;
use release_core::monorepo::Artifact as Wanted;
use release_core::problem::Problem;
use release_core::text::quoted;
use release_core::train::prepare::artifacts;
use release_core::train::verify::{Asked, Released};
use release_core::train::world::{Artifact, Code, Standing, Why};
use release_core::version::Release;
use std::time::Duration;

/// The questions about the artifacts of a release.
pub(super) struct Questions<'a> {
    registries: Registries<'a>,
    released: Released,
    /// The commit that the tag is on; `None` if it is not here.
    pub(super) commit: Option<String>,
    wanted: Vec<(Wanted, std::result::Result<Question, Why>)>,
}

/// The answers of one round.
pub(super) struct Round {
    pub(super) artifacts: Vec<Artifact>,
    /// The longest time for which a registry asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// `true` if no failure stays as it is.
    is_passing: bool,
}

impl<'a> Questions<'a> {
    /// Finds what the release publishes, at its tag or, where that is not here, in the work tree, and whom to ask for it.
    pub(super) fn new(global: &'a Global, words: &'a Verify, checkout: &'a Checkout, release: Release) -> Result<Self> {
        let Checkout { repository, config, .. } = checkout;
        let (refs, _) = checkout.refs(current)?;
        let history = History::new(&refs.tags, &config.tag);
        let commit = history.commit(release).map(str::to_owned);
        let tree = checkout.tree(commit.as_deref());
        let FoundTree { monorepo, .. } = found(&tree, config, &history)?;
        let named = Named::read(&tree, &monorepo.uis, commit.as_deref())?;
        let asker = Asker { global, flags: &words.ask, repository, config, branch: None };
        let unknown = |reason| Stop::ended(vec![Problem::new(reason, "")], crate::Outcome::Unknown);
        let registries = Registries::new(asker).map_err(unknown)?;
        let tag = config.tag.tag(release);
        let publish = match &commit {
            Some(_) => format!("gh run list --event release --branch {}", quoted(&tag)),
            None => {
                format!("gh release create {} --target {}", quoted(&tag), quoted(&config.branch.branch(release.line())))
            }
        };
        let released = Released { release, highest: history.highest_final(), publish };
        let wanted = artifacts(&monorepo, config);
        let asked =
            wanted.iter().map(|artifact| question(global, &registries, &named, artifact, release)).collect::<Vec<_>>();
        Ok(Self { registries, released, commit, wanted: wanted.into_iter().zip(asked).collect() })
    }

    /// Sentences that say who is asked for what.
    pub(super) fn who_is_asked(&self) -> Vec<String> {
        who_is_asked(&self.questions())
    }

    fn questions(&self) -> Vec<Question> {
        self.wanted.iter().filter_map(|(_, question)| question.as_ref().ok().cloned()).collect()
    }

    /// Asks all questions side by side.
    pub(super) fn ask(&self) -> Round {
        let mut answers = ask_all(&self.registries.http, &self.questions()).into_iter();
        let mut round = Round { artifacts: Vec::new(), retry_after: None, is_passing: true };
        for (wanted, question) in &self.wanted {
            let answered = question.as_ref().map(|_| answers.next());
            let place = question.as_ref().map(|question| question.whom.address.as_str()).unwrap_or_default();
            let asked = Asked { kind: wanted.kind, name: &wanted.name, place };
            let artifact = match answered {
                Err(why) => {
                    round.is_passing = false;
                    self.released.unknown(asked, why.clone())
                }
                Ok(None) => self.released.unknown(asked, Why::new(Code::Other, "it was not answered")),
                Ok(Some(answered)) => match answered.answer {
                    Ok(Some(Found::Document(document))) => self.released.npm(asked, Some(&document)),
                    Ok(Some(Found::Page(page, _))) => self.released.python(asked, Some(&page)),
                    Ok(None) if answered.question.whom.registry == release_core::registry::Registry::Npm => {
                        self.released.npm(asked, None)
                    }
                    Ok(None) => self.released.python(asked, None),
                    Err(failure) => {
                        round.is_passing &= failure.is_transient;
                        round.retry_after = round.retry_after.max(failure.retry_after);
                        self.released.unknown(asked, failure.into())
                    }
                },
            };
            round.artifacts.push(artifact);
        }
        round
    }
}

/// The question about an artifact, or the reason why it cannot be asked.
fn question(
    global: &Global,
    registries: &Registries<'_>,
    named: &Named,
    artifact: &Wanted,
    release: Release,
) -> std::result::Result<Question, Why> {
    if global.offline {
        return Err(Why::new(Code::Offline, "no registry is asked with `--offline`"));
    }
    let Some(registry) = artifact.kind.registry() else {
        let reason = format!(
            "this command asks for Python and npm packages alone, and not for {}: look there yourself",
            artifact.kind
        );
        return Err(Why::new(Code::NotConfigured, reason));
    };
    let asked = registries.whom_to_ask(named, [(registry, artifact.name.as_str())]).pop();
    let whom = asked.map_or_else(|| Err("there is no registry to ask".to_owned()), |(_, _, whom)| whom);
    let whom = whom.map_err(|reason| Why::new(Code::NotConfigured, reason))?;
    Ok(Question { name: artifact.name.clone(), version: Some(release.into()), whom, in_full: true })
}

impl Round {
    /// Returns the words for what is missing and may come by itself; `None` if there is nothing to wait for.
    pub(super) fn may_change(&self) -> Option<String> {
        // Moving names and withdrawn versions change by hand alone.
        let stays = |standing: &Standing| matches!(standing, Standing::Yanked(_) | Standing::OtherBytes(_));
        if !self.is_passing || self.artifacts.iter().any(|artifact| stays(&artifact.standing)) {
            return None;
        }
        let open = self.artifacts.iter().filter(|artifact| artifact.standing != Standing::There);
        let open: Vec<String> =
            open.map(|artifact| format!("{} {} on {}", artifact.name, artifact.version, artifact.kind)).collect();
        (!open.is_empty()).then(|| open.join("; "))
    }
}
