//! The levels that hold: the rules' own, those of `release.toml`, and those of flags.

use crate::Outcome;
use crate::checkout::Repository;
use crate::cli::{Global, LevelFlags};
use crate::stop::{Result, Stop};
use release_checks::level::{Level, Levels, SetBy};
use release_checks::rule::removed;
use release_checks::rules;
use release_core::monorepo::Config;
use release_core::problem::Problem;

/// The levels of the configuration and of flags.
///
/// # Errors
/// Flags that name no rule. What `release.toml` has wrong is a finding.
pub(crate) fn levels(config: &Config, flags: &LevelFlags) -> Result<Levels> {
    let mut levels = Levels::default();
    for setting in &config.rules {
        if let Some(level) = Level::parse(&setting.level.value) {
            levels.set(&setting.rule, level, SetBy::Configuration);
        }
    }
    let mut problems = Vec::new();
    let flags = [(Level::Ignore, &flags.ignore), (Level::Warn, &flags.warn), (Level::Error, &flags.error)];
    for (level, name) in flags.into_iter().flat_map(|(level, names)| names.iter().map(move |name| (level, name))) {
        if rules::rule(name).is_some() {
            levels.set(name, level, SetBy::Flag);
            continue;
        }
        let help = match (removed(name), rules::nearest(name)) {
            (Some(gone), _) => gone.message(),
            (None, Some(near)) => format!("did you mean `--{level} {near}`?"),
            (None, None) => "`cargo xtask release rules` lists them".to_owned(),
        };
        problems.push(Problem::new(format!("`--{level} {name}` names no rule"), help));
    }
    if problems.is_empty() { Ok(levels) } else { Err(Stop::ended(problems, Outcome::Usage)) }
}

/// The levels that hold where the command is run; outside a repository the rules' own.
pub(crate) fn levels_here(global: &Global) -> Result<Levels> {
    if global.repo.is_none() && global.config.is_none() && Repository::open(global).is_err() {
        return Ok(Levels::default());
    }
    let config = match Repository::open(global)?.config(global) {
        Ok(config) => config,
        // A mistake in release.toml is reported by the commands that go by it.
        Err(stop) => stop.refusal().map(|_| Config::default())?,
    };
    Ok(levels(&config, &LevelFlags::default()).unwrap_or_default())
}

/// Who set a level, in words.
pub(crate) fn set_by(by: SetBy) -> &'static str {
    match by {
        SetBy::Default => "by default",
        SetBy::Configuration => "by `[rules]` in release.toml",
        SetBy::Flag => "by flag",
    }
}
