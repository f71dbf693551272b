//! A forge on the loopback interface: GitHub's API as far as this tool asks it, over what a test says is there.
//!
//! ```ignore
//! let forge = Forge::new();
//! forge.change(|state| state.release("v0.4.5", true));
//! forge.server.fault("/repos/meadow/meadow/releases/latest", Fault::Status(503));
//! command.env("GITHUB_API_URL", forge.server.url("")).env("GH_TOKEN", TOKEN);
//! ```
//!
//! Its documents have every field that the published description of the API requires, and lists have pages and links.

#![allow(dead_code, reason = "each test binary that includes this file uses a part of it")]

use super::loopback::{Answer, Request, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

/// The token that the forge knows.
pub(crate) const TOKEN: &str = "ghs_s3cretS3cretS3cret";

/// The path of the repository.
pub(crate) const REPOSITORY: &str = "/repos/meadow/meadow";

/// The forge; clones are the same one.
#[derive(Clone)]
pub(crate) struct Forge {
    pub(crate) server: Server,
    state: Arc<Mutex<State>>,
    log: Arc<Mutex<Vec<(Request, Answer)>>>,
}

/// The things that the forge has.
#[derive(Default)]
pub(crate) struct State {
    /// `true` if whoever asks may push, and so sees drafts.
    pub(crate) may_push: bool,
    /// `true` if the repository is hidden from whoever asks.
    pub(crate) is_hidden: bool,
    pub(crate) releases: Vec<Value>,
    /// The tag of the latest release.
    pub(crate) latest: Option<String>,
    /// The object of each tag: its type, its id, and the commit behind it.
    pub(crate) tags: BTreeMap<String, (&'static str, String, String)>,
    pub(crate) pulls: Vec<Value>,
    /// Logins with the permission of each.
    pub(crate) collaborators: Vec<(String, &'static str)>,
    /// `true` if the list of collaborators is not for who asks.
    pub(crate) hides_collaborators: bool,
    pub(crate) check_runs: BTreeMap<String, Vec<Value>>,
    pub(crate) statuses: BTreeMap<String, Vec<Value>>,
    /// The rules of each branch, also of one that is not there yet.
    pub(crate) rules: BTreeMap<String, Vec<Value>>,
    /// The branches with their protection.
    pub(crate) branches: BTreeMap<String, Value>,
    /// The rulesets, each with its number.
    pub(crate) rulesets: BTreeMap<u64, Value>,
    /// The setting of immutable releases; `None` hides it, as from all but administrators.
    pub(crate) immutable: Option<bool>,
    /// The scopes of the token, where it has some.
    pub(crate) scopes: Option<&'static str>,
    /// The runs of each workflow.
    pub(crate) runs: BTreeMap<String, Vec<Value>>,
}

/// A document of a kind, with every field that it needs, and these values.
pub(crate) fn document(kind: &str, values: &Value) -> Value {
    static DOCUMENTS: OnceLock<Value> = OnceLock::new();
    let all = DOCUMENTS.get_or_init(|| serde_json::from_str(include_str!("forge/documents.json")).expect("JSON"));
    let mut document = all.get(kind).cloned().unwrap_or_else(|| panic!("there is no document {kind}"));
    for (key, value) in values.as_object().into_iter().flatten() {
        document[key] = value.clone();
    }
    document
}

/// An account.
pub(crate) fn account(login: &str, kind: &str) -> Value {
    let url = "https://forge.example/x";
    let names = [
        "followers_url",
        "following_url",
        "gists_url",
        "starred_url",
        "subscriptions_url",
        "organizations_url",
        "repos_url",
        "events_url",
        "received_events_url",
        "html_url",
        "url",
        "avatar_url",
    ];
    let mut account =
        json!({"login": login, "id": 7, "node_id": "x", "gravatar_id": null, "type": kind, "site_admin": false});
    for name in names {
        account[name] = json!(url);
    }
    account
}

impl State {
    /// Adds a release of a tag, or a draft of one.
    pub(crate) fn release(&mut self, tag: &str, is_draft: bool, assets: &[Value]) {
        let id = self.releases.len() + 1;
        let page = format!("https://forge.example/meadow/meadow/releases/tag/{tag}");
        let values = json!({
            "id": id, "tag_name": tag, "draft": is_draft, "html_url": page, "author": account("alice", "User"), "assets": assets,
        });
        self.releases.insert(0, document("release", &values));
    }

    /// Adds a pull request from a branch of a repository with this number, by an account.
    pub(crate) fn pull(&mut self, head: &str, commit: &str, repository: u64, author: &Value) -> &mut Value {
        let number = self.pulls.len() + 1;
        let page = format!("https://forge.example/meadow/meadow/pull/{number}");
        let mut pull = document("pull", &json!({"number": number, "html_url": page, "state": "open", "user": author}));
        for (end, name, commit, id) in [("head", head, commit, repository), ("base", "release-0.4.x", "ba5e", 1)] {
            pull[end]["ref"] = json!(name);
            pull[end]["sha"] = json!(commit);
            pull[end]["repo"] = document("repository", &json!({"id": id, "owner": account("meadow", "Organization")}));
        }
        self.pulls.push(pull);
        self.pulls.last_mut().expect("it was pushed")
    }
}

/// A run of a check.
pub(crate) fn check_run(name: &str, status: &str, conclusion: Option<&str>) -> Value {
    document("check_run", &json!({"name": name, "status": status, "conclusion": conclusion}))
}

impl Forge {
    /// A forge whose repository has nothing.
    pub(crate) fn new() -> Self {
        let forge = Self { server: Server::new(), state: Arc::default(), log: Arc::default() };
        forge.state.lock().unwrap().may_push = true;
        let (state, log) = (Arc::clone(&forge.state), Arc::clone(&forge.log));
        forge.server.handle(Arc::new(move |request| {
            let answer = answer(&state.lock().unwrap(), request);
            log.lock().unwrap().push((request.clone(), answer.clone()));
            answer
        }));
        forge
    }

    /// Every request with its answer, but for those that a fault answered.
    pub(crate) fn log(&self) -> Vec<(Request, Answer)> {
        self.log.lock().unwrap().clone()
    }

    /// Changes what is there.
    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }
}

fn answer(state: &State, request: &Request) -> Answer {
    if request
        .header("authorization")
        .is_some_and(|value| value != format!("Bearer {TOKEN}") && value != format!("token {TOKEN}"))
    {
        return refusal(401, "Bad credentials");
    }
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let query: BTreeMap<&str, String> =
        query.split('&').filter_map(|part| part.split_once('=')).map(|(key, value)| (key, decoded(value))).collect();
    let Some(path) = path.strip_prefix(REPOSITORY).filter(|_| !state.is_hidden) else {
        return refusal(404, "Not Found");
    };
    let path = decoded(path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let one = |document: Option<Value>| {
        document.map_or_else(|| refusal(404, "Not Found"), |found| Answer::new(JSON, found.to_string()))
    };
    let answer = match (request.method.as_str(), parts.as_slice()) {
        ("GET", []) => {
            let rights = json!({"admin": false, "push": state.may_push, "pull": true});
            let page = "https://forge.example/meadow/meadow";
            one(Some(document(
                "repository",
                &json!({
                    "full_name": "meadow/meadow", "html_url": page, "permissions": rights, "owner": account("meadow", "Organization"),
                }),
            )))
        }
        ("GET", ["releases"]) => {
            let seen = state.releases.iter().filter(|release| state.may_push || release["draft"] == false);
            paged(request, &query, &seen.cloned().collect::<Vec<_>>(), None, true)
        }
        ("GET", ["releases", "latest"]) => one(state
            .releases
            .iter()
            .find(|release| release["draft"] == false && state.latest.as_deref() == release["tag_name"].as_str())
            .cloned()),
        ("GET", ["releases", "tags", tag @ ..]) => {
            let tag = tag.join("/");
            one(state.releases.iter().find(|release| release["draft"] == false && release["tag_name"] == tag).cloned())
        }
        ("GET", ["git", "ref", "tags", tag @ ..]) => {
            let tag = tag.join("/");
            one(state.tags.get(&tag).map(|(kind, id, _)| {
                let object = json!({"type": kind, "sha": format!("{id:0>40}"), "url": "https://forge.example/x"});
                document("reference", &json!({"ref": format!("refs/tags/{tag}"), "object": object}))
            }))
        }
        ("GET", ["commits", "tags", tag @ ..]) => match state.tags.get(&tag.join("/")) {
            Some((_, _, commit)) => one(Some(document("commit", &json!({"sha": format!("{commit:0>40}")})))),
            None => refusal(422, "No commit found for the ref"),
        },
        ("GET", ["pulls"]) => {
            let head = query.get("head").cloned().unwrap_or_default();
            let of_head = |pull: &&Value| head.strip_prefix("meadow:").is_some_and(|head| pull["head"]["ref"] == head);
            paged(request, &query, &state.pulls.iter().filter(of_head).cloned().collect::<Vec<_>>(), None, true)
        }
        ("GET", ["collaborators"]) if state.hides_collaborators => {
            refusal(403, "Must have push access to view collaborators.")
        }
        ("GET", ["collaborators"]) => {
            let all: Vec<Value> =
                state.collaborators.iter().map(|(login, permission)| collaborator(login, permission)).collect();
            paged(request, &query, &all, None, true)
        }
        ("GET", ["collaborators", login, "permission"]) => {
            one(state.collaborators.iter().find(|(known, _)| known == login).map(|(_, permission)| {
                document("permission", &json!({"permission": permission, "role_name": permission}))
            }))
        }
        ("GET", ["commits", commit, "check-runs"]) => {
            let all = state.check_runs.get(*commit).cloned().unwrap_or_default();
            paged(request, &query, &all, Some("check_runs"), true)
        }
        ("GET", ["commits", commit, "status"]) => {
            let all = state.statuses.get(*commit).cloned().unwrap_or_default();
            paged(request, &query, &all, Some("statuses"), false)
        }
        ("GET", ["rules", "branches", branch @ ..]) => {
            paged(request, &query, state.rules.get(&branch.join("/")).map_or(&[][..], Vec::as_slice), None, false)
        }
        ("GET", ["rulesets"]) => {
            let all = state
                .rulesets
                .values()
                .filter(|ruleset| query.get("targets").is_none_or(|target| ruleset["target"] == **target));
            let listed = all.cloned().map(|mut ruleset| {
                for key in ["rules", "conditions", "current_user_can_bypass"] {
                    ruleset.as_object_mut().map(|all| all.remove(key));
                }
                ruleset
            });
            paged(request, &query, &listed.collect::<Vec<_>>(), None, false)
        }
        ("GET", ["rulesets", id]) => one(id.parse().ok().and_then(|id: u64| state.rulesets.get(&id).cloned())),
        ("GET", ["immutable-releases"]) => {
            one(state.immutable.map(|enabled| json!({"enabled": enabled, "enforced_by_owner": false})))
        }
        ("GET", ["branches", branch @ ..]) => {
            let branch = branch.join("/");
            one(state.branches.get(&branch).map(|protection| {
                let commit = document("commit", &json!({}));
                document("branch", &json!({"name": branch, "commit": commit, "protection": protection}))
            }))
        }
        ("GET", ["actions", "workflows", workflow, "runs"]) => match state.runs.get(*workflow) {
            None => refusal(404, "Not Found"),
            Some(runs) => {
                let branch = query.get("branch");
                let of_branch = |run: &&Value| branch.is_none_or(|branch| run["head_branch"] == **branch);
                paged(
                    request,
                    &query,
                    &runs.iter().filter(of_branch).cloned().collect::<Vec<_>>(),
                    Some("workflow_runs"),
                    true,
                )
            }
        },
        _ => refusal(404, "Not Found"),
    };
    let answer = unchanged(request, answer);
    match state.scopes {
        Some(scopes) => answer.with("X-OAuth-Scopes", scopes),
        None => answer,
    }
}

const JSON: &str = "application/json; charset=utf-8";

fn collaborator(login: &str, permission: &str) -> Value {
    let mut account = account(login, "User");
    let push = matches!(permission, "admin" | "write");
    let permissions =
        json!({"admin": permission == "admin", "maintain": false, "push": push, "triage": push, "pull": true});
    account["permissions"] = permissions;
    account["role_name"] = json!(permission);
    account
}

fn refusal(status: u16, message: &str) -> Answer {
    let body = json!({"message": message, "documentation_url": "https://docs.forge.example/rest", "status": status.to_string()});
    Answer { status, ..Answer::new(JSON, body.to_string()) }
}

/// A page of a list, with links to the others where this list has some.
fn paged(
    request: &Request,
    query: &BTreeMap<&str, String>,
    all: &[Value],
    key: Option<&str>,
    has_links: bool,
) -> Answer {
    let number = |name: &str, default: usize| query.get(name).and_then(|value| value.parse().ok()).unwrap_or(default);
    let (page, size) = (number("page", 1).max(1), number("per_page", 30).clamp(1, 100));
    let items: Vec<Value> = all.iter().skip((page - 1) * size).take(size).cloned().collect();
    let body = match key {
        None => json!(items),
        Some("statuses") => document("combined", &json!({"statuses": items, "total_count": all.len()})),
        Some(key) => json!({key: items, "total_count": all.len()}),
    };
    let answer = Answer::new(JSON, body.to_string());
    let last = all.len().div_ceil(size).max(1);
    if !has_links || last < 2 {
        return answer;
    }
    let path = request.target.split('?').next().unwrap_or_default();
    let link = |page: usize, relation: &str| {
        format!("<https://forge.example{path}?per_page={size}&page={page}>; rel=\"{relation}\"")
    };
    let links = match page < last {
        true => vec![link(page + 1, "next"), link(last, "last")],
        false => vec![link(page - 1, "prev"), link(1, "first")],
    };
    answer.with("Link", &links.join(", "))
}

/// 304 for who has this answer already; otherwise with its tag.
fn unchanged(request: &Request, answer: Answer) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    let mut sum = flate2::Crc::new();
    sum.update(&answer.body);
    let tag = format!("W/\"{:08x}\"", sum.sum());
    match request.header("if-none-match") == Some(tag.as_str()) {
        true => Answer { status: 304, headers: Vec::new(), body: Vec::new() }.with("ETag", &tag),
        false => answer.with("ETag", &tag),
    }
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().as_bytes().to_vec();
    let bytes = parts.fold(first, |mut bytes, part| {
        let (hex, rest) = part.split_at(part.len().min(2));
        bytes.push(u8::from_str_radix(hex, 16).expect("percent-encoding"));
        bytes.extend(rest.as_bytes());
        bytes
    });
    String::from_utf8(bytes).expect("UTF-8")
}
