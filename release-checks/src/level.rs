//! Levels of findings, and the settings that they are from.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// The level of a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// They are not looked for.
    Ignore,
    /// They are shown.
    Warn,
    /// They fail the check.
    Error,
}

/// The setting that a level is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetBy {
    /// The rule itself.
    Default,
    /// `[rules]` in `release.toml`.
    Configuration,
    /// `--ignore`, `--warn` or `--error`.
    Flag,
}

/// The levels that differ from the rules' own.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    set: BTreeMap<String, (Level, SetBy)>,
}

impl SetBy {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Configuration => "configuration",
            Self::Flag => "flag",
        }
    }
}

impl Level {
    /// Reads `ignore`, `warn` or `error`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ignore, Self::Warn, Self::Error].into_iter().find(|level| level.to_string() == text)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ignore => "ignore",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

impl Levels {
    /// Sets the level of a rule. A flag wins over the configuration, the last of two equals wins.
    pub fn set(&mut self, rule: &str, level: Level, by: SetBy) {
        let entry = self.set.entry(rule.to_owned()).or_insert((level, by));
        if entry.1 <= by {
            *entry = (level, by);
        }
    }

    /// The level of a rule, and who set it.
    pub fn of(&self, rule: &str, default: Level) -> (Level, SetBy) {
        self.set.get(rule).copied().unwrap_or((default, SetBy::Default))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_configuration_whatever_the_order() {
        for flag_first in [true, false] {
            let mut levels = Levels::default();
            let mut settings =
                [("pin-operator", Level::Warn, SetBy::Flag), ("pin-operator", Level::Ignore, SetBy::Configuration)];
            if !flag_first {
                settings.reverse();
            }
            for (rule, level, by) in settings {
                levels.set(rule, level, by);
            }
            assert_eq!(levels.of("pin-operator", Level::Error), (Level::Warn, SetBy::Flag));
        }
    }

    #[test]
    fn a_rule_that_nobody_set_has_its_own_level() {
        assert_eq!(Levels::default().of("pin-operator", Level::Error), (Level::Error, SetBy::Default));
    }

    #[test]
    fn levels_are_read_as_they_are_written() {
        for level in [Level::Ignore, Level::Warn, Level::Error] {
            assert_eq!(Level::parse(&level.to_string()), Some(level));
        }
        assert_eq!(Level::parse("deny"), None);
    }
}
