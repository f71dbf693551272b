//! The settings in environment variables. The variables are passed in: this module does not read those of the
//! process.

use super::error::ScmError;
use super::flavor::Flavor;
use super::settings::Settings;
use crate::calendar::Moment;
use crate::manifest::requirement::canonical_name;

/// Returns the variable that gives a version, `..._PRETEND_VERSION_FOR_NAME` or `..._PRETEND_VERSION`, and the version. An empty variable gives
/// none, but even then the package's variable hides the general one.
pub(super) fn pretended<'a>(
    settings: &Settings,
    environment: &'a [(String, String)],
) -> Result<Option<&'a (String, String)>, ScmError> {
    for name in ["OVERRIDES", "PRETEND_METADATA"] {
        // 8 does not have the second one.
        let is_known = name == "OVERRIDES" || settings.flavor > Flavor::V8;
        let found = read(settings, environment, name).filter(|(_, value)| is_known && !value.is_empty());
        if let Some((variable, _)) = found {
            return Err(ScmError::Variable(variable.clone()));
        }
    }
    Ok(read(settings, environment, "PRETEND_VERSION").filter(|(_, version)| !version.is_empty()))
}

/// Returns the ending of the variables of one distribution, by its name in any spelling: `MEADOW_CLIENT`.
pub fn suffix(name: &str) -> String {
    canonical_name(name).replace('-', "_").to_uppercase()
}

fn read<'a>(settings: &Settings, environment: &'a [(String, String)], name: &str) -> Option<&'a (String, String)> {
    let get = |variable: &str| environment.iter().find(|(other, _)| other == variable);
    let tools: &[&str] = match settings.flavor {
        Flavor::V8 | Flavor::V9 => &["SETUPTOOLS_SCM"],
        Flavor::V10 => &["SETUPTOOLS_SCM", "VCS_VERSIONING"],
    };
    let package = settings.name.as_deref().map(canonical_name);
    let own = || {
        let suffix = suffix(package.as_ref()?);
        tools.iter().find_map(|tool| get(&format!("{tool}_{name}_FOR_{suffix}")))
    };
    let general = || tools.iter().find_map(|tool| get(&format!("{tool}_{name}")));
    // The package's name in another spelling.
    let other = || {
        let package = package.as_ref()?;
        let is_ours = |prefix: &str, variable: &str| {
            let suffix = variable.strip_prefix(prefix);
            suffix.is_some_and(|suffix| canonical_name(&suffix.to_lowercase()) == *package)
        };
        tools.iter().find_map(|tool| {
            let prefix = format!("{tool}_{name}_FOR_");
            environment.iter().find(|(variable, _)| is_ours(&prefix, variable))
        })
    };
    match settings.flavor {
        Flavor::V8 => own().or_else(general),
        Flavor::V9 => own().or_else(other).or_else(general),
        Flavor::V10 => own().or_else(general).or_else(other),
    }
}

/// Returns the moment of the build: `SOURCE_DATE_EPOCH`, else now.
pub(super) fn moment(flavor: Flavor, environment: &[(String, String)], now: i64) -> Result<Moment, ScmError> {
    let Some((_, value)) = environment.iter().find(|(name, _)| name == "SOURCE_DATE_EPOCH") else {
        return Moment::new(now).ok_or(ScmError::Now(now));
    };
    let bad = || ScmError::Epoch(value.clone());
    match number(value) {
        Some(seconds) => Moment::new(seconds).ok_or_else(bad),
        None if flavor == Flavor::V10 && !is_number(value) => Moment::new(now).ok_or(ScmError::Now(now)),
        None => Err(bad()),
    }
}

/// Reads a number like Python's `int`: surrounding spaces, a sign, and single underscores between digits are allowed.
fn number(text: &str) -> Option<i64> {
    is_number(text).then(|| text.trim().replace('_', "").parse().ok())?
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
