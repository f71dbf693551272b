//! The words of the commands: what each may be given, read from the command line. The commands themselves are listed in
//! `commands/mod.rs`.

mod ask;
mod check;
mod follow_up;
mod formats;
mod pins;
mod prepare;
mod stamp;
mod status;
mod verify;
mod version;

pub(crate) use ask::AskFlags;
pub(crate) use check::{Audit, BaselineFlags, Check, LevelFlags};
pub(crate) use follow_up::{CommitFlags, Part, Post, RegistryFlags, Relock};
pub(crate) use formats::{Format, Formats};
pub(crate) use pins::{PinPolicy, Pins};
pub(crate) use prepare::Prepare;
pub(crate) use stamp::{Init, Stamp};
pub(crate) use status::Status;
pub(crate) use verify::Verify;
pub(crate) use version::{Naming, NightlyDate};

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Runs of each measurement, of which the median is shown
    #[arg(long, default_value_t = 20)]
    pub(crate) runs: usize,
    /// Numbers of packages
    #[arg(long, value_delimiter = ',', default_values_t = [2, 10, 100, 1_000, 10_000])]
    pub(crate) packages: Vec<usize>,
    /// Measure on this checkout too
    #[arg(long, value_name = "DIR")]
    pub(crate) checkout: Option<Utf8PathBuf>,
    /// Run another build of this tool in turn, and show the ratio of each pair
    #[arg(long, value_name = "BINARY")]
    pub(crate) against: Option<Utf8PathBuf>,
    /// Run sed and Python's tomllib over the same files, and tbump and bump-my-version where they are installed
    #[arg(long)]
    pub(crate) peers: bool,
}

/// Options of every release command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Global {
    /// The checkout to work on [default: the repository around the current directory]
    #[arg(short = 'C', long, value_name = "DIR", global = true)]
    pub(crate) repo: Option<Utf8PathBuf>,
    /// Settings to use in place of the repository's release.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<Utf8PathBuf>,
    /// Show what would be done, and change nothing
    #[arg(short = 'n', long, global = true)]
    pub(crate) dry_run: bool,
    /// Ask no remote, and fetch nothing that a partial clone lacks
    #[arg(long, global = true, conflicts_with = "fetch")]
    pub(crate) offline: bool,
    /// Fetch branches and tags first
    #[arg(long, global = true)]
    pub(crate) fetch: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what was found and why (-v), and every git command (-vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Colour: auto is for terminals
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: Color,
    /// The format on stdout: text for people, JSON for scripts (docs/json.md); of `check` and `audit` SARIF for code scanning
    /// or a report of tests (docs/formats.md), of `check` one line or one GitHub annotation for each finding, of `audit` a page
    #[arg(long, value_enum, value_name = "FORMAT", global = true)]
    pub(crate) output_format: Option<Format>,
    /// Work on a sample monorepo in a temporary directory, with an origin of its own
    #[arg(long, global = true, conflicts_with_all = ["repo", "config", "fetch"])]
    pub(crate) sandbox: bool,
    /// Keep the sandbox when the command ends
    #[arg(long, global = true, requires = "sandbox")]
    pub(crate) keep_sandbox: bool,
    /// The address of the sandbox's own registries.
    #[arg(skip)]
    pub(crate) sandbox_registry: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}
