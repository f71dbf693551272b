//! Generated monorepos of any number of packages.

use crate::sandbox::import;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use std::fmt::Write;

/// The manifests of a monorepo of `count` packages, each about as large as a small real one.
pub(super) fn files(count: usize) -> Vec<(Utf8PathBuf, String)> {
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
pub(super) fn make_repository(root: &Utf8Path, count: usize) -> anyhow::Result<()> {
    let manifests = files(count);
    let next = |(path, text): &(Utf8PathBuf, String)| {
        (path.clone(), text.replace("fallback_version = \"0.4.4\"", "fallback_version = \"0.4.5.dev0\""))
    };
    let of_main: Vec<(Utf8PathBuf, String)> = manifests.iter().map(next).collect();
    let mut stream = String::new();
    commit(&mut stream, "release-0.4.x", 0, "", &manifests);
    stream += "reset refs/tags/v0.4.4\nfrom refs/heads/release-0.4.x\n\n";
    commit(&mut stream, "main", 24, "from refs/heads/release-0.4.x\n", &of_main);
    stream += "done\n";
    let origin = root.join("origin.git");
    let git = Git::new(root)?;
    git.read(&["init", "--quiet", "--bare", "--initial-branch=release-0.4.x", "--template=", origin.as_str()])?;
    import(&Git::new(&origin)?, &stream)?;
    let checkout = root.join("checkout");
    git.read(&["clone", "--quiet", "--template=", origin.as_str(), checkout.as_str()])?;
    Ok(())
}

/// Adds a commit on a branch to a stream for `git fast-import`, this many hours after the first.
pub(super) fn commit(
    stream: &mut String,
    branch: &str,
    hour: usize,
    from: &str,
    files: &[(impl AsRef<str>, impl AsRef<str>)],
) {
    let time = 1_767_225_600 + hour * 3_600;
    let committer = format!("committer Meadow <meadow@meadow.example> {time} +0000");
    // Writing to a string cannot fail.
    let _ = write!(stream, "commit refs/heads/{branch}\n{committer}\ndata 1\n.\n{from}");
    for (path, text) in files {
        let (path, text) = (path.as_ref(), text.as_ref());
        let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
    }
}
