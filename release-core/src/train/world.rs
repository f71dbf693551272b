//! The world around a release, as it was observed at one moment. Steps are judged by it; observing it is the work of the shell.

pub mod artifact;
pub mod fact;
pub mod forge;

pub use artifact::{Artifact, Standing};
pub use fact::{Code, Fact, Why};
pub use forge::Forge;
