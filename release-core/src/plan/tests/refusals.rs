//! A site that cannot be brought to the release's version is an error with its place, and there is no plan.

use super::*;
use expect_test::expect;

#[track_caller]
fn refused(text: &str, config: &str, release: &str, expected: &expect_test::Expect) {
    let problems = plan(&[("src/meadow/pyproject.toml", text)], config, release).unwrap_err();
    expected.assert_eq(&problems);
}

#[test]
fn pins_that_cannot_move_are_named_all_at_once() {
    let text = "[project]
name = \"meadow\"
dynamic = [\"version\"]
dependencies = [
    \"meadow-client\",
    \"meadow-client[cli] ; python_version < '4'\",
    \"meadow-client @ https://files.example/meadow_client-0.4.4.whl\",
    \"meadow-client==0.4.x\",
    \"meadow-client = 0.4.4\",
]
[tool.setuptools_scm]
fallback_version = \"0.4.4\"
";
    refused(
        text,
        "",
        "0.4.5",
        &expect![[r#"
            src/meadow/pyproject.toml: the client `meadow-client` is required without a version
              src/meadow/pyproject.toml:5: "meadow-client" (no specifier)
              = write `meadow-client==0.4.5`, or keep it as it is with `pin = { release = "keep", candidate = "keep" }` in release.toml
            src/meadow/pyproject.toml: the client `meadow-client` is required without a version
              src/meadow/pyproject.toml:6: "meadow-client[cli] ; python_version < '4'" (no specifier)
              = write `meadow-client==0.4.5`, or keep it as it is with `pin = { release = "keep", candidate = "keep" }` in release.toml
            src/meadow/pyproject.toml: the client `meadow-client` is required by URL
              src/meadow/pyproject.toml:7: "meadow-client @ https://files.example/meadow_client-0.4.4.whl" (a URL cannot follow a release)
              = write `meadow-client==0.4.5`, or keep it as it is with `pin = { release = "keep", candidate = "keep" }` in release.toml
            src/meadow/pyproject.toml: `meadow-client==0.4.x` is not a PEP 508 requirement: unexpected text at byte 18
              src/meadow/pyproject.toml:8: "meadow-client==0.4.x" (unexpected text)
              = write it as PEP 508 has it: `name==1.0`
            src/meadow/pyproject.toml: `meadow-client = 0.4.4` is not a PEP 508 requirement: expected a specifier, `@`, `;` or the end after the name at byte 14
              src/meadow/pyproject.toml:9: "meadow-client = 0.4.4" (expected a specifier, `@`, `;` or the end after the name)
              = write it as PEP 508 has it: `name==1.0`"#]],
    );
}

#[test]
fn a_package_whose_builds_take_their_version_from_elsewhere_is_an_error_and_no_fallback_is_written() {
    let text = "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nroot = \"../..\"\nfallback_version = \"0.4.4\"\n[tool.setuptools.dynamic]\nversion = { attr = \"meadow.VERSION\" }\n";
    refused(
        text,
        "",
        "0.4.5",
        &expect![[r#"
        src/meadow/pyproject.toml: a build of meadow has its version from `tool.setuptools.dynamic`, whatever setuptools-scm says
          src/meadow/pyproject.toml:2: "meadow" (its version is elsewhere)
          = remove the version from `[tool.setuptools.dynamic]`, or leave the package out with `[[package]]` in release.toml"#]],
    );
}

#[test]
fn a_package_without_a_version_is_an_error_for_a_patch() {
    let text = "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nroot = \"../..\"\n";
    refused(
        text,
        "",
        "0.4.5",
        &expect![[r#"
            src/meadow/pyproject.toml: meadow has no `fallback_version`
              src/meadow/pyproject.toml:4: [tool.setuptools_scm] (the package)
              = add `fallback_version = "0.4.5"` to `[tool.setuptools_scm]`; if it is not released with the others, name those that are in release.toml (`[[package]]`)"#]],
    );
}

#[test]
fn another_build_backend_does_not_read_the_configuration() {
    let text = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n";
    let expected = expect![[r#"
            src/meadow/pyproject.toml: meadow is built by `hatchling.build`, which does not read setuptools-scm's configuration
              src/meadow/pyproject.toml:3: "hatchling.build" (another build backend)
              = build it with setuptools, or leave it out with `[[package]]` in release.toml"#]];
    // Also where nothing is to be completed.
    for release in ["0.4.5", "0.5.0"] {
        refused(text, "", release, &expected);
    }
}

#[test]
fn tables_that_no_line_can_be_added_to_are_completed_by_hand() {
    for (text, expected) in [
        (
            "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool]\nsetuptools_scm = { version_file = \"x\" }\n[build-system]\nrequires = [\"setuptools-scm\"]\n",
            expect![[r#"
                src/meadow/pyproject.toml: `tool.setuptools_scm` lacks `root = "../.."` and `fallback_version = "0.5.0"`
                  src/meadow/pyproject.toml:5: { version_file = "x" } (here)
                  = it is not written as a table of its own, so add this by hand"#]],
        ),
        (
            "build-system = { requires = [\"setuptools\"] }\nproject.name = \"meadow\"\nproject.dynamic = [\"version\"]\n",
            expect![[r#"
                src/meadow/pyproject.toml: the setuptools-scm configuration of meadow cannot be completed by an edit
                  src/meadow/pyproject.toml:2: "meadow" (its tables are inline or dotted, or contain something unexpected)
                  = add by hand what is missing: `setuptools-scm>=8.0` in `build-system.requires`, `0.5.0` in `tool.setuptools_scm`; or leave the package out with `[[package]]` in release.toml"#]],
        ),
        (
            "project = { name = \"meadow\" }\n[tool.setuptools_scm]\n",
            expect![[r#"
                src/meadow/pyproject.toml: the setuptools-scm configuration of meadow cannot be completed by an edit
                  src/meadow/pyproject.toml:1: "meadow" (its tables are inline or dotted, or contain something unexpected)
                  = add by hand what is missing: `setuptools-scm>=8.0` in `build-system`, `dynamic = ["version"]` in `project`, `root = "../..", fallback_version = "0.5.0"` in `tool.setuptools_scm`; or leave the package out with `[[package]]` in release.toml"#]],
        ),
        (
            "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = 0.4\n",
            expect![[r#"
                src/meadow/pyproject.toml: the setuptools-scm configuration of meadow cannot be completed by an edit
                  src/meadow/pyproject.toml:2: "meadow" (its tables are inline or dotted, or contain something unexpected)
                  = add by hand what is missing: `setuptools-scm>=8.0` in `build-system`, `root = "../..", fallback_version = "0.5.0"` in `tool.setuptools_scm`; or leave the package out with `[[package]]` in release.toml"#]],
        ),
    ] {
        refused(text, "", "0.5.0", &expected);
    }
}
