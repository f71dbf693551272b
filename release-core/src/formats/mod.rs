//! The formats of a release: versions, texts, days, manifests, lockfiles, and the documents of
//! registries. They know nothing of the rest of this crate.

pub mod calendar;
pub mod lockfile;
pub mod manifest;
pub mod registry;
pub mod text;
pub mod version;
