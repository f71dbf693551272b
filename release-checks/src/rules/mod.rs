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
mod npm_client_range;
mod npm_client_renamed;
mod npm_client_series;
mod npm_client_unpublished;
mod npm_lock_excluded;
mod npm_lock_range;
mod npm_lock_resolved;
mod npm_lock_root;
mod npm_lock_unavailable;
mod npm_syntax;
mod package_unlisted;
mod pin_client_unknown;
mod pin_duplicate;
mod pin_elsewhere;
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
mod scm_second_table;
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
mod tag_unreadable;
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
mod version_elsewhere;
mod version_main;
mod version_main_behind;
mod version_main_history;
mod version_outside_line;
mod version_spelling;
mod version_tag_mismatch;
mod version_unreadable;
mod workflow_failure_swallowed;
mod workflow_image_before_index;
mod workflow_latest_unconditional;
mod workflow_main_bump;
mod workflow_publish_cancelled;
mod workflow_shallow_describe;
mod workflow_syntax;

use crate::level::Level;
use crate::rule::{self, Check, Rule, comment_of, kebab, text_of};

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

/// A rule of this folder, by the name of its file: what it looks at, and its level unless a setting gives another. The file has its
/// documentation and its check.
macro_rules! rule {
    ($file:ident, $check:ident, $level:ident) => {
        Rule {
            name: text_of!(&kebab::<{ stringify!($file).len() }>(stringify!($file))),
            level: Level::$level,
            comment: comment_of!(concat!(stringify!($file), ".rs")),
            check: Check::$check($file::check),
        }
    };
}

/// The rule about entries of the baseline that accept what is gone: it runs last.
pub(crate) const STALE_BASELINE: &Rule = &rule!(config_stale_baseline, Settings, Warn);

/// The rule about settings that name no rule.
pub(crate) const UNKNOWN_RULE: &Rule = &rule!(config_unknown_rule, Settings, Error);

/// The rule about suppressions that accept nothing: it runs when all others have.
pub(crate) const UNUSED_IGNORE: &Rule = &rule!(config_unused_ignore, Settings, Warn);

/// Every rule over one tree and its settings, by name.
pub const OF_TREES: &[&Rule] = &[
    &rule!(branch_behind, Tree, Error),
    // A line ends while its branch stays.
    &rule!(branch_end_of_life, Tree, Warn),
    &rule!(branch_name, Tree, Error),
    &rule!(branch_without_scm, Tree, Error),
    &rule!(config_missing_reason, Tree, Error),
    STALE_BASELINE,
    &rule!(config_unknown_level, Tree, Error),
    UNKNOWN_RULE,
    UNUSED_IGNORE,
    &rule!(npm_client_range, Tree, Error),
    &rule!(npm_client_renamed, Tree, Error),
    &rule!(npm_client_series, Tree, Error),
    &rule!(npm_client_unpublished, Tree, Error),
    &rule!(npm_lock_excluded, Tree, Error),
    &rule!(npm_lock_range, Tree, Error),
    &rule!(npm_lock_resolved, Tree, Error),
    &rule!(npm_lock_root, Tree, Error),
    &rule!(npm_lock_unavailable, Tree, Error),
    &rule!(npm_syntax, Tree, Error),
    &rule!(package_unlisted, Tree, Warn),
    &rule!(pin_client_unknown, Tree, Error),
    &rule!(pin_duplicate, Tree, Error),
    &rule!(pin_elsewhere, Tree, Warn),
    &rule!(pin_operator, Tree, Error),
    &rule!(pin_sibling_unversioned, Tree, Warn),
    &rule!(pin_tables, Tree, Error),
    &rule!(pin_unpublished, Tree, Error),
    &rule!(pin_unreadable, Tree, Error),
    &rule!(pin_unversioned, Tree, Error),
    &rule!(pin_version, Tree, Error),
    &rule!(pin_yanked, Tree, Error),
    &rule!(scm_build_requirement, Tree, Error),
    &rule!(scm_build_requirement_bound, Tree, Warn),
    &rule!(scm_dynamic, Tree, Error),
    &rule!(scm_fallback, Tree, Error),
    &rule!(scm_root, Tree, Error),
    &rule!(scm_second_table, Tree, Warn),
    &rule!(scm_static_version, Tree, Error),
    &rule!(scm_table, Tree, Error),
    &rule!(scm_tag_pattern, Tree, Error),
    // A number may be skipped on purpose.
    &rule!(tag_candidate_gap, Tree, Warn),
    &rule!(tag_dev_misplaced, Tree, Error),
    &rule!(tag_dev_missing, Tree, Warn),
    &rule!(tag_name, Tree, Error),
    &rule!(tag_off_branch, Tree, Error),
    &rule!(tag_tree, Tree, Error),
    &rule!(tag_unpublished, Tree, Error),
    &rule!(tag_unreadable, Tree, Error),
    &rule!(uv_lock_excluded, Tree, Error),
    &rule!(uv_lock_files, Tree, Error),
    &rule!(uv_lock_index, Tree, Error),
    &rule!(uv_lock_series, Tree, Error),
    &rule!(uv_lock_stale, Tree, Error),
    &rule!(uv_lock_syntax, Tree, Error),
    &rule!(uv_lock_unavailable, Tree, Error),
    &rule!(uv_lock_version, Tree, Error),
    &rule!(version_development_at_tag, Tree, Error),
    &rule!(version_disagreement, Tree, Error),
    &rule!(version_elsewhere, Tree, Warn),
    &rule!(version_main, Tree, Error),
    &rule!(version_main_behind, Tree, Warn),
    &rule!(version_outside_line, Tree, Error),
    &rule!(version_spelling, Tree, Error),
    &rule!(version_tag_mismatch, Tree, Error),
    &rule!(version_unreadable, Tree, Error),
    &rule!(workflow_failure_swallowed, Tree, Error),
    &rule!(workflow_image_before_index, Tree, Warn),
    &rule!(workflow_latest_unconditional, Tree, Error),
    &rule!(workflow_main_bump, Tree, Warn),
    &rule!(workflow_publish_cancelled, Tree, Error),
    &rule!(workflow_shallow_describe, Tree, Error),
    &rule!(workflow_syntax, Tree, Warn),
];

/// Every rule over the past, by name.
pub const OF_THE_PAST: &[&Rule] = &[
    &rule!(branch_unreleased, Past, Error),
    &rule!(policy_candidates, Past, Error),
    &rule!(policy_testing_window, Past, Error),
    &rule!(tag_candidate_dangling, Past, Warn),
    &rule!(tag_dev_history, Past, Warn),
    &rule!(tag_final_differs, Past, Error),
    &rule!(tag_gap, Past, Warn),
    &rule!(version_client_gap, Past, Warn),
    &rule!(version_main_history, Past, Error),
];
