//! Writing all files of a plan or none, on real directories and in processes that are killed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod child;
mod journal;
mod kills;
mod limits;
mod refusals;
mod syscalls;
mod tree;
mod writing;
