//! Tells whether a commit holds what was planned, and whether git looks at the files that are planned.

use crate::checkout::Repository;
use crate::output::{self, diff};
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{Departure, Flag, Git, Held, Made};
use release_core::plan::PlannedFile;
use release_core::plan::preconditions::{self, Unseen, short};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::quoted;
use std::collections::BTreeMap;
use std::fs;

/// The files that are about to be committed, with the blobs that git is to make of them.
pub(super) struct Expected<'a> {
    files: &'a [PlannedFile],
    blobs: BTreeMap<Utf8PathBuf, String>,
}

impl<'a> Expected<'a> {
    /// Files that are written already, below `root`.
    pub(super) fn of(git: &Git, root: &Utf8Path, files: &'a [PlannedFile]) -> anyhow::Result<Self> {
        let paths: Vec<&Utf8Path> = files.iter().map(|file| file.path.as_path()).collect();
        let blobs = git.hashed(&paths)?;
        for file in files {
            let disk = reading::inside(root, &file.path).with_context(|| format!("could not read {}", file.path))?;
            if disk != file.new.as_str().as_bytes() {
                bail!("{} was edited while the release was prepared; nothing was committed", file.path);
            }
        }
        Ok(Self { files, blobs: paths.into_iter().map(Utf8Path::to_owned).zip(blobs).collect() })
    }

    /// Their paths.
    pub(super) fn paths(&self) -> Vec<Utf8PathBuf> {
        self.blobs.keys().cloned().collect()
    }
}

/// Returns the problem of a commit that is not what was planned, with the way out. `here` is the checkout's branch, where it is made there.
pub(super) fn departed(
    git: &Git,
    base: &str,
    made: &Made,
    expected: &Expected<'_>,
    here: Option<&str>,
) -> anyhow::Result<Option<Problem>> {
    let (commit, is_here) = (short(&made.id), here.is_some());
    if let Some(branch) = here.filter(|branch| made.head.as_deref().and_then(local) != Some(*branch)) {
        return Ok(Some(elsewhere(branch, made)));
    }
    if made.parents != [base] {
        let parents: Vec<&str> = made.parents.iter().map(|parent| short(parent)).collect();
        let message = format!(
            "{commit} is not what was planned: it is on {}, not on {}; {HOOK}",
            parents.join(" and "),
            short(base)
        );
        return Ok(Some(Problem::new(message, way_out(base, &[], is_here))));
    }
    let mut reasons = Vec::new();
    let mut paths = Vec::new();
    for departure in git.departures(base, &made.id, &expected.blobs)? {
        paths.push(departure.path().to_owned());
        reasons.push(match departure {
            Departure::Missing(path) => format!("{path} is as before"),
            Departure::Gone(path) => format!("{path} is gone"),
            Departure::Mode(path) => format!("{path} has another mode"),
            Departure::Content { path, id } => {
                let Some(file) = expected.files.iter().find(|file| file.path == path) else { continue };
                // Git leaves line endings alone where the index has them in a way that the settings would not.
                if git.hashed_as_is(file.new.as_str())? == id {
                    continue;
                }
                let found = git.checked_out_text(&made.id, &path)?;
                let found = String::from_utf8_lossy(&found);
                output::note("from what was planned to what was committed:");
                output::explain(&diff::unified(&path, file.new.as_str(), &found));
                format!("{path} has another text")
            }
            Departure::Unplanned(path) => format!("{path} is in it, which was not to change"),
        });
    }
    if !reasons.is_empty() {
        let message = format!("{commit} is not what was planned: {}; {HOOK}", reasons.join(", "));
        // A hook stages for the commit alone. Where git cannot bring the index to the commit, the person does.
        let followed = is_here.then(|| git.follow_in_index(base, &paths, &expected.blobs).unwrap_or(paths));
        return Ok(Some(Problem::new(message, way_out(base, &followed.unwrap_or_default(), is_here))));
    }
    if is_here && !made.is_whole {
        return index_behind(git, commit, &expected.paths());
    }
    Ok(None)
}

fn local(reference: &str) -> Option<&str> {
    reference.strip_prefix("refs/heads/")
}

/// A checkout that is no longer on its branch. What takes a commit back there would move another branch.
fn elsewhere(branch: &str, made: &Made) -> Problem {
    let head = made.head.as_deref().map_or("no branch", |head| local(head).unwrap_or(head));
    Problem::new(
        format!(
            "this checkout is on {head} at {}, and no longer on {branch}, where the commit was to be made; a hook that \
             switches branches does that",
            short(&made.id)
        ),
        format!(
            "`git switch {0}` goes back, and `git log -1 refs/heads/{0}` shows whether it was made",
            quoted(branch)
        ),
    )
}

/// Words for what does such a thing.
const HOOK: &str = "a hook that stages files does that";

fn way_out(base: &str, differing: &[Utf8PathBuf], is_here: bool) -> String {
    if !is_here {
        return "nothing was committed, and this checkout was not touched; let the hook leave these files alone, or \
                prepare without `--commit` and commit by hand"
            .to_owned();
    }
    let words: Vec<_> = differing.iter().map(|path| quoted(path.as_str())).collect();
    let index = match words[..] {
        [] => String::new(),
        _ => format!(" with `git reset --quiet -- {}`, which makes the index agree with it", words.join(" ")),
    };
    format!(
        "`git reset --soft {}` takes the commit back and leaves the files as they are; or look at it with `git show` and \
         keep it{index}",
        short(base)
    )
}

/// A commit that git has made without writing the index.
fn index_behind(git: &Git, commit: &str, paths: &[Utf8PathBuf]) -> anyhow::Result<Option<Problem>> {
    let paths: Vec<&Utf8Path> = paths.iter().map(Utf8PathBuf::as_path).collect();
    let held = git.held(&paths)?;
    let is_behind = |file: &&Held| file.committed.as_ref() != Some(&file.staged);
    let words: Vec<_> = held.iter().filter(is_behind).map(|file| quoted(file.path.as_str()).into_owned()).collect();
    Ok((!words.is_empty()).then(|| {
        Problem::new(
            format!("{commit} is made as planned, and git ended before it wrote the index"),
            format!("`git reset --quiet -- {}` makes the index agree with it", words.join(" ")),
        )
    }))
}

/// The standing of files of the work tree in git.
pub(crate) struct Standing {
    /// The problem of those that git is told not to look at.
    pub(crate) unseen: Option<Problem>,
    /// Files that are as in the last commit, and not in the index.
    pub(crate) staged: Vec<Utf8PathBuf>,
    /// Files that differ from the last commit, whatever `git status` says.
    pub(crate) changed: Vec<Utf8PathBuf>,
}

/// The files of the work tree that are to be edited and that git is told not to look at, or that a sparse checkout leaves out,
/// as what stands in the way.
pub(crate) fn unseen(repository: &Repository, files: &[PlannedFile]) -> anyhow::Result<Option<Problem>> {
    let paths: Vec<&Utf8Path> = files.iter().map(|file| file.path.as_path()).collect();
    match unseen_of(&repository.location.root, &repository.git.held(&paths)?) {
        Some(problem) => Ok(Some(problem)),
        None => Ok(repository.left_out(paths.into_iter())?),
    }
}

fn unseen_of(root: &Utf8Path, held: &[Held]) -> Option<Problem> {
    let flagged = held.iter().flat_map(|file| file.flags.iter().map(move |flag| (file, *flag)));
    // One that is not there is left out by a sparse checkout, which has a way out of its own.
    let flagged = flagged.filter(|(file, flag)| *flag != Flag::SkipWorktree || is_file(&root.join(&file.path)));
    let unseen = |(file, flag): (&Held, Flag)| Unseen { path: file.path.clone(), flag };
    preconditions::unseen(&flagged.map(unseen).collect::<Vec<_>>())
}

fn is_file(path: &Utf8Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| file.is_file())
}

/// Looks at files of the work tree: whether git is told not to look at them, whether they are what the last commit has, and
/// whether the index is neither. By what they hold, and not by what the index has noted about them.
pub(crate) fn standing(repository: &Repository, paths: &[&Utf8Path]) -> anyhow::Result<Standing> {
    let (git, root) = (&repository.git, &repository.location.root);
    let holding = git.holding(paths)?;
    let present: Vec<&Utf8Path> = paths.iter().copied().filter(|path| is_file(&root.join(path))).collect();
    let blobs: BTreeMap<&Utf8Path, String> = present.iter().copied().zip(git.hashed(&present)?).collect();
    let held = holding.files()?;
    let (mut changed, mut staged) = (Vec::new(), Vec::new());
    for file in &held {
        let Some((blob, committed)) = blobs.get(&*file.path).zip(file.committed.as_ref()) else { continue };
        // Line endings that git leaves alone have another blob by the filters.
        let is_committed = blob == committed || {
            let disk = reading::inside(root, &file.path).with_context(|| format!("could not read {}", file.path))?;
            git.contents(&[committed])?.concat() == disk
        };
        match is_committed {
            true if file.staged != *committed => staged.push(file.path.clone()),
            true => {}
            false => changed.push(file.path.clone()),
        }
    }
    staged.dedup();
    Ok(Standing { unseen: unseen_of(root, &held), staged, changed })
}
