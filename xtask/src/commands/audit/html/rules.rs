//! The text of the rules that found something, so that a finding leads to what it means without leaving the page.

use super::escape::{escaped, prose};
use super::page::Page;
use release_checks::rules;
use std::collections::BTreeSet;

/// The identifier of a rule's text.
pub(super) fn id(rule: &str) -> String {
    format!("rule-{rule}")
}

/// The subject of a rule, in a sentence.
pub(super) fn summary(rule: &str) -> String {
    rules::rule(rule).map(release_checks::rule::Rule::summary).unwrap_or_default()
}

/// The rules that found something.
pub(super) fn section(page: &Page<'_>) -> String {
    let of_tags = page.report.audited.iter().filter_map(|audited| audited.checked.as_ref().ok());
    let found = of_tags.flat_map(|checked| &checked.diagnostics).chain(page.past);
    let names: BTreeSet<&str> = found.map(|diagnostic| diagnostic.rule).collect();
    let rule = |name: &&str| {
        let rule = rules::rule(name)?;
        Some(format!(
            "<details>\n<summary><h3><code>{name}</code></h3><span class=\"quiet wide\">{}</span></summary>\n\
             <div class=\"inside text\" id=\"{}\">\n{}</div>\n</details>\n",
            prose(&rule.summary()),
            id(name),
            html(&rule.documentation(), &names)
        ))
    };
    let all: String = names.iter().filter_map(rule).collect();
    if all.is_empty() {
        return all;
    }
    format!(
        "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules that found something</h2>\n\
         <p class=\"quiet\"><code>cargo xtask release explain RULE</code> has their examples too.</p>\n{all}</section>\n"
    )
}

/// The documentation of a rule as HTML. Sections that are made of files are left out: they are long.
fn html(markdown: &str, known: &BTreeSet<&str>) -> String {
    let mut parts = markdown.split("\n## ");
    let first = parts.next().unwrap_or_default();
    let mut shown = paragraphs(first, known);
    for part in parts.filter(|part| !part.contains("```")) {
        let (heading, body) = part.split_once('\n').unwrap_or((part, ""));
        shown += &format!("<h4>{}</h4>\n{}", prose(heading), paragraphs(body, known));
    }
    shown
}

fn paragraphs(text: &str, known: &BTreeSet<&str>) -> String {
    let paragraph = |text: &str| match text.strip_prefix("- ") {
        Some(items) => {
            let item = |item: &str| format!("<li>{}</li>\n", linked(&item.replace('\n', " "), known));
            format!("<ul>\n{}</ul>\n", items.split("\n- ").map(item).collect::<String>())
        }
        None => format!("<p>{}</p>\n", linked(text, known)),
    };
    text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(paragraph).collect()
}

/// Links to other rules lead to their text, where it is on this page; all others are what they say.
fn linked(text: &str, known: &BTreeSet<&str>) -> String {
    let (mut shown, mut rest) = (String::new(), text);
    while let Some((before, name, target, after)) = link(rest) {
        shown += &prose(before);
        shown += &match target.strip_suffix(".md").filter(|rule| known.contains(rule)) {
            Some(rule) => format!("<a href=\"#{}\">{}</a>", id(rule), escaped(name)),
            None => escaped(name),
        };
        rest = after;
    }
    shown + &prose(rest)
}

/// The first link: what is before it, its words, its target, what is after it.
fn link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let begin = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    Some((&text[..begin], &text[begin + 1..middle], &text[middle + 2..end], &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_becomes_html_without_its_files() {
        let text = "What `a <b>` is.\n\n## What it does\n\nOne, see [tag-gap](tag-gap.md)\nand [other](other.md).\n\n- a\n- b\n  c\n\n## Example\n\n```toml\n[x]\n```\n\n## Fix\n\nNone.\n";
        assert_eq!(
            html(text, &BTreeSet::from(["tag-gap"])),
            "<p>What <code>a &lt;b&gt;</code> is.</p>\n<h4>What it does</h4>\n<p>One, see <a href=\"#rule-tag-gap\">tag-gap</a>\nand other.</p>\n\
             <ul>\n<li>a</li>\n<li>b   c</li>\n</ul>\n<h4>Fix</h4>\n<p>None.</p>\n"
        );
    }

    #[test]
    fn every_rule_has_a_text_without_marks_of_markdown() {
        for rule in rules::all() {
            let shown = html(&rule.documentation(), &BTreeSet::new());
            let has_marks = ["](", "**", "\n#", "```", "`"].iter().any(|mark| shown.contains(mark));
            assert!(!has_marks && shown.contains("<h4>What it does</h4>"), "{}: {shown}", rule.name);
        }
    }
}
