//! `release stamp`: writes a version into a client repository.

mod show;

use crate::Outcome;
use crate::cli::{self, Format, Global, Stamp as Flags};
use crate::commands::stamp::show::{Report, variable};
use crate::directory::current_directory;
use crate::effects::append::append_to;
use crate::effects::interrupt::Interrupt;
use crate::effects::write;
use crate::output;
use crate::stop::{Result, Stop};
use anyhow::{Context, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::monorepo::{CONFIG_FILE, Config, StampConfig};
use release_core::plan::stamp::{Texts, VersionLine, stamp, version_line};
use release_core::reading;
use release_core::text::SourceText;
use release_core::version::Version;
use std::fs;
use walkdir::WalkDir;

/// Files at the top that carry a version by their format.
const MANIFESTS: [&str; 3] = ["pyproject.toml", "package.json", "package-lock.json"];

/// Python files in which `__version__` is looked for.
const MODULES: [&str; 2] = ["_version.py", "__init__.py"];

/// The depth of a package's own folder: `src/NAME/_version.py`.
const DEPTH: usize = 3;

/// Folders that hold no package of the repository.
const SKIPPED: [&str; 9] =
    ["node_modules", "tests", "test", "examples", "dist", "build", "venv", "site-packages", "vendor"];

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
    let texts = texts(&root, &config.stamps)?;
    let mut report = Report::new(global, flags, &root, &version);
    if let Some(problem) = unfinished {
        return Err(report.stop(Stop::refused(vec![problem], texts)));
    }
    let stamp = match stamp(&texts, &config.stamps, &version) {
        Ok(stamp) => stamp,
        Err(problems) => return Err(report.stop(Stop::refused(problems, texts))),
    };
    report.found(&stamp);
    if let Some(name) = stamp.dynamic.as_ref().filter(|_| flags.github_env) {
        export(name, &version)?;
    }
    if stamp.files.is_empty() {
        return Ok(report.finish(false));
    }
    if flags.check {
        return Err(report.stale(texts));
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

/// The folder that is stamped.
fn root(global: &Global) -> anyhow::Result<Utf8PathBuf> {
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
        let sets = |text: &SourceText| version_line(text.as_str()) != VersionLine::None;
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

/// The files that may carry the version.
fn texts(root: &Utf8Path, named: &[StampConfig]) -> anyhow::Result<Texts> {
    let mut texts = Texts::new();
    let modules = modules(root);
    let manifests = MANIFESTS.iter().map(Utf8PathBuf::from);
    for path in manifests.chain(named.iter().map(|named| named.path.clone())).chain(modules) {
        if let Some(text) = text(root, &path)? {
            texts.insert(path, text);
        }
    }
    // Such files are written by setuptools-scm itself, where that sets the version.
    let is_dynamic = |text: &SourceText| {
        release_core::manifest::pyproject::Pyproject::parse(text)
            .is_ok_and(|read| read.project.is_some_and(|project| project.is_dynamic()))
    };
    if texts.get(Utf8Path::new("pyproject.toml")).is_some_and(is_dynamic) {
        texts.retain(|path, _| path.extension() != Some("py") || named.iter().any(|named| named.path == *path));
    }
    Ok(texts)
}

/// The Python files of packages that lie where packages lie.
fn modules(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let is_skipped = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() > 0 && entry.file_type().is_dir() && (name.starts_with('.') || SKIPPED.contains(&&*name))
    };
    let files = WalkDir::new(root).max_depth(DEPTH).sort_by_file_name().into_iter();
    files
        .filter_entry(|entry| !is_skipped(entry))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && MODULES.iter().any(|name| entry.file_name() == *name))
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
fn export(name: &str, version: &Version) -> anyhow::Result<()> {
    match append_to("GITHUB_ENV", &format!("{}={version}\n", variable(name)))? {
        true => Ok(()),
        false => bail!("`--github-env` writes to the file that GITHUB_ENV names, and it names none"),
    }
}
