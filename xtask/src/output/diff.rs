//! Unified diffs, with the words that changed within a line marked.

use super::stream::{ADDED, HEADING, Paint, QUIET, REMOVED};
use camino::Utf8Path;
use release_core::text::shown;
use similar::{ChangeTag, DiffOp, TextDiff, group_diff_ops};
use std::fmt::Write;
use std::time::Duration;

/// Lines of context around a change, as `git diff` has them.
const CONTEXT: usize = 3;

/// The difference between two texts as a patch that `git apply` takes, once its colours are stripped.
pub(crate) fn unified(path: &Utf8Path, old: &str, new: &str) -> String {
    let path = shown(path.as_str());
    let (skipped, old, new) = trimmed(old, new);
    let (diff, groups) = compared(old, new);
    let mut text = String::new();
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = text.write_fmt(arguments);
    };
    line(format_args!("{HEADING}--- a/{path}{HEADING:#}\n{HEADING}+++ b/{path}{HEADING:#}\n"));
    for group in groups {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old = range(skipped + first.old_range().start, skipped + last.old_range().end);
        let new = range(skipped + first.new_range().start, skipped + last.new_range().end);
        line(format_args!("{QUIET}@@ -{old} +{new} @@{QUIET:#}\n"));
        for (tag, parts) in group.iter().flat_map(|operation| lines(&diff, operation)) {
            let (sign, style) = match tag {
                ChangeTag::Delete => ('-', REMOVED),
                ChangeTag::Insert => ('+', ADDED),
                ChangeTag::Equal => (' ', Paint(anstyle::Style::new())),
            };
            line(format_args!("{style}{sign}{style:#}"));
            for (is_changed, part) in &parts {
                let style = if *is_changed { Paint(style.0.bold().underline()) } else { style };
                // The line break stays outside the colour: some pagers paint the rest of the line otherwise.
                let content = part.trim_end_matches(['\r', '\n']);
                line(format_args!("{style}{content}{style:#}{}", &part[content.len()..]));
            }
            if parts.last().is_some_and(|(_, part)| !part.ends_with(['\r', '\n'])) {
                line(format_args!("\n\\ No newline at end of file\n"));
            }
        }
    }
    text
}

/// Texts with more lines are compared in a time that follows from their length, and the difference may be longer than it could be.
const MOST_LINES: usize = 20_000;

/// The words that changed are looked for in changes that are no longer.
const MOST_MARKED: usize = 4_096;

/// Compares two texts by lines: the difference, and its parts with their context.
fn compared<'a>(old: &'a str, new: &'a str) -> (TextDiff<'a, 'a, str>, Vec<Vec<DiffOp>>) {
    let count = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    if count(old) + count(new) <= MOST_LINES {
        let diff = TextDiff::from_lines(old, new);
        let groups = diff.grouped_ops(CONTEXT);
        return (diff, groups);
    }
    let mut configured = TextDiff::configure();
    // Without time it takes what differs as one change.
    let diff = configured.timeout(Duration::ZERO).diff_lines(old, new);
    if diff.old_len() != diff.new_len() {
        let groups = diff.grouped_ops(CONTEXT);
        return (diff, groups);
    }
    // Versions and pins change within their lines, and the lines keep their numbers.
    let lines: Vec<bool> = (0..diff.old_len()).map(|at| diff.old_slice(at) == diff.new_slice(at)).collect();
    let mut operations = Vec::new();
    let mut at = 0;
    for run in lines.chunk_by(|one, other| one == other) {
        operations.push(match run[0] {
            true => DiffOp::Equal { old_index: at, new_index: at, len: run.len() },
            false => DiffOp::Replace { old_index: at, old_len: run.len(), new_index: at, new_len: run.len() },
        });
        at += run.len();
    }
    let groups = group_diff_ops(operations, CONTEXT);
    (diff, groups)
}

/// A text in parts, with those marked that changed.
type Parts<'a> = Vec<(bool, &'a str)>;

/// The lines of an operation, with the words that changed where as many lines came as went and they are short enough to look.
fn lines<'d>(diff: &'d TextDiff<'d, 'd, str>, operation: &DiffOp) -> Vec<(ChangeTag, Parts<'d>)> {
    let mut lines: Vec<_> =
        diff.iter_changes(operation).map(|change| (change.tag(), vec![(false, change.value())])).collect();
    let old: Vec<&str> = operation.old_range().filter_map(|at| diff.old_slice(at)).collect();
    let new: Vec<&str> = operation.new_range().filter_map(|at| diff.new_slice(at)).collect();
    let length = old.iter().chain(&new).map(|line| line.len()).sum::<usize>();
    if matches!(operation, DiffOp::Replace { .. }) && old.len() == new.len() && length <= MOST_MARKED {
        let (went, came) = lines.split_at_mut(old.len());
        for ((went, came), (old, new)) in went.iter_mut().zip(came).zip(old.into_iter().zip(new)) {
            (went.1, came.1) = marked(old, new);
        }
    }
    lines
}

/// Two lines with the words that differ marked, unless less than half of them is the same: then the line is another one.
fn marked<'a>(old: &'a str, new: &'a str) -> (Parts<'a>, Parts<'a>) {
    let [before, after] = [old, new].map(|line| line.split_inclusive(char::is_whitespace).collect::<Vec<_>>());
    let most = before.len().min(after.len());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(old, new)| old == new).count();
    let first = same(&mut before.iter().zip(&after));
    let last = same(&mut before.iter().rev().zip(after.iter().rev()).take(most - first));
    let is_changed = |words: &[&str], at: usize| match before.len() == after.len() {
        true => before[at] != after[at],
        false => at >= first && at < words.len() - last,
    };
    let parts = |words: &[&'a str]| -> Parts<'a> {
        let split = |(at, word): (usize, &&'a str)| {
            let (text, space) = word.split_at(word.trim_end().len());
            [(is_changed(words, at), text), (false, space)]
        };
        words.iter().enumerate().flat_map(split).filter(|(_, part)| !part.is_empty()).collect()
    };
    let (went, came) = (parts(&before), parts(&after));
    let changed: usize = went.iter().chain(&came).filter(|(changed, _)| *changed).map(|(_, part)| part.len()).sum();
    match changed * 2 > old.len() + new.len() {
        true => (vec![(false, old)], vec![(false, new)]),
        false => (went, came),
    }
}

/// The parts of two texts that differ, with the lines of context around them, and how many lines stand before them. Lockfiles
/// are long, and nearly all of them is the same.
fn trimmed<'a>(old: &'a str, new: &'a str) -> (usize, &'a str, &'a str) {
    let same = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let line_start = |at: usize| old.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let start = (0..CONTEXT).fold(line_start(same), |at, _| line_start(at.saturating_sub(1)));
    let skipped = old.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    let (old, new) = (&old[start..], &new[start..]);
    let most = old.len().min(new.len());
    let same = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(old, new)| old == new).count();
    // From the first whole line of what is the same, as many lines as are shown.
    let line_end =
        |at: usize| old.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(old.len(), |end| at + end + 1);
    let end = (0..=CONTEXT).fold(old.len() - same, |at, _| line_end(at));
    let cut = old.len() - end;
    (skipped, &old[..end], &new[..new.len() - cut])
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
    use super::super::stream::rendered;
    use super::*;
    use expect_test::expect;

    fn plain(old: &str, new: &str) -> String {
        rendered(&unified(Utf8Path::new("pyproject.toml"), old, new), false)
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
    fn what_is_the_same_at_both_ends_does_not_change_the_diff() {
        let whole = |old: &str, new: &str| {
            let diff = TextDiff::from_lines(old, new);
            diff.unified_diff().context_radius(CONTEXT).header("a/pyproject.toml", "b/pyproject.toml").to_string()
        };
        let lines = |range: std::ops::Range<u32>| range.map(|line| format!("{line}\n")).collect::<String>();
        for (old, new) in [
            (lines(0..40), lines(0..20) + "x\n" + &lines(21..40)),
            (lines(0..40), lines(0..40) + "x"),
            (lines(0..40), "x\n".to_owned() + &lines(0..40)),
            (lines(0..40), lines(0..9) + &lines(12..40)),
            (lines(0..9) + &lines(12..40), lines(0..40)),
            (lines(0..40), lines(0..5) + "ä\n" + &lines(6..30) + "ö\n" + &lines(31..40)),
            ("ä\n".repeat(9), "ä\n".repeat(12)),
            (lines(0..3), String::new()),
            (String::new(), lines(0..3)),
            ("a\nä".to_owned(), "a\nö".to_owned()),
        ] {
            assert_eq!(plain(&old, &new), whole(&old, &new), "{old:?} {new:?}");
        }
    }

    #[test]
    fn the_word_that_changed_is_marked_within_its_line() {
        let marked = unified(Utf8Path::new("a"), "x = \"0.4.4\" # same\n", "x = \"0.4.5\" # same\n");
        let underlined = Paint(ADDED.0.bold().underline()).to_string();
        assert!(marked.contains(&underlined), "{marked:?}");
        assert!(marked.split(&underlined).nth(1).unwrap().starts_with("\"0.4.5\""), "{marked:?}");
    }

    #[test]
    fn words_are_marked_where_they_differ_and_most_of_the_line_is_the_same() {
        let shown = |old, new| {
            let (old, new) = marked(old, new);
            [old, new].map(|parts| {
                let part =
                    |(changed, text): &(bool, &str)| if *changed { format!("<{text}>") } else { (*text).to_owned() };
                parts.iter().map(part).collect::<String>()
            })
        };
        for (old, new, marked) in [
            ("a = 1\n", "a = 2\n", ["a = <1>\n", "a = <2>\n"]),
            // Several words of as many: each by itself, and what stands between them is not.
            (
                "a==1 and b==1 and c\n",
                "a==2 and b==2 and c\n",
                ["<a==1> and <b==1> and c\n", "<a==2> and <b==2> and c\n"],
            ),
            // Of more or fewer words: what is between the same at both ends.
            (
                "keep this one here\n",
                "keep this new one here\n",
                ["keep this one here\n", "keep this <new> one here\n"],
            ),
            ("a  b", "a c  b", ["a  b", "a <c>  b"]),
            // Another line.
            ("one\n", "two\n", ["one\n", "two\n"]),
            ("", "a", ["", "a"]),
            ("ä ö ü\r\n", "ä o ü\r\n", ["ä <ö> ü\r\n", "ä <o> ü\r\n"]),
        ] {
            assert_eq!(shown(old, new), marked);
        }
    }

    #[test]
    fn of_many_lines_each_that_changed_is_shown_by_itself() {
        let old: String = (0..100_000).map(|line| format!("\"client-{line}==0.4.4\",\n")).collect();
        let new = old.replace("0==0.4.4", "0==0.4.5");
        let shown = plain(&old, &new);
        assert_eq!(shown.lines().filter(|line| line.starts_with('+')).count(), 10_001);
        assert_eq!(shown.lines().filter(|line| line.starts_with("@@")).count(), 10_000);
        // Of other lengths: what is between the first and the last change is one.
        let shown = plain(&old, &(new + "x\n"));
        assert!(shown.lines().count() < 210_000, "{}", shown.lines().count());
    }

    #[test]
    fn of_a_very_long_line_no_words_are_marked() {
        let old = "x ".repeat(4_000_000);
        let marked = unified(Utf8Path::new("a"), &old, &old.replace("x x x ", "x y x "));
        assert!(!marked.contains(&Paint(ADDED.0.bold().underline()).to_string()));
    }
}
