//! `[forge]`: the place where the repository, its pull requests and releases are.

/// The settings of `[forge]`. The address of the forge is none of them: it is the user's choice, or the remote's host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgeConfig {
    /// The repository on the remote's host, as `owner/name`; `None` means the remote's own.
    pub repository: Option<String>,
    /// The file of the workflow that publishes a release, without its folder.
    pub publish_workflow: Option<String>,
    /// `true` if edits get onto a branch as commits, `false` if by a pull request.
    pub commits: bool,
    /// The labels of pull requests.
    pub labels: Vec<String>,
    /// Checks that may fail for a time.
    pub expected_failures: Vec<ExpectedFailure>,
}

/// A check that may fail until the release is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFailure {
    /// The name of the check.
    pub check: String,
    /// The reason.
    pub reason: String,
}

/// Tells whether a text is `owner/name`, and nothing that an address could take for something else.
///
/// # Errors
/// The words for what it is not.
pub(super) fn repository(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        is_plain && !matches!(name, "" | "." | "..")
    };
    match text.split_once('/') {
        Some((owner, name)) if is_name(owner) && is_name(name) => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no repository, as `owner/name`")),
    }
}

/// Tells whether a text is the file of a workflow without its folder.
///
/// # Errors
/// The words for what it is not.
pub(super) fn workflow(text: &str) -> Result<String, String> {
    let name = text.strip_suffix(".yml").or_else(|| text.strip_suffix(".yaml"));
    match name {
        Some(name) if !name.is_empty() && !text.contains('/') => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no file of a workflow, as `publish.yml`, without its folder")),
    }
}
