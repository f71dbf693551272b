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

use crate::cli::{self, Cli, Command, Global, ReleaseCommand};
use crate::sandbox::{NEXT, Sandbox};
use crate::stop::{Result, Stop, shown};
use crate::{Outcome, dev, output};
use release_core::problem::Problem;
use release_core::version::{Release, ReleaseKind};

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<Outcome> {
    match cli.command {
        Command::Release(release) => run_release(&release.global, &release.command),
        Command::Ci => Ok(dev::ci::run()?),
        Command::Docs { check } => Ok(dev::docs::run(check)?),
        Command::Bench(words) => Ok(dev::bench::run(&words)?),
    }
}

/// The table of the commands: each with its words, and the sample's release that it works on in the sandbox.
fn run_release(global: &Global, command: &ReleaseCommand) -> Result<Outcome> {
    output::choose_color(global.color);
    command.prints(global).map_err(Stop::usage)?;
    match command {
        ReleaseCommand::Patch(patch) => prepared(global, patch, patch.release(Some(ReleaseKind::Patch), false)),
        ReleaseCommand::Minor(minor) => prepared(global, minor, minor.release(Some(ReleaseKind::Minor), false)),
        ReleaseCommand::Major(major) => prepared(global, major, major.release(Some(ReleaseKind::Major), false)),
        ReleaseCommand::Rc { prepare, patch_candidate } => {
            prepared(global, prepare, prepare.release(None, *patch_candidate))
        }
        ReleaseCommand::Post(post) => after_release(global, post),
        ReleaseCommand::Relock(relock) => {
            let client = relock.client().map_err(Stop::usage)?;
            in_sandbox(global, NEXT, |global| follow_up::relock(global, relock, client.as_ref()))
        }
        ReleaseCommand::Check(check) => in_sandbox(global, NEXT, |global| check::run(global, check)),
        ReleaseCommand::Pins(pins) => in_sandbox(global, NEXT, |global| pins::run(global, pins)),
        ReleaseCommand::Init(init) => {
            init.asks().map_err(Stop::usage)?;
            in_sandbox(global, NEXT, |global| init::run(global, init))
        }
        // The sample's main: it has no branch for 0.5 yet.
        ReleaseCommand::Version(naming) => {
            in_sandbox(global, Release::new(0, 5, 0), |global| version::run(global, naming))
        }
        ReleaseCommand::Stamp(stamp) => in_sandbox(global, NEXT, |global| stamp::run(global, stamp)),
        ReleaseCommand::Audit(audit) => in_sandbox(global, NEXT, |global| audit::run(global, audit)),
        ReleaseCommand::Rules => rules::list(global),
        ReleaseCommand::Explain { rule } => rules::explain(global, rule),
    }
}

/// Runs `patch`, `minor`, `major` or `rc`.
fn prepared(global: &Global, prepare: &cli::Prepare, release: Result<Release, Problem>) -> Result<Outcome> {
    let release = release.map_err(Stop::usage)?;
    if prepare.version.trim() != release.to_string() {
        output::say(global, &format!("reading `{}` as {release}", prepare.version.trim()));
    }
    in_sandbox(global, release, |global| prepare::run(global, prepare, release))
}

/// Runs `post`; in the sandbox the release is made first.
fn after_release(global: &Global, post: &cli::Post) -> Result<Outcome> {
    let release = post.release().map_err(Stop::usage)?;
    if !global.sandbox {
        return follow_up::post(global, post, release);
    }
    let (sandbox, global) = Sandbox::make(global, release)?;
    let quiet = Global { quiet: true, verbose: 0, dry_run: false, output_format: None, ..global.clone() };
    let prepared = shown(prepare::run(&quiet, &cli::Prepare::committed(release), release))?;
    let outcome = match prepared {
        Outcome::Done => {
            sandbox.tag(release)?;
            shown(follow_up::post(&global, post, release))?
        }
        refused => refused,
    };
    sandbox.close(&global)?;
    Ok(outcome)
}

/// Runs a command, with `--sandbox` in one that is made for it.
fn in_sandbox(global: &Global, release: Release, command: impl FnOnce(&Global) -> Result<Outcome>) -> Result<Outcome> {
    if !global.sandbox {
        return command(global);
    }
    let (sandbox, global) = Sandbox::make(global, release)?;
    let outcome = shown(command(&global));
    sandbox.close(&global)?;
    Ok(outcome?)
}
