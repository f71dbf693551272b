//! The train: one release in progress, as steps. Each step is a value with its state and its commands, and the closing
//! lists of `prepare`, `post` and `init` are views of such steps. Nothing is stored: a list follows from the tree,
//! the tags and the plan.

pub mod init;
pub mod post;
pub mod prepare;
pub mod probe;
mod step;
pub mod steps;
pub mod tagged;
pub mod verify;
pub mod world;

pub use step::{State, Step, StepId, in_turn};
