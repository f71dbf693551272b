//! Discovery of packages, and of the manifests that are left out.

use super::*;
use crate::monorepo::Scheme;
use expect_test::{Expect, expect};

/// Checks a tree, given by its manifests, in a repository with tags.
#[track_caller]
fn check(files: &[(&str, String)], config: &str, tags: &str, expected: &Expect) {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let found = match discovered(&files, config, tags) {
        Ok(monorepo) => {
            let scheme = match monorepo.scheme {
                Scheme::Dynamic => "dynamic",
                Scheme::Static => "static",
            };
            let mut lines = vec![scheme.to_owned()];
            lines.extend(monorepo.packages.iter().map(|package| format!("{}: {}", package.path, package.why)));
            lines.extend(monorepo.left.iter().map(|left| format!("left {}: {}", left.path, left.reason)));
            lines.join("\n")
        }
        Err(problems) => noted(&problems, &files),
    };
    expected.assert_eq(&found);
}

#[test]
fn packages_of_setuptools_scm_are_ours_whatever_they_fall_back_to() {
    let table = "[project]\nname = \"c\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nroot = \"..\"\n";
    let required =
        "[build-system]\nrequires = [\"Setuptools.SCM[toml]>=8\"]\n[project]\nname = \"d\"\ndynamic = [\"version\"]\n";
    check(
        &[
            ("pyproject.toml", scm("a", "0.5.0.dev0", "")),
            ("b/pyproject.toml", scm("b", "0.0.0", "")),
            ("c/pyproject.toml", table.to_owned()),
            ("d/pyproject.toml", required.to_owned()),
        ],
        "",
        "v0.4.0",
        &expect![[r#"
            dynamic
            pyproject.toml: its version comes from setuptools-scm
            b/pyproject.toml: its version comes from setuptools-scm
            c/pyproject.toml: its version comes from setuptools-scm
            d/pyproject.toml: its version comes from setuptools-scm"#]],
    );
}

#[test]
fn a_static_version_is_ours_when_it_is_the_monorepos_and_else_its_own() {
    check(
        &[
            ("pyproject.toml", fixed("a", "0.4.3", "")),
            ("b/pyproject.toml", fixed("b", "0.4.3", "")),
            ("bench/pyproject.toml", fixed("bench", "0.1.0", "")),
            ("tests/external/x/pyproject.toml", fixed("x", "0.4.3", "")),
        ],
        "",
        "v0.4.2 v0.4.3",
        &expect![[r#"
            static
            pyproject.toml: it has the version of the monorepo, 0.4.3
            b/pyproject.toml: it has the version of the monorepo, 0.4.3
            left bench/pyproject.toml: its version 0.1.0 is its own, the monorepo's is 0.4.3
            left tests/external/x/pyproject.toml: a test fixture, below `tests`"#]],
    );
}

#[test]
fn a_package_that_stayed_static_is_ours_when_it_is_of_the_same_release() {
    check(
        &[
            ("pyproject.toml", scm("a", "0.5.0.dev0", "")),
            ("b/pyproject.toml", fixed("b", "0.5.0", "")),
            ("c/pyproject.toml", fixed("c", "0.4.9", "")),
        ],
        "",
        "v0.4.0",
        &expect![[r#"
            dynamic
            pyproject.toml: its version comes from setuptools-scm
            b/pyproject.toml: it has the version of the monorepo, 0.5.0.dev0
            left c/pyproject.toml: its version 0.4.9 is its own, the monorepo's is 0.5.0.dev0"#]],
    );
}

#[test]
fn a_sibling_is_ours_whatever_its_version_says_unless_it_is_asked_for_by_a_version_of_its_own() {
    let requires = "dependencies = [\"B_b\", \"c>=2.1\", \"d==0.4.4\"]\n[project.optional-dependencies]\nx = [\"e>=0.4\"]\n[dependency-groups]\ndev = [\"helper\"]";
    check(
        &[
            ("pyproject.toml", scm("a", "0.4.5", requires)),
            ("b/pyproject.toml", fixed("b-b", "0.1.0", "dependencies = [\"f\"]")),
            ("c/pyproject.toml", fixed("c", "2.1.3", "")),
            // A pin to an earlier version of this monorepo.
            ("d/pyproject.toml", fixed("d", "0.4.4", "")),
            ("e/pyproject.toml", fixed("e", "0.3.0", "")),
            ("f/pyproject.toml", "[project]\nname = \"f\"\n".to_owned()),
            ("helper/pyproject.toml", fixed("helper", "0.0.1", "")),
        ],
        "",
        "v0.4.4",
        &expect![[r#"
            dynamic
            pyproject.toml: its version comes from setuptools-scm
            b/pyproject.toml: pyproject.toml depends on it
            d/pyproject.toml: pyproject.toml depends on it
            e/pyproject.toml: pyproject.toml depends on it
            f/pyproject.toml: b/pyproject.toml depends on it
            left c/pyproject.toml: its version 2.1.3 is its own, the monorepo's is 0.4.5
            left helper/pyproject.toml: its version 0.0.1 is its own, the monorepo's is 0.4.5"#]],
    );
}

#[test]
fn versions_from_elsewhere_are_left_with_their_source() {
    let dynamic = |rest: &str| format!("[project]\nname = \"x\"\ndynamic = [\"version\"]\n{rest}");
    check(
        &[
            ("pyproject.toml", fixed("a", "1.0.0", "")),
            ("attr/pyproject.toml", dynamic("[tool.setuptools.dynamic]\nversion = {attr = 'x.y'}")),
            ("flit/pyproject.toml", dynamic("[build-system]\nbuild-backend = 'flit_core.buildapi'")),
            ("hatch/pyproject.toml", dynamic("[tool.hatch.version]\nsource = 'vcs'")),
            ("poetry/pyproject.toml", "[tool.poetry]\nname = 'p'\nversion = '1.0.0'".to_owned()),
            (
                "setup/pyproject.toml",
                dynamic("[build-system]\nrequires = ['setuptools', 'setuptools-scm-git-archive']"),
            ),
            ("nameless/pyproject.toml", "[project]\nversion = '1.0.0'".to_owned()),
            ("versionless/pyproject.toml", "[project]\nname = 'x'".to_owned()),
        ],
        "",
        "v1.0.0",
        &expect![[r#"
            static
            pyproject.toml: it has the version of the monorepo, 1.0.0
            left attr/pyproject.toml: its version comes from `tool.setuptools.dynamic`
            left flit/pyproject.toml: its version comes from the build backend `flit_core.buildapi`
            left hatch/pyproject.toml: its version comes from `tool.hatch.version`
            left nameless/pyproject.toml: its `[project]` has no name
            left poetry/pyproject.toml: its version comes from `tool.poetry`
            left setup/pyproject.toml: its version comes from elsewhere, perhaps from `setuptools-scm-git-archive`
            left versionless/pyproject.toml: it declares no version, and no package depends on it"#]],
    );
}

#[test]
fn a_package_that_lost_its_whole_configuration_is_still_ours_beside_others_that_have_it() {
    let lost = "[project]\nname = \"b\"\ndynamic = [\"version\"]\n";
    check(
        &[("pyproject.toml", scm("a", "0.5.0", "")), ("b/pyproject.toml", lost.to_owned())],
        "",
        "v0.5.0",
        &expect![[r#"
            dynamic
            pyproject.toml: its version comes from setuptools-scm
            b/pyproject.toml: its version is dynamic and built by setuptools"#]],
    );
    check(
        &[("pyproject.toml", lost.to_owned())],
        "",
        "",
        &expect![[r#"
            dynamic
            pyproject.toml: its version is dynamic and built by setuptools"#]],
    );
}

#[test]
fn setuptools_scm_for_the_list_of_files_alone_leaves_a_static_monorepo_static() {
    let files = fixed("a", "1.2.0", "[tool.setuptools_scm]\n");
    check(
        &[("pyproject.toml", files), ("b/pyproject.toml", fixed("b", "1.2.0", ""))],
        "",
        "v1.2.0",
        &expect![[r#"
            static
            pyproject.toml: it has the version of the monorepo, 1.2.0
            b/pyproject.toml: it has the version of the monorepo, 1.2.0"#]],
    );
}

#[test]
fn a_root_without_a_package_leaves_the_version_to_the_others() {
    let workspace = "[tool.uv.workspace]\nmembers = [\"*\"]\n[dependency-groups]\ndev = [\"a-client==1.4.0\"]\n";
    let members = [
        ("pyproject.toml", workspace.to_owned()),
        ("a/pyproject.toml", fixed("a", "1.4.0", "")),
        ("b/pyproject.toml", fixed("b", "1.4.0", "")),
        ("c/pyproject.toml", fixed("c", "0.1.0", "")),
    ];
    check(
        &members,
        "",
        "",
        &expect![[r#"
            static
            a/pyproject.toml: it has the version of the monorepo, 1.4.0
            b/pyproject.toml: it has the version of the monorepo, 1.4.0
            left c/pyproject.toml: its version 0.1.0 is its own, the monorepo's is 1.4.0"#]],
    );
    // The version that fits the tags counts, not the one that most packages have.
    let members = [
        ("pyproject.toml", fixed("workspace", "0.1.0", "[tool.uv]\npackage = false")),
        ("a/pyproject.toml", fixed("a", "1.4.0", "")),
        ("b/pyproject.toml", fixed("b", "0.1.0", "")),
        ("c/pyproject.toml", fixed("c", "0.1.0", "")),
    ];
    check(
        &members,
        "",
        "v1.3.0 v1.4.0",
        &expect![[r#"
            static
            a/pyproject.toml: it has the version of the monorepo, 1.4.0
            left b/pyproject.toml: its version 0.1.0 is its own, the monorepo's is 1.4.0
            left c/pyproject.toml: its version 0.1.0 is its own, the monorepo's is 1.4.0"#]],
    );
}

#[test]
fn an_application_that_uv_does_not_build_is_ours_when_there_is_no_other() {
    let root = fixed("app", "1.4.0", "[tool.uv]\npackage = false");
    check(
        &[("pyproject.toml", root)],
        "",
        "v1.4.0",
        &expect![[r#"
            static
            pyproject.toml: it has the version of the monorepo, 1.4.0"#]],
    );
}

#[test]
fn a_root_that_is_not_built_is_a_placeholder_and_never_all_that_is_edited() {
    let built = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let hatch =
        format!("{built}[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"a.py\"\n");
    let root = |table: &str| ("pyproject.toml", fixed("workspace", "0.0.0", table));
    let mut text = String::new();
    for (root, member, tags) in [
        (root(""), format!("{built}{}", fixed("a", "1.4.0", "")), ""),
        (root(""), format!("{built}{}", fixed("a", "1.4.0", "")), "v1.4.0"),
        (root("[tool.uv]\npackage = false"), format!("{built}{}", fixed("a", "1.4.0", "")), "v1.4.0"),
        (root(""), hatch.clone(), "v1.4.0"),
        (root("[tool.uv]\npackage = false"), hatch, ""),
        (("pyproject.toml", fixed("workspace", "1.4.0", "")), format!("{built}{}", fixed("a", "0.1.0", "")), "v1.4.0"),
    ] {
        let files = [root, ("a/pyproject.toml", member)];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        text += &match discovered(&files, "", tags) {
            Ok(found) => found.packages.iter().map(|package| format!("{}: {}\n", package.path, package.why)).collect(),
            Err(problems) => noted(&problems, &files),
        };
        text += "--\n";
    }
    expect![[r#"
        a/pyproject.toml: it has the version of the monorepo, 1.4.0
        --
        a/pyproject.toml: it has the version of the monorepo, 1.4.0
        --
        a/pyproject.toml: it has the version of the monorepo, 1.4.0
        --
        a release would edit pyproject.toml alone, which is not built, and no package: a/pyproject.toml (its version comes from `tool.hatch.version`)
          = give the packages a version that a release can write: `fallback_version` of setuptools-scm, or `project.version`--
        a release would edit pyproject.toml alone, which is not built, and no package: a/pyproject.toml (its version comes from `tool.hatch.version`)
          = give the packages a version that a release can write: `fallback_version` of setuptools-scm, or `project.version`--
        pyproject.toml: it has the version of the monorepo, 1.4.0
        --
    "#]].assert_eq(&text);
}

#[test]
fn where_the_version_of_the_monorepo_is_not_clear_nothing_is_released() {
    // Libraries with versions of their own.
    let own = [
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"*\"]\n".to_owned()),
        ("a/pyproject.toml", fixed("a", "1.4.0", "")),
        ("b/pyproject.toml", fixed("b", "2.1.0", "")),
    ];
    check(
        &own,
        "",
        "",
        &expect![[r#"
            it is not clear which version is the monorepo's: a/pyproject.toml says 1.4.0 and b/pyproject.toml says 2.1.0
              a/pyproject.toml:3: "1.4.0" (the monorepo's?)
              b/pyproject.toml:3: "2.1.0" (the monorepo's?)
              = name those that are released together in release.toml: `[[package]]` with `path = "..."` for each"#]],
    );
    // A root that was never released, beside a package that was.
    let dummy = [("pyproject.toml", fixed("root", "0.0.0", "")), ("a/pyproject.toml", fixed("a", "1.4.0", ""))];
    check(
        &dummy,
        "",
        "v1.4.0",
        &expect![[r#"
            it is not clear which version is the monorepo's: pyproject.toml says 0.0.0 and a/pyproject.toml says 1.4.0
              pyproject.toml:3: "0.0.0" (the monorepo's?)
              a/pyproject.toml:3: "1.4.0" (the monorepo's?)
              = name those that are released together in release.toml: `[[package]]` with `path = "..."` for each"#]],
    );
    let leaf = [("pyproject.toml", fixed("root", "1.2.0", "")), ("a/pyproject.toml", scm("a", "0.0.0", ""))];
    check(
        &leaf,
        "",
        "v1.2.0",
        &expect![[r#"
            it is not clear which version is the monorepo's: pyproject.toml says 1.2.0 and a/pyproject.toml says 0.0.0
              pyproject.toml:3: "1.2.0" (the monorepo's?)
              a/pyproject.toml:6: "0.0.0" (the monorepo's?)
              = name those that are released together in release.toml: `[[package]]` with `path = "..."` for each"#]],
    );
}

#[test]
fn a_repository_that_is_between_the_schemes_is_dynamic() {
    let between = [("pyproject.toml", fixed("root", "1.2.0", "")), ("a/pyproject.toml", scm("a", "1.2.0.dev0", ""))];
    check(
        &between,
        "",
        "v1.2.0",
        &expect![[r#"
            dynamic
            pyproject.toml: it has the version of the monorepo, 1.2.0
            a/pyproject.toml: its version comes from setuptools-scm"#]],
    );
}

#[test]
fn a_maintained_line_is_prepared_before_its_next_tag() {
    let files = [("pyproject.toml", fixed("a", "0.4.5", "")), ("b/pyproject.toml", fixed("b", "0.5.0", ""))];
    check(
        &files,
        "",
        "v0.4.4 v0.5.0",
        &expect![[r#"
            static
            pyproject.toml: it has the version of the monorepo, 0.4.5
            left b/pyproject.toml: its version 0.5.0 is its own, the monorepo's is 0.4.5"#]],
    );
}

#[test]
fn packages_that_release_toml_names_are_taken_as_they_are_and_once() {
    let files = [
        ("pyproject.toml", fixed("root", "0.0.0", "")),
        ("a/pyproject.toml", fixed("a", "1.4.0", "dependencies = [\"c\"]")),
        ("tests/b/pyproject.toml", fixed("b", "1.4.0", "")),
        ("c/pyproject.toml", fixed("c", "1.4.0", "")),
    ];
    let package = |path: &str| format!("[[package]]\npath = \"{path}\"\n");
    let config = package("a/pyproject.toml") + &package("tests/b/pyproject.toml") + &package("a/pyproject.toml");
    check(
        &files,
        &config,
        "v1.4.0",
        &expect![[r#"
            static
            a/pyproject.toml: release.toml names it
            tests/b/pyproject.toml: release.toml names it
            left c/pyproject.toml: not named in release.toml
            left pyproject.toml: not named in release.toml"#]],
    );
    check(
        &files,
        &package("a"),
        "v1.4.0",
        &expect![[r#"
            release.toml names the package a, which is not a tracked manifest with a `project.name`
              = correct the path in `[[package]]`, or add the file to git"#]],
    );
}

#[test]
fn a_tree_without_a_package_says_what_it_looked_at() {
    check(
        &[],
        "",
        "",
        &expect![[r#"
            there is no tracked pyproject.toml in this repository
              = name the packages in release.toml: `[[package]]` with `path = "pyproject.toml"`"#]],
    );
    check(
        &[("pyproject.toml", "[tool.ruff]\n".to_owned())],
        "",
        "",
        &expect![[r#"
            none of the manifests is a package of this monorepo: pyproject.toml (it has no `[project]` table)
              = name the packages in release.toml: `[[package]]` with `path = "pyproject.toml"`"#]],
    );
}

#[test]
fn texts_that_cannot_be_read_are_problems_with_their_places_all_at_once() {
    check(
        &[
            ("pyproject.toml", "[project\n".to_owned()),
            ("a/pyproject.toml", scm("a", "1.0.0", "name = \"again\"")),
            ("ui/package.json", "{\"dependencies\": {}".to_owned()),
            ("{{name}}/pyproject.toml", "[project]\nname = {{name}}\n".to_owned()),
        ],
        "",
        "",
        &expect![[r#"
            a/pyproject.toml is not TOML
              a/pyproject.toml:4: name (duplicate key)
              = correct the syntax and run the command again
            pyproject.toml is not TOML
              pyproject.toml:1:  (unclosed table, expected `]`)
              = correct the syntax and run the command again
            ui/package.json is not JSON
              ui/package.json:1: {"dependencies": {} (unterminated object)
              = correct the syntax and run the command again"#]],
    );
}
