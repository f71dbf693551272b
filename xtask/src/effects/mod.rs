//! Carries actions out.

pub(crate) mod append;
pub(crate) mod commit;
pub(crate) mod ending;
pub(crate) mod interrupt;
pub(crate) mod lock;
pub(crate) mod planned;
pub(crate) mod tools;
pub(crate) mod wait;
pub(crate) mod worktree;
pub(crate) mod write;
