//! Main's development version has no development tag.
//!
//! ## What it does
//!
//! In a repository that uses development tags (`vX.Y.Z-dev`), because `release.toml` says `dev-tag = true` or, where it says
//! nothing, because one is there, looks for the one of the version that main is developing. A version at or below a released one needs none: it would lower
//! what builds of main are called.
//!
//! ## Why is this bad?
//!
//! A build of main is called after the last tag that it descends from. Without the tag, that is an older version than the one
//! being developed.
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
//! fallback_version = "0.4.6.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.5-dev
//! tag v0.4.5
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
//! fallback_version = "0.4.6.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.5-dev
//! tag v0.4.5
//! tag v0.4.6-dev
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::version::{Release, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    let Some(()) = report.clear_of(context.blind.as_ref().filter(|_| context.is_main())) else { return };
    let is_used = context.config.dev_tag.unwrap_or(!context.dev_tags.is_empty());
    let Some(first) = context.versions().next().filter(|_| context.is_main() && is_used) else { return };
    let Some(release) = developed(&first.text.value) else { return };
    let names = context.config.tag.development_tags(release);
    let is_above = context.history.highest_final().is_none_or(|highest| highest < release);
    if !is_above || names.iter().any(|name| context.tags.contains(name)) {
        return;
    }
    let [tag, _] = names;
    let version = &first.text.value;
    let message = format!("{} develops {version}, and there is no tag {tag}", branch.name);
    let label = format!("{tag} belongs on the commit that wrote this");
    let finding = Finding::at(message, &first.package.path, first.text.span.clone(), label);
    report.find(finding.help(format!("`git tag {tag} COMMIT`, with the commit that set {version}, and push it")));
}

/// The final that a development version leads to.
fn developed(version: &str) -> Option<Release> {
    let version = Version::parse(version).ok().filter(Version::is_dev)?;
    let text = version.to_string();
    Release::parse(&text[..text.find(".dev")?]).ok().filter(|release| !release.is_candidate())
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn only_a_version_that_is_above_all_finals_and_a_repository_that_uses_them_need_one() {
        let wanted = "[release]\ndev-tag = true\n";
        for (version, state, config, found) in [
            ("0.4.6.dev0", "branch main\ntag v0.4.5", "", SILENT),
            ("0.4.6.dev0", "branch main\ntag v0.4.5", wanted, FIRES),
            ("0.4.6.dev0", "branch main\ntag v0.4.5\ntag v0.4.6-dev.20260101", "", SILENT),
            ("0.4.6.dev0", "branch main\ntag v0.4.5\ntag v0.4.5-dev", "", FIRES),
            ("0.4.6.dev0", "branch main\ntag v0.4.5\ntag v0.4.5-dev", "[release]\ndev-tag = false\n", SILENT),
            ("0.4.6.dev0", "branch main\ntag v0.4.5\ntag v0.4.6.dev0", wanted, SILENT),
            ("0.4.6.dev3", "branch main\ntag v0.4.5\ntag v0.4.6-dev", "", SILENT),
            ("0.4.5.dev0", "branch main\ntag v0.4.5\ntag v0.4.4-dev", "", SILENT),
            ("0.4.6", "branch main\ntag v0.4.5\ntag v0.4.5-dev", "", SILENT),
            ("0.4.6.dev0", "branch release-0.4.x\ntag v0.4.5\ntag v0.4.5-dev", "", SILENT),
        ] {
            let text = format!("[project]\nname = 'meadow'\nversion = '{version}'\n");
            let files = [("pyproject.toml", text), ("release.toml", config.to_owned())];
            let report = Scene::of_files(files, state).report("tag-dev-missing");
            assert_eq!(report.findings.len(), found, "{version} {state}");
        }
    }
}
