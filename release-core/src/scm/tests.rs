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
    let checkout = Checkout { branch: Some("main".to_owned()), ..Checkout::of(described) };
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
    for options in ["version_scheme = 'meadow.build:scheme'", "local_scheme = ['none']", "tag = { prefix = 1 }"] {
        assert!(printed(options, Flavor::V10, &tagged("v1-1-gID")).starts_with("! `"), "{options}");
    }
}

#[test]
fn the_build_reads_one_table_and_none_means_zero() {
    let told = |requires: &str, tables: &str, flavor| {
        let text = format!(
            "[build-system]\nrequires = [{requires}]\n[project]\nname = 'meadow'\ndynamic = ['version']\n{tables}"
        );
        let manifest = Pyproject::parse(&SourceText::new(text)).unwrap();
        match source(&manifest, flavor, None, None) {
            Source::Scm => {
                let settings = Settings::of(&manifest, flavor);
                format!("{} {}", settings.table.name, version(&settings, &tagged("v0.5.0-2-gID")).unwrap().text)
            }
            Source::Nothing(why) => why,
            other => format!("{other:?}"),
        }
    };
    let (scm, vcs) = ("[tool.setuptools_scm]\n", "[tool.vcs-versioning]\nversion_scheme = 'only-version'\n");
    let both = format!("{scm}{vcs}");
    for (requires, tables, flavor, expected) in [
        ("'setuptools-scm'", scm, Flavor::V10, "tool.setuptools_scm 0.5.1.dev2+g1a2b3c4d5"),
        ("'setuptools-scm'", vcs, Flavor::V10, "tool.vcs-versioning 0.5.0+g1a2b3c4d5"),
        ("'setuptools-scm'", &both, Flavor::V10, "tool.setuptools_scm 0.5.1.dev2+g1a2b3c4d5"),
        ("'setuptools_scm[simple]'", "", Flavor::V9, "tool.setuptools_scm 0.5.1.dev2+g1a2b3c4d5"),
        ("'setuptools-scm'", vcs, Flavor::V9, "setuptools-scm 9 does not read `[tool.vcs-versioning]`"),
        ("'setuptools-scm[simple]'", "", Flavor::V8, "there is no `[tool.setuptools_scm]`"),
        ("'setuptools-scm[Simple]'", "", Flavor::V10, "there is no `[tool.setuptools_scm]`"),
        ("'setuptools'", scm, Flavor::V10, "`build-system.requires` does not name setuptools-scm"),
        ("'setuptools-git-versioning'", "", Flavor::V10, "Other(\"no table and requirement make setuptools-scm name"),
    ] {
        let told = told(requires, tables, flavor);
        assert!(told.starts_with(expected), "{requires} {tables} {flavor}: {told}");
    }
}

#[test]
fn what_setuptools_scm_refuses_is_refused() {
    for (options, flavor, expected) in [
        ("unknown = 1", Flavor::V10, "`unknown` in `tool.setuptools_scm` is an option"),
        ("scm.git.pre_parse = 'fail_on_shallow'", Flavor::V8, "`scm` in `tool.setuptools_scm` is an option"),
        ("scm.git.distance_scope = true", Flavor::V9, "`scm.git.distance_scope` in `tool.setuptools_scm` is an option"),
        ("tag.prefix = 'v'", Flavor::V9, "`tag` in `tool.setuptools_scm` is an option"),
        ("root = 1", Flavor::V10, "`root` in `tool.setuptools_scm` has a value of a type"),
        ("tag_regex = 'v(.*)'\ntag.regex = 'v(.*)'", Flavor::V10, "`tool.setuptools_scm` has both"),
        ("tag_regex = ''", Flavor::V10, "`tag_regex = ''`"),
        ("scm.git.pre_parse = 'x'", Flavor::V10, "`scm.git.pre_parse = \"x\"` is refused"),
        ("scm.git.distance_scope = ['/lib']", Flavor::V10, "`/lib` in `scm.git.distance_scope` is absolute"),
    ] {
        let told = printed(options, flavor, &tagged("v0.5.0-2-gID"));
        assert!(told.strip_prefix("! ").is_some_and(|told| told.starts_with(expected)), "{options}: {told}");
    }
}

#[test]
fn a_clone_that_lacks_what_is_demanded_has_no_version() {
    let answer = |options: &str, flavor, change: fn(&mut Checkout)| {
        let mut observed = tagged("v0.5.0-4-gID");
        observed.checkout.iter_mut().for_each(change);
        printed(options, flavor, &observed)
    };
    let fails = "scm.git.pre_parse = 'fail_on_shallow'";
    let shallow = |checkout: &mut Checkout| checkout.history = Depth::ShallowAtTag;
    assert!(answer(fails, Flavor::V9, shallow).starts_with("! this is a shallow clone"));
    assert_eq!(answer(fails, Flavor::V10, shallow), "0.5.1.dev4+g1a2b3c4d5");
    let missing = answer("scm.git.pre_parse = 'fail_on_missing_submodules'", Flavor::V10, |checkout| {
        checkout.missing_submodules = vec!["lib".to_owned()];
    });
    assert!(missing.contains("(lib)"), "{missing}");
    let scope = "scm.git.distance_scope = true";
    let scoped = |distance| Some(Scoped { is_at_root: false, distance, dirty: true });
    assert_eq!(
        answer(scope, Flavor::V10, |checkout| checkout.scoped =
            Some(Scoped { is_at_root: false, distance: Some(0), dirty: false })),
        "0.5.0"
    );
    let observed = |distance| {
        let mut observed = tagged("v0.5.0-4-gID");
        observed.checkout.iter_mut().for_each(|checkout| checkout.scoped = scoped(distance));
        printed(scope, Flavor::V10, &observed)
    };
    assert_eq!(observed(Some(3)), "0.5.1.dev3+g1a2b3c4d5.d20260219");
    assert!(observed(None).starts_with("! git does not count"));
}

#[test]
fn news_fragments_tell_what_is_new() {
    for (names, tag, expected, zerover) in [
        (&["1.bugfix.md", "2.doc"][..], "v0.5.0", "0.5.1.dev2", "0.5.1.dev2"),
        (&["1.feature.md", "2.doc"], "v0.5.0", "0.6.0.dev2", "0.6.0.dev2"),
        (&["1.removal", "2.doc"], "v0.5.0", "1.0.0.dev2", "0.6.0.dev2"),
        (&["1.major"], "v0.5.0", "1.0.0.dev2", "1.0.0.dev2"),
        (&["1.removal"], "v1.2", "2.0.0.dev2", "2.0.0.dev2"),
        (&["README.md", "1.other", "feature"], "v0.5.0rc1", "0.5.0rc2.dev2", "0.5.0rc2.dev2"),
        (&["1.removal"], "2!1.0", "! `2!1.0` does not begin with a number and a dot", "! `2!1.0` does not"),
    ] {
        let fragments: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let observed = Observed { fragments, ..tagged(&format!("{tag}-2-gID")) };
        for (scheme, expected) in [("towncrier-fragments", expected), ("towncrier-fragments-zerover", zerover)] {
            let options = format!("version_scheme = '{scheme}'\nlocal_scheme = 'no-local-version'");
            let told = printed(&options, Flavor::V10, &observed);
            assert!(
                told == expected || (told.starts_with(expected) && told.starts_with('!')),
                "{names:?} {tag}: {told}"
            );
        }
    }
}

#[test]
fn the_file_of_settings_replaces_those_of_the_manifest_and_nothing_outside_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let top = Utf8Path::from_path(directory.path()).unwrap();
    std::fs::create_dir_all(top.join(".config")).unwrap();
    let read = |text: &str, root: &str, boundary: &Utf8Path| {
        std::fs::write(top.join(".config/python-vcs-versioning.toml"), text).unwrap();
        let manifest = format!("[project]\nname = 'meadow'\n[tool.setuptools_scm]\n{root}\n");
        let manifest = Pyproject::parse(&SourceText::new(manifest)).unwrap();
        let settings =
            Settings::read(&manifest, Flavor::V10, boundary, &top.join("api")).map_err(|error| error.to_string())?;
        let version = version(&settings, &tagged("v0.5.0-2-gID")).map_err(|error| error.to_string())?;
        Ok::<_, String>((version.text, settings.notes.len()))
    };
    let text = "[api]\nversion_scheme = 'only-version'\nlocal_scheme = 'no-local-version'\n['.']\nunknown = 1\n";
    assert_eq!(read(text, "root = '..'", top), Ok(("0.5.0".to_owned(), 1)));
    assert_eq!(read(text, "root = '..'", &top.join("api")), Ok(("0.5.1.dev2+g1a2b3c4d5".to_owned(), 0)));
    assert_eq!(read("x = [", "root = '..'", top), Ok(("0.5.1.dev2+g1a2b3c4d5".to_owned(), 1)));
    let refused = read("[api]\nroot = '.'", "root = '..'", top).unwrap_err();
    assert!(refused.starts_with("`root` in `.config/python-vcs-versioning.toml` is an option"), "{refused}");
}

#[test]
fn hatch_vcs_passes_its_options_on_and_knows_no_name() {
    let text = "[build-system]\nrequires = ['hatchling', 'hatch-vcs']\nbuild-backend = 'hatchling.build'\n[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.hatch.version]\nsource = 'vcs'\n";
    let called = |options: &str, observed: &Observed| {
        let manifest = Pyproject::parse(&SourceText::new(format!("{text}{options}"))).unwrap();
        assert_eq!(source(&manifest, Flavor::V10, None, None), Source::Scm, "{options}");
        let settings = Settings::of(&manifest, Flavor::V10);
        version(&settings, observed).map_or_else(|error| format!("! {error}"), |version| version.text)
    };
    let environment = vec![("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW".to_owned(), "3".to_owned())];
    let observed = Observed { environment, ..tagged("v0.5.0-2-gID") };
    assert_eq!(called("", &observed), "0.5.1.dev2+g1a2b3c4d5");
    let raw = |option: &str| called(&format!("raw-options = {{ {option} }}"), &observed);
    assert_eq!(raw("version_scheme = 'only-version', local_scheme = 'no-local-version'"), "0.5.0");
    assert_eq!(raw("dist_name = 'meadow'"), "3");
    assert!(raw("tag.prefix = 'v'").starts_with("! `tag` in `tool.hatch.version.raw-options`"));
    assert!(called("tag-pattern = '^x(.*)$'", &observed).starts_with("! `tag_regex` finds no version"));
    let info = Unpacked { package_info: Some("Name: meadow\nVersion: 0.4\n".to_owned()), ..Unpacked::default() };
    assert_eq!(called("", &Observed { unpacked: vec![info], ..observed.clone() }), "0.4");
}

proptest! {
    #[test]
    fn no_output_and_no_text_panics(output in "[v0-9a-g.+-]{0,20}(-[0-9]-g1a)?(-dirty)?", text in "(?s).{0,60}") {
        for flavor in [Flavor::V8, Flavor::V9, Flavor::V10] {
            for scheme in ["guess-next-dev", "calver-by-date", "release-branch-semver", "no-guess-dev"] {
                printed(&format!("version_scheme = '{scheme}'"), flavor, &tagged(&output));
            }
            let unpacked = vec![Unpacked { archival: Some(format!("describe-name: {output}\n{text}")), package_info: Some(text.clone()), metadata: Some(text.clone()) }];
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
