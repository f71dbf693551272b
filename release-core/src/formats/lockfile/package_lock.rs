//! `package-lock.json`: npm's resolution, with the place of every part that a rule compares.
//!
//! Format: <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-lock-json.md>.

pub mod compare;
mod files;
mod layout;
mod lock;
mod relock;
#[cfg(test)]
mod tests;
mod tree;

pub use crate::manifest::package_json::JsonString;
pub use lock::{LockedEntry, PackageLock, is_too_old};
pub use relock::{Edits, Need, Wanted, is_without_addresses, need, relock};
