//! What an audit costs: on pasts of many tags with two small manifests, and on a checkout.

use super::row;
use super::whole::{Runs, whole};
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use std::fmt::Write;

/// How many tags the generated pasts have. Time should grow as they do.
const TAGS: [usize; 3] = [100, 1_000, 5_000];

/// How many tags a line has: where main begins it, its candidate, and its finals.
const OF_A_LINE: usize = 10;

/// Measures.
pub(super) fn run(runs: &Runs<'_>, checkout: Option<&Utf8Path>) -> anyhow::Result<()> {
    row(&format!("\naudits, median of {}", runs.count));
    for tags in TAGS {
        let directory = tempfile::tempdir().context("could not make a temporary directory")?;
        let root = Utf8PathBuf::try_from(directory.path().to_owned())?;
        Git::new(&root)?.read(&["init", "--quiet", "--initial-branch=main", "--template=", root.as_str()])?;
        let imported = Git::new(&root)?.output(&["fast-import", "--quiet", "--done"], Some(&past(tags)))?;
        if !imported.status.success() {
            bail!("the past could not be made: {}", String::from_utf8_lossy(&imported.stderr).trim());
        }
        whole(runs, &format!("{tags} tags"), &root, &["audit"], &[])?;
    }
    checkout.map_or(Ok(()), |checkout| whole(runs, "the checkout", checkout, &["audit"], &[]))
}

/// Lines of ten tags each, one after the other, as a stream for `git fast-import`.
fn past(tags: usize) -> String {
    let mut stream = String::new();
    for tag in 0..tags {
        let (minor, of_line) = (tag / OF_A_LINE, tag % OF_A_LINE);
        let branch = format!("release-0.{minor}.x");
        let (name, on) = match of_line {
            0 => {
                commit(&mut stream, "main", tag, &format!("0.{minor}.0.dev0"));
                let _ = write!(stream, "reset refs/heads/{branch}\nfrom refs/heads/main\n\n");
                (format!("0.{minor}.0-dev"), "main")
            }
            1 => (format!("0.{minor}.0rc1"), branch.as_str()),
            _ => (format!("0.{minor}.{}", of_line - 2), branch.as_str()),
        };
        if of_line > 0 {
            commit(&mut stream, on, tag, &name);
        }
        // Writing to a string cannot fail.
        let _ = write!(stream, "reset refs/tags/v{name}\nfrom refs/heads/{on}\n\n");
    }
    stream + "done\n"
}

fn commit(stream: &mut String, branch: &str, hour: usize, version: &str) {
    let time = 1_577_836_800 + hour * 3_600;
    let committer = format!("committer Meadow <meadow@meadow.example> {time} +0000");
    let _ = write!(stream, "commit refs/heads/{branch}\n{committer}\ndata {}\n{version}\n", version.len());
    for (path, name) in [("pyproject.toml", "meadow"), ("src/meadow_api/pyproject.toml", "meadow-api")] {
        let text = format!(
            "[project]\nname = \"{name}\"\nversion = \"{version}\"\ndependencies = [\"meadow-client=={version}\"]\n"
        );
        let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
    }
}
