//! End to end: the binary as a person runs it, on real git repositories in temporary directories.

mod corpus;
mod environment;
mod refusals;
mod sample;
mod support;
mod usage;
