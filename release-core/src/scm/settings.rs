//! The configuration of a package, and the questions to git that follow from it.

use super::error::ScmError;
use super::flavor::Flavor;
use super::keys;
use super::schemes::{LOCAL_SCHEMES, LocalScheme, VERSION_SCHEMES, VersionScheme};
use super::tag::{PatternError, TagPattern};
use crate::manifest::TomlString;
use crate::manifest::pyproject::{Pyproject, SETUPTOOLS_SCM, ScmTable};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// The settings of a package, known before the repository is observed.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The major version of setuptools-scm whose answers are wanted.
    pub flavor: Flavor,
    /// The package's name, which is part of the names of variables.
    pub name: Option<String>,
    /// The table that the build reads, or its defaults if there is none.
    pub table: ScmTable,
    /// The tool that asks setuptools-scm.
    pub tool: Tool,
    /// Remarks on settings that the build does not read.
    pub notes: Vec<String>,
}

/// A tool that asks setuptools-scm for a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// setuptools.
    #[default]
    Setuptools,
    /// hatch-vcs, a plugin of hatchling. It knows no name of the package, and reads no file of settings.
    HatchVcs,
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
    /// `true` if it matters that the clone may lack history.
    pub wants_history: bool,
    /// `true` if it matters that submodules may be missing.
    pub wants_submodules: bool,
    /// The commits that are counted, or `None` for all.
    pub scope: Option<Scope>,
}

/// The commits that `scm.git.distance_scope` counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The package's folder; of hatch-vcs, the root.
    pub folder: Utf8PathBuf,
    /// More folders, from the repository's root.
    pub others: Vec<String>,
    /// The option of `git rev-list` that selects among the commits.
    pub option: &'static str,
}

impl Settings {
    /// Reads the settings in a manifest alone; [`Settings::read`] reads all.
    pub fn of(manifest: &Pyproject, flavor: Flavor) -> Self {
        let hatch =
            manifest.hatch_vcs.as_ref().filter(|_| manifest.backend().is_some_and(|name| name == "hatchling.build"));
        if let Some(table) = hatch {
            let name = table.dist_name.as_ref().map(|name| name.value.clone());
            return Self { flavor, name, table: table.clone(), tool: Tool::HatchVcs, notes: Vec::new() };
        }
        // 8 and 9 do not know the other table.
        let table = manifest.scm.as_ref().filter(|table| table.name == SETUPTOOLS_SCM || flavor >= Flavor::V10);
        let table = table.cloned().unwrap_or_default();
        let unread = manifest.unread_scm.as_ref().filter(|_| flavor >= Flavor::V10);
        let note = unread.map(|unread| {
            format!(
                "the build reads `[{}]` and not `[{}]`, and `python -m setuptools_scm` the other way round: leave one",
                table.name, unread.name
            )
        });
        let name = table.dist_name.as_ref().map(|name| name.value.clone());
        let name = name.or_else(|| manifest.name().map(str::to_owned));
        Self { flavor, name, table, tool: Tool::Setuptools, notes: note.into_iter().collect() }
    }

    /// Returns the folder that has to be the top of the checkout.
    pub(super) fn top(&self, folder: &Utf8Path) -> Utf8PathBuf {
        resolved(&folder.join(self.table.root.as_ref().map_or(".", |root| &root.value)))
    }

    /// Returns the folder that counts as the package's: hatch-vcs does not say which one it is.
    pub(super) fn own(&self, folder: &Utf8Path) -> Utf8PathBuf {
        if self.tool == Tool::HatchVcs { self.top(folder) } else { resolved(folder) }
    }

    /// Returns the question to git about a package in `folder`.
    ///
    /// # Errors
    /// If an option is not supported.
    pub fn question(&self, folder: &Utf8Path) -> Result<Question, ScmError> {
        self.supported()?;
        let top = self.top(folder);
        let parents = if self.table.searches_parents { usize::MAX } else { 1 };
        let by_branch =
            [VersionScheme::SimplifiedSemver, VersionScheme::ReleaseBranchSemver, VersionScheme::CalverByDate];
        let is_first_parent = self.table.distance_count.as_ref().is_some_and(|count| count.value == "first-parent");
        let scope = self.table.distance_scope.as_ref().map(|others| Scope {
            folder: self.own(folder),
            others: others.iter().map(|path| path.value.clone()).collect(),
            option: if is_first_parent { "--first-parent" } else { "--full-history" },
        });
        Ok(Question {
            tops: top.ancestors().take(parents).map(Utf8Path::to_owned).collect(),
            describe: self.describe()?,
            // A missing scheme is an error only if it is used.
            wants_branch: self.version_scheme().is_ok_and(|scheme| by_branch.contains(&scheme)),
            wants_history: scope.is_some() || matches!(self.demand(), "fail_on_shallow" | "fetch_on_shallow"),
            wants_submodules: self.demand() == "fail_on_missing_submodules",
            scope,
        })
    }

    /// Returns the option for which the tag and the distance to it are not all that a version depends on.
    pub fn depends_on_files(&self) -> Option<&'static str> {
        let by_fragments = [VersionScheme::Fragments, VersionScheme::FragmentsZerover];
        match self.version_scheme() {
            _ if self.table.distance_scope.is_some() => Some("scm.git.distance_scope"),
            Ok(scheme) if by_fragments.contains(&scheme) => Some("version_scheme"),
            _ => None,
        }
    }

    /// Returns the demand on the clone, `scm.git.pre_parse`.
    pub(super) fn demand(&self) -> &str {
        self.table.pre_parse.as_ref().map_or("warn_on_shallow", |demand| &demand.value)
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

    /// Refuses options that setuptools-scm refuses, and those that would change the answer and are not implemented.
    pub(super) fn supported(&self) -> Result<(), ScmError> {
        keys::check(&self.table, self.flavor, self.tool == Tool::HatchVcs)
    }

    /// Refuses options that apply if there is no repository.
    pub(super) fn supported_without_git(&self) -> Result<(), ScmError> {
        let is_unsupported = |key: &&TomlString| ["parentdir_prefix_version", "fallback_root"].contains(&&*key.value);
        let Some(key) = self.table.keys.iter().find(is_unsupported) else { return Ok(()) };
        let (option, span) = (key.value.clone(), key.span.clone());
        Err(ScmError::Option { option, table: self.table.name, flavor: self.flavor, span })
    }

    pub(super) fn pattern(&self) -> Result<TagPattern, ScmError> {
        let Some(regex) = &self.table.tag_regex else { return Ok(TagPattern::default()) };
        let error =
            |problem: PatternError| ScmError::Pattern { regex: regex.value.clone(), problem, span: regex.span.clone() };
        if regex.value.is_empty() && self.flavor >= Flavor::V10 && self.tool == Tool::Setuptools {
            return Err(error(PatternError::Groups));
        }
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
