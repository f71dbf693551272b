//! The output of `release pins`, as text and as JSON (docs/json.md).

use super::show_edit::Rewriting;
use crate::cli::{Format, Global};
use crate::output::{HEADING, QUIET, data, say};
use release_core::manifest::requirement::Constraint;
use release_core::monorepo::{Artifact, Monorepo};
use release_core::pins::simulate::{Failure, Stuck, Versions, Window, World};
use release_core::pins::tree::{Listed, Role};
use release_core::version::Release;
use serde_json::{Value, json};

/// The pins and what a run made of them.
pub(crate) struct Report<'a> {
    pub(crate) global: &'a Global,
    pub(crate) monorepo: &'a Monorepo,
    pub(crate) role: Role,
    pub(crate) pins: &'a [Listed<'a>],
    pub(crate) simulation: Option<&'a Simulation>,
    pub(crate) rewritten: Option<&'a Rewriting<'a>>,
}

/// A release, published one artifact after the other.
pub(crate) struct Simulation {
    pub(crate) release: Release,
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) world: World,
    pub(crate) steps: Vec<Vec<Failure>>,
    pub(crate) window: Option<Window>,
    pub(crate) safe: Result<Vec<usize>, Stuck>,
    pub(crate) tried: Vec<Tried>,
    /// `true` if the registries said what was there before, and not the tags.
    pub(crate) is_online: bool,
}

/// Another form of all pins, and its window.
pub(crate) struct Tried {
    pub(crate) form: &'static str,
    pub(crate) window: Option<Window>,
}

impl Report<'_> {
    pub(crate) fn show(&self) {
        if self.global.output_format == Some(Format::Json) {
            crate::output::document(&self.document());
            return;
        }
        match (self.simulation, self.rewritten) {
            (Some(simulation), _) => simulation.show(self.global),
            (None, Some(edit)) => edit.show(self.global),
            (None, None) => self.list(),
        }
    }

    fn list(&self) {
        say(self.global, &format!("{HEADING}pins{HEADING:#}, by the policy of {}", role(self.role)));
        if self.pins.is_empty() {
            say(self.global, "nothing here requires a client, or a package of this monorepo");
        }
        for pin in self.pins {
            let (place, form) = (self.place(pin), &pin.form);
            let requirement = pin.site.declared.and_then(|declared| declared.requirement.as_ref().ok());
            let is_free = requirement.is_some_and(|requirement| !requirement.is_constrained());
            let verdict = if pin.follows && is_free {
                "without a version".to_owned()
            } else if pin.follows {
                format!("as `{form}` has it")
            } else {
                format!("not `{form}`")
            };
            data(&format!("{place} [{}] {}: {verdict}\n", pin.site.table, pin.site.text.value));
        }
    }

    fn place(&self, pin: &Listed<'_>) -> String {
        let (line, column) = self.position(pin);
        format!("{}:{line}:{column}", pin.site.path)
    }

    fn position(&self, pin: &Listed<'_>) -> (usize, usize) {
        let manifest = self.monorepo.manifests.get(pin.site.path);
        manifest.map_or((1, 1), |manifest| {
            let at = manifest.source.location(pin.site.text.span.start);
            (at.line, at.column)
        })
    }

    fn document(&self) -> Value {
        let pin = |pin: &Listed<'_>| {
            let (line, column) = self.position(pin);
            json!({ "path": pin.site.path, "line": line, "column": column, "table": pin.site.table,
                "kind": pin.site.kind, "subject": pin.site.subject, "requirement": pin.site.text.value,
                "policy": pin.form.to_string(), "follows": pin.follows })
        };
        json!({ "schema_version": 1, "command": "pins", "policy_of": role(self.role),
            "pins": self.pins.iter().map(pin).collect::<Vec<_>>(),
            "simulation": self.simulation.map(Simulation::document),
            "rewrite": self.rewritten.map(|edit| edit.document(self.global)) })
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Release => "release",
        Role::Candidate => "candidate",
        Role::Main => "main",
    }
}

/// An artifact as `--order` takes it: by its name, with the kind where two have that name.
pub(crate) fn spelled(all: &[Artifact], artifact: &Artifact) -> String {
    let Artifact { kind, name } = artifact;
    let is_only = all.iter().filter(|other| other.name == *name).count() == 1;
    if is_only { name.clone() } else { format!("{kind}:{name}") }
}

fn window(window: Option<Window>) -> Value {
    window.map_or(Value::Null, |window| json!({ "opens": window.opens, "closes": window.closes }))
}

impl Simulation {
    fn show(&self, global: &Global) {
        say(global, &format!("{HEADING}publishing {}{HEADING:#}, one artifact after the other", self.release));
        for (step, (artifact, failures)) in self.artifacts.iter().zip(&self.steps).enumerate() {
            let can = if failures.is_empty() { "  everything that is out can be installed" } else { "" };
            data(&format!("{:3}. {} ({}){QUIET}{can}{QUIET:#}\n", step + 1, artifact.name, artifact.kind));
            for failure in failures {
                let (install, missing) = self.words(*failure);
                data(&format!("     {install} fails: {missing}\n"));
            }
        }
        data(&match self.window {
            None => "no window: at each step everything that is out can be installed\n".to_owned(),
            Some(Window { opens, closes: Some(closes) }) => {
                format!("the window opens with step {opens} and closes with step {closes}\n")
            }
            Some(Window { opens, closes: None }) => format!("the window opens with step {opens} and never closes\n"),
        });
        if self.window.is_none() {
            return;
        }
        data(&match &self.safe {
            Ok(order) => {
                let names = self.names(order);
                format!("without a window: --order {}\n", names.join(","))
            }
            Err(Stuck::Cycle(cycle)) => format!("no order is without: a cycle, {}\n", self.names(cycle).join(" -> ")),
            Err(Stuck::Never(failure)) => format!("no order is without: {}\n", self.words(*failure).1),
            Err(Stuck::Already(failure)) => {
                format!("no order is without: {} fails before the first step\n", self.words(*failure).0)
            }
        });
        let others: Vec<String> =
            self.tried.iter().filter(|tried| tried.window.is_none()).map(|tried| format!("`{}`", tried.form)).collect();
        let others = if others.is_empty() { "none of the policies".to_owned() } else { others.join(", ") };
        data(&format!("without a window in this order: pins by {others}\n"));
    }

    fn names(&self, order: &[usize]) -> Vec<String> {
        order.iter().map(|at| spelled(&self.artifacts, &self.artifacts[*at])).collect()
    }

    /// The install that fails, and why.
    fn words(&self, failure: Failure) -> (String, String) {
        let publication = &self.world.publications[failure.publication];
        let extra = &publication.installs[failure.install].extra;
        let extra = extra.as_ref().map(|extra| format!("[{extra}]")).unwrap_or_default();
        let install = match publication.is_out {
            true => format!("npm install in {}", publication.name),
            false => format!("pip install '{}{extra}=={}'", publication.name, publication.version),
        };
        let missing = match self.world.want(failure) {
            None => "the package alone cannot be installed".to_owned(),
            Some(want) => {
                let set = match &want.versions {
                    Versions::Python(Constraint::Specifier(set)) => set.to_string(),
                    Versions::Python(Constraint::Any | Constraint::Url(_)) => String::new(),
                    Versions::Npm(range, _) => format!("@{range}"),
                };
                let extras =
                    if want.extras.is_empty() { String::new() } else { format!("[{}]", want.extras.join(",")) };
                format!("{}{extras}{set} cannot be had yet", want.name)
            }
        };
        (install, missing)
    }

    fn document(&self) -> Value {
        let steps = self.artifacts.iter().zip(&self.steps).map(|(artifact, failures)| {
            let failures = failures.iter().map(|failure| {
                let (install, reason) = self.words(*failure);
                json!({ "install": install, "reason": reason })
            });
            json!({ "kind": artifact.kind, "name": artifact.name, "failures": failures.collect::<Vec<_>>() })
        });
        let tried = self.tried.iter().map(|tried| json!({ "policy": tried.form, "window": window(tried.window) }));
        let (safe, cycle) = match &self.safe {
            Ok(order) => (json!(self.names(order)), Value::Null),
            Err(Stuck::Cycle(cycle)) => (Value::Null, json!(self.names(cycle))),
            Err(Stuck::Never(_) | Stuck::Already(_)) => (Value::Null, Value::Null),
        };
        let before = if self.is_online { "registries" } else { "tags" };
        json!({ "release": self.release.to_string(), "before": before, "steps": steps.collect::<Vec<_>>(),
            "window": window(self.window), "safe_order": safe, "cycle": cycle, "policies": tried.collect::<Vec<_>>() })
    }
}
