//! End to end: the binary as a person runs it, on real git repositories in temporary directories.

mod corpus;
mod support;
