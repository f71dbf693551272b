//! The formats of what is printed on stdout, and which command has which.

use super::{Global, ReleaseCommand};
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
struct Formats {
    printed: &'static [Format],
    message: &'static str,
    help: &'static str,
}

const TEXT_OR_JSON: Formats = Formats {
    printed: &[Format::Text, Format::Json],
    message: "this command prints text or JSON",
    help: "`--output-format text` or `json`",
};

const OF_CHECK: Formats = Formats {
    printed: &[Format::Text, Format::Json, Format::Concise, Format::Github, Format::Sarif, Format::Junit],
    message: "`check` prints no HTML",
    help: "`cargo xtask release audit` does",
};

const OF_AUDIT: Formats = Formats {
    printed: &[Format::Text, Format::Json, Format::Html, Format::Sarif, Format::Junit],
    message: "`audit` prints text, JSON, HTML, SARIF or JUnit",
    help: "`--output-format text`, `json`, `html`, `sarif` or `junit`",
};

/// Of a list or a page, which is text whatever is asked for.
const ANY: Formats = Formats {
    printed: &[Format::Text, Format::Json, Format::Concise, Format::Github, Format::Sarif, Format::Junit, Format::Html],
    message: "",
    help: "",
};

impl ReleaseCommand {
    /// Sees that the command prints the format that is asked for.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn prints(&self, global: &Global) -> Result<(), Problem> {
        let Formats { printed, message, help } = match self {
            Self::Check(_) => OF_CHECK,
            Self::Audit(_) => OF_AUDIT,
            Self::Rules | Self::Explain { .. } => ANY,
            _ => TEXT_OR_JSON,
        };
        match global.output_format {
            Some(format) if !printed.contains(&format) => Err(Problem::new(message, help)),
            _ => Ok(()),
        }
    }
}
