//! SARIF 2.1.0, which code scanning services read.
//!
//! Format: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. Columns are counted in code points, and a byte
//! order mark is none of them (`columnKind`, 3.14.17); an end is the place after the last character (3.30.8). Nothing in it
//! depends on the time or on where the checkout is.
//!
//! GitHub refuses a whole report when one of its results has no file. A finding about a tag or branch therefore has two
//! places: the reference as a logical location, and the manifest of the first package, which stands for the tree.
//!
//! `versionControlProvenance` would need the URL of a repository (3.23.3), which is not known: the revision and the branch
//! are properties of the run.

mod audit;
mod shape;

pub use audit::audit_sarif;
pub use shape::Sarif;

use super::Run;
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Skipped};
use crate::fix::{Applicability, Fix};
use crate::level::{Level, Levels};
use crate::rule::Rule;
use crate::rules::OF_TREES;
use crate::run::{Accepted, AcceptedBy, Checked};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::problem::Label;
use release_core::text::{SourceText, Span, TextEdit, shown};
use shape::{
    Artifact, ArtifactChange, Automation, BaseId, BaseIds, Configuration, Driver, FixObject, Invocation, Location,
    Logical, Message, Notification, Physical, Properties, Region, Replacement, RuleObject, RuleProperties,
    RuleReference, RunObject, SarifResult, Suppression, Tool,
};
use std::collections::BTreeMap;

/// The name that `uriBaseId` has for the repository's root.
const ROOT: &str = "%SRCROOT%";

/// The key of our fingerprints; its number rises with what they are made of.
const FINGERPRINT: &str = "releaseCheck/v1";

/// The report of a run.
pub fn sarif(run: &Run<'_>) -> Sarif {
    let tree = Tree {
        source: &|path| run.context.source(path),
        stand_in: stand_in(run.context),
        kind: &|name| if run.context.tags.iter().any(|tag| tag == name) { "tag" } else { "branch" },
        level: &|diagnostic| level(diagnostic.level),
        rules: OF_TREES,
    };
    let notification = |skipped: &Skipped| {
        let text = format!("skipped {}: {}", skipped.rule, skipped.reason);
        Notification::new("note", text, Some(reference(OF_TREES, skipped.rule)))
    };
    let object = RunObject {
        tool: tool("cargo xtask release check", run.version, OF_TREES, run.levels),
        automation_details: Automation { id: "release-check/" },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: root(),
        invocations: [Invocation {
            execution_successful: true,
            exit_code: i32::from(run.fails()),
            tool_execution_notifications: run.checked.skipped.iter().map(notification).collect(),
        }],
        properties: Some(Properties {
            revision: run.commit.map(str::to_owned),
            branch: run.context.branch.as_ref().ok().map(|branch| branch.name.clone()),
        }),
        results: tree.results(run.checked),
    };
    Sarif::new(object)
}

fn tool(name: &'static str, version: &str, rules: &[&'static Rule], levels: &Levels) -> Tool {
    let rules = rules.iter().map(|rule| rule_object(levels, rule)).collect();
    Tool { driver: Driver { name, version: version.to_owned(), semantic_version: version.to_owned(), rules } }
}

fn root() -> BaseIds {
    BaseIds { root: BaseId { description: Message::new("the root of the repository that was checked") } }
}

fn rule_object(levels: &Levels, rule: &Rule) -> RuleObject {
    let page = rule.documentation();
    let what = page.split_once("## What it does\n").map_or("", |(_, rest)| rest);
    let what = what.split("\n## ").next().unwrap_or_default().trim();
    let level = level(levels.of(rule.name, rule.level).0);
    RuleObject {
        id: rule.name,
        short_description: Message::new(rule.summary()),
        full_description: Message::new(if what.is_empty() { rule.summary() } else { what.to_owned() }),
        help: Message { text: page.clone(), markdown: Some(page) },
        default_configuration: Configuration { enabled: level != "none", level },
        properties: RuleProperties {
            tags: [rule.family()],
            severity: if rule.level == Level::Error { "error" } else { "warning" },
        },
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Ignore => "none",
        Level::Warn => "warning",
        Level::Error => "error",
    }
}

fn reference(rules: &[&'static Rule], rule: &'static str) -> RuleReference {
    RuleReference { id: rule, index: rules.iter().position(|known| known.name == rule) }
}

/// The tree that findings point into.
struct Tree<'a> {
    /// The text of a file.
    source: &'a dyn Fn(&Utf8Path) -> Option<&'a SourceText>,
    /// The file that stands for the tree if a finding has none.
    stand_in: Option<(&'a Utf8Path, Span)>,
    /// Returns `tag` or `branch`, the kind of a name.
    kind: &'a dyn Fn(&str) -> &'static str,
    /// Returns the weight of a finding, in the words of the standard.
    level: &'a dyn Fn(&Diagnostic) -> &'static str,
    /// The rules of the run, in their order.
    rules: &'a [&'static Rule],
}

impl Tree<'_> {
    /// Returns the findings, and then those that somebody accepted.
    fn results(&self, checked: &Checked) -> Vec<SarifResult> {
        let found = checked.diagnostics.iter().map(|diagnostic| self.result(diagnostic, None));
        let accepted = checked.accepted.iter().map(|accepted| self.result(&accepted.diagnostic, Some(accepted)));
        found.chain(accepted).collect()
    }

    fn result(&self, diagnostic: &Diagnostic, accepted: Option<&Accepted>) -> SarifResult {
        let Diagnostic { rule, finding, .. } = diagnostic;
        let problem = &finding.problem;
        let help = if problem.help.is_empty() { String::new() } else { format!("\nhelp: {}", shown(&problem.help)) };
        let RuleReference { id, index } = reference(self.rules, rule);
        let more = problem.labels.iter().enumerate().skip(1);
        SarifResult {
            rule_id: id,
            rule_index: index,
            level: (self.level)(diagnostic),
            message: Message::new(format!("{}{help}", shown(&problem.message))),
            locations: vec![self.main_location(diagnostic)],
            related_locations: more.map(|(id, label)| self.location(label, Some(id))).collect(),
            partial_fingerprints: BTreeMap::from([(FINGERPRINT, diagnostic.fingerprint.to_string())]),
            fixes: finding.fix.iter().filter_map(|fix| self.fix_object(fix, &problem.help)).collect(),
            suppressions: accepted.map(|accepted| [suppression(accepted)]),
            properties: None,
        }
    }

    /// The main label, or the reference with the manifest that stands for the tree.
    fn main_location(&self, diagnostic: &Diagnostic) -> Location {
        let about = diagnostic.finding.reference.as_ref();
        let logical = about.map(|name| Logical { name: shown(name).into_owned(), kind: (self.kind)(name) });
        let of_label = diagnostic.finding.place().map(|label| self.location(label, None));
        let mut location = of_label.unwrap_or_else(|| Location {
            id: None,
            message: None,
            physical_location: self.stand_in.as_ref().map(|(path, span)| self.physical(path, span)),
            logical_locations: Vec::new(),
        });
        location.logical_locations.extend(logical);
        location
    }

    fn location(&self, label: &Label, id: Option<usize>) -> Location {
        Location {
            id,
            message: (!label.text.is_empty()).then(|| Message::new(shown(&label.text))),
            physical_location: Some(self.physical(&label.path, &label.span)),
            logical_locations: Vec::new(),
        }
    }

    fn physical(&self, path: &Utf8Path, span: &Span) -> Physical {
        Physical { artifact_location: artifact(path), region: self.region(path, span) }
    }

    /// Where a span is, if its text is known.
    fn region(&self, path: &Utf8Path, span: &Span) -> Option<Region> {
        let source = (self.source)(path)?;
        let (start, end) = (source.location(span.start), source.location(span.end.max(span.start)));
        Some(Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column })
    }

    /// A safe fix; viewers offer to make it without a look. It is left out where one of its places is not known.
    fn fix_object(&self, fix: &Fix, help: &str) -> Option<FixObject> {
        if fix.applicability != Applicability::Safe {
            return None;
        }
        let mut by_path: BTreeMap<&Utf8PathBuf, Vec<&TextEdit>> = BTreeMap::new();
        for (path, edit) in &fix.edits {
            by_path.entry(path).or_default().push(edit);
        }
        let replacement = |path: &Utf8Path, edit: &TextEdit| {
            let deleted_region = self.region(path, &edit.span)?;
            Some(Replacement { deleted_region, inserted_content: Message::new(edit.replacement.as_str()) })
        };
        let change = |(path, edits): (&Utf8PathBuf, Vec<&TextEdit>)| {
            let replacements: Option<Vec<_>> = edits.into_iter().map(|edit| replacement(path, edit)).collect();
            Some(ArtifactChange { artifact_location: artifact(path), replacements: replacements? })
        };
        let artifact_changes: Option<Vec<_>> = by_path.into_iter().map(change).collect();
        let description = (!help.is_empty()).then(|| Message::new(shown(help)));
        Some(FixObject { description, artifact_changes: artifact_changes? })
    }
}

fn suppression(accepted: &Accepted) -> Suppression {
    let kind = if accepted.by == AcceptedBy::Comment { "inSource" } else { "external" };
    Suppression { kind, status: "accepted", justification: accepted.reason.clone() }
}

/// Returns the place that stands for a tree if a finding has no file: the version of the first package, or the top of
/// whatever manifest there is.
pub fn stand_in(context: &Context) -> Option<(&Utf8Path, Span)> {
    if let Some(version) = context.versions().next() {
        return Some((&version.package.path, version.text.span.clone()));
    }
    context.monorepo.manifests.keys().next().map(|path| (path.as_path(), 0..0))
}

/// A file by its URI: of the repository's relative to the root, any other absolute.
fn artifact(path: &Utf8Path) -> Artifact {
    match path.is_absolute() {
        true => Artifact { uri: format!("file://{}", percent_encoded(path.as_str())), uri_base_id: None },
        false => Artifact { uri: percent_encoded(path.as_str()), uri_base_id: Some(ROOT) },
    }
}

/// A path as the path of a URI: <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>, and the slashes.
fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests;
