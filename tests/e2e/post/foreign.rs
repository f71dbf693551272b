//! npm and uv on a tree that is someone else's: what they see of it and of the user, and that nothing of the tree is run.

use super::tools::{changed, on_path, with};
use super::{World, needs};
use crate::loopback::{basic, bearer};
use crate::sample::put;
use crate::support::{ENVIRONMENT, executable};
use camino::Utf8PathBuf;
use expect_test::expect;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Stands in everything that a tool must not see.
const MARKER: &str = "m4rker";

/// Programs that note that they ran and do nothing else, and where they do.
fn tracing(world: &World) -> (Utf8PathBuf, Utf8PathBuf) {
    let (bin, trace) = (world.sample.root.join("bin"), world.sample.root.join("ran"));
    for name in ["npm", "uv", "node", "python3"] {
        executable(&bin.join(name), format!("#!/bin/sh\necho {name} >> '{trace}'\n").as_bytes());
    }
    (bin, trace)
}

#[test]
fn without_being_asked_for_no_tool_runs_and_what_would_run_is_said() {
    let world = changed();
    let (bin, trace) = tracing(&world);
    let before = world.sample.files();
    let mut all = Vec::new();
    for words in ["post 0.4.5 --only line --commit", "relock --write", "post 0.4.5 --only line"] {
        let mut command = world.command(words);
        on_path(&mut command, &bin);
        let run = world.run(&mut command).expect(1);
        assert_eq!(run.stdout, "");
        world.sample.assert_unchanged(&before, words);
        let said: Vec<&str> = run.stderr.lines().skip_while(|line| !line.starts_with("error")).collect();
        all.push(said.join("\n") + "\n");
    }
    assert!(!trace.exists(), "a tool ran");
    assert!(all.iter().all(|said| *said == all[0]), "{all:?}");
    expect![[r#"
        error: uv.lock on release-0.4.x needs uv, as edits are not enough: the released meadow-client asks for `rake`, meadow-client 0.4.4 in the lockfile does not
         |
         = help: `--with-tools` runs `uv lock --no-build --upgrade-package meadow-client==0.4.5` on a copy of the manifests and lockfiles alone; nothing was changed

        error: src/meadow_ui/package-lock.json on release-0.4.x needs npm, as edits are not enough: meadow-client 0.4.5 has other `dependencies`, `license` than the locked 0.4.4
         |
         = help: `--with-tools` runs `(cd src/meadow_ui && npm install meadow-client@0.4.5 --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=false --save-prefix=^)` on a copy of the manifests and lockfiles alone; nothing was changed

        2 problems, nothing was changed
    "#]].assert_eq(&world.sample.normal(&all[0]));
}

#[test]
fn where_one_lockfile_needs_a_tool_the_others_are_left_too() {
    let world = World::new();
    needs(&world.server, "0.4.5", "Requires-Dist: rake\n");
    let before = world.sample.files();
    let run = world.release("relock --write --output-format json").expect(1);
    world.sample.assert_unchanged(&before, "half of it");
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["outcome"], document["problems"].as_array().unwrap().len()), (&json!("refused"), 1));
    let help = document["problems"][0]["help"].as_str().unwrap();
    assert!(
        help.contains("; src/meadow_ui/package-lock.json could be edited, and would be written by `(cd "),
        "{help}"
    );
}

/// A home with a marker in everything that npm, uv, pip and git look for, and in the tree too; credentials for the registries
/// of the world without it.
fn marked(world: &World) -> Utf8PathBuf {
    let home = world.sample.root.join("home");
    let host = world.server.host();
    let npmrc = format!(
        "registry=https://{MARKER}.example/\n//other.example/:_authToken={MARKER}\n//{host}/npm/:_authToken=own-token\n\
         cafile=/{MARKER}\nscript-shell={MARKER}\n"
    );
    let netrc = format!(
        "machine other.example login a password {MARKER}\nmachine 127.0.0.1 login gardener password own-password\n\
         default login a password {MARKER}\n"
    );
    for (path, text) in [
        (".npmrc", npmrc.as_str()),
        (".netrc", netrc.as_str()),
        (".config/uv/uv.toml", MARKER),
        (".config/pip/pip.conf", MARKER),
        (".config/git/credentials", MARKER),
        (".local/share/uv/credentials/credentials.toml", MARKER),
        (".gitconfig", MARKER),
        (".git-credentials", MARKER),
        (".npm/_cacache/x", MARKER),
    ] {
        put(&home.join(path), text.as_bytes());
    }
    for path in
        [".npmrc", "src/meadow_ui/.npmrc", ".python-version", ".venv/bin/python", "src/meadow_ui/node_modules/x.js"]
    {
        put(
            &world.sample.checkout.join(path),
            format!("registry=https://{MARKER}.example/${{NPM_TOKEN}}\n").as_bytes(),
        );
    }
    put(&world.sample.checkout.join("setup.py"), MARKER.as_bytes());
    world.sample.git(&["add", "--all", "--force"]);
    world.sample.git(&["commit", "--quiet", "--no-verify", "--message", "marked"]);
    home
}

/// A tool that notes all that it can see: its words, its environment, and every file of its folders and of those that its
/// environment names.
fn recording(world: &World, name: &str, writes: &str) -> Utf8PathBuf {
    let log = world.sample.root.join(format!("seen-by-{name}"));
    let script = format!(
        "#!/bin/sh\n{{ env; echo \"$@\"; find \"$HOME/..\" -type f -exec ls -l {{}} + -exec cat {{}} +; \
         cat ~/.npmrc ~/.netrc \"$NETRC\" \"$npm_config_userconfig\" \"$npm_config_globalconfig\"; }} >> '{log}' 2>/dev/null\n\
         test \"$({{ cat; echo end; }})\" = end || exit 7\n{writes}\n"
    );
    executable(&world.sample.root.join("bin").join(name), script.as_bytes());
    log
}

#[test]
fn a_tool_sees_nothing_of_the_user_but_what_is_allowed_and_nothing_of_the_trees_settings() {
    let world = changed();
    // The lockfile's own index is the one that has credentials.
    let lock = world.sample.read("uv.lock").replace("https://python.example/simple", &world.server.url("/simple"));
    world.sample.write("uv.lock", &lock);
    let home = marked(&world);
    for path in ["/simple", "/files"] {
        world.server.require(path, &basic("gardener", "own-password"));
    }
    world.server.require("/npm", &bearer("own-token"));
    let write_npm = "for f in package.json package-lock.json; do sed 's/0\\.4\\.4/0.4.5/g' $f > new && mv new $f; done";
    let npm = recording(&world, "npm", write_npm);
    let uv = recording(&world, "uv", "sed 's/0\\.4\\.4/0.4.5/g' uv.lock > new && mv new uv.lock");

    let mut command = world.command("relock --write --with-tools -v");
    let path = format!("{}:{}", world.sample.root.join("bin"), std::env::var("PATH").unwrap());
    command.env_clear().envs(ENVIRONMENT).env("TMPDIR", &world.sample.tmp).env("PATH", path).env("HOME", &home);
    command.env("UV_DEFAULT_INDEX", world.server.url("/simple")).env("npm_config_registry", world.server.url("/npm"));
    for name in
        ["NPM_TOKEN", "NODE_AUTH_TOKEN", "GITHUB_TOKEN", "UV_INDEX_X_PASSWORD", "UV_PUBLISH_TOKEN", "PIP_INDEX_URL"]
    {
        command.env(name, MARKER);
    }
    for name in
        ["NODE_OPTIONS", "npm_config_node_options", "LC_OTHER", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "GIT_ASKPASS"]
    {
        command.env(name, MARKER);
    }
    command.env("npm_config_//other.example/:_authToken", MARKER).env("AWS_SECRET_ACCESS_KEY", MARKER);
    command
        .env("ALL_PROXY", format!("http://me:{MARKER}@proxy.example"))
        .env("NO_PROXY", "127.0.0.1")
        .env("TERM", "dumb");
    let run = world.run(&mut command).expect(0);
    assert!(!(run.stdout + &run.stderr).contains(MARKER), "{}", run.stderr);
    assert!(run.stderr.contains("ALL_PROXY has credentials, and is not passed on"), "{}", run.stderr);
    world.sample.assert_nothing_left();

    let (npm, uv) = (fs::read_to_string(npm).unwrap(), fs::read_to_string(uv).unwrap());
    for (name, seen) in [("npm", &npm), ("uv", &uv)] {
        assert!(!seen.contains(MARKER), "{name}: {seen}");
        assert!(!seen.contains(world.sample.checkout.as_str()) && !seen.contains(home.as_str()), "{name}: {seen}");
    }
    assert!(npm.contains("/npm/:_authToken=own-token") && !npm.contains("own-password"), "{npm}");
    assert!(uv.contains("login gardener password own-password") && !uv.contains("own-token"), "{uv}");
    // Whoever else is on the machine reads neither.
    assert!(npm.lines().any(|line| line.starts_with("-rw-------") && line.ends_with("/npmrc")), "{npm}");
    assert!(uv.lines().any(|line| line.starts_with("-rw-------") && line.ends_with("/netrc")), "{uv}");
    let names = |seen: &str| {
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let environment = seen.lines().take_while(|line| !line.starts_with("install ") && !line.starts_with("lock "));
        let mut names: Vec<&str> = environment.filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        // The shell's own.
        names.retain(|name| is_name(name) && !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(names(&npm), "HOME LC_ALL NO_PROXY PATH TERM TMPDIR npm_config_globalconfig npm_config_userconfig");
    assert_eq!(
        names(&uv),
        "GIT_ALLOW_PROTOCOL HOME LC_ALL NETRC NO_PROXY PATH TERM TMPDIR UV_DEFAULT_INDEX UV_KEYRING_PROVIDER UV_NO_BUILD \
         UV_NO_PROGRESS UV_PYTHON_DOWNLOADS"
    );
}

#[test]
fn a_program_of_the_tree_is_not_taken_for_the_tool() {
    let world = changed();
    let trace = world.sample.root.join("ran");
    let script = format!("#!/bin/sh\necho here >> '{trace}'\n");
    for path in ["npm", "uv", "bin/uv", "node_modules/.bin/npm", ".venv/bin/uv"] {
        executable(&world.sample.checkout.join(path), script.as_bytes());
    }
    let checkout = &world.sample.checkout;
    let git = crate::support::run(Command::new("sh").args(["-c", "command -v git"])).expect(0).stdout;
    let tools = world.sample.root.join("tools");
    fs::create_dir(&tools).unwrap();
    std::os::unix::fs::symlink(git.trim_end(), tools.join("git")).unwrap();
    let path = format!(".:bin:{checkout}:{checkout}/.venv/bin:{checkout}/node_modules/.bin:{tools}");
    let mut command = world.command("relock --write --with-tools");
    let run = world.run(command.env("PATH", path)).expect(2);
    assert!(!trace.exists(), "{}", run.stderr);
    let said: String = run.stderr.lines().filter(|line| line.starts_with("error")).collect();
    expect![[r#"
        error: uv is not there, and `uv lock --no-build --upgrade-package meadow-client==0.4.5` needs it: install the uv that wrote uv.lock, and see that it is on the PATH; of the PATH ., bin, [DIR]/checkout, [DIR]/checkout/.venv/bin, [DIR]/checkout/node_modules/.bin is relative or inside of the checkout, and was left
    "#]].assert_eq(&world.sample.normal(&said));
}

#[test]
fn what_a_tool_says_is_text() {
    let world = changed();
    let uv = "printf '\\033[31mred\\a\\n::add-mask::x\\n  ##[error]y\\n' >&2; exit 1";
    let run = with(&world, "exit 1", uv, "relock --write --with-tools -q").expect(2);
    let said: Vec<&str> = run.stderr.lines().skip(1).take(3).collect();
    assert_eq!(said, ["  \\u{1b}[31mred\\u{7}", "  \\u{3a}:add-mask::x", "    #\\u{23}[error]y"]);
}

#[test]
fn a_build_backend_is_named_and_not_run() {
    let world = changed();
    let (bin, trace) = tracing(&world);
    world.sample.edit(
        "pyproject.toml",
        "dynamic = [\"version\"]",
        "dynamic = [\"version\", \"optional-dependencies\"]",
    );
    world.sample.edit("src/meadow_api/pyproject.toml", "dynamic = [\"version\"]", "dynamic = [\"dependencies\"]");
    let backend = "build-backend = \"back\"\nbackend-path = [\".\"]";
    world.sample.edit("src/meadow_api/pyproject.toml", "build-backend = \"setuptools.build_meta\"", backend);
    world.sample.commit("dynamic");
    let before = world.sample.files();
    let said = |words: &str| {
        let mut command = world.command(words);
        on_path(&mut command, &bin);
        let run = world.run(&mut command).expect(1);
        world.sample.assert_unchanged(&before, words);
        let said: Vec<&str> = run.stderr.lines().skip_while(|line| !line.starts_with("error")).collect();
        said.join("\n") + "\n"
    };
    expect![[r#"
        error: pyproject.toml: only the build backend `setuptools.build_meta` (`setuptools>=61.0`, `setuptools-scm>=8.0`) knows `optional-dependencies`, and none is run
          --> pyproject.toml:10:11
           |
        10 | dynamic = ["version", "optional-dependencies"]
           |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = help: change that, or lock where this tree may do as it likes, such as in a container: `uv lock --upgrade-package meadow-client==0.4.5`; then commit uv.lock

        error: src/meadow_api/pyproject.toml: only the build backend `back` of the tree itself (`backend-path`) knows `dependencies`, and none is run
         --> src/meadow_api/pyproject.toml:8:11
          |
        8 | dynamic = ["dependencies"]
          |           ^^^^^^^^^^^^^^^^
          |
          = help: change that, or lock where this tree may do as it likes, such as in a container: `uv lock --upgrade-package meadow-client==0.4.5`; then commit uv.lock

        2 problems, nothing was changed
    "#]].assert_eq(&world.sample.normal(&said("relock --write --with-tools")));
    let without = said("relock --write");
    assert!(without.contains("`--with-tools` would not run it either, for what follows"), "{without}");
    assert!(!trace.exists(), "a tool ran");
}

#[test]
fn a_host_that_only_a_foreign_revision_gives_a_tool_is_not_asked_by_it() {
    let index = "\n[[tool.uv.index]]\nurl = \"https://\\u0065lsewhere.example/simple\"\n";
    for (path, at, text) in [
        ("pyproject.toml", "\n[dependency-groups]", format!("{index}\n[dependency-groups]")),
        (
            "src/meadow_ui/package.json",
            "\"react\": ",
            "\"x\": \"http:\\/\\/elsewhere.example/x.tgz\", \"react\": ".to_owned(),
        ),
    ] {
        let world = changed();
        let (bin, trace) = tracing(&world);
        world.sample.edit(path, at, &text);
        world.sample.commit("another host");
        let release = |words: &str| {
            let mut command = world.command(&format!("relock --write --with-tools {words}"));
            on_path(&mut command, &bin);
            world.run(&mut command)
        };
        let run = release("").expect(1);
        let said = format!("error: elsewhere.example is not asked, as only {path} names it");
        assert!(run.stderr.contains(&said), "{}", run.stderr);
        assert!(!trace.exists(), "a tool ran for {path}");
        release("--allow-host elsewhere.example");
        assert!(trace.exists(), "{path}");
        // On the project's own line it is the project's choice.
        world.sample.git(&["push", "--quiet", "origin", "HEAD"]);
        fs::remove_file(&trace).unwrap();
        release("");
        assert!(trace.exists(), "{path}");
    }
}

#[test]
fn what_a_killed_run_gave_a_tool_is_removed_by_the_next() {
    let world = changed();
    let uv = "kill -KILL $PPID; sleep 1; exit 1";
    let run = with(&world, "exit 1", uv, "relock --write --with-tools");
    assert_eq!(run.code, None);
    let left: Vec<_> = fs::read_dir(&world.sample.tmp).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [left] = &left[..] else { panic!("{left:?}") };
    assert_eq!(fs::metadata(left).unwrap().permissions().mode() & 0o777, 0o700);
    let said = world.release("relock --write").expect(1).stderr;
    assert!(said.contains("which an interrupted run left"), "{said}");
    world.sample.assert_nothing_left();
}
