//! The configuration of a package, and the questions to git that follow from it.

use super::error::ScmError;
use super::flavor::Flavor;
use super::schemes::{LOCAL_SCHEMES, LocalScheme, VERSION_SCHEMES, VersionScheme};
use super::tag::{PatternError, TagPattern};
use crate::manifest::TomlString;
use crate::manifest::pyproject::{Pyproject, ScmTable};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// The settings of a package, known before the repository is observed.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The major version of setuptools-scm whose answers are wanted.
    pub flavor: Flavor,
    /// The package's name, which is part of the names of variables.
    pub name: Option<String>,
    /// `[tool.setuptools_scm]`, or its defaults if there is none.
    pub table: ScmTable,
}

/// A question to git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The folders that may be the top of a checkout, in this order.
    pub tops: Vec<Utf8PathBuf>,
    /// The words after `git` that search for a tag.
    pub describe: Vec<String>,
    /// `true` if the branch and the day of the commit are needed.
    pub wants_branch: bool,
}

impl Settings {
    /// Reads the settings in a manifest.
    pub fn of(manifest: &Pyproject, flavor: Flavor) -> Self {
        let table = manifest.scm.clone().unwrap_or_default();
        let name = table.dist_name.as_ref().map(|name| name.value.clone());
        Self { flavor, name: name.or_else(|| manifest.name().map(str::to_owned)), table }
    }

    /// Returns the question to git about a package in `folder`.
    ///
    /// # Errors
    /// If an option is not supported.
    pub fn question(&self, folder: &Utf8Path) -> Result<Question, ScmError> {
        self.supported()?;
        let root = self.table.root.as_ref().map_or(".", |root| &root.value);
        let top = resolved(&folder.join(root));
        let parents = if self.table.searches_parents { usize::MAX } else { 1 };
        let by_branch =
            [VersionScheme::SimplifiedSemver, VersionScheme::ReleaseBranchSemver, VersionScheme::CalverByDate];
        Ok(Question {
            tops: top.ancestors().take(parents).map(Utf8Path::to_owned).collect(),
            describe: self.describe()?,
            // A missing scheme is an error only if it is used.
            wants_branch: self.version_scheme().is_ok_and(|scheme| by_branch.contains(&scheme)),
        })
    }

    /// Returns the text before the version in tags.
    pub(super) fn prefix(&self) -> &str {
        self.table.tag_prefix.as_ref().map_or("", |prefix| &prefix.value)
    }

    /// Returns the words after `git` that search for a tag.
    fn describe(&self) -> Result<Vec<String>, ScmError> {
        if let Some(command) = &self.table.describe_command {
            return match command.words.split_first() {
                // Any other program that a manifest names is not started.
                Some((program, words)) if program == "git" && words.first().is_some_and(|word| word == "describe") => {
                    Ok(words.to_vec())
                }
                _ => Err(ScmError::Command { command: command.words.join(" "), span: command.span.clone() }),
            };
        }
        let prefix = self.prefix();
        let pattern = if self.table.tag_strict { "*[0-9]*.*[0-9]*" } else { "*[0-9]*" };
        let mut words: Vec<String> = ["describe", "--dirty", "--tags", "--long"].map(str::to_owned).into();
        words.extend((self.flavor > Flavor::V8).then(|| "--abbrev=40".to_owned()));
        words.extend(["--match".to_owned(), format!("{prefix}{pattern}")]);
        Ok(words)
    }

    /// Refuses options that would change the answer and are not implemented, and tables that this version does not
    /// know.
    pub(super) fn supported(&self) -> Result<(), ScmError> {
        let newer: &[&str] = match self.flavor {
            Flavor::V8 => &["scm", "tag"],
            Flavor::V9 => &["tag"],
            Flavor::V10 => &[],
        };
        self.without(&[newer, &["version_cls", "scm.git.distance_scope", "scm.git.pre_parse"]].concat())
    }

    /// Refuses options that apply if there is no repository.
    pub(super) fn supported_without_git(&self) -> Result<(), ScmError> {
        self.without(&["parentdir_prefix_version", "fallback_root"])
    }

    fn without(&self, options: &[&str]) -> Result<(), ScmError> {
        let Some(key) = self.table.keys.iter().find(|key| options.contains(&&*key.value)) else { return Ok(()) };
        Err(ScmError::Option { option: key.value.clone(), flavor: self.flavor, span: key.span.clone() })
    }

    pub(super) fn pattern(&self) -> Result<TagPattern, ScmError> {
        let Some(regex) = &self.table.tag_regex else { return Ok(TagPattern::default()) };
        let error =
            |problem: PatternError| ScmError::Pattern { regex: regex.value.clone(), problem, span: regex.span.clone() };
        TagPattern::new(&regex.value).map_err(error)
    }

    /// Returns the scheme of the public part. The first of several decides, because none declines.
    pub(super) fn version_scheme(&self) -> Result<VersionScheme, ScmError> {
        let name = self.table.version_scheme.first();
        name.map_or(Ok(VersionScheme::GuessNextDev), |name| self.scheme("version_scheme", &VERSION_SCHEMES, name))
    }

    /// Returns the schemes of the local part: the first that does not decline decides.
    pub(super) fn local_schemes(&self) -> Result<Vec<LocalScheme>, ScmError> {
        if self.table.local_scheme.is_empty() {
            return Ok(vec![LocalScheme::NodeAndDate]);
        }
        self.table.local_scheme.iter().map(|name| self.scheme("local_scheme", &LOCAL_SCHEMES, name)).collect()
    }

    /// Returns the scheme of a name among those that this version has.
    fn scheme<T: Copy>(
        &self,
        option: &'static str,
        schemes: &[(&str, T, Flavor)],
        name: &TomlString,
    ) -> Result<T, ScmError> {
        let flavor = self.flavor;
        let known: Vec<(&str, T)> =
            schemes.iter().filter(|(.., since)| flavor >= *since).map(|(name, scheme, _)| (*name, *scheme)).collect();
        let found = known.iter().find(|(known, _)| *known == name.value);
        found.map(|(_, scheme)| *scheme).ok_or_else(|| {
            let known = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            ScmError::Scheme { option, name: name.value.clone(), flavor, known, span: name.span.clone() }
        })
    }
}

/// Returns a path without `.` and `..`.
fn resolved(path: &Utf8Path) -> Utf8PathBuf {
    let mut resolved = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => drop(resolved.pop()),
            _ => resolved.push(component),
        }
    }
    resolved
}
