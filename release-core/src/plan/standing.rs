//! The versions that a tree has already: evidence of what was released, as tags are. A clone may lack tags; its tree says
//! more then.

use super::preconditions::short;
use crate::history::History;
use crate::monorepo::{Config, Monorepo, Site, SiteKind, sites};
use crate::problem::Problem;
use crate::version::{Release, ReleaseKind, Version};

/// Returns the problem of packages that would get a lower version than they have.
pub fn lower(monorepo: &Monorepo, release: Release) -> Option<Problem> {
    let target = Version::from(release);
    let higher: Vec<(Version, Site<'_>)> = versions(monorepo).filter(|(own, _)| *own > target).collect();
    let (_, highest) = higher.iter().rev().max_by(|(one, _), (other, _)| one.cmp(other))?;
    let own = &highest.text.value;
    let message = format!("{} is at {own}, and a version never goes down to {release}", highest.subject);
    let help = format!(
        "prepare a release after {own}; if tags are missing here, `git fetch --tags` brings them; if {own} is a mistake, correct it in a commit of its own first"
    );
    let problem = *highest.problem(message, help, "higher than the release");
    let others = higher.iter().map(|(_, site)| site).filter(|site| site.path != highest.path);
    Some(others.fold(problem, |problem, site| problem.at(site.path, site.span(), "and this")))
}

/// Returns the problem of packages whose static versions differ: each has a version of its own, and one release would
/// give them all the same. Those that have the release's version already were edited by an earlier run.
pub(super) fn disagreement(monorepo: &Monorepo, release: Release) -> Option<Problem> {
    let target = Version::from(release);
    let is_other = |(own, site): &(Version, Site<'_>)| site.kind == SiteKind::StaticVersion && *own != target;
    let others: Vec<(Version, Site<'_>)> = versions(monorepo).filter(is_other).collect();
    let (first, _) = others.first()?;
    others.iter().find(|(version, _)| version != first)?;
    let shown: Vec<String> = others.iter().map(|(version, site)| format!("{} at {version}", site.subject)).collect();
    let problem = Problem::new(
        format!("packages have versions of their own, and {release} would be the version of all: {}", shown.join(", ")),
        "give them one version first, or name only those that are released together in release.toml (`[[package]]`)",
    );
    Some(
        others
            .iter()
            .fold(problem, |problem, (_, site)| problem.at(site.path, site.span(), format!("of {}", site.subject))),
    )
}

/// Returns the problem of a release that does not come next by the tags, in a tree that is ahead of all of them on its
/// line: tags are missing, and what they say of the next release is wrong.
pub fn ahead_of_tags(monorepo: &Monorepo, release: Release, history: &History, remote: &str) -> Option<Problem> {
    let versions = sites(monorepo).into_iter().filter(Site::is_version);
    let finals = versions.filter_map(|site| Some((Release::parse(&site.text.value).ok()?, site)));
    let (standing, site) = finals.filter(|(own, _)| own.line() == release.line()).max_by_key(|(own, _)| *own)?;
    let last = history.last_final(standing.line());
    if history.commit(standing).is_some() || last.is_some_and(|last| standing <= last.next_patch()) {
        return None;
    }
    let known = last.map_or_else(
        || "no tag here names a release of its line".to_owned(),
        |last| format!("the last tag of its line here is that of {last}"),
    );
    let message = format!("{} is at {standing} already, and {known}: tags are missing", site.subject);
    let remote = if remote.is_empty() { "REMOTE" } else { remote };
    let fetch = format!("`git fetch --tags {remote}` brings them, if that is where releases are tagged");
    let help = match last {
        Some(_) => format!("{fetch}; if {standing} was never tagged, `--skip` goes on after it"),
        None if history.releases().next().is_some() => fetch,
        None => format!("{fetch}; in a workflow, check out with `fetch-depth: 0`"),
    };
    Some(*site.problem(message, help, "released, by what stands here"))
}

/// Returns the problem of a tag of the release on a commit whose tree is not at the release.
pub fn mistagged(release: Release, history: &History, config: &Config) -> Option<Problem> {
    let (commit, tag) = (history.commit(release)?, config.tag.tag(release));
    Some(Problem::new(
        format!(
            "{tag} is on {}, whose tree is not at {release}: a build of it has other versions or pins",
            short(commit)
        ),
        format!(
            "a tag is never moved: prepare {} instead, or delete {tag} if it was never published, and tag the right commit",
            history.next_like(release)
        ),
    ))
}

/// Returns the problem of a release that is not tagged, and before which a tag of another pattern counts: one of its line,
/// or of any for all but a patch.
pub fn misnamed(release: Release, history: &History) -> Option<Problem> {
    let of_all = || history.misnamed_above(None).filter(|_| release.kind() != ReleaseKind::Patch);
    let tag = history.misnamed_above(Some(release.line())).or_else(of_all)?;
    let help = format!(
        "if {} was released, tag its commit by the pattern and delete {}; `--skip` goes on if it is no release",
        tag.release, tag.name
    );
    history.commit(release).is_none().then(|| Problem::new(tag.described(), help))
}

/// Returns the versions of packages that can be read, with their places.
fn versions(monorepo: &Monorepo) -> impl Iterator<Item = (Version, Site<'_>)> {
    let sites = sites(monorepo).into_iter().filter(Site::is_version);
    sites.filter_map(|site| Some((Version::parse(&site.text.value).ok()?, site)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monorepo::tests::{Files, discovered};
    use expect_test::expect;

    fn manifest(version: &str) -> String {
        format!(
            "[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '{version}'\n"
        )
    }

    fn said(version: &str, tags: &str, release: &str) -> String {
        let manifest = manifest(version);
        let files: Files<'_> = &[("pyproject.toml", &manifest)];
        let monorepo = discovered(files, "", tags).unwrap();
        let tags: Vec<_> =
            tags.split_whitespace().map(|name| crate::history::Tag { name: name.into(), commit: "c".into() }).collect();
        let history = History::new(&tags, &crate::history::TagPattern::default());
        let release = Release::parse(release).unwrap();
        let ahead = ahead_of_tags(&monorepo, release, &history, "origin");
        let problems = lower(&monorepo, release).into_iter().chain(ahead);
        problems.map(|problem| format!("  {}\n", problem.message)).collect()
    }

    #[test]
    fn packages_with_versions_of_their_own_get_no_common_one() {
        for (api, release, differs) in
            [("0.4.4", "0.4.5", false), ("0.4.5", "0.4.5", false), ("0.4.3", "0.4.5", true), ("0.1.0", "0.4.5", true)]
        {
            let package = |name: &str, version: &str| format!("[project]\nname = '{name}'\nversion = '{version}'\n");
            let (root, api_manifest) = (package("meadow", "0.4.4"), package("meadow-api", api));
            let files: Files<'_> = &[("pyproject.toml", &root), ("api/pyproject.toml", &api_manifest)];
            let config = "[[package]]\npath = 'pyproject.toml'\n[[package]]\npath = 'api/pyproject.toml'\n";
            let monorepo = discovered(files, config, "v0.4.4").unwrap();
            let release = Release::parse(release).unwrap();
            assert_eq!(disagreement(&monorepo, release).is_some(), differs, "{api}");
            let plan = crate::plan::prepare(&monorepo, release, &crate::plan::Locks::new());
            assert_eq!(plan.is_err(), differs, "{api}");
        }
    }

    #[test]
    fn no_version_goes_down_and_a_tree_that_is_ahead_of_its_tags_says_that_they_are_missing() {
        let mut text = String::new();
        for (version, tags, release) in [
            ("0.4.4", "v0.4.2", "0.4.3"),
            ("0.4.4", "", "0.4.0rc1"),
            ("0.4.4.post1", "v0.4.4", "0.4.4"),
            ("0.5.0", "v0.4.4", "0.5.0rc2"),
            ("0.5.1.dev0", "v0.4.4", "0.5.0"),
            ("0.4.4", "v0.4.2", "0.4.5"),
            ("0.4.4", "", "0.4.5"),
            ("0.4.4", "v0.4.3", "0.4.5"),
            ("0.4.4", "v0.4.4", "0.4.5"),
            ("0.4.4", "v0.4.4", "0.4.4"),
            ("0.5.0.dev0", "v0.4.4", "0.5.0rc1"),
            ("0.0.0", "", "0.1.0"),
        ] {
            text += &format!("{version} with {tags:?}, {release}\n{}", said(version, tags, release));
        }
        expect![[r#"
            0.4.4 with "v0.4.2", 0.4.3
              pyproject.toml: meadow is at 0.4.4, and a version never goes down to 0.4.3
              pyproject.toml: meadow is at 0.4.4 already, and the last tag of its line here is that of 0.4.2: tags are missing
            0.4.4 with "", 0.4.0rc1
              pyproject.toml: meadow is at 0.4.4, and a version never goes down to 0.4.0rc1
              pyproject.toml: meadow is at 0.4.4 already, and no tag here names a release of its line: tags are missing
            0.4.4.post1 with "v0.4.4", 0.4.4
              pyproject.toml: meadow is at 0.4.4.post1, and a version never goes down to 0.4.4
            0.5.0 with "v0.4.4", 0.5.0rc2
              pyproject.toml: meadow is at 0.5.0, and a version never goes down to 0.5.0rc2
              pyproject.toml: meadow is at 0.5.0 already, and no tag here names a release of its line: tags are missing
            0.5.1.dev0 with "v0.4.4", 0.5.0
              pyproject.toml: meadow is at 0.5.1.dev0, and a version never goes down to 0.5.0
            0.4.4 with "v0.4.2", 0.4.5
              pyproject.toml: meadow is at 0.4.4 already, and the last tag of its line here is that of 0.4.2: tags are missing
            0.4.4 with "", 0.4.5
              pyproject.toml: meadow is at 0.4.4 already, and no tag here names a release of its line: tags are missing
            0.4.4 with "v0.4.3", 0.4.5
            0.4.4 with "v0.4.4", 0.4.5
            0.4.4 with "v0.4.4", 0.4.4
            0.5.0.dev0 with "v0.4.4", 0.5.0rc1
            0.0.0 with "", 0.1.0
        "#]].assert_eq(&text);
    }
}
