mod generated;
mod obvious;

use super::super::step::{State, StepId};
use super::super::world::forge::{Check, CheckState, ForgeRelease, PullRequest, PullRequestState, Run};
use super::super::world::{Artifact, Code, Decision, Fact, Fix, Forge, Head, Standing, TagPlaces, Tree, Why, World};
use super::{Judged, Whole, judge};
use crate::calendar::Day;
use crate::history::{Dated, History};
use crate::monorepo::Config;
use crate::registry::Registry;
use crate::version::Release;
use generated::worlds;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The word that a reader of the JSON gets.
fn word(state: &State) -> &'static str {
    match state {
        State::Done => "done",
        State::Ready => "ready",
        State::Waiting(_) | State::Until(_) => "waiting",
        State::Blocked(_) => "blocked",
        State::Human => "human",
        State::NotKnown(_) => "not-known",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]
    #[test]
    fn the_states_are_those_of_a_slow_and_obvious_judgement(world in worlds()) {
        let judged: Vec<(StepId, &str)> = judge(&world).iter().map(|step| (step.id, word(&step.state))).collect();
        prop_assert_eq!(judged, obvious::judge(&world));
    }

    #[test]
    fn every_step_has_one_sentence_and_what_is_not_done_has_one_next_act(world in worlds()) {
        let steps = judge(&world);
        for step in &steps {
            prop_assert!(!step.title.is_empty() && !step.title.contains('\n'), "{:?}", step);
            prop_assert_eq!(step.state == State::Done, step.next.is_empty(), "{:?}", step);
            prop_assert!(!step.next.contains('\n'), "{:?}", step);
        }
        let ids: BTreeSet<StepId> = steps.iter().map(|step| step.id).collect();
        prop_assert_eq!(ids.len(), steps.len(), "a step twice");
        // A step waits for an earlier one of the same list, which is not done.
        for (place, step) in steps.iter().enumerate() {
            if let State::Waiting(on) = step.state {
                let before = steps[..place].iter().find(|before| before.id == on);
                prop_assert!(before.is_some_and(|before| before.state != State::Done), "{:?}", step);
            }
        }
    }

    #[test]
    fn nothing_that_could_not_be_asked_is_missing(world in worlds()) {
        let why = || Why::new(Code::Unreachable, "no connection");
        let (forge, artifacts) = (Err(why()), Err(why()));
        let blind = World { forge, artifacts, decisions: Vec::new(), ..world };
        let asked = [StepId::GithubRelease, StepId::PublishingRun, StepId::Artifacts];
        for step in judge(&blind).iter().filter(|step| asked.contains(&step.id)) {
            prop_assert!(matches!(step.state, State::NotKnown(_) | State::Waiting(_)), "{:?}", step);
        }
    }
}

fn whole(states: &[State]) -> Whole {
    let step =
        |state: &State| Judged { id: StepId::Tag, state: state.clone(), title: String::new(), next: String::new() };
    Whole::of(&states.iter().map(step).collect::<Vec<_>>())
}

#[test]
fn a_release_is_blocked_before_it_is_anybodys_turn_and_waits_only_where_all_is_known() {
    let unknown = State::NotKnown(Why::new(Code::Offline, "--offline"));
    let waiting = State::Waiting(StepId::Tag);
    for (states, expected) in [
        (vec![], Whole::Done),
        (vec![State::Done], Whole::Done),
        (vec![State::Done, waiting.clone()], Whole::Waiting),
        (vec![State::Until("2026-03-01".into())], Whole::Waiting),
        (vec![waiting.clone(), unknown.clone()], Whole::NotKnown),
        (vec![unknown.clone(), State::Human], Whole::Turn),
        (vec![unknown.clone(), State::Ready], Whole::Turn),
        (vec![unknown, State::Ready, State::Blocked("it".into())], Whole::Blocked),
    ] {
        assert_eq!(whole(&states), expected, "{states:?}");
    }
}

#[test]
fn a_state_is_written_with_what_it_waits_for() {
    let json = |state: State| serde_json::to_value(state).unwrap();
    assert_eq!(json(State::Until("2026-03-01".into())), serde_json::json!({ "state": "waiting", "on": "2026-03-01" }));
    assert_eq!(json(State::Waiting(StepId::Tag)), serde_json::json!({ "state": "waiting", "on": "tag" }));
    assert_eq!(json(State::Blocked("it".into())), serde_json::json!({ "state": "blocked", "on": "it" }));
    assert_eq!(
        json(State::NotKnown(Why::new(Code::Offline, "x"))),
        serde_json::json!({ "state": "not-known", "on": { "code": "offline", "reason": "x" } })
    );
}
