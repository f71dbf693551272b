//! What remains of a release after it is prepared, in order. Nothing here is stored: the list follows from the release,
//! the monorepo and the tags.

use super::prepare::version;
use crate::history::History;
use crate::monorepo::{Artifact, Config, Monorepo, PinForm};
use crate::pins::policy::specifier;
use crate::text::is_hidden;
use crate::version::{Release, ReleaseKind};
use serde::Serialize;
use std::borrow::Cow;

/// What the steps follow from.
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
    /// The commands that bring the edits onto the line's branch; none when they are there.
    pub merge: &'a [String],
    /// Whether the release is tagged.
    pub is_tagged: bool,
}

/// One step, and how it is done by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is to be done.
    pub title: String,
    /// The commands that do it; none when it is a person's.
    pub commands: Vec<String>,
}

/// The steps that remain, the next one first.
pub fn remaining(scene: Scene<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    merge(scene, &mut steps);
    publish(scene, &mut steps);
    if scene.release.is_candidate() {
        test(scene, &mut steps);
    } else {
        follow_up(scene, &mut steps);
        step(&mut steps, "write the release notes and announce the release", []);
    }
    steps
}

fn step<const N: usize>(steps: &mut Vec<Step>, title: impl Into<String>, commands: [String; N]) {
    steps.push(Step { title: title.into(), commands: commands.into() });
}

fn merge(scene: Scene<'_>, steps: &mut Vec<Step>) {
    let branch = scene.config.branch.branch(scene.release.line());
    let policy = |policy: crate::monorepo::PinPolicy| {
        if scene.release.is_candidate() { policy.candidate } else { policy.release }
    };
    let pins: Vec<String> = scene
        .monorepo
        .clients
        .iter()
        .filter_map(|client| match policy(client.policy) {
            PinForm::Unpinned | PinForm::Keep => None,
            form => Some(format!("`{}{}`", client.name, specifier(form, &version(scene.release)))),
        })
        .collect();
    let caution = match pins[..] {
        [] => String::new(),
        _ => format!(" (CI cannot resolve {} before the client is published; that is expected)", pins.join(", ")),
    };
    if !scene.merge.is_empty() {
        steps.push(Step { title: format!("bring this onto {branch}{caution}"), commands: scene.merge.to_vec() });
    }
}

fn publish(scene: Scene<'_>, steps: &mut Vec<Step>) {
    let Scene { release, config, .. } = scene;
    let (tag, branch) = (config.tag.tag(release), config.branch.branch(release.line()));
    let leads = scene.history.highest_final().is_none_or(|highest| highest < release);
    let flag = match (release.is_candidate(), leads) {
        (true, _) => " --prerelease",
        (false, true) => " --latest",
        (false, false) => " --latest=false",
    };
    if !scene.is_tagged {
        step(
            steps,
            format!("create the GitHub release {tag} on {branch}"),
            [format!("gh release create {tag} --target {branch} --generate-notes{flag}")],
        );
    }
    let names: Vec<String> = artifacts(scene.monorepo, config)
        .iter()
        .map(|artifact| format!("{} ({})", artifact.name, artifact.kind))
        .collect();
    let version = match artifacts(scene.monorepo, config).iter().any(|artifact| artifact.kind == "npm") {
        true if release.is_candidate() => format!("{release}, on npm {}", release.npm()),
        _ => release.to_string(),
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    step(
        steps,
        format!("see that {} {are} published as {version}: {}", count(names.len(), "package"), names.join(", ")),
        [],
    );
}

/// What a release publishes, in order: what `release.toml` lists, else every package and then every client.
pub fn artifacts(monorepo: &Monorepo, config: &Config) -> Vec<Artifact> {
    if !config.artifacts.is_empty() {
        return config.artifacts.clone();
    }
    let artifact = |kind: &str, name: &str| Artifact { kind: kind.to_owned(), name: name.to_owned() };
    let packages = monorepo.packages.iter().map(|package| artifact("pypi", &package.canonical));
    let clients = monorepo
        .clients
        .iter()
        .flat_map(|client| client.registries.iter().map(move |registry| artifact(registry, &client.name)));
    packages.chain(clients).collect()
}

fn test(scene: Scene<'_>, steps: &mut Vec<Step>) {
    let base = scene.release.base();
    let (least, most) = scene.config.stream(base.kind()).testing_days;
    let days = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    if most > 0 {
        step(steps, format!("let the community test it, {days} days from the first candidate"), []);
    }
    let next = scene.release.candidate.map_or(base, |number| base.with_candidate(number + 1));
    let flag = if base.kind() == ReleaseKind::Patch { " --patch-candidate" } else { "" };
    step(
        steps,
        format!("then prepare {base}, or {next} when something was found"),
        [format!("cargo xtask release {} {base}", base.kind()), format!("cargo xtask release rc {next}{flag}")],
    );
}

/// What follows on the line and on main.
fn follow_up(scene: Scene<'_>, steps: &mut Vec<Step>) {
    let Scene { release, monorepo, config, .. } = scene;
    let (branch, main) = (config.branch.branch(release.line()), &config.main);
    let locks = !monorepo.uis.is_empty() || (!monorepo.uv_locks.is_empty() && !monorepo.clients.is_empty());
    let on_line = locks.then(|| format!("the lockfiles on {branch}"));
    // Seen from before the tag: the release counts as one that is out.
    let on_main = scene.history.next_development(release).map(|next| format!("{next} on {main}"));
    let stays = match (&on_main, scene.history.highest_final()) {
        (None, Some(leader)) => {
            format!("; {main} stays, for line {} leads and {release} would take it back", leader.line())
        }
        _ => String::new(),
    };
    let parts: Vec<String> = on_line.into_iter().chain(on_main).collect();
    if parts.is_empty() {
        step(steps, format!("nothing follows on {branch}{stays}"), []);
        return;
    }
    step(
        steps,
        format!("then make the edits that follow: {}{stays}", parts.join(", ")),
        [format!("cargo xtask release post {release}")],
    );
}

/// A word as a shell reads it.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:@%+,^".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    if !word.chars().any(is_hidden) {
        return format!("'{}'", word.replace('\'', r"'\''")).into();
    }
    // The form in which a shell takes bytes by their numbers: what is shown can be given as it stands.
    let byte = |byte: u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    format!("$'{}'", word.bytes().map(byte).collect::<String>()).into()
}

/// A number with its noun: `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
