//! Problems as rustc draws its errors: the message, the lines with carets and labels, the way out.

use crate::diagnostic::Diagnostic;
use crate::level::SetBy;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet, Title};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::problem::{Label, Problem};
use release_core::text::SourceText;
use std::collections::BTreeMap;

/// The texts that labels point into, by path.
pub type Sources<'a> = BTreeMap<&'a Utf8Path, &'a SourceText>;

/// Draws a problem. Without colour for `styled == false`; labels into texts that are not among `sources` are shown by their
/// path alone.
pub fn full(problem: &Problem, sources: &Sources<'_>, styled: bool) -> String {
    draw(Level::ERROR.primary_title(&problem.message), problem, &[], sources, styled)
}

/// Draws a diagnostic: as a problem, with its rule and a note about its level.
pub fn diagnostic(diagnostic: &Diagnostic, sources: &Sources<'_>, styled: bool) -> String {
    let problem = &diagnostic.finding.problem;
    let level = if diagnostic.level == crate::level::Level::Error { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(&problem.message).id(diagnostic.rule);
    let notes: Vec<String> = notes(diagnostic);
    draw(title, problem, &notes, sources, styled)
}

fn notes(diagnostic: &Diagnostic) -> Vec<String> {
    let (rule, level) = (diagnostic.rule, diagnostic.level);
    let set = match diagnostic.set_by {
        SetBy::Default if diagnostic.finding.in_flight => {
            format!("`{rule}` is a warning while the release is on its way")
        }
        SetBy::Default => format!("`{rule}` is `{level}` by default"),
        SetBy::Configuration => format!("`{rule}` is `{level}` by `[rules]` in release.toml"),
        SetBy::Flag => format!("`{rule}` is `{level}` by `--{level}`"),
    };
    let about = diagnostic.finding.reference.as_ref().map(|reference| format!("about {reference}"));
    about.into_iter().chain([set]).collect()
}

fn draw(title: Title<'_>, problem: &Problem, notes: &[String], sources: &Sources<'_>, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut by_path: Vec<(&Utf8PathBuf, Vec<&Label>)> = Vec::new();
    for label in &problem.labels {
        match by_path.iter_mut().find(|(path, _)| **path == label.path) {
            Some((_, labels)) => labels.push(label),
            None => by_path.push((&label.path, vec![label])),
        }
    }
    let snippets = by_path.iter().map(|(path, labels)| snippet(path, labels, sources, problem.labels.first()));
    let mut group = title.elements(snippets);
    for note in notes {
        group = group.element(Level::NOTE.message(note));
    }
    if !problem.help.is_empty() {
        group = group.element(Level::HELP.message(&problem.help));
    }
    renderer.render(&[group])
}

fn snippet<'a>(path: &'a Utf8Path, labels: &[&'a Label], sources: &Sources<'a>, first: Option<&Label>) -> Element<'a> {
    let Some(source) = sources.get(path) else { return Element::Origin(Origin::path(path.as_str())) };
    let text = source.as_str();
    let annotations = labels.iter().map(|label| {
        let kind = if Some(*label) == first { AnnotationKind::Primary } else { AnnotationKind::Context };
        let end = label.span.end.min(text.len());
        // Something to underline, even where a parser points at the gap between two characters.
        let span = if label.span.start < end { label.span.start..end } else { end.min(label.span.start)..end };
        kind.span(span).label((!label.text.is_empty()).then_some(label.text.as_str()))
    });
    Element::Cause(Snippet::source(text).path(path.as_str()).annotations(annotations))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_problem_shows_its_lines_its_labels_and_the_way_out() {
        let first = SourceText::new("[project]\nname = 'a'\n\ndependencies = [\n    'b-client',\n]\n");
        let second = SourceText::new("x = 1\n");
        let sources = Sources::from([("pyproject.toml".into(), &first), ("api/pyproject.toml".into(), &second)]);
        let problem = Problem::new(
            "pyproject.toml: the client `b-client` is required without a version",
            "write `b-client==0.4.5`",
        )
        .at("pyproject.toml", 43..53, "no specifier")
        .at("api/pyproject.toml", 4..5, "the other")
        .at("elsewhere.toml", 0..1, "");
        expect![[r#"
            error: pyproject.toml: the client `b-client` is required without a version
             --> pyproject.toml:5:5
              |
            5 |     'b-client',
              |     ^^^^^^^^^^ no specifier
              |
             ::: api/pyproject.toml:1:5
              |
            1 | x = 1
              |     - the other
             ::: elsewhere.toml
              = help: write `b-client==0.4.5`"#]]
        .assert_eq(&full(&problem, &sources, false));
    }

    #[test]
    fn a_place_at_the_end_of_a_file_or_past_it_is_drawn() {
        let source = SourceText::new("a = ");
        let sources = Sources::from([("a.toml".into(), &source)]);
        for span in [4..4, 4..9, 9..9] {
            assert!(full(&Problem::new("x", "").at("a.toml", span, "here"), &sources, false).contains("a.toml"));
        }
    }

    #[test]
    fn a_problem_without_a_place_is_its_message_and_the_way_out() {
        expect![[r#"
            error: the head is detached
             |
             = help: `git switch main`"#]]
        .assert_eq(&full(&Problem::new("the head is detached", "`git switch main`"), &Sources::new(), false));
    }
}
