//! The part of this process' environment that a tool gets, and its program.

use crate::checkout::Repository;
use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::env;
use std::os::unix::fs::PermissionsExt;

/// Variables that a tool gets as they are: who and where the user is, what is trusted, what is too new for it, and where
/// programs are installed.
const ALLOWED: [&str; 25] = [
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
    "LOGNAME",
    "MISE_DATA_DIR",
    "NODE_EXTRA_CA_CERTS",
    "NO_COLOR",
    "NO_PROXY",
    "PYENV_ROOT",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TZ",
    "USER",
    "UV_EXCLUDE_NEWER",
    "UV_PYTHON_INSTALL_DIR",
    "VOLTA_HOME",
];

/// Proxies, in both cases; one with credentials is not passed on.
const PROXIES: [&str; 3] = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"];

/// The folders in which programs are installed when no variable says so, from the user's home.
const INSTALLED: [(&str, &str); 5] = [
    ("ASDF_DATA_DIR", ".asdf"),
    ("MISE_DATA_DIR", ".local/share/mise"),
    ("PYENV_ROOT", ".pyenv"),
    ("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python"),
    ("VOLTA_HOME", ".volta"),
];

/// The surroundings of a tool.
pub(super) struct Surroundings {
    /// Its whole environment, but for its home and what it is set to.
    pub(super) variables: BTreeMap<String, String>,
    /// The settings that are not passed on though it may be needed, in sentences.
    pub(super) withheld: Vec<String>,
    path: Vec<Utf8PathBuf>,
    /// Folders on the PATH that are not looked into.
    left: Vec<String>,
    /// The checkout, and the repository that it belongs to.
    trees: Vec<Utf8PathBuf>,
}

impl Surroundings {
    /// The part of this process' environment that a tool may have.
    pub(super) fn of_process(repository: &Repository) -> anyhow::Result<Self> {
        let common = &repository.location.common_dir;
        let main = common.parent().filter(|_| common.file_name() == Some(".git"));
        let trees = [Some(repository.location.root.as_path()), Some(common), main].into_iter().flatten();
        let trees = trees.map(Utf8Path::canonicalize_utf8).collect::<Result<_, _>>();
        let variable = |name: &str| env::var(name).ok();
        Ok(Self::from(&variable, trees.context("could not find the checkout")?))
    }

    fn from(variable: &dyn Fn(&str) -> Option<String>, trees: Vec<Utf8PathBuf>) -> Self {
        let (mut variables, mut withheld) = (BTreeMap::new(), Vec::new());
        let both = |name: &str| [name.to_owned(), name.to_lowercase()];
        let allowed = ALLOWED.iter().map(|name| (*name).to_owned()).chain(["no_proxy".to_owned()]);
        for name in allowed.chain(PROXIES.iter().flat_map(|name| both(name))) {
            let Some(value) = variable(&name) else { continue };
            if name.to_uppercase().ends_with("_PROXY") && value.contains('@') {
                withheld.push(format!("{name} has credentials, and is not passed on"));
                continue;
            }
            variables.insert(name, value);
        }
        let home = variable("HOME").filter(|home| home.starts_with('/'));
        for (name, folder) in INSTALLED {
            let folder = home.as_ref().map(|home| Utf8Path::new(home).join(folder));
            if let Some(folder) = folder.filter(|folder| !variables.contains_key(name) && folder.is_dir()) {
                variables.insert(name.to_owned(), folder.into_string());
            }
        }
        let (mut path, mut left) = (Vec::new(), Vec::new());
        for entry in variable("PATH").unwrap_or_default().split(':') {
            let found = Utf8Path::new(entry).canonicalize_utf8().ok();
            match found.filter(|found| entry.starts_with('/') && !is_inside(found, &trees)) {
                Some(_) => path.push(Utf8PathBuf::from(entry)),
                None => left.push(if entry.is_empty() { ".".to_owned() } else { entry.to_owned() }),
            }
        }
        let joined = path.iter().map(|entry| entry.as_str()).collect::<Vec<_>>().join(":");
        variables.insert("PATH".to_owned(), joined);
        Self { variables, withheld, path, left, trees }
    }

    /// A program of the PATH that is outside of the checkout.
    pub(super) fn find(&self, program: &str) -> Option<Utf8PathBuf> {
        self.path.iter().map(|folder| folder.join(program)).find(|path| {
            let runs = path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
            runs && path.canonicalize_utf8().is_ok_and(|target| !is_inside(&target, &self.trees))
        })
    }

    /// The folders that were not looked at to find a program; empty where all of the PATH was.
    pub(super) fn left(&self) -> String {
        let mut there: Vec<&str> =
            self.left.iter().map(String::as_str).filter(|entry| Utf8Path::new(entry).is_dir()).collect();
        there.dedup();
        match there[..] {
            [] => String::new(),
            _ => format!("; of the PATH {} is relative or inside of the checkout, and was left", there.join(", ")),
        }
    }
}

fn is_inside(path: &Utf8Path, trees: &[Utf8PathBuf]) -> bool {
    trees.iter().any(|tree| path.starts_with(tree))
}

#[cfg(test)]
mod tests;
