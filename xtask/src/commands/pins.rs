//! `release pins`: every requirement on a client or sibling, and what users can install while a release is being published.

use crate::Outcome;
use crate::cli::{Global, Pins};
use crate::output;
use crate::output::pins::{Report, Simulation, Tried};
use crate::world::{Repository, WorkTree};
use anyhow::Context;
use release_core::history::History;
use release_core::monorepo::{Artifact, Config, Monorepo, PinForm, Snapshot, SnapshotError, discover};
use release_core::pins::simulate::{World, window};
use release_core::pins::tree::{Pinned, Role, listed, world};
use release_core::plan::artifacts;
use release_core::problem::Problem;
use release_core::version::Release;

/// The forms that are tried.
const FORMS: [&str; 5] = ["==", "~=", ">=", ">=,<", "none"];

/// Lists the pins of a tree, or simulates.
pub(super) fn run(global: &Global, pins: &Pins) -> anyhow::Result<Outcome> {
    let repository = Repository::open(global)?;
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::problems(&unreadable.problems, std::iter::once((unreadable.path.as_path(), &unreadable.source)));
            return Ok(Outcome::Usage);
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
        None => Snapshot::take(&WorkTree(&repository), &config),
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
            return Ok(Outcome::Refused);
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
    let simulation = match &pins.simulate {
        None => None,
        Some(asked) => match simulation(pins, asked, own, &monorepo, &config, &history) {
            Ok(simulation) => Some(simulation),
            Err(problem) => {
                output::problems(std::slice::from_ref(&*problem), std::iter::empty());
                return Ok(Outcome::Usage);
            }
        },
    };
    let pins = listed(&monorepo, role);
    Report { global, monorepo: &monorepo, role, pins: &pins, simulation: simulation.as_ref() }.show();
    Ok(Outcome::Done)
}

fn simulation(
    pins: &Pins,
    asked: &str,
    own: Option<Release>,
    monorepo: &Monorepo,
    config: &Config,
    history: &History,
) -> Result<Simulation, Box<Problem>> {
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
    let make = |pinned| {
        world(monorepo, &artifacts, release, history, pinned)
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
