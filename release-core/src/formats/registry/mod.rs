//! The answers of registries, read from their documents. This module does not ask the network.

pub mod address;
pub mod file_name;
mod kind;
mod loose;
pub mod metadata;
pub mod npm;
pub mod simple;

pub use kind::{ArtifactKind, Registry};

use std::fmt;

/// The reason for which an answer of a registry is not the requested document. It may repeat parts of the answer,
/// which is foreign text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct DocumentError {
    /// The reason.
    pub reason: String,
}

impl DocumentError {
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}
