//! What registries answer, read from their documents. Nothing here asks anybody.

pub mod address;
pub mod file_name;
mod loose;
pub mod metadata;
pub mod npm;
pub mod simple;

use std::fmt;

/// Why an answer of a Python index is not the document that was asked for. The reason may repeat parts of the answer, which
/// is foreign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct DocumentError {
    /// What is wrong.
    pub reason: String,
}

impl DocumentError {
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}
