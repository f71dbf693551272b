//! The name of a nightly: the version that the tree develops and a day, provably above every earlier name.

use super::name::BuildVersion;
use crate::calendar::Day;
use crate::history::{History, Tag};
use crate::manifest::TomlString;
use crate::monorepo::{Config, Manifest, Monorepo, Package};
use crate::problem::Problem;
use crate::version::{Release, Version};

/// Returns the reason for which a checkout cannot know the releases; no build gets a name then.
pub fn blind(shallow: bool, history: &History) -> Option<Problem> {
    let problem = |message| {
        let help = "check out with `fetch-depth: 0` (actions/checkout), or `git fetch --unshallow --tags`: without all tags a build could get a name that sorts below a release";
        Some(Problem::new(message, help))
    };
    match (shallow, history.releases().next()) {
        (true, _) => problem("this is a shallow clone, which lacks history and tags"),
        (false, None) => match history.others() {
            Some(others) => {
                let (message, help) = others.described();
                Some(Problem::new(message, help))
            }
            None => problem("there is no tag of a release here"),
        },
        (false, Some(_)) => {
            let tag = history.misnamed_above(None)?;
            let help = format!("if {} was released, tag its commit by the pattern; delete {}", tag.release, tag.name);
            Some(Problem::new(tag.described(), help))
        }
    }
}

/// Returns the final that a tree develops, by the version of its packages.
///
/// # Errors
/// If the packages have different versions: have no version, or have one that is not three numbers and a suffix.
pub fn base(monorepo: &Monorepo) -> Result<Release, Vec<Problem>> {
    let mut found: Vec<(Release, &Package, &TomlString)> = Vec::new();
    let (mut problems, mut without) = (Vec::new(), Vec::new());
    for package in &monorepo.packages {
        let Some(version) = monorepo.manifest(package).and_then(Manifest::version_string) else {
            without.push(package.path.to_string());
            continue;
        };
        match numbers(&version.value) {
            Some(release) => found.push((release, package, version)),
            None => {
                let message = format!("{}: a nightly of `{}` has no name", package.path, version.value);
                let problem = Problem::new(message, "write X.Y.Z.dev0 with three numbers, such as `0.4.6.dev0`");
                problems.push(problem.at(&package.path, version.span.clone(), "its version"));
            }
        }
    }
    if found.iter().any(|(release, ..)| found.first().is_some_and(|(first, ..)| first != release)) {
        let listed: Vec<String> =
            found.iter().map(|(_, package, own)| format!("{} at {}", package.name, own.value)).collect();
        let problem = Problem::new(
            format!("the packages have different versions: {}", listed.join(", ")),
            "a nightly has one name: give every package the same version",
        );
        let place = |problem: Problem, (_, package, own): &(Release, &Package, &TomlString)| {
            problem.at(package.path.clone(), own.span.clone(), format!("of {}", package.name))
        };
        problems.push(found.iter().fold(problem, place));
    }
    if !without.is_empty() {
        let message =
            format!("{} has no `fallback_version`, so the version in development is unknown", without.join(", "));
        let help = "add it to `[tool.setuptools_scm]`; or name the build yourself, `--mode test --version X.Y.Z.devN`; `--scm` shows the version that setuptools-scm derives from the tags";
        problems.push(Problem::new(message, help));
    }
    match found.first() {
        Some((release, ..)) if problems.is_empty() => Ok(*release),
        _ => Err(problems),
    }
}

/// Returns the numbers of a version, or `None` unless there are three, with or without a suffix.
pub(super) fn numbers(text: &str) -> Option<Release> {
    let version = Version::parse(text).ok()?;
    let numbers: Vec<u64> =
        version.release().iter().map(|number| number.to_string().parse().ok()).collect::<Option<_>>()?;
    match numbers[..] {
        [major, minor, patch] if *version.epoch() == 0 => Some(Release::new(major, minor, patch)),
        _ => None,
    }
}

/// The demand on the order of a nightly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It has to sort above all that was named.
    Above,
    /// Any: it is not kept as a nightly.
    Any,
}

/// Returns the nightly of a day.
///
/// # Errors
/// If it has to sort above every final and every development version that is tagged, and does not. A tag on the same commit
/// is the same nightly again.
pub fn nightly(
    base: Release,
    day: Day,
    order: Order,
    commit: &str,
    tags: &[Tag],
    history: &History,
    config: &Config,
) -> Result<BuildVersion, Problem> {
    let number = day.compact().parse().unwrap_or_default();
    let version = BuildVersion::development(base, number);
    if order == Order::Any {
        return Ok(version);
    }
    // A development version sorts below its own final.
    if let Some(highest) = history.highest_final().filter(|highest| *highest >= base) {
        let main = &config.main;
        return Err(Problem::new(
            format!("{version} would sort below {}, which is released", config.tag.tag(highest)),
            format!(
                "a nightly is built from {main}: use `--rev {main}`; if this is {main}, update it first: `cargo xtask release post {highest}`"
            ),
        ));
    }
    let others = tags.iter().filter_map(|tag| Some((config.tag.other_final(&tag.name)?, tag)));
    let own = Version::parse(&version.to_string()).ok();
    if let Some((_, tag)) = others.filter(|(other, _)| own.as_ref() <= Some(other)).max_by(|(a, _), (b, _)| a.cmp(b)) {
        return Err(Problem::new(
            format!("{version} would sort below {}, which is tagged", tag.name),
            "give the packages a higher version, or delete the tag if it is a mistake",
        ));
    }
    let earlier = tags.iter().filter_map(|tag| Some((config.tag.nightly(&tag.name)?, tag)));
    let above =
        earlier.filter(|(named, tag)| *named >= (base, number) && !(*named == (base, number) && tag.commit == commit));
    let Some(((release, _), tag)) = above.max_by_key(|(named, _)| *named) else { return Ok(version) };
    let place = tag.commit.get(..9).unwrap_or(&tag.commit);
    let help = match release == base {
        true => "give a later day with `--date YYYY-MM-DD`: each day has one nightly".to_owned(),
        false => format!("give the packages `{release}.dev0`, or delete the tag if it is a mistake"),
    };
    Err(Problem::new(format!("{version} would not sort above {}, a development tag on {place}", tag.name), help))
}
