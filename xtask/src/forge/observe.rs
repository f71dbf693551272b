//! The forge's answers about one release: every question is asked in one round.

use super::client::{Answer, Client, Question};
use super::documents::{
    Account, Branch, CheckRun, Commit, Permission, Pull, Reference, Release, Repository, Rule, Status, WorkflowRun,
    state,
};
use release_core::registry::address::percent_encoded;
use release_core::text::shown;
use release_core::train::world::forge::{Check, ForgeRelease, PullRequest, RequiredCheck, Run};
use release_core::train::world::{Code, Fact, Forge, Why};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The release that the forge is asked about.
pub(crate) struct Wanted<'a> {
    /// The tag of the release.
    pub(crate) tag: &'a str,
    /// The branch of its line.
    pub(crate) line: &'a str,
    /// The branches that its pull requests come from.
    pub(crate) heads: &'a [String],
    /// The commit that is to be tagged; `None` while there is none.
    pub(crate) commit: Option<&'a str>,
    /// `[forge] publish-workflow`, the file of a workflow.
    pub(crate) workflow: Option<&'a str>,
    /// Tells whether a commit is ours or an ancestor of one of ours.
    pub(crate) is_ours: &'a dyn Fn(&str) -> bool,
}

/// The events by which a publishing run is started for a tag.
const EVENTS: [&str; 3] = ["release", "push", "workflow_dispatch"];

/// The answers of a round.
pub(super) struct Round<'a> {
    client: &'a Client<'a>,
    questions: Vec<Question>,
    answers: Vec<Answer>,
    /// The repository; without it nothing can be said to be missing.
    pub(super) repository: Fact<Repository>,
}

/// Asks the forge about a release. What one question does not tell is not known, and the answers of the others are.
///
/// # Errors
/// The reason why nothing could be asked: the repository is not there, or hidden.
pub(crate) fn observe(client: &Client<'_>, wanted: &Wanted<'_>) -> Fact<Forge> {
    let round = Round::ask(client, questions(wanted, &client.api.owner))?;
    let repository = round.repository.as_ref();
    let page = repository.map_or_else(
        |_| format!("https://{}/{}", client.api.host, client.api.repository()),
        |repository| repository.html_url.clone(),
    );
    let tag = round.tag(wanted);
    Ok(Forge {
        repository: client.api.repository(),
        page,
        release: round.release(wanted),
        latest: round.one::<Release>("/releases/latest").map(|found| found.map(|release| release.tag_name)),
        proposals: round.proposals(wanted),
        checks: round.checks(wanted),
        required: round.required(wanted),
        runs: round.runs(wanted, tag.as_ref().ok().and_then(Option::as_deref)),
        tag,
    })
}

fn questions(wanted: &Wanted<'_>, owner: &str) -> Vec<Question> {
    let mut questions = vec![
        Question::one(""),
        Question::one(by_tag(wanted)),
        Question::list("/releases", None),
        Question::one("/releases/latest"),
        Question::one(reference(wanted)),
        Question::one(tagged(wanted)),
        Question::list(rules(wanted.line), None),
        Question::one(branch(wanted.line)),
        Question::list("/collaborators", None),
    ];
    questions.extend(wanted.heads.iter().map(|head| Question::list(pulls(owner, head), None)));
    if let Some(commit) = wanted.commit {
        questions.push(Question::list(check_runs(commit), Some("check_runs")));
        questions.push(Question::list(statuses(commit), Some("statuses")));
    }
    questions.extend(wanted.workflow.map(|workflow| Question::list(runs(workflow, wanted.tag), Some("workflow_runs"))));
    questions
}

fn by_tag(wanted: &Wanted<'_>) -> String {
    format!("/releases/tags/{}", percent_encoded(wanted.tag, b"/"))
}

fn reference(wanted: &Wanted<'_>) -> String {
    format!("/git/ref/tags/{}", percent_encoded(wanted.tag, b"/"))
}

/// The commit of a tag, also of an annotated one; of what it changes a page of one file is enough.
fn tagged(wanted: &Wanted<'_>) -> String {
    format!("/commits/tags/{}?per_page=1", percent_encoded(wanted.tag, b"/"))
}

pub(super) fn rules(branch: &str) -> String {
    format!("/rules/branches/{}", percent_encoded(branch, b"/"))
}

pub(super) fn branch(name: &str) -> String {
    format!("/branches/{}", percent_encoded(name, b"/"))
}

fn pulls(owner: &str, head: &str) -> String {
    format!("/pulls?state=all&head={}", percent_encoded(&format!("{owner}:{head}"), b""))
}

fn check_runs(commit: &str) -> String {
    format!("/commits/{}/check-runs?filter=latest", percent_encoded(commit, b""))
}

fn statuses(commit: &str) -> String {
    format!("/commits/{}/status", percent_encoded(commit, b""))
}

fn runs(workflow: &str, tag: &str) -> String {
    format!("/actions/workflows/{}/runs?branch={}", percent_encoded(workflow, b""), percent_encoded(tag, b""))
}

impl<'a> Round<'a> {
    pub(super) fn ask(client: &'a Client<'a>, questions: Vec<Question>) -> Fact<Self> {
        let answers = client.ask_all(&questions);
        let unread = Why::new(Code::Other, String::new());
        let mut round = Self { client, questions, answers, repository: Err(unread) };
        round.repository = match round.answer("") {
            Err(failure) => Err(failure.clone().into()),
            Ok(None) => {
                let whom = match client.token_from() {
                    Some(from) => format!("the token of {from} may not see it"),
                    None => "who asks without a token may not see it".to_owned(),
                };
                let (address, name) = (client.shown(""), client.api.repository());
                let way_out = "see to the remote's address, or `[forge] repository` in release.toml";
                let reason = format!("{address} answers 404: there is no repository {name}, or {whom}; {way_out}");
                return Err(Why::new(Code::NoRepository, reason));
            }
            Ok(Some(document)) => round.read("", document.clone()),
        };
        Ok(round)
    }

    fn answer(&self, path: &str) -> &Answer {
        const NOT_ASKED: &Answer = &Ok(None);
        let found = self.questions.iter().position(|question| question.path == path);
        found.and_then(|at| self.answers.get(at)).unwrap_or(NOT_ASKED)
    }

    /// The document of a path. That there is none is only known of a repository that is seen.
    fn document(&self, path: &str) -> Fact<Option<Value>> {
        match (self.answer(path), &self.repository) {
            (Err(failure), _) => Err(failure.clone().into()),
            (Ok(Some(document)), _) => Ok(Some(document.clone())),
            (Ok(None), Err(why)) => Err(why.clone()),
            (Ok(None), Ok(_)) => Ok(None),
        }
    }

    pub(super) fn read<T: DeserializeOwned>(&self, path: &str, document: Value) -> Fact<T> {
        serde_json::from_value(document).map_err(|error| {
            let (address, error) = (self.client.shown(path), error.to_string());
            let reason = format!("{address} answers a document of another kind: {}", shown(&error));
            Why::new(Code::WrongDocument, reason)
        })
    }

    pub(super) fn one<T: DeserializeOwned>(&self, path: &str) -> Fact<Option<T>> {
        self.document(path)?.map(|document| self.read(path, document)).transpose()
    }

    /// All items of a list, which has to be there.
    pub(super) fn all<T: DeserializeOwned>(&self, path: &str) -> Fact<Vec<T>> {
        self.one(path)?.ok_or_else(|| {
            let address = self.client.shown(path);
            Why::new(Code::Forbidden, format!("{address} answers 404: it is not there, or hidden from who asks"))
        })
    }

    /// The release of the tag. Only the list has drafts, and only for those who may push.
    fn release(&self, wanted: &Wanted<'_>) -> Fact<Option<ForgeRelease>> {
        let published = self.one::<Release>(&by_tag(wanted));
        if let Ok(Some(release)) = published {
            return Ok(Some(release.into()));
        }
        let listed = self.all::<Release>("/releases")?.into_iter().find(|release| release.tag_name == wanted.tag);
        if let Some(release) = listed {
            return Ok(Some(release.into()));
        }
        published?;
        match &self.repository {
            Ok(repository) if repository.permissions.push => Ok(None),
            Ok(_) => {
                let (list, tag) = (self.client.shown("/releases"), shown(wanted.tag));
                let reason = format!(
                    "{list} has no published release of {tag}, and shows drafts only to those who may push: ask with a token that may"
                );
                Err(Why::new(Code::Forbidden, reason))
            }
            Err(why) => Err(why.clone()),
        }
    }

    fn tag(&self, wanted: &Wanted<'_>) -> Fact<Option<String>> {
        let path = reference(wanted);
        let Some(Reference { object }) = self.one(&path)? else { return Ok(None) };
        if object.kind == "commit" {
            return Ok(Some(object.sha));
        }
        let commit: Option<Commit> = self.one(&tagged(wanted))?;
        commit.map(|commit| Some(commit.sha)).ok_or_else(|| {
            let reason = format!("{} is on no commit but on a {}", self.client.shown(&path), shown(&object.kind));
            Why::new(Code::WrongDocument, reason)
        })
    }

    fn proposals(&self, wanted: &Wanted<'_>) -> Fact<Vec<PullRequest>> {
        let mut found = Vec::new();
        for head in wanted.heads {
            let repository = self.repository.as_ref().map_err(Clone::clone)?.id;
            let pulls: Vec<Pull> = self.all(&pulls(&self.client.api.owner, head))?;
            let is_here =
                |end: &Option<super::documents::Numbered>| end.as_ref().is_some_and(|repo| repo.id == repository);
            let own = pulls.into_iter().filter(|pull| {
                pull.head.name == *head
                    && is_here(&pull.head.repo)
                    && is_here(&pull.base.repo)
                    && (wanted.is_ours)(&pull.head.sha)
            });
            for pull in own {
                // An account that was deleted writes nothing any more.
                let Some(author) = &pull.user else { continue };
                if self.may_write(author)? {
                    let state = pull.state();
                    found.push(PullRequest {
                        number: pull.number,
                        page: pull.html_url,
                        state,
                        base: pull.base.name,
                        head: pull.head.name,
                        commit: pull.head.sha,
                    });
                }
            }
        }
        Ok(found)
    }

    /// Tells whether an account may write to the repository. The list of collaborators decides, and for who is not in it, or where
    /// it is hidden, the question for that account. An app opens pull requests here only with rights that an administrator gave it.
    fn may_write(&self, author: &Account) -> Fact<bool> {
        if author.kind == "Bot" {
            return Ok(true);
        }
        let listed = self.all::<Account>("/collaborators").unwrap_or_default();
        if let Some(listed) = listed.into_iter().find(|listed| listed.login.eq_ignore_ascii_case(&author.login)) {
            return Ok(listed.permissions.push);
        }
        let path = format!("/collaborators/{}/permission", percent_encoded(&author.login, b""));
        let answer = self.client.ask(&Question::one(path.as_str()))?;
        let Some(document) = answer else { return Ok(false) };
        let permission: Permission = self.read(&path, document)?;
        Ok(matches!(permission.permission.as_str(), "admin" | "maintain" | "write"))
    }

    fn checks(&self, wanted: &Wanted<'_>) -> Fact<Vec<Check>> {
        let Some(commit) = wanted.commit else {
            let reason = "there is no commit yet whose checks could be asked for".to_owned();
            return Err(Why::new(Code::NotConfigured, reason));
        };
        let runs: Vec<CheckRun> = self.all(&check_runs(commit))?;
        let statuses: Vec<Status> = self.all(&statuses(commit))?;
        Ok(runs.into_iter().map(Check::from).chain(statuses.into_iter().map(Check::from)).collect())
    }

    /// The checks that rules and the older kind of protection require; a branch that is still to be cut has rules alone.
    fn required(&self, wanted: &Wanted<'_>) -> Fact<Vec<RequiredCheck>> {
        let rules: Vec<Rule> = self.all(&rules(wanted.line))?;
        let branch: Option<Branch> = self.one(&branch(wanted.line))?;
        let mut required: Vec<RequiredCheck> = rules.into_iter().flat_map(Rule::required).collect();
        for check in branch.map(Branch::required).unwrap_or_default() {
            if !required.contains(&check) {
                required.push(check);
            }
        }
        Ok(required)
    }

    /// The runs for the tag: of another event, repository or commit they are no runs of this release.
    fn runs(&self, wanted: &Wanted<'_>, commit: Option<&str>) -> Fact<Vec<Run>> {
        let Some(workflow) = wanted.workflow else {
            let reason =
                "release.toml does not name the workflow that publishes: `[forge] publish-workflow`".to_owned();
            return Err(Why::new(Code::NotConfigured, reason));
        };
        let path = runs(workflow, wanted.tag);
        let Some(all) = self.one::<Vec<WorkflowRun>>(&path)? else {
            let reason = format!(
                "{} answers 404: `[forge] publish-workflow` is {}, and the default branch has no such workflow",
                self.client.shown(&path),
                shown(workflow)
            );
            return Err(Why::new(Code::NotConfigured, reason));
        };
        let repository = self.repository.as_ref().map_err(Clone::clone)?.id;
        let is_own = |run: &WorkflowRun| {
            EVENTS.contains(&run.event.as_str())
                && run.head_branch.as_deref() == Some(wanted.tag)
                && run.head_repository.as_ref().is_some_and(|of| of.id == repository)
                && commit.is_none_or(|commit| run.head_sha == commit)
        };
        let mut own: Vec<WorkflowRun> = all.into_iter().filter(is_own).collect();
        own.sort_by_key(|run| std::cmp::Reverse(run.id));
        let run = |run: WorkflowRun| Run {
            id: run.id,
            state: state(run.status.as_deref().unwrap_or_default(), run.conclusion.as_deref()),
            event: run.event,
            commit: run.head_sha,
            page: run.html_url,
        };
        Ok(own.into_iter().map(run).collect())
    }
}
