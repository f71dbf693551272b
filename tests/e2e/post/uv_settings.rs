//! Settings of uv that `uv.lock` records: lists of requirements, and what is too new to be locked; and the versions of a monorepo
//! that has static ones.

use super::{CLIENT, World};
use crate::sample::Sample;
use expect_test::expect;

/// Adds settings to the root manifest of the checkout, and the record of them to its lockfile.
fn set(world: &World, settings: &str, recorded: &str) {
    let manifest = world.sample.read("pyproject.toml");
    world.sample.write("pyproject.toml", &format!("{manifest}\n{settings}\n"));
    world.sample.edit(
        "uv.lock",
        "\n[[package]]\nname = \"httpx\"",
        &format!("\n{recorded}\n[[package]]\nname = \"httpx\""),
    );
}

#[test]
fn constraints_and_overrides_move_with_the_client() {
    let world = World::new();
    let lists = |version: &str| {
        format!(
            "[manifest]\nconstraints = [{{ name = \"{CLIENT}\", specifier = \"=={version}\" }}]\noverrides = [\n    \
             {{ name = \"httpx\" }},\n    {{ name = \"{CLIENT}\", extras = [\"cli\"], specifier = \"=={version}\" }},\n]\n"
        )
    };
    let settings = "[tool.uv]\nconstraint-dependencies = [\"meadow-client==0.4.5\"]\noverride-dependencies = [\"httpx\", \"meadow_client[cli] == 0.4.5\"]";
    set(&world, settings, &lists("0.4.4"));
    world.release("relock --write -q").expect(0);
    let lock = world.sample.read("uv.lock");
    assert!(lock.contains(&lists("0.4.5")) && !lock.contains("==0.4.4"), "{lock}");
    assert_eq!(world.document("relock --write", 0)["outcome"], "nothing-to-do");
    // The client is locked; only the record of the constraint is old.
    world.sample.edit(
        "uv.lock",
        "constraints = [{ name = \"meadow-client\", specifier = \"==0.4.5\"",
        "constraints = [{ name = \"meadow-client\", specifier = \"==0.4.4\"",
    );
    assert_eq!(world.document("relock --write", 0)["outcome"], "written");
    assert_eq!(world.sample.read("uv.lock"), lock);
}

#[test]
fn what_is_too_new_for_uv_is_not_locked_wherever_that_is_set() {
    let early = "2026-01-02T03:04:05Z";
    let recorded = format!("[options]\nexclude-newer = \"{early}\"\n");
    let in_manifest = format!("[tool.uv]\nexclude-newer = \"{early}\"");
    let in_file = format!("exclude-newer = \"{early}\"\n");
    let shown = |world: &World, variable: Option<&str>, code: i32| {
        let before = world.sample.files();
        let mut command = world.command("relock --write -q");
        command.envs(variable.map(|value| ("UV_EXCLUDE_NEWER", value)));
        let run = world.run(&mut command).expect(code);
        if code != 0 {
            world.sample.assert_unchanged(&before, "a refusal");
        }
        run.stderr
    };
    let refusal = expect![[r#"
        error: uv.lock on release-0.4.x needs uv, as edits are not enough: `exclude-newer` is 2026-01-02T03:04:05Z, and meadow_client-0.4.5-py3-none-any.whl was uploaded at 2026-01-02T03:04:05.678900Z, so that uv does not take it; to take it all the same, set `exclude-newer-package = { meadow-client = false }` in [tool.uv]
    "#]];
    let first = |text: String| text.lines().next().map(|line| format!("{line}\n")).unwrap_or_default();
    let of = |settings: &str, file: &str, variable: Option<&str>, recorded: &str, code: i32| {
        let world = World::new();
        set(&world, settings, recorded);
        if !file.is_empty() {
            world.sample.write("uv.toml", file);
            world.sample.git(&["add", "uv.toml"]);
        }
        first(shown(&world, variable, code))
    };
    refusal.assert_eq(&of(&in_manifest, "", None, &recorded, 1));
    refusal.assert_eq(&of("", &in_file, None, &recorded, 1));
    refusal.assert_eq(&of("[tool.uv]\nexclude-newer = \"2027-01-01T00:00:00Z\"", &in_file, None, &recorded, 1));
    refusal.assert_eq(&of("", "", Some(early), &recorded, 1));
    refusal.assert_eq(&of(&in_manifest.replace("2026", "2027"), "", Some(early), &recorded, 1));
    expect![[r#"
        error: uv.lock on release-0.4.x needs uv, as edits are not enough: the lockfile was written with 2026-01-02T03:04:05Z for `exclude-newer`, and the settings (pyproject.toml, uv.toml, UV_EXCLUDE_NEWER) have none: uv would resolve everything again
    "#]]
    .assert_eq(&of("", "", None, &recorded, 1));
    expect![[r#"
        error: uv.lock on release-0.4.x needs uv, as edits are not enough: the lockfile was written without it for `exclude-newer`, and the settings (pyproject.toml, uv.toml, UV_EXCLUDE_NEWER) have 2027-01-01T00:00:00Z: uv would resolve everything again
    "#]].assert_eq(&of("", "", Some("2027-01-01T00:00:00Z"), "", 1));
    // What was uploaded before is locked.
    let [later, late] = [&in_manifest, &recorded].map(|text| text.replace("2026", "2027"));
    assert_eq!(of(&later, "", None, &late, 0), "");
    assert_eq!(
        of(
            &format!("{in_manifest}\nexclude-newer-package = {{ meadow-client = false }}"),
            "",
            None,
            &format!("{recorded}\n[options.exclude-newer-package]\nmeadow-client = false\n"),
            0
        ),
        ""
    );
}

#[test]
fn a_lockfile_of_another_format_is_left_to_the_uv_that_wrote_it() {
    let world = World::new();
    world.sample.edit("uv.lock", "version = 1\n", "version = 2\n");
    let shown = world.unchanged("relock --write -q", 1);
    assert!(shown.contains("the lockfile is of version 2 of its format, and this tool knows version 1"), "{shown}");
}

#[test]
fn a_client_that_was_never_locked_is_not_left_in_silence() {
    let world = World::new();
    let lock = world.sample.read("uv.lock");
    let entry = lock.split_inclusive("\n\n").find(|entry| entry.contains("name = \"meadow-client\"\nversion")).unwrap();
    let kept: String =
        lock.replace(entry, "").split_inclusive('\n').filter(|line| !line.contains("meadow-client")).collect();
    world.sample.write("uv.lock", &kept);
    let shown = world.unchanged("relock --write -q", 1);
    assert!(shown.contains("as edits are not enough: the lockfile has no `meadow-client`"), "{shown}");
}

/// Gives every package of the checkout a static version in place of its `fallback_version`, and the lockfile a record of those.
fn make_static(sample: &Sample) {
    for path in ["pyproject.toml", "src/meadow_api/pyproject.toml", "src/meadow_agents/pyproject.toml"] {
        let text = sample.read(path);
        let version = text.lines().find_map(|line| line.strip_prefix("fallback_version = ")).unwrap();
        let version = version.split(['"', '\'']).nth(1).unwrap();
        let kept = |line: &&str| {
            !line.starts_with("[tool.setuptools_scm]")
                && !line.starts_with("fallback_version")
                && !line.starts_with("root = ")
        };
        let text: String = text.lines().filter(kept).map(|line| format!("{line}\n")).collect();
        sample.write(path, &text.replace("dynamic = [\"version\"]", &format!("version = \"{version}\"")));
        for name in ["meadow", "meadow-api"] {
            let lock = sample.read("uv.lock");
            let head = format!("name = \"{name}\"\nsource = {{ editable");
            sample.write(
                "uv.lock",
                &lock.replace(&head, &format!("name = \"{name}\"\nversion = \"{version}\"\nsource = {{ editable")),
            );
        }
    }
    sample.commit("chore: static versions");
}

/// The versions of the tree's packages in a lockfile.
fn recorded(lock: &str) -> Vec<&str> {
    let packages = lock.split("[[package]]").filter(|package| package.contains("source = { editable"));
    packages.filter_map(|package| package.lines().find_map(|line| line.strip_prefix("version = "))).collect()
}

#[test]
fn a_static_monorepo_is_prepared_with_its_lockfile() {
    let sample = Sample::new();
    make_static(&sample);
    let run = sample.release("patch 0.4.5").expect(0);
    assert!(run.stderr.contains("2 locked versions"), "{}", run.stderr);
    assert_eq!(recorded(&sample.read("uv.lock")), ["\"0.4.5\""; 2]);
    // What an earlier run wrote is committed with the rest.
    sample.release("patch 0.4.5 --commit -q").expect(0);
    assert_eq!(sample.status(), [""; 0]);
    assert_eq!(recorded(&sample.git(&["show", "HEAD:uv.lock"])), ["\"0.4.5\""; 2]);
    let checked = sample.release("check --select uv-lock-version --output-format json");
    assert!(!checked.stdout.contains("\"rule\": \"uv-lock-version\""), "{}", checked.stdout);
}

#[test]
fn the_bump_of_a_static_main_moves_its_lockfile_with_it() {
    let world = World::new();
    world.sample.git(&["switch", "--quiet", "main"]);
    make_static(&world.sample);
    world.sample.git(&["push", "--quiet", "origin", "main"]);
    world.sample.git(&["switch", "--quiet", "--detach"]);
    world.release("post 0.4.5 --only main --commit -q").expect(0);
    let lock = world.at(super::FOR_MAIN, "uv.lock");
    assert_eq!(recorded(&lock), ["\"0.4.6.dev0\""; 2]);
}
