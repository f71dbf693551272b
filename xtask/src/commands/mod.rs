//! One file for each command.

mod prepare;

use crate::cli::{Cli, Command, Release, ReleaseCommand};
use crate::{Outcome, dev, output, sandbox};
use release_core::version::ReleaseKind;

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Release(release) => run_release(release),
        Command::Ci => dev::ci::run(),
        Command::Docs { check } => dev::docs::run(check),
        Command::Bench { runs, packages, checkout } => dev::bench::run(runs, &packages, checkout.as_deref()),
    }
}

fn run_release(Release { mut global, command }: Release) -> anyhow::Result<Outcome> {
    output::choose_color(global.color);
    let kind = |kind, patch_candidate| prepare::Asked { kind, patch_candidate };
    let (prepare, asked) = match command {
        ReleaseCommand::Patch(prepare) => (prepare, kind(Some(ReleaseKind::Patch), false)),
        ReleaseCommand::Minor(prepare) => (prepare, kind(Some(ReleaseKind::Minor), false)),
        ReleaseCommand::Major(prepare) => (prepare, kind(Some(ReleaseKind::Major), false)),
        ReleaseCommand::Rc { prepare, patch_candidate } => (prepare, kind(None, patch_candidate)),
    };
    let release = match prepare::version(&prepare.version, asked) {
        Ok(release) => release,
        Err(problem) => {
            output::problems(&[problem], std::iter::empty());
            return Ok(Outcome::Usage);
        }
    };
    if prepare.version.trim() != release.to_string() {
        output::say(&global, &format!("reading `{}` as {release}", prepare.version.trim()));
    }
    let sandbox = if global.sandbox { Some(sandbox::Sandbox::make(&mut global, release)?) } else { None };
    let outcome = prepare::run(&global, &prepare, release);
    if let Some(sandbox) = sandbox {
        sandbox.close(&global)?;
    }
    outcome
}
