//! setuptools-scm is told to look for tags that are not called as ours.
//!
//! ## What it does
//!
//! Takes the tag that the tree's version will get, and holds it against the options of `[tool.setuptools_scm]`: the patterns
//! of `--match` and `--exclude` in `git_describe_command` (or `scm.git.describe_command`), and `tag_regex` or its default. A
//! `version_scheme` that counts days is reported too. What cannot be judged, such as another command than `git describe`, is
//! listed as skipped.
//!
//! ## Why is this bad?
//!
//! The tag of the release is passed over: the packages are built as the version of an older tag, as a day, or not at all.
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
//! git_describe_command = ["git", "describe", "--tags", "--long", "--match", "release-*"]
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
//! git_describe_command = ["git", "describe", "--tags", "--long", "--match", "v*"]
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pattern::Pattern;
use crate::scm;
use camino::Utf8Path;
use release_core::manifest::pyproject::ScmTable;
use release_core::scm::{PatternError, TagPattern};
use release_core::version::{Number, PreKind, Release, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let release = context.version().as_ref().and_then(next);
    for scm::ScmPackage { package, manifest, .. } in scm::packages(context) {
        let Some(scm) = &manifest.read.scm else { continue };
        let path = &package.path;
        by_day(scm, path, report);
        match release {
            Some(release) => {
                let tag = context.config.tag.tag(release);
                describe(scm, path, &tag, report);
                regex(scm, path, (&tag, release), report);
            }
            None if scm.describe_command.is_some() || scm.tag_regex.is_some() => {
                report.skip("the tree has no version of which the tag could be told");
            }
            None => {}
        }
    }
}

/// The release that a version is, or leads to.
fn next(version: &Version) -> Option<Release> {
    let number = |at: usize| version.release().get(at).map_or(Some(0), Number::as_u64);
    let release = Release::new(number(0)?, number(1)?, number(2)?);
    match version.pre() {
        Some((PreKind::Candidate, number)) if !version.is_dev() => Some(release.with_candidate(number.as_u64()?)),
        _ => Some(release),
    }
}

fn by_day(scm: &ScmTable, path: &Utf8Path, report: &mut Report) {
    let Some(scheme) = scm.version_scheme.first().filter(|scheme| scheme.value == "calver-by-date") else { return };
    let message = format!("`version_scheme = \"{}\"` in {path} counts days, and tags count releases", scheme.value);
    report.find(
        Finding::at(message, path, scheme.span.clone(), "builds after a tag sort above every later tag")
            .help("remove it, or take `guess-next-dev`"),
    );
}

fn describe(scm: &ScmTable, path: &Utf8Path, tag: &str, report: &mut Report) {
    let Some(command) = &scm.describe_command else { return };
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    if !words.contains(&"describe") {
        return report.skip(format!("the command in {path} that looks for tags is not `git describe`"));
    }
    let values = |option: &'static str| {
        let next = words.windows(2).filter(move |pair| pair[0] == option).map(|pair| pair[1]);
        let joined = words.iter().filter_map(move |word| word.strip_prefix(option)?.strip_prefix('='));
        next.chain(joined)
    };
    let wanted: Vec<&str> = values("--match").collect();
    let passed_over = values("--exclude").find(|pattern| Pattern::new(pattern).matches(tag));
    let (message, label) = if let Some(pattern) = passed_over {
        (format!("the command in {path} that looks for tags leaves out {tag}"), format!("excludes `{pattern}`"))
    } else if !wanted.is_empty() && !wanted.iter().any(|pattern| Pattern::new(pattern).matches(tag)) {
        let wanted = wanted.join("`, `");
        (format!("the command in {path} that looks for tags does not see {tag}"), format!("wants `{wanted}`"))
    } else {
        return;
    };
    report.find(
        Finding::at(message, path, command.span.clone(), label)
            .help("let it match the tags of this repository, or say in release.toml how they are called"),
    );
}

fn regex(scm: &ScmTable, path: &Utf8Path, (tag, release): (&str, Release), report: &mut Report) {
    let pattern =
        scm.tag_regex.as_ref().map_or_else(|| Ok(TagPattern::default()), |regex| TagPattern::new(&regex.value));
    let found = match pattern {
        Ok(pattern) => pattern.read(tag).map(|parts| parts.version.to_owned()),
        Err(PatternError::Groups) => None,
        Err(problem @ (PatternError::Syntax | PatternError::Long)) => {
            return report.skip(format!("the `tag_regex` of {path} {problem}"));
        }
    };
    let is_right = |found: &String| Version::parse(found).is_ok_and(|found| next(&found) == Some(release));
    if found.as_ref().is_some_and(is_right) {
        return;
    }
    let says = found.map_or("reads no version off it".to_owned(), |found| format!("reads `{found}` off it"));
    let (span, option) = match &scm.tag_regex {
        Some(regex) => (regex.span.clone(), "`tag_regex`"),
        None => (scm.span.clone(), "`tag_regex`, which has its default,"),
    };
    report.find(
        Finding::at(format!("{option} of {path} does not understand {tag}"), path, span, says)
            .help("write a `tag_regex` whose group `version` is the version in the tags of this repository"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn report_on(options: &str, version: &str, config: &str) -> Report {
        let text = format!(
            "[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '{version}'\n{options}\n"
        );
        Scene::of_files([("pyproject.toml", text.as_str()), ("release.toml", config)], "").report("scm-tag-pattern")
    }

    #[test]
    fn what_passes_over_our_tags_is_found_and_what_sees_them_is_not() {
        for (options, version, findings) in [
            ("", "0.4.5", SILENT),
            ("", "0.4.6.dev0", SILENT),
            ("version_scheme = 'post-release'", "0.4.5", SILENT),
            ("version_scheme = 'calver-by-date'", "0.4.5", FIRES),
            ("git_describe_command = 'git describe --tags --long'", "0.4.5", SILENT),
            ("git_describe_command = 'git describe --match=v*'", "0.4.5", SILENT),
            ("git_describe_command = 'git describe --match \"api-*\" --match v[0-9]*'", "0.4.5", SILENT),
            ("git_describe_command = 'git describe --match \"api-*\"'", "0.4.5", FIRES),
            ("git_describe_command = 'git describe --exclude \"*rc*\"'", "0.4.5", SILENT),
            ("git_describe_command = 'git describe --exclude \"*rc*\"'", "0.4.5rc1", FIRES),
            ("scm.git.describe_command = 'git describe --match [!v]*'", "0.4.5", FIRES),
            (r"tag_regex = '^v(?P<version>\d+\.\d+\.\d+(rc\d+)?)$'", "0.4.5rc1", SILENT),
            (r"tag_regex = '^v(?P<version>\d+\.\d+\.\d+)$'", "0.4.5rc1", FIRES),
            (r"tag_regex = '^v(\d+\.\d+\.\d+)$'", "0.4.5", SILENT),
            (r"tag_regex = '^release-(?P<version>.*)$'", "0.4.5", FIRES),
            (r"tag_regex = '^v(?P<number>.*)(x)?$'", "0.4.5", FIRES),
            (r"tag_regex = 'v(?P<version>\d+\.\d+)'", "0.4.5", FIRES),
        ] {
            let report = report_on(options, version, "");
            assert_eq!(report.findings.len(), findings, "{options} {version}");
            assert_eq!(report.skipped, None, "{options}");
        }
    }

    #[test]
    fn the_default_does_not_understand_every_name_of_a_tag() {
        for (tag, findings) in
            [("v{version}", 0), ("meadow-{version}", 0), ("release/{version}", 1), ("v{version}-final", 1)]
        {
            assert_eq!(report_on("", "0.4.5", &format!("[release]\ntag = '{tag}'")).findings.len(), findings, "{tag}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_said() {
        for options in [r"tag_regex = '^v(?=0)(?P<version>.*)$'", "git_describe_command = 'tools/version.sh'"] {
            assert!(report_on(options, "0.4.5", "").skipped.is_some(), "{options}");
        }
    }
}
