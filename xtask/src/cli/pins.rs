//! The words of `release pins`.

use super::ask::AskFlags;
use clap::{Args, ValueEnum};
use release_core::problem::Problem;
use release_core::version::Version;

#[derive(Clone, Debug, Args)]
pub(crate) struct Pins {
    /// Look at this revision instead of the work tree, without checking it out
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,
    /// Show what users can install after each artifact of a release is published, with the pins that preparing it makes
    /// [default: the tree's version, with the pins as they are]
    #[arg(long, value_name = "X.Y.Z", num_args = 0..=1, default_missing_value = "")]
    pub(crate) simulate: Option<String>,
    /// With --simulate: ask the registries what is published before; else whatever is tagged is taken to be
    #[arg(long, requires = "simulate", conflicts_with = "offline")]
    pub(crate) online: bool,
    #[command(flatten)]
    pub(crate) ask: AskFlags,
    /// With --simulate: publish in this order, by name, or by KIND:NAME where two have that name; artifacts that are not named
    /// come last
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "simulate")]
    pub(crate) order: Vec<String>,
    /// Write the clients' pins of the work tree like that, at the version that each names now; with --simulate: as if every
    /// pin was written like that
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(crate) policy: Option<PinPolicy>,
    /// With --policy: the pins of this client or package alone
    #[arg(long, value_name = "NAME", requires = "policy", conflicts_with = "simulate")]
    pub(crate) client: Option<String>,
    /// With --policy: at this version
    #[arg(long, value_name = "X.Y.Z", requires = "policy", conflicts_with = "simulate")]
    pub(crate) version: Option<String>,
}

impl Pins {
    /// Reads the version of `--version`.
    ///
    /// # Errors
    /// When it is no version.
    pub(crate) fn version(&self) -> Result<Option<Version>, Problem> {
        let version = self.version.as_deref().map(Version::parse).transpose();
        version.map_err(|error| Problem::new(error.to_string(), "write it as X.Y.Z"))
    }
}

/// The way in which pins are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PinPolicy {
    /// `==`
    Exact,
    /// `~=`
    Compatible,
    /// `>=`
    Minimum,
    /// From the version up to the next series
    Bounded,
    /// Without a version
    None,
}

impl PinPolicy {
    /// As release.toml spells it.
    pub(crate) fn form(self) -> &'static str {
        match self {
            Self::Exact => "==",
            Self::Compatible => "~=",
            Self::Minimum => ">=",
            Self::Bounded => ">=,<",
            Self::None => "none",
        }
    }
}
