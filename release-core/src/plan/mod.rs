//! Plans: edits as data, computed and verified in memory before anything is written.

pub mod adopt;
pub mod development;
mod draft;
pub mod early;
mod misnamed;
pub mod own_branch;
mod planned;
pub mod preconditions;
mod prepare;
pub mod relock;
pub mod rewrite_pins;
pub mod scm_config;
pub mod stamp;
pub mod standing;
pub mod targets;
#[cfg(test)]
mod tests;
mod unlock;

pub use misnamed::misnamed;
pub use planned::{Edits, Outcome, Plan, PlannedFile, PlannedKind, PlannedSite};
pub use prepare::prepare;
pub use unlock::{Locks, follow_manifests, needs_locks};
