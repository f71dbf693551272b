use super::*;

const LONG: Duration = Duration::from_secs(100);

fn sh(script: &str, limit: Duration) -> (Ended, String) {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    run(command, &Interrupt::watch().unwrap(), limit).unwrap()
}

#[test]
fn how_a_process_ended_and_its_last_words_are_given_back() {
    assert_eq!(sh("exit 0", LONG), (Ended::Well, String::new()));
    assert_eq!(sh("echo one >&2; echo >&2; echo two >&2; exit 3", LONG), (Ended::Badly, "\n  one\n  two".to_owned()));
    assert_eq!(sh("kill -KILL $$", LONG), (Ended::Badly, String::new()));
    assert_eq!(sh("cat; exit 1", LONG).0, Ended::Badly, "there is nothing to read");
}

#[test]
fn a_process_that_does_not_end_is_ended_with_all_that_it_started() {
    // The second sleep would hold the pipe open.
    let (ended, said) = sh("echo $$ >&2; sleep 1000 & sleep 1000", Duration::from_secs(3));
    assert_eq!(ended, Ended::TooLate);
    let group: i32 = said.trim().parse().unwrap();
    assert!(!is_there(group), "{group}");
}

#[test]
fn what_a_process_leaves_in_its_group_ends_with_it() {
    let (ended, said) = sh("echo $$ >&2; sleep 1000 & exit 0", LONG);
    assert_eq!((ended, is_there(said.trim().parse().unwrap())), (Ended::Well, false));
}

/// Tells whether a process of a group still does something; those that are not waited for yet do not.
fn is_there(group: i32) -> bool {
    let gone = |stat: &str| {
        let mut fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
        let (state, its) = (fields.next(), fields.nth(1));
        state == Some("Z") || its != Some(&group.to_string())
    };
    let known = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut stats = known.filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok());
    stats.any(|stat| !gone(&stat))
}

#[test]
fn what_a_process_says_is_bounded_and_is_text() {
    let (_, said) = sh("i=0; while test $i -lt 20000; do echo line $i >&2; i=$((i+1)); done; exit 1", LONG);
    assert_eq!((said.lines().count(), said.lines().next_back()), (SHOWN_LINES + 1, Some("  line 19999")));
    let (_, said) = sh(r"printf '\033[31mred\007\n' >&2; exit 1", LONG);
    assert_eq!(said, "\n  \\u{1b}[31mred\\u{7}");
}
