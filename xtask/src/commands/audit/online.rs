//! `--online`: what the registries say of everything that today's branches release and pin.

use super::observe::monorepo_of;
use super::observed::Observed;
use crate::cli::{Audit, Global};
use crate::commands::registries::{Asker, Named, ask};
use release_checks::published::{Asked, NOT_ASKED, looked_up};
use release_core::history::LineState;
use release_core::monorepo::Client;
use std::collections::BTreeSet;

/// Looks at main and at the lines that are worked on, which say what there is to release, and asks where that is wanted.
/// Packages that only an older line had are not asked for; rules say so. Gives back the answers, and the clients of today's
/// branches.
pub(super) fn online(global: &Global, audit: &Audit, observed: &Observed<'_>) -> anyhow::Result<(Asked, Vec<Client>)> {
    if !audit.judged.online {
        return Ok((Err(NOT_ASKED.to_owned()), Vec::new()));
    }
    let (git, config, history) = (&observed.repository.git, observed.config, observed.timeline.history());
    let is_worked_on = |name: &str| match config.branch.line(name) {
        Some(line) => !matches!(history.line_state(line, config.maintained_lines), LineState::EndOfLife(_)),
        None => true,
    };
    let (mut wanted, mut clients, mut named) = (BTreeSet::new(), Vec::<Client>::new(), None);
    for (_, tip) in observed.timeline.branches.iter().filter(|(name, _)| is_worked_on(name)) {
        let Some(monorepo) = monorepo_of(git, config, &history, tip)? else { continue };
        wanted.extend(looked_up(config, &monorepo));
        let new = monorepo.clients.into_iter().filter(|client| clients.iter().all(|known| known.name != client.name));
        clients.extend(new.collect::<Vec<_>>());
        if named.is_none() {
            named = Some(Named::read(&(git, tip.as_str()), &monorepo.uis, Some(tip))?);
        }
    }
    let Some(named) = named else {
        let reason = format!("neither {} nor the branch of a line says what is released", config.main);
        return Ok((Err(reason), clients));
    };
    let asker = Asker { global, flags: &audit.judged.ask, repository: observed.repository, config, branch: None };
    Ok((ask(asker, &named, &wanted), clients))
}
