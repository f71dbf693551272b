//! Findings about a release, shown so that a person can mend them.
//!
//! Rules look at a [`context::Context`], which the shell observed, and report findings with their places. No I/O at all:
//! data comes in, data and text go out.
#![deny(clippy::print_stdout, clippy::print_stderr)]
#![allow(
    rustdoc::invalid_codeblock_attributes,
    reason = "the second word of a block in a rule's documentation is the file that it stands for"
)]

pub mod baseline;
pub mod context;
pub mod diagnostic;
pub mod fingerprint;
pub mod fix;
pub mod level;
mod npm;
pub mod parallel;
pub mod past;
pub mod pattern;
mod pins;
pub mod published;
mod relock;
pub mod render;
pub mod renew;
pub mod rule;
pub mod rules;
pub mod run;
mod scm;
pub mod suppression;
mod uv;
mod workflow;
