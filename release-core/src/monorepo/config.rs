//! `release.toml`: what overrides discovery. None is needed.
//!
//! The shape is in `docs/configuration.md`. Every key is checked: an unknown one is an error with the nearest known name,
//! because a setting that is silently ignored is a release that is silently wrong.

mod read;
pub mod shape;
#[cfg(test)]
mod tests;

use super::naming::{BranchPattern, TagPattern};
use crate::manifest::TomlString;
use crate::text::Span;
use crate::version::{Operator, ReleaseKind};
use camino::Utf8PathBuf;
use std::fmt;

/// The file's name, at the root of the monorepo.
pub const FILE_NAME: &str = "release.toml";

/// What `release.toml` says, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How tags are named.
    pub tag: TagPattern,
    /// How the branches of lines are named.
    pub branch: BranchPattern,
    /// The development branch.
    pub main: String,
    /// How many of the last minor series are maintained.
    pub maintained_lines: usize,
    /// Whether a development tag is written on main after a release.
    pub dev_tag: bool,
    /// The index that knows what is published, by the URL of its simple API; nothing means that of the environment.
    pub index: Option<String>,
    /// Whether the lower bounds of client pins on main follow a release.
    pub main_floors: bool,
    /// Whether the UI's range and lock on main follow a release.
    pub main_ui: bool,
    /// Packages by the path of their manifest; empty means that they are discovered.
    pub packages: Vec<Utf8PathBuf>,
    /// Clients by name; empty means that they are discovered.
    pub clients: Vec<ClientConfig>,
    /// UIs by folder; empty means that they are discovered.
    pub uis: Vec<UiConfig>,
    /// What a release publishes; empty means the packages and clients that were found.
    pub artifacts: Vec<Artifact>,
    /// What a patch asks for.
    pub patch: StreamPolicy,
    /// What a minor asks for.
    pub minor: StreamPolicy,
    /// What a major asks for.
    pub major: StreamPolicy,
    /// Levels of rules, by name. Whether there are such rules and levels is for the checks to say.
    pub rules: Vec<RuleSetting>,
    /// Findings that are accepted.
    pub ignores: Vec<IgnoreSetting>,
    /// Files of a client repository that carry its version besides its manifests.
    pub stamps: Vec<StampConfig>,
}

/// `[[stamp]]`: a file that carries the version, and the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampConfig {
    /// The file.
    pub path: Utf8PathBuf,
    /// What stands before the version.
    pub before: String,
    /// What stands after it.
    pub after: String,
    /// How often that must be found.
    pub count: usize,
    /// How the version is spelled there; nothing means as the file's ecosystem has it.
    pub spelling: Option<Spelling>,
}

/// How a version is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `0.5.0rc1`.
    Pep440,
    /// `0.5.0-rc.1`.
    Npm,
}

/// One line of `[rules]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    /// The rule's name.
    pub rule: String,
    /// Where the name stands.
    pub span: Span,
    /// The level.
    pub level: TomlString,
}

/// `[[ignore]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreSetting {
    /// The rule.
    pub rule: TomlString,
    /// The file, the folder or the tag whose findings are accepted; nothing means all of them.
    pub path: Option<TomlString>,
    /// Why.
    pub reason: Option<TomlString>,
}

/// `[[client]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// The name on PyPI, normalised as PEP 503 says.
    pub name: String,
    /// The registries that it is published on: `pypi`, `npm`.
    pub registries: Vec<String>,
    /// How it is pinned.
    pub pin: PinPolicy,
}

/// How a client is pinned: on the branch of a line for finals and for candidates, and on main.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPolicy {
    /// For a final.
    pub release: PinForm,
    /// For a candidate.
    pub candidate: PinForm,
    /// On main.
    pub main: PinForm,
}

impl Default for PinPolicy {
    fn default() -> Self {
        Self {
            release: PinForm::Operator(Operator::Equal),
            candidate: PinForm::Operator(Operator::Equal),
            main: PinForm::Operator(Operator::GreaterEqual),
        }
    }
}

/// What a pin asks for beside its version, or that a release leaves it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinForm {
    /// The operator before the release's version: `==`, `~=` or `>=`.
    Operator(Operator),
    /// At least the release's version, and below the next series: `>=0.4.5,<0.5`.
    Bounded,
    /// Without a specifier: any version will do.
    Unpinned,
    /// As it is.
    Keep,
}

impl PinForm {
    /// Reads a form as `release.toml` spells it; see [`shape::PINS`].
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "==" => Self::Operator(Operator::Equal),
            "~=" => Self::Operator(Operator::Compatible),
            ">=" => Self::Operator(Operator::GreaterEqual),
            ">=,<" => Self::Bounded,
            "none" => Self::Unpinned,
            "keep" => Self::Keep,
            _ => return None,
        })
    }
}

impl fmt::Display for PinForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(operator) => operator.fmt(f),
            Self::Bounded => f.write_str(">=,<"),
            Self::Unpinned => f.write_str("none"),
            Self::Keep => f.write_str("keep"),
        }
    }
}

/// `[[ui]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UiConfig {
    /// The folder of its `package.json`.
    pub path: Utf8PathBuf,
    /// The client it asks for, by its npm name; nothing means the client that it is found to ask for.
    pub client: Option<String>,
    /// What stands before the version in the range it asks for.
    pub range: String,
}

/// `[[artifact]]`: something that a release publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it goes: `pypi`, `npm`, `oci`, `github-release` or `docs`.
    pub kind: String,
    /// Its name there.
    pub name: String,
}

/// `[policy.patch]`, `[policy.minor]`, `[policy.major]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamPolicy {
    /// Days between two releases, at least and at most.
    pub cadence_days: (u32, u32),
    /// Days of community testing between the first candidate and the final, at least and at most.
    pub testing_days: (u32, u32),
    /// Candidates that a final needs.
    pub candidates: u32,
}

impl Config {
    /// What a kind of release asks for.
    pub fn stream(&self, kind: ReleaseKind) -> StreamPolicy {
        match kind {
            ReleaseKind::Patch => self.patch,
            ReleaseKind::Minor => self.minor,
            ReleaseKind::Major => self.major,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tag: TagPattern::default(),
            branch: BranchPattern::default(),
            main: "main".to_owned(),
            maintained_lines: 2,
            dev_tag: false,
            index: None,
            main_floors: false,
            main_ui: false,
            packages: Vec::new(),
            clients: Vec::new(),
            uis: Vec::new(),
            artifacts: Vec::new(),
            rules: Vec::new(),
            ignores: Vec::new(),
            stamps: Vec::new(),
            patch: StreamPolicy { cadence_days: (7, 7), testing_days: (0, 0), candidates: 0 },
            minor: StreamPolicy { cadence_days: (30, 30), testing_days: (7, 7), candidates: 1 },
            major: StreamPolicy { cadence_days: (180, 240), testing_days: (14, 21), candidates: 2 },
        }
    }
}
