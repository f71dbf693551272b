//! What `release pins --policy` shows, as text and as a part of the JSON of `release pins`.

use crate::checkout::current_directory;
use crate::cli::Global;
use crate::output::{ADDED, HEADING, count, diff, json, lines, note, say};
use camino::Utf8Path;
use release_core::monorepo::{Client, PinForm, PinPolicy};
use release_core::plan::{Edits, Outcome, PlannedKind};
use release_core::registry::Registry;
use release_core::train::{Step, StepId};
use serde_json::{Value, json};

/// Pins that were written by another policy, or would be.
pub(crate) struct Rewriting<'a> {
    /// As release.toml spells it.
    pub(crate) policy: &'static str,
    pub(crate) root: &'a Utf8Path,
    pub(crate) rewritten: &'a Edits,
    pub(crate) state: State,
    /// What is left to do beside the settings.
    pub(crate) next: Vec<Step>,
    /// The clients as release.toml must have them.
    pub(crate) lasting: Vec<Client>,
    /// Whether release.toml has clients already.
    pub(crate) is_listed: bool,
}

/// How far it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Planned,
    Written,
    NothingToDo,
}

impl Rewriting<'_> {
    pub(super) fn show(&self, global: &Global) {
        if !global.quiet || global.dry_run {
            for file in &self.rewritten.files {
                lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
            }
        }
        let changed = self.number(Outcome::Changed);
        let (pins, files) = (count(changed, "pin"), count(self.rewritten.files.len(), "file"));
        say(
            global,
            &match self.state {
                State::Planned => format!("would change {pins} in {files}; dry run, nothing was changed"),
                State::Written => format!("changed {pins} in {files}"),
                State::NothingToDo => match self.number(Outcome::AlreadyRight) {
                    0 => "nothing to do: no pin is meant".to_owned(),
                    right => format!("nothing to do: {} as `{}` has it already", count(right, "pin"), self.policy),
                },
            },
        );
        self.next(global);
    }

    fn number(&self, outcome: Outcome) -> usize {
        self.rewritten.sites.iter().filter(|site| site.outcome == outcome).count()
    }

    fn next(&self, global: &Global) {
        let settings = self.settings();
        let siblings = self.siblings();
        if self.next.is_empty() && settings.is_none() && siblings.is_empty() {
            return;
        }
        let elsewhere = current_directory().ok().filter(|directory| directory != self.root);
        let place = elsewhere.map_or_else(String::new, |_| format!(", in {}", self.root));
        say(global, &format!("\n{HEADING}what comes next{HEADING:#}{place}"));
        let title = match self.is_listed {
            true => "so that it lasts, have it in `[[client]]` of release.toml",
            false => "so that it lasts, add to release.toml",
        };
        let settings = settings.map(|lines| Step::ready(StepId::Settings, title, [lines]));
        for (number, step) in self.next.iter().chain(&settings).enumerate() {
            say(global, &format!("{:3}. {}", number + 1, step.title));
            for line in step.commands.iter().flat_map(|lines| lines.lines()) {
                say(global, format!("       {ADDED}{line}{ADDED:#}").trim_end());
            }
        }
        if !siblings.is_empty() {
            let siblings = siblings.join(", ");
            note(&format!(
                "the next release pins {siblings} with `==` again, as it does with packages of this repository"
            ));
        }
    }

    /// Siblings that were meant, and that no setting keeps like that.
    fn siblings(&self) -> Vec<&str> {
        let sites = self.rewritten.sites.iter().filter(|site| site.kind == PlannedKind::SiblingPin);
        let is_meant = |outcome: Outcome| outcome != Outcome::Kept && self.policy != "none" && self.policy != "==";
        let mut names: Vec<&str> =
            sites.filter(|site| is_meant(site.outcome)).map(|site| site.subject.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The lines of release.toml that make it last; nothing where it has them.
    fn settings(&self) -> Option<String> {
        let tables: Vec<String> = self.lasting.iter().map(table).collect();
        (!tables.is_empty()).then(|| tables.join("\n"))
    }

    pub(super) fn document(&self, global: &Global) -> Value {
        let state = match self.state {
            State::Planned => "planned",
            State::Written => "written",
            State::NothingToDo => "nothing-to-do",
        };
        json!({ "outcome": state, "dry_run": global.dry_run, "policy": self.policy,
            "files": json::files_of(&self.rewritten.sites, &self.rewritten.files),
            "next": self.next, "settings": self.settings() })
    }
}

/// A client as release.toml has it, without what goes without saying.
fn table(client: &Client) -> String {
    let registries: Vec<String> = client.registries.iter().map(|registry| format!("\"{registry}\"")).collect();
    let registry = match client.registries[..] == [Registry::Pypi] {
        true => String::new(),
        false => format!("registry = [{}]\n", registries.join(", ")),
    };
    let (policy, usual) = (client.policy, PinPolicy::default());
    let forms = [
        ("release", policy.release, usual.release),
        ("candidate", policy.candidate, usual.candidate),
        ("main", policy.main, usual.main),
    ];
    let said = |(key, form, usual): &(&str, PinForm, PinForm)| (form != usual).then(|| format!("{key} = \"{form}\""));
    let forms: Vec<String> = forms.iter().filter_map(said).collect();
    let pin = if forms.is_empty() { String::new() } else { format!("pin = {{ {} }}\n", forms.join(", ")) };
    format!("[[client]]\nname = \"{}\"\n{registry}{pin}", client.name)
}
