//! The model of a release: its version and spellings, the manifests that carry it, the places to edit, and the plan
//! that edits them.
//!
//! This crate is pure: the world comes in as data and actions go out as data. The exceptions are [`git`], the only
//! module that starts git, [`reading`], the only one that reads files, and [`apply`], the only one that writes to disk.
//! Nothing here prints, reads the environment, opens a socket or asks for the time.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod apply;
pub mod build_version;
pub mod formats;
pub mod git;
pub mod history;
pub mod monorepo;
pub mod pins;
pub mod plan;
pub mod problem;
pub mod reading;
pub mod scm;
pub mod train;

pub use formats::{calendar, lockfile, manifest, registry, text, version};
