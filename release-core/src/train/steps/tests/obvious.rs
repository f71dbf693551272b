//! The same judgement a second time, slowly: each question is asked of the whole world, and nothing is shared.

use super::*;
use crate::history::LineState;
use crate::version::{ReleaseKind, Version};

type Answer = Option<&'static str>;

/// Returns the steps that a release has, in order, with the words of their states.
pub(super) fn judge(world: &World) -> Vec<(StepId, &'static str)> {
    use StepId as S;
    let order: &[S] = match world.release.is_candidate() {
        true => &[
            S::Cut,
            S::Prepare,
            S::Proposal,
            S::Checks,
            S::Tag,
            S::GithubRelease,
            S::PublishingRun,
            S::Artifacts,
            S::TestingWindow,
            S::NextRelease,
        ],
        false => &[
            S::Owner,
            S::Thread,
            S::Fixes,
            S::Cut,
            S::Candidates,
            S::TestingWindow,
            S::Milestone,
            S::Clients,
            S::Prepare,
            S::Proposal,
            S::Checks,
            S::Tag,
            S::GithubRelease,
            S::PublishingRun,
            S::Artifacts,
            S::Lockfiles,
            S::Main,
            S::MergeBack,
            S::DevelopmentTag,
            S::Notes,
            S::Announcement,
        ],
    };
    // Clients are published first before candidates too.
    let mut order = order.to_vec();
    if world.release.is_candidate() {
        order.insert(1, S::Clients);
    }
    order.into_iter().filter_map(|id| Some((id, state(world, id)?))).collect()
}

/// Returns the steps that must be over before one begins.
fn before(world: &World, id: StepId) -> Vec<StepId> {
    use StepId as S;
    match (id, world.release.is_candidate()) {
        (S::Candidates, _) => vec![S::Cut],
        (S::TestingWindow, false) => vec![S::Candidates],
        (S::TestingWindow, true) => vec![S::Artifacts],
        (S::Clients, false) => vec![S::TestingWindow],
        (S::Clients, true) => vec![],
        (S::Prepare, false) => vec![S::Cut, S::TestingWindow, S::Clients],
        (S::Prepare, true) => vec![S::Cut, S::Clients],
        (S::Proposal, _) => vec![S::Prepare],
        (S::Checks, _) => vec![S::Proposal],
        (S::Tag, _) => vec![S::Checks],
        (S::GithubRelease | S::Main | S::MergeBack, _) => vec![S::Tag],
        (S::PublishingRun | S::Notes, _) => vec![S::GithubRelease],
        (S::Artifacts, _) => vec![S::PublishingRun],
        (S::NextRelease, _) => vec![S::TestingWindow, S::Artifacts],
        (S::Lockfiles, _) => vec![S::Artifacts],
        (S::DevelopmentTag, _) => vec![S::Main],
        (S::Announcement, _) => vec![S::Artifacts, S::Notes],
        _ => vec![],
    }
}

fn state(world: &World, id: StepId) -> Answer {
    let alone = alone(world, id)?;
    if alone == "done" || alone == "blocked" {
        return Some(alone);
    }
    let is_closed = |id: &StepId| state(world, *id).is_some() && !lets_go_on(world, *id);
    Some(if before(world, id).iter().any(is_closed) { "waiting" } else { alone })
}

/// Tells if what comes after a step may go on: it is done, or what is open about it does not matter for that.
fn lets_go_on(world: &World, id: StepId) -> bool {
    let state = state(world, id).unwrap_or("done");
    if state == "done" {
        return true;
    }
    if state == "waiting" || is_decided(world, id) {
        return false;
    }
    match id {
        // The tag is here, and only its way is not known.
        StepId::Tag => state == "not-known" && world.tag.here.is_some(),
        // A tag cannot be undone.
        StepId::Prepare => is_tagged(world),
        // The release is there; which one is called the latest is another matter.
        StepId::GithubRelease => world.forge.as_ref().is_ok_and(|forge| {
            matches!(&forge.release, Ok(Some(there)) if !there.is_draft && there.is_prerelease == world.release.is_candidate())
        }),
        _ => false,
    }
}

fn remote_has(world: &World) -> Option<&String> {
    if let Ok(Some(commit)) = &world.tag.there {
        return Some(commit);
    }
    match &world.forge {
        Ok(Forge { tag: Ok(Some(commit)), .. }) => Some(commit),
        _ => None,
    }
}

fn is_tagged(world: &World) -> bool {
    world.tag.here.is_some() || remote_has(world).is_some()
}

fn is_decided(world: &World, id: StepId) -> bool {
    let commit = remote_has(world).or(world.tag.here.as_ref()).or(world.line.as_ref().map(|line| &line.commit));
    world.decisions.iter().any(|decision| decision.step == id && Some(&decision.commit) == commit)
}

fn is_at_release(head: Option<&Head>) -> bool {
    head.is_some_and(|head| head.tree == Tree::Prepared)
}

fn alone(world: &World, id: StepId) -> Answer {
    let answer = undecided(world, id)?;
    Some(if is_decided(world, id) { "done" } else { answer })
}

fn undecided(world: &World, id: StepId) -> Answer {
    use StepId as S;
    let final_ = !world.release.is_candidate();
    let kind = world.release.kind();
    Some(match id {
        S::Owner | S::Thread | S::Notes | S::Announcement => "human",
        S::Milestone if kind == ReleaseKind::Patch => return None,
        S::Milestone => "human",
        S::Fixes if kind != ReleaseKind::Patch => return None,
        S::Fixes => match &world.fixes {
            _ if is_tagged(world) => "done",
            Err(_) => "not-known",
            Ok(fixes) if !fixes.is_empty() => "done",
            Ok(_) if is_at_release(world.line.as_ref()) || is_at_release(world.own.as_ref()) => "done",
            Ok(_) => "human",
        },
        S::Cut if kind == ReleaseKind::Patch => return None,
        S::Cut if world.line.is_some() || is_tagged(world) => "done",
        S::Cut if may_not(world) => "blocked",
        S::Cut => "ready",
        S::Candidates => match policy(world) {
            (0, _) if world.candidates.is_empty() => return None,
            _ if is_tagged(world) => "done",
            (wanted, _) if world.candidates.len() >= wanted => "done",
            _ => "ready",
        },
        S::TestingWindow => match policy(world) {
            (_, 0) => return None,
            (0, _) if final_ && world.candidates.is_empty() => return None,
            _ if final_ && is_tagged(world) => "done",
            _ if !final_ && world.history.releases().any(|other| other == world.release.base()) => "done",
            _ if world.candidates.is_empty() => "human",
            (_, days) if world.today.start() >= world.candidates[0].1.start() + days * 86_400 => "done",
            _ => "waiting",
        },
        S::Clients if !world.config.clients_first => return None,
        S::Clients if is_tagged(world) => "done",
        S::Clients => published(world, true),
        S::Prepare => edits(world),
        S::Proposal if is_tagged(world) => "done",
        S::Proposal => match (&world.line, &world.own) {
            (Some(line), _) if line.tree == Tree::Prepared => match line.is_pushed {
                _ if world.remote.is_empty() => "done",
                Ok(true) => "done",
                Ok(false) => "ready",
                Err(_) => "not-known",
            },
            (_, Some(own)) if own.tree == Tree::Prepared => arriving(world, own, &world.branch()),
            _ => "ready",
        },
        S::Checks => green(world),
        S::Tag => match (world.tag.here.as_ref(), remote_has(world)) {
            (Some(here), Some(there)) if here != there => "blocked",
            (_, Some(_)) => "done",
            (Some(_), None) if world.remote.is_empty() => "done",
            (None, None) if world.remote.is_empty() => "ready",
            _ if world.tag.there.is_err() => "not-known",
            _ => "ready",
        },
        S::GithubRelease => on_the_forge(world),
        S::PublishingRun => match (&world.artifacts, &world.forge) {
            (Ok(all), _) if !all.is_empty() && all.iter().all(|one| one.standing == Standing::There) => "done",
            (_, Err(_)) | (_, Ok(Forge { runs: Err(_), .. })) => "not-known",
            (_, Ok(Forge { runs: Ok(runs), .. })) if runs.is_empty() => "human",
            (_, Ok(Forge { runs: Ok(runs), .. })) => match runs[0].state {
                CheckState::Passed => "done",
                CheckState::Pending => "waiting",
                CheckState::Failed => "blocked",
            },
        },
        S::Artifacts => published(world, false),
        S::NextRelease => {
            let follows = |other: Release| other.base() == world.release.base() && other > world.release;
            if world.history.releases().any(follows) { "done" } else { "human" }
        }
        S::Lockfiles => match (&world.locks, &world.locks_proposed) {
            (Err(_), _) => "not-known",
            (Ok(stale), _) if stale.is_empty() => match &world.line {
                Some(line) => arrived(world, &line.is_pushed),
                None => "done",
            },
            (_, Some(own)) => arriving(world, own, &world.branch()),
            _ => "ready",
        },
        S::Main => main(world),
        S::MergeBack if !world.config.merge_back || kind == ReleaseKind::Patch => return None,
        S::MergeBack if world.is_merged_back => "done",
        S::MergeBack => "human",
        S::DevelopmentTag => match &world.development {
            None => return None,
            Some((_, Err(_))) => "not-known",
            Some((_, Ok(true))) => "done",
            Some((_, Ok(false))) => "ready",
        },
        _ => return None,
    })
}

/// Returns the candidates and the days that the policy asks for.
fn policy(world: &World) -> (usize, i64) {
    let policy = match world.release.kind() {
        ReleaseKind::Patch => world.config.patch,
        ReleaseKind::Minor => world.config.minor,
        ReleaseKind::Major => world.config.major,
    };
    (policy.candidates as usize, i64::from(policy.testing_days.0))
}

/// Tells if the number of a release, or the state of its line, stands against it.
fn may_not(world: &World) -> bool {
    let state = world.history.line_state(world.release.line(), world.config.maintained_lines);
    world.history.check_successor(world.release, false).is_err() || matches!(state, LineState::EndOfLife(_))
}

fn edits(world: &World) -> &'static str {
    if is_tagged(world) {
        return match world.tag.tree {
            Tree::Prepared => "done",
            Tree::Unread(_) => "not-known",
            Tree::Left(_) | Tree::Refused(..) => "blocked",
        };
    }
    if is_at_release(world.line.as_ref()) || is_at_release(world.own.as_ref()) {
        return "done";
    }
    if may_not(world) {
        return "blocked";
    }
    match &world.line {
        None if world.release.kind() == ReleaseKind::Patch => "blocked",
        None => "ready",
        Some(Head { tree: Tree::Refused(..), .. }) => "blocked",
        Some(Head { tree: Tree::Unread(_), .. }) => "not-known",
        Some(_) => "ready",
    }
}

fn arriving(world: &World, own: &Head, base: &str) -> &'static str {
    if world.remote.is_empty() {
        return "ready";
    }
    match (&own.is_pushed, &world.forge) {
        (Err(_), _) => "not-known",
        (Ok(false), _) => "ready",
        (Ok(true), Err(_) | Ok(Forge { proposals: Err(_), .. })) => "not-known",
        (Ok(true), Ok(Forge { proposals: Ok(all), .. })) => {
            let mut own: Vec<_> = all.iter().filter(|one| one.head == own.name && one.base == base).collect();
            if own.iter().any(|one| one.state == PullRequestState::Open) {
                return "human";
            }
            own.sort_by_key(|one| one.number);
            match own.last().map(|one| &one.state) {
                Some(PullRequestState::Closed) => "human",
                _ => "ready",
            }
        }
    }
}

fn green(world: &World) -> &'static str {
    if is_tagged(world) {
        return "done";
    }
    let Ok(Forge { checks: Ok(checks), required: Ok(required), .. }) = &world.forge else { return "not-known" };
    if checks.is_empty() {
        return "not-known";
    }
    let mut states = Vec::new();
    for by in required {
        let of_app = |check: &&Check| check.name == by.name && (by.app.is_none() || check.app == by.app);
        let found: Vec<_> = checks.iter().filter(of_app).map(|check| check.state).collect();
        states.extend(if found.is_empty() { vec![CheckState::Pending] } else { found });
    }
    if required.is_empty() {
        states.extend(checks.iter().map(|check| check.state));
    }
    match () {
        () if states.contains(&CheckState::Failed) => "blocked",
        () if states.contains(&CheckState::Pending) => "waiting",
        () => "done",
    }
}

fn on_the_forge(world: &World) -> &'static str {
    let Ok(forge) = &world.forge else { return "not-known" };
    let Ok(release) = &forge.release else { return "not-known" };
    let candidate = world.release.is_candidate();
    let highest = world.history.finals().last();
    let leads = !candidate && highest.is_none_or(|highest| highest <= world.release);
    match (release, &forge.latest) {
        (None, _) => "ready",
        (Some(there), _) if there.is_draft || there.is_prerelease != candidate => "ready",
        (_, Err(_)) if leads => "not-known",
        (_, Ok(latest)) if leads == (latest.as_deref() == Some(&world.tag_name())) => "done",
        (_, Ok(_)) => "ready",
        (_, Err(_)) => "done",
    }
}

fn published(world: &World, clients_alone: bool) -> &'static str {
    let Ok(all) = &world.artifacts else { return "not-known" };
    let has = |is: fn(&Standing) -> bool| {
        all.iter().filter(|one| !clients_alone || world.clients.contains(&one.name)).any(|one| is(&one.standing))
    };
    match () {
        () if has(|one| matches!(one, Standing::Yanked(_) | Standing::OtherBytes(_) | Standing::WrongTag(_))) => {
            "blocked"
        }
        () if has(|one| matches!(one, Standing::Staged)) => "human",
        () if has(|one| matches!(one, Standing::Unknown(_))) => "not-known",
        () if has(|one| matches!(one, Standing::Missing | Standing::Partial(_))) => "ready",
        () => "done",
    }
}

/// Answers for what a branch has here: others have it once it is pushed.
fn arrived(world: &World, is_pushed: &Fact<bool>) -> &'static str {
    match (world.remote.is_empty(), is_pushed) {
        (true, _) | (_, Ok(true)) => "done",
        (_, Ok(false)) => "ready",
        (_, Err(_)) => "not-known",
    }
}

fn main(world: &World) -> &'static str {
    let leader = world.history.finals().last();
    if leader.is_some_and(|leader| leader > world.release) {
        return "done";
    }
    let Ok(says) = &world.main else { return "not-known" };
    let Ok(says) = Version::parse(says) else { return "not-known" };
    let next = Version::new(world.release.major, world.release.minor, world.release.patch + 1).with_dev(0);
    match &world.main_proposed {
        _ if says >= next => arrived(world, &world.main_is_pushed),
        Some(own) => arriving(world, own, "main"),
        None => "ready",
    }
}
