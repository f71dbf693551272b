//! End to end: the binary as a person runs it, on real git repositories in temporary directories.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and so do its helpers"
)]

mod corpus;
mod disk;
mod environment;
mod hooks;
mod kills;
mod output;
mod prepare;
mod refusals;
mod sample;
mod sandbox;
mod schema;
mod support;
mod usage;
