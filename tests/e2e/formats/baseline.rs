use crate::sample::Sample;
use crate::support::{run, works};
use expect_test::expect;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const FILE: &str = "release-baseline.toml";
const AGENTS: &str = "src/meadow_agents/pyproject.toml";

/// The sample's release branch with one pin that floats, in the only manifest that another rule does not compare.
fn floating() -> Sample {
    let sample = Sample::new();
    edit(&sample, AGENTS, |text| text.replace("meadow-client==0.4.4", "meadow-client>=0.4.4"));
    edit(&sample, "pyproject.toml", |text| text.replace("meadow-client==0.4.4", "meadow-client>=0.4.4"));
    sample
}

fn edit(sample: &Sample, path: &str, change: impl FnOnce(String) -> String) {
    let path = sample.checkout.join(path);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "{path} was to change");
    fs::write(&path, changed).unwrap();
}

/// The last line of what a run says, without what differs from one run to the next.
fn summary(said: &str) -> String {
    let line = said.lines().last().unwrap_or_default();
    line.split(" by ").take(if line.contains("accepted by") { 2 } else { 1 }).collect::<Vec<_>>().join(" by ")
}

const CHECK: &str = "check --output-format concise --ignore pin-sibling-unversioned --ignore uv-lock-stale";

#[test]
fn a_baseline_lives_from_the_first_run_to_the_last_finding() {
    let sample = floating();
    let check = |words: &str| sample.release(&format!("{CHECK} {words}"));
    let baseline = || fs::read_to_string(sample.checkout.join(FILE)).unwrap();
    assert_eq!(check("").expect(1).stdout.lines().count(), 2);

    // Nothing is accepted without a reason, or without being written.
    let refused = check("--write-baseline").expect(2).stderr;
    assert!(refused.contains("2 findings are new, and no reason is given for them to stay"), "{refused}");
    check("--reason because").expect(2);
    check("--write-baseline --reason because --dry-run").expect(0);
    assert!(!sample.checkout.join(FILE).exists());

    let written = check("--write-baseline --reason because").expect(0);
    assert!(written.stderr.contains("2 new, 0 kept, 0 dropped; written; commit it"), "{}", written.stderr);
    let text = baseline();
    let undated: String =
        text.lines().filter(|line| !line.starts_with("date = ")).map(|line| format!("{line}\n")).collect();
    expect![[r##"
        # Findings of `cargo xtask release check` and `audit` that are accepted as they are; new ones fail.
        # Written by their `--write-baseline`. The reasons are yours to edit, and are kept.
        version = 1

        [[finding]]
        fingerprint = "18d27a0a1226628c"
        rule = "pin-operator"
        path = "pyproject.toml"
        message = "`meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`"
        reason = "because"

        [[finding]]
        fingerprint = "272e8ac57aa494d0"
        rule = "pin-operator"
        path = "src/meadow_agents/pyproject.toml"
        message = "`meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`"
        reason = "because"
    "##]]
    .assert_eq(&undated);
    let mode = fs::metadata(sample.checkout.join(FILE)).unwrap().permissions().mode();
    let others = fs::metadata(sample.checkout.join(".git/HEAD")).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, others & 0o444, "it can be read by whoever can read the rest");

    // It is used without being asked for, and the run says so.
    let clean = check("").expect(0);
    assert_eq!(clean.stdout, "");
    assert_eq!(summary(&clean.stderr), "0 errors, 0 warnings, 2 accepted by release-baseline.toml");
    let json = sample.release(&CHECK.replace("concise", "json")).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["baseline"], serde_json::json!({ "path": FILE, "accepted": 2, "stale": 0 }));
    let again = check("--write-baseline").expect(0).stderr;
    assert!(again.contains("0 new, 2 kept, 0 dropped; nothing to write"), "{again}");

    // Moved, reformatted, other line endings: the same findings.
    edit(&sample, AGENTS, |text| {
        let text =
            format!("# one more line\n\n{text}").replace("\"meadow-client>=0.4.4\"", "\n    'meadow-client>=0.4.4',\n");
        text.replace('\n', "\r\n")
    });
    assert_eq!(check("").expect(0).stdout, "");

    // A new finding fails, and the reasons of the others stay.
    edit(&sample, "src/meadow_api/pyproject.toml", |text| text.replace("0.4.4", "0.4.3"));
    let new = check("").expect(1).stdout;
    assert!(new.lines().all(|line| line.contains("[version-disagreement]")) && !new.is_empty(), "{new}");
    let said = check("--write-baseline --reason other").expect(0).stderr;
    assert!(said.contains("2 kept, 0 dropped; written"), "{said}");
    assert_eq!(baseline().matches("reason = \"because\"").count(), 2);

    // What is mended is reported, and dropped when the baseline is written again.
    edit(&sample, "src/meadow_api/pyproject.toml", |text| text.replace("0.4.3", "0.4.4"));
    let stale = check("").expect(0).stdout;
    assert!(stale.contains("release-baseline.toml:") && stale.contains("warn[config-stale-baseline]"), "{stale}");
    check("--deny-warnings").expect(1);
    check("--write-baseline").expect(0);
    assert_eq!(baseline(), text);
}

#[test]
fn another_file_can_be_named_in_the_repository_and_outside() {
    let sample = floating();
    let outside = sample.tmp.join("accepted.toml");
    for (given, shown) in [("ci/accepted.toml", "ci/accepted.toml"), (outside.as_str(), outside.as_str())] {
        fs::create_dir_all(sample.checkout.join("ci")).unwrap();
        let check = |words: &str| sample.release(&format!("{CHECK} --baseline {given} {words}"));
        let missing = check("").expect(2).stderr;
        assert!(missing.contains(&format!("could not read the baseline {given}")), "{missing}");
        check("--write-baseline --reason because").expect(0);
        assert!(summary(&check("").expect(0).stderr).ends_with(&format!("2 accepted by {shown}")));
        let path = sample.checkout.join(given);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("because", "therefore")).unwrap();
        edit(&sample, AGENTS, |text| text.replace(">=0.4.4", ">=0.4.3"));
        check("--write-baseline --reason because").expect(0);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            (text.matches("therefore").count() > 0, text.matches("because").count() > 0),
            (true, true),
            "{text}"
        );
        edit(&sample, AGENTS, |text| text.replace(">=0.4.3", ">=0.4.4"));
        fs::remove_file(&path).unwrap();
    }
    assert!(!sample.checkout.join(FILE).exists());
}

#[test]
fn a_malformed_baseline_is_a_mistake_with_its_place_and_accepts_nothing() {
    let sample = floating();
    for (text, message) in [
        ("version = 1\n[[finding]]\nrule =", "release-baseline.toml is not TOML"),
        ("version = 1\n[[findnig]]\n", "did you mean `finding`?"),
        (
            "version = 1\n[[finding]]\nfingerprint = \"0\"\nrule = \"a\"\nreason = \"x\"\ndate = \"2026-11-23\"\n",
            "`0` is not a fingerprint",
        ),
        (
            "version = 1\n[[finding]]\nfingerprint = \"0f3a5c7e9b1d2468\"\nrule = \"a\"\nreason = \"\"\ndate = \"2026-11-23\"\n",
            "accepted without a reason",
        ),
        ("version = 7\n", "version of the format that is not 1"),
        ("\u{0}", "release-baseline.toml is not TOML"),
    ] {
        fs::write(sample.checkout.join(FILE), text).unwrap();
        for words in [CHECK.to_owned(), format!("{CHECK} --write-baseline --reason x")] {
            let said = sample.release(&words).expect(2);
            assert!(said.stderr.contains(message) && said.stdout.is_empty(), "{text}: {}", said.stderr);
        }
        assert_eq!(fs::read_to_string(sample.checkout.join(FILE)).unwrap(), text, "it is not written over");
    }
    fs::write(sample.checkout.join(FILE), b"\xff").unwrap();
    assert!(sample.release(CHECK).expect(2).stderr.contains("is not UTF-8"));
    fs::remove_file(sample.checkout.join(FILE)).unwrap();
    fs::create_dir(sample.checkout.join(FILE)).unwrap();
    assert!(sample.release(CHECK).expect(2).stderr.contains("is not a regular file"));
}

#[test]
fn a_baseline_is_of_the_work_tree_and_says_nothing_about_what_a_revision_lacks() {
    let sample = floating();
    sample.release(&format!("{CHECK} --write-baseline --reason because")).expect(0);
    let said = sample.release(&format!("{CHECK} --rev HEAD")).expect(0);
    assert!(
        said.stderr.contains("skipped config-stale-baseline: release-baseline.toml is the work tree's"),
        "{}",
        said.stderr
    );
    assert_eq!(said.stdout, "");
}

#[test]
fn a_tree_without_findings_needs_no_baseline_and_gets_none() {
    let sample = Sample::new();
    let said = sample.release(&format!("{CHECK} --write-baseline --reason because")).expect(0).stderr;
    assert!(said.contains("0 new, 0 kept, 0 dropped; nothing to write"), "{said}");
    assert!(!sample.checkout.join(FILE).exists());
}

#[test]
fn a_kill_while_a_baseline_is_made_leaves_nothing_beside_the_users_files() {
    if !works(Command::new("strace").args(["-e", "inject=fsync:signal=KILL:when=9", "true"]), "a kill") {
        return;
    }
    let words = format!("{CHECK} --write-baseline --reason because");
    for (call, is_there) in [("fsync", false), ("rename", false), ("exit_group", true)] {
        let sample = floating();
        let before = sample.status();
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when=1"));
        let strace = ["strace", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        assert_eq!(run(&mut sample.release_by(&strace, &words)).code, None, "{call}");
        // A call that is entered with a signal on its way is made before the process dies, or not at all.
        let is_made = sample.checkout.join(FILE).exists();
        assert!(is_made || !is_there, "{call}");
        let made = if is_made { vec![format!("?? {FILE}")] } else { Vec::new() };
        assert_eq!(sample.status(), [before, made].concat(), "{call}");
        sample.release(&words).expect(0);
        sample.release(CHECK).expect(0);
        sample.assert_nothing_left();
    }
}

#[test]
fn a_baseline_may_be_on_another_disk() {
    let Ok(disk) = tempfile::tempdir_in("/dev/shm") else {
        return eprintln!("skipped: there is no other disk at /dev/shm");
    };
    let (sample, file) = (floating(), disk.path().join("accepted.toml"));
    let words = format!("{CHECK} --baseline {}", file.display());
    sample.release(&format!("{words} --write-baseline --reason because")).expect(0);
    sample.release(&words).expect(0);
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 1);
    sample.assert_nothing_left();
}
