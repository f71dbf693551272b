//! `release pins`: what a person sees of the sample's pins.

use crate::sample::Sample;
use expect_test::expect;

#[test]
fn pins_are_listed_and_a_release_is_simulated_without_changing_anything() {
    let sample = Sample::new();
    let before = sample.files();
    let seen = |words: &str| sample.seen(&format!("$ release {words}"), &sample.release(words));
    expect![[r#"
        $ release pins
        pyproject.toml:15:5 [project.dependencies] meadow-api: without a version
        pyproject.toml:20:5 [project.optional-dependencies.client] meadow-client==0.4.4: as `==` has it
        pyproject.toml:26:5 [dependency-groups.type_checking] meadow-client[cli] ==0.4.4 ; python_version < "4": as `==` has it
        src/meadow_agents/pyproject.toml:13:17 [project.dependencies] meadow-api: without a version
        src/meadow_agents/pyproject.toml:13:31 [project.dependencies] meadow-client==0.4.4: as `==` has it
        pins, by the policy of release
    "#]].assert_eq(&seen("pins"));
    expect![[r#"
        $ release pins --simulate 0.4.5
          1. meadow (pypi)
             pip install 'meadow[client]==0.4.5' fails: meadow-client==0.4.5 cannot be had yet
          2. meadow-agents (pypi)
             pip install 'meadow[client]==0.4.5' fails: meadow-client==0.4.5 cannot be had yet
             pip install 'meadow-agents==0.4.5' fails: meadow-client==0.4.5 cannot be had yet
          3. meadow-api (pypi)
             pip install 'meadow[client]==0.4.5' fails: meadow-client==0.4.5 cannot be had yet
             pip install 'meadow-agents==0.4.5' fails: meadow-client==0.4.5 cannot be had yet
          4. meadow-client (pypi)  everything that is out can be installed
          5. meadow-client (npm)  everything that is out can be installed
        the window opens with step 1 and closes with step 4
        without a window: --order meadow-api,pypi:meadow-client,meadow,meadow-agents,npm:meadow-client
        without a window in this order: pins by `none`
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5"));
    expect![[r#"
        $ release pins --simulate 0.4.5 --order meadow-api,meadow-client
          1. meadow-api (pypi)  everything that is out can be installed
          2. meadow-client (pypi)  everything that is out can be installed
          3. meadow-client (npm)  everything that is out can be installed
          4. meadow (pypi)  everything that is out can be installed
          5. meadow-agents (pypi)  everything that is out can be installed
        no window: at each step everything that is out can be installed
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5 --order meadow-api,meadow-client"));
    expect![[r#"
        $ release pins --simulate 0.4.5 --policy bounded --order meadow-client
          1. meadow-client (pypi)  everything that is out can be installed
          2. meadow-client (npm)  everything that is out can be installed
          3. meadow (pypi)  everything that is out can be installed
          4. meadow-agents (pypi)  everything that is out can be installed
          5. meadow-api (pypi)  everything that is out can be installed
        no window: at each step everything that is out can be installed
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5 --policy bounded --order meadow-client"));
    expect![[r#"
        $ release pins --rev main --simulate
        error: the tree is at no release
         |
         = help: say which: `--simulate X.Y.Z`

        (exit 2)
    "#]]
    .assert_eq(&seen("pins --rev main --simulate"));
    expect![[r#"
        $ release pins --simulate 0.4.5 --order meadow,meadow
        error: `meadow` is none of the artifacts that are left
         |
         = help: name each once, of meadow-agents, meadow-api, pypi:meadow-client, npm:meadow-client

        (exit 2)
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5 --order meadow,meadow"));
    sample.assert_unchanged(&before, "pins");
}

#[test]
fn a_ui_that_asks_for_what_is_not_there_yet_is_part_of_the_window() {
    let sample = Sample::new();
    sample.edit("src/meadow_ui/package.json", "^0.4.4", "^0.4.5");
    let seen = |words: &str| sample.seen(&format!("$ release {words}"), &sample.release(words));
    expect![[r#"
        $ release pins --simulate 0.4.5 --order meadow-api,meadow-client
          1. meadow-api (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.5 cannot be had yet
          2. meadow-client (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.5 cannot be had yet
          3. meadow-client (npm)  everything that is out can be installed
          4. meadow (pypi)  everything that is out can be installed
          5. meadow-agents (pypi)  everything that is out can be installed
        the window opens with step 1 and closes with step 3
        without a window: --order npm:meadow-client,meadow-api,pypi:meadow-client,meadow,meadow-agents
        without a window in this order: pins by none of the policies
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5 --order meadow-api,meadow-client"));
    // What is suggested is what it says.
    let run = sample.release("pins --simulate 0.4.5 --order npm:meadow-client,npm:meadow-client").expect(2);
    assert!(run.stderr.contains("`npm:meadow-client` is none of the artifacts that are left"), "{}", run.stderr);
    let shown = sample.release("pins --simulate 0.4.5").expect(0).stdout;
    let order = shown.lines().find_map(|line| line.strip_prefix("without a window: ")).unwrap();
    let again = sample.release(&format!("pins --simulate 0.4.5 {order}")).expect(0).stdout;
    assert!(again.ends_with("no window: at each step everything that is out can be installed\n"), "{again}");
    sample.write(
        "release.toml",
        "[[artifact]]\nkind = \"npm\"\nname = \"meadow-client\"\n[[artifact]]\nkind = \"pypi\"\nname = \"meadow-client\"\n[[artifact]]\nkind = \"pypi\"\nname = \"meadow\"\n",
    );
    expect![[r#"
        $ release pins --simulate 0.4.5
          1. meadow-client (npm)  everything that is out can be installed
          2. meadow-client (pypi)  everything that is out can be installed
          3. meadow (pypi)  everything that is out can be installed
        no window: at each step everything that is out can be installed
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5"));
    // npm takes no pre-release that a range does not name.
    expect![[r#"
        $ release pins --simulate 0.5.0rc1 --policy none
          1. meadow-client (npm)
             npm install in src/meadow_ui fails: meadow-client@^0.4.5 cannot be had yet
          2. meadow-client (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.5 cannot be had yet
          3. meadow (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.5 cannot be had yet
        the window opens with step 1 and never closes
        no order is without: meadow-client@^0.4.5 cannot be had yet
        without a window in this order: pins by none of the policies
        publishing 0.5.0rc1, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.5.0rc1 --policy none"));
    sample.edit("src/meadow_ui/package.json", "^0.4.5", "^0.4.6");
    expect![[r#"
        $ release pins --simulate 0.4.5
          1. meadow-client (npm)
             npm install in src/meadow_ui fails: meadow-client@^0.4.6 cannot be had yet
          2. meadow-client (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.6 cannot be had yet
          3. meadow (pypi)
             npm install in src/meadow_ui fails: meadow-client@^0.4.6 cannot be had yet
        the window opens with step 1 and never closes
        no order is without: meadow-client@^0.4.6 cannot be had yet
        without a window in this order: pins by none of the policies
        publishing 0.4.5, one artifact after the other
    "#]]
    .assert_eq(&seen("pins --simulate 0.4.5"));
}
