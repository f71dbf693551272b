//! Unified diffs, with the words that changed within a line marked.

use super::{ADDED, HEADING, QUIET, REMOVED};
use camino::Utf8Path;
use similar::{ChangeTag, TextDiff};
use std::fmt::Write;

/// Lines of context around a change, as `git diff` has them.
const CONTEXT: usize = 3;

/// The difference between two texts as a patch that `git apply` takes, once its colours are stripped.
pub(crate) fn unified(path: &Utf8Path, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = text.write_fmt(arguments);
    };
    line(format_args!("{HEADING}--- a/{path}{HEADING:#}\n{HEADING}+++ b/{path}{HEADING:#}\n"));
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old = range(first.old_range().start, last.old_range().end);
        let new = range(first.new_range().start, last.new_range().end);
        line(format_args!("{QUIET}@@ -{old} +{new} @@{QUIET:#}\n"));
        for change in group.iter().flat_map(|operation| diff.iter_inline_changes(operation)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', REMOVED),
                ChangeTag::Insert => ('+', ADDED),
                ChangeTag::Equal => (' ', anstyle::Style::new()),
            };
            line(format_args!("{style}{sign}{style:#}"));
            for (is_changed, part) in change.iter_strings_lossy() {
                let style = if is_changed { style.bold().underline() } else { style };
                // The line break stays outside the colour: some pagers paint the rest of the line otherwise.
                let content = part.trim_end_matches(['\r', '\n']);
                line(format_args!("{style}{content}{style:#}{}", &part[content.len()..]));
            }
            if change.missing_newline() {
                line(format_args!("\n\\ No newline at end of file\n"));
            }
        }
    }
    text
}

/// A range of lines as a hunk's header has it: the first line from 1 and the count, which is left out when it is 1.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn plain(old: &str, new: &str) -> String {
        anstream::adapter::strip_str(&unified(Utf8Path::new("pyproject.toml"), old, new)).to_string()
    }

    #[test]
    fn a_diff_is_a_patch_with_three_lines_of_context() {
        let old = "1\n2\n3\n4\nversion = \"0.4.4\"\n6\n7\n8\n9\n";
        expect![[r#"
            --- a/pyproject.toml
            +++ b/pyproject.toml
            @@ -2,7 +2,7 @@
             2
             3
             4
            -version = "0.4.4"
            +version = "0.4.5"
             6
             7
             8
        "#]]
        .assert_eq(&plain(old, &old.replace("0.4.4", "0.4.5")));
    }

    #[test]
    fn a_missing_last_line_break_is_said() {
        expect![[r"
            --- a/pyproject.toml
            +++ b/pyproject.toml
            @@ -1 +1 @@
            -a
            \ No newline at end of file
            +b
            \ No newline at end of file
        "]]
        .assert_eq(&plain("a", "b"));
    }

    #[test]
    fn the_word_that_changed_is_marked_within_its_line() {
        let marked = unified(Utf8Path::new("a"), "x = \"0.4.4\" # same\n", "x = \"0.4.5\" # same\n");
        let underlined = format!("{}", ADDED.bold().underline());
        assert!(marked.contains(&underlined), "{marked:?}");
        assert!(marked.split(&underlined).nth(1).unwrap().starts_with("\"0.4.5\""), "{marked:?}");
    }
}
