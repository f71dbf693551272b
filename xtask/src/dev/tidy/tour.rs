//! A newcomer's page leads to files that are there.

use std::fs;

/// Returns the paths that stand between backticks in a text: words with a folder and an extension.
fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| word.contains('/') && word.contains('.') && !word.contains(' ')).collect()
}

#[test]
fn every_file_that_the_tour_names_is_there() {
    let root = crate::dev::workspace();
    let text = fs::read_to_string(root.join("docs/tour.md")).unwrap();
    let paths = paths(&text);
    assert!(paths.len() > 30, "the paths were found");
    let gone: Vec<&str> = paths.into_iter().filter(|path| !root.join(path).is_file()).collect();
    assert!(gone.is_empty(), "docs/tour.md names files that are not there: {gone:?}");
}

#[test]
fn paths_of_a_text_are_found() {
    let text = "In `a/b.rs`, `release patch 0.4.5`, a `Plan`, `--commit` and `c/d/e.rs`.";
    assert_eq!(paths(text), ["a/b.rs", "c/d/e.rs"]);
}
