//! Runs that are killed before and after every effect: the same command again ends as one that was left alone.

use super::{FOR_LINE, FOR_MAIN, World};
use crate::support::{executable, run};
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

/// The requests to git that change something, as a shell's patterns.
const EFFECTS: &str = "*' worktree '*|*' read-tree '*|*' checkout-index '*|*' commit '*|*' update-ref '*";

/// Who is killed: the tool, or all of its group, as by a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Tool,
    Group,
}

/// A git that kills who started it at an effect, before or after that.
fn deadly(world: &World, at: usize, is_before: bool, victim: Victim) -> Command {
    let programs = world.sample.root.join("bin");
    let count = world.sample.root.join("count");
    let git = run(Command::new("sh").args(["-c", "command -v git"])).expect(0).stdout;
    let git = git.trim_end();
    let kill = if victim == Victim::Tool { "kill -KILL $PPID; exit 1" } else { "kill -KILL 0" };
    let (before, after) = if is_before { (kill, ":") } else { (":", kill) };
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' worktree list'*) exec '{git}' \"$@\";; {EFFECTS}) ;; *) exec '{git}' \"$@\";; esac\n\
         echo \"$*\" | tr '\\n' ' ' >> '{count}'; echo >> '{count}'\n\
         if test $(wc -l < '{count}') -ne {at}; then exec '{git}' \"$@\"; fi\n\
         {before}\n'{git}' \"$@\"\n{after}\n"
    );
    let _ = fs::remove_file(&count);
    executable(&programs.join("git"), script.as_bytes());
    let mut command = world.command("post 0.4.5 --commit -q");
    super::tools::on_path(&mut command, &programs);
    command.process_group(0);
    command
}

/// Returns the outcome of a run: the trees and commits of both proposals, the checkout, and the tags.
fn end(world: &World) -> impl PartialEq + std::fmt::Debug + use<> {
    (world.proposed(), world.sample.status(), world.sample.git(&["tag"]), world.sample.id("main"))
}

#[test]
fn after_a_kill_at_any_effect_the_next_run_ends_as_an_undisturbed_one() {
    let undisturbed = World::new();
    undisturbed.run(&mut deadly(&undisturbed, 0, false, Victim::Tool)).expect(0);
    let log = fs::read_to_string(undisturbed.sample.root.join("count")).unwrap();
    let effects: Vec<&str> = log.lines().collect();
    assert!(effects.len() >= 9, "{log}");
    // Between the effects of git, files are written.
    let is_after_a_write = |effect: &str| effect.split(' ').any(|word| ["commit", "update-ref"].contains(&word));
    let all = (1..).zip(&effects).flat_map(|(at, effect)| {
        [(at, *effect, false), (at, *effect, true)]
            .into_iter()
            .filter(|(_, effect, is_before)| !is_before || is_after_a_write(effect))
    });
    let kills: Vec<_> = all.collect();
    let (one, other) = kills.split_at(kills.len() / 2);
    thread::scope(|scope| {
        for kills in [one, other] {
            scope.spawn(|| kill_at(kills, &undisturbed));
        }
    });
    eprintln!("kills of the tool alone and of its group survived: {0} of {0}, post 0.4.5 --commit", 2 * kills.len());
}

fn kill_at(kills: &[(usize, &str, bool)], undisturbed: &World) {
    let world = World::new();
    let both = |kill| [(kill, Victim::Tool), (kill, Victim::Group)];
    for ((at, effect, is_before), victim) in kills.iter().flat_map(both) {
        let killed = world.run(&mut deadly(&world, *at, *is_before, victim));
        assert_eq!(killed.code, None, "{effect}, {victim:?}: {}", killed.stderr);
        let again = world.release("post 0.4.5 --commit").expect(0);
        assert_eq!(end(&world), end(undisturbed), "{effect}: {}", again.stderr);
        world.sample.assert_nothing_left();
        world.unchanged("post 0.4.5 --commit", 0);
        for branch in [FOR_LINE, FOR_MAIN] {
            world.sample.git(&["branch", "--delete", "--force", "--quiet", branch]);
        }
    }
}
