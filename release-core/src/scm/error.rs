//! The reasons for which there is no version.

use super::flavor::Flavor;
use super::tag::PatternError;
use crate::text::{ParseError, Span};

/// The reason for which there is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are named by the messages")]
pub enum ScmError {
    /// Nothing provides a version.
    #[error(
        "there is neither a repository nor `.git_archival.txt`, `PKG-INFO` or `fallback_version`: build in a checkout, or set SETUPTOOLS_SCM_PRETEND_VERSION"
    )]
    NoVersion,
    /// The nearest tag cannot be read.
    #[error(
        "`tag_regex` finds no version in the tag `{tag}`, and setuptools-scm fails: delete the tag, or let `git_describe_command` leave it out"
    )]
    Tag { tag: String },
    /// The text that was found is not a version.
    #[error("{place} says `{text}`: {problem}")]
    Version { place: String, text: String, problem: ParseError },
    /// The tag says `.devN`, and commits follow.
    #[error(
        "`{0}` is a tag with a numbered development version, and nothing can follow it: delete it, or write one that ends with .dev0"
    )]
    NumberedDev(String),
    /// The tag does not end with a number.
    #[error(
        "`{0}` does not end with a number, so it has no next one: write the tag in normal form, or drop `normalize = false`"
    )]
    NoNumber(String),
    /// The tag is a post-release.
    #[error("`{0}` is a post-release already, which `no-guess-dev` cannot follow: take `guess-next-dev`")]
    AlreadyPost(String),
    /// A date that is not in the calendar.
    #[error(
        "`{0}` looks like a date, but is not one: write the tag as YYYY.MM.DD, or take another `version_scheme` than `calver-by-date`"
    )]
    Date(String),
    /// The schemes forbid changed files.
    #[error("tracked files are changed, which `local_scheme` forbids: commit or restore them")]
    Dirty,
    /// The output of `git describe` has another form.
    #[error(
        "`{0}` is not what `git describe --long` writes, and setuptools-scm fails: use --long in `git_describe_command`"
    )]
    Describe(String),
    /// `SOURCE_DATE_EPOCH` is not a moment.
    #[error(
        "SOURCE_DATE_EPOCH is `{0}`, which is not a number of seconds since 1970: set it to the output of `git log -1 --format=%ct`, or unset it"
    )]
    Epoch(String),
    /// The clock is wrong.
    #[error("the clock says {0} seconds since 1970, a year that has no date: set it")]
    Now(i64),
    /// A variable that is not supported.
    #[error("{0} is set, which changes setuptools-scm's answer in a way that is not supported here: unset it")]
    Variable(String),
    /// A scheme that does not come with setuptools-scm.
    #[error(
        "`{option} = \"{name}\"` is not a scheme of setuptools-scm {flavor} that is supported here: use one of {known}"
    )]
    Scheme { option: &'static str, name: String, flavor: Flavor, known: String, span: Span },
    /// An option that is not supported.
    #[error(
        "`{option}` in `{table}` is an option that setuptools-scm {flavor} does not have or that is not supported here: remove it"
    )]
    Option { option: String, table: &'static str, flavor: Flavor, span: Span },
    /// An option with a value of the wrong type.
    #[error("`{option}` in `{table}` has a value of a type that it does not take: see setuptools-scm's manual")]
    Type { option: String, table: &'static str, span: Span },
    /// An option under its old and its new name.
    #[error("`{table}` has both `{first}` and `{second}`, which setuptools-scm refuses: remove the first")]
    Both { first: &'static str, second: &'static str, table: &'static str },
    /// An option with a value that it does not have.
    #[error("`{option} = \"{value}\"` is refused by setuptools-scm: use one of {known}")]
    Choice { option: &'static str, value: String, known: String },
    /// A scope that is not below the repository's root.
    #[error(
        "`{0}` in `scm.git.distance_scope` is absolute, which setuptools-scm refuses: write the path from the repository's root"
    )]
    AbsoluteScope(String),
    /// A scope of a package that is the repository's root.
    #[error(
        "`scm.git.distance_scope` is set, and the package is at the repository's root, which setuptools-scm refuses: remove it"
    )]
    ScopeAtRoot,
    /// A scope that git does not take.
    #[error(
        "git does not count the commits of `scm.git.distance_scope`, and setuptools-scm would take none for all: correct its paths"
    )]
    Scope,
    /// A clone that lacks history.
    #[error(
        "this is a shallow clone, and `{0}` does not let setuptools-scm name a build of it: `git fetch --unshallow --tags`"
    )]
    Shallow(&'static str),
    /// Submodules that are not there.
    #[error(
        "submodules are missing, and `scm.git.pre_parse` does not let setuptools-scm name a build ({0}): `git submodule update --init --recursive`"
    )]
    Submodules(String),
    /// A file of settings that cannot be read.
    #[error("{0}")]
    File(String),
    /// A tag whose major number cannot be read.
    #[error(
        "`{0}` does not begin with a number and a dot, and setuptools-scm fails to increment it: take another `version_scheme`"
    )]
    Major(String),
    /// A command that is not `git describe`.
    #[error(
        "`{command}` searches for tags, but only git is started here: use a command that begins with `git describe`"
    )]
    Command { command: String, span: Span },
    /// A pattern that cannot be read.
    #[error("`tag_regex = '{regex}'` {problem}: write one whose group `version` is the version")]
    Pattern { regex: String, problem: PatternError, span: Span },
}
