//! `[rules]` gives a rule a level that does not exist.
//!
//! ## What it does
//!
//! Reports levels other than `ignore`, `warn` and `error`.
//!
//! ## Why is this bad?
//!
//! The setting has no effect, and the rule keeps the level that it had.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release.toml
//! [rules]
//! pin-operator = "warning"
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release.toml
//! [rules]
//! pin-operator = "warn"
//! ```
//!
//! ## Fix
//!
//! Unsafe, where the word is near a level's or is what other linters call it.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::level::Level;

/// The levels by the names that other linters give them.
const OTHER_WORDS: [(&str, Level); 6] = [
    ("allow", Level::Ignore),
    ("off", Level::Ignore),
    ("none", Level::Ignore),
    ("warning", Level::Warn),
    ("deny", Level::Error),
    ("forbid", Level::Error),
];

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some((path, source)) = &context.config_source else { return };
    for setting in context.config.rules.iter().filter(|setting| Level::parse(&setting.level.value).is_none()) {
        let word = &setting.level.value;
        let message = format!("`{word}` is not a level, and `{}` keeps its own", setting.rule);
        let near = nearest(word);
        let help =
            near.map_or("write `ignore`, `warn` or `error`".to_owned(), |near| format!("did you mean `{near}`?"));
        let finding = Finding::at(message, path, setting.level.span.clone(), "no level").help(help);
        let span = near.and(setting.level.content_span(source));
        let near = near.map(|near| near.to_string()).unwrap_or_default();
        report.find(finding.rewrite(Applicability::Unsafe, path, span, near));
    }
}

fn nearest(word: &str) -> Option<Level> {
    let word = word.to_lowercase();
    let meant = OTHER_WORDS.iter().find(|(other, _)| *other == word).map(|(_, level)| *level);
    let levels = [Level::Ignore, Level::Warn, Level::Error].map(|level| (level.to_string(), level));
    let near = || release_core::text::nearest(&word, levels);
    meant.or_else(|| near().filter(|(distance, _)| distance * 2 <= word.len()).map(|(_, level)| level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_that_was_meant_is_guessed_from_near() {
        for (word, level) in [
            ("Error", Some(Level::Error)),
            ("eror", Some(Level::Error)),
            ("deny", Some(Level::Error)),
            ("off", Some(Level::Ignore)),
            ("ignored", Some(Level::Ignore)),
            ("", None),
            ("strict", None),
        ] {
            assert_eq!(nearest(word), level, "{word}");
        }
    }
}
