//! One file for each command.

pub(crate) mod audit;
mod baseline;
mod check;
pub(crate) mod follow_up;
mod init;
mod pins;
mod prepare;
pub(crate) mod registries;
mod rules;
pub(crate) mod stamp;
pub(crate) mod version;

use crate::cli::{self, Cli, Command, Format, Global, ReleaseCommand};
use crate::{Outcome, dev, output, sandbox};
use release_core::problem::Problem;
use release_core::version::{Release, ReleaseKind};

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Release(release) => run_release(*release),
        Command::Ci => dev::ci::run(),
        Command::Docs { check } => dev::docs::run(check),
        Command::Bench(words) => dev::bench::run(&words),
    }
}

fn run_release(cli::Release { mut global, command }: cli::Release) -> anyhow::Result<Outcome> {
    output::choose_color(global.color);
    let kind = |kind, patch_candidate| prepare::Asked { kind, patch_candidate };
    let (prepare, asked) = match command {
        ReleaseCommand::Patch(prepare) => (prepare, kind(Some(ReleaseKind::Patch), false)),
        ReleaseCommand::Minor(prepare) => (prepare, kind(Some(ReleaseKind::Minor), false)),
        ReleaseCommand::Major(prepare) => (prepare, kind(Some(ReleaseKind::Major), false)),
        ReleaseCommand::Rc { prepare, patch_candidate } => (prepare, kind(None, patch_candidate)),
        ReleaseCommand::Post(post) => {
            return text_or_json(&global, || match follow_up::release(&post.version) {
                Ok(release) => after_release(&mut global.clone(), &post, release),
                Err(problem) => Ok(usage(&problem)),
            });
        }
        ReleaseCommand::Relock(relock) => {
            return text_or_json(&global, || match relock.client.as_deref().map(follow_up::client).transpose() {
                Ok(client) => in_sandbox(&mut global.clone(), sandbox::NEXT, |global| {
                    follow_up::relock(global, &relock, client.as_ref())
                }),
                Err(problem) => Ok(usage(&problem)),
            });
        }
        ReleaseCommand::Check(check) => {
            if global.output_format == Some(Format::Html) {
                return Ok(usage(&Problem::new("`check` prints no HTML", "`cargo xtask release audit` does")));
            }
            return in_sandbox(&mut global, sandbox::NEXT, |global| check::run(global, &check));
        }
        ReleaseCommand::Pins(pins) => {
            return text_or_json(&global, || {
                in_sandbox(&mut global.clone(), sandbox::NEXT, |global| pins::run(global, &pins))
            });
        }
        ReleaseCommand::Init(words) => {
            return text_or_json(&global, || match words.adopt_scm {
                true => in_sandbox(&mut global.clone(), sandbox::NEXT, |global| init::run(global, &words)),
                false => Ok(usage(&init::asks_for_nothing())),
            });
        }
        ReleaseCommand::Version(naming) => {
            // The sample's main: it has no branch for 0.5 yet.
            return text_or_json(&global, || {
                in_sandbox(&mut global.clone(), Release::new(0, 5, 0), |global| version::run(global, &naming))
            });
        }
        ReleaseCommand::Stamp(stamp) => {
            return text_or_json(&global, || {
                in_sandbox(&mut global.clone(), sandbox::NEXT, |global| stamp::run(global, &stamp))
            });
        }
        ReleaseCommand::Audit(audit) => {
            if matches!(global.output_format, Some(Format::Concise | Format::Github)) {
                let help = "`--output-format text`, `json`, `html`, `sarif` or `junit`";
                return Ok(usage(&Problem::new("`audit` prints text, JSON, HTML, SARIF or JUnit", help)));
            }
            return in_sandbox(&mut global, sandbox::NEXT, |global| audit::run(global, &audit));
        }
        ReleaseCommand::Rules => return rules::list(&global),
        ReleaseCommand::Explain { rule } => return rules::explain(&global, &rule),
    };
    text_or_json(&global.clone(), || prepared(&mut global, &prepare, asked))
}

fn prepared(global: &mut Global, prepare: &cli::Prepare, asked: prepare::Asked) -> anyhow::Result<Outcome> {
    let release = match prepare::version(&prepare.version, asked) {
        Ok(release) => release,
        Err(problem) => return Ok(usage(&problem)),
    };
    if prepare.version.trim() != release.to_string() {
        output::say(global, &format!("reading `{}` as {release}", prepare.version.trim()));
    }
    in_sandbox(global, release, |global| prepare::run(global, prepare, release))
}

/// A command line that makes no sense.
fn usage(problem: &Problem) -> Outcome {
    output::problems(std::slice::from_ref(problem), std::iter::empty());
    Outcome::Usage
}

/// Runs a command that has these two formats alone.
fn text_or_json(global: &Global, command: impl FnOnce() -> anyhow::Result<Outcome>) -> anyhow::Result<Outcome> {
    match global.output_format {
        None | Some(Format::Text | Format::Json) => command(),
        Some(_) => Ok(usage(&Problem::new("this command prints text or JSON", "`--output-format text` or `json`"))),
    }
}

/// Runs `post`; in the sandbox the release is made first.
fn after_release(global: &mut Global, post: &cli::Post, release: Release) -> anyhow::Result<Outcome> {
    if !global.sandbox {
        return follow_up::post(global, post, release);
    }
    let sandbox = sandbox::Sandbox::make(global, release)?;
    let quiet = Global { quiet: true, verbose: 0, dry_run: false, output_format: None, ..global.clone() };
    let prepared = prepare::run(&quiet, &cli::Prepare::committed(release), release)?;
    let outcome = match prepared {
        Outcome::Done => {
            sandbox.tag(release)?;
            follow_up::post(global, post, release)?
        }
        refused => refused,
    };
    sandbox.close(global)?;
    Ok(outcome)
}

/// Runs a command, with `--sandbox` in one that is made for it.
fn in_sandbox(
    global: &mut Global,
    release: Release,
    command: impl FnOnce(&Global) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Outcome> {
    let sandbox = if global.sandbox { Some(sandbox::Sandbox::make(global, release)?) } else { None };
    let outcome = command(global);
    if let Some(sandbox) = sandbox {
        sandbox.close(global)?;
    }
    outcome
}
