//! Lockfiles: the resolution for a monorepo, with the place of every part that a release edits or a rule compares.

/// Makes the error of a lockfile that cannot be edited, from the parts of a format.
macro_rules! refuse {
    ($($reason:tt)+) => {
        Err(crate::lockfile::NotNative::new(format!($($reason)+)))
    };
}

pub mod package_lock;
pub mod uv_lock;

/// The reason for which edits of a lockfile cannot be proven to be the edits of its tool.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
#[error("{reason}")]
pub struct NotNative {
    /// The obstacle, with the values of both sides if there are two.
    pub reason: String,
}

impl NotNative {
    /// Creates the error with its reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}
