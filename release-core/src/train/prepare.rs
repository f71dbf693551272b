//! The steps that remain after a release is prepared, in order.

use super::step::{Step, StepId, announcement, in_turn};
use super::tagged::Tagged;
use crate::history::History;
use crate::monorepo::{Artifact, Client, Config, Monorepo, PinForm};
use crate::pins::policy::specifier;
use crate::registry::Registry;
use crate::text::count;
use crate::version::{Release, ReleaseKind};

/// The input of the steps.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The release.
    pub release: Release,
    /// The tree that was prepared.
    pub monorepo: &'a Monorepo,
    /// The configuration.
    pub config: &'a Config,
    /// The tags.
    pub history: &'a History,
    /// The commands that bring the edits onto the line's branch; empty if they are already there.
    pub merge: &'a [String],
    /// The place of its tag.
    pub tagged: Tagged,
    /// The name of the remote.
    pub remote: &'a str,
}

/// Returns the steps that remain, the next one first.
pub fn remaining(scene: Scene<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = merge(scene).into_iter().chain(publish(scene)).collect();
    match scene.release.is_candidate() {
        true => steps.extend(test(scene)),
        false => steps.extend([follow_up(scene), announcement()]),
    }
    in_turn(steps)
}

fn merge(scene: Scene<'_>) -> Option<Step> {
    if scene.merge.is_empty() {
        return None;
    }
    let branch = scene.config.branch.branch(scene.release.line());
    let pin = |client: &Client| match client.policy.form(scene.release) {
        PinForm::Unpinned | PinForm::Keep => None,
        form => Some(format!("`{}{}`", client.name, specifier(form, &scene.release.into()))),
    };
    let pins: Vec<String> = scene.monorepo.clients.iter().filter_map(pin).collect();
    let caution = match pins[..] {
        [] => String::new(),
        _ => format!(" (CI cannot resolve {} before the client is published; that is expected)", pins.join(", ")),
    };
    let title = format!("bring this onto {branch}{caution}");
    Some(Step::ready(StepId::Proposal, title, scene.merge.iter().cloned()))
}

fn publish(scene: Scene<'_>) -> Vec<Step> {
    let Scene { release, config, history, tagged, remote, .. } = scene;
    let mut steps: Vec<Step> = tagged.step(release, config, history, remote).into_iter().collect();
    let artifacts = artifacts(scene.monorepo, config);
    let names: Vec<String> =
        artifacts.iter().map(|artifact| format!("{} ({})", artifact.name, artifact.kind)).collect();
    let version = match artifacts.iter().any(|artifact| artifact.kind == Registry::Npm.into()) {
        true if release.is_candidate() => format!("{release}, on npm {}", release.npm()),
        _ => release.to_string(),
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    let number = count(names.len(), "package");
    let title = format!("see that {number} {are} published as {version}: {}", names.join(", "));
    steps.push(Step::person(StepId::Artifacts, title));
    steps
}

/// Returns the artifacts that a release publishes, in order: those that `release.toml` lists, else every package and
/// then every client.
pub fn artifacts(monorepo: &Monorepo, config: &Config) -> Vec<Artifact> {
    if !config.artifacts.is_empty() {
        return config.artifacts.clone();
    }
    let artifact = |registry: Registry, name: &str| Artifact { kind: registry.into(), name: name.to_owned() };
    let packages = monorepo.packages.iter().map(|package| artifact(Registry::Pypi, &package.canonical));
    let of_client = |client: &Client| {
        let names = |registry: &Registry| match registry {
            Registry::Npm => client.on_npm.iter().cloned().collect(),
            Registry::Pypi => vec![client.name.clone()],
        };
        let each = client.registries.iter().flat_map(|one| names(one).into_iter().map(|name| artifact(*one, &name)));
        each.collect::<Vec<_>>()
    };
    let clients = monorepo.clients.iter().flat_map(of_client);
    packages.chain(clients).collect()
}

fn test(scene: Scene<'_>) -> Vec<Step> {
    let base = scene.release.base();
    let (least, most) = scene.config.stream(base.kind()).testing_days;
    let days = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    let window = format!("let the community test it, {days} days from the first candidate");
    let window = (most > 0).then(|| Step::person(StepId::TestingWindow, window));
    let next = scene.release.candidate.map_or(base, |number| base.with_candidate(number + 1));
    let flag = if base.kind() == ReleaseKind::Patch { " --patch-candidate" } else { "" };
    let title = format!("then prepare {base}, or {next} if a problem was found");
    let commands =
        [format!("cargo xtask release {} {base}", base.kind()), format!("cargo xtask release rc {next}{flag}")];
    window.into_iter().chain([Step::ready(StepId::NextRelease, title, commands)]).collect()
}

/// Returns the step that updates the line and main.
fn follow_up(scene: Scene<'_>) -> Step {
    let Scene { release, monorepo, config, .. } = scene;
    let (branch, main) = (config.branch.branch(release.line()), &config.main);
    let locks = !monorepo.uis.is_empty() || (!monorepo.uv_locks.is_empty() && !monorepo.clients.is_empty());
    let on_line = locks.then(|| format!("the lockfiles on {branch}"));
    // Computed as of before the tag: the release counts as published.
    let on_main = scene.history.next_development(release).map(|next| format!("{next} on {main}"));
    let stays = match (&on_main, scene.history.highest_final()) {
        (None, Some(leader)) => {
            format!("; {main} does not change, because line {} is higher than {release}", leader.line())
        }
        _ => String::new(),
    };
    let parts: Vec<String> = on_line.into_iter().chain(on_main).collect();
    if parts.is_empty() {
        return Step::person(StepId::FollowUp, format!("nothing follows on {branch}{stays}"));
    }
    let title = format!("then make the edits that follow: {}{stays}", parts.join(", "));
    Step::ready(StepId::FollowUp, title, [format!("cargo xtask release post {release}")])
}
