//! One table for each behaviour that was measured with the real setuptools-scm.

use super::*;
use crate::manifest::pyproject::Pyproject;
use crate::text::SourceText;
use crate::version::Version;
use camino::Utf8Path;
use proptest::prelude::*;

/// 2026-02-19 00:00 UTC.
const NOW: i64 = 1_771_459_200;
const ID: &str = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

fn settings(options: &str, flavor: Flavor) -> Settings {
    let text = format!("[project]\nname = 'meadow-api'\n[tool.setuptools_scm]\n{options}\n");
    Settings::of(&Pyproject::parse(&SourceText::new(text)).unwrap(), flavor)
}

fn at(described: Described) -> Observed {
    let checkout = Checkout { described, branch: Some("main".to_owned()), committed: None };
    Observed { checkout: Some(checkout), now: NOW, ..Observed::default() }
}

fn tagged(output: &str) -> Observed {
    at(Described::Tag(output.replace("ID", ID)))
}

fn printed(options: &str, flavor: Flavor, observed: &Observed) -> String {
    version(&settings(options, flavor), observed).map_or_else(|error| format!("! {error}"), |version| version.text)
}

#[test]
fn a_variable_gives_the_version_and_the_packages_own_comes_first() {
    for (flavor, variables, expected) in [
        (Flavor::V10, &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1.0-RC1")][..], "1.0-RC1"),
        (
            Flavor::V10,
            &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1"), ("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API", "2")],
            "2",
        ),
        (Flavor::V10, &[("SETUPTOOLS_SCM_PRETEND_VERSION", "")], "0.5.0"),
        (
            Flavor::V10,
            &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1"), ("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API", "")],
            "0.5.0",
        ),
        (
            Flavor::V10,
            &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1"), ("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_meadow_api", "2")],
            "1",
        ),
        (
            Flavor::V9,
            &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1"), ("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_meadow_api", "2")],
            "2",
        ),
        (Flavor::V10, &[("VCS_VERSIONING_PRETEND_VERSION", "3")], "3"),
        (Flavor::V9, &[("VCS_VERSIONING_PRETEND_VERSION", "3")], "0.5.0"),
        (Flavor::V8, &[("SETUPTOOLS_SCM_PRETEND_VERSION", "anything")], "anything"),
    ] {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let observed = Observed { environment, ..tagged("v0.5.0-0-gID") };
        assert_eq!(printed("", flavor, &observed), expected, "{flavor} {variables:?}");
    }
}

#[test]
fn what_git_is_asked_follows_the_options() {
    for (options, flavor, top, words) in [
        ("", Flavor::V10, "/m/api", "describe --dirty --tags --long --abbrev=40 --match *[0-9]*"),
        ("", Flavor::V8, "/m/api", "describe --dirty --tags --long --match *[0-9]*"),
        ("root = '..'", Flavor::V9, "/m", "describe --dirty --tags --long --abbrev=40 --match *[0-9]*"),
        (
            "tag = { prefix = 'a-', strict = true }",
            Flavor::V10,
            "/m/api",
            "describe --dirty --tags --long --abbrev=40 --match a-*[0-9]*.*[0-9]*",
        ),
        ("git_describe_command = 'git describe --tags'", Flavor::V10, "/m/api", "describe --tags"),
    ] {
        let question = settings(options, flavor).question(Utf8Path::new("/m/api")).unwrap();
        assert_eq!((question.tops[0].as_str(), &*question.describe.join(" ")), (top, words), "{options}");
    }
    for command in ["tools/version.sh", "git -c alias.x=!y x", "git push", ""] {
        let options = format!("git_describe_command = '{command}'");
        let question = settings(&options, Flavor::V10).question(Utf8Path::new("/m"));
        assert!(matches!(question, Err(ScmError::Command { .. })), "{command}");
    }
    let question = settings("search_parent_directories = true", Flavor::V10).question(Utf8Path::new("/m/api")).unwrap();
    assert_eq!(question.tops, ["/m/api", "/m", "/"]);
}

#[test]
fn the_next_version_is_guessed_from_the_tag() {
    for (output, expected) in [
        ("v0.5.0-0-gID", "0.5.0"),
        ("v0.5.0-0-gID-dirty", "0.5.1.dev0+g1a2b3c4d5.d20260219"),
        ("v0.5.0-3-gID", "0.5.1.dev3+g1a2b3c4d5"),
        ("v0.5.0-3-gID-dirty", "0.5.1.dev3+g1a2b3c4d5.d20260219"),
        ("v1.0.0rc1-1-gID", "1.0.0rc2.dev1+g1a2b3c4d5"),
        ("v1.0.0.post1-1-gID", "1.0.0.post2.dev1+g1a2b3c4d5"),
        ("1.0-1-gID", "1.1.dev1+g1a2b3c4d5"),
        ("v0.5.0-dev-0-gID", "0.5.0.dev0"),
        ("v0.5.0-dev-1-gID", "0.5.0.dev1+g1a2b3c4d5"),
        ("nightly-2025-09-27-0-gID", "27"),
        ("v1.0+linux-2-gID", "1.1.dev2+linux.g1a2b3c4d5"),
    ] {
        assert_eq!(printed("", Flavor::V10, &tagged(output)), expected, "{output}");
    }
    for output in ["v0.5.0.dev20260219-1-gID", "release/1.0-0-gID", "v1.x-0-gID", ""] {
        assert!(printed("fallback_version = '1'", Flavor::V10, &tagged(output)).starts_with("! "), "{output}");
    }
    assert_eq!(printed("", Flavor::V8, &tagged("v0.5.0-3-g1a2b3c4")), "0.5.1.dev3+g1a2b3c4");
}

#[test]
fn without_a_tag_the_fallback_stands_for_one_but_in_8() {
    let observed =
        |head: Option<&str>| at(Described::NoTag { head: head.map(str::to_owned), commits: 7, dirty: false });
    for (options, flavor, expected) in [
        ("fallback_version = '0.5.1.dev0'", Flavor::V10, "0.5.1.dev7+g1a2b3c4d5"),
        ("fallback_version = '0.5.1'", Flavor::V9, "0.5.2.dev7+g1a2b3c4d5"),
        ("fallback_version = '0.5.1'", Flavor::V8, "0.1.dev7+g1a2b3c4"),
        ("", Flavor::V10, "0.1.dev7+g1a2b3c4d5"),
    ] {
        assert_eq!(printed(options, flavor, &observed(Some(ID))), expected, "{options} {flavor}");
    }
    let nowhere = Observed { now: NOW, ..Observed::default() };
    assert_eq!(printed("fallback_version = '1.0-RC1'", Flavor::V10, &nowhere), "1.0-RC1");
    assert_eq!(version(&settings("", Flavor::V10), &nowhere), Err(ScmError::NoVersion));
}

#[test]
fn every_scheme_has_its_form() {
    for (options, output, expected) in [
        ("version_scheme = 'post-release'", "v1.2.3-4-gID", "1.2.3.post4+g1a2b3c4d5"),
        ("version_scheme = 'no-guess-dev'", "v1.2.3-4-gID", "1.2.3.post1.dev4+g1a2b3c4d5"),
        ("version_scheme = 'only-version'", "v1.2.3-4-gID", "1.2.3+g1a2b3c4d5"),
        ("version_scheme = 'semver-pep440'", "v1.2-4-gID", "1.2.1.dev4+g1a2b3c4d5"),
        ("version_scheme = 'release-branch-semver'", "v1.2.3-4-gID", "1.3.0.dev4+g1a2b3c4d5"),
        ("version_scheme = 'calver-by-date'", "v26.2.19.1-4-gID", "26.2.19.2.dev4+g1a2b3c4d5"),
        ("version_scheme = 'calver-by-date'", "v2026.2.18-4-gID", "2026.2.19.0.dev4+g1a2b3c4d5"),
        ("local_scheme = 'node-and-timestamp'", "v1-1-gID-dirty", "2.dev1+g1a2b3c4d5.d20260219000000"),
        ("local_scheme = 'dirty-tag'", "v1-1-gID-dirty", "2.dev1+dirty"),
        ("local_scheme = 'no-local-version'", "v1-1-gID", "2.dev1"),
        ("normalize = false", "v1.0-RC1-0-gID", "v1.0-RC1"),
    ] {
        assert_eq!(printed(options, Flavor::V10, &tagged(output)), expected, "{options}");
    }
    for options in
        ["version_scheme = 'meadow.build:scheme'", "local_scheme = ['none']", "scm.git.distance_scope = true"]
    {
        assert!(printed(options, Flavor::V10, &tagged("v1-1-gID")).starts_with("! `"), "{options}");
    }
}

proptest! {
    #[test]
    fn no_output_and_no_text_panics(output in "[v0-9a-g.+-]{0,20}(-[0-9]-g1a)?(-dirty)?", text in "(?s).{0,60}") {
        for flavor in [Flavor::V8, Flavor::V9, Flavor::V10] {
            for scheme in ["guess-next-dev", "calver-by-date", "release-branch-semver", "no-guess-dev"] {
                printed(&format!("version_scheme = '{scheme}'"), flavor, &tagged(&output));
            }
            let unpacked = vec![Unpacked { archival: Some(format!("describe-name: {output}\n{text}")), package_info: Some(text.clone()) }];
            printed("", flavor, &Observed { unpacked, now: NOW, ..Observed::default() });
        }
    }

    #[test]
    fn later_commits_sort_above_earlier_ones(major in 0_u64..50, patch in 0_u64..50, distance in 1_u64..1000) {
        let version = |distance| printed("", Flavor::V10, &tagged(&format!("v{major}.{patch}-{distance}-gID")));
        let read = |text: String| Version::parse(&text).unwrap();
        prop_assert!(read(version(distance)) < read(version(distance + 1)));
    }
}
