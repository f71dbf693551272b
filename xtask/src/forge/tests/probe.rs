//! The forge's rules as they are probed.

use super::forge::{Forge, REPOSITORY, TOKEN};
use super::loopback::Fault;
use super::{busy, client, http};
use crate::forge::{Planned, powers};
use release_core::train::probe::{Act, Powers, TokenKind, Verdict, probe};
use release_core::train::world::{Code, Fact};
use serde_json::{Value, json};

/// Asks with a token of the forge's.
pub(super) fn asked(forge: &Forge) -> Fact<Powers> {
    let http = http(&[]);
    let planned =
        Planned { tag: "v0.4.5", line: "release-0.4.x", proposal: "prepare-v0.4.5", changes_workflows: Ok(false) };
    powers(&client(&http, forge, Some(TOKEN)), planned)
}

/// A ruleset for tags or branches.
fn ruleset(id: u64, target: &str, bypass: &str, rules: &Value) -> Value {
    json!({
        "id": id, "name": format!("rules {id}"), "target": target, "source": "meadow/meadow", "enforcement": "active",
        "current_user_can_bypass": bypass, "rules": rules,
        "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
    })
}

/// A forge with rules for tags and for a branch that is still to be cut.
pub(super) fn ruled() -> Forge {
    let forge = busy();
    forge.change(|state| {
        state.immutable = Some(true);
        state.rulesets.insert(4, ruleset(4, "tag", "never", &json!([{"type": "creation"}])));
        state.rulesets.insert(5, ruleset(5, "branch", "always", &json!([{"type": "creation"}])));
        let source = json!({"type": "creation", "ruleset_id": 5, "ruleset_source": "meadow/meadow", "ruleset_source_type": "Repository"});
        state.rules.insert("prepare-v0.4.5".to_owned(), vec![source]);
    });
    forge
}

fn verdict(powers: &Powers, act: Act) -> (Verdict, String) {
    let found = probe(powers).into_iter().find(|ability| ability.act == act).unwrap();
    (found.verdict, found.why)
}

#[test]
fn rules_are_probed_with_what_who_asks_may_bypass() {
    let forge = ruled();
    let found = asked(&forge).unwrap();
    assert_eq!((found.token, &found.scopes, &found.may_push), (TokenKind::App, &None, &Ok(true)));
    assert_eq!(verdict(&found, Act::Tag), (Verdict::Cannot, "a rule forbids to make v0.4.5".to_owned()));
    assert_eq!(verdict(&found, Act::Correct).0, Verdict::Cannot);
    let (line, why) = verdict(&found, Act::PushLine);
    assert_eq!((line, why.contains("merge queue")), (Verdict::Cannot, true), "{why}");
    assert_eq!(found.proposal.rules, Ok(Vec::new()), "its ruleset may be bypassed");
    assert_eq!((found.proposal.is_there, found.proposal.is_protected.unwrap_err().code), (Ok(false), Code::Forbidden));
    // Seven questions, and one for each ruleset.
    assert_eq!(forge.server.requests().len(), 9);
    forge.change(|state| state.scopes = Some("repo, workflow"));
    assert_eq!(asked(&forge).unwrap().scopes, Some(vec!["repo".to_owned(), "workflow".to_owned()]));
}

#[test]
fn a_rule_that_could_not_be_asked_for_never_counts_as_none() {
    for (path, act) in [
        ("/rulesets", Act::Tag),
        ("/rulesets/4", Act::Tag),
        ("/rulesets/5", Act::PushProposal),
        ("/rules/branches/prepare-v0.4.5", Act::PushProposal),
        ("/immutable-releases", Act::Correct),
    ] {
        for status in [403, 404, 500] {
            let forge = ruled();
            forge.server.fault(&format!("{REPOSITORY}{path}"), Fault::Status(status));
            let (verdict, why) = verdict(&asked(&forge).unwrap(), act);
            assert_eq!(verdict, Verdict::NotKnown, "{status} of {path}: {why}");
            assert!(why.contains(path.rsplit_once('/').unwrap().0), "{why}");
        }
    }
    let forge = ruled();
    forge.change(|state| state.immutable = None);
    assert_eq!(asked(&forge).unwrap().is_immutable.unwrap_err().code, Code::Forbidden);
    forge.change(|state| state.is_hidden = true);
    assert_eq!(asked(&forge).unwrap_err().code, Code::NoRepository);
}
