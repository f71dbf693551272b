//! The name of a build whose version comes from a variable, or from git.

use camino::Utf8Path;
use release_core::git::Git;
use release_core::manifest::pyproject::Pyproject;
use release_core::plan::stamp::Dynamic;
use release_core::reading;
use release_core::scm::{self, Flavor, Observed, Settings};
use release_core::text::SourceText;

/// Returns what a build of the tree as it is would be called: as the variable says, or for setuptools-scm as git's tags do. `None` if
/// that cannot be told.
pub(super) fn called(root: &Utf8Path, dynamic: &Dynamic) -> anyhow::Result<Option<String>> {
    let given = std::env::var(&dynamic.variable).ok().filter(|value| !value.is_empty());
    if given.is_some() || dynamic.from != "setuptools-scm" {
        return Ok(given);
    }
    let Some(bytes) = reading::inside_if_any(root, "pyproject.toml".into())? else { return Ok(None) };
    let read = SourceText::from_bytes(bytes).ok().and_then(|source| Pyproject::parse(&source).ok());
    let settings = read.map(|manifest| Settings::read(&manifest, Flavor::default(), root, root));
    let Some(Ok(settings)) = settings else { return Ok(None) };
    let (Ok(git), Ok(question)) = (Git::new(root), settings.question(root)) else { return Ok(None) };
    let checkout = git.scm_checkout(&question, None).ok().flatten();
    let Ok(observed) = settings.observed(root, root, checkout) else { return Ok(None) };
    let variables = std::env::vars_os();
    let environment = variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let observed = Observed { environment: environment.collect(), now: crate::clock::now()?.seconds(), ..observed };
    Ok(scm::version(&settings, &observed).ok().map(|version| version.text))
}
