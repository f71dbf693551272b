//! Lockfiles: what they record about this monorepo's own packages.

pub mod uv_lock;
