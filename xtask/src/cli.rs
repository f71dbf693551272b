//! The whole command grammar.

mod ask;
mod check;
mod follow_up;
mod formats;
mod pins;
mod prepare;
mod stamp;
mod version;

pub(crate) use ask::AskFlags;
pub(crate) use check::{Audit, BaselineFlags, Check, LevelFlags};
pub(crate) use follow_up::{CommitFlags, Part, Post, RegistryFlags, Relock};
pub(crate) use formats::Format;
pub(crate) use pins::{PinPolicy, Pins};
pub(crate) use prepare::Prepare;
pub(crate) use stamp::{Init, Stamp};
pub(crate) use version::{BuildMode, Naming, NightlyDate, ScmVersion};

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

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

#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: ReleaseCommand,
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
    /// What is printed on stdout: text for people, JSON for scripts (docs/json.md); of `check` and `audit` SARIF for code scanning
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

#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// Prepare a patch X.Y.Z on its line's branch
    Patch(Prepare),
    /// Prepare a minor X.Y.0; cuts its branch from main when there is none
    Minor(Prepare),
    /// Prepare a major X.0.0; cuts its branch from main when there is none
    Major(Prepare),
    /// Prepare a candidate X.Y.ZrcN
    Rc {
        #[command(flatten)]
        prepare: Prepare,
        /// The candidate is one of a patch; patches usually have none
        #[arg(long)]
        patch_candidate: bool,
    },
    /// Make the edits that follow a published release X.Y.Z: main's next version, the line's lockfiles
    Post(Post),
    /// Bring npm's and uv's lockfiles to a published client
    Relock(Relock),
    /// Say what a build of a commit is called, and where it goes
    Version(Naming),
    /// Write a version into a client repository: its manifests, `__version__`, and what its release.toml names
    Stamp(Stamp),
    /// Check manifests, lockfiles, the branch and its newest tag
    Check(Check),
    /// List the requirements on clients and siblings, write them by another policy, or simulate what users can install while a
    /// release is published
    Pins(Pins),
    /// Move a monorepo to what the other commands work with
    Init(Init),
    /// Run the rules at every tag, each judged as of its own date, and over the past as a whole
    Audit(Audit),
    /// List the rules of `check` and `audit`
    Rules,
    /// Print the page of a rule
    Explain {
        /// The rule's name
        rule: String,
    },
}
