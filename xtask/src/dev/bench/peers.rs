//! Other programs at the same work: `sed` and Python's `tomllib` over the same files, and release tools of others where they
//! are installed.

use super::monorepo::files;
use super::table::{milliseconds, row};
use super::whole::{Runs, beside};
use anyhow::{Context, bail};
use camino::Utf8Path;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Replaces both versions, and prints what would be written.
const SED: &str = "xargs sed -e 's/fallback_version = \"0\\.4\\.4\"/fallback_version = \"0.4.5\"/' \
                   -e 's/meadow-client==0\\.4\\.4/meadow-client==0.4.5/'";

/// Parses every manifest whose path stands on a line of the input, and nothing else.
const TOMLLIB: &str = "import sys, tomllib\nfor path in sys.stdin.read().split():\n    tomllib.load(open(path, 'rb'))";

/// Configurations of tools that replace text in files they are given.
const TBUMP: &str = "[version]\ncurrent = \"0.4.4\"\nregex = '(?P<major>\\d+)\\.(?P<minor>\\d+)\\.(?P<patch>\\d+)'\n\
                     [git]\nmessage_template = \"{new_version}\"\ntag_template = \"v{new_version}\"\n";

/// Measures the other programs on a generated monorepo below `root`, each in turn with this one.
pub(super) fn run(runs: &Runs<'_>, count: usize, root: &Utf8Path) -> anyhow::Result<()> {
    let checkout = root.join("checkout");
    let listed: String = files(count).iter().map(|(path, _)| format!("{path}\n")).collect();
    let list = root.join("manifests.txt");
    fs::write(&list, listed).with_context(|| format!("could not write {list}"))?;
    let peer = |program: &str, folder: &Utf8Path, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).current_dir(folder).stdin(fs::File::open(&list)?);
        timed(program, &mut command)
    };
    let name = format!("{count} packages");
    show(runs, &name, "sed", &checkout, &["patch", "0.4.5", "--dry-run"], || peer("sh", &checkout, &["-c", SED]))?;
    show(runs, &name, "tomllib", &checkout, &["check"], || peer("python3", &checkout, &["-c", TOMLLIB]))?;
    // These start for half a second, and have every file in their configuration: small monorepos are enough.
    if count > 100 {
        return Ok(());
    }
    write_configurations(root, count)?;
    // tbump takes no configuration from outside of the folder that it starts in.
    let tbump = ["--non-interactive", "--only-patch", "--dry-run", "0.4.5"];
    let bump = ["replace", "--dry-run", "--allow-dirty", "--config-file", "bump.toml", "--new-version", "0.4.5"];
    for (program, words) in [("tbump", &tbump[..]), ("bump-my-version", &bump)] {
        show(runs, &name, program, &checkout, &["patch", "0.4.5", "--dry-run"], || peer(program, root, words))?;
    }
    Ok(())
}

fn show(
    runs: &Runs<'_>,
    name: &str,
    program: &str,
    checkout: &Utf8Path,
    words: &[&str],
    peer: impl FnMut() -> anyhow::Result<Duration>,
) -> anyhow::Result<()> {
    let said = match beside(runs, checkout, words, peer) {
        Ok((time, ratio)) => {
            format!("{:>7.2} ms, and `{}` takes {ratio:.2} of it", milliseconds(time), words.join(" "))
        }
        Err(error) => format!("not measured: {error}"),
    };
    row(&format!("{name:<17} {program:<41} {said}"));
    Ok(())
}

fn timed(program: &str, command: &mut Command) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let output = command.stdout(Stdio::null()).output().with_context(|| format!("{program} could not be started"))?;
    let time = started.elapsed();
    if !output.status.success() {
        bail!("{program} failed: {}", last_line(&output));
    }
    Ok(time)
}

fn last_line(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}

/// The configurations of other tools, which name every file.
fn write_configurations(root: &Utf8Path, count: usize) -> anyhow::Result<()> {
    let mut tbump = TBUMP.to_owned();
    let mut bump = "[tool.bumpversion]\ncurrent_version = \"0.4.4\"\n".to_owned();
    for (path, _) in files(count) {
        tbump += &format!("[[file]]\nsrc = \"checkout/{path}\"\n");
        bump += &format!("[[tool.bumpversion.files]]\nfilename = \"checkout/{path}\"\n");
    }
    for (name, text) in [("tbump.toml", tbump), ("bump.toml", bump)] {
        fs::write(root.join(name), text).with_context(|| format!("could not write {name}"))?;
    }
    Ok(())
}
