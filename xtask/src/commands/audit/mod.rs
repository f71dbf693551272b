//! `release audit`: the rules at every tag, each judged as of its own date, and the rules over the past as a whole.

mod accept;
mod adopted;
mod content;
mod dev_tags;
mod formats;
mod html;
mod json;
mod observe;
mod observed;
mod online;
mod report;
mod show;
mod tags;

use super::baseline;
use super::check::around::or_unread;
use super::check::settings;
use super::registries::asks_as_it_may;
use crate::Outcome;
use crate::checkout::{Checkout, Intent};
use crate::cli::{self, Global};
use crate::output;
use crate::stop::{Result, Stop};
use observe::observe;
use observed::Observed;
use online::online;
use release_checks::past::Past;
use release_checks::run::run_past;
use release_core::problem::Problem;
use report::Report;
use std::time::Instant;

/// Audits.
pub(super) fn run(global: &Global, audit: &cli::Audit) -> Result<Outcome> {
    let started = Instant::now();
    asks_as_it_may(global, &audit.judged.ask, audit.judged.online)?;
    let writes = audit.judged.accepted.write_baseline && !global.dry_run;
    let checkout = Checkout::open(global, if writes { Intent::Write } else { Intent::Read })?;
    let Checkout { repository, config, .. } = &checkout;
    if repository.location.shallow {
        let help = "`git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`";
        return Err(Stop::usage(Problem::new("this is a shallow clone: its past is cut off", help)));
    }
    let levels = settings::levels(config, &audit.judged.levels)?;
    let baseline = baseline::read(repository, &audit.judged.accepted, None)?;
    let since = audit.since().map_err(Stop::usage)?;
    let observed = observe(&checkout)?;
    let chosen = tags::choose(&observed, audit.tags.as_deref(), since);
    if chosen.is_empty() {
        return Err(Stop::usage(none_chosen(audit, &observed)));
    }
    let (published, clients) = online(global, audit, &observed)?;
    let mut audited = tags::audit(&observed, &chosen, &levels, &published)?;
    let mut unread = observed.unread.clone();
    let differing = or_unread(content::differing(&observed), &mut unread)?;
    let past = Past {
        timeline: &observed.timeline,
        config,
        differing: &differing,
        unread: unread.as_deref(),
        clients: &clients,
        published: &published,
    };
    let mut past = run_past(&past, &levels);
    let (baseline, stale) =
        accept::accept(global, &audit.judged.accepted, &observed, &levels, baseline, &mut audited, &mut past)?;
    let (observed, audited, past, levels, baseline) = (&observed, &audited, &past, &levels, baseline.as_ref());
    Ok(Report { global, audit, observed, audited, past, levels, baseline, stale, started }.show()?)
}

/// Says that no tag is what was asked for.
fn none_chosen(audit: &cli::Audit, observed: &Observed<'_>) -> Problem {
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
    Problem::new(message, "`git fetch --tags`, or choose others")
}
