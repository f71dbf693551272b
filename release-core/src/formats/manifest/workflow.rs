//! A workflow of GitHub Actions: what starts it, its jobs, their steps, and what they run, with places
//! ("Workflow syntax": <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>).
//!
//! Values of another shape than the manual's are left out: whether GitHub takes a file is GitHub's to say.

pub mod expression;
mod place;
mod script;

pub use super::yaml::{MOST_BYTES, YamlString};
pub use script::{Block, BlockKind, Command, Joint, Script, Word};

use super::yaml::{self, Node};
use crate::text::{SourceText, Span, SyntaxError};
use place::Placed;

/// The folder of workflows.
pub const FOLDER: &str = ".github/workflows";

/// A workflow.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// `name`.
    pub name: Option<YamlString>,
    /// `on`: what starts it.
    pub triggers: Vec<Trigger>,
    /// The triggers of the workflows of the same tree that call it; they do not stand in this file.
    pub callers: Vec<Trigger>,
    /// `concurrency`.
    pub concurrency: Option<Concurrency>,
    /// `env`.
    pub env: Vec<Entry>,
    /// `jobs`.
    pub jobs: Vec<Job>,
}

/// An event that starts a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The event.
    pub event: YamlString,
    /// `branches`.
    pub branches: Vec<YamlString>,
    /// `tags`.
    pub tags: Vec<YamlString>,
    /// `workflows`: those after which it is started.
    pub workflows: Vec<YamlString>,
}

/// The runs that exclude each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// The group.
    pub group: Option<YamlString>,
    /// `cancel-in-progress`.
    pub cancel: Option<YamlString>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: YamlString,
    /// The value.
    pub value: YamlString,
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: YamlString,
    /// `needs`.
    pub needs: Vec<YamlString>,
    /// `if`.
    pub condition: Option<YamlString>,
    /// `concurrency`.
    pub concurrency: Option<Concurrency>,
    /// `env`.
    pub env: Vec<Entry>,
    /// `outputs`.
    pub outputs: Vec<Entry>,
    /// `continue-on-error`.
    pub continue_on_error: Option<YamlString>,
    /// `uses`: the workflow that it calls.
    pub uses: Option<YamlString>,
    /// `steps`.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// `name`.
    pub name: Option<YamlString>,
    /// `id`.
    pub id: Option<YamlString>,
    /// `if`.
    pub condition: Option<YamlString>,
    /// `uses`: the action.
    pub uses: Option<YamlString>,
    /// `with`.
    pub with: Vec<Entry>,
    /// `run`.
    pub run: Option<YamlString>,
    /// `env`.
    pub env: Vec<Entry>,
    /// `continue-on-error`.
    pub continue_on_error: Option<YamlString>,
    /// The commands of `run`, or of an action that runs a script, where a POSIX shell runs them.
    pub script: Script,
}

impl Workflow {
    /// Reads a workflow.
    ///
    /// # Errors
    /// If it is not YAML, or is larger or deeper than a workflow may be.
    pub fn parse(source: &SourceText) -> Result<Self, SyntaxError> {
        let Some(root) = yaml::parse(source)? else { return Ok(Self::default()) };
        Ok(Self {
            name: text(&root, "name"),
            // YAML 1.1 reads the key `on` as a boolean, and what was printed by a reader of it has `true` there.
            triggers: root.get("on").or_else(|| root.get("true")).map(triggers).unwrap_or_default(),
            callers: Vec::new(),
            concurrency: concurrency(&root),
            env: entries(&root, "env"),
            jobs: root
                .get("jobs")
                .map(|jobs| jobs.entries().iter().map(|job| read_job(source, job, default_shell(&root))).collect())
                .unwrap_or_default(),
        })
    }

    /// The job of an id.
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id.value == id)
    }
}

impl Step {
    /// The action that it uses, without its version.
    pub fn action(&self) -> Option<&str> {
        self.uses.as_ref().map(|uses| uses.value.split('@').next().unwrap_or_default())
    }

    /// An input of its action; names of inputs have no case.
    pub fn input(&self, name: &str) -> Option<&Entry> {
        self.with.iter().find(|entry| entry.key.value.eq_ignore_ascii_case(name))
    }
}

/// Returns the strings of a list at the top of a YAML document of any kind.
///
/// # Errors
/// If it is not YAML, or is larger or deeper than a workflow may be.
pub fn list_of(source: &SourceText, key: &str) -> Result<Vec<String>, SyntaxError> {
    let root = yaml::parse(source)?;
    Ok(root.map(|root| texts(root.get(key))).into_iter().flatten().map(|text| text.value).collect())
}

/// The parts of a scalar between line ends, or also commas, without the white space around them, each with its place; commas
/// within expressions divide nothing.
pub fn parts<'a>(source: &SourceText, scalar: &'a YamlString, divides: fn(char) -> bool) -> Vec<(&'a str, Span)> {
    let placed = Placed::of(source, scalar);
    let (mut found, mut start, mut is_open) = (Vec::new(), 0, false);
    let text = scalar.value.as_str();
    for (at, character) in text.char_indices().chain([(text.len(), '\n')]) {
        is_open = match &text[at..] {
            rest if rest.starts_with("${{") => true,
            rest if rest.starts_with("}}") => false,
            _ => is_open,
        };
        if at < text.len() && (is_open || !divides(character)) {
            continue;
        }
        let part = text[start..at].trim();
        let begin = start + (text[start..at].len() - text[start..at].trim_start().len());
        if !part.is_empty() {
            found.push((part, placed.span(begin..begin + part.len())));
        }
        start = (at + character.len_utf8()).min(text.len());
    }
    found
}

fn text(node: &Node, key: &str) -> Option<YamlString> {
    node.get(key)?.scalar().cloned()
}

/// A scalar, or the scalars of a list.
fn texts(node: Option<&Node>) -> Vec<YamlString> {
    let Some(node) = node else { return Vec::new() };
    node.scalar().into_iter().chain(node.items().iter().filter_map(Node::scalar)).cloned().collect()
}

fn entries(node: &Node, key: &str) -> Vec<Entry> {
    let entry = |(key, value): &(YamlString, Node)| Some(Entry { key: key.clone(), value: value.scalar()?.clone() });
    node.get(key).map(|node| node.entries().iter().filter_map(entry).collect()).unwrap_or_default()
}

fn triggers(on: &Node) -> Vec<Trigger> {
    let bare = |event: &YamlString| Trigger {
        event: event.clone(),
        branches: Vec::new(),
        tags: Vec::new(),
        workflows: Vec::new(),
    };
    let named = texts(Some(on)).into_iter().map(|event| bare(&event));
    let with_filters = on.entries().iter().map(|(event, node)| Trigger {
        branches: texts(node.get("branches")),
        tags: texts(node.get("tags")),
        workflows: texts(node.get("workflows")),
        ..bare(event)
    });
    named.chain(with_filters).collect()
}

fn concurrency(node: &Node) -> Option<Concurrency> {
    let node = node.get("concurrency")?;
    let group = node.scalar().cloned().or_else(|| text(node, "group"));
    Some(Concurrency { group, cancel: text(node, "cancel-in-progress") })
}

fn default_shell(node: &Node) -> Option<YamlString> {
    text(node.get("defaults")?.get("run")?, "shell")
}

fn read_job(source: &SourceText, (id, node): &(YamlString, Node), default: Option<YamlString>) -> Job {
    let default = default_shell(node).or(default);
    Job {
        id: id.clone(),
        needs: texts(node.get("needs")),
        condition: text(node, "if"),
        concurrency: concurrency(node),
        env: entries(node, "env"),
        outputs: entries(node, "outputs"),
        continue_on_error: text(node, "continue-on-error"),
        uses: text(node, "uses"),
        steps: node
            .get("steps")
            .map(|steps| steps.items().iter().map(|step| read_step(source, step, default.as_ref())).collect())
            .unwrap_or_default(),
    }
}

fn read_step(source: &SourceText, node: &Node, default: Option<&YamlString>) -> Step {
    let (run, shell) = (text(node, "run"), text(node, "shell").or_else(|| default.cloned()));
    let is_posix = shell.as_ref().is_none_or(|shell| {
        let program = shell.value.split_whitespace().next().unwrap_or_default();
        matches!(program.rsplit('/').next(), Some("bash" | "sh" | "dash" | "zsh"))
    });
    let uses = text(node, "uses");
    let with = entries(node, "with");
    let script = run.as_ref().or_else(|| script_of(uses.as_ref()?, &with));
    let script = script.filter(|_| is_posix).map(|script| script::script(source, script)).unwrap_or_default();
    Step {
        name: text(node, "name"),
        id: text(node, "id"),
        condition: text(node, "if"),
        uses,
        with,
        run,
        env: entries(node, "env"),
        continue_on_error: text(node, "continue-on-error"),
        script,
    }
}

/// The script that an action runs.
fn script_of<'a>(uses: &YamlString, with: &'a [Entry]) -> Option<&'a YamlString> {
    const RETRIES: [&str; 3] = ["nick-fields/retry@", "nick-invision/retry@", "Wandalen/wretry.action@"];
    let is_retry = RETRIES.iter().any(|action| uses.value.starts_with(action));
    with.iter().find(|entry| is_retry && entry.key.value.eq_ignore_ascii_case("command")).map(|entry| &entry.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"name: release
on:
  release:
    types: [published]
  push:
    branches: [main]
    tags: ["v*"]
  workflow_dispatch:
    inputs:
      version: {required: true}
      dry_run: {type: choice}
concurrency: {group: "r-${{ github.ref }}", cancel-in-progress: true}
permissions:
  contents: read
env:
  A: b
jobs:
  build:
    needs: plan
    if: github.event_name == 'release'
    strategy:
      matrix: {package: [meadow, meadow-api]}
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - name: build
        id: build
        run: |
          uv build # it
          echo ${{ inputs.version }}
        continue-on-error: true
      - run: Write-Host git describe
        shell: pwsh
  call:
    needs: [build]
    uses: ./.github/workflows/other.yml
"#;

    #[test]
    fn what_starts_a_workflow_its_jobs_and_their_steps_are_read_with_places() {
        let source = SourceText::new(TEXT);
        let workflow = Workflow::parse(&source).unwrap();
        let values = |texts: &[YamlString]| texts.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
        let events: Vec<_> = workflow.triggers.iter().map(|trigger| trigger.event.value.as_str()).collect();
        assert_eq!(events, ["release", "push", "workflow_dispatch"]);
        assert_eq!(values(&workflow.triggers[1].tags), ["v*"]);
        let concurrency = workflow.concurrency.as_ref().unwrap();
        assert!(concurrency.cancel.as_ref().unwrap().is_true());
        assert_eq!(concurrency.group.as_ref().unwrap().value, "r-${{ github.ref }}");
        let build = workflow.job("build").unwrap();
        assert_eq!(values(&build.needs), ["plan"]);
        let [checkout, step, foreign] = &build.steps[..] else { panic!("{:?}", build.steps) };
        assert_eq!(checkout.action(), Some("actions/checkout"));
        assert_eq!(checkout.input("Fetch-Depth").unwrap().value.value, "0");
        assert_eq!(&TEXT[step.script.commands[0].span()], "uv build");
        assert!(foreign.script.commands.is_empty() && foreign.run.is_some());
        assert!(workflow.job("call").unwrap().uses.is_some());
    }

    #[test]
    fn events_are_found_however_they_are_listed() {
        for on in
            ["on: push", "on: [push]", "on: {push: }", "'on':\n  push:\n", "\"on\": push", "true: push", "on:\n- push"]
        {
            let workflow = Workflow::parse(&SourceText::new(on)).unwrap();
            let events: Vec<_> = workflow.triggers.iter().map(|trigger| trigger.event.value.as_str()).collect();
            assert_eq!(events, ["push"], "{on}");
        }
    }

    #[test]
    fn what_has_another_shape_is_left_out() {
        for text in
            ["", "- a", "a", "on: 1\njobs: x", "jobs:\n  a: b\n  c:\n    steps: x\n  d:\n    steps: [a, [b], {}]\n"]
        {
            let workflow = Workflow::parse(&SourceText::new(text)).unwrap();
            assert!(
                workflow.jobs.iter().flat_map(|job| &job.steps).all(|step| step.script.commands.is_empty()),
                "{text}"
            );
        }
    }
}
