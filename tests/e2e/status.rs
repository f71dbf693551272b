//! `release status`: all lines and the steps of releases, on a real monorepo's past and after each act of a release.

use crate::corpus_check::cloned;
use crate::sample::Sample;
use crate::schema::{check, schema};
use crate::support::release;
use camino::Utf8Path;
use expect_test::expect_file;
use serde_json::Value;

fn document(checkout: &Utf8Path, words: &[&str]) -> Value {
    let run = release(checkout, &[&["status", "--output-format", "json"], words].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// The steps of a release that are not done, with their states.
fn open(checkout: &Utf8Path, version: &str) -> Vec<String> {
    let document = document(checkout, &[version]);
    let steps = document["steps"].as_array().expect("steps").iter();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let open = steps.filter(|step| step["state"] != "done");
    open.map(|step| format!("{} {}", word(&step["state"]), word(&step["id"]))).collect()
}

#[test]
fn a_real_past_has_the_lines_and_steps_that_its_people_left() {
    let Some((_kept, clone)) = cloned() else { return };
    let mut text = String::new();
    for (words, code) in [
        (&[][..], 0),
        (&["0.3.6"], 1),
        (&["0.4.5"], 7),
        (&["0.4.6"], 7),
        (&["0.5.1"], 7),
        (&["0.5.2"], 7),
        (&["0.6.0"], 7),
        (&["0.6.0rc1"], 7),
        (&["0.5.0"], 1),
    ] {
        let run = release(&clone, &[&["status", "--offline"], words].concat()).expect(code);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
        text += &format!("$ status {}\n{}exit {code}\n\n", words.join(" "), run.stdout);
    }
    expect_file!["status/corpus.txt"].assert_eq(&text);
}

#[test]
fn at_most_five_processes_of_git_tell_the_state_of_a_real_past() {
    let Some((_kept, clone)) = cloned() else { return };
    for words in [&[][..], &["0.5.1"], &["0.5.2"], &["0.6.0"]] {
        let run = release(&clone, &[&["status", "--offline", "-vv"], words].concat());
        let processes = run.stderr.lines().filter(|line| line.starts_with("+ git")).count();
        assert!((1..=5).contains(&processes), "{processes}: {}", run.stderr);
    }
}

#[test]
fn after_each_act_of_a_release_the_rest_is_left_and_nothing_else() {
    let sample = Sample::new();
    let rest = |acts: &[&str]| -> Vec<String> {
        let open = open(&sample.checkout, "0.4.5");
        let mine = open.iter().filter(|step| !step.starts_with("human") && !step.starts_with("waiting"));
        assert_eq!(mine.collect::<Vec<_>>(), acts, "{open:?}");
        open
    };
    let before = rest(&["ready prepare"]);
    sample.release("patch 0.4.5 --commit").expect(0);
    let prepared = rest(&["ready proposal"]);
    sample.git(&["push", "--quiet", "origin", "release-0.4.x"]);
    let pushed = rest(&["not-known checks"]);
    sample.git(&["tag", "v0.4.5", "release-0.4.x"]);
    rest(&["ready tag"]);
    sample.git(&["push", "--quiet", "origin", "v0.4.5"]);
    let tagged = open(&sample.checkout, "0.4.5");
    assert!(
        tagged.contains(&"ready main".to_owned()) && !tagged.iter().any(|step| step.ends_with(" tag")),
        "{tagged:?}"
    );
    sample.release("post 0.4.5 --only main --commit --direct").expect(0);
    let committed = open(&sample.checkout, "0.4.5");
    assert!(committed.contains(&"ready main".to_owned()), "a commit that nobody else has: {committed:?}");
    sample.git(&["push", "--quiet", "origin", "main"]);
    let followed = open(&sample.checkout, "0.4.5");
    assert!(!followed.iter().any(|step| step.ends_with(" main")), "{followed:?}");
    // What is done is never open again.
    for (earlier, later) in [(&before, &prepared), (&prepared, &pushed), (&pushed, &tagged), (&committed, &followed)] {
        let names = |steps: &[String]| -> Vec<String> {
            steps.iter().filter_map(|step| step.split(' ').nth(1)).map(str::to_owned).collect()
        };
        let earlier = names(earlier);
        assert!(names(later).iter().all(|step| earlier.contains(step)), "{earlier:?} {later:?}");
        assert!(later.len() < earlier.len(), "{earlier:?} {later:?}");
    }
}

#[test]
fn the_state_of_lines_and_of_a_release_is_as_the_schema_has_it() {
    let (sample, schema) = (Sample::new(), schema("status.schema.json"));
    for words in [&[][..], &["0.4.5"], &["0.4.5", "--offline"], &["0.5.0rc1"], &["0.3.9"]] {
        check(&document(&sample.checkout, words), &schema, "status");
    }
    release(&sample.checkout, &["status", "0.4"]).expect(2);
}
