//! The layout of the drawing: places from moments, and room for what lies close together. Nothing here draws.

use release_core::calendar::Day;

/// From moments to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) from: i64,
    pub(super) to: i64,
    /// The place of the first moment.
    pub(super) left: f64,
    /// The place of the last moment.
    pub(super) right: f64,
}

impl Scale {
    /// Returns the place of a moment; one that lies outside is at the edge.
    pub(super) fn x(&self, time: i64) -> f64 {
        let part = (time.saturating_sub(self.from)) as f64 / (self.to.saturating_sub(self.from).max(1)) as f64;
        self.left + part.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

/// Moves marks apart until they lie a gap from each other, and no further from where they belong than that takes. They are
/// given, and stay, in order. Where there is no room for all of them the gap is smaller.
pub(super) fn spread(wanted: &[f64], gap: f64, (least, most): (f64, f64)) -> Vec<f64> {
    let last = wanted.len().saturating_sub(1).max(1) as f64;
    let gap = gap.min((most - least) / last);
    // Without the gaps this is a regression in which what would fall back joins those before it, at their mean.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for (place, x) in wanted.iter().enumerate() {
        groups.push((x - place as f64 * gap, 1));
        while let [.., (before, many), (mean, few)] = groups[..] {
            if before <= mean {
                break;
            }
            let all = many + few;
            groups.truncate(groups.len() - 2);
            groups.push(((before * many as f64 + mean * few as f64) / all as f64, all));
        }
    }
    let end = most - wanted.len().saturating_sub(1) as f64 * gap;
    let bare = groups.into_iter().flat_map(|(mean, many)| std::iter::repeat_n(mean, many));
    bare.enumerate().map(|(place, x)| x.clamp(least, end.max(least)) + place as f64 * gap).collect()
}

/// The gap between two labels of a row.
const BETWEEN: f64 = 5.0;

/// The row, from below, and the centre of each label, which are given from left to right; nothing for those that have no room
/// in any row.
pub(super) fn rows(labels: &[(f64, f64)], most: usize, (least, end): (f64, f64)) -> Vec<Option<(usize, f64)>> {
    let mut ends = vec![f64::MIN; most];
    let place = |&(centre, width): &(f64, f64)| {
        let centre = centre.min(end - width / 2.0).max(least + width / 2.0);
        let row = ends.iter().position(|end| centre - width / 2.0 >= *end + BETWEEN)?;
        ends[row] = centre + width / 2.0;
        Some((row, centre))
    };
    labels.iter().map(place).collect()
}

/// The width that a text has at most, in a font of 12 pixels. No font is asked: the page is made without one.
pub(super) fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        '.' | ' ' | 'i' | 'l' => 4.2,
        c if c.is_ascii() => 7.8,
        _ => 13.0,
    };
    text.chars().map(of).sum()
}

/// A text that is cut where it would become too wide.
pub(super) fn cut(text: &str, most: f64) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if width(&cut) + width("…") > most {
            cut.pop();
            break;
        }
    }
    cut + "…"
}

/// The distance of the mark that is furthest from its moment.
pub(super) fn displaced(wanted: &[f64], placed: &[f64]) -> f64 {
    wanted.iter().zip(placed).map(|(wanted, placed)| (wanted - placed).abs()).fold(0.0, f64::max)
}

/// The distance of two ticks, so that their labels have room.
const TICK: f64 = 80.0;

/// A step of the axis.
#[derive(Clone, Copy)]
enum Step {
    Minutes(i64),
    Days(i64),
    Months(i64),
}

/// Steps, and how long each is at least, in minutes.
const STEPS: [(Step, i64); 13] = [
    (Step::Minutes(5), 5),
    (Step::Minutes(15), 15),
    (Step::Minutes(60), 60),
    (Step::Minutes(360), 360),
    (Step::Days(1), 1_440),
    (Step::Days(7), 7 * 1_440),
    (Step::Months(1), 28 * 1_440),
    (Step::Months(3), 90 * 1_440),
    (Step::Months(12), 365 * 1_440),
    (Step::Months(24), 730 * 1_440),
    (Step::Months(60), 1_826 * 1_440),
    (Step::Months(120), 3_652 * 1_440),
    (Step::Months(1_200), 36_524 * 1_440),
];

/// The beginnings of hours, days, weeks, months or years, whichever have room, and what is said at them.
pub(super) fn ticks(scale: &Scale) -> Vec<(f64, String)> {
    let minutes = (scale.to.saturating_sub(scale.from) as f64 / 60.0).max(0.1);
    let pixels = (scale.right - scale.left) / minutes;
    let fits = |(_, minutes): &&(Step, i64)| *minutes as f64 * pixels >= TICK;
    let Some((step, _)) = STEPS.iter().find(fits) else { return Vec::new() };
    let first = Day::at(scale.from);
    let (year, month, _) = first.parts();
    let tick = |number: i64| match *step {
        Step::Minutes(minutes) => {
            let time = first.start() + number * minutes * 60;
            let minute = time.rem_euclid(86_400) / 60;
            let day = Day::at(time).to_string();
            Some((time, format!("{} {:02}:{:02}", day.get(5..).unwrap_or_default(), minute / 60, minute % 60)))
        }
        Step::Days(days) => {
            let day = first.plus(number * days);
            Some((day.start(), day.to_string()))
        }
        Step::Months(months) => {
            let begin = (year * 12 + month - 1).div_euclid(months) * months + number * months;
            let day = Day::new(begin.div_euclid(12), begin.rem_euclid(12) + 1, 1)?;
            Some((day.start(), day.to_string().get(..7).unwrap_or_default().to_owned()))
        }
    };
    let ticks = (0..).map_while(tick).take_while(|(time, _)| *time <= scale.to);
    ticks.filter(|(time, _)| *time >= scale.from).map(|(time, text)| (scale.x(time), text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut places: Vec<f64>) -> Vec<f64> {
        places.sort_by(f64::total_cmp);
        places
    }

    proptest! {
        #[test]
        fn marks_lie_apart_in_order_and_inside(
            wanted in prop::collection::vec(-50.0..1500.0_f64, 0..80),
            gap in 1.0..20.0_f64,
        ) {
            let wanted = sorted(wanted);
            let placed = spread(&wanted, gap, (10.0, 1000.0));
            prop_assert_eq!(placed.len(), wanted.len());
            let least = gap.min(990.0 / (wanted.len().max(2) - 1) as f64);
            prop_assert!(placed.windows(2).all(|pair| pair[1] - pair[0] >= least - 1e-6), "{:?}", placed);
            prop_assert!(placed.iter().all(|x| (9.999..1000.001).contains(x)), "{:?}", placed);
        }

        #[test]
        fn marks_that_have_room_stay_where_they_belong(steps in prop::collection::vec(12.0..90.0_f64, 1..10)) {
            let wanted: Vec<f64> = steps.iter().scan(10.0, |x, step| { *x += step; Some(*x) }).collect();
            let placed = spread(&wanted, 12.0, (0.0, 1000.0));
            prop_assert!(placed.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6), "{:?} {:?}", placed, wanted);
        }

        #[test]
        fn labels_of_a_row_do_not_overlap_and_lie_inside(
            centres in prop::collection::vec(0.0..1000.0_f64, 0..80),
            widths in prop::collection::vec(5.0..90.0_f64, 80),
        ) {
            let labels: Vec<(f64, f64)> = sorted(centres).into_iter().zip(widths).collect();
            let mut placed: Vec<(usize, f64, f64)> = rows(&labels, 4, (0.0, 1000.0))
                .into_iter()
                .zip(&labels)
                .filter_map(|(at, (_, width))| Some((at?.0, at?.1 - width / 2.0, at?.1 + width / 2.0)))
                .collect();
            placed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            for pair in placed.windows(2) {
                prop_assert!(pair[0].0 != pair[1].0 || pair[0].2 < pair[1].1, "{:?}", pair);
            }
            prop_assert!(placed.iter().all(|(_, from, to)| *from >= -1e-6 && *to <= 1000.0 + 1e-6));
        }

        #[test]
        fn an_axis_has_ticks_that_do_not_touch(from in -2_000_000_000_i64..4_000_000_000, minutes in 1_i64..50_000_000, width in 300.0..5000.0_f64) {
            let scale = Scale { from, to: from + minutes * 60, left: 10.0, right: width };
            let ticks = ticks(&scale);
            prop_assert!(ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 >= TICK - 1.0), "{:?}", ticks);
            prop_assert!(ticks.iter().all(|(x, _)| (10.0..=width).contains(x)));
        }

        #[test]
        fn a_text_is_cut_to_its_room(text in "\\PC{0,40}", most in 20.0..200.0_f64) {
            prop_assert!(width(&cut(&text, most)) <= most + 1e-6);
        }
    }

    #[test]
    fn the_axis_takes_the_finest_step_that_has_room() {
        let shown = |days: f64| -> Vec<String> {
            let from = Day::new(2025, 11, 20).unwrap().start();
            let scale = Scale { from, to: from + (days * 86_400.0) as i64, left: 0.0, right: 1000.0 };
            ticks(&scale).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(shown(0.01), ["11-20 00:00", "11-20 00:05", "11-20 00:10"]);
        assert_eq!(shown(1.0), ["11-20 00:00", "11-20 06:00", "11-20 12:00", "11-20 18:00", "11-21 00:00"]);
        assert_eq!(shown(6.0).last().map(String::as_str), Some("2025-11-26"));
        assert_eq!(shown(30.0), ["2025-11-20", "2025-11-27", "2025-12-04", "2025-12-11", "2025-12-18"]);
        assert_eq!(shown(120.0), ["2025-12", "2026-01", "2026-02", "2026-03"]);
        assert_eq!(
            shown(800.0),
            ["2026-01", "2026-04", "2026-07", "2026-10", "2027-01", "2027-04", "2027-07", "2027-10", "2028-01"]
        );
        assert_eq!(shown(4000.0).len(), 11);
        assert_eq!(shown(60_000.0), ["2100-01"]);
    }
}
