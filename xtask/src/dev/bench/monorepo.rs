//! Generated monorepos of any number of packages.

use anyhow::bail;
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
