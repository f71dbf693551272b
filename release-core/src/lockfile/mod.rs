//! Lockfiles: what was resolved for this monorepo, with the place of everything that a release edits or a rule compares.

pub mod package_lock;
pub mod uv_lock;

/// Why the edits of a lockfile cannot be proven to be what its tool would make.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
#[error("{reason}")]
pub struct NotNative {
    /// What stands against it, naming values of both sides where there are two.
    pub reason: String,
}

impl NotNative {
    /// Makes one with its reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}
