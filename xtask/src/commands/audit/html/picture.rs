//! The timeline as a drawing: a lane for main, one for each line, and one for tags that belong to neither. The names of the
//! lanes are a drawing of their own, which stays in sight while the other is scrolled.

use super::escape::{escaped, id, isolated};
use super::layout::{Scale, cut, displaced, rows, spread, ticks, width};
use super::marks::{Shape, gap, legend, shape_at};
use super::page::{Page, weight};
use release_checks::past::day;
use release_core::history::{DatedTag, LineHistory};
use release_core::text::count;

/// The width of the names of lanes.
const NAMES: f64 = 112.0;
/// The space that is left free at both ends of the drawing.
const MARGIN: f64 = 20.0;
/// The widths of a drawing, and how close its marks may be, as a part of their gap. The first is taken in which no mark is
/// further from where it belongs than that is worth.
const SIZES: [(f64, f64); 8] = [
    (1050.0, 1.0),
    (1400.0, 1.0),
    (1900.0, 1.0),
    (2600.0, 1.0),
    (3500.0, 1.0),
    (3500.0, 0.75),
    (3500.0, 0.5),
    (3500.0, 0.3),
];
/// The distance that a mark may have from its moment.
const ASIDE: f64 = 34.0;
/// The height at which the axis ends and the first lane begins.
const TOP: f64 = 30.0;
/// The height of a row of labels.
const ROW: f64 = 14.0;
/// The number of rows of labels that a lane has at most.
const ROWS: usize = 4;
/// The distance of a candidate below its line's bar: near its final it would be hidden by that.
const BELOW: f64 = 20.0;

/// The marks of a lane.
struct Lane<'a> {
    name: String,
    state: &'static str,
    /// Marks on the bar, each with its label.
    on: Vec<(&'a DatedTag, Shape, String)>,
    /// Marks below it.
    below: Vec<(&'a DatedTag, Shape)>,
    of: Of<'a>,
}

enum Of<'a> {
    Main,
    Line(&'a LineHistory),
    Others,
}

/// The drawing and its legend.
pub(super) fn figure(page: &Page<'_>) -> String {
    let timeline = &page.report.observed.timeline;
    let history = timeline.lines();
    let lanes = lanes(page, &history);
    let from = timeline.tags.iter().map(|tag| tag.time).min().unwrap_or_default();
    let tips = timeline.branches.iter().filter_map(|(_, tip)| Some(timeline.graph.get(tip)?.time));
    // The end is that of the history, so that the same repository gives the same page tomorrow.
    let moments = timeline.tags.iter().map(|tag| tag.time).chain(timeline.main_versions.iter().map(|v| v.time));
    let to = moments.chain(tips).max().filter(|to| *to > from).unwrap_or(from + 86_400);
    let draw = sized(page, &lanes, (from - (to - from) / 50, to));
    let (mut drawing, mut names, mut top) = (String::new(), String::new(), TOP);
    for lane in &lanes {
        let (drawn, name, height) = draw.lane(lane, top);
        drawing += &drawn;
        names += &name;
        top += height;
    }
    let (wide, high) = (draw.width, top + 6.0);
    let title = format!(
        "Releases of {} and of {}, from {} to {}",
        timeline.main,
        count(history.len(), "line"),
        day(from),
        day(to)
    );
    // On paper nothing can be scrolled.
    let fit = (690.0 / (wide + NAMES)).min(1.0);
    format!(
        "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Lines and releases</h2>\n<figure>\n\
         <a class=\"skip\" href=\"#after\">Skip the drawing</a>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"timeline\" style=\"--fit:{fit:.2}\">\n\
         <svg role=\"group\" aria-label=\"{}\" width=\"{wide:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {wide:.0} {high:.0}\">\n{}{drawing}</svg>\n\
         <svg class=\"names\" aria-hidden=\"true\" width=\"{NAMES:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {NAMES:.0} {high:.0}\">\n{names}</svg>\n\
         </div>\n<figcaption id=\"after\">{}</figcaption>\n</figure>\n</section>\n",
        escaped(&title),
        draw.axis(high),
        legend(&timeline.main)
    )
}

fn lanes<'a>(page: &Page<'a>, history: &'a [LineHistory]) -> Vec<Lane<'a>> {
    let timeline = &page.report.observed.timeline;
    let pattern = &page.report.observed.config.tag;
    let development = timeline.development_tags().into_iter().map(|(_, tag)| (tag, Shape::Development)).collect();
    let main = Lane { name: timeline.main.clone(), state: "", on: Vec::new(), below: development, of: Of::Main };
    let line = |line: &'a LineHistory| {
        let (candidates, finals): (Vec<_>, Vec<_>) =
            line.releases.iter().partition(|tagged| tagged.release.is_candidate());
        Lane {
            name: line.line.to_string(),
            state: state(line),
            on: finals.iter().map(|tagged| (&tagged.tag, Shape::Final, tagged.release.to_string())).collect(),
            below: candidates.iter().map(|tagged| (&tagged.tag, Shape::Candidate)).collect(),
            of: Of::Line(line),
        }
    };
    let is_other = |tag: &&DatedTag| pattern.release(&tag.name).is_none() && pattern.development(&tag.name).is_none();
    let others: Vec<_> = timeline.tags.iter().filter(is_other).map(|tag| (tag, Shape::Other)).collect();
    let others = Lane { name: "other tags".to_owned(), state: "", on: Vec::new(), below: others, of: Of::Others };
    let mut lanes: Vec<Lane<'a>> = std::iter::once(main).chain(history.iter().rev().map(line)).collect();
    lanes.extend((!others.below.is_empty()).then_some(others));
    for lane in &mut lanes {
        lane.on.sort_by_key(|(tag, ..)| tag.time);
        lane.below.sort_by_key(|(tag, _)| tag.time);
    }
    lanes
}

/// The state of a line, in words.
pub(super) fn state(line: &LineHistory) -> &'static str {
    match (line.opened, line.ended) {
        (None, None) => "being opened",
        (None, Some(_)) => "never opened",
        (Some(_), None) => "maintained",
        (Some(_), Some(_)) => "end of life",
    }
}

/// The narrowest drawing in which marks of every lane have room near to where they belong.
fn sized<'a>(page: &'a Page<'a>, lanes: &[Lane<'_>], (from, to): (i64, i64)) -> Draw<'a> {
    let draw = |(width, part)| {
        let scale = Scale { from, to, left: MARGIN, right: width - MARGIN };
        Draw { page, scale, width, part }
    };
    let aside = |draw: &Draw<'_>| {
        let of = |(wanted, placed): (Vec<f64>, Vec<f64>)| displaced(&wanted, &placed);
        lanes.iter().map(|lane| of(draw.on(lane)).max(of(draw.below(lane)))).fold(0.0, f64::max)
    };
    let last = draw(SIZES[SIZES.len() - 1]);
    SIZES.into_iter().map(draw).find(|draw| aside(draw) <= ASIDE).unwrap_or(last)
}

struct Draw<'a> {
    page: &'a Page<'a>,
    scale: Scale,
    width: f64,
    /// The part of their gap that lies between marks.
    part: f64,
}

impl Draw<'_> {
    fn axis(&self, height: f64) -> String {
        let ticks = ticks(&self.scale);
        let tick = |(x, text): &(f64, String)| {
            let line = format!("<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"6\" y2=\"{height:.0}\"/>");
            let is_out = x + 4.0 + width(text) > self.width;
            let (at, anchor) = if is_out { (x - 4.0, " text-anchor=\"end\"") } else { (x + 4.0, "") };
            // Before its line the last label would lie on the one before it.
            let label = format!("<text class=\"axis\" x=\"{at:.1}\" y=\"16\"{anchor}>{text}</text>");
            format!("{line}{}\n", if is_out && ticks.len() > 1 { "" } else { &label })
        };
        let drawn: String = ticks.iter().map(tick).collect();
        format!("<g aria-hidden=\"true\">\n{drawn}</g>\n")
    }

    /// The places that marks on a lane's bar belong to, and those that they have.
    fn on(&self, lane: &Lane<'_>) -> (Vec<f64>, Vec<f64>) {
        let wanted: Vec<f64> = lane.on.iter().map(|(tag, ..)| self.scale.x(tag.time)).collect();
        let placed = self.spread(&wanted, Shape::Final);
        (wanted, placed)
    }

    /// The same of the marks below it.
    fn below(&self, lane: &Lane<'_>) -> (Vec<f64>, Vec<f64>) {
        let wanted: Vec<f64> = lane.below.iter().map(|(tag, _)| self.scale.x(tag.time)).collect();
        let placed = self.spread(&wanted, lane.below.first().map_or(Shape::Candidate, |(_, shape)| *shape));
        (wanted, placed)
    }

    fn spread(&self, wanted: &[f64], shape: Shape) -> Vec<f64> {
        spread(wanted, gap(shape) * self.part, (MARGIN, self.width - MARGIN))
    }

    /// A lane, its name, and its height.
    fn lane(&self, lane: &Lane<'_>, top: f64) -> (String, String, f64) {
        let ((_, on), (_, below)) = (self.on(lane), self.below(lane));
        let labels: Vec<(f64, String)> = match lane.of {
            Of::Main => self.versions(),
            _ => on.iter().copied().zip(lane.on.iter().map(|(.., label)| label.clone())).collect(),
        };
        let sizes: Vec<(f64, f64)> = labels.iter().map(|(x, text)| (*x, width(text))).collect();
        let placed = rows(&sizes, ROWS, (2.0, self.width - 2.0));
        let used = placed.iter().flatten().map(|(row, _)| row + 1).max().unwrap_or(0);
        let above = 20.0_f64.max(14.0 + used as f64 * ROW);
        let y = top + above;
        let deep = match lane.of {
            Of::Others => 18.0,
            _ if below.is_empty() => 16.0,
            _ => BELOW + 14.0,
        };
        let mut drawn = match lane.of {
            Of::Main => self.main(y),
            Of::Line(line) => self.line(line, y),
            Of::Others => String::new(),
        };
        for ((_, text), at) in labels.iter().zip(&placed) {
            let Some((row, x)) = at else { continue };
            let at = y - 12.0 - *row as f64 * ROW;
            drawn += &format!("<text x=\"{x:.1}\" y=\"{at:.1}\" text-anchor=\"middle\">{}</text>\n", escaped(text));
        }
        // In the order of time, which is that of the tabulator key.
        let depth = if matches!(lane.of, Of::Others) { 0.0 } else { BELOW };
        let finals = lane.on.iter().zip(on).map(|((tag, shape, _), x)| (tag.time, self.mark(tag, (x, y), *shape)));
        let others =
            lane.below.iter().zip(below).map(|((tag, shape), x)| (tag.time, self.mark(tag, (x, y + depth), *shape)));
        let mut marks: Vec<(i64, String)> = others.chain(finals).collect();
        marks.sort_by_key(|(time, _)| *time);
        drawn.extend(marks.into_iter().map(|(_, mark)| mark));
        let (spoken, width) = (format!("{} {}", lane.name, lane.state), self.width);
        let drawn = format!(
            "<line class=\"divide\" x1=\"0\" x2=\"{width:.0}\" y1=\"{top:.1}\" y2=\"{top:.1}\"/>\n\
             <g role=\"group\" aria-label=\"{}\">\n{drawn}</g>\n",
            escaped(spoken.trim())
        );
        let baseline = if lane.state.is_empty() { y + 4.0 } else { y - 2.0 };
        let name = format!(
            "<line class=\"divide\" x1=\"0\" x2=\"{NAMES:.0}\" y1=\"{top:.1}\" y2=\"{top:.1}\"/>\
             <text class=\"lane\" x=\"6\" y=\"{baseline:.1}\">{}</text><text class=\"state\" x=\"6\" y=\"{:.1}\">{}</text>\n",
            escaped(&cut(&lane.name, NAMES - 12.0)),
            y + 13.0,
            lane.state
        );
        (drawn, name, above + deep)
    }

    fn bar(&self, class: &str, (from, to): (i64, i64), (y, high): (f64, f64), title: &str) -> String {
        let (x, end) = (self.scale.x(from), self.scale.x(to));
        format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.0}\" rx=\"{:.0}\"><title>{}</title></rect>\n",
            y - high / 2.0,
            (end - x).max(3.0),
            (high / 2.0).min(4.0),
            escaped(title)
        )
    }

    /// The versions that main had, where each began.
    fn versions(&self) -> Vec<(f64, String)> {
        let versions = &self.page.report.observed.timeline.main_versions;
        // The one that it had when the drawing begins is written there.
        let before = versions.iter().rfind(|version| version.time < self.scale.from);
        let within = versions.iter().filter(|version| version.time >= self.scale.from);
        let shown = before.into_iter().chain(within);
        let mut labels: Vec<(f64, String)> = shown
            .filter_map(|version| Some((self.scale.x(version.time), version.version.clone()?)))
            .map(|(x, version)| (x, cut(&version, 110.0)))
            .collect();
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        labels
    }

    fn main(&self, y: f64) -> String {
        let timeline = &self.page.report.observed.timeline;
        let (scale, name) = (&self.scale, timeline.main.as_str());
        let mut drawn = String::new();
        if timeline.tip(name).is_some() {
            drawn += &self.bar("main", (scale.from, scale.to), (y, 8.0), name);
        }
        for behind in timeline.main_behind() {
            let until = behind.to.map_or_else(|| "now".to_owned(), day);
            let title = behind.described(name, &format!("from {} to {until}", day(behind.from)));
            drawn += &self.bar("behind", (behind.from, behind.to.unwrap_or(scale.to)), (y, 14.0), &title);
        }
        for version in timeline.main_versions.iter().filter(|version| version.time >= scale.from) {
            let (x, said) = (scale.x(version.time), version.version.as_deref().unwrap_or("no version"));
            drawn += &format!(
                "<line class=\"step\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"><title>{}</title></line>\n",
                y - 10.0,
                y + 10.0,
                escaped(&format!("{name} says {said} from {}", day(version.time)))
            );
        }
        drawn
    }

    fn line(&self, line: &LineHistory, y: f64) -> String {
        let scale = &self.scale;
        let mut drawn = String::new();
        if let Some(first) = line.releases.iter().map(|tagged| tagged.tag.time).min() {
            let until = line.opened.or(line.ended.map(|(time, _)| time)).unwrap_or(scale.to);
            let (x, end) = (scale.x(first), scale.x(until));
            drawn += &format!("<line class=\"opening\" x1=\"{x:.1}\" x2=\"{end:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n");
        }
        let Some(opened) = line.opened else { return drawn };
        let ended = line.ended.map_or(scale.to, |(time, _)| time).max(opened);
        drawn +=
            &self.bar("bar", (opened, ended), (y, 8.0), &format!("{} is maintained from {}", line.line, day(opened)));
        if let Some((time, by)) = line.ended {
            let title = format!("{} is end of life since {by}, {}", line.line, day(time));
            drawn += &self.bar("ended", (ended, scale.to), (y, 3.0), &title);
        }
        drawn
    }

    /// A tag, which leads to what was found there.
    fn mark(&self, tag: &DatedTag, at: (f64, f64), shape: Shape) -> String {
        let audited = self.page.audited(&tag.name);
        let (class, words) = audited.map_or(("other", "not audited".to_owned()), |(place, audited)| {
            weight(audited, self.page.diagnostics(place))
        });
        let title = format!("{}, {}: {words}", isolated(&tag.name), day(tag.time));
        let drawn = shape_at(shape, at, class);
        match audited {
            Some(_) => format!("<a href=\"#{}\"><title>{title}</title>{drawn}</a>\n", id(&tag.name)),
            None => format!("<g><title>{title}</title>{drawn}</g>\n"),
        }
    }
}
