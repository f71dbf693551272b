//! Rules of a forge that refuse a push or a tag.

use super::super::world::Fact;
use super::powers::{BranchRules, Pattern, Reason, Rule, TagRuleset, Verdict};

/// Returns the reasons against a push to a branch; one that is not there is made by it.
pub(super) fn for_branch(branch: &BranchRules) -> Vec<Reason> {
    let name = &branch.name;
    let is_there = match &branch.is_there {
        Ok(is_there) => *is_there,
        Err(why) => return vec![(Verdict::NotKnown, why.to_string())],
    };
    let mut reasons = match &branch.rules {
        Ok(rules) => rules.iter().filter_map(|rule| against(rule, is_there, name)).collect(),
        Err(why) => vec![(Verdict::NotKnown, why.to_string())],
    };
    match &branch.is_protected {
        Ok(true) => {
            reasons.push((Verdict::NotKnown, format!("{name} is protected, and only administrators are told how")));
        }
        Ok(false) => {}
        Err(why) => reasons.push((Verdict::NotKnown, why.to_string())),
    }
    reasons
}

/// Returns the reasons against making a tag.
pub(super) fn for_tag(tag: &str, rulesets: &Fact<Vec<TagRuleset>>) -> Vec<Reason> {
    let rulesets = match rulesets {
        Ok(rulesets) => rulesets,
        Err(why) => return vec![(Verdict::NotKnown, why.to_string())],
    };
    let of = |ruleset: &TagRuleset| match is_for(ruleset, tag) {
        Some(false) => Vec::new(),
        Some(true) => ruleset.rules.iter().filter_map(|rule| against(rule, false, tag)).collect(),
        None => vec![(
            Verdict::NotKnown,
            format!("the ruleset `{}` has patterns that are not read here, and may be for {tag}", ruleset.name),
        )],
    };
    rulesets.iter().flat_map(of).collect()
}

/// Returns the reason that a rule is against making a reference of this name, or against pushing to it.
fn against(rule: &Rule, is_there: bool, name: &str) -> Option<Reason> {
    if rule.spares_creation && !is_there {
        return None;
    }
    let cannot = |why: String| Some((Verdict::Cannot, why));
    match rule.kind.as_str() {
        "creation" if !is_there => cannot(format!("a rule forbids to make {name}")),
        "update" if is_there => cannot(format!("a rule forbids to push to {name}")),
        "pull_request" if is_there => cannot(format!("{name} takes pull requests alone")),
        "merge_queue" if is_there => cannot(format!("{name} has a merge queue, by which alone commits get onto it")),
        "required_status_checks" | "workflows" | "code_scanning" | "required_deployments" if is_there => {
            cannot(format!("{name} takes only commits whose required checks are green ({})", rule.kind))
        }
        "pull_request"
        | "merge_queue"
        | "required_status_checks"
        | "workflows"
        | "code_scanning"
        | "required_deployments" => {
            Some((Verdict::NotKnown, format!("it is not told whether {} holds when {name} is made", rule.kind)))
        }
        "required_signatures" => Some((
            Verdict::NotKnown,
            format!("{name} takes only signed commits: sign them, as the forge knows the keys"),
        )),
        "branch_name_pattern" | "tag_name_pattern" if !is_there => {
            match rule.pattern.as_ref().and_then(|p| admits(p, name)) {
                Some(true) => None,
                Some(false) => cannot(format!("a rule for names does not admit {name}")),
                None => {
                    Some((Verdict::NotKnown, format!("a rule for names has an expression that may not admit {name}")))
                }
            }
        }
        "creation"
        | "update"
        | "branch_name_pattern"
        | "tag_name_pattern"
        | "deletion"
        | "non_fast_forward"
        | "required_linear_history"
        | "copilot_code_review" => None,
        other => Some((Verdict::NotKnown, format!("{name} has the rule `{other}`, which may refuse it"))),
    }
}

/// Tells whether a rule for names admits one; an expression is not judged.
fn admits(pattern: &Pattern, name: &str) -> Option<bool> {
    let text = pattern.text.as_str();
    let is_like = match pattern.operator.as_str() {
        "starts_with" => name.starts_with(text),
        "ends_with" => name.ends_with(text),
        "contains" => name.contains(text),
        _ => return None,
    };
    Some(is_like != pattern.is_negated)
}

/// Tells whether a ruleset is for a tag; `None` if that is not known.
fn is_for(ruleset: &TagRuleset, tag: &str) -> Option<bool> {
    let reference = format!("refs/tags/{tag}");
    let any = |patterns: &[String]| {
        let all: Vec<Option<bool>> = patterns.iter().map(|pattern| is_like(pattern, &reference)).collect();
        match all.contains(&Some(true)) {
            true => Some(true),
            false if all.contains(&None) => None,
            false => Some(false),
        }
    };
    match (any(&ruleset.include), any(&ruleset.exclude)) {
        (Some(false), _) | (_, Some(true)) => Some(false),
        (Some(true), Some(false)) => Some(true),
        _ => None,
    }
}

/// Tells whether a reference is like a pattern of File.fnmatch; of its signs only the star is read.
fn is_like(pattern: &str, reference: &str) -> Option<bool> {
    if pattern == "~ALL" {
        return Some(true);
    }
    if pattern.contains(['?', '[', '{', '\\', '~']) {
        return None;
    }
    Some(glob(pattern.as_bytes(), reference.as_bytes()))
}

/// Tells whether bytes are like a pattern in which a star is anything but a slash, and two are anything. Every place that the pattern may
/// have reached is kept, so that no pattern takes more than its length times the square of the other.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let is_any = pattern[at..].starts_with(b"**");
        let mut next = vec![false; text.len() + 1];
        for (place, _) in reachable.iter().enumerate().filter(|(_, is_reachable)| **is_reachable) {
            match pattern[at] {
                b'*' => {
                    let end = text[place..].iter().position(|byte| *byte == b'/' && !is_any);
                    let end = end.map_or(text.len(), |length| place + length);
                    next[place..=end].fill(true);
                }
                byte if text.get(place) == Some(&byte) => next[place + 1] = true,
                _ => {}
            }
        }
        reachable = next;
        at += if is_any { 2 } else { 1 };
    }
    reachable[text.len()]
}
