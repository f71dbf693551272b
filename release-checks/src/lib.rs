//! What is wrong with a release, shown so that a person can mend it.
//!
//! No I/O at all: problems and texts come in, text goes out.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod render;
