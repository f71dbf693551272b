//! `release audit`: the rules at every tag, each judged as of its own date, and the rules over the past as a whole.

mod accept;
mod content;
mod dev_tags;
mod observe;
mod online;
mod tags;

use super::baseline;
use super::check::around::or_unread;
use super::check::{offline_and_online, settings};
use super::registries::useless;
use crate::Outcome;
use crate::cli::{self, Global};
use crate::output;
use crate::output::audit::Report;
use crate::world::{Repository, Unreadable};
use observe::observe;
use online::online;
use release_checks::past::Past;
use release_checks::run::run_past;
use release_core::problem::Problem;
use std::time::Instant;

pub(crate) use observe::Observed;
pub(crate) use tags::Audited;

/// Audits.
pub(super) fn run(global: &Global, audit: &cli::Audit) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    if audit.online && global.offline {
        output::problems(&[offline_and_online()], std::iter::empty());
        return Ok(Outcome::Usage);
    }
    if let Some(problem) = useless(&audit.ask, audit.online) {
        output::problems(&[problem], std::iter::empty());
        return Ok(Outcome::Usage);
    }
    let repository = Repository::open(global)?;
    let outcome = run_in(&repository, global, audit, started);
    if global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

fn run_in(repository: &Repository, global: &Global, audit: &cli::Audit, started: Instant) -> anyhow::Result<Outcome> {
    let refuse = |problems: &[Problem], outcome| {
        output::problems(problems, std::iter::empty());
        Ok(outcome)
    };
    if repository.location.shallow {
        let help = "`git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`";
        return refuse(&[Problem::new("this is a shallow clone: its past is cut off", help)], Outcome::Usage);
    }
    let refuse_file = |file: &Unreadable| {
        output::unreadable(file);
        Ok(Outcome::Usage)
    };
    let _lock = baseline::lock(repository, global, audit.accepted.write_baseline && !global.dry_run)?;
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => return refuse_file(&unreadable),
    };
    let levels = match settings::levels(&config, &audit.levels) {
        Ok(levels) => levels,
        Err(problems) => return refuse(&problems, Outcome::Usage),
    };
    let baseline = match baseline::read(repository, &audit.accepted, None)? {
        Ok(baseline) => baseline,
        Err(unreadable) => return refuse_file(&unreadable),
    };
    let since = match audit.since.as_deref().map(tags::day).transpose() {
        Ok(since) => since,
        Err(problem) => return refuse(&[problem], Outcome::Usage),
    };
    let observed = observe(repository, config)?;
    let chosen = tags::choose(&observed, audit.tags.as_deref(), since);
    if chosen.is_empty() {
        let message = match (&audit.tags, &audit.since) {
            (None, None) => "there are no tags here".to_owned(),
            (tags, since) => {
                let all = output::count(observed.timeline.tags.len(), "tag");
                let tags = tags.as_ref().map(|glob| format!(" matches `{glob}`"));
                let since = since.as_ref().map(|day| format!(" was made on {day} or later"));
                let wanted: Vec<String> = [tags, since].into_iter().flatten().collect();
                format!("none of the {all}{}", wanted.join(" and"))
            }
        };
        return refuse(&[Problem::new(message, "`git fetch --tags`, or choose others")], Outcome::Usage);
    }
    let online = online(global, audit, &observed)?;
    let mut audited = tags::audit(&observed, &chosen, &levels, &online.published)?;
    let mut unread = observed.unread.clone();
    let differing = or_unread(content::differing(&observed), &mut unread)?;
    let past = Past {
        timeline: &observed.timeline,
        config: &observed.config,
        differing: &differing,
        unread: unread.as_deref(),
        clients: &online.clients,
        published: &online.published,
    };
    let mut past = run_past(&past, &levels);
    let scene = accept::Scene { repository, global, flags: &audit.accepted, observed: &observed, levels: &levels };
    let (baseline, stale) = match accept::accept(&scene, baseline, &mut audited, &mut past)? {
        Ok(accepted) => accepted,
        Err(problem) => return refuse(&[problem], Outcome::Usage),
    };
    let (observed, audited, past, levels, baseline) = (&observed, &audited, &past, &levels, baseline.as_ref());
    Report { global, audit, observed, audited, past, levels, baseline, stale, started }.show()
}
