use super::super::world::{Code, Why};
use super::*;

fn rule(kind: &str) -> Rule {
    Rule { kind: kind.to_owned(), pattern: None, spares_creation: false }
}

fn branch(name: &str, is_there: bool, rules: &[&str]) -> BranchRules {
    let rules = Ok(rules.iter().map(|kind| rule(kind)).collect());
    BranchRules { name: name.to_owned(), is_there: Ok(is_there), rules, is_protected: Ok(false) }
}

/// Everything is allowed to a person with every scope.
fn free() -> Powers {
    Powers {
        token: TokenKind::Classic,
        may_push: Ok(true),
        scopes: Some(vec!["repo".to_owned(), "workflow".to_owned()]),
        line: branch("release-0.4.x", true, &[]),
        proposal: branch("prepare-v0.4.5", false, &[]),
        tag: "v0.4.5".to_owned(),
        tags: Ok(Vec::new()),
        is_immutable: Ok(false),
        changes_workflows: Ok(true),
    }
}

fn unknown<T>() -> Fact<T> {
    Err(Why::new(Code::Forbidden, "not for you"))
}

/// The acts that are not plainly allowed, each with its verdict.
fn refused(powers: &Powers) -> Vec<(Act, Verdict)> {
    let all = probe(powers);
    assert_eq!(all.len(), 7);
    assert!(all.iter().all(|ability| !ability.why.is_empty()));
    all.into_iter().filter(|found| found.verdict != Verdict::Can).map(|found| (found.act, found.verdict)).collect()
}

#[test]
fn a_token_decides_what_is_possible_at_all() {
    use Act::{Correct, Propose, Publish, PushLine, PushProposal, StartRun, Tag};
    use Verdict::{Cannot, NotKnown};
    assert_eq!(refused(&free()), []);
    let missing = Powers { token: TokenKind::Missing, scopes: None, changes_workflows: Ok(false), ..free() };
    let acts = [PushLine, PushProposal, Propose, Tag, Publish, StartRun];
    assert_eq!(refused(&missing), acts.map(|act| (act, Cannot)));
    let workflow = Powers { token: TokenKind::Workflow, may_push: Ok(false), scopes: None, ..free() };
    let verdicts = [NotKnown, NotKnown, Cannot, Cannot, Cannot, Cannot];
    assert_eq!(refused(&workflow), acts.into_iter().zip(verdicts).collect::<Vec<_>>());
    let fine = Powers { token: TokenKind::FineGrained, scopes: None, ..free() };
    assert_eq!(refused(&fine), acts[..5].iter().map(|act| (*act, NotKnown)).collect::<Vec<_>>());
    let narrow = Powers { scopes: Some(vec!["repo".to_owned()]), ..free() };
    assert_eq!(refused(&narrow), [(Tag, Cannot), (Publish, Cannot)], "workflows need a scope of their own");
    assert_eq!(refused(&Powers { changes_workflows: Ok(false), ..narrow }), []);
    let reader = Powers { scopes: Some(vec!["read:org".to_owned()]), ..free() };
    assert_eq!(refused(&reader)[0], (PushLine, Cannot));
    assert_eq!(refused(&Powers { is_immutable: Ok(true), ..free() }), [(Correct, Cannot)]);
    assert_eq!(
        refused(&Powers { is_immutable: unknown(), ..free() }),
        [(Correct, NotKnown)],
        "403 and 404 never mean off"
    );
}

#[test]
fn rules_refuse_a_push_to_a_branch_or_its_making() {
    use Verdict::{Can, Cannot, NotKnown};
    for (kind, is_there, verdict) in [
        ("pull_request", true, Cannot),
        ("merge_queue", true, Cannot),
        ("required_status_checks", true, Cannot),
        ("update", true, Cannot),
        ("update", false, Can),
        ("creation", true, Can),
        ("creation", false, Cannot),
        ("required_signatures", true, NotKnown),
        ("required_signatures", false, NotKnown),
        ("pull_request", false, NotKnown),
        ("non_fast_forward", true, Can),
        ("deletion", false, Can),
        ("a_rule_of_tomorrow", true, NotKnown),
    ] {
        let powers = Powers { line: branch("release-0.4.x", is_there, &[kind]), ..free() };
        assert_eq!(probe(&powers)[0].verdict, verdict, "{kind} {is_there}: {:?}", probe(&powers)[0]);
    }
    let spared = Rule { spares_creation: true, ..rule("required_status_checks") };
    let line = BranchRules { rules: Ok(vec![spared]), ..branch("release-0.5.x", false, &[]) };
    assert_eq!(refused(&Powers { line, ..free() }), []);
    for line in [
        BranchRules { rules: unknown(), ..branch("release-0.4.x", true, &[]) },
        BranchRules { is_there: unknown(), ..branch("release-0.4.x", true, &[]) },
        BranchRules { is_protected: unknown(), ..branch("release-0.4.x", true, &[]) },
        BranchRules { is_protected: Ok(true), ..branch("release-0.4.x", true, &[]) },
    ] {
        assert_eq!(refused(&Powers { line, ..free() }), [(Act::PushLine, NotKnown)]);
    }
}

#[test]
fn rules_for_tags_count_for_the_tags_that_they_are_for() {
    use Verdict::{Can, Cannot, NotKnown};
    let name = |operator: &str, text: &str, is_negated| Rule {
        pattern: Some(Pattern { operator: operator.to_owned(), text: text.to_owned(), is_negated }),
        ..rule("tag_name_pattern")
    };
    for (include, exclude, rule, verdict) in [
        ("~ALL", "", rule("creation"), Cannot),
        ("refs/tags/v*", "", rule("creation"), Cannot),
        ("refs/tags/v*", "refs/tags/v0.4.*", rule("creation"), Can),
        ("refs/tags/x*", "", rule("creation"), Can),
        ("refs/*", "", rule("creation"), Can),
        ("refs/**", "", rule("creation"), Cannot),
        ("refs/tags/v[0-9]*", "", rule("creation"), NotKnown),
        ("~ALL", "refs/tags/v[0-9]*", rule("creation"), NotKnown),
        ("~ALL", "", rule("deletion"), Can),
        ("~ALL", "", name("starts_with", "v", false), Can),
        ("~ALL", "", name("starts_with", "v", true), Cannot),
        ("~ALL", "", name("ends_with", "-rc", false), Cannot),
        ("~ALL", "", name("regex", "^v", false), NotKnown),
    ] {
        let exclude = Some(exclude.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
        let ruleset =
            TagRuleset { name: "tags".to_owned(), include: vec![include.to_owned()], exclude, rules: vec![rule] };
        let powers = Powers { tags: Ok(vec![ruleset.clone()]), ..free() };
        assert_eq!(probe(&powers)[3].verdict, verdict, "{ruleset:?}");
    }
    assert_eq!(refused(&Powers { tags: unknown(), ..free() }), [(Act::Tag, NotKnown)]);
}
