//! `release version`: what a build is called, on the sample, on repositories that refuse it a name, and on a real history.

use crate::corpus::unpacked_bundle;
use crate::sample::Sample;
use crate::support::{directory, git, release, run, xtask};
use camino::{Utf8Path, Utf8PathBuf};
use expect_test::{Expect, expect};
use std::fs;

fn check(actual: &str, expected: &Expect) {
    expected.assert_eq(actual);
}

/// Returns the text that a person sees of several runs.
fn seen(sample: &Sample, commands: &[&str]) -> String {
    let shown = |words: &&str| sample.seen(&format!("$ release {words}"), &sample.release(words)).replace('\n', "\n  ");
    commands.iter().map(shown).map(|text| text.trim_end().replace("\n  ", "\n") + "\n\n").collect()
}

#[test]
fn each_commit_has_one_name_and_it_stands_alone_on_stdout() {
    let sample = Sample::on("main");
    let shown = seen(
        &sample,
        &[
            "version",
            "version --rev v0.4.4",
            "version --rev v0.3.1",
            "version --rev v0.4.0rc1",
            "version --mode build-only",
        ],
    );
    check(
        &shown,
        &expect![[r#"
            $ release version
            0.4.5.dev20260306
              mode            nightly (the commit carries no release's tag)
              commit          [ID]
              day             2026-03-06
              npm             0.4.5-dev.20260306
              index           test-pypi
              npm tag         none
              container tags  0.4.5.dev20260306, nightly
              publish         yes

            $ release version --rev v0.4.4
            0.4.4
              mode            release (the commit carries a release's tag)
              commit          [ID]
              npm             0.4.4
              index           pypi
              npm tag         latest
              container tags  0.4.4, latest
              publish         yes

            $ release version --rev v0.3.1
            0.3.1
              mode            release (the commit carries a release's tag)
              commit          [ID]
              npm             0.3.1
              index           pypi
              npm tag         release-0.3.x
              container tags  0.3.1
              publish         yes

            $ release version --rev v0.4.0rc1
            0.4.0rc1
              mode            release (the commit carries a release's tag)
              commit          [ID]
              npm             0.4.0-rc.1
              index           test-pypi
              npm tag         next
              container tags  0.4.0rc1
              publish         yes

            $ release version --mode build-only
            0.4.5.dev20260306
              mode            build-only (by `--mode`)
              commit          [ID]
              day             2026-03-06
              npm             0.4.5-dev.20260306
              index           none
              npm tag         none
              container tags  none
              publish         no

        "#]],
    );
    assert_eq!(sample.release("version -q").expect(0).stdout, "0.4.5.dev20260306\n");
    let whole = sample.release("version -vv").expect(0).stderr;
    assert!(whole.contains("in 3 git processes"), "{whole}");
    let tagged = sample.release("version --rev v0.4.4 -vv").expect(0).stderr;
    assert!(tagged.contains("in 1 git processes"), "{tagged}");
    sample.git(&["switch", "--quiet", "--detach"]);
    let detached = sample.release("version -vv").expect(0).stderr;
    assert!(detached.contains("in 3 git processes"), "{detached}");
}

#[test]
fn a_day_is_the_commits_or_one_that_is_given() {
    let sample = Sample::on("main");
    let name = |words: &str| sample.release(&format!("version -q {words}")).expect(0).stdout.trim_end().to_owned();
    assert_eq!(name("--date 2026-12-31"), "0.4.5.dev20261231");
    assert_eq!(name("--mode test"), "0.4.5.dev20260306");
    let today = name("--date today");
    assert!(today.len() == "0.4.5.dev20260306".len() && today.as_str() > "0.4.5.dev20260306", "{today}");
    sample.release("version --date 2026-02-30").expect(2);
}

#[test]
fn what_gets_no_name_is_told_why() {
    let sample = Sample::new();
    let refusals: String = [
        "version",
        "version --mode manual",
        "version --mode manual --version 0.4.4",
        "version --mode manual --version 0.5.0.dev1",
        "version --mode release",
        "version --mode release --rev v0.4.4 --version 0.4.5",
        "version --mode nightly --version 0.4.5",
        "version --mode test --version 0.4.5a1",
        "version --mode test --version 0.4.5-rc1",
        "version --scm meadow-x",
        "version --rev nowhere",
    ]
    .iter()
    .map(|words| sample.refusal(words) + "\n")
    .collect();
    check(
        &refusals,
        &expect![[r#"
        $ release version
        error: 0.4.4.dev20260310 would sort below v0.4.4, which is released
         |
         = help: a nightly is built from main: use `--rev main`; if this is main, update it first: `cargo xtask release post 0.4.4`

        (exit 1)

        $ release version --mode manual
        error: `--mode manual` needs a version
         |
         = help: give it: `--version X.Y.Z`

        (exit 2)

        $ release version --mode manual --version 0.4.4
        error: v0.4.4 is tagged on [ID], and [ID] would be built under its name
         |
         = help: build what is tagged, `--rev v0.4.4`, or give the next version

        (exit 1)

        $ release version --mode manual --version 0.5.0.dev1
        error: 0.5.0.dev1 is not published with `--mode manual`
         |
         = help: `--mode test` publishes it on the test index

        (exit 1)

        $ release version --mode release
        error: [ID] carries no tag of a release, such as v0.4.5
         |
         = help: name the tag with `--rev TAG`, or choose another mode: `--mode nightly`, `test`, `manual` or `build-only`

        (exit 1)

        $ release version --mode release --rev v0.4.4 --version 0.4.5
        error: [ID] is not tagged as 0.4.5
         |
         = help: a release takes its version from its tag: leave out `--version`, or build by hand with `--mode manual`

        (exit 1)

        $ release version --mode nightly --version 0.4.5
        error: a nightly is named after its day, and not 0.4.5
         |
         = help: leave out `--version`, or say `--mode test`

        (exit 2)

        $ release version --mode test --version 0.4.5a1
        error: `0.4.5a1` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
         |
         = help: correct `--version`

        (exit 2)

        $ release version --mode test --version 0.4.5-rc1
        error: `0.4.5-rc1` is not in PEP 440's normal form: write `0.4.5rc1`
         |
         = help: correct `--version`

        (exit 2)

        $ release version --scm meadow-x
        error: there is no package `meadow-x` in this monorepo
         |
         = help: name one of meadow, meadow_agents, meadow-api

        (exit 2)

        $ release version --rev nowhere
        error: there is no commit `nowhere` in this repository; fetch it, or see that it is spelled right
        (exit 2)

    "#]],
    );
}

#[test]
fn packages_that_disagree_have_no_nightly() {
    let sample = Sample::on("main");
    sample.edit("src/meadow_api/pyproject.toml", "0.4.5.dev0", "0.5.0.dev0");
    sample.commit("chore: one package alone");
    check(
        &sample.refusal("version"),
        &expect![[r#"
            $ release version
            error: the packages have different versions: meadow at 0.4.5.dev0, meadow_agents at 0.4.5.dev0, meadow-api at 0.5.0.dev0
              --> pyproject.toml:6:20
               |
             6 | fallback_version = "0.4.5.dev0"
               |                    ^^^^^^^^^^^^ of meadow
               |
              ::: src/meadow_agents/pyproject.toml:16:20
               |
            16 | fallback_version = '0.4.5.dev0'   # nightly and container builds
               |                    ------------ of meadow_agents
               |
              ::: src/meadow_api/pyproject.toml:14:20
               |
            14 | fallback_version = "0.5.0.dev0"
               |                    ------------ of meadow-api
               |
               = help: a nightly has one name: give every package the same version

            (exit 1)
        "#]],
    );
    // A tag says what a release is called, whatever the packages say.
    sample.release("version --rev v0.4.4").expect(0);
}

#[test]
fn a_version_that_nothing_can_be_developed_from_has_no_nightly() {
    let sample = Sample::on("main");
    sample.edit("src/meadow_api/pyproject.toml", "0.4.5.dev0", "0.4.5.1.dev0");
    sample.edit("src/meadow_agents/pyproject.toml", "fallback_version = '0.4.5.dev0'", "");
    sample.commit("chore: odd versions");
    check(
        &sample.refusal("version"),
        &expect![[r#"
        $ release version
        error: src/meadow_api/pyproject.toml: a nightly of `0.4.5.1.dev0` has no name
          --> src/meadow_api/pyproject.toml:14:20
           |
        14 | fallback_version = "0.4.5.1.dev0"
           |                    ^^^^^^^^^^^^^^ its version
           |
           = help: write X.Y.Z.dev0 with three numbers, such as `0.4.6.dev0`

        error: src/meadow_agents/pyproject.toml has no `fallback_version`, so the version in development is unknown
         |
         = help: add it to `[tool.setuptools_scm]`; or name the build yourself, `--mode test --version X.Y.Z.devN`; `--scm` shows the version that setuptools-scm derives from the tags

        (exit 1)
    "#]],
    );
}

#[test]
fn without_any_fallback_the_tag_goes_on_the_first_commit_after_the_lines_branch_was_cut() {
    let sample = Sample::on("main");
    for (path, text) in [
        ("pyproject.toml", "fallback_version = \"0.4.5.dev0\""),
        ("src/meadow_api/pyproject.toml", "fallback_version = \"0.4.5.dev0\""),
        ("src/meadow_agents/pyproject.toml", "fallback_version = '0.4.5.dev0'"),
    ] {
        sample.edit(path, text, "");
    }
    sample.commit("feat: tags alone");
    let plan = sample.release("version --plan-tags").expect(0).stdout;
    let first = sample.git(&["rev-list", "--first-parent", "--reverse", "v0.4.4..main"]);
    let first = first.lines().next().unwrap();
    assert!(plan.contains("the tag goes on the first commit after release-0.4.x was cut"), "{plan}");
    assert!(
        plan.contains(&format!("git tag --annotate v0.4.5-dev --message 'begin the development of 0.4.5' {first}")),
        "{plan}"
    );
    sample.git(&["tag", "--annotate", "v0.4.5-dev", "--message=x", first]);
    assert!(sample.release("version --scm meadow").expect(0).stdout.starts_with("0.4.5.dev2+g"));
    let nightly = sample.refusal("version");
    assert!(nightly.contains("has no `fallback_version`"), "{nightly}");
}

#[test]
fn static_packages_are_not_setuptools_scms() {
    let sample = Sample::on("main");
    sample.edit("src/meadow_api/pyproject.toml", "fallback_version = \"0.4.5.dev0\"", "");
    sample.edit("src/meadow_api/pyproject.toml", "dynamic = [\"version\"]", "version = \"0.4.5.dev0\"");
    let run = sample.release("version --scm meadow-api").expect(0);
    assert_eq!(run.stdout, "0.4.5.dev0\n");
    assert!(run.stderr.contains("a static version"), "{}", run.stderr);
    sample.edit(
        "src/meadow_agents/pyproject.toml",
        "[tool.setuptools_scm]",
        "[tool.setuptools_scm]\nversion_scheme = \"mine\"",
    );
    let run = sample.release("version --scm").expect(1);
    assert!(run.stderr.contains("`version_scheme = \"mine\"` is not a scheme"), "{}", run.stderr);
    assert!(run.stdout.starts_with("meadow "), "{}", run.stdout);
}

#[test]
fn a_nightly_must_sort_above_what_is_tagged() {
    let sample = Sample::on("main");
    let refused = |words: &str| sample.refusal(words);
    sample.git(&["tag", "v0.4.5-dev", "HEAD~1"]);
    sample.release("version").expect(0);
    sample.git(&["tag", "v0.4.5-dev.20260306", "HEAD"]);
    sample.release("version").expect(0);
    let earlier = refused("version --date 2026-03-05");
    assert!(earlier.contains("would not sort above v0.4.5-dev.20260306"), "{earlier}");
    sample.git(&["tag", "v0.6.0-dev", "HEAD"]);
    assert!(refused("version").contains("would not sort above v0.6.0-dev"));
    sample.git(&["tag", "v0.4.5", "release-0.4.x"]);
    let behind = refused("version --rev main");
    assert!(behind.contains("would sort below v0.4.5") && behind.contains("release post 0.4.5"), "{behind}");
}

#[test]
fn a_checkout_without_history_or_tags_names_nothing() {
    let sample = Sample::on("main");
    let clones = [("shallow", "--depth=1"), ("tagless", "--no-tags")];
    for (name, option) in clones {
        let clone = sample.root.join(name);
        let origin = format!("file://{}", sample.origin);
        git(&sample.root, &["clone", "--quiet", option, &origin, clone.as_str()]);
        for words in [
            &["version"][..],
            &["version", "--mode=manual", "--version=0.5.0"],
            &["version", "--report"],
            &["version", "--plan-tags"],
        ] {
            let run = release(&clone, words).expect(1);
            assert!(run.stderr.contains("fetch-depth: 0") && run.stdout.is_empty(), "{name} {words:?}: {}", run.stderr);
        }
    }
}

#[test]
fn by_hand_the_next_number_of_the_line_is_published_or_one_with_a_reason() {
    let sample = Sample::new();
    let cut = sample.git(&["merge-base", "main", "release-0.4.x"]);
    let told = |words: &str| sample.release(&format!("version --mode manual {words}"));
    assert_eq!(told("--version 0.4.5").expect(0).stdout, "0.4.5\n");
    assert_eq!(told("--version 0.5.0 --rev main").expect(0).stdout, "0.5.0\n");
    for (words, why) in [
        ("--version 0.4.5 --rev main", "0.4.5 is built from release-0.4.x, and"),
        ("--version 0.3.2", "0.3.2 is built from release-0.3.x, and"),
        ("--version 9.0.0 --rev main", "9.0.0 leaves out 1.0.0"),
        ("--version 0.4.5 --rev v0.4.4", "is released already, as 0.4.4"),
        (&format!("--version 0.4.5 --rev {}", cut.trim()), "does not follow v0.4.4"),
    ] {
        let refused = told(words).expect(1);
        assert!(refused.stderr.contains(why) && refused.stderr.contains("--force"), "{words}: {}", refused.stderr);
        assert!(refused.stdout.is_empty(), "{words}");
        let mut command = sample.xtask();
        command.args(["release", "version", "--mode", "manual", "--force", "the index lost it"]);
        let forced = run(command.args(words.split_whitespace())).expect(0);
        assert!(forced.stderr.contains("the index lost it"), "{}", forced.stderr);
    }
    told("--version 0.4.5 --force=").expect(2);
    sample.release("version --mode test --version 0.4.5 --force x").expect(2);
}

#[test]
fn the_inputs_of_a_dispatch_are_modes_and_pushes_only_build() {
    // The tree of the line's branch is at a final that is released, and a nightly of it would sort below.
    let sample = Sample::new();
    let with = |event: &str, reference: &str, words: &[&str]| {
        let mut command = sample.xtask();
        command.env("GITHUB_EVENT_NAME", event).env("GITHUB_REF", reference);
        run(command.args(["release", "version"]).args(words))
    };
    for event in ["push", "pull_request"] {
        let built = with(event, "refs/pull/12/merge", &[]).expect(0);
        assert!(built.stdout.starts_with("0.4.4.dev"), "{}", built.stdout);
        assert!(built.stderr.contains(&format!("build-only (GITHUB_EVENT_NAME is {event})")), "{}", built.stderr);
    }
    for (mode, version, name, index) in [
        ("test-pypi", "", "0.4.4.dev20260310", "test-pypi"),
        ("test-pypi", "0.4.5", "0.4.5", "test-pypi"),
        ("off", "0.4.5", "0.4.5", "pypi"),
        ("build-only", "", "0.4.4.dev20260310", "none"),
    ] {
        let run = with("workflow_dispatch", "refs/heads/main", &["--mode", mode, "--version", version]).expect(0);
        assert_eq!(run.stdout.trim_end(), name, "{mode}");
        assert!(run.stderr.contains(&format!("index           {index}\n")), "{mode}: {}", run.stderr);
    }
    with("workflow_dispatch", "refs/heads/main", &["--mode", "off", "--version", ""]).expect(2);
    // The workflow of a release runs from main, and names what was released.
    sample.git(&["switch", "--quiet", "main"]);
    let released = with("release", "refs/tags/v0.4.4", &[]).expect(0);
    assert_eq!(released.stdout, "0.4.4\n");
    assert!(released.stderr.contains("and GITHUB_REF names v0.4.4"), "{}", released.stderr);
    let unknown = with("release", "refs/tags/v0.4.9", &[]);
    assert!(unknown.expect(2).stderr.contains("there is no commit `v0.4.9`"));
}

#[test]
fn a_workflow_is_told_by_its_event_and_gets_the_outputs() {
    let sample = Sample::on("main");
    let output = sample.root.join("outputs");
    let with = |event: &str, reference: &str, words: &str| {
        let mut command = sample.xtask();
        command.env("GITHUB_EVENT_NAME", event).env("GITHUB_REF", reference).env("GITHUB_OUTPUT", &output);
        run(command.args(["release", "version"]).args(words.split_whitespace()))
    };
    fs::write(&output, "earlier=1\n").unwrap();
    with("schedule", "refs/heads/main", "--github-output").expect(0);
    check(
        &sample.normal(&fs::read_to_string(&output).unwrap()),
        &expect![[r#"
            earlier=1
            version=0.4.5.dev20260306
            npm-version=0.4.5-dev.20260306
            mode=nightly
            commit=[ID]
            index=test-pypi
            npm-tag=
            container-tags<<end-of-container-tags
            0.4.5.dev20260306
            nightly
            end-of-container-tags
            publish=true
        "#]],
    );
    // Two releases on one commit: the workflow runs for one of them.
    sample.git(&["tag", "v0.4.4rc1", "v0.4.4"]);
    let named = |run: crate::support::Run| run.expect(0).stdout;
    assert_eq!(named(with("release", "refs/tags/v0.4.4rc1", "--rev v0.4.4^{commit}")), "0.4.4rc1\n");
    assert_eq!(named(with("release", "refs/tags/v0.4.4", "--rev v0.4.4rc1")), "0.4.4rc1\n");
    assert_eq!(named(with("push", "refs/heads/main", "--rev v0.4.4^{commit}")), "0.4.4\n");
    let by_hand = with("workflow_dispatch", "refs/heads/main", "--version 0.4.5").expect(0);
    assert!(by_hand.stderr.contains("test-pypi"), "{}", by_hand.stderr);
    let before = fs::read_to_string(&output).unwrap();
    with("release", "refs/heads/main", "--github-output").expect(1);
    with("schedule", "refs/heads/main", "--github-output --dry-run").expect(0);
    assert_eq!(fs::read_to_string(&output).unwrap(), before);
    let unset = sample.release("version --github-output");
    assert!(unset.expect(2).stderr.contains("GITHUB_OUTPUT is not set"));
}

#[test]
fn setuptools_scm_is_answered_for_the_work_tree() {
    let sample = Sample::on("main");
    let shown =
        seen(&sample, &["version --scm", "version --scm meadow-api", "version --scm meadow-api --scm-version 8"]);
    let id = sample.id("HEAD");
    let shown = shown.replace(&id[..9], "[ID]").replace(&id[..7], "[ID]");
    check(
        &shown,
        &expect![[r#"
            $ release version --scm
            meadow         0.4.5.dev5+g[ID]
            meadow_agents  0.4.5.dev5+g[ID]
            meadow-api     0.4.5.dev5+g[ID]
              pyproject.toml: no tag is reachable, so `fallback_version` (else 0.0) stands for one, distance 5
              src/meadow_agents/pyproject.toml: no tag is reachable, so `fallback_version` (else 0.0) stands for one, distance 5
              src/meadow_api/pyproject.toml: no tag is reachable, so `fallback_version` (else 0.0) stands for one, distance 5

            $ release version --scm meadow-api
            0.4.5.dev5+g[ID]
              src/meadow_api/pyproject.toml: no tag is reachable, so `fallback_version` (else 0.0) stands for one, distance 5

            $ release version --scm meadow-api --scm-version 8
            0.1.dev5+g[ID]
              src/meadow_api/pyproject.toml: no tag is reachable, so `fallback_version` (else 0.0) stands for one, distance 5

        "#]],
    );
    let mut command = sample.xtask();
    command.env("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API", "9.9");
    let given = run(command.args(["release", "version", "--scm", "src/meadow_api/pyproject.toml"])).expect(0);
    assert_eq!(given.stdout, "9.9\n");
    assert!(given.stderr.contains("given by SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API"), "{}", given.stderr);
}

#[test]
fn the_tags_that_main_needs_are_what_its_builds_then_have() {
    let sample = Sample::on("main");
    let before = sample.files();
    check(
        &seen(&sample, &["version --plan-tags"]),
        &expect![[r#"
            $ release version --plan-tags
            tags that begin a development on main
              v0.3.0-dev     [ID]  missing: only builds of older commits would use it
              v0.3.1-dev     [ID]  missing: only builds of older commits would use it
              v0.4.0-dev     [ID]  missing: only builds of older commits would use it
              v0.4.1-dev     [ID]  missing: only builds of older commits would use it
              v0.4.5-dev     [ID]  missing: it decides what today's builds are called

            what setuptools-scm calls each open branch without `fallback_version`
              now, and with all tags of all branches fetched
                main           -              no tag is reachable
                release-0.4.x  0.4.5.dev2     right (from v0.4.4)
                release-0.3.x  0.3.2.dev1     right (from v0.3.1)
              with the release branches merged into main
                main           0.4.5.dev9     right (from v0.4.4)
                release-0.4.x  0.4.5.dev2     right (from v0.4.4)
                release-0.3.x  0.3.2.dev1     right (from v0.3.1)
              with the tag of this plan
                main           0.4.5.dev0     right (from v0.4.5-dev)
                release-0.4.x  0.4.5.dev2     right (from v0.4.4)
                release-0.3.x  0.3.2.dev1     right (from v0.3.1)

            fetching tags changes nothing: 8 of 8 tags of releases are not reachable from main, and `git describe` sees only those that are.
            merging lasts until the next release of any line, and `git describe` takes the tag with the fewest commits in between, not the highest.

            set v0.4.5-dev, annotated, so that it counts before other tags on its commit
              git tag --annotate v0.4.5-dev --message 'begin the development of 0.4.5' [ID]
              git push origin v0.4.5-dev

            then `fallback_version` can go; with `dev-tag = true` in [release] of release.toml, `release post` sets the next tag.

        "#]],
    );
    sample.assert_unchanged(&before, "a plan");
    // The plan's own command does what the plan said.
    let json = sample.release("version --plan-tags --output-format json").expect(0).stdout;
    let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
    let said = plan["plan"]["branches"][0]["planned"]["version"].as_str().unwrap().to_owned();
    let tags = plan["plan"]["tags"].as_array().unwrap();
    let tag = tags.iter().find(|tag| tag["decides"] == true).unwrap();
    let (name, commit) = (tag["name"].as_str().unwrap(), tag["commit"].as_str().unwrap());
    sample.git(&["tag", "--annotate", name, "--message", "x", commit]);
    assert_eq!(sample.release("version --scm meadow-api -q").expect(0).stdout.trim_end(), said);
    let again = sample.release("version --plan-tags").expect(0).stdout;
    assert!(again.contains(&format!("{name:<14}")) && !again.contains("git tag"), "{again}");
}

#[test]
fn no_tag_is_planned_where_main_was_not_moved() {
    let sample = Sample::on("main");
    sample.git(&["tag", "v0.4.5", "release-0.4.x"]);
    let run = sample.release("version --plan-tags").expect(1);
    assert!(run.stdout.contains("would lower what main's builds are called"), "{}", run.stdout);
    assert!(!run.stdout.contains("git tag"), "{}", run.stdout);
}

#[test]
fn the_report_shows_where_tags_and_manifests_disagree() {
    let sample = Sample::on("main");
    check(
        &seen(&sample, &["version --report", "version --report --since 2026-02-06"]),
        &expect![[r#"
            $ release version --report
            main at [ID], 2025-03-06 to 2026-03-06

            on 5 of 5 commits the tags say something else than the manifest
              2026-01-01 to 2026-01-01     1 from [ID]  0.3.0.dev0   no tag
              2026-01-13 to 2026-01-13     1 from [ID]  0.3.1.dev0   no tag
              2026-01-21 to 2026-01-21     1 from [ID]  0.4.0.dev0   no tag
              2026-02-06 to 2026-02-06     1 from [ID]  0.4.1.dev0   no tag
              2026-03-06 to 2026-03-06     1 from [ID]  0.4.5.dev0   no tag

            on 44 of 61 days the base of a nightly was at or below a released final, as each day ended (UTC)
              2026-01-05 to 2026-01-12  0.3.0.dev0   0.3.0 is released
              2026-01-17 to 2026-01-20  0.3.1.dev0   0.3.1 is released
              2026-01-29 to 2026-02-05  0.4.0.dev0   0.4.0 is released
              2026-02-10 to 2026-02-13  0.4.1.dev0   0.4.1 is released
              2026-02-14 to 2026-02-21  0.4.1.dev0   0.4.2 is released
              2026-02-22 to 2026-02-25  0.4.1.dev0   0.4.3 is released
              2026-02-26 to 2026-03-05  0.4.1.dev0   0.4.4 is released

            $ release version --report --since 2026-02-06
            main at [ID], 2026-02-06 to 2026-03-06

            on 2 of 2 commits the tags say something else than the manifest
              2026-02-06 to 2026-02-06     1 from [ID]  0.4.1.dev0   no tag
              2026-03-06 to 2026-03-06     1 from [ID]  0.4.5.dev0   no tag

            on 24 of 29 days the base of a nightly was at or below a released final, as each day ended (UTC)
              2026-02-10 to 2026-02-13  0.4.1.dev0   0.4.1 is released
              2026-02-14 to 2026-02-21  0.4.1.dev0   0.4.2 is released
              2026-02-22 to 2026-02-25  0.4.1.dev0   0.4.3 is released
              2026-02-26 to 2026-03-05  0.4.1.dev0   0.4.4 is released

        "#]],
    );
}

/// A checkout of the history, where it is there.
fn history() -> Option<(tempfile::TempDir, Utf8PathBuf)> {
    let bundle = unpacked_bundle()?;
    let (kept, path) = directory();
    git(&path, &["clone", "--quiet", "--branch", "main", bundle.as_str(), "checkout"]);
    Some((kept, path.join("checkout")))
}

fn name(checkout: &Utf8Path, words: &[&str]) -> String {
    release(checkout, &[&["version", "-q"], words].concat()).expect(0).stdout.trim_end().to_owned()
}

#[test]
fn a_real_history_has_the_names_that_its_tags_say() {
    let Some((_kept, checkout)) = history() else { return };
    for (tag, version) in [("v0.5.1", "0.5.1"), ("v0.4.5", "0.4.5"), ("v0.4.1rc2", "0.4.1rc2"), ("v0.3.0", "0.3.0")] {
        assert_eq!(name(&checkout, &["--rev", tag]), version);
    }
    assert_eq!(name(&checkout, &[]), "0.5.2.dev20260225");
    let cost = run(xtask(&checkout).args(["release", "version", "-vv"])).expect(0).stderr;
    assert!(cost.contains("in 3 git processes"), "{cost}");
    // 0.5.1.dev0 stood on main when 0.5.1 was out.
    let late = release(&checkout, &["version", "--rev", "8a9baf2^"]).expect(1).stderr;
    assert!(late.contains("would sort below v0.5.1"), "{late}");
}

/// 42 of 128 days from the first final on, 5 of the 27 since main has `fallback_version`: days of UTC without a commit count,
/// and a version without a suffix is the base of a nightly too.
#[test]
fn a_real_history_had_days_on_which_a_nightly_sorted_below_a_release() {
    let Some((_kept, checkout)) = history() else { return };
    let report = |words: &[&str]| {
        let words = [&["version", "--report", "--output-format", "json"], words].concat();
        let json: serde_json::Value = serde_json::from_str(&release(&checkout, &words).expect(0).stdout).unwrap();
        json["report"].clone()
    };
    let year = report(&[]);
    assert_eq!((year["days"].as_u64(), year["low_days"].as_u64()), (Some(128), Some(42)));
    assert_eq!(year["commits"], year["disagreeing"]);
    let recent = report(&["--since", "2026-01-30"]);
    assert_eq!((recent["days"].as_u64(), recent["low_days"].as_u64()), (Some(27), Some(5)));
    let low: Vec<_> = recent["low"].as_array().unwrap().iter().map(|range| range["from"].as_str().unwrap()).collect();
    assert_eq!(low, ["2026-02-05", "2026-02-19"]);
}

#[test]
fn a_real_history_needs_one_tag() {
    let Some((_kept, checkout)) = history() else { return };
    let run = release(&checkout, &["version", "--plan-tags", "--output-format", "json"]).expect(0);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let plan = &json["plan"];
    let main = &plan["branches"][0];
    assert_eq!(main["now"]["version"].as_str().unwrap().split('+').next(), Some("0.5.0.dev9"));
    assert_eq!(main["now"]["verdict"], "below 0.5.1, which is released");
    assert_eq!(
        (main["planned"]["tag"].as_str(), main["planned"]["verdict"].as_str()),
        (Some("v0.5.2-dev"), Some("right"))
    );
    let tags: Vec<String> = plan["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| {
            format!("{} {} {}", tag["name"], &tag["commit"].as_str().unwrap()[..7], tag["state"]).replace('"', "")
        })
        .collect();
    for tag in [
        "v0.4.5-dev c1656df missing",
        "v0.5.0-dev 24c8faf misplaced",
        "v0.5.1-dev 7f1c9d6 missing",
        "v0.5.2-dev 8a9baf2 missing",
    ] {
        assert!(tags.contains(&tag.to_owned()), "{tag}: {tags:?}");
    }
    assert!(!run.stdout.contains("v0.4.6-dev"));
}
