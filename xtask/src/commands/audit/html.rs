//! The audit as one page of HTML that needs nothing else: no script, no fonts, no images from elsewhere.

mod escape;
mod findings;
mod layout;
mod marks;
mod page;
mod picture;
mod rules;
mod tables;

use super::report::{Counts, Report};
use escape::escaped;
use page::Page;
use release_checks::past::day;
use release_core::plan::preconditions::short;

/// The look of the page.
const STYLE: &str = include_str!("html/page.css");

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

/// The audited tags, and the sums.
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
    let levels = [
        ("--ignore", &audit.judged.levels.ignore),
        ("--warn", &audit.judged.levels.warn),
        ("--error", &audit.judged.levels.error),
    ];
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
