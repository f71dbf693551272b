//! The state of all lines, or of one release, as text of at most 80 columns.

use super::observe::Observed;
use crate::cli::Global;
use crate::output::{ADDED, FAILED, HEADING, PASSED, QUIET, count, data, fetched, say};
use release_core::plan::preconditions::short;
use release_core::train::State;
use release_core::train::overview::{LineState, Maintenance, Overview};
use release_core::train::steps::Judged;
use release_core::train::world::{Fix, World};

/// The columns of the text.
const WIDTH: usize = 80;

/// Shows all lines.
pub(super) fn lines(global: &Global, observed: &Observed<'_>, overview: &Overview) {
    let width = overview.lines.iter().map(|line| line.branch.len()).max().unwrap_or(0).max(overview.main.branch.len());
    let main = &overview.main;
    let says = main.version.as_deref().unwrap_or("no version");
    let next = match (&main.next, main.follows) {
        (Some(next), false) => format!("; {next} comes next"),
        _ => String::new(),
    };
    data(&format!("{HEADING}{:width$}{HEADING:#}  develops {says}{next}\n", main.branch));
    for line in &overview.lines {
        data(&format!("{HEADING}{:width$}{HEADING:#}  {}\n", line.branch, described(line)));
    }
    let waiting: Vec<&LineState> = overview.lines.iter().filter(|line| !line.fixes.is_empty()).collect();
    for line in waiting {
        let last = line.last.map(|last| format!(" since {last}")).unwrap_or_default();
        data(&format!("\n{HEADING}unreleased on {}{last}{HEADING:#}\n", line.branch));
        line.fixes.iter().for_each(|fix| data(&format!("  {}\n", fixed(fix))));
    }
    if !overview.trains.is_empty() {
        data(&format!("\n{HEADING}on their way{HEADING:#}\n"));
    }
    for (release, reasons) in &overview.trains {
        for reason in reasons {
            data(&format!("  {release}  {reason}\n"));
        }
        data(&format!("    {ADDED}cargo xtask release status {release}{ADDED:#}\n"));
    }
    for dangling in &overview.dangling {
        data(&format!("\n{} has no final, and none will come\n", observed.config.tag.tag(*dangling)));
    }
    seen(global, observed);
}

fn described(line: &LineState) -> String {
    let last = line.last.map_or("no final yet".to_owned(), |last| format!("last {last}"));
    let state = match (line.state, line.ended_by) {
        (Maintenance::BeingOpened, _) => "being opened".to_owned(),
        (Maintenance::Maintained, _) => "maintained".to_owned(),
        (Maintenance::EndOfLife, by) => by.map_or("end of life".to_owned(), |by| format!("end of life by {by}")),
    };
    let unreleased = match line.fixes.len() {
        0 => String::new(),
        number => format!(", {} unreleased", count(number, "commit")),
    };
    let next = line.next.map(|next| format!(", next {next}")).unwrap_or_default();
    format!("{state}, {last}{next}{unreleased}")
}

fn fixed(fix: &Fix) -> String {
    let marks = if fix.marks.is_empty() { String::new() } else { format!("{}: ", fix.marks.join(", ")) };
    shortened(&format!("{} {marks}{}", short(&fix.commit), fix.subject), WIDTH - 2)
}

/// Cuts a text where the column ends.
fn shortened(text: &str, width: usize) -> String {
    match text.chars().count() > width {
        true => text.chars().take(width - 3).chain("...".chars()).collect(),
        false => text.to_owned(),
    }
}

/// Shows the steps of a release.
pub(super) fn steps(global: &Global, observed: &Observed<'_>, world: &World, steps: &[Judged]) {
    let at = world.commit().map(|commit| format!(" at {}", short(commit))).unwrap_or_default();
    data(&format!("{HEADING}{}{HEADING:#}{at}\n", world.release));
    let width = steps.iter().map(|step| step.id.to_string().len()).max().unwrap_or(0);
    for step in steps {
        let (paint, word) = match &step.state {
            State::Done => (PASSED, "done"),
            State::Ready => (ADDED, "ready"),
            State::Waiting(_) | State::Until(_) => (QUIET, "waiting"),
            State::Blocked(_) => (FAILED, "blocked"),
            State::Human => (HEADING, "human"),
            State::NotKnown(_) => (QUIET, "not known"),
        };
        let (id, indent) = (step.id.to_string(), width + 13);
        let mut lines = wrapped(&step.title, indent);
        let first = lines.remove(0);
        data(&format!("{paint}{word:<9}{paint:#}  {id:<width$}  {first}\n"));
        let why = match &step.state {
            State::Blocked(finding) => Some(finding.clone()),
            State::Until(end) => Some(format!("until {end}")),
            State::NotKnown(why) => Some(why.reason.clone()),
            _ => None,
        };
        let next = (!step.next.is_empty()).then(|| format!("-> {}", step.next));
        lines.extend(why.iter().chain(&next).flat_map(|text| wrapped(text, indent)));
        lines.iter().for_each(|line| data(&format!("{:indent$}{line}\n", "")));
    }
    seen(global, observed);
}

/// Breaks a text between words into lines that fit behind the indent. A word that is longer has a line of its own.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        match line.is_empty() || indent + line.chars().count() + 1 + word.chars().count() <= WIDTH {
            true => *line += &format!("{}{word}", if line.is_empty() { "" } else { " " }),
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Says what was looked at, and what was not.
fn seen(global: &Global, observed: &Observed<'_>) {
    if let Err(why) = &observed.answered {
        say(global, &format!("\n{}; {}", why.reason, fetched(observed.repository.last_fetch())));
    }
    if let Some(unread) = &observed.unread {
        say(global, &format!("not looked at: {unread}"));
    }
}
