//! Problems as rustc draws its errors: the message, the lines with carets and labels, the way out.

use super::excerpt::excerpts;
use super::run::Sources;
use crate::diagnostic::Diagnostic;
use crate::level::SetBy;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet, Title};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::problem::{Label, Problem};
use release_core::text::count;
use release_core::text::{SourceText, shown};

/// Draws a problem. Without colour for `styled == false`; labels into texts that are not among `sources` are shown by their
/// path alone.
pub fn full(problem: &Problem, sources: &Sources<'_>, styled: bool) -> String {
    draw(Level::ERROR.primary_title(shown(&problem.message)), problem, &[], sources, styled)
}

/// Draws what is left to a person, and stops nothing, as a problem is drawn.
pub fn warning(problem: &Problem, sources: &Sources<'_>, styled: bool) -> String {
    draw(Level::WARNING.primary_title(shown(&problem.message)), problem, &[], sources, styled)
}

/// Draws a diagnostic: as a problem, with its rule and a note about its level.
pub fn diagnostic(diagnostic: &Diagnostic, sources: &Sources<'_>, styled: bool) -> String {
    let problem = &diagnostic.finding.problem;
    let level = if diagnostic.level == crate::level::Level::Error { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(shown(&problem.message)).id(diagnostic.rule);
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

/// Of a problem with more places, the first of them are drawn.
const MOST_LABELS: usize = 50;

fn draw(title: Title<'_>, problem: &Problem, notes: &[String], sources: &Sources<'_>, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut by_path: Vec<(&Utf8PathBuf, Vec<&Label>)> = Vec::new();
    for label in problem.labels.iter().take(MOST_LABELS) {
        match by_path.iter_mut().find(|(path, _)| **path == label.path) {
            Some((_, labels)) => labels.push(label),
            None => by_path.push((&label.path, vec![label])),
        }
    }
    let mut moved = Vec::new();
    let mut group = title.elements(std::iter::empty::<Element<'_>>());
    for (path, labels) in &by_path {
        for element in snippets(path, labels, sources, problem.labels.first(), &mut moved) {
            group = group.element(element);
        }
    }
    let more = problem.labels.len().saturating_sub(MOST_LABELS);
    let more =
        (more > 0).then(|| format!("{} more {} not shown", count(more, "place"), if more == 1 { "is" } else { "are" }));
    for note in more.iter().chain(notes) {
        group = group.element(Level::NOTE.message(shown(note)));
    }
    if !problem.help.is_empty() {
        group = group.element(Level::HELP.message(shown(&problem.help)));
    }
    let drawn = renderer.render(&[group]);
    // The title stands on the first line.
    let (title, mut rest) = drawn.split_at(drawn.find('\n').unwrap_or(drawn.len()));
    let mut drawn = title.to_owned();
    for (place, right) in &moved {
        let Some((before, after)) = rest.split_once(place) else { continue };
        drawn.extend([before, right]);
        rest = after;
    }
    drawn + rest
}

/// The parts of a file that are drawn. Where escapes or cuts move what is drawn, `moved` gets the place as it would be shown, and as
/// it is in the file.
fn snippets<'a>(
    path: &'a Utf8Path,
    labels: &[&'a Label],
    sources: &Sources<'a>,
    first: Option<&Label>,
    moved: &mut Vec<(String, String)>,
) -> Vec<Element<'a>> {
    let name = shown(path.as_str());
    let Some(source) = sources.get(path) else { return vec![Element::Origin(Origin::path(name))] };
    let mut elements = Vec::new();
    for excerpt in excerpts(source, labels) {
        let kind = |label: &Label| match Some(label) == first {
            true => AnnotationKind::Primary,
            false => AnnotationKind::Context,
        };
        let main = excerpt.labels.iter().find(|(label, _)| Some(*label) == first).or(excerpt.labels.first());
        if let Some((label, span)) = main.filter(|_| !excerpt.is_exact) {
            let drawn = SourceText::new(excerpt.text.as_str()).location(span.start);
            let (line, column) = (excerpt.line + drawn.line - 1, source.location(label.span.start).column);
            moved.push((format!("{name}:{line}:{}", drawn.column), format!("{name}:{line}:{column}")));
        }
        let annotations = excerpt.labels.iter().map(|(label, span)| {
            kind(label).span(span.clone()).label((!label.text.is_empty()).then(|| shown(&label.text)))
        });
        let snippet = Snippet::source(excerpt.text).line_start(excerpt.line).annotations(annotations);
        elements.push(Element::Cause(snippet.path(name.clone())));
    }
    elements
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

    #[test]
    fn foreign_text_is_text_and_its_place_is_the_one_in_the_file() {
        let source = SourceText::new("x = 1\n\u{1b}[31ma\u{202e} = 'b' # \u{9b}\n");
        let path = Utf8Path::new("a\n::error::b.toml");
        let sources = Sources::from([(path, &source)]);
        let at = source.as_str().find("'b'").unwrap();
        let problem = Problem::new("`\u{7}` is\nodd", "take \u{1b}c away").at(path, at..at + 3, "\u{2066}here");
        expect![[r#"
            error: `\u{7}` is\nodd
             --> a\n::error::b.toml:2:11
              |
            2 | \u{1b}[31ma\u{202e} = 'b' # \u{9b}
              |                       ^^^ \u{2066}here
              |
              = help: take \u{1b}c away"#]]
        .assert_eq(&full(&problem, &sources, false));
    }

    #[test]
    fn of_very_many_places_the_first_are_drawn_and_the_others_are_counted() {
        let source = SourceText::new("a = 1\n".repeat(1_000));
        let sources = Sources::from([("a.toml".into(), &source)]);
        let problem =
            (0..1_000).fold(Problem::new("x", ""), |problem, line| problem.at("a.toml", line * 6..line * 6 + 1, "a"));
        let drawn = full(&problem, &sources, false);
        assert!(drawn.contains("950 places more are not shown"), "{drawn}");
        assert!(drawn.lines().count() < 300, "{drawn}");
    }
}
