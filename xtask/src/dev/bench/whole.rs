//! Whole runs of this binary, alone or in turn with another build of it.

use super::table::{median, row};
use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The number of times that each measurement is made, and the other build that it is compared with.
pub(super) struct Runs<'a> {
    pub(super) count: usize,
    pub(super) against: Option<&'a Utf8Path>,
}

/// The cost of one run: its time as seen from outside, and the line on which it says what it cost.
pub(super) struct Run {
    time: Duration,
    pub(super) cost: Cost,
}

/// `11.28 ms, 9.55 ms of it in 5 git processes, 5192 kB at the peak`, with the peak in MB.
pub(super) struct Cost {
    pub(super) run: f64,
    git: f64,
    processes: u32,
    pub(super) peak: f64,
}

/// Measures a release command on a checkout, and prints its row. Two builds run in turn, so that a machine that changes its
/// speed changes it for both.
pub(super) fn whole(
    runs: &Runs<'_>,
    name: &str,
    checkout: &Utf8Path,
    words: &[&str],
    environment: &[(&str, &str)],
) -> anyhow::Result<()> {
    let own = own()?;
    let mut costs = Vec::new();
    let mut ratios = Vec::new();
    for _ in 0..runs.count {
        let ours = once(&own, checkout, words, environment)?;
        if let Some(other) = runs.against {
            let theirs = once(other, checkout, words, environment)?;
            ratios.push((ours.time.as_secs_f64() / theirs.time.as_secs_f64(), ours.cost.peak / theirs.cost.peak));
        }
        costs.push(ours.cost);
    }
    costs.sort_by(|a, b| a.run.total_cmp(&b.run));
    let Some(cost) = costs.get(costs.len() / 2) else { return Ok(()) };
    row(&format!(
        "{name:<17} {:<41} {:>7.2} ms {:>8.2} ms {:>15} {:>7.2} ms {:>12.1} MB{}",
        words.join(" "),
        cost.run,
        cost.git,
        cost.processes,
        cost.run - cost.git,
        cost.peak,
        compared(ratios).map(|compared| format!("   {compared}")).unwrap_or_default()
    ));
    Ok(())
}

/// Ratios of pairs of runs: the median of times with the least and the most, and the median of memory.
fn compared(pairs: Vec<(f64, f64)>) -> Option<String> {
    let (mut times, mut peaks): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    times.sort_by(f64::total_cmp);
    peaks.sort_by(f64::total_cmp);
    let middle = |sorted: &[f64]| sorted.get(sorted.len() / 2).copied();
    let (least, most) = (times.first()?, times.last()?);
    Some(format!("{:.2} ({least:.2} to {most:.2}), {:.2}", middle(&times)?, middle(&peaks)?))
}

/// The path of this program.
pub(super) fn own() -> anyhow::Result<Utf8PathBuf> {
    let own = std::env::current_exe().context("could not tell where this program is")?;
    Utf8PathBuf::try_from(own).context("the path of this program is not UTF-8")
}

/// Runs a release command on a checkout once.
pub(super) fn once(
    binary: &Utf8Path,
    checkout: &Utf8Path,
    words: &[&str],
    environment: &[(&str, &str)],
) -> anyhow::Result<Run> {
    let mut command = Command::new(binary);
    command.arg("release").args(words).args(["-vv", "--repo", checkout.as_str()]).envs(environment.iter().copied());
    let started = Instant::now();
    let output = command.output().with_context(|| format!("could not start {binary}"))?;
    let time = started.elapsed();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let cost = said.lines().find_map(|line| Cost::read(line.strip_prefix("note: ")?));
    let cost = cost.with_context(|| {
        let beginning: String = said.chars().take(2_000).collect();
        format!("the run of {binary} failed on {checkout}:\n{beginning}")
    })?;
    Ok(Run { time, cost })
}

impl Cost {
    pub(super) fn read(line: &str) -> Option<Self> {
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

/// The median time of several runs of any program, and that of this binary with `words` beside each of them.
pub(super) fn beside(
    runs: &Runs<'_>,
    checkout: &Utf8Path,
    words: &[&str],
    mut peer: impl FnMut() -> anyhow::Result<Duration>,
) -> anyhow::Result<(Duration, f64)> {
    let own = own()?;
    let (mut times, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..runs.count {
        let time = peer()?;
        let ours = once(&own, checkout, words, &[])?.time;
        times.push(time);
        ratios.push(ours.as_secs_f64() / time.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    Ok((median(times), ratios.get(ratios.len() / 2).copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_the_middle_of_its_pairs() {
        assert_eq!(compared(vec![(0.5, 1.0), (2.0, 1.0), (0.75, 3.0)]).as_deref(), Some("0.75 (0.50 to 2.00), 1.00"));
        assert_eq!(compared(Vec::new()), None);
    }

    #[test]
    fn the_line_on_cost_is_read_as_a_run_prints_it() {
        let cost = Cost::read("11.28 ms, 9.55 ms of it in 5 git processes, 5120 kB at the peak").unwrap();
        assert_eq!((cost.run, cost.git, cost.processes, cost.peak), (11.28, 9.55, 5, 5.0));
    }
}
