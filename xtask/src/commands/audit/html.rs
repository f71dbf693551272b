//! The audit as one page of HTML that needs nothing else: no script, no fonts, no images from elsewhere.

mod findings;
mod layout;
mod marks;
mod picture;
mod rules;
mod tables;

use super::show::{Counts, Report};
use crate::commands::audit::Audited;
use crate::output::count;
use release_checks::diagnostic::Diagnostic;
use release_checks::past::day;
use release_core::plan::preconditions::short;
use release_core::text::{is_hidden, numbered};
use std::collections::HashMap;
use std::fmt::Write;

/// The look of the page.
const STYLE: &str = include_str!("html/page.css");

/// What is shown, with the ways from one part of the page to another.
struct Page<'a> {
    report: &'a Report<'a>,
    /// What the rules over the past found.
    past: &'a [Diagnostic],
    /// Where each tag is among those that were audited.
    places: HashMap<&'a str, usize>,
    /// For each of them, which findings of the past are about it.
    about: Vec<Vec<usize>>,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report<'a>) -> Self {
        let places: HashMap<&str, usize> =
            report.audited.iter().enumerate().map(|(place, audited)| (audited.tag.name.as_str(), place)).collect();
        let past = report.past.diagnostics.as_slice();
        let mut about = vec![Vec::new(); report.audited.len()];
        for (finding, diagnostic) in past.iter().enumerate() {
            let tag = diagnostic.finding.reference.as_deref().and_then(|reference| places.get(reference));
            if let Some(place) = tag {
                about[*place].push(finding);
            }
        }
        Self { report, past, places, about }
    }

    /// A tag that was audited.
    fn audited(&self, tag: &str) -> Option<(usize, &'a Audited)> {
        let place = *self.places.get(tag)?;
        Some((place, self.report.audited.get(place)?))
    }

    /// What was found at a tag, and what the rules over the past say of it.
    fn diagnostics(&self, place: usize) -> impl Iterator<Item = &'a Diagnostic> {
        let own = self.report.audited.get(place).and_then(|audited| audited.checked.as_ref().ok());
        let own = own.into_iter().flat_map(|checked| &checked.diagnostics);
        own.chain(self.about.get(place).into_iter().flatten().filter_map(|finding| self.past.get(*finding)))
    }
}

/// The whole page.
pub(super) fn page(report: &Report<'_>, counts: Counts) -> String {
    let page = Page::of(report);
    let parts = [
        ("timeline", "Lines and releases", picture::figure(&page)),
        ("past", "The past as a whole", findings::past(&page)),
        ("lines", "Lines", tables::lines(&page)),
        ("finals", "Finals", tables::finals(&page)),
        ("tags", "Tags", tables::tags(&page)),
        ("findings", "Findings of each tag", findings::tags(&page)),
        ("rules", "Rules", rules::section(&page)),
    ];
    let shown = || parts.iter().filter(|(.., part)| !part.is_empty());
    let links: String = shown().map(|(id, name, _)| format!("<li><a href=\"#{id}\">{name}</a></li>\n")).collect();
    let body: String = shown().map(|(.., part)| part.as_str()).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>Release audit of {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}\
         <nav aria-label=\"parts of this page\">\n<ul>\n{links}</ul>\n</nav>\n<main>\n{body}</main>\n\
         <footer><p>Every tag is judged as of its own date: by the lines that were maintained then and the tags that were there. \
         <b>Known</b> is what followed from a release that was on its way.</p></footer>\n</body>\n</html>\n",
        escaped(name(report)),
        header(report, counts)
    )
}

/// The name of the folder that the repository is in.
fn name<'a>(report: &Report<'a>) -> &'a str {
    report.observed.repository.location.root.file_name().unwrap_or("a repository")
}

/// Text as HTML. Names, subjects and messages are foreign: nothing of them is markup, not even in an attribute.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Some are not allowed in HTML; marks that turn the direction of what follows would make a name look like another.
            c if is_hidden(c) && !matches!(c, '\n' | '\t') => html.push_str(&numbered(c)),
            c => html.push(c),
        }
    }
    html
}

/// A name as HTML where no element can stand, as in a title: its direction is its own.
fn isolated(name: &str) -> String {
    format!("\u{2068}{}\u{2069}", escaped(name))
}

/// A message, in which backticks enclose code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.iter().enumerate().map(part).collect()
}

/// The identifier of a tag's findings: the same as long as the tag has its name, so that a link to it lasts.
fn id(tag: &str) -> String {
    let mut id = "tag-".to_owned();
    for byte in tag.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => id.push(char::from(byte)),
            _ => {
                let _ = write!(id, "_{byte:02x}");
            }
        }
    }
    id
}

/// How bad the worst is that was found, as a class of the style, and in words.
fn weight<'a>(audited: &Audited, diagnostics: impl Iterator<Item = &'a Diagnostic>) -> (&'static str, String) {
    if audited.checked.is_err() {
        return ("error", "cannot be checked".to_owned());
    }
    let counts = Counts::of(diagnostics);
    let class = match counts {
        Counts { errors: 1.., .. } => "error",
        Counts { warnings: 1.., .. } => "warn",
        Counts { known: 1.., .. } => "known",
        _ => "clean",
    };
    let parts = [(counts.errors, "error"), (counts.warnings, "warning")];
    let mut words: Vec<String> =
        parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, word)| count(number, word)).collect();
    if counts.known > 0 {
        words.push(format!("{} known", counts.known));
    }
    (class, if words.is_empty() { "nothing found".to_owned() } else { words.join(", ") })
}

/// What was audited, and the sums.
fn header(report: &Report<'_>, counts: Counts) -> String {
    let unfit = report.audited.iter().filter(|audited| audited.checked.is_err()).count();
    let sums = [
        ("error", counts.errors, "errors"),
        ("warn", counts.warnings, "warnings"),
        ("known", counts.known, "known, in flight"),
        ("quiet", report.ignored(), "ignored"),
        ("quiet", report.baselined(), "accepted by the baseline"),
        ("error", unfit, "cannot be checked"),
    ];
    // Errors and warnings are shown though there are none: that is the news.
    let shown = sums.iter().enumerate().filter(|(place, (_, number, _))| *place < 2 || *number > 0);
    let sum = |(_, (class, number, word)): (usize, &(&str, usize, &str))| {
        let class = if *number == 0 { "clean" } else { class };
        format!("<li><b class=\"{class}\">{number}</b><span>{word}</span></li>\n")
    };
    format!(
        "<header>\n<h1>Release audit of <bdi>{}</bdi></h1>\n<p class=\"quiet\">{}</p>\n<ul class=\"sums\">\n{}</ul>\n</header>\n",
        escaped(name(report)),
        subject(report),
        shown.map(sum).collect::<String>()
    )
}

/// The commit, the tags, and by which options they were chosen.
fn subject(report: &Report<'_>) -> String {
    let timeline = &report.observed.timeline;
    let main = escaped(&timeline.main);
    let tip = timeline.tip(&timeline.main).map_or_else(
        || format!("without <bdi>{main}</bdi>"),
        |tip| {
            let time = timeline.graph.get(tip).map_or_else(String::new, |commit| format!(" of {}", day(commit.time)));
            format!("<bdi>{main}</bdi> at <code>{}</code>{time}", short(tip))
        },
    );
    let (all, chosen) = (timeline.tags.len(), report.audited.len());
    let of_all = if all == chosen { String::new() } else { format!(" of {all}") };
    let days = || report.audited.iter().map(|audited| day(audited.tag.time));
    let span = match (days().min(), days().max()) {
        (Some(first), Some(last)) if first == last => format!(", all of {first}"),
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    let audit = report.audit;
    let words = [("--tags", audit.tags.as_slice()), ("--since", audit.since.as_slice())];
    let levels = [("--ignore", &audit.levels.ignore), ("--warn", &audit.levels.warn), ("--error", &audit.levels.error)];
    let levels = levels.map(|(flag, rules)| (flag, rules.as_slice()));
    let option = |(flag, value): (&str, &String)| format!("<code>{flag} {}</code>", escaped(value));
    let options: Vec<String> = words
        .into_iter()
        .chain(levels)
        .flat_map(|(flag, values)| values.iter().map(move |value| (flag, value)))
        .map(option)
        .collect();
    let options = if options.is_empty() { String::new() } else { format!("; with {}", options.join(" ")) };
    format!("{tip}; {chosen}{of_all} {}{span}{options}", if chosen == 1 && all == chosen { "tag" } else { "tags" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup() {
        assert_eq!(
            escaped("<a href=\"x\" b='c'>&\u{0}\u{202e}"),
            "&lt;a href=&quot;x&quot; b=&#39;c&#39;&gt;&amp;\\u{0}\\u{202e}"
        );
        assert_eq!(prose("run `a <b>` or `c`"), "run <code>a &lt;b&gt;</code> or <code>c</code>");
        assert_eq!(prose("a ` alone <"), "a ` alone &lt;");
        assert_eq!(isolated("v1-\u{5d0}\u{2068}"), "\u{2068}v1-\u{5d0}\\u{2068}\u{2069}");
    }

    #[test]
    fn a_link_to_a_tag_lasts_and_leads_to_no_other() {
        for (tag, wanted) in [
            ("v0.4.0rc1", "tag-v0.4.0rc1"),
            ("release/1", "tag-release_2f1"),
            ("release_2f1", "tag-release_5f2f1"),
            ("\"#%é", "tag-_22_23_25_c3_a9"),
        ] {
            assert_eq!(id(tag), wanted);
        }
    }
}
