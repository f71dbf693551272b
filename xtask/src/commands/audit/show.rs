//! The text of `release audit`: tags against findings, the rules over the past, the lines.

use super::json::document;
use super::report::{Counts, Report, hours};
use super::{formats, html};
use crate::Outcome;
use crate::cli::Format;
use crate::output::{FAILED, HEADING, PASSED, QUIET, count, data, problems, say};
use crate::output::{skipped, stream};
use release_checks::diagnostic::Diagnostic;
use release_checks::past::{day, policies};
use release_checks::render::concise;
use release_core::history::{LineHistory, Window};
use std::collections::BTreeMap;

impl<'a> Report<'a> {
    /// Shows what was found, and decides.
    pub(crate) fn show(&self) -> anyhow::Result<Outcome> {
        let counts = Counts::of(self.diagnostics());
        match self.global.output_format {
            Some(Format::Json) => crate::output::document(&document(self, counts)),
            Some(Format::Html) => stream::markup(&html::page(self, counts)),
            Some(Format::Sarif) => formats::sarif(self),
            Some(Format::Junit) => stream::markup(&formats::junit(self)),
            _ => self.text(),
        }
        for line in skipped::lines(&self.skipped(), &self.past.skipped) {
            say(self.global, &line);
        }
        let unfit: Vec<_> =
            self.audited.iter().filter_map(|audited| Some((audited, audited.checked.as_ref().err()?))).collect();
        for (audited, found) in &unfit {
            say(self.global, &format!("\n{} cannot be checked:", audited.tag.name));
            problems(found, audited.sources.iter().map(|(path, text)| (path.as_path(), text)));
        }
        let failed = counts.errors > 0 || !unfit.is_empty() || (self.audit.judged.deny_warnings && counts.warnings > 0);
        let color = if failed { FAILED } else { PASSED };
        let mut parts = vec![count(counts.errors, "error"), count(counts.warnings, "warning")];
        parts.push(format!("{} known from releases on their way", counts.known));
        let ignored = self.ignored();
        if ignored > 0 {
            parts.push(format!("{ignored} ignored"));
        }
        // A baseline is used without being asked for, and so it is always said.
        if let Some(baseline) = self.baseline {
            parts.push(format!("{} accepted by {}", self.baselined(), baseline.path));
        }
        let tags = count(self.audited.len(), "tag");
        let time = self.started.elapsed().as_millis();
        say(self.global, &format!("\n{color}{} at {tags} and in the past, in {time} ms{color:#}", parts.join(", ")));
        let is_text = matches!(self.global.output_format, None | Some(Format::Text));
        if is_text && counts.errors + counts.warnings > 0 {
            let page =
                "`cargo xtask release audit --output-format html > audit.html` shows each finding with its source";
            let accept = "`--write-baseline --reason \"...\"` accepts what cannot be mended any more";
            say(self.global, &format!("{page}; {accept}"));
        }
        Ok(if failed { Outcome::Refused } else { Outcome::Done })
    }

    fn text(&self) {
        let width = self.audited.iter().map(|audited| audited.tag.name.len()).max().unwrap_or_default().max(3);
        data(&format!("{HEADING}{:width$}  date        errors  warnings  known  rules{HEADING:#}\n", "tag"));
        for audited in self.audited {
            let Ok(checked) = &audited.checked else {
                data(&format!("{:width$}  {}  cannot be checked\n", audited.tag.name, day(audited.tag.time)));
                continue;
            };
            let counts = Counts::of(checked.diagnostics.iter());
            let shown = |number: usize| if number == 0 { "-".to_owned() } else { number.to_string() };
            let line = format!(
                "{:width$}  {}  {:>6}  {:>8}  {:>5}  {}",
                audited.tag.name,
                day(audited.tag.time),
                shown(counts.errors),
                shown(counts.warnings),
                shown(counts.known),
                rules(&checked.diagnostics)
            );
            data(&format!("{}\n", line.trim_end()));
        }
        data(&format!("\n{HEADING}lines{HEADING:#}\n"));
        for line in self.observed.timeline.lines() {
            data(&format!("{}\n", self.line(&line)));
        }
        data(&format!("\n{HEADING}finals that policy asks candidates of{HEADING:#}\n"));
        let policy = policies(&self.observed.timeline, self.observed.config);
        for window in self.observed.timeline.windows() {
            let policy = policy(window.release.kind());
            if policy.candidates > 0 || policy.testing_days.0 > 0 {
                data(&format!("{}\n", tested(&window)));
            }
        }
        if !self.past.diagnostics.is_empty() {
            data(&format!("\n{HEADING}the past{HEADING:#}\n"));
            for diagnostic in &self.past.diagnostics {
                data(&format!("{}\n", concise(diagnostic, &self.sources())));
            }
        }
    }

    fn line(&self, line: &LineHistory) -> String {
        let state = match (line.opened, line.ended) {
            (None, None) => "being opened".to_owned(),
            (None, Some((time, by))) => format!("never opened, passed by {by} on {}", day(time)),
            (Some(opened), None) => format!("since {}, maintained", day(opened)),
            (Some(opened), Some((time, by))) => {
                format!("since {}, end of life since {} ({by})", day(opened), day(time))
            }
        };
        let last = line.releases.iter().rfind(|tagged| !tagged.release.is_candidate());
        let last = last.map_or_else(|| "no final".to_owned(), |tagged| format!("last {}", tagged.release));
        let timeline = &self.observed.timeline;
        let fixes = line.unreleased.as_ref().map_or(0, |unreleased| unreleased.fixes(timeline).count());
        let fixes = if fixes == 0 { String::new() } else { format!(", {fixes} unreleased") };
        format!("{:<6} {state}; {last}{fixes}", line.line.to_string())
    }
}

/// The candidates of a final and its windows, in a line.
fn tested(window: &Window) -> String {
    if window.candidates.is_empty() {
        return format!("{:<8} no candidate", window.release.to_string());
    }
    let hours = |time: Option<i64>| time.map_or_else(|| "unknown".to_owned(), |time| format!("{:.1}", hours(time)));
    format!(
        "{:<8} {}, {} hours from the first, {} from the last",
        window.release.to_string(),
        count(window.candidates.len(), "candidate"),
        hours(window.from_first),
        hours(window.from_last)
    )
}

/// The rules that found something, with their numbers; what was in flight is dimmed.
fn rules(diagnostics: &[Diagnostic]) -> String {
    let mut numbers: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        *numbers.entry((diagnostic.finding.in_flight, diagnostic.rule)).or_default() += 1;
    }
    let shown = numbers.into_iter().map(|((is_known, rule), number)| {
        let times = if number > 1 { format!(" x{number}") } else { String::new() };
        if is_known { format!("{QUIET}{rule}{times} (known){QUIET:#}") } else { format!("{rule}{times}") }
    });
    shown.collect::<Vec<_>>().join(", ")
}
