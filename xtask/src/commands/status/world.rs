//! The world around one release, from what was observed.

use super::observe::Observed;
use crate::checkout::Listed;
use crate::commands::follow_up::branch::{self, Aim, read_tree};
use crate::commands::follow_up::observe::Observed as Followed;
use crate::commands::prepare::{self, plan_tree};
use crate::remote;
use crate::stop::{Result, Stop};
use release_core::calendar::Day;
use release_core::git::TrackedFile;
use release_core::monorepo::{Client, MANIFESTS, Manifest};
use release_core::plan::development::{Lead, lead};
use release_core::plan::own_branch;
use release_core::plan::preconditions::short;
use release_core::plan::relock::{FILES, PYTHON_LOCKS};
use release_core::plan::targets::proposal;
use release_core::train::overview::{Overview, overview};
use release_core::train::world::{Code, Fact, Fix, Head, TagPlaces, Tree, Why, World};
use release_core::version::{Release, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Observes everything that the steps of a release are judged by.
pub(super) fn of(observed: &Observed<'_>, release: Release) -> Result<World> {
    let Observed { config, history, remote, timeline, .. } = observed;
    let (branch, main) = (config.branch.branch(release.line()), &config.main);
    let tag = tag(observed, release)?;
    let commit = tag.there.as_ref().ok().and_then(Option::as_deref).or(tag.here.as_deref()).map(str::to_owned);
    // A tree that is tagged does not change any more, and the branches behind it have gone on.
    let plans = commit.is_none();
    let line = head(observed, &branch, release, plans)?;
    let own = head(observed, &own_branch::name(config, release), release, plans)?;
    let (forge, artifacts) = observed.ask_others();
    let is_final_out = commit.is_some() && !release.is_candidate();
    let main_head = head(observed, main, release, false)?;
    let main_tip = main_head.as_ref().map(|head| head.commit.clone());
    let (locks, says) = match (&line, is_final_out) {
        (Some(line), true) => {
            (locks(observed, release, &line.commit)?, main_version(observed, release, main_tip.as_deref())?)
        }
        _ => (Err(not_yet(release)), Err(not_yet(release))),
    };
    let candidates = timeline.releases().into_iter().filter(|tagged| tagged.release.is_candidate());
    let candidates = candidates.filter(|tagged| tagged.release.base() == release.base());
    Ok(World {
        release,
        today: observed.now.day(),
        config: (*config).clone(),
        history: history.clone(),
        remote: remote.clone(),
        fixes: fixes(observed, release),
        candidates: candidates.map(|tagged| (tagged.release, Day::at(tagged.tag.time))).collect(),
        clients: clients(observed, line.as_ref().map(|line| line.commit.as_str()).or(main_tip.as_deref()))?,
        locks,
        locks_proposed: head(observed, &proposal(config, release, &branch), release, false)?,
        development: development(observed, release, says.as_deref().ok()),
        main: says,
        main_is_pushed: main_head.map_or_else(|| Err(not_yet(release)), |head| head.is_pushed),
        main_proposed: head(observed, &proposal(config, release, main), release, false)?,
        is_merged_back: commit.zip(main_tip).is_some_and(|(tag, main)| timeline.graph.is_ancestor(&tag, &main)),
        line,
        own,
        tag,
        forge,
        artifacts,
        decisions: Vec::new(),
    })
}

fn not_yet(release: Release) -> Why {
    Why::new(Code::Other, format!("{release} is not tagged here, or is a candidate"))
}

fn tag(observed: &Observed<'_>, release: Release) -> Result<TagPlaces> {
    let Observed { config, history, answered, timeline, .. } = observed;
    let reference = format!("refs/tags/{}", config.tag.tag(release));
    let there = answered.as_ref().map(|found| remote::tagged(found, &reference).map(str::to_owned));
    let there = there.map_err(Clone::clone);
    let here = history.commit(release).map(str::to_owned);
    let counts = there.as_ref().ok().cloned().flatten().or_else(|| here.clone());
    let tree = match counts {
        None => Tree::Prepared,
        Some(commit) if timeline.graph.get(&commit).is_none() => Tree::Unread(unfetched(observed, &reference, &commit)),
        Some(commit) => planned(observed, release, &commit)?,
    };
    Ok(TagPlaces { here, there, tree })
}

fn unfetched(observed: &Observed<'_>, name: &str, commit: &str) -> Why {
    let remote = &observed.remote;
    Why::new(Code::Other, format!("{remote} has {name} at {}, which is not here: `--fetch` fetches it", short(commit)))
}

/// Reads a branch at its newest commit, here or on the remote; its tree only where it counts.
fn head(observed: &Observed<'_>, name: &str, release: Release, reads: bool) -> Result<Option<Head>> {
    let Observed { refs, timeline, remote, answered, .. } = observed;
    let local = refs.branch(name).map(|branch| branch.commit.as_str());
    let theirs = observed.theirs(name);
    let is_within = |one: &str, other: &str| timeline.graph.is_ancestor(one, other);
    let Some(commit) = (match (local, theirs) {
        (Some(local), Some(theirs)) if is_within(local, theirs) => Some(theirs),
        (local, theirs) => local.or(theirs),
    }) else {
        return Ok(None);
    };
    let is_pushed: Fact<bool> = match (theirs, answered) {
        (Some(theirs), _) if is_within(commit, theirs) || commit == theirs => Ok(true),
        (Some(theirs), Ok(_)) if timeline.graph.get(theirs).is_none() => Err(unfetched(observed, name, theirs)),
        (_, Ok(_)) => Ok(false),
        (_, Err(why)) => Err(why.clone()),
    };
    let unknown = [Some(commit), theirs].into_iter().flatten().find(|commit| timeline.graph.get(commit).is_none());
    let tree = match unknown {
        Some(commit) if !remote.is_empty() => Tree::Unread(unfetched(observed, name, commit)),
        _ if reads => planned(observed, release, commit)?,
        _ => Tree::Prepared,
    };
    Ok(Some(Head { name: name.to_owned(), commit: commit.to_owned(), is_pushed, tree }))
}

/// The files of a commit's tree, listed without a process of their own.
fn listed(observed: &Observed<'_>, commit: &str, names: &[&str]) -> Result<Vec<TrackedFile>> {
    Ok(observed.repository.git.trees(&[commit], names)?.pop().unwrap_or_default())
}

/// Plans to bring the tree of a commit to a release.
fn planned(observed: &Observed<'_>, release: Release, commit: &str) -> Result<Tree> {
    let Observed { repository, config, history, .. } = observed;
    let (names, place) = (prepare::looked_at(), repository.tree(Some(commit)));
    let tree = Listed::of(&place, &names, listed(observed, commit, &names)?);
    match plan_tree(&tree, prepare::Aim { release, repository, config, history }) {
        Ok(planned) if planned.plan.is_done() => Ok(Tree::Prepared),
        Ok(planned) => Ok(Tree::Left(planned.plan.files.len())),
        Err(stop) => {
            let (message, help) = finding(stop)?;
            Ok(Tree::Refused(message, help))
        }
    }
}

/// The first of the problems that a tree has, with its way out.
fn finding(stop: Stop) -> Result<(String, String)> {
    let problem = stop.refusal()?.problems.into_iter().next();
    Ok(problem.map(|problem| (problem.message, problem.help)).unwrap_or_default())
}

/// The lockfiles on a line that are not at the published clients.
fn locks(observed: &Observed<'_>, release: Release, commit: &str) -> Result<Fact<Vec<String>>> {
    Ok(match needs(observed, commit, Aim::Release(release))? {
        Err(why) => Err(why),
        Ok(branch) => Ok(branch.open_jobs().map(|job| branch.path(job).to_string()).collect()),
    })
}

fn needs(observed: &Observed<'_>, commit: &str, aim: Aim<'_>) -> Result<Fact<branch::Branch>> {
    let Observed { repository, config, refs, history, .. } = observed;
    let followed = Followed::unasked(repository, config, refs.clone(), history.clone());
    let names = [&MANIFESTS[..], &FILES, &PYTHON_LOCKS].concat();
    let place = repository.tree(Some(commit));
    let tree = Listed::of(&place, &names, listed(observed, commit, &names)?);
    Ok(match read_tree(&followed, &tree, aim) {
        Ok(branch) => Ok(branch),
        Err(stop) => Err(Why::new(Code::WrongDocument, finding(stop)?.0)),
    })
}

/// The version that main has, or why it is not known; main as it must be counts as what it must be.
fn main_version(observed: &Observed<'_>, release: Release, tip: Option<&str>) -> Result<Fact<String>> {
    let main = &observed.config.main;
    let Some(tip) = tip else { return Ok(Err(Why::new(Code::Other, format!("there is no branch {main} here")))) };
    let Lead::Leads { next } = lead(&observed.history, release) else { return Ok(Err(not_yet(release))) };
    let is_known = |branch: &branch::Branch| branch.is_at_target();
    Ok(match needs(observed, tip, Aim::Main { release, next: &next })? {
        Err(why) => Err(why),
        Ok(branch) if is_known(&branch) => Ok(branch.version.unwrap_or(next)),
        // The plan's version is what main will have; what it has stands in its first manifest.
        Ok(branch) => {
            let path = branch.monorepo.packages.first().map(|package| format!("{tip}:{}", package.path));
            let name = path.unwrap_or_default();
            let object = observed.repository.git.objects(&[name.as_str()])?.pop().flatten();
            let says = object.and_then(|object| Manifest::from_bytes(object.content)?.current_version());
            says.ok_or_else(|| Why::new(Code::WrongDocument, format!("{main} has no version")))
        }
    })
}

/// The development tag of a release that leads, where the repository uses them and main is where it begins.
fn development(observed: &Observed<'_>, release: Release, says: Option<&str>) -> Option<(String, Fact<bool>)> {
    let Observed { config, refs, answered, history, remote, .. } = observed;
    let is_used = config.dev_tag.unwrap_or(refs.tags.iter().any(|tag| config.tag.development(&tag.name).is_some()));
    let Lead::Leads { next } = lead(history, release) else { return None };
    // Main that develops something above it has no use for it.
    let read = |text: &str| Version::parse(text).ok();
    let has_gone_on = says.and_then(read).is_some_and(|says| Some(says) > read(&next));
    if !is_used || release.is_candidate() || has_gone_on {
        return None;
    }
    let names = config.tag.development_tags(release.next_patch());
    let is_here = |name: &String| refs.tags.iter().any(|tag| tag.name == *name);
    let has = |found: &Vec<(String, String)>| {
        names.iter().any(|name| remote::commit(found, &format!("refs/tags/{name}")).is_some())
    };
    let is_there = match answered {
        Ok(_) if remote.is_empty() => Ok(names.iter().any(is_here)),
        Ok(found) => Ok(has(found)),
        Err(why) => Err(why.clone()),
    };
    Some((names[0].clone(), is_there))
}

/// The names under which the clients are published, where they come first.
fn clients(observed: &Observed<'_>, commit: Option<&str>) -> Result<Vec<String>> {
    let Some(commit) = commit.filter(|_| observed.config.clients_first) else { return Ok(Vec::new()) };
    let Some(monorepo) = observed.monorepo(commit)? else { return Ok(Vec::new()) };
    let names =
        |client: &Client| [client.name.clone()].into_iter().chain(client.on_npm.iter().cloned()).collect::<Vec<_>>();
    let all: BTreeSet<String> = monorepo.clients.iter().flat_map(names).collect();
    Ok(all.into_iter().collect())
}

fn fixes(observed: &Observed<'_>, release: Release) -> Fact<Vec<Fix>> {
    if let Some(unread) = &observed.unread {
        return Err(Why::new(Code::Other, unread.clone()));
    }
    let Overview { lines, .. } = overview(&observed.timeline, observed.config, &BTreeMap::new(), &[]);
    Ok(lines.into_iter().find(|line| line.line == release.line()).map(|line| line.fixes).unwrap_or_default())
}
