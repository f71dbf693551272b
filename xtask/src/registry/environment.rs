//! The variables and files that say which registry to ask and as whom.

use camino::{Utf8Path, Utf8PathBuf};
use release_core::reading;

/// No configuration of a person is larger.
const BYTES: u64 = 1 << 20;

/// The environment of this run. It holds secrets and is never shown.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    variables: Vec<(String, String)>,
}

/// Everything in which the user says whom to ask and as whom.
#[derive(Clone, Default)]
pub(crate) struct User {
    pub(crate) environment: Environment,
    /// The index of the command line, and its flag.
    pub(crate) index: Option<(&'static str, String)>,
    /// The npm registry of the command line, and its flag.
    pub(crate) npm_registry: Option<(&'static str, String)>,
}

impl Environment {
    /// Reads that of this process; what is no UTF-8 is left out.
    pub(crate) fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    /// These variables alone.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { variables: variables.iter().map(own).collect() }
    }

    /// A variable that has a value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// All variables.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The text of a program's own configuration: in the folder that this variable names, else where programs keep it; `None` where there is
    /// none.
    pub(crate) fn configuration(&self, folder: &str, name: &str) -> Option<String> {
        let file = name.rsplit('/').next().unwrap_or(name);
        let named = self.get(folder).map(|folder| Utf8Path::new(folder).join(file));
        let user = || self.get("XDG_CONFIG_HOME").map(|folder| Utf8Path::new(folder).join(name));
        read(&named.or_else(user).or_else(|| self.at_home(&format!(".config/{name}")))?)
    }

    /// A file in the home directory.
    pub(super) fn at_home(&self, name: &str) -> Option<Utf8PathBuf> {
        self.get("HOME").or_else(|| self.get("USERPROFILE")).map(|home| Utf8Path::new(home).join(name))
    }
}

/// Returns the text of a file of configuration; `None` for one that is not there, or no text.
pub(super) fn read(path: &Utf8Path) -> Option<String> {
    String::from_utf8(reading::up_to(path, BYTES).ok()?).ok()
}
