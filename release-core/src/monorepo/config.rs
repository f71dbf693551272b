//! `release.toml`, the optional file that overrides discovery.
//!
//! `docs/configuration.md` describes it. Every key is checked: an unknown key is an error that names the nearest
//! known one, because a setting that is silently ignored leads to a release that is silently wrong.

mod forge;
mod read;
pub mod shape;
#[cfg(test)]
mod tests;

use crate::history::{BranchPattern, TagPattern};
use crate::manifest::TomlString;
use crate::registry::{ArtifactKind, Registry};
use crate::text::Span;
use crate::version::{Operator, Release, ReleaseKind};
use camino::Utf8PathBuf;
pub use forge::{ExpectedFailure, ForgeConfig};
use std::fmt;

/// The file's name, at the root of the monorepo.
pub const FILE_NAME: &str = "release.toml";

/// The settings of `release.toml`, with defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The pattern of tag names.
    pub tag: TagPattern,
    /// The pattern of the names of line branches.
    pub branch: BranchPattern,
    /// The development branch.
    pub main: String,
    /// The number of maintained minor series, counted from the last.
    pub maintained_lines: usize,
    /// `true` if main gets a development tag after a release, `false` if it gets none; `None` leaves it to the tags that are
    /// there.
    pub dev_tag: Option<bool>,
    /// The URL of the simple API of the index that knows the published versions; `None` means the index of the
    /// environment.
    pub index: Option<String>,
    /// `true` if a release raises the lower bounds of client pins on main.
    pub main_floors: bool,
    /// `true` if a release updates the UI's range and lock on main.
    pub main_ui: bool,
    /// `true` if a minor or major is merged into main after it is tagged.
    pub merge_back: bool,
    /// `true` if the clients are published before what pins them is prepared.
    pub clients_first: bool,
    /// Packages by the path of their manifest; empty means that they are discovered.
    pub packages: Vec<Utf8PathBuf>,
    /// Clients by name; empty means that they are discovered.
    pub clients: Vec<ClientConfig>,
    /// UIs by folder; empty means that they are discovered.
    pub uis: Vec<UiConfig>,
    /// The artifacts of a release; empty means the packages and clients that were found.
    pub artifacts: Vec<Artifact>,
    /// The policy of patches.
    pub patch: StreamPolicy,
    /// The policy of minors.
    pub minor: StreamPolicy,
    /// The policy of majors.
    pub major: StreamPolicy,
    /// Levels of rules, by name. The checks decide which rules and levels exist.
    pub rules: Vec<RuleSetting>,
    /// Findings that are accepted.
    pub ignores: Vec<IgnoreSetting>,
    /// Files of a client repository that carry its version in addition to its manifests.
    pub stamps: Vec<StampConfig>,
    /// The forge.
    pub forge: ForgeConfig,
}

/// `[[stamp]]`: a file that carries the version, and the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampConfig {
    /// The file.
    pub path: Utf8PathBuf,
    /// The text before the version.
    pub before: String,
    /// The text after the version.
    pub after: String,
    /// The number of times that the version must be found.
    pub count: usize,
    /// The spelling of the version there; `None` means that of the file's ecosystem.
    pub spelling: Option<Spelling>,
}

/// A spelling of versions.
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
    /// The place of the name.
    pub span: Span,
    /// The level.
    pub level: TomlString,
}

/// `[[ignore]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreSetting {
    /// The rule.
    pub rule: TomlString,
    /// The file, the folder or the tag whose findings are accepted; `None` means all findings.
    pub path: Option<TomlString>,
    /// The reason.
    pub reason: Option<TomlString>,
}

/// `[[client]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// The name on PyPI, normalised as PEP 503 says.
    pub name: String,
    /// The registries on which it is published.
    pub registries: Vec<Registry>,
    /// The form of its pins.
    pub pin: PinPolicy,
}

/// The form of a client's pins: on the branch of a line for finals and for candidates, and on main.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPolicy {
    /// For a final.
    pub release: PinForm,
    /// For a candidate.
    pub candidate: PinForm,
    /// On main.
    pub main: PinForm,
}

impl PinPolicy {
    /// Returns the form for a release.
    pub fn form(self, release: Release) -> PinForm {
        if release.is_candidate() { self.candidate } else { self.release }
    }
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

/// The form of a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinForm {
    /// The operator before the release's version: `==`, `~=` or `>=`.
    Operator(Operator),
    /// At least the release's version, and below the next series: `>=0.4.5,<0.5`.
    Bounded,
    /// No specifier: every version is admitted.
    Unpinned,
    /// The existing form: a release does not change the pin.
    Keep,
}

/// The forms that `release.toml` may name, in the order of [`shape::PINS`].
const FORMS: [PinForm; 6] = [
    PinForm::Operator(Operator::Equal),
    PinForm::Operator(Operator::Compatible),
    PinForm::Operator(Operator::GreaterEqual),
    PinForm::Bounded,
    PinForm::Unpinned,
    PinForm::Keep,
];

impl PinForm {
    /// Reads a form as spelled in `release.toml`; see [`shape::PINS`].
    pub fn parse(text: &str) -> Option<Self> {
        FORMS.iter().find(|form| form.to_string() == text).copied()
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
    /// The client it requires, by its npm name; `None` means the client that discovery finds.
    pub client: Option<String>,
    /// The prefix of the version in the range it asks for.
    pub range: String,
}

/// `[[artifact]]`: something that a release publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its destination.
    pub kind: ArtifactKind,
    /// Its name at the destination.
    pub name: String,
}

/// `[policy.patch]`, `[policy.minor]`, `[policy.major]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamPolicy {
    /// Days of community testing between the first candidate and the final, at least and at most.
    pub testing_days: (u32, u32),
    /// The number of candidates that a final needs.
    pub candidates: u32,
    /// Tells if release.toml has it, and it is not merely the default.
    pub is_set: bool,
}

impl Config {
    /// Returns the policy of a kind of release.
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
            dev_tag: None,
            index: None,
            main_floors: false,
            main_ui: false,
            merge_back: false,
            clients_first: false,
            packages: Vec::new(),
            clients: Vec::new(),
            uis: Vec::new(),
            artifacts: Vec::new(),
            rules: Vec::new(),
            ignores: Vec::new(),
            stamps: Vec::new(),
            forge: ForgeConfig::default(),
            patch: StreamPolicy { testing_days: (0, 0), candidates: 0, is_set: false },
            minor: StreamPolicy { testing_days: (7, 7), candidates: 1, is_set: false },
            major: StreamPolicy { testing_days: (14, 21), candidates: 2, is_set: false },
        }
    }
}
