//! `release pins`: every requirement on a client or sibling, how it is written, and what users can install while a release is
//! being published.

mod observed;
mod online;
mod rewrite;
mod show;
mod show_edit;

use super::prepare::under_way;
use super::registries::asks_as_it_may;
use crate::Outcome;
use crate::checkout::{Checkout, Found, Intent, current, found};
use crate::cli::{Global, Pins};
use crate::commands::pins::show::{Report, Simulation, Tried, spelled};
use crate::stop::{Result, Stop};
use observed::Observed;
use release_core::history::History;
use release_core::monorepo::{Artifact, PinForm};
use release_core::pins::simulate::{Before, World, window};
use release_core::pins::tree::{Pinned, Role, listed, tagged, world};
use release_core::problem::Problem;
use release_core::train::prepare::artifacts;
use release_core::version::Release;

/// The forms that are tried.
const FORMS: [&str; 5] = ["==", "~=", ">=", ">=,<", "none"];

/// Lists the pins of a tree, writes them by another policy, or simulates.
pub(super) fn run(global: &Global, pins: &Pins) -> Result<Outcome> {
    asks_as_it_may(global, &pins.ask, pins.online)?;
    let rewrites = pins.policy.filter(|_| pins.simulate.is_none());
    if rewrites.is_some() && pins.rev.is_some() {
        let problem = Problem::new("pins are written in the work tree alone", "leave `--rev` or `--policy` out");
        return Err(Stop::usage(problem));
    }
    let mut checkout = Checkout::open(global, if rewrites.is_some() { Intent::Write } else { Intent::Read })?;
    let lock = checkout.lock.take();
    let observed = observe(global, &checkout, pins)?;
    if let Some(policy) = rewrites {
        let mut problems: Vec<Problem> = checkout.unfinished.iter().cloned().collect();
        problems.extend(under_way(&checkout.repository));
        return rewrite::run(&observed, pins, policy, lock.as_ref(), problems);
    }
    let Observed { monorepo, role, .. } = &observed;
    let simulation = pins.simulate.as_deref().map(|asked| simulation(pins, asked, &observed)).transpose()?;
    let pins = listed(monorepo, *role);
    Report { global, monorepo, role: *role, pins: &pins, simulation: simulation.as_ref(), rewritten: None }.show();
    Ok(Outcome::Done)
}

/// Reads the tree.
fn observe<'a>(global: &'a Global, checkout: &'a Checkout, pins: &Pins) -> Result<Observed<'a>> {
    let Checkout { repository, config, .. } = checkout;
    let refs = checkout.references(current)?;
    let history = History::new(&refs.tags, &config.tag);
    let commit = pins.rev.as_deref().map(|revision| checkout.commit(revision)).transpose()?;
    let Found { monorepo, .. } =
        found(&checkout.tree(commit.as_deref()), config, &history).map_err(Stop::without_texts)?;
    let own = monorepo.packages.first().and_then(|package| monorepo.manifest(package)?.current_version());
    let own = own.and_then(|own| Release::parse(&own).ok());
    let branch = pins.rev.clone().or_else(|| refs.current().map(|branch| branch.name.clone()));
    let role = match own {
        _ if branch.as_ref() == Some(&config.main) => Role::Main,
        Some(release) if release.is_candidate() => Role::Candidate,
        _ => Role::Release,
    };
    Ok(Observed { global, repository, config, history, monorepo, own, role, commit, branch })
}

/// Simulates a release in the order that is asked for.
fn simulation(pins: &Pins, asked: &str, observed: &Observed<'_>) -> Result<Simulation> {
    let (scenario, mut before) = scenario(pins, asked, observed).map_err(|problem| Stop::usage(*problem))?;
    let order: Vec<usize> = (0..scenario.artifacts.len()).collect();
    if pins.online {
        before = online::before(observed, pins, &scenario.world(observed, &before, scenario.pinned)?)?;
    }
    let world = scenario.world(observed, &before, scenario.pinned)?;
    let tried = FORMS.iter().filter_map(|form| {
        let pinned = PinForm::parse(form).map_or(Pinned::AsTheyAre, Pinned::As);
        let other = scenario.world(observed, &before, pinned).ok()?;
        Some(Tried { form, window: window(&other.steps(&order)) })
    });
    let tried = tried.collect();
    let steps = world.steps(&order);
    let safe = world.safe_order(&order);
    let Scenario { release, artifacts, .. } = scenario;
    let window = window(&steps);
    Ok(Simulation { release, artifacts, window, steps, safe, tried, world, is_online: pins.online })
}

/// The release that is simulated.
struct Scenario {
    release: Release,
    artifacts: Vec<Artifact>,
    pinned: Pinned,
}

impl Scenario {
    fn world(&self, observed: &Observed<'_>, before: &Before, pinned: Pinned) -> Result<World> {
        let world = world(&observed.monorepo, &self.artifacts, self.release, before.clone(), pinned);
        world.ok_or_else(|| {
            let message = format!("{} is not a version of PEP 440", self.release);
            Stop::usage(Problem::new(message, "write it as X.Y.Z"))
        })
    }
}

/// The scenario that was asked for, and what is there before by the tags.
fn scenario(pins: &Pins, asked: &str, observed: &Observed<'_>) -> Result<(Scenario, Before), Box<Problem>> {
    let Observed { own, monorepo, config, history, .. } = observed;
    let problem = |message: String, help: &str| Box::new(Problem::new(message, help));
    let (release, as_prepared) = match asked {
        "" => (own.ok_or_else(|| problem("the tree is at no release".into(), "say which: `--simulate X.Y.Z`"))?, None),
        text => {
            let release =
                Release::parse(text).map_err(|error| problem(error.to_string(), "write it as X.Y.Z or X.Y.ZrcN"))?;
            let role = if release.is_candidate() { Role::Candidate } else { Role::Release };
            (release, Some(Pinned::By(role)))
        }
    };
    let form = |text: &str| PinForm::parse(text).map_or(Pinned::AsTheyAre, Pinned::As);
    let pinned = pins.policy.map(|policy| form(policy.form())).or(as_prepared).unwrap_or(Pinned::AsTheyAre);
    let artifacts = ordered(artifacts(monorepo, config), &pins.order)?;
    Ok((Scenario { release, artifacts, pinned }, tagged(monorepo, release, history)))
}

/// The artifacts in the order of names that was asked for, each of them of one kind where that stands before it; those that it
/// does not name come after them, as they were.
fn ordered(artifacts: Vec<Artifact>, names: &[String]) -> Result<Vec<Artifact>, Box<Problem>> {
    let mut left = artifacts;
    let mut ordered = Vec::new();
    for name in names {
        let of_kind = |artifact: &Artifact| {
            name.split_once(':').is_some_and(|(kind, name)| artifact.kind.name() == kind && artifact.name == name)
        };
        let (named, rest): (Vec<_>, Vec<_>) =
            left.iter().cloned().partition(|artifact| artifact.name == *name || of_kind(artifact));
        if named.is_empty() {
            let known: Vec<String> = left.iter().map(|artifact| spelled(&left, artifact)).collect();
            let help = format!("name each once, of {}", known.join(", "));
            return Err(Box::new(Problem::new(format!("`{name}` is none of the artifacts that are left"), help)));
        }
        ordered.extend(named);
        left = rest;
    }
    ordered.extend(left);
    Ok(ordered)
}
