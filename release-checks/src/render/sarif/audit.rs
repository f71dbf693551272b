//! An audit as SARIF: one run, as GitHub takes at most twenty of a file, whatever number of tags there is.
//!
//! A finding at a tag has the places of the tag's tree, which need not be those of today. GitHub knows a result again by its
//! rule, its file and `primaryLocationLineHash`. Without one, the action that uploads makes it of the line of today's file, and
//! the same finding at several tags becomes one: so ours stands there too.

use super::shape::{
    Automation, Invocation, Location, Logical, Notification, Physical, Region, ResultProperties, RunObject, SarifResult,
};
use super::{Sarif, Tree, artifact, level, reference, root, tool};
use crate::diagnostic::Diagnostic;
use crate::render::{AuditRun, TagRun};
use crate::rule::Rule;
use crate::rules;
use camino::Utf8Path;
use release_core::text::{count, shown};
use std::collections::BTreeMap;

/// The keys of our fingerprints. The number of the first rises with what they are made of.
const FINGERPRINTS: [&str; 2] = ["releaseAudit/v1", "primaryLocationLineHash"];

/// The report of an audit.
pub fn audit_sarif(run: &AuditRun<'_>) -> Sarif {
    let rules = rules::all();
    let tags = run.tags.iter().flat_map(|tag| at_tag(run, tag, &rules));
    let object = RunObject {
        tool: tool("cargo xtask release audit", run.version, &rules, run.levels),
        automation_details: Automation { id: "release-audit/" },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: root(),
        invocations: [Invocation {
            execution_successful: true,
            exit_code: i32::from(run.fails()),
            tool_execution_notifications: unfit(run).chain(skipped(run, &rules)).collect(),
        }],
        properties: None,
        results: tags.chain(of_the_past(run, &rules)).collect(),
    };
    Sarif::new(object)
}

/// Returns the findings at a tag. Their fixes are left out: nothing mends a tree that is tagged.
fn at_tag(run: &AuditRun<'_>, tag: &TagRun<'_>, rules: &[&'static Rule]) -> Vec<SarifResult> {
    let Ok(checked) = tag.checked else { return Vec::new() };
    let tree = Tree {
        source: &|path| tag.sources.get(path).copied(),
        stand_in: tag.stand_in.clone(),
        kind: &|name| kind(run, name),
        level: &weight,
        rules,
    };
    let own = |mut result: SarifResult| {
        result.message.text = format!("at {}: {}", tag.tag, result.message.text);
        if let Some(location) = result.locations.first_mut() {
            location.logical_locations.retain(|logical| logical.name != tag.tag);
            location.logical_locations.insert(0, logical(tag.tag));
        }
        result.partial_fingerprints = fingerprints(result.partial_fingerprints, |hash| format!("{}:{hash}", tag.tag));
        result.fixes = Vec::new();
        result.properties = Some(ResultProperties { tag: tag.tag.to_owned(), commit: tag.commit.to_owned() });
        result
    };
    tree.results(checked).into_iter().map(own).collect()
}

fn of_the_past(run: &AuditRun<'_>, rules: &[&'static Rule]) -> Vec<SarifResult> {
    let tree = Tree {
        source: &|path| run.sources.get(path).copied(),
        stand_in: None,
        kind: &|name| kind(run, name),
        level: &weight,
        rules,
    };
    let own = |mut result: SarifResult| {
        if let Some(location) = result.locations.first_mut() {
            location.physical_location.get_or_insert_with(|| top(run.manifest));
        }
        result.partial_fingerprints = fingerprints(result.partial_fingerprints, |hash| hash);
        result
    };
    tree.results(run.past).into_iter().map(own).collect()
}

fn fingerprints(
    of_check: BTreeMap<&'static str, String>,
    own: impl Fn(String) -> String,
) -> BTreeMap<&'static str, String> {
    let hash = of_check.into_values().next().map(own).unwrap_or_default();
    FINGERPRINTS.map(|key| (key, hash.clone())).into()
}

/// Returns the level of a finding: one that followed from a release on its way fails nothing, and is less than a
/// warning.
fn weight(diagnostic: &Diagnostic) -> &'static str {
    if diagnostic.finding.in_flight { "note" } else { level(diagnostic.level) }
}

/// A tag that is missing is no branch, and so every other name is a tag's.
fn kind(run: &AuditRun<'_>, name: &str) -> &'static str {
    if run.branches.contains(&name) { "branch" } else { "tag" }
}

fn logical(tag: &str) -> Logical {
    Logical { name: tag.to_owned(), kind: "tag" }
}

/// The top of a file.
fn top(path: &Utf8Path) -> Physical {
    let region = Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 };
    Physical { artifact_location: artifact(path), region: Some(region) }
}

/// The tags whose trees cannot be checked.
fn unfit<'a>(run: &'a AuditRun<'_>) -> impl Iterator<Item = Notification> + 'a {
    run.tags.iter().filter_map(|tag| {
        let problems = tag.checked.err()?;
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let text = format!("{} cannot be checked: {}", tag.tag, shown(&messages.join("; ")));
        let location = Location {
            id: None,
            message: None,
            physical_location: Some(top(run.manifest)),
            logical_locations: vec![logical(tag.tag)],
        };
        Some(Notification { locations: vec![location], ..Notification::new("error", text, None) })
    })
}

/// The rules that could not tell, each once, with the number of tags.
fn skipped(run: &AuditRun<'_>, rules: &[&'static Rule]) -> Vec<Notification> {
    let mut by_rule: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for skipped in run.tags.iter().filter_map(|tag| tag.checked.ok()).flat_map(|checked| &checked.skipped) {
        by_rule.entry(skipped.rule).or_default().push(&skipped.reason);
    }
    let note = |rule, text| Notification::new("note", text, Some(reference(rules, rule)));
    let at_tags = by_rule.into_iter().map(|(rule, mut reasons)| {
        let tags = count(reasons.len(), "tag");
        reasons.sort_unstable();
        reasons.dedup();
        let more = if reasons.len() > 1 {
            format!("; and {}", count(reasons.len() - 1, "other reason"))
        } else {
            String::new()
        };
        note(rule, format!("skipped {rule} at {tags}: {}{more}", reasons.first().copied().unwrap_or_default()))
    });
    let of_the_past = run.past.skipped.iter();
    let of_the_past =
        of_the_past.map(|skipped| note(skipped.rule, format!("skipped {}: {}", skipped.rule, skipped.reason)));
    at_tags.chain(of_the_past).collect()
}

#[cfg(test)]
mod tests;
