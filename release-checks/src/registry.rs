//! Every rule, by name.

use crate::past::HISTORY_RULES;
use crate::rule::Rule;
use crate::rules;

/// Every rule over one tree, by name.
pub const RULES: &[&Rule] = rules::ALL;

/// Every rule, over one tree or over the past, by name.
pub fn all() -> Vec<&'static Rule> {
    let mut rules: Vec<&Rule> = RULES.iter().copied().chain(HISTORY_RULES.iter().map(|rule| &rule.rule)).collect();
    rules.sort_by_key(|rule| rule.name);
    rules
}

/// The rule of a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    all().into_iter().find(|rule| rule.name == name)
}

/// The rule whose name is nearest to a word that is none, where one is near.
pub fn nearest(word: &str) -> Option<&'static str> {
    let near = release_core::text::nearest(word, all().iter().map(|rule| (rule.name, rule.name)));
    near.filter(|(distance, _)| distance * 3 <= word.len()).map(|(_, name)| name)
}
