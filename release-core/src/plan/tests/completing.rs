//! A minor completes the setuptools-scm configuration: missing parts are added in the style of the surrounding text.

use super::*;
use crate::manifest::pyproject::Pyproject;
use expect_test::{Expect, expect};

/// Returns a manifest two folders down, beside a complete one at the root, after 0.5.0 was prepared; it must be
/// complete.
#[track_caller]
fn completed(text: &str) -> String {
    let root = "[build-system]\nrequires = [\"setuptools>=61.0\", \"setuptools-scm>=8.1\"]\n[project]\nname = \"root\"\ndynamic = [\"version\"]\ndependencies = [\"meadow\"]\n[tool.setuptools_scm]\nfallback_version = \"0.5.0\"\n";
    let files = [("pyproject.toml", root), ("src/meadow/pyproject.toml", text)];
    let after = prepared(&files, "", "0.5.0");
    assert_eq!(after[0], root);

    let text = &after[1];
    let read = Pyproject::parse(&SourceText::new(text.as_str())).unwrap();
    let (project, scm) = (read.project.unwrap(), read.scm.unwrap());
    assert!(project.is_dynamic() && project.version.is_none(), "{text}");
    assert!(read.build_system.unwrap().requires_scm(), "{text}");
    assert_eq!(scm.root.unwrap().value, "../..", "{text}");
    assert_eq!(scm.fallback_version.unwrap().value, "0.5.0", "{text}");
    after[1].clone()
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    let unix = completed(text);
    expected.assert_eq(&unix);
    // The same file with other line endings, a byte order mark, or without its final line break gets the same
    // additions.
    let windows = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(completed(&windows(text)), windows(&unix));
    assert_eq!(completed(&format!("\u{feff}{text}")), format!("\u{feff}{unix}"));
    if let (Some(text), Some(unix)) = (text.strip_suffix('\n'), unix.strip_suffix('\n')) {
        assert_eq!(completed(text), unix);
    }
}

const PROJECT: &str = "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n";
const BUILD: &str =
    "[build-system]\nrequires = [\"setuptools\", \"setuptools-scm\"]\nbuild-backend = \"setuptools.build_meta\"\n";
const SCM: &str = "[tool.setuptools_scm]\nroot = \"../..\"\nfallback_version = \"0.4.4\"\n";

#[test]
fn the_table_of_vcs_versioning_is_completed_where_it_is_the_one_that_is_read() {
    check(
        &format!("{BUILD}\n{PROJECT}\n[tool.vcs-versioning]\nlocal_scheme = \"no-local-version\"\n"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [project]
            name = "meadow"
            dynamic = ["version"]

            [tool.vcs-versioning]
            local_scheme = "no-local-version"
            root = "../.."
            fallback_version = "0.5.0"
        "#]],
    );
}

#[test]
fn a_missing_table_is_added_behind_the_build_system() {
    check(
        &format!("{BUILD}\n{PROJECT}readme = \"x\"\n"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            [project]
            name = "meadow"
            dynamic = ["version"]
            readme = "x"
        "#]],
    );
    check(
        &format!("{PROJECT}\n{BUILD}"),
        &expect![[r#"
            [project]
            name = "meadow"
            dynamic = ["version"]

            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"
        "#]],
    );
}

#[test]
fn missing_keys_are_added_to_the_table() {
    check(
        &format!("{BUILD}\n[tool.setuptools_scm]\n\n{PROJECT}"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            [project]
            name = "meadow"
            dynamic = ["version"]
        "#]],
    );
    check(
        &format!("{BUILD}\n{PROJECT}\n[tool.setuptools_scm] # ours\nversion_file = \"v.py\" # x\n# the end\n"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [project]
            name = "meadow"
            dynamic = ["version"]

            [tool.setuptools_scm] # ours
            version_file = "v.py" # x
            root = "../.."
            fallback_version = "0.5.0"
            # the end
        "#]],
    );
    check(
        &format!("{BUILD}\n[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n\n{PROJECT}"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            fallback_version = "0.5.0"
            root = "../.."

            [project]
            name = "meadow"
            dynamic = ["version"]
        "#]],
    );
    check(
        &format!("{BUILD}\n[tool.setuptools_scm]\nroot = '.'   # wrong\n\n{PROJECT}"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools", "setuptools-scm"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = '../..'   # wrong
            fallback_version = "0.5.0"

            [project]
            name = "meadow"
            dynamic = ["version"]
        "#]],
    );
}

#[test]
fn setuptools_scm_joins_the_build_requirements() {
    let requires = |list: &str| {
        let text = completed(&format!("[build-system]\nrequires = {list}\n\n{PROJECT}\n{SCM}"));
        let end = text.find("\n\n[project]").unwrap();
        text["[build-system]\nrequires = ".len()..end].to_owned()
    };
    for (before, after) in [
        (r#"["setuptools"]"#, r#"["setuptools", "setuptools-scm>=8.1"]"#),
        (r#"['setuptools']"#, r#"['setuptools', 'setuptools-scm>=8.1']"#),
        (r#"["setuptools", ] # x"#, r#"["setuptools", "setuptools-scm>=8.1", ] # x"#),
        (r#"[ "setuptools" ]"#, r#"[ "setuptools", "setuptools-scm>=8.1" ]"#),
        (r#"[]"#, r#"["setuptools-scm>=8.1"]"#),
        ("[\n]", "[\"setuptools-scm>=8.1\"\n]"),
        ("[ # none\n]", "[\"setuptools-scm>=8.1\" # none\n]"),
        ("[\n  \"setuptools\",\n]", "[\n  \"setuptools\",\n  \"setuptools-scm>=8.1\",\n]"),
        ("[\n\t\"setuptools\"\n]", "[\n\t\"setuptools\",\n\t\"setuptools-scm>=8.1\"\n]"),
        (
            "[\n  \"wheel\",\n  \"setuptools\" # a, b\n]",
            "[\n  \"wheel\",\n  \"setuptools\", # a, b\n  \"setuptools-scm>=8.1\"\n]",
        ),
        ("[\n  'setuptools', # a\n  # b\n]", "[\n  'setuptools', # a\n  'setuptools-scm>=8.1',\n  # b\n]"),
        ("[\n  \"setuptools\"\n  , # odd\n]", "[\n  \"setuptools\"\n  , # odd\n  \"setuptools-scm>=8.1\",\n]"),
        ("[\n  \"wheel\", \"setuptools\",\n]", "[\n  \"wheel\", \"setuptools\",\n  \"setuptools-scm>=8.1\",\n]"),
        ("[\"wheel\",\n \"setuptools\"]", "[\"wheel\",\n \"setuptools\", \"setuptools-scm>=8.1\"]"),
        ("[\"setuptools\",\n]", "[\"setuptools\",\n    \"setuptools-scm>=8.1\",\n]"),
        (r#"["setuptools-scm-git-archive"]"#, r#"["setuptools-scm-git-archive", "setuptools-scm>=8.1"]"#),
        (r#"["Setuptools_SCM[toml]>=6"]"#, r#"["Setuptools_SCM[toml]>=6"]"#),
    ] {
        assert_eq!(requires(before), after);
    }
}

#[test]
fn a_requirement_with_quotes_is_copied_in_others() {
    let root = "[build-system]\nrequires = ['setuptools-scm>=8; python_version < \"4\"']\n[project]\nname = \"root\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n";
    let other = format!("[build-system]\nrequires = [\"setuptools\"]\n{PROJECT}{SCM}");
    let after = prepared(&[("pyproject.toml", root), ("src/meadow/pyproject.toml", &other)], "", "0.5.0");
    assert!(after[1].contains("requires = [\"setuptools\", 'setuptools-scm>=8; python_version < \"4\"']\n"));
}

#[test]
fn a_missing_build_system_is_put_first_behind_the_files_own_comment() {
    check(
        &format!("{PROJECT}\n{SCM}"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"]
            build-backend = "setuptools.build_meta"

            [project]
            name = "meadow"
            dynamic = ["version"]

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"
        "#]],
    );
    check(
        &format!("# (c) Meadow\n# MIT\n\n{PROJECT}"),
        &expect![[r##"
            # (c) Meadow
            # MIT

            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            [project]
            name = "meadow"
            dynamic = ["version"]
        "##]],
    );
    check(
        &format!("# about the project\n{PROJECT}"),
        &expect![[r#"
            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            # about the project
            [project]
            name = "meadow"
            dynamic = ["version"]
        "#]],
    );
    check(
        &format!("[build-system]\nbuild-backend = \"setuptools.build_meta\"\n\n{PROJECT}"),
        &expect![[r#"
            [build-system]
            build-backend = "setuptools.build_meta"
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"]

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            [project]
            name = "meadow"
            dynamic = ["version"]
        "#]],
    );
}

#[test]
fn a_static_version_becomes_dynamic() {
    let text = |project: &str| format!("{BUILD}\n[project]\nname = \"meadow\"\n{project}\n{SCM}");
    for (before, after) in [
        ("version = \"0.4.4\" # by hand\n", "dynamic = [\"version\"] # by hand\n"),
        ("version = '0.4.4'\ndynamic = [\"readme\"]\n", "dynamic = [\"readme\", \"version\"]\n"),
        (
            "dynamic = [\"readme\", \"version\"]\nversion = \"0.4.4\" # both\nurls = {}\n",
            "dynamic = [\"readme\", \"version\"]\nurls = {}\n",
        ),
        ("dynamic = [\n  \"readme\",\n]\n", "dynamic = [\n  \"readme\",\n  \"version\",\n]\n"),
        ("dynamic = []\n", "dynamic = [\"version\"]\n"),
        ("readme = \"x\"\n", "dynamic = [\"version\"]\nreadme = \"x\"\n"),
    ] {
        let after = text(after).replace("0.4.4", "0.5.0");
        assert_eq!(completed(&text(before)), after);
        assert_eq!(completed(&text(before).replace('\n', "\r\n")), after.replace('\n', "\r\n"));
    }
}

#[test]
fn everything_at_once() {
    check(
        "[project]\nversion = \"0.4.4\"\nname = \"meadow\"\n",
        &expect![[r#"
            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            [project]
            dynamic = ["version"]
            name = "meadow"
        "#]],
    );
    check(
        "[project]\nname = \"meadow\"\n",
        &expect![[r#"
            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"]
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.5.0"

            [project]
            name = "meadow"
            dynamic = ["version"]
        "#]],
    );
}

#[test]
fn the_root_has_no_way_to_go() {
    let text = prepared_root(&format!("{BUILD}\n{PROJECT}"), "", "1.0.0rc1");
    assert_eq!(text, format!("{BUILD}\n[tool.setuptools_scm]\nfallback_version = \"1.0.0rc1\"\n\n{PROJECT}"));
}

#[test]
fn a_patch_adds_nothing() {
    let text = format!("{PROJECT}[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n");
    assert_eq!(prepared_root(&text, "", "0.4.5"), text.replace("0.4.4", "0.4.5"));
}

#[test]
fn a_package_that_stops_being_static_loses_its_version_in_the_lockfiles() {
    let root = format!(
        "{BUILD}{PROJECT}dependencies = [\"meadow-api\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n"
    );
    let api = format!("{BUILD}[project]\nname = \"meadow_api\"\nversion = \"0.4.4\"\n");
    let entry = |version: &str| {
        format!(
            "version = 1\r\n\r\n[[package]]\r\nname = \"meadow-api\"\r\n{version}source = {{ editable = \"api\" }}\r\n"
        )
    };
    let lock = entry("version = \"0.4.4\"\r\n");
    let files = [("pyproject.toml", root.as_str()), ("api/pyproject.toml", &api), ("uv.lock", &lock)];
    assert_eq!(prepared(&files, "", "0.5.0")[2], entry(""));
    assert_eq!(prepared(&files, "", "0.4.5")[2], lock.replace("0.4.4", "0.4.5"), "a patch leaves it static");

    let broken = plan(&[files[0], files[1], ("uv.lock", "version = ")], "", "0.5.0").unwrap_err();
    assert!(broken.starts_with("uv.lock is not TOML\n  uv.lock:1"), "{broken}");
}
