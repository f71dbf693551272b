//! `release pins`: every requirement on a client or sibling, how it is written, and what users can install while a release is
//! being published.

mod online;
mod rewrite;

use super::prepare::under_way;
use super::registries::useless;
use crate::Outcome;
use crate::cli::{Global, PinPolicy, Pins};
use crate::effects::lock::Lock;
use crate::effects::write;
use crate::output;
use crate::output::pins::{Report, Simulation, Tried, spelled};
use crate::world::{Repository, WorkTree};
use anyhow::Context;
use release_core::history::History;
use release_core::monorepo::{Artifact, Config, Monorepo, PinForm, Snapshot, SnapshotError, discover};
use release_core::pins::simulate::{Before, World, window};
use release_core::pins::tree::{Pinned, Role, listed, tagged, world};
use release_core::problem::Problem;
use release_core::train::prepare::artifacts;
use release_core::version::Release;

/// The forms that are tried.
const FORMS: [&str; 5] = ["==", "~=", ">=", ">=,<", "none"];

/// What was read, whatever is done with it.
struct Observed<'a> {
    global: &'a Global,
    repository: &'a Repository,
    config: Config,
    history: History,
    monorepo: Monorepo,
    /// The release that the tree is at.
    own: Option<Release>,
    role: Role,
    /// The commit of `--rev`.
    commit: Option<String>,
    /// The branch that is looked at.
    branch: Option<String>,
}

/// Lists the pins of a tree, writes them by another policy, or simulates.
pub(super) fn run(global: &Global, pins: &Pins) -> anyhow::Result<Outcome> {
    // The grammar sees this only where both stand after `pins`.
    if pins.online && global.offline {
        let problem = Problem::new("`--online` cannot be used with `--offline`", "leave one of them out");
        return Ok(refused(&problem, Outcome::Usage));
    }
    if let Some(problem) = useless(&pins.ask, pins.online) {
        return Ok(refused(&problem, Outcome::Usage));
    }
    if rewrites(pins).is_some() && pins.rev.is_some() {
        let problem = Problem::new("pins are written in the work tree alone", "leave `--rev` or `--policy` out");
        return Ok(refused(&problem, Outcome::Usage));
    }
    let repository = Repository::open(global)?;
    let outcome = run_in(&repository, global, pins);
    if global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

/// The policy by which pins are to be written.
fn rewrites(pins: &Pins) -> Option<PinPolicy> {
    pins.policy.filter(|_| pins.simulate.is_none())
}

fn run_in(repository: &Repository, global: &Global, pins: &Pins) -> anyhow::Result<Outcome> {
    let rewrites = rewrites(pins);
    // Whoever writes takes back first what an interrupted run left; without writing there is nothing to lock.
    let lock = if rewrites.is_some() && !global.dry_run { Some(Lock::take(repository)?) } else { None };
    let mut problems = Vec::new();
    if rewrites.is_some() {
        problems.extend(write::recover(global, &repository.location.root, &repository.state_dir())?);
        problems.extend(under_way(repository));
    }
    let observed = match observe(global, repository, pins)? {
        Ok(observed) => observed,
        Err(outcome) => return Ok(outcome),
    };
    if let Some(policy) = rewrites {
        return rewrite::run(&observed, pins, policy, lock.as_ref(), problems);
    }
    let Observed { monorepo, role, .. } = &observed;
    let simulation = match &pins.simulate {
        None => None,
        Some(asked) => match simulation(pins, asked, &observed)? {
            Ok(simulation) => Some(simulation),
            Err((problems, outcome)) => {
                output::problems(&problems, std::iter::empty());
                return Ok(outcome);
            }
        },
    };
    let pins = listed(monorepo, *role);
    Report { global, monorepo, role: *role, pins: &pins, simulation: simulation.as_ref(), rewritten: None }.show();
    Ok(Outcome::Done)
}

fn refused(problem: &Problem, outcome: Outcome) -> Outcome {
    output::problems(std::slice::from_ref(problem), std::iter::empty());
    outcome
}

/// Reads the tree, or says why it cannot be read.
fn observe<'a>(
    global: &'a Global,
    repository: &'a Repository,
    pins: &Pins,
) -> anyhow::Result<Result<Observed<'a>, Outcome>> {
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Err(Outcome::Usage));
        }
    };
    let refs = repository.git.refs()?;
    let history = History::new(&refs.tags, &config.tag);
    let commit = match &pins.rev {
        Some(revision) => Some(repository.git.commit_of(revision)?.with_context(|| {
            format!("there is no commit `{revision}` in this repository; fetch it, or see that it is spelled right")
        })?),
        None => None,
    };
    let taken = match &commit {
        Some(commit) => Snapshot::take(&(&repository.git, commit.as_str()), &config),
        None => Snapshot::take(&WorkTree(repository), &config),
    };
    let found = match taken {
        Ok(snapshot) => discover(snapshot, &config, &history),
        Err(SnapshotError::NotText(problems)) => Err(problems),
        Err(SnapshotError::Tree(error)) => return Err(error.into()),
    };
    let monorepo = match found {
        Ok(monorepo) => monorepo,
        Err(problems) => {
            output::problems(&problems, std::iter::empty());
            return Ok(Err(Outcome::Refused));
        }
    };
    let own = monorepo.packages.first().and_then(|package| monorepo.manifest(package)?.current_version());
    let own = own.and_then(|own| Release::parse(&own).ok());
    let branch = pins.rev.clone().or_else(|| refs.current().map(|branch| branch.name.clone()));
    let role = match own {
        _ if branch.as_ref() == Some(&config.main) => Role::Main,
        Some(release) if release.is_candidate() => Role::Candidate,
        _ => Role::Release,
    };
    Ok(Ok(Observed { global, repository, config, history, monorepo, own, role, commit, branch }))
}

/// Why there is no simulation, and how the run ends.
type Unknown = (Vec<Problem>, Outcome);

fn simulation(pins: &Pins, asked: &str, observed: &Observed<'_>) -> anyhow::Result<Result<Simulation, Unknown>> {
    let (scenario, mut before) = match scenario(pins, asked, observed) {
        Ok(found) => found,
        Err(problem) => return Ok(Err((vec![*problem], Outcome::Usage))),
    };
    let order: Vec<usize> = (0..scenario.artifacts.len()).collect();
    if pins.online {
        let Some(wanting) = scenario.world(observed, &before, scenario.pinned) else {
            return Ok(Err(no_version(&scenario)));
        };
        before = match online::before(observed, pins, &wanting)? {
            Ok(before) => before,
            Err(problems) => return Ok(Err((problems, Outcome::Unknown))),
        };
    }
    let Some(world) = scenario.world(observed, &before, scenario.pinned) else { return Ok(Err(no_version(&scenario))) };
    let tried = FORMS.iter().filter_map(|form| {
        let pinned = PinForm::parse(form).map_or(Pinned::AsTheyAre, Pinned::As);
        let other = scenario.world(observed, &before, pinned)?;
        Some(Tried { form, window: window(&other.steps(&order)) })
    });
    let tried = tried.collect();
    let steps = world.steps(&order);
    let safe = world.safe_order(&order);
    let Scenario { release, artifacts, .. } = scenario;
    let window = window(&steps);
    Ok(Ok(Simulation { release, artifacts, window, steps, safe, tried, world, is_online: pins.online }))
}

fn no_version(scenario: &Scenario) -> Unknown {
    let problem = Problem::new(format!("{} is not a version of PEP 440", scenario.release), "write it as X.Y.Z");
    (vec![problem], Outcome::Usage)
}

/// What is simulated.
struct Scenario {
    release: Release,
    artifacts: Vec<Artifact>,
    pinned: Pinned,
}

impl Scenario {
    fn world(&self, observed: &Observed<'_>, before: &Before, pinned: Pinned) -> Option<World> {
        world(&observed.monorepo, &self.artifacts, self.release, before.clone(), pinned)
    }
}

/// What was asked for, and what is there before by the tags.
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
