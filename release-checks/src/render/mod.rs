//! Renderings of problems and diagnostics.

mod concise;
mod excerpt;
mod full;
mod github;
pub mod json;
mod junit;
mod run;
mod sarif;
#[cfg(test)]
mod tests;
mod value;

pub use concise::concise;
pub use full::{diagnostic, full, warning};
pub use github::{github, summary};
pub use junit::junit;
pub use run::{Command, Part, Run, Sources, stand_in};
pub use sarif::sarif;
pub use value::Json;
