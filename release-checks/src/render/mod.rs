//! Renderings of problems and diagnostics.

mod concise;
mod full;
mod github;
pub mod json;

pub use concise::concise;
pub use full::{Sources, diagnostic, full};
pub use github::{github, summary};
