//! The cost of an audit: on pasts of many tags with two small manifests, and on a checkout.

use super::monorepo::commit;
use super::table::{row, temporary};
use super::whole::{Runs, whole};
use crate::sandbox::import;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use std::fmt::Write;

/// The numbers of tags that the generated pasts have. Time should grow as they do.
const TAGS: [usize; 3] = [100, 1_000, 5_000];

/// The number of tags that a line has: where main begins it, its candidate, and its finals.
const OF_A_LINE: usize = 10;

/// Measures.
pub(super) fn run(runs: &Runs<'_>, checkout: Option<&Utf8Path>) -> anyhow::Result<()> {
    row(&format!("\naudits, median of {}", runs.count));
    for tags in TAGS {
        let (_directory, root) = temporary()?;
        let git = Git::new(&root)?;
        git.read(&["init", "--quiet", "--initial-branch=main", "--template=", root.as_str()])?;
        import(&git, &past(tags))?;
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
                commit(&mut stream, "main", tag, "", &manifests(&format!("0.{minor}.0.dev0")));
                let _ = write!(stream, "reset refs/heads/{branch}\nfrom refs/heads/main\n\n");
                (format!("0.{minor}.0-dev"), "main")
            }
            1 => (format!("0.{minor}.0rc1"), branch.as_str()),
            _ => (format!("0.{minor}.{}", of_line - 2), branch.as_str()),
        };
        if of_line > 0 {
            commit(&mut stream, on, tag, "", &manifests(&name));
        }
        // Writing to a string cannot fail.
        let _ = write!(stream, "reset refs/tags/v{name}\nfrom refs/heads/{on}\n\n");
    }
    stream + "done\n"
}

fn manifests(version: &str) -> Vec<(Utf8PathBuf, String)> {
    let manifest = |(path, name): (&str, &str)| {
        let text = format!(
            "[project]\nname = \"{name}\"\nversion = \"{version}\"\ndependencies = [\"meadow-client=={version}\"]\n"
        );
        (path.into(), text)
    };
    [("pyproject.toml", "meadow"), ("src/meadow_api/pyproject.toml", "meadow-api")].map(manifest).into()
}
