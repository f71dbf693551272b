//! Renderings of problems.

mod full;

pub use full::{Sources, full};
