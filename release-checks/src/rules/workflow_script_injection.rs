//! Text that others write is pasted into a script.
//!
//! ## What it does
//!
//! Reports expressions in `run:`, and in the script of `actions/github-script`, that are replaced by what somebody else wrote: the
//! title, text or branch of a pull request, an issue's or comment's text, a commit's message. What whoever starts the workflow
//! types as an input, and the text of a release, are warnings; inputs of the types `boolean`, `number`, `choice` and `environment`
//! are left alone, and so are comparisons.
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
use release_core::manifest::workflow::{Workflow, YamlString, expressions};
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
        for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
            let script = step.input("script").filter(|_| step.action() == Some("actions/github-script"));
            let scripts = step.run.iter().chain(script.map(|entry| &entry.value));
            let mut known = BTreeSet::new();
            for expression in scripts.flat_map(|script| expressions(&file.source, script)) {
                let Some(pasted) = pasted(expression.text, &closed) else { continue };
                if !known.insert(pasted.name) {
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

/// What an expression is replaced by, and who writes that.
struct Pasted<'a> {
    name: &'a str,
    who: &'static str,
    /// Whether only people write it who may push.
    is_trusted: bool,
}

/// What of a foreign text an expression yields; nothing for comparisons and for what yields its own words only.
fn pasted<'a>(text: &'a str, closed: &BTreeSet<&str>) -> Option<Pasted<'a>> {
    const TESTS: [&str; 8] = ["==", "!=", "<", ">", "contains(", "startsWith(", "endsWith(", "hashFiles("];
    if text.starts_with('!') || TESTS.iter().any(|test| text.contains(test)) {
        return None;
    }
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '*' | '[' | ']')));
    words.filter_map(|word| foreign(word, closed)).next()
}

/// Texts that anybody writes (GitHub's manual, "Script injections"), by how they end and where they stand.
fn foreign<'a>(name: &'a str, closed: &BTreeSet<&str>) -> Option<Pasted<'a>> {
    const ANYBODY: [&str; 17] = [
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
    ];
    const MAINTAINERS: [&str; 2] = ["release.body", "release.name"];
    let anybody = Pasted { name, who: "anybody", is_trusted: false };
    if name == "github.head_ref" {
        return Some(anybody);
    }
    if let Some(event) = name.strip_prefix("github.event.") {
        let is_commit = event.starts_with("commits") && (event.ends_with(".message") || event.contains(".author."));
        if is_commit || ANYBODY.contains(&event) {
            return Some(anybody);
        }
        if MAINTAINERS.contains(&event) {
            return Some(Pasted { name, who: "the author of the release", is_trusted: true });
        }
    }
    let input = name.strip_prefix("inputs.").or_else(|| name.strip_prefix("github.event.inputs."))?;
    let is_text = !closed.contains(input);
    is_text.then_some(Pasted { name, who: "whoever starts the workflow", is_trusted: true })
}

/// The inputs that cannot be any text, wherever they are declared; one without a type can.
fn closed_inputs(workflow: &Workflow) -> BTreeSet<&str> {
    const CLOSED: [&str; 4] = ["boolean", "number", "choice", "environment"];
    let inputs = workflow.triggers.iter().flat_map(|trigger| &trigger.inputs);
    let is_closed = |kind: &Option<YamlString>| kind.as_ref().is_some_and(|kind| CLOSED.contains(&kind.value.as_str()));
    let (closed, open): (Vec<_>, Vec<_>) = inputs.partition(|(_, kind)| is_closed(kind));
    let mut names: BTreeSet<&str> = closed.into_iter().map(|(name, _)| name.value.as_str()).collect();
    for (name, _) in open {
        names.remove(name.value.as_str());
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
            let head = format!("on: {{workflow_dispatch: {{inputs: {{{inputs}}}}}}}\njobs:\n  a:\n    steps:\n");
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
