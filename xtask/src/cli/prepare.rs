//! The words of `release patch`, `minor`, `major` and `rc`.

use clap::Args;
use release_core::problem::Problem;
use release_core::version::{Release, ReleaseKind};

#[derive(Clone, Debug, Args)]
pub(crate) struct Prepare {
    /// The version to release, such as 0.4.5 or 0.5.0rc1
    pub(crate) version: String,
    /// Commit the edits; works on the line's branch from any checkout, without touching the checkout
    #[arg(long)]
    pub(crate) commit: bool,
    /// With --commit: commit on a branch of its own, for lines that are protected [default name: prepare-vX.Y.Z]
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", requires = "commit")]
    pub(crate) branch: Option<String>,
    /// With --commit: sign the commit off
    #[arg(short, long, requires = "commit")]
    pub(crate) signoff: bool,
    /// Allow numbers to be left out
    #[arg(long)]
    pub(crate) skip: bool,
    /// Prepare a final before its testing window is over, or without the candidates that its policy asks for; the commit notes the reason
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub(crate) early: Option<String>,
    /// Allow a line that is end of life
    #[arg(long)]
    pub(crate) unmaintained: bool,
}

/// Reads a reason, which has at least one word.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let reason = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() { Err("give the reason in a few words".to_owned()) } else { Ok(reason) }
}

impl Prepare {
    /// To prepare a release in a commit on its line's branch.
    pub(crate) fn committed(release: Release) -> Self {
        let version = release.to_string();
        let early = Some("a sample".to_owned());
        Self { version, commit: true, branch: None, signoff: false, skip: false, early, unmaintained: true }
    }
}

impl Prepare {
    /// Reads the version, and sees that the command is the one for it. `None` is `rc`.
    ///
    /// # Errors
    /// When it is no version, or the command of another one.
    pub(crate) fn release(&self, kind: Option<ReleaseKind>, patch_candidate: bool) -> Result<Release, Problem> {
        let release = Release::parse(&self.version).map_err(|error| Problem::new(error.to_string(), ""))?;
        let command = match (release.is_candidate(), release.kind()) {
            (false, kind) => format!("{kind} {release}"),
            (true, ReleaseKind::Patch) => format!("rc {release} --patch-candidate"),
            (true, _) => format!("rc {release}"),
        };
        let help = format!("`cargo xtask release {command}`");
        let is = |what: &str| Err(Problem::new(format!("{release} is {what}"), help.clone()));
        match (kind, release.is_candidate(), release.kind()) {
            (Some(_), true, _) => is("a candidate"),
            (None, false, _) => is("no candidate"),
            (Some(kind), false, is_kind) if kind != is_kind => is(&format!("a {is_kind}, not a {kind}")),
            (None, true, ReleaseKind::Patch) if !patch_candidate => {
                is("a candidate of a patch; patches usually have none")
            }
            (None, true, ReleaseKind::Minor | ReleaseKind::Major) if patch_candidate => is("no candidate of a patch"),
            (None, ..) if self.early.is_some() => {
                Err(Problem::new(format!("{release} is a candidate, and `--early` is for finals"), "leave it out"))
            }
            _ => Ok(release),
        }
    }
}
