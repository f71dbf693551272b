//! Lockfiles: what was resolved for this monorepo, with the place of everything that a release edits or a rule compares.

pub mod package_lock;
pub mod uv_lock;
