//! `cargo xtask bench`: what discovery, scan, prepare, check and the name of a nightly cost, on the sample and on generated
//! monorepos.

mod audit;
mod growth;
mod relock;

use crate::Outcome;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use release_core::history::History;
use release_core::monorepo::{Config, Snapshot, discover, sites};
use release_core::plan::{Locks, prepare};
use release_core::text::SourceText;
use release_core::version::Release;
use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};
use xshell::{Shell, cmd};

/// Names a nightly of main, which a fresh clone knows only as the remote's.
const NIGHTLY: &[&str] = &["version", "--mode=nightly", "--rev=origin/main"];

/// What is prepared everywhere.
const RELEASE: Release = Release::new(0, 4, 5);

/// Measures; in a debug build, builds for release first and measures with that.
pub(crate) fn run(runs: usize, packages: &[usize], checkout: Option<&Utf8Path>) -> anyhow::Result<Outcome> {
    if cfg!(debug_assertions) {
        let shell = Shell::new()?;
        let checkout =
            checkout.map(crate::world::absolute).transpose()?.map(|checkout| format!("--checkout={checkout}"));
        let packages = packages.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        shell.change_dir(super::workspace());
        let runs = runs.to_string();
        cmd!(shell, "cargo run --release --package xtask -- bench --runs {runs} --packages {packages} {checkout...}")
            .run()?;
        return Ok(Outcome::Done);
    }
    in_memory(runs, packages)?;
    let release = RELEASE.to_string();
    let commands = [&["patch", release.as_str(), "--dry-run"][..], &["check"], NIGHTLY];
    row(&format!("\nwhole runs, median of {runs}"));
    row(
        "monorepo          release                                       run     of it git   git processes   own time     peak memory",
    );
    for count in packages {
        let directory = tempfile::tempdir().context("could not make a temporary directory")?;
        let root = Utf8PathBuf::try_from(directory.path().to_owned())?;
        make_repository(&root, *count)?;
        for words in commands {
            whole(&format!("{count} packages"), &root.join("checkout"), words, runs)?;
        }
    }
    growth::run()?;
    audit::run(checkout, runs)?;
    match checkout {
        Some(checkout) => {
            commands.iter().try_for_each(|words| whole("the checkout", checkout, words, runs))?;
            relock::run(checkout, runs)?;
        }
        None => row("(`--checkout DIR` measures on a checkout of yours that patch 0.4.5 fits)"),
    }
    Ok(Outcome::Done)
}

fn row(line: &str) {
    crate::output::data(&format!("{line}\n"));
}

/// Discovery, scan and prepare alone: no disk, no git.
fn in_memory(runs: usize, packages: &[usize]) -> anyhow::Result<()> {
    row(&format!("in memory, median of {runs}"));
    row("monorepo            discovery        scan     prepare   per package");
    let config = Config::default();
    let history = History::default();
    for count in packages {
        let snapshot = Snapshot {
            texts: files(*count).into_iter().map(|(path, text)| (path, SourceText::new(text))).collect(),
            ..Snapshot::default()
        };
        let mut discovery = Vec::new();
        let mut scan = Vec::new();
        let mut planning = Vec::new();
        for _ in 0..runs {
            let copy = snapshot.clone();
            let started = Instant::now();
            let Ok(monorepo) = discover(copy, &config, &history) else {
                bail!("the generated monorepo is not understood")
            };
            discovery.push(started.elapsed());
            let started = Instant::now();
            let found = sites(&monorepo).len();
            scan.push(started.elapsed());
            let started = Instant::now();
            let Ok(plan) = prepare(&monorepo, RELEASE, &Locks::new()) else {
                bail!("the generated monorepo cannot be prepared")
            };
            planning.push(started.elapsed());
            if plan.files.len() != *count || found < *count {
                bail!("{} of {count} generated packages were planned", plan.files.len());
            }
        }
        let (discovery, scan, planning) = (median(discovery), median(scan), median(planning));
        let each = (discovery + scan + planning).as_secs_f64() * 1e6 / *count as f64;
        row(&format!(
            "{:<16} {:>9.2} ms {:>8.2} ms {:>8.2} ms {each:>10.1} µs",
            format!("{count} packages"),
            milliseconds(discovery),
            milliseconds(scan),
            milliseconds(planning)
        ));
    }
    Ok(())
}

/// Runs this very binary and reads the line on which it says what it cost.
fn whole(name: &str, checkout: &Utf8Path, words: &[&str], runs: usize) -> anyhow::Result<()> {
    whole_in(name, checkout, words, &[], runs)
}

/// The same with variables of the environment.
fn whole_in(
    name: &str,
    checkout: &Utf8Path,
    words: &[&str],
    environment: &[(&str, &str)],
    runs: usize,
) -> anyhow::Result<()> {
    let binary = std::env::current_exe().context("could not tell where this program is")?;
    let mut costs = Vec::new();
    for _ in 0..runs {
        let output = Command::new(&binary)
            .arg("release")
            .args(words)
            .args(["-vv", "--repo", checkout.as_str()])
            .envs(environment.iter().copied())
            .output()
            .context("could not start this program again")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let cost = said.lines().find_map(|line| Cost::read(line.strip_prefix("note: ")?));
        costs.push(cost.with_context(|| format!("the run failed on {checkout}:\n{said}"))?);
    }
    costs.sort_by(|a, b| a.run.total_cmp(&b.run));
    let Some(cost) = costs.get(costs.len() / 2) else { return Ok(()) };
    let own = cost.run - cost.git;
    row(&format!(
        "{name:<17} {:<41} {:>7.2} ms {:>8.2} ms {:>15} {own:>7.2} ms {:>12.1} MB",
        words.join(" "),
        cost.run,
        cost.git,
        cost.processes,
        cost.peak
    ));
    Ok(())
}

/// What a run said it cost: `11.28 ms, 9.55 ms of it in 5 git processes, 5192 kB at the peak`.
struct Cost {
    run: f64,
    git: f64,
    processes: u32,
    peak: f64,
}

impl Cost {
    fn read(line: &str) -> Option<Self> {
        let (run, rest) = line.split_once(" ms, ")?;
        let (git, rest) = rest.split_once(" ms of it in ")?;
        let (processes, rest) = rest.split_once(" git processes, ")?;
        let peak: f64 = rest.strip_suffix(" kB at the peak")?.trim().parse().ok()?;
        Some(Self {
            run: run.parse().ok()?,
            git: git.parse().ok()?,
            processes: processes.parse().ok()?,
            peak: peak / 1024.0,
        })
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The manifests of a monorepo of `count` packages, each about as large as a small real one.
fn files(count: usize) -> Vec<(Utf8PathBuf, String)> {
    (0..count).map(|index| (path(index), manifest(index))).collect()
}

fn path(index: usize) -> Utf8PathBuf {
    if index == 0 { "pyproject.toml".into() } else { format!("packages/p{index:05}/pyproject.toml").into() }
}

fn manifest(index: usize) -> String {
    let (name, root) =
        if index == 0 { ("meadow".to_owned(), "") } else { (format!("meadow-p{index:05}"), "root = \"../..\"\n") };
    let mut dependencies = String::from("    \"meadow-client==0.4.4\", # released together\n    \"meadow\",\n");
    for other in 0..28 {
        // Writing to a string cannot fail.
        let _ = writeln!(dependencies, "    \"third-party-{other}>={}.{index},<99\",", other + 1);
    }
    format!(
        "[build-system]\nrequires = [\"setuptools>=61.0\", \"setuptools-scm>=8.0\"]\nbuild-backend = \"setuptools.build_meta\"\n\n\
         [project]\nname = \"{name}\"\ndynamic = [\"version\"]\nrequires-python = \">=3.12\"\ndependencies = [\n{dependencies}]\n\n\
         [tool.setuptools_scm]\n{root}fallback_version = \"0.4.4\"\n"
    )
}

/// A checkout on `release-0.4.x` with `v0.4.4` tagged, and an origin that is asked as a real one is.
fn make_repository(root: &Utf8Path, count: usize) -> anyhow::Result<()> {
    let mut stream = String::from(
        "commit refs/heads/release-0.4.x\ncommitter Meadow <meadow@meadow.example> 1767225600 +0000\ndata 1\nx\n",
    );
    for (path, text) in files(count) {
        // Writing to a string cannot fail.
        let _ = writeln!(stream, "M 100644 inline {path}\ndata {}\n{text}", text.len());
    }
    stream += "reset refs/tags/v0.4.4\nfrom refs/heads/release-0.4.x\n\n";
    stream += "commit refs/heads/main\ncommitter Meadow <meadow@meadow.example> 1767312000 +0000\ndata 1\nx\nfrom refs/heads/release-0.4.x\n";
    for (path, text) in files(count) {
        let text = text.replace("fallback_version = \"0.4.4\"", "fallback_version = \"0.4.5.dev0\"");
        let _ = writeln!(stream, "M 100644 inline {path}\ndata {}\n{text}", text.len());
    }
    stream += "done\n";
    let origin = root.join("origin.git");
    let git = Git::new(root)?;
    git.read(&["init", "--quiet", "--bare", "--initial-branch=release-0.4.x", "--template=", origin.as_str()])?;
    let imported = Git::new(&origin)?.output(&["fast-import", "--quiet", "--done"], Some(&stream))?;
    if !imported.status.success() {
        bail!("the monorepo could not be made: {}", String::from_utf8_lossy(&imported.stderr).trim());
    }
    let checkout = root.join("checkout");
    git.read(&["clone", "--quiet", "--template=", origin.as_str(), checkout.as_str()])?;
    Ok(())
}
