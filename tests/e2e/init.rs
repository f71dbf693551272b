//! `release init --adopt-scm`: from static versions to setuptools-scm, in the work tree.

use crate::corpus::World;
use crate::sample::{MANIFESTS, Sample};
use crate::support::{Run, run, works};
use expect_test::expect;
use std::collections::BTreeMap;
use std::process::Command;
use toml_edit::{Document, Item};

const INIT: &str = "init --adopt-scm";
const FILES: [&str; 4] =
    ["pyproject.toml", "src/meadow_agents/pyproject.toml", "src/meadow_api/pyproject.toml", "uv.lock"];

/// The sample as it was before setuptools-scm: on a branch, with this version in every package and in the lockfile.
pub(crate) fn before_scm(branch: &str, version: &str) -> Sample {
    let sample = Sample::on(branch);
    for path in MANIFESTS {
        let text = sample.read(path);
        let table = |line: &str| {
            ["[tool.setuptools_scm]", "fallback_version", "root ="].iter().any(|start| line.starts_with(start))
        };
        let text: String = text.split_inclusive('\n').filter(|line| !table(line)).collect();
        let text = text.replace(", \"setuptools-scm>=8.0\"", "").replace("    \"setuptools-scm>=8.0\",\n", "");
        let fixed = format!("version = \"{version}\" # moved by each release");
        sample.write(path, &text.replace("dynamic = [\"version\"]", &fixed));
    }
    for name in ["meadow", "meadow-api"] {
        let header = format!("name = \"{name}\"\n");
        sample.edit("uv.lock", &format!("{header}source = "), &format!("{header}version = \"{version}\"\nsource = "));
    }
    sample.commit("build: static versions");
    sample
}

/// Runs it and then again, which must find nothing to do and change nothing.
#[track_caller]
fn twice(sample: &Sample) -> Run {
    let first = sample.release(INIT).expect(0);
    sample.assert_nothing_left();
    let before = sample.files();
    let again = sample.release(INIT).expect(0);
    assert!(again.stderr.contains("\nnothing to do: every package has its version from setuptools-scm already"));
    assert_eq!(again.stdout, "");
    sample.assert_unchanged(&before, INIT);
    first
}

fn texts(sample: &Sample) -> Vec<String> {
    FILES.iter().map(|path| sample.read(path)).collect()
}

#[test]
fn a_line_with_static_versions_moves_to_its_next_patch_and_pins_stay() {
    let sample = before_scm("release-0.4.x", "0.4.4");
    let run = twice(&sample);
    assert_eq!(sample.status(), FILES.map(|path| format!(" M {path}")));
    expect![[r#"
        $ release init --adopt-scm
        --- a/pyproject.toml
        +++ b/pyproject.toml
        @@ -1,11 +1,14 @@
         [build-system]
        -requires = ["setuptools>=61.0"]
        +requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
         build-backend = "setuptools.build_meta"

        +[tool.setuptools_scm]
        +fallback_version = "0.4.5"
        +

         [project]
         name = "meadow"
        -version = "0.4.4" # moved by each release
        +dynamic = ["version"] # moved by each release
         description = "A sample server with an API package, agents and a web UI"
         requires-python = ">=3.12"
         dependencies = [
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        @@ -1,12 +1,17 @@
         [build-system]
         requires = [
             "setuptools>=61.0",
        +    "setuptools-scm>=8.0",
         ]
         build-backend = "setuptools.build_meta"

        +[tool.setuptools_scm]
        +root = "../.."
        +fallback_version = "0.4.5"
        +
         [project]
         name = "meadow_agents"
        -version = "0.4.4" # moved by each release
        +dynamic = ["version"] # moved by each release
         description = "Agents that run on meadow"
         requires-python = ">=3.12"
         dependencies = ["meadow-api", "meadow-client==0.4.4"]
        --- a/src/meadow_api/pyproject.toml
        +++ b/src/meadow_api/pyproject.toml
        @@ -1,10 +1,14 @@
         [build-system]
        -requires = ["setuptools>=61.0"]
        +requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
         build-backend = "setuptools.build_meta"

        +[tool.setuptools_scm]
        +root = "../.."
        +fallback_version = "0.4.5"
        +
         [project]
         name = "meadow-api"
        -version = "0.4.4" # moved by each release
        +dynamic = ["version"] # moved by each release
         description = "Types and protocols of meadow"
         requires-python = ">=3.12"
         dependencies = ["pydantic>=2.11"]
        --- a/uv.lock
        +++ b/uv.lock
        @@ -12,7 +12,6 @@

         [[package]]
         name = "meadow"
        -version = "0.4.4"
         source = { editable = "." }
         dependencies = [
             { name = "httpx" },
        @@ -46,7 +45,6 @@

         [[package]]
         name = "meadow-api"
        -version = "0.4.4"
         source = { editable = "src/meadow_api" }
         dependencies = [
             { name = "pydantic" },
        versions from setuptools-scm
          where     [DIR]/checkout
          packages  3 packages
          fallback  0.4.5
        changed 4 files: 9 parts of the setuptools-scm configuration, 2 locked versions

        what comes next
          1. commit the edits
               git commit --message 'build: take versions from setuptools-scm' -- pyproject.toml src/meadow_agents/pyproject.toml src/meadow_api/pyproject.toml uv.lock
          2. check the result with the rules
               cargo xtask release check
    "#]].assert_eq(&sample.seen("$ release init --adopt-scm", &run));

    // The next release finds what it works with, and the rules are content.
    sample.commit("build: take versions from setuptools-scm");
    assert!(!sample.release("check").stdout.contains("scm-"));
    sample.release("patch 0.4.5 --dry-run").expect(0);
}

#[test]
fn main_moves_to_the_version_that_it_develops() {
    for (own, next) in [("0.7.0.dev0", "0.7.0.dev0"), ("0.4.0", "0.4.5.dev0")] {
        let sample = before_scm("main", own);
        twice(&sample);
        for path in MANIFESTS {
            assert!(sample.read(path).contains(&format!("\nfallback_version = \"{next}\"\n")), "{path} after {own}");
        }
    }
}

#[test]
fn a_dry_run_shows_the_same_and_writes_nothing() {
    let sample = before_scm("release-0.4.x", "0.4.4");
    let before = sample.files();
    let dry = sample.release("init --adopt-scm --dry-run").expect(0);
    sample.assert_unchanged(&before, "a dry run");
    assert!(dry.stderr.contains("; dry run, nothing was changed"), "{}", dry.stderr);
    assert_eq!(dry.stdout, sample.release(INIT).expect(0).stdout);
}

#[test]
fn files_with_windows_line_endings_keep_them() {
    let sample = before_scm("release-0.4.x", "0.4.4");
    sample.release(INIT).expect(0);
    let unix = texts(&sample);

    let sample = before_scm("release-0.4.x", "0.4.4");
    let windows = |text: &str| text.replace('\n', "\r\n");
    FILES.iter().for_each(|path| sample.write(path, &windows(&sample.read(path))));
    sample.commit("style: line endings");
    twice(&sample);
    assert_eq!(texts(&sample), unix.iter().map(|text| windows(text)).collect::<Vec<_>>());
}

#[test]
fn a_package_that_is_dynamic_already_gets_only_what_it_lacks() {
    let sample = before_scm("release-0.4.x", "0.4.4");
    let api = "[build-system]\nrequires = [\"setuptools>=61.0\", \"setuptools-scm>=8.1\"]\n\n[project]\nname = \"meadow-api\"\ndynamic = [\"version\"]\n\n[tool.setuptools_scm]\nfallback_version = \"0.4.4\" # ours\n";
    sample.write("src/meadow_api/pyproject.toml", api);
    sample.commit("build: one package moves first");
    twice(&sample);
    let wanted = api.replace("\"0.4.4\" # ours\n", "\"0.4.5\" # ours\nroot = \"../..\"\n");
    assert_eq!(sample.read("src/meadow_api/pyproject.toml"), wanted);
    // The others require what the first one does.
    assert!(sample.read("pyproject.toml").contains("\"setuptools-scm>=8.1\""));
}

#[test]
fn what_cannot_move_is_refused_with_everything_left_as_it_is() {
    let sample = before_scm("release-0.4.x", "0.4.4");
    let hatch = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n";
    sample.write("src/meadow_api/pyproject.toml", hatch);
    sample.commit("build: hatch");
    let mut seen = sample.refusal("init --adopt-scm");

    let sample = before_scm("release-0.4.x", "0.4.4");
    sample.edit("pyproject.toml", "httpx>=0.27", "httpx>=0.28");
    sample.write("README.md", "# mine\n");
    seen += &sample.refusal("init --adopt-scm -q");
    sample.git(&["checkout", "--quiet", "HEAD", "--", "pyproject.toml"]);
    // A file that it leaves alone is nobody's business.
    sample.release("init --adopt-scm --dry-run").expect(0);

    sample.git(&["switch", "--quiet", "--create", "my-work"]);
    seen += &sample.refusal("init --adopt-scm -q");
    seen += &sample.refusal("init --adopt-scm --fallback 0.4 -q");
    seen += &sample.refusal("init");
    sample.release("init --adopt-scm --fallback 0.4.6.dev0").expect(0);
    assert!(sample.read("pyproject.toml").contains("\nfallback_version = \"0.4.6.dev0\"\n"));
    expect![[r#"
        $ release init --adopt-scm
        error: src/meadow_api/pyproject.toml: meadow-api is built by `hatchling.build`, which does not read setuptools-scm's configuration
         --> src/meadow_api/pyproject.toml:3:17
          |
        3 | build-backend = "hatchling.build"
          |                 ^^^^^^^^^^^^^^^^^ another build backend
          |
          = help: build it with setuptools, or leave it out with `[[package]]` in release.toml

        versions stay as they are: 1 problem, nothing was changed
        (exit 1)
        $ release init --adopt-scm -q
        error: uncommitted changes in pyproject.toml, and this edits them
         |
         = help: commit them, or put them away with `git stash`

        (exit 1)
        $ release init --adopt-scm -q
        error: my-work is checked out, which does not say which version comes next
         |
         = help: switch to main or to a line's branch, or name the version: `--fallback X.Y.Z`

        (exit 1)
        $ release init --adopt-scm --fallback 0.4 -q
        error: invalid value '0.4' for '--fallback <X.Y.Z>': `0.4` is not X.Y.Z, X.Y.ZrcN or X.Y.Z.devN

        For more information, try '--help'.
        (exit 2)
        $ release init
        error: `release init` does nothing by itself
         |
         = help: `cargo xtask release init --adopt-scm` moves packages with static versions to setuptools-scm

        (exit 2)
    "#]].assert_eq(&seen);
}

#[test]
fn an_interrupted_run_is_taken_back_by_the_next() {
    if !works(Command::new("strace").args(["-e", "inject=fsync:signal=KILL:when=9", "true"]), "a kill") {
        return;
    }
    let sample = before_scm("release-0.4.x", "0.4.4");
    let strace = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e", "inject=rename:signal=KILL:when=3"];
    assert_eq!(run(&mut sample.release_by(&strace, INIT)).code, None);
    let dry = sample.release("init --adopt-scm --dry-run").expect(1);
    assert!(
        dry.stderr.contains("interrupted while it wrote the files of the move to setuptools-scm"),
        "{}",
        dry.stderr
    );
    let next = sample.release(INIT).expect(0);
    assert!(next.stderr.contains("took back the move to setuptools-scm"), "{}", next.stderr);

    let undisturbed = before_scm("release-0.4.x", "0.4.4");
    undisturbed.release(INIT).expect(0);
    assert_eq!(texts(&sample), texts(&undisturbed));
}

/// A commit that people made when a line of a real monorepo moved. They placed the table differently in the two manifests, and
/// forgot the lockfile that the smaller package has of its own.
#[test]
fn a_real_line_moves_to_what_people_committed() {
    const COMMIT: &str = "9137f21";
    let Some(world) = World::at(COMMIT, "release-0.4.x", "0.4.4", false) else { return };
    let manifests = ["pyproject.toml", "src/llama_stack_api/pyproject.toml"];
    world.release(INIT).expect(0);
    let forgotten = "src/llama_stack_api/uv.lock";
    assert_eq!(world.changed(), [manifests[0], manifests[1], forgotten, "uv.lock"]);
    for path in manifests {
        assert_eq!(data(&world.text(path)), data(&world.committed(COMMIT, path)), "{path}");
    }
    assert_eq!(world.text("uv.lock"), world.committed(COMMIT, "uv.lock"));
    let (locked, unlocked) = (world.committed(COMMIT, forgotten), world.text(forgotten));
    let lost: Vec<_> = locked.lines().filter(|line| line.starts_with("version = ")).collect();
    let kept: Vec<_> = unlocked.lines().filter(|line| line.starts_with("version = ")).collect();
    assert_eq!((locked.lines().count(), lost.len()), (unlocked.lines().count() + 1, kept.len() + 1));
    world.has_nothing_left_to_do(INIT);
}

/// Returns the content of a TOML document, however it is written: every scalar with the way to it.
fn data(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(&mut found, "", Document::parse(text).unwrap().as_item());
    assert!(found.len() > 10);
    found
}

fn collect(found: &mut BTreeMap<String, String>, way: &str, item: &Item) {
    if let Some(table) = item.as_table_like() {
        table.iter().for_each(|(key, item)| collect(found, &format!("{way}.{key}"), item));
    } else if let Some(tables) = item.as_array_of_tables() {
        let tables = tables.iter().enumerate();
        tables.for_each(|(at, table)| collect(found, &format!("{way}.{at}"), &Item::Table(table.clone())));
    } else if let Some(array) = item.as_array() {
        let values = array.iter().enumerate();
        values.for_each(|(at, value)| collect(found, &format!("{way}.{at}"), &Item::Value(value.clone())));
    } else if let Some(text) = item.as_str() {
        found.insert(way.to_owned(), format!("{text:?}"));
    } else {
        let other = (item.as_bool(), item.as_integer(), item.as_float());
        found.insert(way.to_owned(), format!("{other:?}"));
    }
}
