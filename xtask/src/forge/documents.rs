//! The parts of GitHub's documents that are read.

use release_core::train::probe;
use release_core::train::world::forge::{Asset, Check, CheckState, ForgeRelease, PullRequestState, RequiredCheck};
use serde::Deserialize;

/// A repository.
#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) html_url: String,
    #[serde(default)]
    pub(super) permissions: Permissions,
}

/// The rights that an account has in a repository; none of them where the document does not say.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) push: bool,
}

/// A release.
#[derive(Deserialize)]
pub(super) struct Release {
    id: u64,
    pub(super) tag_name: String,
    draft: bool,
    prerelease: bool,
    #[serde(default)]
    immutable: bool,
    html_url: String,
    assets: Vec<ReleaseAsset>,
}

#[derive(Deserialize)]
struct ReleaseAsset {
    name: String,
    state: String,
    size: u64,
    digest: Option<String>,
}

impl From<Release> for ForgeRelease {
    fn from(release: Release) -> Self {
        let asset = |asset: ReleaseAsset| Asset {
            name: asset.name,
            is_uploaded: asset.state == "uploaded",
            size: asset.size,
            digest: asset.digest,
        };
        Self {
            id: release.id,
            tag: release.tag_name,
            is_draft: release.draft,
            is_prerelease: release.prerelease,
            is_immutable: release.immutable,
            page: release.html_url,
            assets: release.assets.into_iter().map(asset).collect(),
        }
    }
}

/// A reference, and the object that it is on.
#[derive(Deserialize)]
pub(super) struct Reference {
    pub(super) object: Object,
}

/// An object.
#[derive(Deserialize)]
pub(super) struct Object {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) sha: String,
}

/// A commit.
#[derive(Deserialize)]
pub(super) struct Commit {
    pub(super) sha: String,
}

/// A pull request.
#[derive(Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) html_url: String,
    state: String,
    merged_at: Option<String>,
    merge_commit_sha: Option<String>,
    pub(super) base: End,
    pub(super) head: End,
    pub(super) user: Option<Account>,
}

impl Pull {
    /// Returns the state; a merged one without its commit is still merged, as an unknown commit.
    pub(super) fn state(&self) -> PullRequestState {
        match (&self.merged_at, self.state.as_str()) {
            (Some(_), _) => PullRequestState::Merged(self.merge_commit_sha.clone().unwrap_or_default()),
            (None, "open") => PullRequestState::Open,
            (None, _) => PullRequestState::Closed,
        }
    }
}

/// An end of a pull request; the repository of a fork that was deleted is not there.
#[derive(Deserialize)]
pub(super) struct End {
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) sha: String,
    pub(super) repo: Option<Numbered>,
}

/// Anything with a number of the forge's.
#[derive(Deserialize)]
pub(super) struct Numbered {
    pub(super) id: u64,
}

/// An account of a person or of an app.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) login: String,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) permissions: Permissions,
}

/// The permission of one account.
#[derive(Deserialize)]
pub(super) struct Permission {
    pub(super) permission: String,
}

/// A run of a check.
#[derive(Deserialize)]
pub(super) struct CheckRun {
    name: String,
    status: String,
    conclusion: Option<String>,
    html_url: Option<String>,
    app: Option<Numbered>,
}

impl From<CheckRun> for Check {
    fn from(run: CheckRun) -> Self {
        let state = state(&run.status, run.conclusion.as_deref());
        Self { name: run.name, app: run.app.map(|app| app.id), state, page: run.html_url.unwrap_or_default() }
    }
}

/// A commit status.
#[derive(Deserialize)]
pub(super) struct Status {
    context: String,
    state: String,
    target_url: Option<String>,
}

impl From<Status> for Check {
    fn from(status: Status) -> Self {
        let state = match status.state.as_str() {
            "success" => CheckState::Passed,
            "pending" => CheckState::Pending,
            _ => CheckState::Failed,
        };
        Self { name: status.context, app: None, state, page: status.target_url.unwrap_or_default() }
    }
}

/// Returns the state of a run. A word that is not known is no success.
pub(super) fn state(status: &str, conclusion: Option<&str>) -> CheckState {
    match (status, conclusion) {
        ("completed", Some("success" | "neutral" | "skipped")) => CheckState::Passed,
        ("completed", Some(_)) => CheckState::Failed,
        _ => CheckState::Pending,
    }
}

/// A rule that is in force for a branch.
#[derive(Deserialize)]
pub(super) struct Rule {
    #[serde(rename = "type")]
    kind: String,
    pub(super) ruleset_id: Option<u64>,
    #[serde(default)]
    parameters: Parameters,
}

impl From<&Rule> for probe::Rule {
    fn from(rule: &Rule) -> Self {
        let Parameters { operator, pattern, negate, do_not_enforce_on_create, .. } = &rule.parameters;
        let pattern = operator.clone().zip(pattern.clone());
        let pattern = pattern.map(|(operator, text)| probe::Pattern { operator, text, is_negated: *negate });
        Self { kind: rule.kind.clone(), pattern, spares_creation: *do_not_enforce_on_create }
    }
}

/// A ruleset.
#[derive(Deserialize)]
pub(super) struct Ruleset {
    pub(super) id: u64,
    name: String,
    target: Option<String>,
    enforcement: String,
    current_user_can_bypass: Option<String>,
    conditions: Option<Conditions>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Conditions {
    ref_name: Option<RefNames>,
}

#[derive(Clone, Default, Deserialize)]
struct RefNames {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

impl Ruleset {
    /// Tells whether it is in force for tags.
    pub(super) fn is_for_tags(&self) -> bool {
        self.target.as_deref() == Some("tag") && self.enforcement == "active"
    }

    /// Tells whether who asks may bypass it; not only in pull requests.
    pub(super) fn is_bypassed(&self) -> bool {
        matches!(self.current_user_can_bypass.as_deref(), Some("always" | "exempt"))
    }

    /// The ruleset as one for tags; without conditions it is for all of them.
    pub(super) fn for_tags(&self) -> probe::TagRuleset {
        let names = self.conditions.as_ref().and_then(|conditions| conditions.ref_name.clone());
        let all = || RefNames { include: vec!["~ALL".to_owned()], exclude: Vec::new() };
        let RefNames { include, exclude } = names.unwrap_or_else(all);
        let rules = self.rules.iter().map(probe::Rule::from).collect();
        probe::TagRuleset { name: self.name.clone(), include, exclude, rules }
    }
}

/// A setting that is on or off.
#[derive(Deserialize)]
pub(super) struct Setting {
    pub(super) enabled: bool,
}

impl Rule {
    /// Returns the checks that it requires.
    pub(super) fn required(self) -> Vec<RequiredCheck> {
        let checks = if self.kind == "required_status_checks" { self.parameters.checks } else { Vec::new() };
        checks.into_iter().map(|check| RequiredCheck { name: check.context, app: check.integration_id }).collect()
    }
}

#[derive(Default, Deserialize)]
struct Parameters {
    #[serde(rename = "required_status_checks", default)]
    checks: Vec<RuleCheck>,
    operator: Option<String>,
    pattern: Option<String>,
    #[serde(default)]
    negate: bool,
    #[serde(default)]
    do_not_enforce_on_create: bool,
}

#[derive(Deserialize)]
struct RuleCheck {
    context: String,
    integration_id: Option<u64>,
}

/// A branch, with the older kind of protection as far as everybody may read it.
#[derive(Deserialize)]
pub(super) struct Branch {
    #[serde(default)]
    protection: Protection,
}

#[derive(Default, Deserialize)]
struct Protection {
    #[serde(default)]
    enabled: bool,
    #[serde(rename = "required_status_checks")]
    checks: Option<ProtectionChecks>,
}

#[derive(Deserialize)]
struct ProtectionChecks {
    #[serde(default)]
    enforcement_level: Option<String>,
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<ProtectionCheck>,
}

#[derive(Deserialize)]
struct ProtectionCheck {
    context: String,
    app_id: Option<i64>,
}

impl Branch {
    /// Tells whether the older kind of protection is on.
    pub(super) fn is_protected(&self) -> bool {
        self.protection.enabled
    }

    /// Returns the checks that its protection requires.
    pub(super) fn required(self) -> Vec<RequiredCheck> {
        let Some(checks) = self.protection.checks.filter(|checks| checks.enforcement_level.as_deref() != Some("off"))
        else {
            return Vec::new();
        };
        let named = |check: ProtectionCheck| RequiredCheck {
            name: check.context,
            // Any app is null or -1.
            app: check.app_id.and_then(|app| u64::try_from(app).ok()),
        };
        let mut required: Vec<RequiredCheck> = checks.checks.into_iter().map(named).collect();
        for name in checks.contexts {
            if !required.iter().any(|known| known.name == name) {
                required.push(RequiredCheck { name, app: None });
            }
        }
        required
    }
}

/// A run of a workflow.
#[derive(Deserialize)]
pub(super) struct WorkflowRun {
    pub(super) id: u64,
    pub(super) event: String,
    pub(super) head_branch: Option<String>,
    pub(super) head_sha: String,
    pub(super) status: Option<String>,
    pub(super) conclusion: Option<String>,
    pub(super) html_url: String,
    pub(super) head_repository: Option<Numbered>,
}
