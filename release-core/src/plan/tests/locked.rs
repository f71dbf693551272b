//! The versions that lockfiles record of packages of the tree.

use super::*;
use crate::plan::{follow_manifests, needs_locks};

const ROOT: &str = "[project]\nname = \"meadow\"\nversion = \"0.4.4\"\ndependencies = [\"meadow-api==0.4.4\"]\n";
const API: &str = "[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n";
const TOOLS: &str =
    "[project]\nname = \"other\"\nversion = \"0.4.4\"\n[tool.uv.sources]\nmeadow-api = { path = \"../api\" }\n";

fn lock(version: &str) -> String {
    format!(
        "version = 1\nrevision = 3\n\n[[package]]\nname = \"meadow\"\nversion = \"{version}\"\nsource = {{ editable = \".\" }}\n\n\
         [[package]]\nname = \"meadow-api\"\nversion = \"{version}\"\nsource = {{ virtual = \"api\" }}\n\n\
         [[package]]\nname = \"brook\"\nversion = \"0.4.4\"\nsource = {{ registry = \"https://i.example/simple\" }}\n"
    )
}

/// A lockfile of a workspace of its own, which builds a package of the tree too.
fn elsewhere(version: &str) -> String {
    format!(
        "version = 1\n\n[[package]]\nname = \"meadow-api\"\nversion = \"{version}\"\nsource = {{ directory = \"../api\" }}\n\n\
         [[package]]\nname = \"other\"\nversion = \"0.4.4\"\nsource = {{ virtual = \".\" }}\n"
    )
}

#[test]
fn every_lockfile_follows_the_static_versions_of_what_is_released() {
    for release in ["0.4.5", "0.5.0rc1"] {
        let files = [
            ("pyproject.toml", ROOT),
            ("api/pyproject.toml", API),
            ("tools/pyproject.toml", TOOLS),
            ("uv.lock", &lock("0.4.4")),
            ("tools/uv.lock", &elsewhere("0.4.4")),
        ];
        let config = "[[package]]\npath = \"pyproject.toml\"\n[[package]]\npath = \"api/pyproject.toml\"\n";
        let after = prepared(&files, config, release);
        assert_eq!(after[3..], [lock(release), elsewhere(release)]);
        assert_eq!(after[2], TOOLS);
    }
}

#[test]
fn what_is_recorded_already_or_not_at_all_stays() {
    for lock in [
        lock("0.4.5"),
        lock("0.4.5.0"),
        lock("0.4.4")
            .replace("version = \"0.4.4\"\nsource = { editable", "source = { editable")
            .replace("version = \"0.4.4\"\nsource = { virtual", "source = { virtual"),
    ] {
        let after = prepared(&[("pyproject.toml", ROOT), ("api/pyproject.toml", API), ("uv.lock", &lock)], "", "0.4.5");
        assert_eq!(after[2], lock);
    }
}

#[test]
fn a_recorded_version_that_cannot_be_changed_is_refused_with_its_place() {
    let files =
        |lock: &str| plan(&[("pyproject.toml", ROOT), ("api/pyproject.toml", API), ("uv.lock", lock)], "", "0.4.5");
    let of_two = lock("0.4.4").replacen("version = 1", "version = 2", 1);
    let refused = files(&of_two).unwrap_err();
    let expected = "uv.lock has version 2 of its format, and only version 1 is known here: it is not edited\n  \
                    uv.lock:6: \"0.4.4\" (a version that would change)\n";
    assert!(refused.starts_with(expected), "{refused}");
    let scm = format!("{ROOT}[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n");
    let files_of_minor = [("pyproject.toml", &*scm), ("api/pyproject.toml", API), ("uv.lock", &*of_two)];
    let minor = plan(&files_of_minor, "", "0.5.0").unwrap_err();
    assert!(minor.contains("uv.lock has version 2 of its format"), "{minor}");
    // Where nothing would change, the format does not matter.
    assert!(files(&of_two.replace("0.4.4", "0.4.5")).is_ok());
    assert!(files("version = ").unwrap_err().contains("uv.lock is not TOML"));
}

#[test]
fn the_versions_of_main_are_recorded_as_its_manifests_have_them() {
    let dynamic = "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.6.dev0\"\n";
    let fixed = API.replace("0.4.4", "0.4.6.dev0");
    let monorepo = discovered(&[("pyproject.toml", dynamic), ("api/pyproject.toml", &fixed)], "", TAGS).unwrap();
    assert!(needs_locks(&monorepo));
    let locks = Locks::from([("uv.lock".into(), SourceText::new(lock("0.4.4")))]);
    let edits = follow_manifests(&monorepo, &locks).unwrap();
    let expected =
        lock("0.4.4").replace("\"meadow-api\"\nversion = \"0.4.4\"", "\"meadow-api\"\nversion = \"0.4.6.dev0\"");
    assert_eq!(edits.files[0].new.as_str(), expected);
}
