//! End to end: the binary as a person runs it, on real git repositories in temporary directories.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and so do its helpers"
)]

mod audit;
mod check;
mod corpus;
mod corpus_check;
mod corpus_post;
mod disk;
mod environment;
mod evidence;
mod fetching;
mod formats;
mod guards;
mod hooks;
mod init;
mod kills;
mod lists;
mod loopback;
mod online;
mod output;
mod output_trust;
mod partial;
mod pins;
mod pins_online;
mod pins_policy;
mod post;
mod precommit;
mod prepare;
mod refusals;
mod renamed;
mod repeated;
mod sample;
mod sandbox;
mod schema;
mod silent;
mod stamp;
mod status;
mod support;
mod trust;
mod unwritable;
mod usage;
mod verify;
mod version;
mod version_scm;
mod workflows;
