//! Every rule, by name.

use crate::rule::Rule;
use crate::rules;

/// Every rule, by name.
pub const RULES: &[&Rule] = rules::ALL;

/// The rule of a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// The rule whose name is nearest to a word that is none, where one is near.
pub fn nearest(word: &str) -> Option<&'static str> {
    let distance = |rule: &&Rule| (strsim::damerau_levenshtein(word, rule.name), rule.name);
    RULES.iter().map(distance).min().filter(|(distance, _)| distance * 3 <= word.len()).map(|(_, name)| name)
}
