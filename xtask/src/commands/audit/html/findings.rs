//! The findings: by the rules over the past, and at each tag.

use super::super::observed::Audited;
use super::escape::{escaped, id, prose};
use super::page::{Page, weight};
use super::rules;
use release_checks::diagnostic::{Diagnostic, Skipped};
use release_checks::level::Level;
use release_checks::past::day;
use release_checks::render::Sources;
use release_core::plan::preconditions::short;
use release_core::problem::{Label, Problem};
use release_core::text::{SourceText, count};
use std::collections::BTreeMap;

/// The number of findings of the past from which each rule's are folded.
const UNFOLDED: usize = 30;

/// The number of places of a finding that are shown.
const PLACES: usize = 3;

/// The length of a line that is shown around a place, in characters.
const AROUND: usize = 70;

/// The findings of the rules over the past, by rule.
pub(super) fn past(page: &Page<'_>) -> String {
    let found = page.past;
    let mut by_rule: BTreeMap<(bool, &str), Vec<(usize, &Diagnostic)>> = BTreeMap::new();
    for (place, diagnostic) in found.iter().enumerate() {
        let has_error = found.iter().any(|other| other.rule == diagnostic.rule && other.level == Level::Error);
        by_rule.entry((!has_error, diagnostic.rule)).or_default().push((place, diagnostic));
    }
    let open = if found.len() <= UNFOLDED { " open" } else { "" };
    let group = |((is_warning, rule), found): (&(bool, &str), &Vec<(usize, &Diagnostic)>)| {
        let items: String = found
            .iter()
            .map(|(place, diagnostic)| {
                // A stale entry of the baseline stands in a file.
                let path = diagnostic.finding.place().map(|label| label.path.as_str());
                let reference = diagnostic.finding.reference.as_deref().or(path).unwrap_or_default();
                let about = match page.audited(reference) {
                    Some(_) => format!("<a href=\"#{}\"><code>{}</code></a>", id(reference), escaped(reference)),
                    None => format!("<code>{}</code>", escaped(reference)),
                };
                let (class, word) = word(diagnostic);
                format!(
                    "<li class=\"{class}\" id=\"past-{place}\"><p class=\"head\"><span>{word}</span>{about}</p>\n{}</li>\n",
                    told(&diagnostic.finding.problem, &page.report.sources())
                )
            })
            .collect();
        let class = if *is_warning { "warn" } else { "error" };
        format!(
            "<details{open}>\n<summary><h3><code>{rule}</code></h3><span class=\"{class}\">{}</span>\
             <span class=\"quiet wide\">{}</span></summary>\n\
             <div class=\"inside\">\n<p><a href=\"#{}\">about this rule</a></p>\n<ul class=\"findings\">\n{items}</ul>\n</div>\n</details>\n",
            count(found.len(), "finding"),
            prose(&rules::summary(rule)),
            rules::id(rule)
        )
    };
    let all = match by_rule.is_empty() {
        true => "<p class=\"card clean\">Nothing found.</p>\n".to_owned(),
        false => by_rule.iter().map(group).collect(),
    };
    format!("<section aria-labelledby=\"past\">\n<h2 id=\"past\">The past as a whole</h2>\n{all}</section>\n")
}

/// The findings of each tag, the newest first.
pub(super) fn tags(page: &Page<'_>) -> String {
    let audited = page.report.audited.iter().enumerate().rev();
    let all: String = audited.map(|(place, audited)| tag(page, place, audited)).collect();
    format!("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings of each tag</h2>\n{all}</section>\n")
}

fn tag(page: &Page<'_>, place: usize, audited: &Audited) -> String {
    let (class, words) = weight(audited, page.diagnostics(place));
    let judged = audited
        .branch
        .as_ref()
        .map_or_else(String::new, |branch| format!(", judged as <bdi>{}</bdi>", escaped(branch)));
    let inside = match &audited.checked {
        Ok(checked) if checked.diagnostics.is_empty() => {
            "<p class=\"clean\">Its tree has nothing that a rule finds.</p>\n".to_owned()
        }
        Ok(checked) => {
            let sources = audited.sources.iter().map(|(path, text)| (path.as_path(), text)).collect();
            // Errors first: a tag may have dozens, and the rest matters less.
            let mut sorted: Vec<&Diagnostic> = checked.diagnostics.iter().collect();
            sorted.sort_by_key(|diagnostic| {
                ["error", "warn", "known"].iter().position(|class| *class == word(diagnostic).0)
            });
            let items: String = sorted.into_iter().map(|diagnostic| item(diagnostic, &sources)).collect();
            format!("<ul class=\"findings\">\n{items}</ul>\n")
        }
        Err(problems) => {
            let sources = audited.sources.iter().map(|(path, text)| (path.as_path(), text)).collect();
            let problem = |problem: &Problem| format!("<li class=\"error\">{}</li>\n", told(problem, &sources));
            format!("<ul class=\"findings\">\n{}</ul>\n", problems.iter().map(problem).collect::<String>())
        }
    };
    let skipped = audited.checked.as_ref().map_or_else(|_| String::new(), |checked| skipped(&checked.skipped));
    // A link to what is inside opens it; a link to the element itself would not.
    format!(
        "<details>\n<summary><b>{}</b><span class=\"quiet\">{}</span><span class=\"{class}\">{words}</span></summary>\n\
         <div class=\"inside\" id=\"{}\">\n<p class=\"quiet\">commit <code>{}</code>{judged}</p>\n{}{inside}{skipped}</div>\n</details>\n",
        escaped(&audited.tag.name),
        day(audited.tag.time),
        id(&audited.tag.name),
        short(&audited.tag.commit),
        of_the_past(page, place)
    )
}

/// The findings of the past that are about a tag, with the way there.
fn of_the_past(page: &Page<'_>, place: usize) -> String {
    let about = page.about.get(place).into_iter().flatten();
    let link = |finding: &usize| {
        let diagnostic = page.past.get(*finding)?;
        let (class, word) = word(diagnostic);
        let message = prose(&diagnostic.finding.problem.message);
        Some(format!(
            "<li class=\"{class}\"><p class=\"head\"><span>{word}</span><a href=\"#past-{finding}\"><code>{}</code></a></p>\n<p>{message}</p></li>\n",
            diagnostic.rule
        ))
    };
    let items: String = about.filter_map(link).collect();
    if items.is_empty() { items } else { format!("<ul class=\"findings\">\n{items}</ul>\n") }
}

/// Rules that could not tell, by the reason.
fn skipped(skipped: &[Skipped]) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for skipped in skipped {
        by_reason.entry(&skipped.reason).or_default().push(skipped.rule);
    }
    let line = |(reason, rules): (&str, Vec<&str>)| {
        let rules: Vec<String> = rules.iter().map(|rule| format!("<code>{rule}</code>")).collect();
        format!("<p class=\"quiet\">{} could not tell: {}</p>\n", rules.join(", "), prose(reason))
    };
    by_reason.into_iter().map(line).collect()
}

/// The weight of a finding, as a class of the style and in a word.
fn word(diagnostic: &Diagnostic) -> (&'static str, &'static str) {
    match (diagnostic.finding.in_flight, diagnostic.level) {
        (true, _) => ("known", "known"),
        (false, Level::Error) => ("error", "error"),
        (false, _) => ("warn", "warning"),
    }
}

fn item(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let finding = &diagnostic.finding;
    let (class, word) = word(diagnostic);
    let place = match (finding.place(), &finding.reference) {
        (Some(label), _) => where_it_is(label, sources),
        (None, reference) => reference.clone().unwrap_or_default(),
    };
    format!(
        "<li class=\"{class}\"><p class=\"head\"><span>{word}</span><a href=\"#{}\"><code>{}</code></a><code class=\"place\">{}</code></p>\n{}</li>\n",
        rules::id(diagnostic.rule),
        escaped(diagnostic.rule),
        escaped(&place),
        told(&finding.problem, sources)
    )
}

fn where_it_is(label: &Label, sources: &Sources<'_>) -> String {
    match sources.get(label.path.as_path()) {
        Some(source) => format!("{}:{}", label.path, source.location(label.span.start).line),
        None => label.path.to_string(),
    }
}

/// A problem, the lines that it is about, and the way out.
fn told(problem: &Problem, sources: &Sources<'_>) -> String {
    let help = match problem.help.as_str() {
        "" => String::new(),
        help => format!("<p class=\"help\">{}</p>\n", prose(help)),
    };
    format!("<p>{}</p>\n{}{help}", prose(&problem.message), places(problem, sources))
}

/// The lines that are meant.
fn places(problem: &Problem, sources: &Sources<'_>) -> String {
    let shown = problem.labels.iter().take(PLACES).enumerate().filter_map(|(place, label)| {
        let source = sources.get(label.path.as_path())?;
        // The first place stands in the finding's head already.
        let name = if place == 0 { String::new() } else { format!("{}:\n", escaped(&where_it_is(label, sources))) };
        Some(format!("<pre>{name}{}</pre>\n", snippet(label, source)))
    });
    shown.collect()
}

/// A line of a file, what is meant in it marked, and what is said of that. Of a long line a part is shown.
fn snippet(label: &Label, source: &SourceText) -> String {
    let text = source.as_str();
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(label.span.start);
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = floor(label.span.end).clamp(start, to);
    let (before, meant, after) = (&text[from..start], &text[start..end], text[end..to].trim_end_matches('\r'));
    let before = before.trim_start_matches('\u{feff}').trim_start();
    let number = before.chars().count();
    let before = match before.char_indices().nth(number.saturating_sub(AROUND)) {
        Some((at, _)) if number > AROUND => format!("…{}", &before[at..]),
        _ => before.to_owned(),
    };
    let first = |text: &str, most: usize| match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    };
    let said = match label.text.as_str() {
        "" => String::new(),
        said => format!("\n<span class=\"said\">{}</span>", prose(said)),
    };
    format!(
        "<span class=\"line\">{}</span> {}<mark>{}</mark>{}{said}",
        source.location(start).line,
        escaped(&before),
        escaped(&first(meant, 2 * AROUND)),
        escaped(&first(after, AROUND))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, meant: &str) -> String {
        let start = text.find(meant).unwrap();
        let problem = Problem::new("", "").at("a", start..start + meant.len(), "said");
        snippet(&problem.labels[0], &SourceText::new(text))
    }

    #[test]
    fn a_line_is_shown_with_what_is_meant_in_it() {
        let said = "\n<span class=\"said\">said</span>";
        for (text, meant, wanted) in [
            (
                "a\r\n  b = \"<1>\" # é\r\nc",
                "<1>",
                "<span class=\"line\">2</span> b = &quot;<mark>&lt;1&gt;</mark>&quot; # é",
            ),
            ("\u{feff}a = [\n1]", "[\n1]", "<span class=\"line\">1</span> a = <mark>[</mark>"),
            ("a", "", "<span class=\"line\">1</span> <mark></mark>a"),
        ] {
            assert_eq!(shown(text, meant), format!("{wanted}{said}"));
        }
    }

    #[test]
    fn of_a_long_line_a_part_is_shown() {
        let shown = shown(&format!("{}é!{}", "é".repeat(100_000), "ü".repeat(100_000)), "!");
        assert!(shown.chars().count() < 300, "{}", shown.chars().count());
        assert!(shown.contains("…é") && shown.contains("ü…"), "{shown}");
        let label = Label { path: "a".into(), span: 90..700, text: String::new() };
        assert!(snippet(&label, &SourceText::new("short")).contains("short"));
    }
}
