//! The forge's answers about who asks, and about the rules that a release will meet.

use super::client::{Client, Question};
use super::documents::{Branch, Rule, Ruleset, Setting};
use super::observe::{Round, branch, rules};
use release_core::train::probe::{self, BranchRules, Powers, TagRuleset};
use release_core::train::world::{Code, Fact, Why};
use std::collections::{BTreeMap, BTreeSet};

/// The rulesets for tags, those of the organization included.
const FOR_TAGS: &str = "/rulesets?includes_parents=true&targets=tag";

/// The setting by which published releases never change.
const IMMUTABLE: &str = "/immutable-releases";

/// The release whose acts are to be judged.
pub(crate) struct Planned<'a> {
    pub(crate) tag: &'a str,
    /// The branch of its line.
    pub(crate) line: &'a str,
    /// The branch on which edits are proposed.
    pub(crate) proposal: &'a str,
    /// `true` if the commit that is to be tagged has other workflows than the default branch, as the caller's git knows.
    pub(crate) changes_workflows: Fact<bool>,
}

/// Asks for everything that decides what a release may do: in one round, and in another for the rulesets by their numbers.
///
/// # Errors
/// The reason why nothing could be asked: the repository is not there, or hidden.
pub(crate) fn powers(client: &Client<'_>, planned: Planned<'_>) -> Fact<Powers> {
    let of = |name| [Question::list(rules(name), None), Question::one(branch(name))];
    let mut questions = vec![Question::one(""), Question::list(FOR_TAGS, None), Question::one(IMMUTABLE)];
    questions.extend(of(planned.line).into_iter().chain(of(planned.proposal)));
    let round = Round::ask(client, questions)?;
    let found = [planned.line, planned.proposal].map(|name| round.all::<Rule>(&rules(name)));
    let listed = round.all::<Ruleset>(FOR_TAGS);
    let numbers = found.iter().flatten().flatten().filter_map(|rule| rule.ruleset_id);
    let numbers: BTreeSet<u64> = numbers.chain(listed.iter().flatten().map(|ruleset| ruleset.id)).collect();
    let rulesets = rulesets(client, &round, &numbers);
    let [line, proposal] = found;
    let (token, scopes) = client.token_kind();
    Ok(Powers {
        token,
        may_push: round.repository.as_ref().map(|repository| repository.permissions.push).map_err(Clone::clone),
        scopes,
        line: branch_rules(&round, planned.line, line, &rulesets),
        proposal: branch_rules(&round, planned.proposal, proposal, &rulesets),
        tag: planned.tag.to_owned(),
        tags: listed.and_then(|listed| tag_rules(&listed, &rulesets)),
        is_immutable: immutable(client, &round),
        changes_workflows: planned.changes_workflows,
    })
}

fn rulesets(client: &Client<'_>, round: &Round<'_>, numbers: &BTreeSet<u64>) -> BTreeMap<u64, Fact<Ruleset>> {
    let path = |number: &u64| format!("/rulesets/{number}?includes_parents=true");
    let questions: Vec<Question> = numbers.iter().map(|number| Question::one(path(number))).collect();
    let read = |(number, answer): (&u64, super::client::Answer)| {
        let hidden = || Why::new(Code::Forbidden, format!("{} is hidden from who asks", client.shown(&path(number))));
        let document = answer.map_err(Why::from).and_then(|document| document.ok_or_else(hidden));
        (*number, document.and_then(|document| round.read(&path(number), document)))
    };
    numbers.iter().zip(client.ask_all(&questions)).map(read).collect()
}

/// The rules for a branch, without those that who asks may bypass.
fn branch_rules(
    round: &Round<'_>,
    name: &str,
    found: Fact<Vec<Rule>>,
    rulesets: &BTreeMap<u64, Fact<Ruleset>>,
) -> BranchRules {
    let in_force = |rule: &Rule| match rule.ruleset_id.and_then(|number| rulesets.get(&number)) {
        None => Ok(Some(probe::Rule::from(rule))),
        Some(Ok(ruleset)) => Ok((!ruleset.is_bypassed()).then(|| probe::Rule::from(rule))),
        Some(Err(why)) => Err(why.clone()),
    };
    let rules = found.and_then(|found| found.iter().filter_map(|rule| in_force(rule).transpose()).collect());
    let there = round.one::<Branch>(&branch(name));
    let untold = || {
        let reason =
            format!("the older kind of protection may have a pattern for {name}, which is only told once it is there");
        Why::new(Code::Forbidden, reason)
    };
    let is_protected = there.as_ref().map_err(Clone::clone).and_then(|there| match there {
        Some(branch) => Ok(branch.is_protected()),
        None => Err(untold()),
    });
    BranchRules { name: name.to_owned(), is_there: there.map(|there| there.is_some()), rules, is_protected }
}

/// The rulesets for tags that are in force and that who asks may not bypass.
fn tag_rules(listed: &[Ruleset], rulesets: &BTreeMap<u64, Fact<Ruleset>>) -> Fact<Vec<TagRuleset>> {
    let mut own = Vec::new();
    for ruleset in listed.iter().filter(|ruleset| ruleset.is_for_tags()).filter_map(|listed| rulesets.get(&listed.id)) {
        let ruleset = ruleset.as_ref().map_err(Clone::clone)?;
        if !ruleset.is_bypassed() {
            own.push(ruleset.for_tags());
        }
    }
    Ok(own)
}

/// The setting of immutable releases, which only administrators are told: 404 never means that it is off.
fn immutable(client: &Client<'_>, round: &Round<'_>) -> Fact<bool> {
    let setting: Option<Setting> = round.one(IMMUTABLE)?;
    setting.map(|setting| setting.enabled).ok_or_else(|| {
        let reason = format!(
            "{} answers 404: only administrators are told whether releases are immutable",
            client.shown(IMMUTABLE)
        );
        Why::new(Code::Forbidden, reason)
    })
}
