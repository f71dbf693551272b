//! `release version`: what a build of a commit is called, and where it goes.

pub(super) mod build;
mod main_history;
mod observe;
mod plan_tags;
mod report;
mod scm;
mod scratch;

use crate::Outcome;
use crate::cli::{Global, Naming, NightlyDate};
use crate::output;
use crate::output::version::{Answer, show};
use crate::remote;
use crate::world::Repository;
use camino::{Utf8Path, Utf8PathBuf};
use observe::Scene;
pub(crate) use plan_tags::{BranchRow, Named, TagPlan};
use release_core::calendar::Day;
use release_core::monorepo::Config;
use release_core::problem::Problem;
use release_core::text::SourceText;
pub(crate) use scm::ScmRow;
use std::collections::BTreeMap;

/// An answer, or what stands in its way with the texts that it is about.
pub(crate) type Asked<T> = Result<T, Refusal>;

/// Why there is no answer.
pub(crate) struct Refusal {
    pub(crate) problems: Vec<Problem>,
    pub(crate) texts: BTreeMap<Utf8PathBuf, SourceText>,
    /// Whether the command line makes no sense.
    pub(crate) is_usage: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem], texts: BTreeMap::new(), is_usage: false }
    }
}

/// Answers.
pub(super) fn run(global: &Global, naming: &Naming) -> anyhow::Result<Outcome> {
    let repository = Repository::open(global)?;
    let outcome = run_in(&repository, global, naming);
    if global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

fn run_in(repository: &Repository, global: &Global, naming: &Naming) -> anyhow::Result<Outcome> {
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Outcome::Usage);
        }
    };
    let remote = if global.fetch { fetched(repository, &config)? } else { None };
    let scene = Scene::observe(repository, config)?;
    let (question, asked) = if let Some(package) = &naming.scm {
        ("scm", scm::answer(&scene, package, naming)?.map(Answer::Scm))
    } else if naming.plan_tags {
        ("plan-tags", plan_tags::answer(&scene, naming, remote.as_deref())?.map(Answer::Plan))
    } else if naming.report {
        ("report", report::answer(&scene, naming)?.map(Answer::Report))
    } else {
        ("build", build::answer(&scene, naming)?.map(Answer::Build))
    };
    match asked {
        Ok(answer) => {
            show(global, question, Some(&answer), &[])?;
            if let (Answer::Build(named), true) = (&answer, naming.github_output) {
                build::github_output(global, named)?;
            }
            Ok(if answer.is_whole() { Outcome::Done } else { Outcome::Refused })
        }
        Err(Refusal { problems, texts, is_usage }) => {
            output::problems(&problems, texts.iter().map(|(path, text)| (path.as_path() as &Utf8Path, text)));
            if is_usage {
                return Ok(Outcome::Usage);
            }
            show(global, question, None, &problems)?;
            Ok(Outcome::Refused)
        }
    }
}

/// Fetches from the remote that main follows, else the first.
fn fetched(repository: &Repository, config: &Config) -> anyhow::Result<Option<String>> {
    let remote = repository.git.remotes()?.into_iter().next();
    if let Some(remote) = &remote {
        remote::fetch(repository, config, remote)?;
    }
    Ok(remote)
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "no such day: write YYYY-MM-DD, such as 2026-02-19".to_owned())
}

/// Reads `YYYY-MM-DD` or `today`.
pub(crate) fn date(text: &str) -> Result<NightlyDate, String> {
    if text == "today" { Ok(NightlyDate::Today) } else { day(text).map(NightlyDate::Day) }
}
