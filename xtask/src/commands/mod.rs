//! The commands: the grammar that lists them, and the table that runs them. One folder or file for each.

mod audit;
mod baseline;
mod check;
mod completions;
mod follow_up;
mod init;
mod past;
mod pins;
mod prepare;
mod registries;
mod repeated;
mod rules;
mod stamp;
mod status;
mod verify;
mod version;

use crate::cli::{self, Bench, Formats, Global};
use crate::sandbox::{NEXT, Sandbox};
use crate::stop::{Result, Stop, shown};
use crate::{Outcome, dev, output};
use clap::{Args, CommandFactory, Parser, Subcommand};
use release_core::version::{Release as Version, ReleaseKind};

/// Releases a Python and npm monorepo: verifies, plans, shows, edits.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prepare a release
    Release(Box<Release>),
    /// Format, lint, check the generated docs, test: what CI runs
    Ci,
    /// Write the generated parts of docs/
    Docs {
        /// Only say whether they are up to date
        #[arg(long)]
        check: bool,
    },
    /// Measure discovery, scan, prepare and check on generated monorepos
    Bench(Bench),
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: ReleaseCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// Prepare a patch X.Y.Z on its line's branch
    Patch(cli::Prepare),
    /// Prepare a minor X.Y.0; cuts its branch from main when there is none
    Minor(cli::Prepare),
    /// Prepare a major X.0.0; cuts its branch from main when there is none
    Major(cli::Prepare),
    /// Prepare a candidate X.Y.ZrcN
    Rc {
        #[command(flatten)]
        prepare: cli::Prepare,
        /// The candidate is one of a patch; patches usually have none
        #[arg(long)]
        patch_candidate: bool,
    },
    /// Make the edits that follow a published release X.Y.Z: main's next version, the line's lockfiles
    Post(cli::Post),
    /// Bring npm's and uv's lockfiles to a published client
    Relock(cli::Relock),
    /// Show all lines and the releases on their way, or the steps of one release and what comes next; changes nothing
    Status(cli::Status),
    /// Say whether every artifact of a release is on its registry, and what to do about each that is not
    Verify(cli::Verify),
    /// Say what a build of a commit is called, and where it goes
    Version(cli::Naming),
    /// Write a version into a client repository: its manifests, `__version__`, and what its release.toml names
    ///
    /// The place that a build reads is written, or named with the variable that it reads instead: of hatchling, flit, pdm-backend,
    /// Poetry, maturin, setuptools (`pyproject.toml`, `setup.cfg`, `setup.py`), setuptools-scm and plugins like it. What cannot be
    /// written, and any other back end, is refused until a `[[stamp]]` entry of release.toml says what to write. The packages of an
    /// npm workspace get the version, the ranges between them and the lockfile at the root too; private ones with another version
    /// keep it. So do packages below the root that have another version than the root's; `[[package]]` of release.toml names those
    /// that count. Crates of a workspace that maturin builds get the version with the requirements on them and `Cargo.lock`.
    ///
    /// A version never goes down: what the files have, and what the tags of the commit and of its line name, is evidence of what
    /// was released. A nightly or a candidate of the version that the files have is written where the tags show that this is not
    /// released yet.
    Stamp(cli::Stamp),
    /// Check manifests, lockfiles, the branch and its newest tag
    Check(cli::Check),
    /// List the requirements on clients and siblings, write them by another policy, or simulate what users can install while a
    /// release is published
    Pins(cli::Pins),
    /// Move a monorepo to what the other commands work with
    Init(cli::Init),
    /// Run the rules at every tag, each judged as of its own date, and over the past as a whole
    Audit(cli::Audit),
    /// List the rules of `check` and `audit`
    Rules,
    /// Print the page of a rule
    Explain {
        /// The rule's name
        rule: String,
    },
    /// Print a script by which a shell completes the words of `cargo-xtask`
    ///
    /// Words after `cargo xtask` are cargo's to complete, and its scripts do not know them. Type
    /// `cargo-xtask release ...`, the binary that `cargo install` makes: it does the same, and its
    /// words are completed once the script is where the shell looks for it, such as
    ///
    ///   bash        ~/.local/share/bash-completion/completions/cargo-xtask
    ///   zsh         _cargo-xtask, in a folder of $fpath
    ///   fish        ~/.config/fish/completions/cargo-xtask.fish
    ///   powershell  at the end of $PROFILE
    ///   elvish      at the end of ~/.config/elvish/rc.elv
    ///
    /// With bash: `cargo-xtask release completions bash > FILE`, and begin a new shell.
    #[command(verbatim_doc_comment)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<Outcome> {
    match cli.command {
        Command::Release(release) => run_release(&release.global, &release.command),
        Command::Ci => Ok(dev::ci::run(Cli::command())?),
        Command::Docs { check } => Ok(dev::docs::run(check, Cli::command())?),
        Command::Bench(words) => Ok(dev::bench::run(&words)?),
    }
}

/// The table of the commands: each with its words and the formats that it prints. Those of a checkout run in the sandbox too.
fn run_release(global: &Global, command: &ReleaseCommand) -> Result<Outcome> {
    use ReleaseCommand as R;
    output::choose_color(global.color);
    let formats = match command {
        R::Check(_) => Formats::OF_CHECK,
        R::Audit(_) => Formats::OF_AUDIT,
        R::Completions { .. } => Formats::TEXT,
        _ => Formats::TEXT_OR_JSON,
    };
    formats.allow(global.output_format).map_err(Stop::usage)?;
    let sandboxed = |run: &dyn Fn(&Global) -> Result<Outcome>| in_sandbox(global, NEXT, run);
    match command {
        R::Patch(words) => prepared(global, words, Some(ReleaseKind::Patch), false),
        R::Minor(words) => prepared(global, words, Some(ReleaseKind::Minor), false),
        R::Major(words) => prepared(global, words, Some(ReleaseKind::Major), false),
        R::Rc { prepare, patch_candidate } => prepared(global, prepare, None, *patch_candidate),
        R::Post(words) => after_release(global, words),
        R::Relock(words) => {
            let client = words.client().map_err(Stop::usage)?;
            sandboxed(&|global| follow_up::relock(global, words, client.as_ref()))
        }
        R::Check(words) => sandboxed(&|global| check::run(global, words)),
        R::Pins(words) => sandboxed(&|global| pins::run(global, words)),
        R::Init(words) => {
            words.asks().map_err(Stop::usage)?;
            sandboxed(&|global| init::run(global, words))
        }
        // The sample's main: it has no branch for 0.5 yet.
        R::Version(words) => in_sandbox(global, Version::new(0, 5, 0), &|global| version::run(global, words)),
        R::Status(words) => sandboxed(&|global| status::run(global, words)),
        R::Verify(words) => sandboxed(&|global| verify::run(global, words)),
        R::Stamp(words) => sandboxed(&|global| stamp::run(global, words)),
        R::Audit(words) => sandboxed(&|global| audit::run(global, words)),
        R::Rules => rules::list(global),
        R::Explain { rule } => rules::explain(global, rule),
        R::Completions { shell } => Ok(completions::run(*shell, Cli::command())),
    }
}

/// Runs `patch`, `minor`, `major` or `rc`, of which `None` is the last.
fn prepared(global: &Global, words: &cli::Prepare, kind: Option<ReleaseKind>, of_patch: bool) -> Result<Outcome> {
    let release = words.release(kind, of_patch).map_err(Stop::usage)?;
    if words.version.trim() != release.to_string() {
        output::say(global, &format!("reading `{}` as {release}", words.version.trim()));
    }
    in_sandbox(global, release, &|global| prepare::run(global, words, release))
}

/// Runs `post`; in the sandbox the release is made first.
fn after_release(global: &Global, post: &cli::Post) -> Result<Outcome> {
    let release = post.release().map_err(Stop::usage)?;
    if !global.sandbox {
        return follow_up::post(global, post, release);
    }
    let (sandbox, global) = Sandbox::make(global, release)?;
    let quiet = Global { quiet: true, verbose: 0, dry_run: false, output_format: None, ..global.clone() };
    let mut outcome = shown(prepare::run(&quiet, &cli::Prepare::committed(release), release))?;
    if outcome == Outcome::Done {
        sandbox.tag(release)?;
        outcome = shown(follow_up::post(&global, post, release))?;
    }
    sandbox.close(&global)?;
    Ok(outcome)
}

/// Runs a command, with `--sandbox` in one that is made for it.
fn in_sandbox(global: &Global, release: Version, command: &dyn Fn(&Global) -> Result<Outcome>) -> Result<Outcome> {
    if !global.sandbox {
        return command(global);
    }
    let (sandbox, global) = Sandbox::make(global, release)?;
    let outcome = shown(command(&global));
    sandbox.close(&global)?;
    Ok(outcome?)
}
