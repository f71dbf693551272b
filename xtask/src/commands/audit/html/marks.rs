//! The marks of releases and the bars of lines, and what they mean.

use super::escape::escaped;
use super::layout::cut;

/// The kind of a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Final,
    Candidate,
    Development,
    Other,
}

/// The distance that marks of a shape have at least.
pub(super) fn gap(shape: Shape) -> f64 {
    match shape {
        Shape::Final | Shape::Development => 17.0,
        Shape::Candidate => 13.0,
        Shape::Other => 12.0,
    }
}

/// A mark. What was found is told by colour, and by how it is filled for those who see colours alike.
pub(super) fn shape_at(shape: Shape, (x, y): (f64, f64), class: &str) -> String {
    let path = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy)).collect();
        format!("<polygon class=\"mark {class}\" points=\"{}\"/>", points.join(" "))
    };
    let drawn = match shape {
        Shape::Final => format!("<circle class=\"mark {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\"/>"),
        Shape::Candidate => path(&[(0.0, -7.0), (6.0, 0.0), (0.0, 7.0), (-6.0, 0.0)]),
        Shape::Development => path(&[(0.0, -7.5), (7.5, 6.0), (-7.5, 6.0)]),
        Shape::Other => path(&[(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)]),
    };
    let dot = match class {
        "warn" | "known" => format!(
            "<circle class=\"dot {class}\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"2.2\"/>",
            y + if shape == Shape::Development { 1.5 } else { 0.0 }
        ),
        _ => String::new(),
    };
    drawn + &dot
}

/// The legend of the drawing.
pub(super) fn legend(main: &str) -> String {
    let entry = |drawn: String, text: &str| {
        format!("<li><svg width=\"20\" height=\"18\" aria-hidden=\"true\">{drawn}</svg>{}</li>\n", escaped(text))
    };
    let bar = |class: &str, high: f64| {
        let y = 9.0 - high / 2.0;
        format!(
            "<rect class=\"{class}\" x=\"0\" y=\"{y:.1}\" width=\"20\" height=\"{high:.0}\" rx=\"{:.0}\"/>",
            (high / 2.0).min(4.0)
        )
    };
    let mark = |shape, class: &str| shape_at(shape, (10.0, 9.0), class);
    let shapes = [
        entry(mark(Shape::Final, "ink"), "final"),
        entry(mark(Shape::Candidate, "ink"), "candidate"),
        entry(mark(Shape::Development, "ink"), "development tag"),
        entry(mark(Shape::Other, "ink"), "other tag"),
    ];
    let weights = [
        entry(mark(Shape::Final, "error"), "errors"),
        entry(mark(Shape::Final, "warn"), "warnings"),
        entry(mark(Shape::Final, "known"), "known, in flight"),
        entry(mark(Shape::Final, "clean"), "nothing found"),
        entry(mark(Shape::Final, "other"), "not audited"),
    ];
    let bars = [
        entry("<line class=\"opening\" x1=\"0\" x2=\"20\" y1=\"9\" y2=\"9\"/>".to_owned(), "being tested"),
        entry(bar("bar", 8.0), "maintained"),
        entry(bar("ended", 3.0), "end of life"),
        entry(bar("main", 8.0), &cut(main, 200.0)),
        entry(bar("behind", 14.0), &format!("{} not above the last final", cut(main, 200.0))),
    ];
    let list = |entries: &[String]| format!("<ul class=\"legend\">\n{}</ul>\n", entries.concat());
    format!(
        "{}{}{}<p class=\"quiet\">Marks lead to the findings of their tag. Those of one time are drawn side by side.</p>\n",
        list(&shapes),
        list(&weights),
        list(&bars)
    )
}
