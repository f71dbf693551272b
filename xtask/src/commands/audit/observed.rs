//! The past that an audit looks at, and the findings at a tag.

use crate::checkout::Repository;
use camino::Utf8PathBuf;
use release_checks::run::Checked;
use release_core::history::{DatedTag, Refs, Timeline};
use release_core::monorepo::Config;
use release_core::problem::Problem;
use release_core::text::{SourceText, Span};
use std::collections::{BTreeMap, HashMap};

/// The files that rules read, as patterns for git. Those of which setuptools reads requirements may have any name; all are
/// listed before a manifest is read, and so those that are called after what they hold. Of the places that no release edits, the
/// files from which something is built or installed.
pub(super) const FILES: [&str; 15] = [
    ":(glob)**/pyproject.toml",
    ":(glob)**/package.json",
    ":(glob)**/uv.lock",
    ":(glob)**/uv.toml",
    ":(glob)**/package-lock.json",
    ":(glob)**/*req*.txt",
    ":(glob)**/*req*/*.txt",
    ":(glob)**/*dep*.txt",
    ":(glob)**/pnpm-workspace.yaml",
    ":(glob)**/.yarnrc.yml",
    ":(glob)**/*constraints.txt",
    ":(glob)**/constraints*.txt",
    ":(glob)**/setup.py",
    ":(glob)**/setup.cfg",
    ":(glob)**/Dockerfile*",
];

/// Everything that was observed of the past.
pub(super) struct Observed<'a> {
    pub(super) repository: &'a Repository,
    pub(super) config: &'a Config,
    pub(super) refs: Refs,
    pub(super) timeline: Timeline,
    /// The trees of commits.
    pub(super) trees: HashMap<String, String>,
    /// The manifest of the first package, whose version is the one that main develops.
    pub(super) first: Utf8PathBuf,
    /// The reason why files of commits were not looked at.
    pub(super) unread: Option<String>,
}

/// A tag with its findings.
pub(super) struct Audited {
    pub(super) tag: DatedTag,
    /// The branch that its tree was judged as.
    pub(super) branch: Option<String>,
    /// The findings, or what makes the tree unfit to be checked.
    pub(super) checked: Result<Checked, Vec<Problem>>,
    /// `true` if its tree pins clients.
    pub(super) pins_clients: bool,
    /// The texts that findings point into.
    pub(super) sources: BTreeMap<Utf8PathBuf, SourceText>,
    /// The place that stands for the tree, where a finding has no file.
    pub(super) stand_in: Option<(Utf8PathBuf, Span)>,
}
