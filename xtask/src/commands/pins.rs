//! `release pins`: every requirement on a client or sibling, how it is written, and what users can install while a release is
//! being published.

mod rewrite;

use super::prepare::under_way;
use crate::Outcome;
use crate::cli::{Global, Pins};
use crate::effects::lock::Lock;
use crate::effects::write;
use crate::output;
use crate::output::pins::{Report, Simulation, Tried};
use crate::world::{Repository, WorkTree};
use anyhow::Context;
use release_core::history::History;
use release_core::monorepo::{Artifact, Config, Monorepo, PinForm, Snapshot, SnapshotError, discover};
use release_core::pins::simulate::{World, window};
use release_core::pins::tree::{Pinned, Role, listed, tagged, world};
use release_core::plan::artifacts;
use release_core::problem::Problem;
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
}

/// Lists the pins of a tree, writes them by another policy, or simulates.
pub(super) fn run(global: &Global, pins: &Pins) -> anyhow::Result<Outcome> {
    let rewrites = pins.policy.filter(|_| pins.simulate.is_none());
    if rewrites.is_some() && pins.rev.is_some() {
        let problem = Problem::new("pins are written in the work tree alone", "leave `--rev` or `--policy` out");
        return Ok(refused(&problem, Outcome::Usage));
    }
    let repository = Repository::open(global)?;
    // Whoever writes takes back first what an interrupted run left; without writing there is nothing to lock.
    let lock = if rewrites.is_some() && !global.dry_run { Some(Lock::take(&repository)?) } else { None };
    let mut problems = Vec::new();
    if rewrites.is_some() {
        problems.extend(write::recover(global, &repository.location.root, &repository.state_dir())?);
        problems.extend(under_way(&repository));
    }
    let observed = match observe(global, &repository, pins)? {
        Ok(observed) => observed,
        Err(outcome) => return Ok(outcome),
    };
    if let Some(policy) = rewrites {
        return rewrite::run(&observed, pins, policy, lock.as_ref(), problems);
    }
    let Observed { monorepo, role, .. } = &observed;
    let simulation = match &pins.simulate {
        None => None,
        Some(asked) => match simulation(pins, asked, &observed) {
            Ok(simulation) => Some(simulation),
            Err(problem) => return Ok(refused(&problem, Outcome::Usage)),
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
            output::problems(&unreadable.problems, std::iter::once((unreadable.path.as_path(), &unreadable.source)));
            return Ok(Err(Outcome::Usage));
        }
    };
    let refs = repository.git.refs()?;
    let history = History::new(&refs.tags, &config.tag);
    let taken = match &pins.rev {
        Some(revision) => {
            let commit = repository.git.commit_of(revision)?.with_context(|| {
                format!("there is no commit `{revision}` in this repository; fetch it, or see that it is spelled right")
            })?;
            Snapshot::take(&(&repository.git, commit.as_str()), &config)
        }
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
    Ok(Ok(Observed { global, repository, config, history, monorepo, own, role }))
}

fn simulation(pins: &Pins, asked: &str, observed: &Observed<'_>) -> Result<Simulation, Box<Problem>> {
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
    let order: Vec<usize> = (0..artifacts.len()).collect();
    let before = tagged(monorepo, release, history);
    let make = |pinned| {
        world(monorepo, &artifacts, release, before.clone(), pinned)
            .ok_or_else(|| problem(format!("{release} is not a version of PEP 440"), "write it as X.Y.Z"))
    };
    let world: World = make(pinned)?;
    let steps = world.steps(&order);
    let mut tried = Vec::new();
    for text in FORMS {
        let other = make(form(text))?;
        tried.push(Tried { form: text, window: window(&other.steps(&order)) });
    }
    let safe = world.safe_order(&order);
    Ok(Simulation { release, artifacts, window: window(&steps), steps, safe, tried, world })
}

/// The artifacts in the order of names that was asked for; those that it does not name come after them, as they were.
fn ordered(artifacts: Vec<Artifact>, names: &[String]) -> Result<Vec<Artifact>, Box<Problem>> {
    let mut left = artifacts;
    let mut ordered = Vec::new();
    for name in names {
        if !left.iter().any(|artifact| artifact.name == *name) {
            let known: Vec<&str> = left.iter().map(|artifact| artifact.name.as_str()).collect();
            let help = format!("name each once, of {}", known.join(", "));
            return Err(Box::new(Problem::new(format!("`{name}` is none of the artifacts that are left"), help)));
        }
        let (named, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|artifact| artifact.name == *name);
        ordered.extend(named);
        left = rest;
    }
    ordered.extend(left);
    Ok(ordered)
}
