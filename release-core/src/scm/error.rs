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
        "`{option}` is an option that setuptools-scm {flavor} does not have or that is not supported here: remove it"
    )]
    Option { option: String, flavor: Flavor, span: Span },
    /// A command that is not `git describe`.
    #[error(
        "`{command}` searches for tags, but only git is started here: use a command that begins with `git describe`"
    )]
    Command { command: String, span: Span },
    /// A pattern that cannot be read.
    #[error("`tag_regex = '{regex}'` {problem}: write one whose group `version` is the version")]
    Pattern { regex: String, problem: PatternError, span: Span },
}
