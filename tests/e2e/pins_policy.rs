//! `release pins --policy`: the pins of the work tree, written anew.

use crate::sample::{MANIFESTS, Sample};
use expect_test::expect;
use serde_json::Value;

/// Runs it, and again, when there must be nothing left to do.
#[track_caller]
fn twice(sample: &Sample, words: &str) -> String {
    let first = sample.release(words).expect(0);
    let written = sample.files();
    let second = sample.release(words).expect(0);
    assert_eq!(second.stdout, "", "{words}");
    assert!(second.stderr.starts_with("nothing to do"), "{}", second.stderr);
    sample.assert_unchanged(&written, words);
    sample.assert_nothing_left();
    sample.seen(&format!("$ release {words}"), &first)
}

/// The same without the lines around those that change.
#[track_caller]
fn changes_twice(sample: &Sample, words: &str) -> String {
    without_context(&twice(sample, words))
}

/// Returns what a person sees without the lines of a difference that do not change.
fn without_context(seen: &str) -> String {
    let mut is_after = false;
    let lines = seen.lines().filter(|line| {
        is_after |= ["changed ", "would change "].iter().any(|start| line.starts_with(start));
        is_after || !(line.is_empty() || line.starts_with([' ', '@']))
    });
    lines.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn pins_are_written_by_another_policy_at_the_version_that_they_name() {
    let sample = Sample::new();
    expect![[r#"
        $ release pins --policy bounded
        --- a/pyproject.toml
        +++ b/pyproject.toml
        @@ -17,13 +17,13 @@

         [project.optional-dependencies]
         client = [
        -    "meadow-client==0.4.4", # released together with the server
        +    "meadow-client>=0.4.4,<0.5", # released together with the server
         ]

         [dependency-groups]
         dev = ["pytest>=8.4"]
         type_checking = [
        -    'meadow-client[cli] ==0.4.4 ; python_version < "4"',
        +    'meadow-client[cli] >=0.4.4,<0.5 ; python_version < "4"',
         ]

         [tool.uv.sources]
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        @@ -10,7 +10,7 @@
         dynamic = ["version"]
         description = "Agents that run on meadow"
         requires-python = ">=3.12"
        -dependencies = ["meadow-api", "meadow-client==0.4.4"]
        +dependencies = ["meadow-api", "meadow-client>=0.4.4,<0.5"]

         [tool.setuptools_scm]
         fallback_version = '0.4.4'   # nightly and container builds
        changed 3 pins in 2 files

        what comes next
          1. commit this
               git commit --message 'chore: pin clients to a minimum below the next series' -- pyproject.toml src/meadow_agents/pyproject.toml
          2. bring uv.lock along, which notes the pins
               cargo xtask release relock --write
          3. so that it lasts, add to release.toml
               [[client]]
               name = "meadow-client"
               registry = ["pypi", "npm"]
               pin = { release = ">=,<" }
    "#]].assert_eq(&twice(&sample, "pins --policy bounded"));
    assert_eq!(sample.status(), [" M pyproject.toml", " M src/meadow_agents/pyproject.toml"]);
}

#[test]
fn a_policy_and_the_first_one_again_leave_every_byte_as_it_was() {
    let sample = Sample::new();
    let before: Vec<String> = MANIFESTS.iter().map(|path| sample.read(path)).collect();
    for policy in ["compatible", "minimum", "bounded"] {
        sample.release(&format!("pins --policy {policy}")).expect(0);
        sample.commit(policy);
        sample.release("pins --policy exact").expect(0);
        let after: Vec<String> = MANIFESTS.iter().map(|path| sample.read(path)).collect();
        assert_eq!(after, before, "{policy}");
        sample.commit("exact");
    }
}

#[test]
fn a_version_that_was_taken_away_comes_back_only_where_it_is_said() {
    let sample = Sample::new();
    expect![[r#"
        $ release pins --policy none
        --- a/pyproject.toml
        +++ b/pyproject.toml
        -    "meadow-client==0.4.4", # released together with the server
        +    "meadow-client", # released together with the server
        -    'meadow-client[cli] ==0.4.4 ; python_version < "4"',
        +    'meadow-client[cli] ; python_version < "4"',
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        -dependencies = ["meadow-api", "meadow-client==0.4.4"]
        +dependencies = ["meadow-api", "meadow-client"]
        changed 3 pins in 2 files

        what comes next
          1. commit this
               git commit --message 'chore: leave the version of clients open' -- pyproject.toml src/meadow_agents/pyproject.toml
          2. bring uv.lock along, which notes the pins
               uv lock
          3. so that it lasts, add to release.toml
               [[client]]
               name = "meadow-client"
               registry = ["pypi", "npm"]
               pin = { release = "none" }
    "#]].assert_eq(&changes_twice(&sample, "pins --policy none"));
    sample.commit("none");
    expect![[r#"
        $ release pins --policy exact
        error: pyproject.toml: `meadow-client` is required without a version
          --> pyproject.toml:20:5
           |
        20 |     "meadow-client", # released together with the server
           |     ^^^^^^^^^^^^^^^ no specifier
           |
           = help: give the version: `--version X.Y.Z`

        error: pyproject.toml: `meadow-client` is required without a version
          --> pyproject.toml:26:5
           |
        26 |     'meadow-client[cli] ; python_version < "4"',
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no specifier
           |
           = help: give the version: `--version X.Y.Z`

        error: src/meadow_agents/pyproject.toml: `meadow-client` is required without a version
          --> src/meadow_agents/pyproject.toml:13:31
           |
        13 | dependencies = ["meadow-api", "meadow-client"]
           |                               ^^^^^^^^^^^^^^^ no specifier
           |
           = help: give the version: `--version X.Y.Z`

        the pins are as they were: 3 problems, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&sample.refusal("pins --policy exact"));
    expect![[r#"
        $ release pins --policy exact --version 0.4.5 --client Meadow_Client
        --- a/pyproject.toml
        +++ b/pyproject.toml
        -    "meadow-client", # released together with the server
        +    "meadow-client==0.4.5", # released together with the server
        -    'meadow-client[cli] ; python_version < "4"',
        +    'meadow-client[cli]==0.4.5 ; python_version < "4"',
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        -dependencies = ["meadow-api", "meadow-client"]
        +dependencies = ["meadow-api", "meadow-client==0.4.5"]
        changed 3 pins in 2 files

        what comes next
          1. commit this
               git commit --message 'chore: pin meadow-client exactly' -- pyproject.toml src/meadow_agents/pyproject.toml
          2. bring uv.lock along, which notes the pins
               cargo xtask release relock --write
    "#]].assert_eq(&changes_twice(&sample, "pins --policy exact --version 0.4.5 --client Meadow_Client"));
}

#[test]
fn settings_keep_the_other_clients_and_what_they_say_already() {
    let sample = Sample::new();
    sample.write(
        "release.toml",
        "[[client]]\nname = \"meadow-client\"\nregistry = [\"pypi\", \"npm\"]\npin = { candidate = \"~=\", release = \"~=\" }\n",
    );
    sample.commit("settings");
    let quiet = sample.release("pins --policy minimum --quiet").expect(0);
    assert_eq!((quiet.stdout, quiet.stderr), (String::new(), String::new()));
    sample.git(&["checkout", "--quiet", "."]);
    expect![[r#"
        $ release pins --policy minimum
        --- a/pyproject.toml
        +++ b/pyproject.toml
        -    "meadow-client==0.4.4", # released together with the server
        +    "meadow-client>=0.4.4", # released together with the server
        -    'meadow-client[cli] ==0.4.4 ; python_version < "4"',
        +    'meadow-client[cli] >=0.4.4 ; python_version < "4"',
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        -dependencies = ["meadow-api", "meadow-client==0.4.4"]
        +dependencies = ["meadow-api", "meadow-client>=0.4.4"]
        changed 3 pins in 2 files

        what comes next
          1. commit this
               git commit --message 'chore: pin clients to a minimum' -- pyproject.toml src/meadow_agents/pyproject.toml
          2. bring uv.lock along, which notes the pins
               cargo xtask release relock --write
          3. so that it lasts, have it in `[[client]]` of release.toml
               [[client]]
               name = "meadow-client"
               registry = ["pypi", "npm"]
               pin = { release = ">=", candidate = "~=" }
    "#]]
    .assert_eq(&changes_twice(&sample, "pins --policy minimum"));
    sample.git(&["checkout", "--quiet", "."]);
    // The policy that is in force asks for nothing more.
    let seen = twice(&sample, "pins --policy compatible");
    assert!(!seen.contains("release.toml"), "{seen}");
    // What a policy keeps moves only by name.
    sample.edit("release.toml", "release = \"~=\"", "release = \"keep\"");
    sample.commit("keep");
    let run = sample.release("pins --policy exact").expect(0);
    assert_eq!(run.stderr, "nothing to do: there is no pin that this may change\n");
    twice(&sample, "pins --policy exact --client meadow-client");
}

#[test]
fn what_the_settings_say_is_what_prepare_and_check_do_next() {
    let sample = Sample::new();
    let run = sample.release("pins --policy bounded").expect(0);
    let lines = run.stderr.lines().skip_while(|line| !line.contains("add to release.toml")).skip(1);
    sample.write("release.toml", &lines.map(|line| line.trim().to_owned() + "\n").collect::<String>());
    sample.commit("bounded");
    let listed = sample.release("pins").expect(0).stdout;
    assert_eq!(listed.matches("as `>=,<` has it").count(), 3, "{listed}");
    let checked = sample.release("check");
    assert!(!checked.stdout.contains("error[pin-"), "{}", checked.stdout);
    sample.release("patch 0.4.5").expect(0);
    assert!(sample.read("pyproject.toml").contains("\"meadow-client>=0.4.5,<0.5\""));
    assert!(sample.read("src/meadow_agents/pyproject.toml").contains("\"meadow-client>=0.4.5,<0.5\""));
}

#[test]
fn packages_of_the_repository_are_written_only_by_name() {
    let sample = Sample::new();
    sample.edit("pyproject.toml", "\"meadow-api\"", "\"meadow-api==0.4.4\"");
    sample.commit("a sibling with a version");
    twice(&sample, "pins --policy bounded");
    assert!(sample.read("pyproject.toml").contains("\"meadow-api==0.4.4\""));
    sample.commit("bounded");
    expect![[r#"
        $ release pins --policy minimum --client meadow-api --version 0.4.4
        --- a/pyproject.toml
        +++ b/pyproject.toml
        -    "meadow-api==0.4.4",       # a sibling, from this repository
        +    "meadow-api>=0.4.4",       # a sibling, from this repository
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        -dependencies = ["meadow-api", "meadow-client>=0.4.4,<0.5"]
        +dependencies = ["meadow-api>=0.4.4", "meadow-client>=0.4.4,<0.5"]
        changed 2 pins in 2 files

        what comes next
          1. commit this
               git commit --message 'chore: pin meadow-api to a minimum' -- pyproject.toml src/meadow_agents/pyproject.toml
          2. bring uv.lock along, which notes the pins
               cargo xtask release relock --write
        note: the next release pins meadow-api with `==` again, as it does with packages of this repository
    "#]].assert_eq(&changes_twice(&sample, "pins --policy minimum --client meadow-api --version 0.4.4"));
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
    let sample = Sample::new();
    let before = sample.files();
    let words = "pins --policy compatible --dry-run";
    let run = sample.release(words).expect(0);
    sample.assert_unchanged(&before, words);
    expect![[r#"
        $ release pins --policy compatible --dry-run
        --- a/pyproject.toml
        +++ b/pyproject.toml
        -    "meadow-client==0.4.4", # released together with the server
        +    "meadow-client~=0.4.4", # released together with the server
        -    'meadow-client[cli] ==0.4.4 ; python_version < "4"',
        +    'meadow-client[cli] ~=0.4.4 ; python_version < "4"',
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        -dependencies = ["meadow-api", "meadow-client==0.4.4"]
        +dependencies = ["meadow-api", "meadow-client~=0.4.4"]
        would change 3 pins in 2 files; dry run, nothing was changed

        what comes next
          1. commit this
               git commit --message 'chore: pin clients to what is compatible' -- pyproject.toml src/meadow_agents/pyproject.toml
          2. bring uv.lock along, which notes the pins
               cargo xtask release relock --write
          3. so that it lasts, add to release.toml
               [[client]]
               name = "meadow-client"
               registry = ["pypi", "npm"]
               pin = { release = "~=" }
    "#]].assert_eq(&without_context(&sample.seen(&format!("$ release {words}"), &run)));
}

#[test]
fn what_cannot_be_written_is_refused_and_nothing_is_changed() {
    let sample = Sample::new();
    let refusals = [
        "pins --policy exact --client meadow-server",
        "pins --policy exact --version next",
        "pins --policy bounded --version 0.4.5+local",
        "pins --policy exact --rev main",
    ];
    let said: Vec<String> = refusals.iter().map(|words| sample.refusal(words)).collect();
    expect![[r#"
        $ release pins --policy exact --client meadow-server
        error: nothing here requires a client or package `meadow-server`
         |
         = help: there are requirements on meadow-api, meadow-client

        (exit 2)

        $ release pins --policy exact --version next
        error: `next` is not a PEP 440 version: expected a number at byte 0
         |
         = help: write it as X.Y.Z

        (exit 2)

        $ release pins --policy bounded --version 0.4.5+local
        error: pyproject.toml: `>=0.4.5+local` is not a version specifier
          --> pyproject.toml:20:5
           |
        20 |     "meadow-client==0.4.4", # released together with the server
           |     ^^^^^^^^^^^^^^^^^^^^^^ cannot be written like that
           |
           = help: give another version: `--version X.Y.Z`

        error: pyproject.toml: `>=0.4.5+local` is not a version specifier
          --> pyproject.toml:26:5
           |
        26 |     'meadow-client[cli] ==0.4.4 ; python_version < "4"',
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cannot be written like that
           |
           = help: give another version: `--version X.Y.Z`

        error: src/meadow_agents/pyproject.toml: `>=0.4.5+local` is not a version specifier
          --> src/meadow_agents/pyproject.toml:13:31
           |
        13 | dependencies = ["meadow-api", "meadow-client==0.4.4"]
           |                               ^^^^^^^^^^^^^^^^^^^^^^ cannot be written like that
           |
           = help: give another version: `--version X.Y.Z`

        the pins are as they were: 3 problems, nothing was changed
        (exit 1)

        $ release pins --policy exact --rev main
        error: pins are written in the work tree alone
         |
         = help: leave `--rev` or `--policy` out

        (exit 2)
    "#]]
    .assert_eq(&said.join("\n"));
    sample.edit("pyproject.toml", "\"meadow-client==0.4.4\"", "\"meadow-client>=0.4,!=0.4.2,>0.3\"");
    expect![[r#"
        $ release pins --policy bounded
        error: uncommitted changes in pyproject.toml, and their pins are to be written anew
         |
         = help: commit them, or put them away with `git stash`

        the pins are as they were: 1 problem, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&sample.refusal("pins --policy bounded"));
    sample.edit("pyproject.toml", "\"meadow-client>=0.4,!=0.4.2,>0.3\"", "\"meadow-client!=0.4.2\"");
    sample.commit("no version");
    expect![[r#"
        $ release pins --policy bounded
        error: pyproject.toml: `meadow-client` is not required at one version
          --> pyproject.toml:20:5
           |
        20 |     "meadow-client!=0.4.2", # released together with the server
           |     ^^^^^^^^^^^^^^^^^^^^^^ which version it names is not clear
           |
           = help: give the version: `--version X.Y.Z`

        the pins are as they were: 1 problem, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&sample.refusal("pins --policy bounded"));
    sample.edit("pyproject.toml", "\"meadow-client!=0.4.2\"", "\"meadow-client @ https://files.example/c.whl\"");
    sample.commit("a URL");
    expect![[r#"
        $ release pins --policy none
        error: pyproject.toml: `meadow-client` is required by URL
          --> pyproject.toml:20:5
           |
        20 |     "meadow-client @ https://files.example/c.whl", # released together with the server
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a URL names no version
           |
           = help: remove the URL, or name the others alone with `--client`

        the pins are as they were: 1 problem, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&sample.refusal("pins --policy none"));
}

#[test]
fn scripts_get_the_edit_as_json() {
    let sample = Sample::new();
    let run = sample.release("pins --policy bounded --dry-run --output-format json").expect(0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let rewrite = &document["rewrite"];
    assert_eq!(rewrite["outcome"], "planned");
    assert_eq!(rewrite["files"][0]["sites"][1]["new"], "meadow-client>=0.4.4,<0.5");
    assert_eq!(rewrite["files"].as_array().unwrap().iter().filter(|file| file["changed"] == true).count(), 2);
    let settings = rewrite["settings"].as_str().unwrap();
    assert!(settings.ends_with("pin = { release = \">=,<\" }\n"), "{settings}");
}
