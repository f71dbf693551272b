//! The output of `release pins --policy`, as text and as a part of the JSON of `release pins`.

use crate::cli::Global;
use crate::output::{count, differences, json, next, note, say};
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
    /// `planned`, `written` or `nothing-to-do`.
    pub(crate) outcome: &'static str,
    /// The steps that are left beside the settings.
    pub(crate) next: Vec<Step>,
    /// The clients as release.toml must have them.
    pub(crate) lasting: Vec<Client>,
    /// `true` if release.toml has clients already.
    pub(crate) is_listed: bool,
}

impl Rewriting<'_> {
    pub(super) fn show(&self, global: &Global) {
        differences(global, &self.rewritten.files);
        let changed = self.number(Outcome::Changed);
        let (pins, files) = (count(changed, "pin"), count(self.rewritten.files.len(), "file"));
        let line = match (self.outcome, self.number(Outcome::AlreadyRight)) {
            ("planned", _) => format!("would change {pins} in {files}; dry run, nothing was changed"),
            ("written", _) => format!("changed {pins} in {files}"),
            (_, 0) => "nothing to do: there is no pin that this may change".to_owned(),
            (_, right) => {
                format!("nothing to do: {} as `{}` has it already", count(right, "pin"), self.policy)
            }
        };
        say(global, &line);
        self.next(global);
    }

    fn number(&self, outcome: Outcome) -> usize {
        self.rewritten.sites.iter().filter(|site| site.outcome == outcome).count()
    }

    fn next(&self, global: &Global) {
        let title = match self.is_listed {
            true => "so that it lasts, have it in `[[client]]` of release.toml",
            false => "so that it lasts, add to release.toml",
        };
        let settings = self.settings().map(|lines| Step::ready(StepId::Settings, title, [lines]));
        let steps: Vec<Step> = self.next.iter().cloned().chain(settings).collect();
        next(global, self.root, &steps);
        let siblings = self.siblings().join(", ");
        if !siblings.is_empty() {
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

    /// The lines of release.toml that make it last; `None` where it has them.
    fn settings(&self) -> Option<String> {
        let tables: Vec<String> = self.lasting.iter().map(table).collect();
        (!tables.is_empty()).then(|| tables.join("\n"))
    }

    pub(super) fn document(&self, global: &Global) -> Value {
        json!({ "outcome": self.outcome, "dry_run": global.dry_run, "policy": self.policy,
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
