//! Carries actions out.

pub(crate) mod commit;
pub(crate) mod write;
