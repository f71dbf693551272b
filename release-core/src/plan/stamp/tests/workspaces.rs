//! npm workspaces.

use super::*;

const ROOT: (&str, &str) = (
    "package.json",
    r#"{"name": "root", "private": true, "version": "0.4.4", "workspaces": ["packages/*", "!packages/old"]}"#,
);
const CORE: (&str, &str) = ("packages/core/package.json", r#"{"name": "@meadow/client", "version": "0.4.4"}"#);
const CLI: (&str, &str) = (
    "packages/cli/package.json",
    r#"{"name": "meadow-cli", "version": "0.4.4", "dependencies": {"@meadow/client": "^0.4.4", "x": "0.4.4"}, "peerDependencies": {"@meadow/client": "*"}}"#,
);
const DEMO: (&str, &str) = (
    "packages/demo/package.json",
    r#"{"name": "demo", "private": true, "version": "1.0.0", "devDependencies": {"meadow-cli": "workspace:*"}}"#,
);
const OLD: (&str, &str) = ("packages/old/package.json", r#"{"name": "old", "version": "0.1.0"}"#);

#[test]
fn packages_of_a_workspace_and_the_ranges_between_them_get_the_version_and_others_keep_theirs() {
    let lock = r#"{"name": "root", "version": "0.4.4", "lockfileVersion": 3, "packages": {
"": {"name": "root", "version": "0.4.4", "workspaces": ["packages/*"]},
"node_modules/@meadow/client": {"resolved": "packages/core", "link": true},
"node_modules/x": {"version": "0.4.4"},
"packages/cli": {"name": "meadow-cli", "version": "0.4.4", "dependencies": {"@meadow/client": "^0.4.4", "x": "0.4.4"}},
"packages/core": {"name": "@meadow/client", "version": "0.4.4"},
"packages/demo": {"name": "demo", "version": "1.0.0", "devDependencies": {"meadow-cli": "workspace:*"}}}}"#;
    let files = [ROOT, CORE, CLI, DEMO, OLD, ("package-lock.json", lock)];
    let after = stamped(&files, "", "0.5.0rc1").unwrap();
    let expected = [
        ROOT.1.replace("0.4.4", "0.5.0-rc.1"),
        CORE.1.replace("0.4.4", "0.5.0-rc.1"),
        CLI.1.replace("n\": \"0.4.4", "n\": \"0.5.0-rc.1").replace("^0.4.4", "^0.5.0-rc.1"),
        DEMO.1.to_owned(),
        OLD.1.to_owned(),
        lock.replace("n\": \"0.4.4", "n\": \"0.5.0-rc.1")
            .replace("^0.4.4", "^0.5.0-rc.1")
            .replace("x\": {\"version\": \"0.5.0-rc.1", "x\": {\"version\": \"0.4.4"),
    ];
    assert_eq!(after, expected);
}

#[test]
fn a_workspace_is_whatever_npm_yarn_or_pnpm_call_one() {
    let pnpm = ("pnpm-workspace.yaml", "packages:\n  - 'packages/{core,cli}'\n");
    let root = |text: &'static str| ("package.json", text);
    for files in [
        [root(r#"{"version": "0.4.4", "workspaces": {"packages": ["./packages/*/"]}}"#), CORE],
        [root(r#"{"workspaces": ["**"]}"#), CORE],
        [pnpm, CORE],
        [root(r#"{"workspaces": ["packages/co?e"]}"#), CORE],
    ] {
        assert_eq!(stamped(&files, "", "0.4.5").unwrap()[1], CORE.1.replace("0.4.4", "0.4.5"), "{files:?}");
    }
    let alone = [root(r#"{"version": "0.4.3"}"#), CORE];
    assert_eq!(stamped(&alone, "", "0.4.5").unwrap()[1], CORE.1);
    let lerna = [CORE, ("lerna.json", r#"{"version": "0.4.4"}"#)];
    assert_eq!(stamped(&lerna, "", "0.4.5").unwrap()[1], r#"{"version": "0.4.5"}"#);
}

#[test]
fn what_a_workspace_does_not_tell_is_refused() {
    let other = ("packages/other/package.json", r#"{"name": "other", "version": "2.0.0"}"#);
    let pinned = (
        "packages/other/package.json",
        r#"{"name": "other", "version": "0.4.4", "dependencies": {"@meadow/client": "0.3 || 0.4.4"}}"#,
    );
    let catalog = (
        "packages/other/package.json",
        r#"{"name": "other", "version": "0.4.4", "dependencies": {"@meadow/client": "catalog:"}}"#,
    );
    let mut told = String::new();
    for files in [[ROOT, CORE, other], [ROOT, CORE, pinned], [ROOT, CORE, catalog]] {
        told += &stamped(&files, "", "0.4.5").unwrap_err();
    }
    told += &stamped(&[ROOT, CORE, CLI, ("yarn.lock", "x\n")], "", "0.4.5").unwrap_err();
    expect![[r#"
        packages/core/package.json is at 0.4.4 and packages/other/package.json at 2.0.0: it is not clear which packages of the workspace get the version
          packages/core/package.json:38..45 one version
          packages/other/package.json:29..36 another
          = give those that are released together one version, mark the others `"private": true`, or name files in release.toml: `[[stamp]]`
        packages/other/package.json asks for @meadow/client by `0.3 || 0.4.4`, which does not allow 0.4.5
          packages/other/package.json:73..87 a package of this workspace
          = write the range as one version (`^1.2.3`, `~1.2.3` or `1.2.3`), or by `workspace:*`
        packages/other/package.json asks for @meadow/client by `catalog:`, whose range is in pnpm-workspace.yaml
          packages/other/package.json:73..83 a package of this workspace
          = write the range as one version (`^1.2.3`, `~1.2.3` or `1.2.3`), or by `workspace:*`
        packages/cli/package.json asks for a package of this workspace by `^0.4.4`, which yarn.lock repeats and `stamp` does not write there
          packages/cli/package.json:79..85 a package of this workspace
          = write the range as `workspace:*`, or name yarn.lock in release.toml: `[[stamp]]` with `path` and `pattern`
    "#]].assert_eq(&told);
    assert!(
        stamped(
            &[ROOT, CORE, other],
            "[[stamp]]\npath = \"packages/other/package.json\"\npattern = \"version\\\": \\\"{version}\\\"\"\n",
            "0.4.5"
        )
        .is_ok()
    );
}
