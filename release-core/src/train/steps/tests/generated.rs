//! Worlds of every kind: lines, tags, candidates, branches, answers of the forge and of registries, several releases at once.

use super::super::super::world::forge::RequiredCheck;
use super::*;
use proptest::sample::{select, subsequence};

const TAGS: [&str; 11] =
    ["0.3.0", "0.4.0", "0.4.3", "0.4.4", "0.4.5rc1", "0.4.5", "0.4.6", "0.5.0rc1", "0.5.0rc2", "0.5.0", "1.0.0rc1"];
const RELEASES: [&str; 9] =
    ["0.3.1", "0.4.5", "0.4.5rc1", "0.4.6", "0.5.0", "0.5.0rc1", "0.5.0rc2", "1.0.0", "1.0.0rc2"];

fn why() -> Why {
    Why::new(Code::TimedOut, "no answer in time")
}

/// Something that is known, or not.
fn fact<T: std::fmt::Debug + Clone + 'static>(known: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Fact<T>> {
    prop_oneof![6 => known.prop_map(Ok), 1 => Just(Err(why()))].boxed()
}

fn tree() -> impl Strategy<Value = Tree> {
    prop_oneof![
        4 => Just(Tree::Prepared),
        2 => (1usize..3).prop_map(Tree::Left),
        1 => Just(Tree::Refused("a pin without a version".into(), "write one".into())),
        1 => Just(Tree::Unread(why())),
    ]
}

fn head(name: &'static str) -> impl Strategy<Value = Option<Head>> {
    let some = (fact(any::<bool>()), tree())
        .prop_map(move |(is_pushed, tree)| Some(Head { name: name.into(), commit: "tip".into(), is_pushed, tree }));
    prop_oneof![2 => some, 1 => Just(None)]
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        6 => Just(Standing::There),
        1 => Just(Standing::Missing),
        1 => Just(Standing::Partial(vec!["a wheel".into()])),
        1 => Just(Standing::Staged),
        1 => Just(Standing::Yanked("broken".into())),
        1 => Just(Standing::OtherBytes("two digests".into())),
        1 => Just(Standing::WrongTag("latest is 0.4.4".into())),
        1 => Just(Standing::Unknown(why())),
    ]
}

fn artifacts() -> impl Strategy<Value = Vec<Artifact>> {
    let artifact =
        (select(vec!["meadow", "meadow-client"]), standing(), any::<bool>()).prop_map(|(name, standing, has_next)| {
            Artifact {
                kind: Registry::Pypi.into(),
                name: name.into(),
                version: "0.4.5".into(),
                place: "https://index.example".into(),
                standing,
                notes: Vec::new(),
                next: if has_next { "do it".into() } else { String::new() },
            }
        });
    prop::collection::vec(artifact, 0..4)
}

fn check_state() -> impl Strategy<Value = CheckState> {
    select(vec![CheckState::Passed, CheckState::Passed, CheckState::Pending, CheckState::Failed])
}

fn forge() -> impl Strategy<Value = Forge> {
    let release = (any::<bool>(), any::<bool>()).prop_map(|(is_draft, is_prerelease)| ForgeRelease {
        id: 1,
        tag: "v0.4.5".into(),
        is_draft,
        is_prerelease,
        is_immutable: false,
        page: String::new(),
        assets: Vec::new(),
    });
    let heads = ["prepare", "locks", "main-edits"];
    let state = prop_oneof![
        Just(PullRequestState::Open),
        Just(PullRequestState::Closed),
        Just(PullRequestState::Merged("m".into()))
    ];
    let bases = vec!["main", "release-0.4.x", "release-0.5.x"];
    let proposal = (1u64..9, select(heads.to_vec()), select(bases), state).prop_map(|(number, head, base, state)| {
        let (base, head) = (base.into(), head.into());
        PullRequest { number, page: "https://forge.example/1".into(), state, base, head, commit: "tip".into() }
    });
    let check = (select(vec!["test", "lint"]), select(vec![Some(1), Some(2), None]), check_state())
        .prop_map(|(name, app, state)| Check { name: name.into(), app, state, page: "https://forge.example/2".into() });
    let required = (select(vec!["test", "docs"]), select(vec![Some(1), None]))
        .prop_map(|(name, app)| RequiredCheck { name: name.into(), app });
    let run = check_state().prop_map(|state| Run {
        id: 7,
        event: "release".into(),
        commit: "tip".into(),
        state,
        page: "https://forge.example/3".into(),
    });
    (
        fact(prop::option::of(release)),
        fact(prop::option::of(select(vec!["v0.4.5", "v0.5.0", "v0.4.4"]).prop_map(str::to_owned))),
        fact(prop::option::of(select(vec!["tip", "other"]).prop_map(str::to_owned))),
        fact(prop::collection::vec(proposal, 0..5)),
        fact(prop::collection::vec(check, 0..4)),
        fact(prop::collection::vec(required, 0..3)),
        fact(prop::collection::vec(run, 0..3)),
    )
        .prop_map(|(release, latest, tag, proposals, checks, required, runs)| Forge {
            repository: "meadow/meadow".into(),
            page: "https://forge.example".into(),
            release,
            latest,
            tag,
            proposals,
            checks,
            required,
            runs,
        })
}

fn config() -> impl Strategy<Value = Config> {
    (any::<bool>(), any::<bool>(), 0u32..3, 0u32..9, 1usize..3).prop_map(
        |(merge_back, clients_first, candidates, days, maintained_lines)| {
            let mut config = Config { merge_back, clients_first, maintained_lines, ..Config::default() };
            config.minor.candidates = candidates;
            config.minor.testing_days = (days, days);
            config
        },
    )
}

fn places() -> impl Strategy<Value = TagPlaces> {
    let commit = || prop::option::of(select(vec!["tip", "other"]).prop_map(str::to_owned));
    (commit(), fact(commit()), tree()).prop_map(|(here, there, tree)| TagPlaces { here, there, tree })
}

fn decisions() -> impl Strategy<Value = Vec<Decision>> {
    let steps = vec![StepId::Owner, StepId::Notes, StepId::Tag, StepId::Artifacts, StepId::PublishingRun, StepId::Cut];
    let decision = (select(steps), select(vec!["tip", "other"])).prop_map(|(step, commit)| Decision {
        step,
        commit: commit.into(),
        by: "Ada".into(),
        at: Day::at(0),
        reason: "by hand".into(),
    });
    prop::collection::vec(decision, 0..3)
}

fn fixes() -> impl Strategy<Value = Vec<Fix>> {
    let fix = prop::collection::vec(Just("CVE-2026-1234".to_owned()), 0..2).prop_map(|marks| Fix {
        commit: "c".into(),
        subject: "fix: it".into(),
        marks,
    });
    prop::collection::vec(fix, 0..3)
}

/// Worlds in which everything is possible together.
pub(super) fn worlds() -> impl Strategy<Value = World> {
    let git = (select(RELEASES.to_vec()), subsequence(TAGS.to_vec(), 0..=TAGS.len()), config(), 0i64..20, places());
    let branches = (head("release"), head("prepare"), head("locks"), head("main-edits"), select(vec!["", "origin"]));
    let facts = (
        fact(fixes()),
        fact(prop::collection::vec(Just("uv.lock".to_owned()), 0..2)),
        fact(
            select(vec!["0.4.5.dev0", "0.4.6.dev0", "0.5.1.dev0", "1.0.0.dev0", "1.1.0.dev0", "none"])
                .prop_map(str::to_owned),
        ),
        prop::option::of(fact(any::<bool>())),
        any::<bool>(),
        fact(any::<bool>()),
    );
    (git, branches, facts, fact(forge()), fact(artifacts()), decisions()).prop_map(
        |(git, branches, facts, forge, artifacts, decisions)| {
            let (release, tags, config, today, tag) = git;
            let (line, own, locks_proposed, main_proposed, remote) = branches;
            let (fixes, locks, main, development, is_merged_back, main_is_pushed) = facts;
            let release = Release::parse(release).unwrap();
            let releases: Vec<Release> = tags.iter().map(|tag| Release::parse(tag).unwrap()).collect();
            let dated = |release: &Release| Dated { release: *release, commit: "tip".into(), time: 0 };
            let is_candidate = |other: &&Release| other.is_candidate() && other.base() == release.base();
            let candidates = releases.iter().filter(is_candidate).map(|other| (*other, Day::at(0))).collect();
            World {
                release,
                today: Day::at(0).plus(today),
                history: History::from_releases(releases.iter().map(dated).collect()),
                config,
                remote: remote.into(),
                line,
                own,
                tag,
                fixes,
                candidates,
                clients: vec!["meadow-client".into()],
                locks,
                locks_proposed,
                main,
                main_is_pushed,
                main_proposed,
                development: development.map(|is_there| ("v0.4.6-dev".into(), is_there)),
                is_merged_back,
                forge,
                artifacts,
                decisions,
            }
        },
    )
}
