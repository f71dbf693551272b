//! The formats of what is printed on stdout.

use clap::ValueEnum;
use release_core::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[value(alias = "full")]
    Text,
    Json,
    Concise,
    Github,
    Sarif,
    Junit,
    // One page, of `audit` alone.
    Html,
}

/// The formats that a command prints, and what is said of any other.
pub(crate) struct Formats {
    printed: &'static [Format],
    message: &'static str,
    help: &'static str,
}

impl Formats {
    /// Of most commands.
    pub(crate) const TEXT_OR_JSON: Self = Self {
        printed: &[Format::Text, Format::Json],
        message: "this command prints text or JSON",
        help: "`--output-format text` or `json`",
    };

    /// Of `check`.
    pub(crate) const OF_CHECK: Self = Self {
        printed: &[Format::Text, Format::Json, Format::Concise, Format::Github, Format::Sarif, Format::Junit],
        message: "`check` prints no HTML",
        help: "`cargo xtask release audit` does",
    };

    /// Of `audit`.
    pub(crate) const OF_AUDIT: Self = Self {
        printed: &[Format::Text, Format::Json, Format::Html, Format::Sarif, Format::Junit],
        message: "`audit` prints text, JSON, HTML, SARIF or JUnit",
        help: "`--output-format text`, `json`, `html`, `sarif` or `junit`",
    };

    /// Of a script for a shell.
    pub(crate) const TEXT: Self =
        Self { printed: &[Format::Text], message: "this command prints text", help: "leave `--output-format` out" };

    /// Sees that a command prints the format that is asked for.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn allow(&self, format: Option<Format>) -> Result<(), Problem> {
        match format {
            Some(format) if !self.printed.contains(&format) => Err(Problem::new(self.message, self.help)),
            _ => Ok(()),
        }
    }
}
