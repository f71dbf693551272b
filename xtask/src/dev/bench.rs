//! `cargo xtask bench`: the cost of discovery, scan, prepare, check and the name of a nightly on generated monorepos, beside
//! another build of this tool and beside other programs.

mod audit;
mod growth;
mod monorepo;
mod peers;
mod relock;
mod table;
mod whole;

use crate::Outcome;
use crate::cli::Bench;
use crate::directory::current_directory;
use anyhow::bail;
use monorepo::{files, make_repository};
use release_core::history::History;
use release_core::monorepo::{Config, Snapshot, discover, sites};
use release_core::plan::{Locks, prepare};
use release_core::text::SourceText;
use release_core::version::Release;
use std::time::{Duration, Instant};
use table::{median, milliseconds, row, temporary};
use whole::{Runs, whole};
use xshell::{Shell, cmd};

/// Names a nightly of main, which a fresh clone knows only as the remote's.
const NIGHTLY: &[&str] = &["version", "--mode=nightly", "--rev=origin/main"];

/// The release that is prepared everywhere.
const RELEASE: Release = Release::new(0, 4, 5);

/// Measures; in a debug build, builds for release first and measures with that.
pub(crate) fn run(words: &Bench) -> anyhow::Result<Outcome> {
    // The release profile alone aborts where a debug build unwinds.
    if cfg!(panic = "unwind") {
        return in_release(words);
    }
    in_memory(words.runs, &words.packages)?;
    let runs = Runs { count: words.runs, against: words.against.as_deref() };
    let release = RELEASE.to_string();
    let commands = [&["patch", release.as_str(), "--dry-run"][..], &["check"], NIGHTLY];
    row(&format!("\nwhole runs, median of {}", runs.count));
    row(&format!(
        "monorepo          release                                       run     of it git   git processes   own time     peak memory{}",
        if runs.against.is_some() { "   against the other build: time (least to most), memory" } else { "" }
    ));
    for count in &words.packages {
        let (_directory, root) = temporary()?;
        make_repository(&root, *count)?;
        let checkout = root.join("checkout");
        for words in commands {
            whole(&runs, &format!("{count} packages"), &checkout, words, &[])?;
        }
        if words.peers {
            peers::run(&runs, *count, &root)?;
        }
    }
    growth::run()?;
    audit::run(&runs, words.checkout.as_deref())?;
    match &words.checkout {
        Some(checkout) => {
            commands.iter().try_for_each(|words| whole(&runs, "the checkout", checkout, words, &[]))?;
            relock::run(&runs, checkout)?;
        }
        None => row("(`--checkout DIR` measures on a checkout of yours that patch 0.4.5 fits)"),
    }
    Ok(Outcome::Done)
}

/// Builds for release, and measures with that build.
fn in_release(words: &Bench) -> anyhow::Result<Outcome> {
    let shell = Shell::new()?;
    let mut given = Vec::new();
    for (flag, path) in [("checkout", &words.checkout), ("against", &words.against)] {
        if let Some(path) = path {
            given.push(format!("--{flag}={}", current_directory()?.join(path)));
        }
    }
    given.extend(words.peers.then(|| "--peers".to_owned()));
    let packages = words.packages.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let runs = words.runs.to_string();
    shell.change_dir(super::workspace());
    let flags = ["--runs", &runs, "--packages", &packages];
    cmd!(shell, "cargo run --release --package xtask -- bench {flags...} {given...}").run()?;
    Ok(Outcome::Done)
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
        let (mut discovery, mut scan, mut planning) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..runs {
            let copy = snapshot.clone();
            let Ok(monorepo) = timed(&mut discovery, || discover(copy, &config, &history)) else {
                bail!("the generated monorepo is not understood")
            };
            let found = timed(&mut scan, || sites(&monorepo).len());
            let Ok(plan) = timed(&mut planning, || prepare(&monorepo, RELEASE, &Locks::new())) else {
                bail!("the generated monorepo cannot be prepared")
            };
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

/// Does something, and adds the time that it took.
fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let outcome = work();
    times.push(started.elapsed());
    outcome
}
