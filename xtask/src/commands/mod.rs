//! One file for each command.

mod check;
mod prepare;
mod rules;

use crate::cli::{self, Cli, Command, Format, Global, ReleaseCommand};
use crate::{Outcome, dev, output, sandbox};
use release_core::problem::Problem;
use release_core::version::{Release, ReleaseKind};

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Release(release) => run_release(release),
        Command::Ci => dev::ci::run(),
        Command::Docs { check } => dev::docs::run(check),
        Command::Bench { runs, packages, checkout } => dev::bench::run(runs, &packages, checkout.as_deref()),
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
        ReleaseCommand::Check(check) => {
            return in_sandbox(&mut global, sandbox::NEXT, |global| check::run(global, &check));
        }
        ReleaseCommand::Rules => return rules::list(&global),
        ReleaseCommand::Explain { rule } => return rules::explain(&global, &rule),
    };
    if !matches!(global.output_format, None | Some(Format::Text | Format::Json)) {
        output::problems(
            &[Problem::new("this command prints text or JSON", "`--output-format text` or `json`")],
            std::iter::empty(),
        );
        return Ok(Outcome::Usage);
    }
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
    in_sandbox(&mut global, release, |global| prepare::run(global, &prepare, release))
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
