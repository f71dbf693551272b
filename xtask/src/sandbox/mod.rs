//! The sandbox: a sample monorepo with several packages, a UI, two lines, tags and an origin, in a temporary directory.
//! Any release command runs on it as on a real one, and nothing of the user's is touched.

mod ending;
mod history;
pub(crate) mod registry;

use crate::cli::Global;
use crate::output;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use ending::Ending;
use release_core::git::{Git, GitError};
use release_core::history::{BranchPattern, TagPattern};
use release_core::version::Release;
use tempfile::TempDir;

/// Settings that keep the user's own git configuration, hooks and signing out of the sandbox.
const SETTINGS: [(&str, &str); 4] = [
    ("core.hooksPath", "/dev/null"),
    ("commit.gpgSign", "false"),
    ("user.name", "Sandbox"),
    ("user.email", "sandbox@meadow.example"),
];

/// The release that comes next on the sample's newest line: the line that a command works on which names none.
pub(crate) const NEXT: Release = Release::new(0, 4, 5);

/// A sandbox; its directory is removed when it is closed or a signal ends the run, unless it is kept.
pub(crate) struct Sandbox {
    /// The signals that end the run; `None` where the directory is kept.
    ending: Option<Ending>,
    directory: TempDir,
    path: Utf8PathBuf,
}

impl Sandbox {
    /// Makes a sandbox, and the options of a command that works on its checkout: on the line's branch where the sample has it,
    /// else on main.
    pub(crate) fn make(global: &Global, release: Release) -> anyhow::Result<(Self, Global)> {
        // Before there is a directory: a signal right after would leave it.
        let ending = if global.keep_sandbox { None } else { Some(Ending::watch()?) };
        let directory = tempfile::Builder::new()
            .prefix("meadow-")
            .tempdir()
            .context("could not make a temporary directory for the sandbox")?;
        if let Some(ending) = &ending {
            ending.removes(directory.path().to_owned());
        }
        let path =
            Utf8PathBuf::try_from(directory.path().canonicalize()?).context("the temporary directory is not UTF-8")?;
        build(&path)?;
        let checkout = path.join("checkout");
        let branch = BranchPattern::default().branch(release.line());
        if history::has_branch(&branch) {
            git_in(&checkout)?.read(&["switch", "--quiet", &branch])?;
        }
        let fate = if global.keep_sandbox { "it is kept" } else { "removed at the end; keep it with `--keep-sandbox`" };
        output::say(global, &format!("sandbox: a sample monorepo in {path} ({fate})\n"));
        let mut released = history::published();
        released.push(release);
        let registry = registry::serve_sample(released)?;
        let inside = Global { repo: Some(checkout), sandbox_registry: Some(registry), ..global.clone() };
        Ok((Self { ending, directory, path }, inside))
    }

    /// Tags what was prepared, as whoever publishes a release does. Nothing happens where it is tagged already.
    pub(crate) fn tag(&self, release: Release) -> anyhow::Result<()> {
        let git = git_in(&self.path.join("checkout"))?;
        let tag = TagPattern::default().tag(release);
        if git.commit_of(&tag)?.is_none() {
            git.read(&["tag", &tag, &BranchPattern::default().branch(release.line())])?;
            git.read(&["push", "--quiet", "origin", &tag, &BranchPattern::default().branch(release.line())])?;
        }
        Ok(())
    }

    /// Removes the directory, or says where it is.
    pub(crate) fn close(self, global: &Global) -> anyhow::Result<()> {
        if let Some(ending) = self.ending {
            drop(ending);
            return self.directory.close().with_context(|| format!("could not remove {}", self.path));
        }
        let _ = self.directory.keep();
        let git = format!("git -C {}/checkout", self.path);
        output::say(
            global,
            &format!("\nsandbox: kept in {}; look around with `{git} diff` and `{git} log --all --oneline`", self.path),
        );
        Ok(())
    }
}

/// Makes `origin.git` and a checkout of it.
fn build(path: &Utf8Path) -> anyhow::Result<()> {
    let (origin, checkout) = (path.join("origin.git"), path.join("checkout"));
    let git = git_in(path)?;
    git.read(&["init", "--quiet", "--bare", "--initial-branch=main", "--template=", origin.as_str()])?;
    import(&git_in(&origin)?, &history::stream())?;
    git.read(&["clone", "--quiet", "--template=", origin.as_str(), checkout.as_str()])?;
    let git = git_in(&checkout)?;
    for (name, value) in SETTINGS {
        git.read(&["config", name, value])?;
    }
    Ok(())
}

/// Makes the commits and tags of a stream for `git fast-import`.
pub(crate) fn import(git: &Git, stream: &str) -> anyhow::Result<()> {
    let imported = git.output(&["fast-import", "--quiet", "--done"], Some(stream))?;
    if !imported.status.success() {
        bail!("the repository could not be made: {}", String::from_utf8_lossy(&imported.stderr).trim());
    }
    Ok(())
}

fn git_in(directory: &Utf8Path) -> Result<Git, GitError> {
    Ok(Git::new(directory)?.without_user_settings())
}
