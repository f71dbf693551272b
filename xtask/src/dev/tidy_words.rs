//! The words of doc comments: plain English that begins with a verb or a noun.

use camino::Utf8PathBuf;
use std::fs;

/// The folder in which `//!` is the documentation of a rule, a text for users that is printed and generated into `docs/`.
const RULES: &str = "release-checks/src/rules";

/// Returns the doc comments of a source that do not read like plain English, by their line.
fn odd_comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut comment = String::new();
    let mut start = 0;
    for (at, line) in text.lines().chain([""]).enumerate() {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim);
        match doc {
            Some(words) if !words.is_empty() => {
                start = if comment.is_empty() { at + 1 } else { start };
                comment.push_str(words);
                comment.push(' ');
            }
            _ => {
                let first = comment.split(' ').next().unwrap_or_default();
                let is_odd = ["What", "Whether", "How", "Why", "Where"].contains(&first)
                    || ["nobody", "; nothing when", "; nothing where"].iter().any(|words| comment.contains(words));
                if is_odd {
                    found.push(format!("{start}: {}", comment.trim_end()));
                }
                comment.clear();
            }
        }
    }
    found
}

#[test]
fn doc_comments_begin_with_a_verb_or_a_noun() {
    let root = super::workspace();
    let sources: Vec<_> = ["release-core/src", "release-core/tests", "release-checks/src", "xtask/src", "tests"]
        .iter()
        .flat_map(|folder| super::tidy::files(&root.join(folder)))
        .filter(|path| path.extension() == Some("rs"))
        .collect();
    assert!(sources.len() > 400, "the sources were found");
    let odd = |path: &Utf8PathBuf| -> Vec<String> {
        let short = path.strip_prefix(&root).unwrap();
        let mut text = fs::read_to_string(path).unwrap();
        if short.parent().is_some_and(|folder| folder == RULES) {
            text =
                text.lines().map(|line| if line.starts_with("//!") { "" } else { line }).collect::<Vec<_>>().join("\n");
        }
        odd_comments(&text).into_iter().map(|comment| format!("{short}:{comment}")).collect()
    };
    let found: Vec<String> = sources.iter().flat_map(odd).collect();
    assert!(found.is_empty(), "say it with a verb or a noun first, and call `None` by its name: {found:#?}");
}

#[test]
fn odd_doc_comments_are_found_with_their_line() {
    let text = "//! How it works.\n\n/// Returns the tag\n/// that nobody has.\nfn a() {}\n    /// Whether it is.\n    is: bool,\n\
        /// The tag; nothing\n/// when there is none.\n/// # Errors\n///\n/// Returns it.\n// What a plain comment says.\n";
    let found = [
        "1: How it works.",
        "3: Returns the tag that nobody has.",
        "6: Whether it is.",
        "8: The tag; nothing when there is none. # Errors",
    ];
    assert_eq!(odd_comments(text), found);
}
