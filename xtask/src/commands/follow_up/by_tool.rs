//! Lockfiles that edits do not give: npm and uv write them where `--with-tools` asks for it, else the message says what would run.

use super::branch::{Branch, Job, LockRef};
use super::native::known_addresses;
use super::part::{ByTool, Part, branches};
use super::show::Report;
use crate::cli::Global;
use crate::commands::registries::Registries;
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::tools::{self, Inputs, ToolRun};
use crate::output;
use crate::registry::{Answered, Whom};
use crate::stop::{Result, Stop, Texts};
use anyhow::{anyhow, bail};
use camino::Utf8Path;
use release_core::lockfile::package_lock::{PackageLock, is_without_addresses};
use release_core::lockfile::uv_lock::{LockedPackage, UvLock, without_versions};
use release_core::manifest::package_json::PackageJson;
use release_core::manifest::requirement::canonical_name;
use release_core::plan::PlannedFile;
use release_core::plan::relock::{
    NpmFile, UvFile, Wanted, beyond_npm, beyond_uv, edited, followed, following, given_to_npm, given_to_uv,
    respelled_npm, respelled_uv,
};
use release_core::problem::Problem;
use release_core::registry::Registry;
use release_core::text::{SourceText, TextEdit, count};
use release_core::version::Version;

/// A lockfile that edits do not give.
pub(super) struct Left {
    /// Its part, by its place among all.
    pub(super) part: usize,
    pub(super) job: Job,
    /// The reason why the edits are not enough.
    pub(super) reason: String,
}

/// A tool that is ready to run.
struct Ready {
    tool: ToolRun,
    inputs: Inputs,
    /// The normalised names of packages that have no version in the lockfile, whatever the tool was given.
    unversioned: Vec<String>,
}

/// Solves what is left by tools, all of it or nothing; refuses where they were not asked for, or would run the tree's code.
pub(super) fn solve(
    report: &Report<'_>,
    interrupt: &Interrupt,
    (registries, answers): (&Registries<'_>, &[Answered]),
    parts: &mut [Part],
    left: &[Left],
    lock: &mut Option<Lock>,
) -> Result<()> {
    let Report { run, observed, .. } = report;
    let mut problems = Vec::new();
    let mut ready = Vec::new();
    for one in left {
        let Ok(branch) = &parts[one.part].branch else { continue };
        let commit = parts[one.part].base.as_deref();
        let prepared = prepare(registries, branch, &one.job, commit);
        if !run.registries.with_tools {
            problems.push(needs_tool(&parts[one.part], branch, one, prepared.is_ok()));
        }
        match prepared {
            Ok(prepared) => ready.push((one, prepared)),
            Err(found) => problems.extend(found),
        }
    }
    if let Some(first) = problems.first_mut() {
        if !run.registries.with_tools {
            first.help += &also(parts, left);
        }
        let mut texts = Texts::new();
        for branch in branches(parts) {
            branch.texts.iter().for_each(|(path, text)| {
                texts.entry(path.clone()).or_insert_with(|| text.clone());
            });
        }
        return Err(Stop::refused(problems, texts));
    }
    for (one, ready) in ready {
        let lock = match lock {
            Some(lock) => &*lock,
            None => lock.insert(Lock::take(&observed.repository.location)?),
        };
        let place = tools::Place { repository: observed.repository, lock, interrupt };
        write(report, &place, &mut parts[one.part], one, (ready, answers))?;
    }
    Ok(())
}

/// The problem of a lockfile that its tool would have to write.
fn needs_tool(part: &Part, branch: &Branch, left: &Left, may_run: bool) -> Problem {
    let (tool, path) = (tool_run(branch, &left.job), branch.path(&left.job));
    let moves = match left.job.lock {
        LockRef::Npm(index) => {
            let NpmFile { ui, package, package_path, .. } = &branch.lockfiles.npm[index];
            let is_overridden = !following(package, ui).is_empty();
            is_overridden.then(|| format!("; the override of {} in {package_path} moves with it", ui.key))
        }
        LockRef::Uv(_) | LockRef::Range(_) => None,
    };
    let (reason, moves) = (&left.reason, moves.unwrap_or_default());
    let message = format!("{path} on {} needs {}, as edits are not enough: {reason}{moves}", part.name, tool.program);
    let help = match may_run {
        true => format!(
            "`--with-tools` runs `{}` on a copy of the manifests and lockfiles alone; nothing was changed",
            tool.shown()
        ),
        false => "`--with-tools` would not run it either, for what follows; nothing was changed".to_owned(),
    };
    Problem::new(message, help)
}

/// The lockfiles that edits would give, and that their tools would write too.
fn also(parts: &[Part], left: &[Left]) -> String {
    let mut also = Vec::new();
    for (at, branch) in parts.iter().enumerate().filter_map(|(at, part)| Some((at, part.branch.as_ref().ok()?))) {
        let is_left = |job: &Job| {
            matches!(job.lock, LockRef::Range(_))
                || left.iter().any(|left| left.part == at && left.job.lock == job.lock)
        };
        for job in branch.open_jobs().filter(|job| !is_left(job)) {
            also.push(format!(
                "; {} could be edited, and would be written by `{}` then",
                branch.path(job),
                tool_run(branch, job).shown()
            ));
        }
    }
    also.concat()
}

/// The run of a job's tool.
fn tool_run(branch: &Branch, job: &Job) -> ToolRun {
    let folder = branch.path(job).parent().unwrap_or(Utf8Path::new(""));
    let clients = job.wanted.iter().map(|(wanted, _)| wanted);
    match job.lock {
        LockRef::Uv(_) => {
            let clients = clients.map(|wanted| (wanted.client.clone(), wanted.version.to_string()));
            ToolRun::uv(folder, &clients.collect::<Vec<_>>())
        }
        LockRef::Npm(index) => {
            let NpmFile { ui, lock, member, .. } = &branch.lockfiles.npm[index];
            let version = clients.map(|wanted| Registry::Npm.spelling(&wanted.version)).next().unwrap_or_default();
            let spec = match ui.key == ui.package {
                true => format!("{}@{version}", ui.key),
                false => format!("{}@npm:{}@{version}", ui.key, ui.package),
            };
            ToolRun::npm(folder, &spec, &ui.range, member, is_without_addresses(lock))
        }
        LockRef::Range(_) => ToolRun::npm(folder, "", "", "", false),
    }
}

/// A job's tool with what it is given; or what it would run or read that is not to be.
fn prepare(
    registries: &Registries<'_>,
    branch: &Branch,
    job: &Job,
    commit: Option<&str>,
) -> Result<Ready, Vec<Problem>> {
    let tool = tool_run(branch, job);
    match job.lock {
        LockRef::Uv(index) => prepare_uv(registries, branch, &branch.lockfiles.uv[index], tool, commit),
        LockRef::Npm(index) => prepare_npm(registries, branch, &branch.lockfiles.npm[index], tool, commit),
        LockRef::Range(_) => Err(vec![Problem::new("no tool writes a package.json", "this is a defect of this tool")]),
    }
}

/// Problems that say what a person can do who wants that lockfile all the same.
fn with_way_out(mut problems: Vec<Problem>, tool: &ToolRun, path: &Utf8Path) -> Vec<Problem> {
    for problem in problems.iter_mut().filter(|problem| problem.help.is_empty()) {
        problem.help = format!(
            "change that, or lock where this tree may do as it likes, such as in a container: `{}`; then commit {path}",
            tool.by_hand()
        );
    }
    problems
}

/// A registry that no tool is sent to either.
fn not_asked(reason: String) -> Vec<Problem> {
    vec![Problem::new(reason, "nothing was changed; no tool is run that would ask it")]
}

fn prepare_uv(
    registries: &Registries<'_>,
    branch: &Branch,
    file: &UvFile,
    tool: ToolRun,
    commit: Option<&str>,
) -> Result<Ready, Vec<Problem>> {
    let given = given_to_uv(&file.path, &file.lock, &branch.texts)
        .map_err(|problems| with_way_out(problems, &tool, &file.path))?;
    let mut inputs = Inputs { files: given.manifests, wanted: vec![file.path.clone()], ..Inputs::default() };
    inputs.files.push((file.path.clone(), file.source.clone()));
    let root = branch.monorepo.manifests.get(&file.path.with_file_name("pyproject.toml"));
    let plain = |url: &str| url.trim_end_matches('/').to_owned();
    let main = file.lock.main_registry().filter(|main| !main.contains('@'));
    let is_named = |main: &&str| {
        let mut indexes = root.iter().flat_map(|manifest| &manifest.read.uv.indexes);
        indexes.any(|index| plain(&index.url.value) == plain(main))
    };
    // uv asks the indexes of the lockfile: with another default one it would write all addresses anew.
    inputs.index = main.filter(|main| !is_named(main)).map(str::to_owned);
    let chosen = registries.index(Some((&file.path, &file.lock)), commit).map_err(not_asked)?;
    let locked = registries.locked_index(&file.path, &file.lock, commit, &chosen).map_err(not_asked)?;
    let other = locked.as_ref().filter(|locked| locked.address != chosen.address);
    if let Some(Whom { address, .. }) = other {
        let (path, named) = (&file.path, chosen.named_by());
        inputs
            .withheld
            .push(format!("uv asks {address}, as {path} has it, and not {}, named by {named}", chosen.address));
    }
    inputs.take(other.unwrap_or(&chosen).netrc());
    let hosts: Vec<String> =
        [Some(&chosen), other].into_iter().flatten().map(|index| index.place.authority()).collect();
    registries.standing.admit_given(commit, &inputs.files, &hosts).map_err(not_asked)?;
    Ok(Ready { tool, inputs, unversioned: given.dynamic })
}

fn prepare_npm(
    registries: &Registries<'_>,
    branch: &Branch,
    file: &NpmFile,
    tool: ToolRun,
    commit: Option<&str>,
) -> Result<Ready, Vec<Problem>> {
    let folder = file.path.parent().unwrap_or(Utf8Path::new(""));
    let files = given_to_npm(folder, &branch.texts).map_err(|problems| with_way_out(problems, &tool, &file.path))?;
    let wanted = vec![file.package_path.clone(), file.path.clone()];
    let mut inputs = Inputs { files, wanted, ..Inputs::default() };
    let own = inputs.files.iter_mut().filter(|(path, _)| *path == file.package_path);
    for (path, text) in own {
        *text = replaced(path, text.clone(), following(&file.package, &file.ui))
            .map_err(|error| vec![Problem::new(error.to_string(), "run npm by hand")])?;
    }
    let client = file.ui.package.as_str();
    let scope = client.split_once('/').map(|(scope, _)| scope);
    // A client of a scope may have a registry of its own; all other packages come from the one of all.
    let others = file.lock.packages.iter().filter_map(|entry| entry.path.value.strip_prefix("node_modules/"));
    let other = others.into_iter().find(|name| !name.contains('/')).unwrap_or("package");
    let packages = [Some((client, scope)), scope.map(|_| (other, None))];
    let mut hosts = Vec::new();
    for (name, scope) in packages.into_iter().flatten() {
        let registry = registries.npm_of(name, file, commit).map_err(not_asked)?;
        hosts.push(registry.place.authority());
        inputs.take(registry.npmrc(scope));
    }
    registries.standing.admit_given(commit, &inputs.files, &hosts).map_err(not_asked)?;
    Ok(Ready { tool, inputs, unversioned: Vec::new() })
}

/// Lets a tool write its lockfile.
fn write(
    report: &Report<'_>,
    place: &tools::Place<'_>,
    part: &mut Part,
    left: &Left,
    (ready, answers): (Ready, &[Answered]),
) -> anyhow::Result<()> {
    let Ok(branch) = &part.branch else { return Ok(()) };
    let (global, job, path, Ready { tool, inputs, unversioned }) =
        (report.run.global, &left.job, branch.path(&left.job), ready);
    output::say(global, &format!("{} has to write {path}: {}", tool.program, left.reason));
    let news = tools::run(global, place, &tool, &inputs)?;
    let mut changed: Vec<PlannedFile> = Vec::new();
    for (wanted, new) in inputs.wanted.iter().zip(news) {
        let Some(old) = branch.texts.get(wanted) else { continue };
        let new = match wanted == path {
            true => respelled(global, branch, job, without(path, new, &unversioned)?, answers)?,
            false => with_overrides(branch, job, new)?,
        };
        if *old != new {
            changed.push(PlannedFile { path: wanted.clone(), old: old.clone(), new });
        }
    }
    let new = changed.iter().find(|file| file.path == path).map(|file| &file.new);
    let (reason, beyond) = (left.reason.clone(), beyond(branch, job, new)?);
    part.by_tool.push(ByTool { path: path.to_owned(), tool: tool.program, reason, beyond });
    part.files.extend(changed);
    Ok(())
}

/// A `package.json` whose overrides say the client's range, where npm was given a reference in their place.
fn with_overrides(branch: &Branch, job: &Job, new: SourceText) -> anyhow::Result<SourceText> {
    let (LockRef::Npm(index), Some((wanted, _))) = (job.lock, job.wanted.first()) else { return Ok(new) };
    let file = &branch.lockfiles.npm[index];
    let Ok(read) = PackageJson::parse(&new) else { return Ok(new) };
    let edits = followed(&file.package, &read, &file.ui, &Registry::Npm.spelling(&wanted.version));
    replaced(&file.package_path, new, edits)
}

/// A text after edits.
fn replaced(path: &Utf8Path, text: SourceText, edits: Vec<TextEdit>) -> anyhow::Result<SourceText> {
    let (files, _) = edited(path, &text, "", edits).map_err(|error| anyhow!("{error}; nothing was changed"))?;
    Ok(files.into_iter().next().map_or(text, |file| file.new))
}

/// A lockfile with its addresses as they were spelled before, where a tool got the packages from a mirror.
fn respelled(
    global: &Global,
    branch: &Branch,
    job: &Job,
    new: SourceText,
    answers: &[Answered],
) -> anyhow::Result<SourceText> {
    let path = branch.path(job);
    let (program, edits) = match job.lock {
        LockRef::Uv(index) => {
            let Ok(read) = UvLock::parse(&new) else { return Ok(new) };
            ("uv", respelled_uv(&branch.lockfiles.uv[index].lock, &read, new.as_str()))
        }
        LockRef::Npm(index) => {
            let file = &branch.lockfiles.npm[index];
            let Ok(read) = PackageLock::parse(&new) else { return Ok(new) };
            let (locked, served) = known_addresses(answers, file);
            ("npm", respelled_npm(&file.lock, &read, locked.zip(served)))
        }
        LockRef::Range(_) => return Ok(new),
    };
    let edits = edits.map_err(|what| {
        anyhow!(
            "{program} wrote {what}, into {path}; nothing was changed: let it ask the registry that the lockfile names, or lock by hand"
        )
    })?;
    if edits.is_empty() {
        return Ok(new);
    }
    output::say(
        global,
        &format!(
            "{program} had {} of {path} from a mirror, and their addresses are spelled as before",
            count(edits.len(), "archive")
        ),
    );
    replaced(path, new, edits)
}

/// A lockfile without the versions of packages that were given as static and are not.
fn without(path: &Utf8Path, new: SourceText, names: &[String]) -> anyhow::Result<SourceText> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        return Ok(new);
    }
    let edits = without_versions(&new, &names)
        .map_err(|error| anyhow!("uv wrote {path}, which is not TOML: {error}; nothing was changed"))?;
    replaced(path, new, edits)
}

/// Returns the changes of a tool beyond those it had to make; there is no new text where it left its lockfile alone. It has to
/// have locked what was asked for.
fn beyond(branch: &Branch, job: &Job, new: Option<&SourceText>) -> anyhow::Result<Vec<String>> {
    let path = branch.path(job);
    match job.lock {
        LockRef::Uv(index) => {
            let old = &branch.lockfiles.uv[index].source;
            let new = new.unwrap_or(old);
            let read = UvLock::parse(new)
                .map_err(|error| anyhow!("uv wrote {path}, which is not TOML: {error}; nothing was changed"))?;
            for (Wanted { client, version }, _) in &job.wanted {
                let is_meant = |package: &LockedPackage| {
                    let locked = package.version.as_ref().and_then(|locked| Version::parse(&locked.value).ok());
                    canonical_name(&package.name.value) == *client && locked.as_ref() == Some(version)
                };
                if !read.packages.iter().any(is_meant) {
                    bail!("uv did not lock {client} {version} in {path}; nothing was changed");
                }
            }
            let clients: Vec<&str> = job.wanted.iter().map(|(wanted, _)| wanted.client.as_str()).collect();
            Ok(beyond_uv(old.as_str(), new.as_str(), &clients))
        }
        LockRef::Npm(index) => {
            let file = &branch.lockfiles.npm[index];
            let client = &file.ui.key;
            let read = PackageLock::parse(new.unwrap_or(&file.source))
                .map_err(|error| anyhow!("npm wrote {path}, which cannot be read: {error}; nothing was changed"))?;
            let locked = read
                .entry_of(&file.member, client)
                .and_then(|entry| entry.version.as_ref())
                .map(|version| &version.value);
            let wanted = job.wanted.first().map(|(wanted, _)| Registry::Npm.spelling(&wanted.version));
            if let Some(version) = wanted.filter(|version| locked != Some(version)) {
                bail!("npm did not lock {client} {version} in {path}; nothing was changed");
            }
            Ok(beyond_npm(&file.lock, &read, client))
        }
        LockRef::Range(_) => Ok(Vec::new()),
    }
}
