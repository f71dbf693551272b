//! `release pins --policy`: the pins of the work tree, written by another policy.

use super::super::prepare::{edited, texts};
use super::observed::Observed;
use crate::Outcome;
use crate::cli::{PinPolicy, Pins};
use crate::commands::pins::show::Report;
use crate::commands::pins::show_edit::Rewriting;
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::planned;
use crate::effects::write;
use crate::output;
use crate::stop::{Result, Stop};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::{Monorepo, PinForm, sites};
use release_core::pins::tree::listed;
use release_core::plan;
use release_core::plan::Edits;
use release_core::plan::preconditions::mixed;
use release_core::plan::rewrite_pins::{Rewrite, lasting, rewrite_pins};
use release_core::problem::Problem;
use release_core::text::quoted;
use release_core::train::{Step, StepId};
use std::collections::BTreeSet;

/// Writes the pins, or shows what would be written. Without a lock nothing is.
pub(super) fn run(
    observed: &Observed<'_>,
    pins: &Pins,
    policy: PinPolicy,
    lock: Option<&Lock>,
    mut problems: Vec<Problem>,
) -> Result<Outcome> {
    let Observed { global, repository, config, monorepo, role, .. } = observed;
    let client = client(monorepo, pins).map_err(Stop::usage)?;
    let version = pins.version().map_err(Stop::usage)?;
    // The spellings are those of release.toml, which knows them all.
    let form = PinForm::parse(policy.form()).unwrap_or(PinForm::Keep);
    let asked = Rewrite { form, client: client.as_deref(), version: version.as_ref(), role: *role };
    let dirty = repository.git.changed(&edited(monorepo))?;
    let rewritten = match rewrite_pins(monorepo, &asked) {
        Ok(rewritten) => rewritten,
        Err(found) => {
            problems.extend(found);
            Edits::default()
        }
    };
    let is_edited = |path: &&Utf8PathBuf| rewritten.files.iter().any(|file| file.path == **path);
    let in_the_way: Vec<Utf8PathBuf> = dirty.iter().filter(is_edited).cloned().collect();
    problems.extend(mixed(&in_the_way, "their pins are to be written anew"));
    problems.extend(planned::unseen(repository, &rewritten.files)?);
    if !problems.is_empty() {
        return Err(Stop::refused(problems, texts(monorepo)).told(|found| {
            let problems = output::count(found.len(), "problem");
            let line = format!("the pins are as they were: {problems}, nothing was changed");
            ((!global.quiet).then_some(line), None)
        }));
    }
    let is_done = rewritten.files.is_empty();
    let outcome = match lock {
        _ if is_done => "nothing-to-do",
        None => "planned",
        Some(_) => {
            let (interrupt, label) = (Interrupt::watch()?, format!("pins as `{}`", policy.form()));
            let (root, state) = (&repository.location.root, repository.state_dir());
            write::write_files(root, &state, &label, &rewritten.files, &interrupt)?;
            "written"
        }
    };
    let commit = commit(&rewritten, &dirty, policy, client.as_deref().unwrap_or("clients"));
    let relock = (!is_done && !monorepo.uv_locks.is_empty()).then(|| relock(policy));
    let edit = Rewriting {
        policy: policy.form(),
        root: &repository.location.root,
        next: commit.into_iter().chain(relock).collect(),
        lasting: lasting(monorepo, &config.clients, &asked, &rewritten.sites),
        is_listed: !config.clients.is_empty(),
        rewritten: &rewritten,
        outcome,
    };
    let pins = listed(monorepo, *role);
    Report { global, monorepo, role: *role, pins: &pins, simulation: None, rewritten: Some(&edit) }.show();
    Ok(Outcome::Done)
}

/// The normalised name of `--client`, which must be pinned somewhere.
fn client(monorepo: &Monorepo, pins: &Pins) -> Result<Option<String>, Problem> {
    let Some(name) = &pins.client else { return Ok(None) };
    let canonical = canonical_name(name);
    let pinned = sites(monorepo).into_iter().filter(|site| site.declared.is_some()).map(|site| site.subject);
    let known: BTreeSet<String> = pinned.collect();
    if known.contains(&canonical) {
        return Ok(Some(canonical));
    }
    let help = match known.is_empty() {
        true => "there are none: `cargo xtask release pins`".to_owned(),
        false => format!("there are requirements on {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    Err(Problem::new(format!("nothing here requires a client or package `{name}`"), help))
}

/// The step that commits what was edited now or by an earlier run.
fn commit(rewritten: &Edits, dirty: &[Utf8PathBuf], policy: PinPolicy, whose: &str) -> Option<Step> {
    let sites = rewritten.sites.iter().filter(|site| site.outcome != plan::Outcome::Kept);
    let edited: BTreeSet<&Utf8Path> = sites.map(|site| site.path.as_path()).collect();
    let changed = rewritten.files.iter().map(|file| file.path.as_path());
    let left = dirty.iter().map(Utf8PathBuf::as_path).filter(|path| edited.contains(path));
    let files: BTreeSet<&Utf8Path> = changed.chain(left).collect();
    let files: Vec<_> = files.into_iter().map(|path| quoted(path.as_str())).collect();
    let what = match policy {
        PinPolicy::None => format!("leave the version of {whose} open"),
        PinPolicy::Exact => format!("pin {whose} exactly"),
        PinPolicy::Compatible => format!("pin {whose} to what is compatible"),
        PinPolicy::Minimum => format!("pin {whose} to a minimum"),
        PinPolicy::Bounded => format!("pin {whose} to a minimum below the next series"),
    };
    let command = format!("git commit --message 'chore: {what}' -- {}", files.join(" "));
    (!files.is_empty()).then(|| Step::ready(StepId::Commit, "commit this", [command]))
}

/// The step that brings the lockfiles along, which note the pins down.
fn relock(policy: PinPolicy) -> Step {
    // `relock` goes by the version that is pinned.
    let command = if policy == PinPolicy::None { "uv lock" } else { "cargo xtask release relock --write" };
    Step::ready(StepId::Lockfiles, "bring uv.lock along, which notes the pins", [command.to_owned()])
}
