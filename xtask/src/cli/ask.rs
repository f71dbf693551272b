//! The words of every command that asks registries.

use clap::Args;

/// Whom the user lets ask.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AskFlags {
    /// Ask this Python index, by the URL of its simple API, before all that variables and files name
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub(crate) index: Option<String>,
    /// Ask this npm registry, of scopes too, before all that variables and files name
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub(crate) npm_registry: Option<String>,
    /// Ask this host also where only the tree names it and its revision is in neither main nor a release branch of the remote
    #[arg(long, value_name = "HOST", value_parser = host)]
    pub(crate) allow_host: Vec<String>,
}

impl AskFlags {
    /// The first flag that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let flags = [
            ("--index", self.index.is_some()),
            ("--npm-registry", self.npm_registry.is_some()),
            ("--allow-host", !self.allow_host.is_empty()),
        ];
        flags.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }
}

/// A host, with a port where one is meant.
fn host(text: &str) -> Result<String, String> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-._~:[]".contains(c);
    if text.is_empty() || !text.chars().all(is_host) {
        return Err("write the host alone, `index.example` or `index.example:8080`".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_with_or_without_a_port() {
        for text in ["index.example", "Index.Example:8080", "127.0.0.1", "[::1]:80"] {
            assert_eq!(host(text), Ok(text.to_ascii_lowercase()));
        }
        for text in ["", "https://index.example", "index.example/simple", "a b", "*", "u@index.example"] {
            assert!(host(text).is_err(), "{text}");
        }
    }
}
