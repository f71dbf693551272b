//! The rules, one file each. The `//!` comment of a file is the rule's documentation; its example and what to use instead
//! are executed as tests.

pub(crate) mod config_unused_ignore;
mod pin_operator;
mod scm_root;
#[cfg(test)]
mod tests;

use crate::rule::Rule;

/// Every rule, by name.
pub(crate) const ALL: &[&Rule] = &[&config_unused_ignore::RULE, &pin_operator::RULE, &scm_root::RULE];
