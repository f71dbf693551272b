//! The baseline over the past, which is one file with that of `check`.

use super::past::{Made, TESTED, made};
use super::{audited, list, text};
use crate::support::{ENVIRONMENT, Run, git, release, run};
use expect_test::expect;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const FILE: &str = "release-baseline.toml";

const BEYOND: &str = "
    4 commit main 0.4.1.dev0 chore: begin 0.4.1
    5 commit release-0.4.x 0.4.1 chore: 0.4.1
    6 commit release-0.4.x 0.4.1 chore: once more
";

fn past() -> String {
    format!("{TESTED}{BEYOND}")
}

impl Made {
    fn run(&self, words: &str) -> Run {
        release(&self.root, &words.split_whitespace().collect::<Vec<_>>())
    }

    fn baseline(&self) -> String {
        fs::read_to_string(self.root.join(FILE)).unwrap()
    }

    /// The baseline without dates.
    fn undated(&self) -> String {
        let lines = self.baseline();
        lines.lines().filter(|line| !line.starts_with("date = ")).map(|line| format!("{line}\n")).collect()
    }

    /// A tag on a tree that says another version.
    fn tag_wrongly(&self, tag: &str) {
        let commit = if tag == "v0.4.8" { "release-0.4.x" } else { "release-0.4.x~1" };
        git(&self.root, &["tag", tag, commit]);
    }
}

/// The last line of what a run says, without the time that it took.
fn summary(run: &Run) -> &str {
    run.stderr.lines().last().unwrap_or_default().split(", in ").next().unwrap_or_default()
}

#[test]
fn a_baseline_lives_from_the_first_audit_to_the_tag_that_is_gone() {
    let made = made(&past());
    made.tag_wrongly("v0.4.7");
    assert!(!made.run("audit").expect(1).stdout.contains("accepted"));
    made.run("audit --write-baseline").expect(2);
    let dry = made.run("audit --write-baseline --reason because -n").expect(0);
    assert!(
        dry.stderr.contains("release-baseline.toml would become") && !made.root.join(FILE).exists(),
        "{}",
        dry.stderr
    );

    let written = made.run("audit --write-baseline --reason because").expect(0);
    assert!(written.stderr.contains("new, 0 kept, 0 dropped; written; commit it"), "{}", written.stderr);
    expect![[r##"
        # Findings of `cargo xtask release check` and `audit` that are accepted as they are; new ones fail.
        # Written by their `--write-baseline`. The reasons are yours to edit, and are kept.
        version = 1

        [[finding]]
        fingerprint = "6071fac23bb3b174"
        rule = "version-main-history"
        reference = "main"
        message = "main said 0.4.0.dev0 from 2025-01-04 to 2025-01-05, 24.0 hours, which is not above 0.4.0; 1 final was released meanwhile"
        reason = "because"

        [[finding]]
        fingerprint = "21f6158948bbcd98"
        rule = "version-main-history"
        reference = "main"
        message = "main said 0.4.1.dev0 since 2025-01-06"
        reason = "because"

        [[finding]]
        fingerprint = "001b2fbbb85ce603"
        rule = "policy-testing-window"
        reference = "v0.4.0"
        message = "v0.4.0 was tested for 24.0 hours, where a minor asks for 7 days; its last candidate was 24.0 hours old"
        reason = "because"

        [[finding]]
        fingerprint = "0734700a35fd49e5"
        rule = "tag-gap"
        reference = "v0.4.7"
        message = "v0.4.7 follows 0.4.0, and leaves out 0.4.1 to 0.4.6"
        reason = "because"

        [[finding]]
        fingerprint = "2a1c559fb743f50a"
        rule = "version-tag-mismatch"
        tag = "v0.4.7"
        path = "pyproject.toml"
        message = "pyproject.toml has version 0.4.1 in the tree of v0.4.7"
        reason = "because"
    "##]].assert_eq(&made.undated());

    // Used without being asked for, and counted.
    let clean = made.run("audit").expect(0);
    expect!["0 errors, 0 warnings, 0 known from releases on their way, 5 accepted by release-baseline.toml at 3 tags and in the past"].assert_eq(summary(&clean));
    let table: Vec<&str> = clean.stdout.lines().take(4).collect();
    expect![[r#"
        tag        date        errors  warnings  known  rules
        v0.4.0rc1  2025-01-03       -         -      -
        v0.4.0     2025-01-04       -         -      -
        v0.4.7     2025-01-06       -         -      -"#]]
    .assert_eq(&table.join("\n"));
    let document = audited(&made.root, &[]);
    assert_eq!(document["baseline"], serde_json::json!({ "path": FILE, "accepted": 5, "stale": 0 }));
    assert_eq!((&document["errors"], &document["suppressed"]), (&serde_json::json!(0), &serde_json::json!(0)));
    let page = made.run("audit --output-format html").expect(0).stdout;
    assert!(page.contains("<b class=\"quiet\">5</b><span>accepted by the baseline</span>"));
    let again = made.run("audit --write-baseline").expect(0);
    assert!(again.stderr.contains("0 new, 5 kept, 0 dropped; nothing to write"), "{}", again.stderr);

    // A new tag with the same defect is judged for itself.
    made.tag_wrongly("v0.4.8");
    let failed = made.run("audit").expect(1);
    let rows: Vec<&str> = failed.stdout.lines().filter(|line| line.contains("version-tag-mismatch")).collect();
    assert!(rows.len() == 1 && rows[0].starts_with("v0.4.8"), "{}", failed.stdout);

    // What is said of a tag ends with the tag.
    let before = made.baseline();
    git(&made.root, &["tag", "--delete", "v0.4.8", "v0.4.7"]);
    let stale = made.run("audit").expect(0);
    assert!(stale.stdout.contains("at v0.4.7, and there is no such tag"), "{}", stale.stdout);
    made.run("audit --deny-warnings").expect(1);
    assert_ne!(audited(&made.root, &[])["baseline"]["stale"], 0);
    made.run("audit --write-baseline").expect(0);
    assert!(!made.baseline().contains("v0.4.7") && before.contains("v0.4.7"));
    assert!(!made.run("audit").expect(0).stdout.contains("config-stale-baseline"));
}

#[test]
fn a_narrow_audit_keeps_what_it_does_not_look_at() {
    let made = made(&past());
    made.tag_wrongly("v0.4.7");
    made.run("audit --write-baseline --reason because").expect(0);
    let text = made.baseline();
    for words in ["--tags v0.4.0rc1", "--since 2025-01-04", "--tags v0.4.7", "--ignore version-tag-mismatch"] {
        let run = made.run(&format!("audit {words}")).expect(0);
        assert!(!run.stdout.contains("config-stale-baseline"), "{words}: {}", run.stdout);
        made.run(&format!("audit --write-baseline {words}")).expect(0);
        assert_eq!(made.baseline(), text, "{words}");
    }
    // What is gone at a tag that is looked at is dropped alone.
    let other = text
        .replace("rule = \"version-tag-mismatch\"\ntag = \"v0.4.7\"", "rule = \"version-spelling\"\ntag = \"v0.4.7\"");
    assert_ne!(text, other);
    fs::write(made.root.join(FILE), &other).unwrap();
    made.run("audit --tags v0.4.0rc1 --write-baseline").expect(0);
    assert_eq!(made.baseline(), other);
    made.run("audit --tags v0.4.7 --write-baseline").expect(2);
    made.run("audit --tags v0.4.7 --write-baseline --reason because").expect(0);
    assert_eq!(made.undated(), {
        fs::write(made.root.join(FILE), &text).unwrap();
        made.undated()
    });
}

#[test]
fn both_commands_write_one_file_and_leave_each_others_entries_alone() {
    let made = made(&past());
    // The same finding, of the work tree and at the tag.
    git(&made.root, &["switch", "--quiet", "release-0.4.x"]);
    made.tag_wrongly("v0.4.8");
    made.run("check --write-baseline --reason checked").expect(0);
    let of_check = made.baseline();
    made.run("audit").expect(1);
    made.run("audit --write-baseline --reason audited").expect(0);
    let both = made.baseline();
    assert!(
        both.starts_with(of_check.trim_end())
            || both.matches("\"checked\"").count() == of_check.matches("\"checked\"").count()
    );
    assert!(both.contains("\"audited\""));
    for words in ["check", "audit", "check --write-baseline", "audit --write-baseline"] {
        let run = made.run(words).expect(0);
        assert!(!run.stdout.contains("config-stale-baseline"), "{words}: {}", run.stdout);
        assert_eq!(made.baseline(), both, "{words}");
    }

    // Everything is mended or gone for the one, and the other's stay.
    let reasons = |reason: &str| made.baseline().matches(&format!("reason = \"{reason}\"")).count();
    let before = (reasons("checked"), reasons("audited"));
    git(&made.root, &["tag", "--delete", "v0.4.8"]);
    made.run("check --write-baseline").expect(0);
    assert_eq!((reasons("checked"), reasons("audited")), (0, before.1));
    made.run("audit --write-baseline").expect(0);
    assert!(reasons("audited") < before.1 && reasons("audited") > 0);
}

#[test]
fn a_malformed_tag_is_a_mistake_with_its_place_for_both_commands() {
    let made = made(&past());
    let entry = "[[finding]]\nfingerprint = \"0f3a5c7e9b1d2468\"\nrule = \"pin-operator\"\nreason = \"x\"\ndate = \"2026-11-23\"\n";
    for (tag, message) in [
        ("tag = 4\n", "`tag` is integer, not a string"),
        ("tag = \"\"\n", "`tag` is empty"),
        ("tags = \"v0.4.0\"\n", "did you mean `tag`?"),
    ] {
        fs::write(made.root.join(FILE), format!("version = 1\n{entry}{tag}")).unwrap();
        for words in ["check", "audit", "audit --write-baseline --reason x"] {
            let run = made.run(words).expect(2);
            assert!(run.stderr.contains(message) && run.stdout.is_empty(), "{words}: {}", run.stderr);
        }
    }
    let twice = format!("version = 1\n{entry}tag = \"v0.4.0\"\n{entry}tag = \"v0.4.0\"\n");
    fs::write(made.root.join(FILE), twice).unwrap();
    let said = made.run("audit").expect(2).stderr;
    assert!(said.contains("0f3a5c7e9b1d2468 at v0.4.0 twice"), "{said}");
    fs::write(made.root.join(FILE), format!("version = 1\n{entry}tag = \"v0.4.0\"\n{entry}tag = \"v0.4.0rc1\"\n"))
        .unwrap();
    let document = audited(&made.root, &[]);
    assert_eq!(document["baseline"]["stale"], 2, "at two tags it is no duplicate");
    let stale = list(&document["past"]).iter().filter(|found| found["rule"] == "config-stale-baseline");
    let lines: Vec<_> =
        stale.map(|found| (text(&found["labels"][0]["path"]), found["labels"][0]["line"].as_u64())).collect();
    assert_eq!(lines, [(FILE, Some(3)), (FILE, Some(9))]);
}

#[test]
fn what_followed_from_a_release_on_its_way_is_not_written_in() {
    let sample = crate::sample::Sample::new();
    let known = |document: &serde_json::Value| document["known"].as_u64().unwrap();
    let json = |words: &str| -> serde_json::Value {
        let run = sample.release(&format!("audit --output-format json {words}"));
        serde_json::from_str(&run.stdout).expect("one document and nothing else")
    };
    let before = known(&json(""));
    assert!(before > 0, "the sample has lockfiles that were behind at their tag");
    let said = sample.release("audit --write-baseline --reason because").expect(0).stderr;
    assert!(said.contains(&format!("{before} findings left out")), "{said}");
    assert_eq!(known(&json("")), before);
}

#[test]
fn a_full_disk_leaves_no_baseline_or_the_one_that_was_there() {
    let made = made(&past());
    made.tag_wrongly("v0.4.7");
    let limited = |words: &str| {
        let script = format!("ulimit -f 1; exec \"$0\" release audit --write-baseline {words}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_xtask")]).current_dir(&made.root).envs(ENVIRONMENT);
        run(&mut command).expect(2).stderr
    };
    let files = || {
        let all = fs::read_dir(&made.root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        all.collect::<BTreeSet<_>>()
    };
    let before = files();
    assert!(limited("--reason because").contains("could not write the baseline release-baseline.toml"));
    assert_eq!(files(), before);
    made.run("audit --write-baseline --reason because").expect(0);
    let text = made.baseline();
    made.tag_wrongly("v0.4.8");
    assert!(limited("--reason because").contains("nothing was changed"));
    assert_eq!(made.baseline(), text);
}
