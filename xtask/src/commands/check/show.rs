//! The output of `release check`.

use super::fixes::counted;
use crate::Outcome;
use crate::cli::{Check, Format, Global};
use crate::effects::append::append_to;
use crate::output::{FAILED, HEADING, PASSED, count, data, diff, lines, say, skipped, stream};
use anyhow::Context as _;
use release_checks::context::Context;
use release_checks::diagnostic::Diagnostic;
use release_checks::level::{Level, Levels};
use release_checks::render::{self, Command, Part, Run, json};
use release_checks::run::Checked;
use release_core::plan::PlannedFile;
use std::time::Instant;

/// The run that is shown, with its words.
pub(crate) struct Report<'a> {
    pub(crate) global: &'a Global,
    pub(crate) check: &'a Check,
    pub(crate) context: &'a Context,
    /// The reason for the branch.
    pub(crate) why: &'a str,
    pub(crate) levels: &'a Levels,
    /// The commit that was judged.
    pub(crate) commit: Option<&'a str>,
    pub(crate) format: Format,
    pub(crate) started: Instant,
}

impl Report<'_> {
    /// Shows what was found, and decides.
    pub(crate) fn show(&self, checked: &Checked) -> anyhow::Result<Outcome> {
        let part = Part::of_check(self.context, checked);
        let sources = &part.sources;
        let run = Run {
            command: Command::Check {
                commit: self.commit,
                branch: self.context.branch.as_ref().ok().map(|b| b.name.as_str()),
            },
            parts: std::slice::from_ref(&part),
            is_tag: &|name| self.context.tags.contains(name),
            levels: self.levels,
            version: env!("CARGO_PKG_VERSION"),
            deny_warnings: self.check.judged.deny_warnings,
        };
        // With `--online` it was said before the index was asked.
        if !self.check.judged.online {
            headline(self.global, self.check, self.context, self.why);
        }
        let each = |show: &dyn Fn(&Diagnostic)| checked.diagnostics.iter().for_each(show);
        match self.format {
            Format::Json => crate::output::document(&json::document(checked, self.context, sources)),
            // Pages are of `audit` alone; usage is checked before.
            Format::Text | Format::Html => each(&|diagnostic| {
                lines(&format!("{}\n\n", stream::drawn(&render::diagnostic(diagnostic, sources, true))));
            }),
            Format::Sarif => crate::output::document(&render::sarif(&run)),
            Format::Junit => stream::markup(&render::junit(&run)),
            Format::Concise => each(&|diagnostic| data(&format!("{}\n", render::concise(diagnostic, sources)))),
            Format::Github => each(&|diagnostic| stream::command(&render::github(diagnostic, sources))),
        }
        skipped::lines(&[], &checked.skipped).iter().for_each(|line| say(self.global, line));
        let summary = self.summary(checked);
        let failed = run.fails();
        let color = if failed { FAILED } else { PASSED };
        say(self.global, &format!("{color}{summary}{color:#}"));
        if self.format == Format::Text {
            self.next(checked);
        }
        if self.format == Format::Github {
            let text = render::summary(&format!("release check: {summary}"), &checked.diagnostics, sources);
            append_to("GITHUB_STEP_SUMMARY", &text).context("could not write the summary of the job")?;
        }
        Ok(if failed { Outcome::Refused } else { Outcome::Done })
    }

    /// Shows what fixes would change.
    pub(crate) fn differences(&self, files: &[PlannedFile], number: usize) -> anyhow::Result<Outcome> {
        for file in files {
            lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
        }
        let (fixes, files) = (counted(number), count(files.len(), "file"));
        say(self.global, &format!("{fixes} would change {files}; nothing was changed"));
        Ok(if number == 0 { Outcome::Done } else { Outcome::Refused })
    }

    /// Says what can be done about findings.
    fn next(&self, checked: &Checked) {
        let Some(first) = checked.diagnostics.first() else { return };
        let explain = format!("`cargo xtask release explain {}` says what a rule wants", first.rule);
        let is_fixable = checked.diagnostics.iter().any(|diagnostic| diagnostic.finding.fix.is_some());
        // Fixes are made in the work tree.
        let fixes = match is_fixable && self.check.rev.is_none() {
            true => "; `cargo xtask release check --unsafe-fixes --diff` shows the fixes",
            false => "",
        };
        say(self.global, &format!("{explain}{fixes}"));
    }

    fn summary(&self, checked: &Checked) -> String {
        let rules = release_checks::rules::OF_TREES;
        let run = rules.iter().filter(|rule| self.levels.of(rule.name, rule.level).0 != Level::Ignore).count();
        let fixable = checked.diagnostics.iter().filter(|diagnostic| diagnostic.finding.fix.is_some()).count();
        let baseline = self.context.baseline.as_ref();
        let parts = [
            Some(count(checked.count(Level::Error), "error")),
            Some(count(checked.count(Level::Warn), "warning")),
            (checked.ignored() > 0).then(|| format!("{} ignored", checked.ignored())),
            // A baseline is used without being asked for, and so it is always said.
            baseline.map(|baseline| format!("{} accepted by {}", checked.baselined(), baseline.path)),
            (fixable > 0).then(|| format!("{fixable} with a fix")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let packages = count(self.context.monorepo.packages.len(), "package");
        let time = self.started.elapsed().as_millis();
        format!("{} by {run} rules on {packages} in {time} ms", parts.join(", "))
    }
}

/// The first line: what is judged, as which branch, and why.
pub(crate) fn headline(global: &Global, check: &Check, context: &Context, why: &str) {
    let what = check.rev.as_deref().unwrap_or("the work tree");
    let line = match &context.branch {
        Ok(branch) => format!("{HEADING}checking {what}{HEADING:#} as {}, {why}", branch.name),
        Err(reason) => format!("{HEADING}checking {what}{HEADING:#}; its branch is not known: {reason}"),
    };
    say(global, &format!("{line}\n"));
}
