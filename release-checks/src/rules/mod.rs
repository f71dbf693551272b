//! The rules, one file each. The `//!` comment of a file is the rule's documentation; its example and what to use instead
//! are executed as tests.

mod branch_behind;
mod branch_end_of_life;
mod branch_name;
mod branch_unreleased;
mod branch_without_scm;
mod config_missing_reason;
pub(crate) mod config_stale_baseline;
mod config_unknown_level;
pub(crate) mod config_unknown_rule;
pub(crate) mod config_unused_ignore;
mod npm_client_renamed;
mod npm_client_series;
mod npm_client_unpublished;
mod npm_lock_excluded;
mod npm_lock_range;
mod npm_lock_resolved;
mod npm_lock_root;
mod npm_lock_unavailable;
mod npm_syntax;
mod pin_client_unknown;
mod pin_duplicate;
mod pin_operator;
mod pin_sibling_unversioned;
mod pin_tables;
pub(crate) mod pin_unpublished;
mod pin_unreadable;
mod pin_unversioned;
mod pin_version;
mod pin_yanked;
mod policy_candidates;
mod policy_testing_window;
mod scm_build_requirement;
mod scm_build_requirement_bound;
mod scm_dynamic;
mod scm_fallback;
mod scm_root;
mod scm_static_version;
mod scm_table;
mod scm_tag_pattern;
mod tag_candidate_dangling;
mod tag_candidate_gap;
mod tag_dev_history;
mod tag_dev_misplaced;
mod tag_dev_missing;
mod tag_final_differs;
pub(crate) mod tag_gap;
mod tag_name;
mod tag_off_branch;
mod tag_tree;
mod tag_unpublished;
#[cfg(test)]
pub(crate) mod tests;
mod uv_lock_excluded;
mod uv_lock_files;
mod uv_lock_index;
mod uv_lock_series;
mod uv_lock_stale;
mod uv_lock_syntax;
mod uv_lock_unavailable;
mod uv_lock_version;
mod version_client_gap;
mod version_development_at_tag;
mod version_disagreement;
mod version_main;
mod version_main_behind;
mod version_main_history;
mod version_outside_line;
mod version_spelling;
mod version_tag_mismatch;
mod workflow_failure_swallowed;
mod workflow_image_before_index;
mod workflow_latest_unconditional;
mod workflow_main_bump;
mod workflow_publish_cancelled;
mod workflow_shallow_describe;
mod workflow_syntax;

use crate::rule::{self, Rule};

/// Returns every rule, over one tree or over the past, by name.
pub fn all() -> Vec<&'static Rule> {
    let mut rules = [OF_TREES, OF_THE_PAST].concat();
    rules.sort_by_key(|rule| rule.name);
    rules
}

/// Returns the rule of a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    rule::rule(OF_TREES, name).or_else(|| rule::rule(OF_THE_PAST, name))
}

/// Returns the name of a rule that is nearest to a word that is none, where one is near.
pub fn nearest(word: &str) -> Option<&'static str> {
    rule::nearest(&all(), word)
}

/// The rule about what the baseline accepts in vain, of a check and of an audit.
pub(crate) const STALE_BASELINE: &Rule = &config_stale_baseline::RULE;

/// Every rule over one tree and its settings, by name.
pub const OF_TREES: &[&Rule] = &[
    &branch_behind::RULE,
    &branch_end_of_life::RULE,
    &branch_name::RULE,
    &branch_without_scm::RULE,
    &config_missing_reason::RULE,
    &config_stale_baseline::RULE,
    &config_unknown_level::RULE,
    &config_unknown_rule::RULE,
    &config_unused_ignore::RULE,
    &npm_client_renamed::RULE,
    &npm_client_series::RULE,
    &npm_client_unpublished::RULE,
    &npm_lock_excluded::RULE,
    &npm_lock_range::RULE,
    &npm_lock_resolved::RULE,
    &npm_lock_root::RULE,
    &npm_lock_unavailable::RULE,
    &npm_syntax::RULE,
    &pin_client_unknown::RULE,
    &pin_duplicate::RULE,
    &pin_operator::RULE,
    &pin_sibling_unversioned::RULE,
    &pin_tables::RULE,
    &pin_unpublished::RULE,
    &pin_unreadable::RULE,
    &pin_unversioned::RULE,
    &pin_version::RULE,
    &pin_yanked::RULE,
    &scm_build_requirement::RULE,
    &scm_build_requirement_bound::RULE,
    &scm_dynamic::RULE,
    &scm_fallback::RULE,
    &scm_root::RULE,
    &scm_static_version::RULE,
    &scm_table::RULE,
    &scm_tag_pattern::RULE,
    &tag_candidate_gap::RULE,
    &tag_dev_misplaced::RULE,
    &tag_dev_missing::RULE,
    &tag_name::RULE,
    &tag_off_branch::RULE,
    &tag_tree::RULE,
    &tag_unpublished::RULE,
    &uv_lock_excluded::RULE,
    &uv_lock_files::RULE,
    &uv_lock_index::RULE,
    &uv_lock_series::RULE,
    &uv_lock_stale::RULE,
    &uv_lock_syntax::RULE,
    &uv_lock_unavailable::RULE,
    &uv_lock_version::RULE,
    &version_development_at_tag::RULE,
    &version_disagreement::RULE,
    &version_main::RULE,
    &version_main_behind::RULE,
    &version_outside_line::RULE,
    &version_spelling::RULE,
    &version_tag_mismatch::RULE,
    &workflow_failure_swallowed::RULE,
    &workflow_image_before_index::RULE,
    &workflow_latest_unconditional::RULE,
    &workflow_main_bump::RULE,
    &workflow_publish_cancelled::RULE,
    &workflow_shallow_describe::RULE,
    &workflow_syntax::RULE,
];

/// Every rule over the past, by name.
pub const OF_THE_PAST: &[&Rule] = &[
    &branch_unreleased::RULE,
    &policy_candidates::RULE,
    &policy_testing_window::RULE,
    &tag_candidate_dangling::RULE,
    &tag_dev_history::RULE,
    &tag_final_differs::RULE,
    &tag_gap::RULE,
    &version_client_gap::RULE,
    &version_main_history::RULE,
];
