//! A revision that is in neither main nor a release branch of the remote: a host that it alone names is not asked.

use super::{LINE, Trap, assert_nothing_said, registries};
use crate::loopback::Server;

/// A trap on a branch of somebody else's, whose server only that branch names.
fn fork() -> Trap {
    let trap = Trap::untouched();
    trap.sample.git(&["switch", "--quiet", "--create", "fork"]);
    trap.tamper();
    trap
}

/// Commands that ask, of the current branch `fork` or from a checkout of the line, and how it ends when it cannot.
const COMMANDS: [(&str, &str, i32); 7] = [
    ("fork", "check --online", 1),
    (LINE, "check --online --rev fork", 1),
    ("fork", "pins --simulate 0.4.5 --online", 2),
    (LINE, "pins --simulate 0.4.5 --online --rev fork", 2),
    ("fork", "relock", 2),
    (LINE, "relock --branch fork", 2),
    ("fork", "relock --write", 2),
];

fn asked(server: &Server) -> usize {
    server.asked().len()
}

#[test]
fn nobody_is_asked_unless_the_user_lets_the_host_be_asked() {
    let trap = fork();
    for (branch, words, code) in COMMANDS {
        trap.sample.git(&["switch", "--quiet", branch]);
        let run = trap.release(words).expect(code);
        assert_eq!(asked(&trap.server), 0, "{words}: {}", run.stderr);
        let at = &trap.sample.id("fork")[..9];
        let said = format!(
            "HOST is not asked, as only uv.lock names it, at {at}, which is in neither main nor a release branch of origin: \
             `--allow-host HOST` lets it be asked"
        );
        assert!(run.stderr.contains(&said), "{words}: {}", run.stderr);
        // By name, and by name and port; another one lets nobody be asked.
        for (host, is_asked) in [("other.example", false), ("127.0.0.1", true), (&trap.server.host(), true)] {
            if words.ends_with("--write") && is_asked {
                continue;
            }
            let run = trap.release(&format!("{words} --allow-host {host}"));
            assert_nothing_said(&trap.server, words);
            assert_eq!(asked(&trap.server) > 0, is_asked, "{words} {host}: {}", run.stderr);
        }
    }
}

#[test]
fn a_tag_or_a_branch_ahead_is_foreign_until_the_remote_has_it() {
    let trap = fork();
    trap.sample.git(&["tag", "v0.4.6"]);
    trap.sample.git(&["switch", "--quiet", LINE]);
    trap.release("check --online --rev v0.4.6");
    assert_eq!(asked(&trap.server), 0);
    // An audit asks whom main names.
    trap.sample.git(&["switch", "--quiet", "main"]);
    trap.tamper();
    let run = trap.release("audit --online");
    assert_eq!(asked(&trap.server), 0);
    assert!(run.stderr.contains("`--allow-host HOST` lets it be asked"), "{}", run.stderr);
    trap.sample.git(&["push", "--quiet", "origin", "main"]);
    trap.release("audit --online");
    assert!(asked(&trap.server) > 0);
    trap.release("check --online");
    assert!(asked(&trap.server) > 0);
    // Not every branch of a remote is the project's.
    trap.sample.git(&["push", "--quiet", "origin", "fork:fork"]);
    trap.sample.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    trap.sample.git(&["push", "--quiet", "--force", "origin", "main"]);
    trap.release("check --online --rev fork");
    assert_eq!(asked(&trap.server), 0);
}

#[test]
fn a_host_that_the_projects_own_file_of_that_kind_names_too_is_asked() {
    // As a pull request and a commit that is not pushed yet have it.
    let trap = Trap::new();
    trap.sample.git(&["switch", "--quiet", "--create", "topic"]);
    trap.sample.write("README.md", "more\n");
    trap.sample.commit("docs: more");
    trap.release("check --online");
    let all = asked(&trap.server);
    assert!(all > 1);
    // The same host in another kind of file is another choice.
    trap.sample.git(&["switch", "--quiet", "main"]);
    trap.sample.git(&["rm", "--quiet", "uv.lock"]);
    trap.sample.commit("chore: no lockfile");
    trap.sample.git(&["push", "--quiet", "origin", "main"]);
    trap.sample.git(&["switch", "--quiet", "topic"]);
    let run = trap.release("check --online --branch main");
    assert_eq!(trap.server.asked(), ["/npm/meadow-client"], "{}", run.stderr);
    assert!(run.stderr.contains("HOST is not asked, as only uv.lock names it"), "{}", run.stderr);
}

#[test]
fn a_foreign_tree_does_not_say_which_branches_are_the_projects_own() {
    let trap = fork();
    for (settings, copy) in [("main = \"fork\"", "fork"), ("branch = \"fork-{major}.{minor}\"", "fork-9.9")] {
        let settings = format!("[release]\n{settings}\n");
        trap.sample.write("release.toml", &settings);
        trap.sample.commit("chore: the fork is main");
        trap.sample.git(&["push", "--quiet", "--force", "origin", &format!("fork:{copy}")]);
        for words in ["check --online", "relock", "pins --simulate 0.4.5 --online"] {
            let run = trap.release(words);
            assert_eq!(asked(&trap.server), 0, "{settings} {words}: {}", run.stderr);
            assert!(run.stderr.contains("in neither main nor a release branch of origin"), "{}", run.stderr);
        }
        // The user's settings say so.
        trap.sample.write("../own.toml", &settings);
        trap.release("check --online --config ../own.toml");
        assert!(asked(&trap.server) > 0, "{settings}");
        trap.server.asked();
    }
}

#[test]
fn the_settings_on_the_remotes_main_say_which_branches_are_its_own() {
    let trap = fork();
    // The fork's own settings do not matter, as main has others: there the fork's branch is a line.
    trap.sample.git(&["push", "--quiet", "origin", "fork:stable-9.9"]);
    trap.release("check --online");
    assert_eq!(asked(&trap.server), 0);
    trap.sample.git(&["switch", "--quiet", "main"]);
    trap.sample.write("release.toml", "[release]\nbranch = \"stable-{major}.{minor}\"\n");
    trap.sample.commit("chore: how lines are called");
    trap.sample.git(&["push", "--quiet", "origin", "main"]);
    trap.sample.git(&["switch", "--quiet", "fork"]);
    trap.release("check --online");
    assert!(asked(&trap.server) > 0);
}

#[test]
fn settings_are_those_of_the_checkout_whatever_is_looked_at() {
    let trap = fork();
    let own = registries();
    trap.sample.git(&["switch", "--quiet", LINE]);
    let config = format!("[release]\nindex = \"{}\"\n", own.url("/simple"));
    trap.sample.write("release.toml", &config);
    trap.sample.commit("chore: an index");
    trap.sample.git(&["push", "--quiet", "origin", LINE]);
    trap.release("check --online --rev fork");
    assert!(asked(&own) > 0);
    assert_eq!(asked(&trap.server), 0);
    assert_nothing_said(&own, "check");
    // Of a checkout that is foreign itself they are foreign.
    trap.sample.git(&["switch", "--quiet", "fork"]);
    trap.sample.write("release.toml", &config.replace(&own.host(), &trap.server.host()));
    let run = trap.release("check --online");
    assert_eq!((asked(&own), asked(&trap.server)), (0, 0));
    assert!(run.stderr.contains("HOST is not asked, as only release.toml names it"), "{}", run.stderr);
}

#[test]
fn without_a_remote_the_branches_here_count_and_without_its_branches_none_does() {
    let trap = fork();
    trap.sample.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    for line in ["release-0.3.x", LINE] {
        trap.sample.git(&["update-ref", "-d", &format!("refs/remotes/origin/{line}")]);
    }
    trap.sample.git(&["switch", "--quiet", LINE]);
    trap.sample.git(&["merge", "--quiet", "--ff-only", "fork"]);
    let run = trap.release("check --online");
    assert_eq!(asked(&trap.server), 0);
    let said = "and no branch of origin's is here to compare with: `git fetch origin`";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    trap.sample.git(&["remote", "remove", "origin"]);
    trap.release("check --online");
    assert!(asked(&trap.server) > 0);
    trap.sample.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let run = trap.release("check --online --rev fork");
    assert_eq!(asked(&trap.server), 0);
    assert!(run.stderr.contains("which is in neither main nor a release branch:"), "{}", run.stderr);
}
