//! Carries actions out.

pub(crate) mod commit;
pub(crate) mod interrupt;
pub(crate) mod lock;
pub(crate) mod write;
