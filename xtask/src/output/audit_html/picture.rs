//! The timeline as a drawing: a lane for main, one for each line, and one for tags that belong to neither.

use super::{Report, escaped, weight};
use crate::commands::audit::day_of;
use release_checks::past::day;
use release_core::timeline::{DatedTag, LineHistory};
use std::collections::HashMap;

const LEFT: f64 = 118.0;
const RIGHT: f64 = 36.0;
const TOP: f64 = 34.0;
const LANE: f64 = 78.0;

/// How far below its line's bar a candidate stands: near its final it would be hidden by that.
const BELOW: f64 = 17.0;

/// How wide the drawing may become. Where more is to be shown than fits, marks overlap.
const WIDTHS: (f64, f64) = (1100.0, 4000.0);

/// From moments to places.
struct Scale {
    from: i64,
    to: i64,
    width: f64,
}

impl Scale {
    fn x(&self, time: i64) -> f64 {
        let part = (time - self.from) as f64 / ((self.to - self.from).max(1)) as f64;
        LEFT + part.clamp(0.0, 1.0) * (self.width - LEFT - RIGHT)
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Final,
    Candidate,
    Development,
    Other,
}

/// The drawing and its legend.
pub(super) fn figure(report: &Report<'_>, places: &HashMap<&str, usize>) -> String {
    let timeline = &report.observed.timeline;
    let times = || timeline.tags.iter().map(|tag| tag.time).chain(timeline.main_versions.iter().map(|v| v.time));
    let from = timeline.tags.iter().map(|tag| tag.time).min().unwrap_or_default();
    let tips = timeline.branches.iter().filter_map(|(_, tip)| Some(timeline.graph.get(tip)?.time));
    // The end is that of the history, so that the same repository gives the same page tomorrow.
    let to = times().chain(tips).max().unwrap_or(from).max(from + 86_400);
    let width = (timeline.tags.len() as f64 * 14.0).clamp(WIDTHS.0, WIDTHS.1);
    let scale = Scale { from: from - (to - from) / 50, to, width };
    let lines = timeline.lines();
    let draw = Draw { report, places, scale };
    let others: Vec<&DatedTag> = timeline.tags.iter().filter(|tag| draw.is_other(tag)).collect();
    let lanes = 1 + lines.len() + usize::from(!others.is_empty());
    let height = TOP + lanes as f64 * LANE + 8.0;
    let mut drawing = draw.axis(height) + &draw.main(TOP);
    let mut top = TOP + LANE;
    for line in lines.iter().rev() {
        drawing += &draw.line(line, top);
        top += LANE;
    }
    if !others.is_empty() {
        drawing += &draw.label(top, "other tags", "");
        drawing += &others.iter().map(|tag| draw.mark(tag, top + LANE / 2.0, Shape::Other)).collect::<String>();
    }
    format!(
        "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Lines and releases</h2>\n<figure>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"timeline\">\n\
         <svg role=\"group\" aria-labelledby=\"drawing\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <title id=\"drawing\">Releases of main and of {} lines, from {} to {}</title>\n{drawing}</svg>\n</div>\n\
         <figcaption>{}</figcaption>\n</figure>\n</section>\n",
        lines.len(),
        day(from),
        day(to),
        legend()
    )
}

struct Draw<'a> {
    report: &'a Report<'a>,
    places: &'a HashMap<&'a str, usize>,
    scale: Scale,
}

impl Draw<'_> {
    fn is_other(&self, tag: &DatedTag) -> bool {
        let pattern = &self.report.observed.config.tag;
        pattern.release(&tag.name).is_none() && pattern.development(&tag.name).is_none()
    }

    /// Months, or years where there are many.
    fn axis(&self, height: f64) -> String {
        let months = (self.scale.to - self.scale.from) / (30 * 86_400);
        let step = match months {
            ..=24 => 1,
            25..=72 => 3,
            73..=300 => 12,
            _ => 120,
        };
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
        let first = day(self.scale.from);
        let mut parts = first.split('-');
        let (Some(year), Some(month)) = (number(parts.next()), number(parts.next())) else { return String::new() };
        let begin = (year * 12 + month) / step * step;
        let mut axis = String::new();
        for month in (begin..).step_by(usize::try_from(step).unwrap_or(1)) {
            let text = format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1);
            let Some(time) = day_of(&format!("{text}-01")).filter(|time| *time <= self.scale.to) else { break };
            if time >= self.scale.from {
                let x = self.scale.x(time);
                axis += &format!("<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"22\" y2=\"{height:.0}\"/>");
                axis += &format!("<text class=\"axis\" x=\"{:.1}\" y=\"16\">{text}</text>\n", x + 4.0);
            }
        }
        axis
    }

    fn label(&self, top: f64, name: &str, state: &str) -> String {
        let width = self.scale.width;
        format!(
            "<line class=\"divide\" x1=\"0\" x2=\"{width:.0}\" y1=\"{top:.0}\" y2=\"{top:.0}\"/>\
             <text class=\"lane\" x=\"6\" y=\"{:.0}\">{}</text><text class=\"state\" x=\"6\" y=\"{:.0}\">{state}</text>\n",
            top + 37.0,
            escaped(name),
            top + 53.0
        )
    }

    fn bar(&self, class: &str, (from, to): (i64, i64), y: f64, title: &str) -> String {
        let (x, end) = (self.scale.x(from), self.scale.x(to));
        format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"8\" rx=\"4\"><title>{}</title></rect>\n",
            y - 4.0,
            (end - x).max(2.0),
            escaped(title)
        )
    }

    fn main(&self, top: f64) -> String {
        let timeline = &self.report.observed.timeline;
        let (scale, y) = (&self.scale, top + LANE / 2.0);
        let name = timeline.main.as_str();
        let mut drawn = self.label(top, name, "");
        if timeline.tip(name).is_some() {
            drawn += &self.bar("main", (scale.from, scale.to), y, name);
        }
        for (from, to, version, highest) in timeline.main_behind() {
            let until = to.map_or_else(|| "today".to_owned(), day);
            let title = format!("{name} said {version} from {} to {until}, which is not above {highest}", day(from));
            drawn += &self.bar("behind", (from, to.unwrap_or(scale.to)), y, &title);
        }
        for version in timeline.main_versions.iter().filter(|version| version.time >= scale.from) {
            let (x, said) = (scale.x(version.time), version.version.as_deref().unwrap_or("no version"));
            drawn += &format!(
                "<line class=\"step\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"><title>{}</title></line>\n",
                y - 9.0,
                y + 9.0,
                escaped(&format!("{name} says {said} from {}", day(version.time)))
            );
        }
        let tags = timeline.development_tags();
        drawn + &tags.iter().map(|(_, tag)| self.mark(tag, y, Shape::Development)).collect::<String>()
    }

    fn line(&self, line: &LineHistory, top: f64) -> String {
        let (scale, y) = (&self.scale, top + LANE / 2.0);
        let state = match (line.opened, line.ended) {
            (None, _) => "being opened",
            (_, None) => "maintained",
            (_, Some(_)) => "end of life",
        };
        let mut drawn = self.label(top, &line.line.to_string(), state);
        let first = line.releases.iter().map(|tagged| tagged.tag.time).min();
        if let Some(first) = first {
            let (x, end) = (scale.x(first), scale.x(line.opened.unwrap_or(scale.to)));
            drawn += &format!("<line class=\"opening\" x1=\"{x:.1}\" x2=\"{end:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n");
        }
        if let Some(opened) = line.opened {
            let ended = line.ended.map_or(scale.to, |(time, _)| time).max(opened);
            drawn += &self.bar("bar", (opened, ended), y, &format!("{} is maintained from {}", line.line, day(opened)));
            if let Some((time, by)) = line.ended {
                let title = format!("{} is end of life since {by}, {}", line.line, day(time));
                drawn += &self.bar("ended", (ended, scale.to), y, &title);
            }
        }
        for tagged in line.releases.iter().filter(|tagged| tagged.release.is_candidate()) {
            drawn += &self.mark(&tagged.tag, y + BELOW, Shape::Candidate);
        }
        // Their numbers stand where there is room, in two rows above the bar.
        let mut ends = [f64::MIN; 2];
        for tagged in line.releases.iter().filter(|tagged| !tagged.release.is_candidate()) {
            drawn += &self.mark(&tagged.tag, y, Shape::Final);
            let (x, text) = (scale.x(tagged.tag.time), tagged.release.to_string());
            let half = text.len() as f64 * 3.4;
            if let Some(row) = ends.iter().position(|end| x - half > *end + 3.0) {
                ends[row] = x + half;
                let at = if row == 0 { y - 12.0 } else { y - 25.0 };
                drawn += &format!("<text x=\"{x:.1}\" y=\"{at:.1}\" text-anchor=\"middle\">{text}</text>\n");
            }
        }
        drawn
    }

    /// A tag, which leads to what was found there.
    fn mark(&self, tag: &DatedTag, y: f64, shape: Shape) -> String {
        let x = self.scale.x(tag.time);
        let audited =
            self.places.get(tag.name.as_str()).and_then(|place| Some((place, self.report.audited.get(*place)?)));
        let (class, words) = audited.map_or(("other", "not audited".to_owned()), |(_, audited)| weight(audited));
        let title = escaped(&format!("{}, {}: {words}", tag.name, day(tag.time)));
        let drawn = shape_at(shape, x, y, &format!("mark {class}"));
        match audited {
            Some((place, _)) => format!("<a href=\"#tag-{place}\"><title>{title}</title>{drawn}</a>\n"),
            None => format!("<g><title>{title}</title>{drawn}</g>\n"),
        }
    }
}

fn shape_at(shape: Shape, x: f64, y: f64, class: &str) -> String {
    let path = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy)).collect();
        format!("<polygon class=\"{class}\" points=\"{}\"/>", points.join(" "))
    };
    match shape {
        Shape::Final => format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\"/>"),
        Shape::Candidate => path(&[(0.0, -6.0), (5.0, 0.0), (0.0, 6.0), (-5.0, 0.0)]),
        Shape::Development => path(&[(0.0, -7.0), (7.0, 6.0), (-7.0, 6.0)]),
        Shape::Other => path(&[(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)]),
    }
}

fn legend() -> String {
    let entry = |drawn: String, text: &str| {
        format!("<li><svg width=\"18\" height=\"18\" aria-hidden=\"true\">{drawn}</svg>{text}</li>\n")
    };
    let bar = |class: &str| format!("<rect class=\"{class}\" x=\"0\" y=\"5\" width=\"18\" height=\"8\" rx=\"4\"/>");
    let mark = |shape, class: &str| shape_at(shape, 9.0, 9.0, &format!("mark {class}"));
    let entries = [
        entry(mark(Shape::Final, "other"), "final"),
        entry(mark(Shape::Candidate, "other"), "candidate"),
        entry(mark(Shape::Development, "other"), "development tag"),
        entry(mark(Shape::Other, "other"), "other tag"),
        entry(mark(Shape::Final, "error"), "errors"),
        entry(mark(Shape::Final, "warn"), "warnings"),
        entry(mark(Shape::Final, "known"), "known, in flight"),
        entry(mark(Shape::Final, "clean"), "nothing found"),
        entry(bar("bar"), "maintained"),
        entry(bar("ended"), "end of life"),
        entry(bar("main"), "main"),
        entry(bar("behind"), "main not above the last final"),
    ];
    format!("<ul class=\"legend\">\n{}</ul>", entries.concat())
}
