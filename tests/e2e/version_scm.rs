//! `release version --scm`: what a real build of the work tree or of an unpacked source would be called.

use crate::sample::Sample;
use crate::support::{directory, run, xtask};
use std::fs;

const API: &str = "src/meadow_api/pyproject.toml";

#[test]
fn what_no_tool_names_is_built_as_zero_and_that_is_no_success() {
    for (old, new, why) in [
        ("[tool.setuptools_scm]", "[tool.other]", "there is no `[tool.setuptools_scm]`"),
        ("\"setuptools-scm>=8.0\"", "\"wheel\"", "`build-system.requires` does not name setuptools-scm"),
    ] {
        let sample = Sample::on("main");
        sample.edit(API, old, new);
        let run = sample.release(&format!("version --scm {API}")).expect(1);
        assert_eq!(run.stdout, "0.0.0\n", "{}", run.stderr);
        assert!(run.stderr.contains(why) && run.stderr.contains("0.0.0"), "{}", run.stderr);
    }
}

#[test]
fn with_both_tables_the_one_of_the_build_is_followed_and_the_other_named() {
    let sample = Sample::on("main");
    let table = "[tool.vcs-versioning]\nversion_scheme = \"only-version\"\n\n[tool.setuptools_scm]";
    sample.edit(API, "[tool.setuptools_scm]", table);
    let run = sample.release("version --scm meadow-api").expect(0);
    assert!(run.stdout.starts_with("0.4.5.dev5+g"), "{}", run.stdout);
    assert!(
        run.stderr.contains("the build reads `[tool.setuptools_scm]` and not `[tool.vcs-versioning]`"),
        "{}",
        run.stderr
    );
    let check = sample.release("check").stdout;
    assert!(check.contains("scm-second-table"), "{check}");
    sample.edit(API, "[tool.setuptools_scm]\n", "");
    let run = sample.release("version --scm meadow-api").expect(0);
    assert!(run.stdout.starts_with("0.4.5.dev0+g"), "{}", run.stdout);
    let prepared = sample.release("check").stdout;
    assert!(!prepared.contains("scm-table"), "{prepared}");
}

#[test]
fn hatch_vcs_is_answered_and_another_tool_is_named() {
    let sample = Sample::on("main");
    sample.write(
        "tools/pyproject.toml",
        "[build-system]\nrequires = ['hatchling', 'hatch-vcs']\nbuild-backend = 'hatchling.build'\n[project]\nname = 'meadow-tools'\ndynamic = ['version']\n[tool.hatch.version]\nsource = 'vcs'\nraw-options = { root = '..', local_scheme = 'no-local-version', fallback_version = '0.4.5.dev0' }\n",
    );
    sample.git(&["add", "tools"]);
    let run = sample.release("version --scm meadow-tools").expect(0);
    assert_eq!(run.stdout, "0.4.5.dev5\n");
    assert!(sample.release("version --scm").expect(0).stdout.contains("meadow-tools"));
    sample.edit("tools/pyproject.toml", "source = 'vcs'", "path = 'about.py'");
    let run = sample.release("version --scm tools/pyproject.toml").expect(1);
    assert!(run.stdout.is_empty() && run.stderr.contains("hatchling builds it"), "{}", run.stderr);
}

#[test]
fn unpacked_sources_are_answered_without_a_repository() {
    let (_directory, root) = directory();
    let manifest = "[build-system]\nrequires = ['setuptools', 'setuptools-scm']\n[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";
    fs::write(root.join("pyproject.toml"), manifest).unwrap();
    let told = |expected: i32| {
        let run = run(xtask(&root).args(["release", "version", "--scm"])).expect(expected);
        (run.stdout, run.stderr)
    };
    assert_eq!(told(0).0, "0.4.5\n");
    fs::write(root.join("PKG-INFO"), "Metadata-Version: 2.1\nName: meadow\nVersion: 0.4.4\n").unwrap();
    assert_eq!(told(0).0, "0.4.4\n");
    fs::write(root.join(".git_archival.txt"), "node: 1a2b3c4d5e\ndescribe-name: v0.4.3-2-g1a2b3c4d5e\n").unwrap();
    assert_eq!(told(0).0, "0.4.4.dev2+g1a2b3c4d5\n");
    fs::write(root.join("pyproject.toml"), manifest.replace("[tool.setuptools_scm]", "[tool.other]")).unwrap();
    let (stdout, stderr) = told(1);
    assert!(stdout == "0.0.0\n" && stderr.contains("there is no `[tool.setuptools_scm]`"), "{stderr}");
    fs::remove_file(root.join("pyproject.toml")).unwrap();
    assert!(told(2).1.contains("there is no `pyproject.toml`"));
}
