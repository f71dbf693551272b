//! The tree that `release pins` has read.

use crate::checkout::Repository;
use crate::cli::Global;
use release_core::history::History;
use release_core::monorepo::{Config, Monorepo};
use release_core::pins::tree::Role;
use release_core::version::Release;

/// A tree and its repository.
pub(super) struct Observed<'a> {
    pub(super) global: &'a Global,
    pub(super) repository: &'a Repository,
    pub(super) config: &'a Config,
    pub(super) history: History,
    pub(super) monorepo: Monorepo,
    /// The release that the tree is at.
    pub(super) own: Option<Release>,
    pub(super) role: Role,
    /// The commit of `--rev`.
    pub(super) commit: Option<String>,
    /// The branch that is looked at.
    pub(super) branch: Option<String>,
}
