//! The audit as one page of HTML that needs nothing else: no script, no fonts, no images from elsewhere.

mod picture;

use super::audit::{Counts, Report, hours};
use super::count;
use crate::commands::audit::Audited;
use release_checks::diagnostic::Diagnostic;
use release_checks::level::Level;
use release_checks::past::day;
use release_checks::render::Sources;
use release_core::plan::preconditions::short;
use release_core::problem::Problem;
use release_core::timeline::{LineHistory, Window};
use std::collections::{BTreeSet, HashMap};

/// The look of the page.
const STYLE: &str = include_str!("audit_html/page.css");

/// The whole page.
pub(super) fn page(report: &Report<'_>, counts: Counts) -> String {
    let places: HashMap<&str, usize> =
        report.audited.iter().enumerate().map(|(place, audited)| (audited.tag.name.as_str(), place)).collect();
    let body = [
        header(report, counts),
        "<main>\n".to_owned(),
        picture::figure(report, &places),
        past(report),
        tags(report),
        findings(report),
        lines(report),
        finals(report),
        "</main>\n".to_owned(),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>Release audit</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}\
         <footer><p>Every tag is judged as of its own date. <code>cargo xtask release explain RULE</code> says what a rule \
         does and why.</p></footer>\n</body>\n</html>\n",
        body.concat()
    )
}

/// Text as HTML. Names, subjects and messages are foreign: nothing of them is markup, not even in an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Not allowed in HTML, and marks that turn the direction of what follows would make a name look like another.
            c if (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                html.push('\u{fffd}');
            }
            c => html.push(c),
        }
    }
    html
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

/// How bad the worst is that was found, as a class of the style, and in words.
pub(super) fn weight(audited: &Audited) -> (&'static str, String) {
    let Ok(checked) = &audited.checked else { return ("error", "cannot be checked".to_owned()) };
    let counts = Counts::of(checked.diagnostics.iter());
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

fn header(report: &Report<'_>, counts: Counts) -> String {
    let days: BTreeSet<String> = report.audited.iter().map(|audited| day(audited.tag.time)).collect();
    let span = match (days.first(), days.last()) {
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
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
        "<header>\n<h1>Release audit</h1>\n<p class=\"quiet\">{}{span}</p>\n<ul class=\"sums\">\n{}</ul>\n</header>\n",
        count(report.audited.len(), "tag"),
        shown.map(sum).collect::<String>()
    )
}

/// What the rules over the past found.
fn past(report: &Report<'_>) -> String {
    let list = match report.past.diagnostics.as_slice() {
        [] => "<p class=\"clean\">Nothing found.</p>\n".to_owned(),
        found => list(found, &report.sources()),
    };
    format!(
        "<section aria-labelledby=\"past\">\n<h2 id=\"past\">The past as a whole</h2>\n<div class=\"card\">{list}</div>\n</section>\n"
    )
}

fn list(diagnostics: &[Diagnostic], sources: &Sources<'_>) -> String {
    let items = diagnostics.iter().map(|diagnostic| item(diagnostic, sources));
    format!("<ul class=\"findings\">\n{}</ul>\n", items.collect::<String>())
}

fn item(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let finding = &diagnostic.finding;
    let (class, word) = match (finding.in_flight, diagnostic.level) {
        (true, _) => ("known", "known"),
        (false, Level::Error) => ("error", "error"),
        (false, _) => ("warn", "warning"),
    };
    let place = match (finding.place(), &finding.reference) {
        (Some(label), _) => match sources.get(label.path.as_path()) {
            Some(source) => format!("{}:{}", label.path, source.location(label.span.start).line),
            None => label.path.to_string(),
        },
        (None, reference) => reference.clone().unwrap_or_default(),
    };
    format!(
        "<li class=\"{class}\"><p class=\"head\"><span>{word}</span><code>{}</code><code class=\"place\">{}</code></p>\n{}</li>\n",
        escaped(diagnostic.rule),
        escaped(&place),
        told(&finding.problem)
    )
}

fn told(problem: &Problem) -> String {
    let help = match problem.help.as_str() {
        "" => String::new(),
        help => format!("<p class=\"help\">{}</p>\n", prose(help)),
    };
    format!("<p>{}</p>\n{help}", prose(&problem.message))
}

/// A number of a table.
fn cell(number: usize, class: &str) -> String {
    let (class, shown) = if number == 0 { ("zero", "–".to_owned()) } else { (class, number.to_string()) };
    format!("<td class=\"number {class}\">{shown}</td>")
}

/// The table of tags, the newest first.
fn tags(report: &Report<'_>) -> String {
    let row = |(place, audited): (usize, &Audited)| {
        let name = format!("<th scope=\"row\"><a href=\"#tag-{place}\">{}</a></th>", escaped(&audited.tag.name));
        let date = day(audited.tag.time);
        let Ok(checked) = &audited.checked else {
            return format!(
                "<tr>{name}<td>{date}</td><td class=\"error\" colspan=\"3\">cannot be checked</td><td class=\"wide\"></td></tr>\n"
            );
        };
        let counts = Counts::of(checked.diagnostics.iter());
        let rules: BTreeSet<&str> = checked.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
        let rules: Vec<String> = rules.into_iter().map(|rule| format!("<code>{}</code>", escaped(rule))).collect();
        format!(
            "<tr>{name}<td>{date}</td>{}{}{}<td class=\"wide\">{}</td></tr>\n",
            cell(counts.errors, "error"),
            cell(counts.warnings, "warn"),
            cell(counts.known, "known"),
            rules.join(", ")
        )
    };
    let rows: String = report.audited.iter().enumerate().rev().map(row).collect();
    format!(
        "<section aria-labelledby=\"tags\">\n<h2 id=\"tags\">Tags</h2>\n<table class=\"tags\">\n<caption>What was found at each tag, the newest first</caption>\n\
         <thead><tr><th scope=\"col\">tag</th><th scope=\"col\">date</th><th scope=\"col\" class=\"number\"><abbr title=\"errors\">err.</abbr></th>\
         <th scope=\"col\" class=\"number\"><abbr title=\"warnings\">warn.</abbr></th><th scope=\"col\" class=\"number\">known</th>\
         <th scope=\"col\" class=\"wide\">rules</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )
}

/// The findings of each tag, the newest first.
fn findings(report: &Report<'_>) -> String {
    let details = |(place, audited): (usize, &Audited)| {
        let (class, words) = weight(audited);
        let judged = audited.branch.as_ref().map_or_else(String::new, |branch| format!(", judged as {branch}"));
        let inside = match &audited.checked {
            Ok(checked) if checked.diagnostics.is_empty() => "<p class=\"clean\">Nothing found.</p>\n".to_owned(),
            Ok(checked) => {
                let sources = audited.sources.iter().map(|(path, text)| (path.as_path(), text)).collect();
                list(&checked.diagnostics, &sources)
            }
            Err(problems) => {
                let problem = |problem| format!("<li class=\"error\">{}</li>\n", told(problem));
                format!("<ul class=\"findings\">\n{}</ul>\n", problems.iter().map(problem).collect::<String>())
            }
        };
        // A link to what is inside opens it; a link to the element itself would not.
        format!(
            "<details>\n<summary><b>{}</b><span class=\"quiet\">{}</span><span class=\"{class}\">{words}</span></summary>\n\
             <div class=\"inside\" id=\"tag-{place}\">\n<p class=\"quiet\">commit <code>{}</code>{}</p>\n{inside}</div>\n</details>\n",
            escaped(&audited.tag.name),
            day(audited.tag.time),
            short(&audited.tag.commit),
            escaped(&judged)
        )
    };
    let all: String = report.audited.iter().enumerate().rev().map(details).collect();
    format!("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings of each tag</h2>\n{all}</section>\n")
}

/// What became of each line, the highest first.
fn lines(report: &Report<'_>) -> String {
    let timeline = &report.observed.timeline;
    let row = |line: &LineHistory| {
        let fixes = line.unreleased.as_ref().map_or(0, |unreleased| unreleased.fixes(timeline).count());
        let class = if line.ended.is_some() { "warn" } else { "error" };
        let ended = line.ended.map_or_else(|| "maintained".to_owned(), |(time, by)| format!("{} ({by})", day(time)));
        let last = line.releases.iter().rfind(|tagged| !tagged.release.is_candidate());
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{ended}</td><td>{}</td>{}</tr>\n",
            line.line,
            line.opened.map_or_else(|| "being opened".to_owned(), day),
            last.map_or_else(|| "–".to_owned(), |tagged| tagged.release.to_string()),
            cell(fixes, class)
        )
    };
    let rows: String = timeline.lines().iter().rev().map(row).collect();
    format!(
        "<section aria-labelledby=\"lines\">\n<h2 id=\"lines\">Lines</h2>\n<table>\n<caption>When each was opened and ended, and the fixes that no release of it has</caption>\n\
         <thead><tr><th scope=\"col\">line</th><th scope=\"col\">since</th><th scope=\"col\">end of life</th><th scope=\"col\">last final</th>\
         <th scope=\"col\" class=\"number\">fixes</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )
}

/// How long each final was tested, the newest version first.
fn finals(report: &Report<'_>) -> String {
    let row = |window: &Window| {
        let policy = report.observed.config.stream(window.release.kind());
        let is_short = window.from_first.is_some_and(|time| time < i64::from(policy.testing_days.0) * 86_400);
        let lacks = window.candidates.len() < policy.candidates as usize;
        let time = |seconds: Option<i64>, class: &str| match seconds {
            Some(seconds) => format!("<td class=\"number {class}\">{:.1} h</td>", hours(seconds)),
            None => "<td class=\"number zero\">–</td>".to_owned(),
        };
        let candidates = match lacks {
            true => format!("<td class=\"number error\">{}</td>", window.candidates.len()),
            false => cell(window.candidates.len(), ""),
        };
        format!(
            "<tr><th scope=\"row\">{}</th>{candidates}{}{}</tr>\n",
            window.release,
            time(window.from_first, if is_short { "error" } else { "" }),
            time(window.from_last, "")
        )
    };
    let rows: String = report.observed.timeline.windows().iter().rev().map(row).collect();
    format!(
        "<section aria-labelledby=\"finals\">\n<h2 id=\"finals\">Finals and their testing windows</h2>\n<table>\n\
         <caption>Candidates of each final, and the time from its first and its last candidate; what is less than policy asks for is red</caption>\n\
         <thead><tr><th scope=\"col\">final</th><th scope=\"col\" class=\"number\">candidates</th><th scope=\"col\" class=\"number\">since the first</th>\
         <th scope=\"col\" class=\"number\">since the last</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup() {
        assert_eq!(
            escaped("<a href=\"x\" b='c'>&\u{0}\u{202e}"),
            "&lt;a href=&quot;x&quot; b=&#39;c&#39;&gt;&amp;\u{fffd}\u{fffd}"
        );
        assert_eq!(prose("run `a <b>` or `c`"), "run <code>a &lt;b&gt;</code> or <code>c</code>");
        assert_eq!(prose("a ` alone <"), "a ` alone &lt;");
    }
}
