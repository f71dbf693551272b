//! Text that others write is pasted into a script.
//!
//! ## What it does
//!
//! Reports expressions in `run:`, and in the scripts of `actions/github-script` and `nick-fields/retry`, that are replaced by what
//! somebody else wrote: the title, text or branch of a pull request, an issue's or comment's text, a commit's message, also by way
//! of `env.NAME` or `toJSON`. What whoever starts the workflow types as an input, and the text of a release, are warnings; inputs of
//! the types `boolean`, `number`, `choice` and `environment` are left alone, and so is what is only compared.
//!
//! ## Why is this bad?
//!
//! The text is pasted before the shell reads the script: a backtick in it is a command, which runs with the tokens that publish.
//! Without any malice a quote in a title breaks the script half way.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```yaml .github/workflows/release.yml
//! on:
//!   issue_comment:
//!     types: [created]
//! jobs:
//!   announce:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - run: echo "${{ github.event.comment.body }}"
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```yaml .github/workflows/release.yml
//! on:
//!   issue_comment:
//!     types: [created]
//! jobs:
//!   announce:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - run: echo "$BODY"
//!         env:
//!           BODY: ${{ github.event.comment.body }}
//! ```

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::Level;
use crate::rule::{Report, Rule};
use crate::workflow;
use release_core::manifest::workflow::expression::meaning;
use release_core::manifest::workflow::{Entry, Step, Workflow, YamlString, expressions};
use std::collections::BTreeSet;

/// The rule of this file.
pub(crate) const RULE: Rule = Rule {
    name: "workflow-script-injection",
    level: Level::Error,
    source: include_str!("workflow_script_injection.rs"),
    check,
};

fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context) {
        let closed = closed_inputs(workflow);
        for (job, step) in workflow.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step))) {
            let environments = [&step.env, &job.env, &workflow.env];
            let mut known = BTreeSet::new();
            for expression in scripts(step).flat_map(|script| expressions(&file.source, script)) {
                let Some(pasted) = pasted(expression.text, &closed, &environments) else { continue };
                if !known.insert(pasted.name.clone()) {
                    continue;
                }
                let message = format!("{} pastes `{}` into a script", file.path, pasted.name);
                let label = format!("whatever {} wrote is run", pasted.who);
                let finding = Finding::at(message, &file.path, expression.span, label)
                    .help("give it to the script by `env:`, and write `\"$NAME\"` here");
                report.find(finding.mild(pasted.is_trusted));
            }
        }
    }
}

/// The scripts of a step, its own and those of actions that run one.
fn scripts(step: &Step) -> impl Iterator<Item = &YamlString> {
    const ACTIONS: [(&str, &str); 3] =
        [("actions/github-script", "script"), ("nick-fields/retry", "command"), ("nick-invision/retry", "command")];
    let of_action = ACTIONS.iter().find(|(action, _)| workflow::is_action(step, action));
    let input = of_action.and_then(|(_, input)| step.input(input)).map(|entry| &entry.value);
    step.run.iter().chain(input)
}

/// What an expression is replaced by, and who writes that.
struct Pasted {
    name: String,
    who: &'static str,
    /// Whether only people write it who may push.
    is_trusted: bool,
}

/// What of a foreign text an expression yields; nothing for comparisons and for what yields its own words only. A variable of
/// `env:` is what it was set to.
fn pasted(text: &str, closed: &BTreeSet<String>, environments: &[&Vec<Entry>]) -> Option<Pasted> {
    let found = meaning(text, &|_| None)?;
    found.names.iter().find_map(|name| {
        if let Some(variable) = name.strip_prefix("env.") {
            let entries = environments.iter().copied().flatten();
            let entry = entries.into_iter().find(|entry| entry.key.value.eq_ignore_ascii_case(variable))?;
            let foreign = parts_of(&entry.value).find_map(|text| pasted(text, closed, &[]))?;
            return Some(Pasted { name: name.clone(), ..foreign });
        }
        foreign(name, found.is_whole, closed)
    })
}

/// The expressions of a value.
fn parts_of(value: &YamlString) -> impl Iterator<Item = &str> {
    value.value.split("${{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(text, _)| text))
}

/// Texts that anybody writes (GitHub's manual, "Script injections"), by how they end and where they stand; of what is written
/// out as a whole also those in it.
fn foreign(name: &str, is_whole: bool, closed: &BTreeSet<String>) -> Option<Pasted> {
    const ANYBODY: [&str; 18] = [
        "issue.title",
        "issue.body",
        "pull_request.title",
        "pull_request.body",
        "pull_request.head.ref",
        "pull_request.head.label",
        "pull_request.head.repo.default_branch",
        "comment.body",
        "review.body",
        "discussion.title",
        "discussion.body",
        "head_commit.message",
        "head_commit.author.name",
        "head_commit.author.email",
        "workflow_run.head_branch",
        "workflow_run.display_title",
        "workflow_run.head_commit.message",
        "commits.*.message",
    ];
    const MAINTAINERS: [&str; 2] = ["release.body", "release.name"];
    let pasted = |who, is_trusted| Some(Pasted { name: name.to_owned(), who, is_trusted });
    if name == "github.head_ref" || (is_whole && matches!(name, "github" | "github.event")) {
        return pasted("anybody", false);
    }
    if let Some(event) = name.strip_prefix("github.event.") {
        let is_in = |text: &str| is_whole && text.strip_prefix(event).is_some_and(|rest| rest.starts_with('.'));
        let is_commit = event.starts_with("commits.") && event.contains(".author.");
        if is_commit || ANYBODY.iter().any(|text| *text == event || is_in(text)) {
            return pasted("anybody", false);
        }
        if MAINTAINERS.iter().any(|text| *text == event || is_in(text)) {
            return pasted("the author of the release", true);
        }
    }
    if is_whole && matches!(name, "inputs" | "github.event.inputs") {
        return pasted("whoever starts the workflow", true);
    }
    let input = name.strip_prefix("inputs.").or_else(|| name.strip_prefix("github.event.inputs."))?;
    if closed.contains(input) { None } else { pasted("whoever starts the workflow", true) }
}

/// The inputs that cannot be any text, wherever they are declared, in lower case; one without a type can.
fn closed_inputs(workflow: &Workflow) -> BTreeSet<String> {
    const CLOSED: [&str; 4] = ["boolean", "number", "choice", "environment"];
    let inputs = workflow.triggers.iter().flat_map(|trigger| &trigger.inputs);
    let is_closed = |kind: &Option<YamlString>| kind.as_ref().is_some_and(|kind| CLOSED.contains(&kind.value.as_str()));
    let (closed, open): (Vec<_>, Vec<_>) = inputs.partition(|(_, kind)| is_closed(kind));
    let mut names: BTreeSet<String> = closed.into_iter().map(|(name, _)| name.value.to_ascii_lowercase()).collect();
    for (name, _) in open {
        names.remove(&name.value.to_ascii_lowercase());
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    fn finds(text: &str) -> usize {
        let mut scene = Scene::of_version("0.4.5", "");
        scene.files.insert(".github/workflows/a.yml".into(), text.to_owned());
        scene.fires().iter().filter(|name| **name == super::RULE.name).count()
    }

    #[test]
    fn only_text_that_is_pasted_counts() {
        for (expression, found) in [
            ("github.event.pull_request.title", 1),
            ("github.head_ref", 1),
            ("github.head_ref || github.ref_name", 1),
            ("github.event.commits[0].message", 1),
            ("join(github.event.commits.*.message, ' ')", 1),
            ("github.event['issue']['title']", 1),
            ("GitHub.Head_Ref", 1),
            ("github.event_name == 'push' && github.ref_name || github.head_ref", 1),
            ("github.head_ref == 'a' && 'b' || 'c'", 0),
            ("toJSON(github.event)", 1),
            ("toJSON(github.event.issue)", 1),
            ("toJSON(github.event.inputs)", 1),
            ("toJSON(needs)", 0),
            ("github.event.issue.number", 0),
            ("env.TITLE", 1),
            ("env.OTHER", 0),
            ("inputs.Dry_Run", 0),
            ("format('a {0}', github.event.issue.body)", 1),
            ("inputs.version", 1),
            ("github.event.inputs.version", 1),
            ("inputs.dry_run", 0),
            ("inputs.kind", 0),
            ("inputs.version == '' && 'a' || 'b'", 0),
            ("startsWith(github.head_ref, 'x')", 0),
            ("github.event.release.name", 1),
            ("github.event.release.tag_name", 0),
            ("github.event.pull_request.number", 0),
            ("github.ref_name", 0),
            ("steps.inputs.outputs.version", 0),
            ("secrets.TOKEN", 0),
        ] {
            let inputs = "version: {}, dry_run: {type: boolean}, kind: {type: choice}";
            let variables = "env: {TITLE: 'a ${{ github.head_ref }}', OTHER: '${{ github.ref }}'}\n";
            let head =
                format!("{variables}on: {{workflow_dispatch: {{inputs: {{{inputs}}}}}}}\njobs:\n  a:\n    steps:\n");
            let run = format!("{head}    - run: |\n        echo ${{{{ {expression} }}}} ${{{{ {expression} }}}}\n");
            assert_eq!(finds(&run), found, "{expression}");
            let env = format!("{head}    - run: echo $A\n      env: {{A: \"${{{{ {expression} }}}}\"}}\n");
            assert_eq!(finds(&env), 0, "{expression}");
        }
    }

    #[test]
    fn scripts_of_other_languages_count_and_inputs_of_other_actions_do_not() {
        for (uses, found) in [("actions/github-script@v7", 1), ("actions/other@v1", 0)] {
            let text = format!(
                "jobs:\n  a:\n    steps:\n    - uses: {uses}\n      with:\n        script: log(`${{{{ github.head_ref }}}}`)\n"
            );
            assert_eq!(finds(&text), found, "{uses}");
        }
    }
}
