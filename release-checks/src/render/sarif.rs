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
//!
//! An audit is one run too, as GitHub takes at most twenty of a file, whatever number of tags there is. A finding at a tag has
//! the places of the tag's tree, which need not be those of today. GitHub knows a result again by its rule, its file and
//! `primaryLocationLineHash`. Without one, the action that uploads makes it of the line of today's file, and the same finding at
//! several tags becomes one: so ours stands there too.

use super::run::{Command, Part, Run};
use super::value::{Json, object, sparse};
use crate::diagnostic::{Diagnostic, Skipped};
use crate::fix::{Applicability, Fix};
use crate::level::{Level, Levels};
use crate::rule::Rule;
use crate::rules::{self, OF_TREES};
use crate::run::{Accepted, AcceptedBy};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::problem::Label;
use release_core::registry::address::percent_encoded;
use release_core::text::{Span, TextEdit, count, shown};
use std::collections::BTreeMap;

/// The name that `uriBaseId` has for the repository's root.
const ROOT: &str = "%SRCROOT%";

/// The keys of our fingerprints in a check; the number rises with what they are made of.
const OF_CHECK: &[&str] = &["releaseCheck/v1"];

/// The keys of our fingerprints in an audit.
const OF_AUDIT: &[&str] = &["primaryLocationLineHash", "releaseAudit/v1"];

/// Returns the report of a run.
pub fn sarif(run: &Run<'_>) -> Json {
    let (name, rules, fingerprints, properties) = match run.command {
        Command::Check { commit, branch } => {
            let properties = sparse([("revision", commit.into()), ("branch", branch.into())]);
            ("check", OF_TREES.to_vec(), OF_CHECK, properties)
        }
        Command::Audit => ("audit", rules::all(), OF_AUDIT, Json::Null),
    };
    let writer = Writer { run, rules: &rules, fingerprints };
    let driver = object([
        ("name", format!("cargo xtask release {name}").into()),
        ("version", run.version.into()),
        ("semanticVersion", run.version.into()),
        ("rules", rules.iter().map(|rule| rule_object(run.levels, rule)).collect()),
    ]);
    let root = message("the root of the repository that was checked");
    let invocation = object([
        ("executionSuccessful", true.into()),
        ("exitCode", usize::from(run.fails()).into()),
        ("toolExecutionNotifications", writer.notifications().into_iter().collect()),
    ]);
    let described = sparse([
        ("tool", object([("driver", driver)])),
        ("automationDetails", object([("id", format!("release-{name}/").into())])),
        ("columnKind", "unicodeCodePoints".into()),
        ("originalUriBaseIds", object([(ROOT, object([("description", root)]))])),
        ("invocations", Json::List(vec![invocation])),
        ("properties", properties),
        ("results", run.parts.iter().flat_map(|part| writer.results(part)).collect()),
    ]);
    object([("version", "2.1.0".into()), ("runs", Json::List(vec![described]))])
}

fn rule_object(levels: &Levels, rule: &Rule) -> Json {
    let page = rule.documentation();
    let what = page.split_once("## What it does\n").map_or("", |(_, rest)| rest);
    let what = what.split("\n## ").next().unwrap_or_default().trim();
    let level = level(levels.of(rule.name, rule.level).0);
    let severity = if rule.level == Level::Error { "error" } else { "warning" };
    object([
        ("id", rule.name.into()),
        ("shortDescription", message(rule.summary())),
        ("fullDescription", message(if what.is_empty() { rule.summary() } else { what.to_owned() })),
        ("help", object([("text", page.as_str().into()), ("markdown", page.as_str().into())])),
        ("defaultConfiguration", object([("enabled", (level != "none").into()), ("level", level.into())])),
        // GitHub filters by these words.
        (
            "properties",
            object([("tags", Json::List(vec![rule.family().into()])), ("problem.severity", severity.into())]),
        ),
    ])
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Ignore => "none",
        Level::Warn => "warning",
        Level::Error => "error",
    }
}

/// A text; also the content of an artifact, which has the same shape.
fn message(text: impl Into<Json>) -> Json {
    object([("text", text.into())])
}

/// Returns the values as a list, or `null` where there is none.
fn filled(values: impl Iterator<Item = Json>) -> Json {
    let mut values = values.peekable();
    if values.peek().is_some() { values.collect() } else { Json::Null }
}

/// Writes what was found in a run.
struct Writer<'a> {
    run: &'a Run<'a>,
    /// The rules of the run, in their order.
    rules: &'a [&'static Rule],
    /// The keys of fingerprints.
    fingerprints: &'static [&'static str],
}

impl Writer<'_> {
    /// Returns the findings of a part, and then those that somebody accepted.
    fn results(&self, part: &Part<'_>) -> Vec<Json> {
        let Ok(checked) = part.checked else { return Vec::new() };
        let found = checked.diagnostics.iter().map(|diagnostic| self.result(part, diagnostic, None));
        let accepted = checked.accepted.iter().map(|accepted| self.result(part, &accepted.diagnostic, Some(accepted)));
        found.chain(accepted).collect()
    }

    fn result(&self, part: &Part<'_>, diagnostic: &Diagnostic, accepted: Option<&Accepted>) -> Json {
        let Diagnostic { rule, finding, fingerprint, .. } = diagnostic;
        let problem = &finding.problem;
        let help = if problem.help.is_empty() { String::new() } else { format!("\nhelp: {}", shown(&problem.help)) };
        let (at, before) = match part.tag {
            Some((tag, _)) => (format!("at {tag}: "), format!("{tag}:")),
            None => (String::new(), String::new()),
        };
        let fingerprint = format!("{before}{fingerprint}");
        // Nothing mends a tree that is tagged.
        let fixes = finding.fix.iter().filter(|_| part.tag.is_none());
        let more = problem.labels.iter().enumerate().skip(1);
        sparse([
            ("ruleId", (*rule).into()),
            ("ruleIndex", self.index(rule)),
            ("level", self.weight(diagnostic).into()),
            ("message", message(format!("{at}{}{help}", shown(&problem.message)))),
            ("locations", Json::List(vec![self.main_location(part, diagnostic)])),
            ("relatedLocations", filled(more.map(|(id, label)| location(part, label, Some(id), Json::Null)))),
            (
                "partialFingerprints",
                Json::Object(self.fingerprints.iter().map(|key| (*key, fingerprint.as_str().into())).collect()),
            ),
            ("fixes", filled(fixes.filter_map(|fix| fix_object(part, fix, &problem.help)))),
            ("suppressions", filled(accepted.into_iter().map(suppression))),
            (
                "properties",
                part.tag.map(|(tag, commit)| object([("tag", tag.into()), ("commit", commit.into())])).into(),
            ),
        ])
    }

    fn index(&self, rule: &str) -> Json {
        self.rules.iter().position(|known| known.name == rule).into()
    }

    /// Returns the level of a finding. In an audit one that followed from a release on its way fails nothing, and is less than
    /// a warning.
    fn weight(&self, diagnostic: &Diagnostic) -> &'static str {
        match self.run.command {
            Command::Audit if diagnostic.finding.in_flight => "note",
            _ => level(diagnostic.level),
        }
    }

    /// The main label, or the reference with the place that stands for the tree.
    fn main_location(&self, part: &Part<'_>, diagnostic: &Diagnostic) -> Json {
        let name = diagnostic.finding.reference.as_deref();
        let about = name.map(|name| (shown(name), if (self.run.is_tag)(name) { "tag" } else { "branch" }));
        let tag = part.tag.map(|(tag, _)| tag);
        let about = about.iter().map(|(name, kind)| (name.as_ref(), *kind)).filter(|(name, _)| Some(*name) != tag);
        let logical = filled(tag.map(|tag| (tag, "tag")).into_iter().chain(about).map(logical));
        match diagnostic.finding.place() {
            Some(label) => location(part, label, None, logical),
            None => sparse([("physicalLocation", stand_in(part)), ("logicalLocations", logical)]),
        }
    }

    /// Returns what could not be looked at: the tags whose trees cannot be checked, and the rules that could not tell.
    fn notifications(&self) -> Vec<Json> {
        let unfit = self.run.parts.iter().filter_map(|part| {
            let ((tag, _), problems) = (part.tag?, part.checked.err()?);
            let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            let text = format!("{tag} cannot be checked: {}", shown(&messages.join("; ")));
            let logical = Json::List(vec![logical((tag, "tag"))]);
            let place = sparse([("physicalLocation", stand_in(part)), ("logicalLocations", logical)]);
            let locations = Json::List(vec![place]);
            Some(object([("level", "error".into()), ("message", message(text)), ("locations", locations)]))
        });
        let skipped = |of_tags: bool| {
            let parts = self.run.parts.iter().filter(move |part| part.tag.is_some() == of_tags);
            parts.filter_map(|part| part.checked.ok()).flat_map(|checked| &checked.skipped)
        };
        let note = |rule: &'static str, text: String| {
            let rule = sparse([("id", rule.into()), ("index", self.index(rule))]);
            object([("level", "note".into()), ("message", message(text)), ("associatedRule", rule)])
        };
        let one = |skipped: &Skipped| note(skipped.rule, format!("skipped {}: {}", skipped.rule, skipped.reason));
        let at_tags = at_tags(skipped(true)).into_iter().map(|(rule, text)| note(rule, text));
        unfit.chain(at_tags).chain(skipped(false).map(one)).collect()
    }
}

/// Returns the rules that could not tell, each once, with the number of tags.
fn at_tags<'a>(all: impl Iterator<Item = &'a Skipped>) -> Vec<(&'static str, String)> {
    let mut by_rule: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for skipped in all {
        by_rule.entry(skipped.rule).or_default().push(&skipped.reason);
    }
    let said = by_rule.into_iter().map(|(rule, mut reasons)| {
        let tags = count(reasons.len(), "tag");
        reasons.sort_unstable();
        reasons.dedup();
        let more = match reasons.len() {
            0 | 1 => String::new(),
            number => format!("; and {}", count(number - 1, "other reason")),
        };
        (rule, format!("skipped {rule} at {tags}: {}{more}", reasons.first().copied().unwrap_or_default()))
    });
    said.collect()
}

fn logical((name, kind): (&str, &'static str)) -> Json {
    object([("name", name.into()), ("kind", kind.into())])
}

fn location(part: &Part<'_>, label: &Label, id: Option<usize>, logical: Json) -> Json {
    let text = (!label.text.is_empty()).then(|| message(shown(&label.text).into_owned()));
    let region = region(part, &label.path, &label.span).into();
    let physical = sparse([("artifactLocation", artifact(&label.path)), ("region", region)]);
    sparse([("id", id.into()), ("message", text.into()), ("physicalLocation", physical), ("logicalLocations", logical)])
}

/// Returns the place that stands for a part; of a file whose text is not at hand, its top.
fn stand_in(part: &Part<'_>) -> Json {
    let place = part.stand_in.as_ref().map(|(path, span)| {
        let region = region(part, path, span).unwrap_or_else(|| region_of([1, 1, 1, 1]));
        object([("artifactLocation", artifact(path)), ("region", region)])
    });
    place.into()
}

/// Returns where a span is, if its text is known.
fn region(part: &Part<'_>, path: &Utf8Path, span: &Span) -> Option<Json> {
    let source = part.sources.get(path)?;
    let (start, end) = (source.location(span.start), source.location(span.end.max(span.start)));
    Some(region_of([start.line, start.column, end.line, end.column]))
}

fn region_of(numbers: [usize; 4]) -> Json {
    let [start_line, start_column, end_line, end_column] = numbers.map(Json::from);
    object([("startLine", start_line), ("startColumn", start_column), ("endLine", end_line), ("endColumn", end_column)])
}

/// A safe fix; viewers offer to make it without a look. It is left out where one of its places is not known.
fn fix_object(part: &Part<'_>, fix: &Fix, help: &str) -> Option<Json> {
    if fix.applicability != Applicability::Safe {
        return None;
    }
    let mut by_path: BTreeMap<&Utf8PathBuf, Vec<&TextEdit>> = BTreeMap::new();
    for (path, edit) in &fix.edits {
        by_path.entry(path).or_default().push(edit);
    }
    let change = |(path, edits): (&Utf8PathBuf, Vec<&TextEdit>)| {
        let replacement = |edit: &TextEdit| {
            let deleted = region(part, path, &edit.span)?;
            Some(object([("deletedRegion", deleted), ("insertedContent", message(edit.replacement.as_str()))]))
        };
        let replacements = edits.into_iter().map(replacement).collect::<Option<Json>>()?;
        Some(object([("artifactLocation", artifact(path)), ("replacements", replacements)]))
    };
    let changes = by_path.into_iter().map(change).collect::<Option<Json>>()?;
    let description = (!help.is_empty()).then(|| message(shown(help).into_owned()));
    Some(sparse([("description", description.into()), ("artifactChanges", changes)]))
}

fn suppression(accepted: &Accepted) -> Json {
    let kind = if accepted.by == AcceptedBy::Comment { "inSource" } else { "external" };
    sparse([("kind", kind.into()), ("status", "accepted".into()), ("justification", accepted.reason.as_deref().into())])
}

/// A file by its URI: of the repository's relative to the root, any other absolute.
fn artifact(path: &Utf8Path) -> Json {
    let uri = percent_encoded(path.as_str(), b"/");
    match path.is_absolute() {
        true => object([("uri", format!("file://{uri}").into())]),
        false => object([("uri", uri.into()), ("uriBaseId", ROOT.into())]),
    }
}

#[cfg(test)]
mod tests;
