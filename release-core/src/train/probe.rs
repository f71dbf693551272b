//! The acts of a release that a forge will allow or refuse, judged before the first of them.

mod powers;
mod refuses;
#[cfg(test)]
mod tests;

pub use powers::{BranchRules, Pattern, Powers, Rule, TagRuleset, TokenKind, Verdict};

use super::world::Fact;
use powers::Reason;
use refuses::{for_branch, for_tag};
use serde::Serialize;

/// An act of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Commits get onto the line by a push, which cuts it where it is not there.
    PushLine,
    /// The branch of a proposal is pushed.
    PushProposal,
    /// A pull request is opened, with checks that run by themselves.
    Propose,
    /// The tag is made.
    Tag,
    /// The release is published.
    Publish,
    /// The published release starts the publishing workflow.
    StartRun,
    /// A published release is corrected.
    Correct,
}

/// An act with its verdict and the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ability {
    /// The act.
    pub act: Act,
    /// The verdict.
    pub verdict: Verdict,
    /// A sentence that says why.
    pub why: String,
}

/// Judges every act of a release, in their order. What refuses comes before what is not known, and that before what allows.
pub fn probe(powers: &Powers) -> Vec<Ability> {
    let rights = rights(powers);
    let workflows = workflows(powers);
    let all = [
        (Act::PushLine, [rights.clone(), for_branch(&powers.line)].concat()),
        (Act::PushProposal, [rights.clone(), for_branch(&powers.proposal)].concat()),
        (Act::Propose, [rights.clone(), checks(powers.token)].concat()),
        (Act::Tag, [rights.clone(), workflows.clone(), for_tag(&powers.tag, &powers.tags)].concat()),
        (Act::Publish, [rights, workflows].concat()),
        (Act::StartRun, starts(powers.token)),
        (Act::Correct, corrections(&powers.is_immutable)),
    ];
    all.into_iter().map(|(act, reasons)| ability(act, &reasons)).collect()
}

fn ability(act: Act, reasons: &[Reason]) -> Ability {
    for verdict in [Verdict::Cannot, Verdict::NotKnown] {
        let whys: Vec<String> =
            reasons.iter().filter(|(found, _)| *found == verdict).map(|(_, why)| why.clone()).collect();
        if !whys.is_empty() {
            return Ability { act, verdict, why: whys.join("; ") };
        }
    }
    Ability { act, verdict: Verdict::Can, why: "nothing that the forge tells refuses it".to_owned() }
}

/// The reasons in the token and the account behind it.
fn rights(powers: &Powers) -> Vec<Reason> {
    let own = |verdict, why: &str| vec![(verdict, why.to_owned())];
    let has = |scope: &str| powers.scopes.as_ref().is_some_and(|scopes| scopes.iter().any(|own| own == scope));
    match (powers.token, &powers.may_push) {
        (TokenKind::Missing, _) => own(Verdict::Cannot, "there is no token"),
        (TokenKind::Workflow | TokenKind::App, Ok(false)) => {
            own(Verdict::NotKnown, "the forge does not tell the rights of an app's token")
        }
        (_, Err(why)) => vec![(Verdict::NotKnown, why.to_string())],
        (_, Ok(false)) => own(Verdict::Cannot, "the account behind the token may not push"),
        (TokenKind::Classic, Ok(true)) if powers.scopes.is_some() && !has("repo") && !has("public_repo") => {
            own(Verdict::Cannot, "the token lacks the scope `repo`")
        }
        (TokenKind::Classic, Ok(true)) if powers.scopes.is_some() => Vec::new(),
        (_, Ok(true)) => own(
            Verdict::NotKnown,
            "the account behind the token may push, and the forge does not tell the rights of the token itself",
        ),
    }
}

/// The reasons in workflows: a commit with other workflows than the default branch's needs a right of its own.
fn workflows(powers: &Powers) -> Vec<Reason> {
    let what = "the commit has other workflows than the default branch";
    let has_scope = powers.scopes.as_ref().map(|scopes| scopes.iter().any(|scope| scope == "workflow"));
    match (&powers.changes_workflows, powers.token, has_scope) {
        (Ok(false), ..) | (Ok(true), TokenKind::Classic, Some(true)) => Vec::new(),
        (Err(why), ..) => vec![(Verdict::NotKnown, why.to_string())],
        (Ok(true), TokenKind::Workflow, _) => {
            vec![(Verdict::Cannot, format!("{what}, and a workflow's own token never has the right to tag such a one"))]
        }
        (Ok(true), TokenKind::Classic, Some(false)) => {
            vec![(Verdict::Cannot, format!("{what}, and the token lacks the scope `workflow`"))]
        }
        (Ok(true), ..) => {
            vec![(
                Verdict::NotKnown,
                format!("{what}, and the forge does not tell whether the token has the right to workflows"),
            )]
        }
    }
}

fn checks(token: TokenKind) -> Vec<Reason> {
    match token {
        TokenKind::Workflow => vec![(
            Verdict::Cannot,
            "a pull request that is opened with a workflow's own token gets no checks: use a person's or an app's"
                .to_owned(),
        )],
        TokenKind::App => {
            vec![(Verdict::NotKnown, "a workflow's own token opens pull requests that get no checks".to_owned())]
        }
        _ => Vec::new(),
    }
}

fn starts(token: TokenKind) -> Vec<Reason> {
    let what = "a release that is made with a workflow's own token starts no run";
    match token {
        TokenKind::Missing => vec![(Verdict::Cannot, "there is no token".to_owned())],
        TokenKind::Workflow => {
            vec![(Verdict::Cannot, format!("{what}: dispatch the workflow, or use a person's token or an app's"))]
        }
        TokenKind::App | TokenKind::Unknown => {
            vec![(Verdict::NotKnown, format!("{what}, and it is not known whether this is one"))]
        }
        TokenKind::Classic | TokenKind::FineGrained => Vec::new(),
    }
}

fn corrections(is_immutable: &Fact<bool>) -> Vec<Reason> {
    match is_immutable {
        Ok(false) => Vec::new(),
        Ok(true) => vec![(
            Verdict::Cannot,
            "published releases are immutable: tag and files never change, and a deleted one takes its tag's name with it".to_owned(),
        )],
        Err(why) => vec![(Verdict::NotKnown, why.to_string())],
    }
}
