//! `release stamp`: writes a version into a client repository.

mod evidence;
mod show;
mod variable;

use crate::Outcome;
use crate::cli::{self, Format, Global, Stamp as Flags};
use crate::commands::stamp::show::Report;
use crate::directory::current_directory;
use crate::effects::append::append_to;
use crate::effects::interrupt::Interrupt;
use crate::effects::write;
use crate::output;
use crate::stop::{Result, Stop};
use anyhow::{Context, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::monorepo::{CONFIG_FILE, Config, is_foreign};
use release_core::plan::stamp::{Dynamic, MODULES, NAME, Texts, assigned, lower, members, stamp, wanted};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::SourceText;
use release_core::version::Version;
use std::collections::BTreeSet;
use std::fs;
use walkdir::WalkDir;

/// The manifests of packages below the root.
const MANIFESTS: [&str; 2] = ["pyproject.toml", "package.json"];

/// The depth of a package's own folder: `src/NAME/_version.py`.
const DEPTH: usize = 3;

/// Folders that hold no package of the repository.
const SKIPPED: [&str; 3] = ["dist", "build", "venv"];

/// Stamps, or says what is not stamped.
pub(super) fn run(global: &Global, flags: &Flags) -> Result<Outcome> {
    if flags.migrate {
        return migrate(global, flags);
    }
    let version = flags.version().map_err(Stop::usage)?;
    let given = flags.version.as_deref().unwrap_or_default().trim();
    if given != version.to_string() {
        output::say(global, &format!("reading `{given}` as {version}"));
    }
    let root = root(global)?;
    if !root.is_dir() {
        return Err(anyhow!("{root} is not a directory: name a client repository with `--repo DIR`").into());
    }
    let config = settings(global, &root)?;
    let state = State::of(&root);
    let unfinished = write::recover(global, &root, &state.directory)?;
    let texts = texts(&root, &config, &version)?;
    let mut report = Report::new(global, flags, &root, &version);
    if let Some(problem) = unfinished {
        return Err(report.stop(Stop::refused(vec![problem], texts)));
    }
    let stamp = match stamp(&texts, &config, &version) {
        Ok(stamp) => stamp,
        Err(problems) => return Err(report.stop(Stop::refused(problems, texts))),
    };
    let called = stamp.dynamic.as_ref().map(|dynamic| variable::called(&root, dynamic)).transpose()?;
    report.found(&stamp, called);
    let evidence = evidence::of(&root, &config.tag)?;
    let lower = lower(&stamp, &version, &evidence);
    if !lower.is_empty() {
        return Err(report.stop(Stop::refused(lower, texts)));
    }
    if evidence.is_shallow {
        output::say(global, "this is a shallow clone: tags that it lacks were not compared with the version");
    }
    if let Some(dynamic) = stamp.dynamic.as_ref().filter(|_| flags.github_env) {
        export(dynamic, &version)?;
    }
    if flags.check && !report.is_right() {
        return Err(report.stale(texts));
    }
    if stamp.files.is_empty() {
        return Ok(report.finish(false));
    }
    if global.output_format != Some(Format::Json) && !global.quiet {
        output::say(global, "");
    }
    output::differences(global, &stamp.files);
    if global.dry_run {
        return Ok(report.finish(false));
    }
    let interrupt = Interrupt::watch()?;
    let written = write::write_files(&root, &state.directory, &format!("stamp {version}"), &stamp.files, &interrupt);
    state.close();
    written?;
    Ok(report.finish(true))
}

/// The folder that is stamped, as it is: nothing is fetched there.
fn root(global: &Global) -> Result<Utf8PathBuf> {
    if global.fetch {
        let help = "`git fetch --tags` there first, and leave `--fetch` out";
        return Err(Stop::usage(Problem::new(
            "`stamp` compares the version with the tags that are there, and fetches none",
            help,
        )));
    }
    let here = current_directory()?;
    Ok(match &global.repo {
        Some(directory) => here.join(directory),
        None => here,
    })
}

/// Moves the repository to setuptools-scm, as `init --adopt-scm` moves a monorepo, and says what is left beside it.
fn migrate(global: &Global, flags: &Flags) -> Result<Outcome> {
    let fallback = flags.fallback().map_err(Stop::usage)?;
    let root = root(global)?;
    let mut left = Vec::new();
    for path in modules(&root) {
        let sets = |text: &SourceText| {
            let found = assigned(text.as_str(), NAME);
            !found.literals.is_empty() || found.computed.is_some()
        };
        if text(&root, &path)?.as_ref().is_some_and(sets) {
            left.push(format!(
                "{path} still sets `__version__`: let setuptools-scm write it (`version_file = \"{path}\"` in [tool.setuptools_scm], and out of git), or read it by `importlib.metadata`"
            ));
        }
    }
    if root.join("package.json").is_file() {
        left.push(
            "npm reads no tags: package.json keeps a version, which `cargo xtask release stamp VERSION` writes before `npm publish`"
                .to_owned(),
        );
    }
    let outcome = super::init::run(global, &cli::Init { adopt_scm: true, fallback })?;
    if outcome == Outcome::Done {
        left.iter().for_each(|line| output::note(line));
    }
    Ok(outcome)
}

/// The folder that keeps the journal of a write: in the git directory where there is one, else beside the files for as long as it takes.
struct State {
    directory: Utf8PathBuf,
    is_own: bool,
}

impl State {
    fn of(root: &Utf8Path) -> Self {
        let git = root.join(".git");
        match git.is_dir() {
            true => Self { directory: git.join("xtask-release"), is_own: false },
            false => Self { directory: root.join(".xtask-release"), is_own: true },
        }
    }

    /// Removes what was made for this run alone. What an interrupted write left is kept for the next run.
    fn close(&self) {
        if self.is_own && !self.directory.join("journal.json").exists() {
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

/// The settings of `--config`, else of the repository's release.toml, else none.
fn settings(global: &Global, root: &Utf8Path) -> Result<Config> {
    let (path, source) = match &global.config {
        Some(path) => {
            let bytes = reading::named(path).with_context(|| format!("could not read {path}"))?;
            (path.clone(), utf8(path, bytes)?)
        }
        None => match text(root, CONFIG_FILE.into())? {
            Some(source) => (root.join(CONFIG_FILE), source),
            None => return Ok(Config::default()),
        },
    };
    Config::parse(&path, &source).map_err(|problems| Stop::unreadable(path, source, problems))
}

/// The files that may carry the version: packages, modules where packages lie, and all that these refer to.
fn texts(root: &Utf8Path, config: &Config, version: &Version) -> anyhow::Result<Texts> {
    let (mut texts, mut seen) = (Texts::new(), BTreeSet::new());
    let packages = files(root, usize::MAX, &is_own, &MANIFESTS);
    let folders = packages.iter().filter(|path| path.extension() == Some("toml")).filter_map(|path| path.parent());
    let below = |folder: &Utf8Path| -> Vec<Utf8PathBuf> {
        modules(&root.join(folder)).into_iter().map(|path| folder.join(path)).collect()
    };
    let mut next: BTreeSet<Utf8PathBuf> = folders.flat_map(below).chain(modules(root)).collect();
    next.extend(packages.iter().cloned().chain(config.stamps.iter().map(|named| named.path.clone())));
    loop {
        for path in next {
            if let Some(text) = text(root, &path)? {
                texts.insert(path.clone(), text);
            }
            seen.insert(path);
        }
        next = wanted(&texts, config, version).difference(&seen).cloned().collect();
        if next.is_empty() {
            next = members(&texts, |name| listed(root, name)).into_iter().filter(|path| !seen.contains(path)).collect();
        }
        if next.is_empty() {
            break;
        }
    }
    Ok(texts)
}

/// The manifests of this name of all packages of the repository that were not installed.
fn listed(root: &Utf8Path, name: &str) -> Vec<Utf8PathBuf> {
    let is_own = |name: &str| !name.starts_with('.') && !["node_modules", "target"].contains(&name);
    files(root, usize::MAX, &is_own, &[name])
}

/// The Python files of packages that lie where packages lie.
fn modules(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    files(root, DEPTH, &is_own, &MODULES)
}

/// Returns `true` if a folder of this name may hold a package of the repository.
fn is_own(name: &str) -> bool {
    !name.starts_with('.') && !SKIPPED.contains(&name) && !is_foreign(name)
}

/// The files of these names in folders that may be entered.
fn files(root: &Utf8Path, depth: usize, may_enter: &dyn Fn(&str) -> bool, names: &[&str]) -> Vec<Utf8PathBuf> {
    let enters = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_type().is_dir() || may_enter(&entry.file_name().to_string_lossy())
    };
    let files = WalkDir::new(root).max_depth(depth).sort_by_file_name().into_iter();
    files
        .filter_entry(enters)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && names.iter().any(|name| entry.file_name() == *name))
        .filter_map(|entry| Utf8Path::from_path(entry.path())?.strip_prefix(root).ok().map(Utf8Path::to_owned))
        .collect()
}

/// The text of a file of the repository; `None` where there is no such file.
fn text(root: &Utf8Path, path: &Utf8Path) -> anyhow::Result<Option<SourceText>> {
    let read = reading::inside_if_any(root, path).with_context(|| format!("could not read {path}"))?;
    read.map(|bytes| utf8(path, bytes)).transpose()
}

fn utf8(path: &Utf8Path, bytes: Vec<u8>) -> anyhow::Result<SourceText> {
    SourceText::from_bytes(bytes).map_err(|at| anyhow::anyhow!("{path} is not UTF-8 at byte {at}; save it as UTF-8"))
}

/// Gives the variable to the later steps of a job.
fn export(dynamic: &Dynamic, version: &Version) -> anyhow::Result<()> {
    match append_to("GITHUB_ENV", &format!("{}={version}\n", dynamic.variable))? {
        true => Ok(()),
        false => bail!("`--github-env` writes to the file that GITHUB_ENV names, and it names none"),
    }
}
