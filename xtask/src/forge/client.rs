//! Questions to the forge's API: documents and lists of any number of pages, each asked again only where it changed.

use super::address::Api;
use super::token::Token;
use crate::registry::{Failure, Http, Place, Reply, Request, foreign, seconds};
use release_checks::parallel;
use release_core::train::probe::TokenKind;
use release_core::train::world::Code;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The version of the API whose documents are read.
const VERSION: &str = "2022-11-28";

/// The items of a page, which is the most that there may be.
const PER_PAGE: usize = 100;

/// The most pages that a list may have.
const PAGES: usize = 100;

/// The questions that are asked at the same time: all of a round.
const AT_ONCE: usize = 32;

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The path below the repository, with its query, both encoded.
    pub(crate) path: String,
    /// The key that a list stands under, or none where the document is the list; `None` for one document.
    pub(crate) list: Option<Option<&'static str>>,
}

/// The document of an answer; all items of a list. `None` means that the forge says that there is none (404).
pub(crate) type Answer = Result<Option<Value>, Failure>;

/// A client for the API of one repository.
pub(crate) struct Client<'a> {
    http: &'a Http,
    pub(crate) api: Api,
    token: Token,
    /// The last answer of every path, with the tag by which it is asked for again.
    kept: Mutex<BTreeMap<String, (String, Page)>>,
    /// The scopes of a classic token, as the forge says them with every answer.
    scopes: Mutex<Option<String>>,
}

/// A page of an answer.
#[derive(Clone)]
struct Page {
    document: Value,
    /// `true` if the server said anything of other pages.
    has_links: bool,
    next: bool,
    /// The number of the last page.
    last: Option<usize>,
}

impl Question {
    /// A question for one document.
    pub(crate) fn one(path: impl Into<String>) -> Self {
        Self { path: path.into(), list: None }
    }

    /// A question for a list, which stands under a key or is the document.
    pub(crate) fn list(path: impl Into<String>, key: Option<&'static str>) -> Self {
        Self { path: path.into(), list: Some(key) }
    }
}

impl<'a> Client<'a> {
    /// A client that knows nothing yet.
    pub(crate) fn new(http: &'a Http, api: Api, token: Token) -> Self {
        Self { http, api, token, kept: Mutex::default(), scopes: Mutex::default() }
    }

    /// The variable or program that the token is from; `None` if there is none.
    pub(crate) fn token_from(&self) -> Option<&'static str> {
        self.token.from
    }

    /// The kind of the token, and its scopes where the forge has named them.
    pub(crate) fn token_kind(&self) -> (TokenKind, Option<Vec<String>>) {
        let scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (self.token.kind, scopes.map(|scopes| scopes.split(',').map(|scope| scope.trim().to_owned()).collect()))
    }

    /// Asks all questions side by side, and gives the answers in their order.
    pub(crate) fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        parallel::at_once(AT_ONCE, questions, |question| self.ask(question))
    }

    /// Asks one question.
    pub(crate) fn ask(&self, question: &Question) -> Answer {
        let Some(key) = question.list else {
            return Ok(self.page(&question.path)?.map(|page| page.document));
        };
        let join = if question.path.contains('?') { '&' } else { '?' };
        let path = |number: usize| {
            let page = if number > 1 { format!("&page={number}") } else { String::new() };
            format!("{}{join}per_page={PER_PAGE}{page}", question.path)
        };
        let Some(first) = self.page(&path(1))? else { return Ok(None) };
        let last = first.last;
        let mut items = self.items(first.document.clone(), key, question)?;
        let mut is_last = is_last(&first, items.len());
        if let Some(last) = last.filter(|last| !is_last && *last <= PAGES) {
            // Their number is known, so that none waits for another.
            let numbers: Vec<usize> = (2..=last).collect();
            for page in parallel::at_once(AT_ONCE, &numbers, |number| self.page(&path(*number))) {
                if let Some(page) = page? {
                    items.extend(self.items(page.document, key, question)?);
                }
            }
            return Ok(Some(Value::Array(items)));
        }
        let mut number = 1;
        while !is_last {
            number += 1;
            if number > PAGES {
                let message = format!("{} has more than {PAGES} pages", self.shown(&question.path));
                return Err(Failure::new(Code::TooLarge, message));
            }
            let Some(page) = self.page(&path(number))? else { break };
            let more = self.items(page.document.clone(), key, question)?;
            is_last = self::is_last(&page, more.len());
            items.extend(more);
        }
        Ok(Some(Value::Array(items)))
    }

    fn items(&self, mut document: Value, key: Option<&str>, question: &Question) -> Result<Vec<Value>, Failure> {
        let list = match key {
            None => document,
            Some(key) => document.get_mut(key).map(Value::take).unwrap_or_default(),
        };
        match list {
            Value::Array(items) => Ok(items),
            _ => Err(Failure::malformed(&self.shown(&question.path), "a document without the list that was asked for")),
        }
    }

    /// Asks for a document; one that has not changed since it was asked for last is the one that is kept.
    fn page(&self, path: &str) -> Result<Option<Page>, Failure> {
        let shown = self.shown(path);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        let credentials = self.token.credentials.of(&self.api.base);
        let request = Request {
            accept: "application/vnd.github+json",
            kinds: &["application/json"],
            headers: [("X-GitHub-Api-Version", VERSION.to_owned())]
                .into_iter()
                .chain(kept.as_ref().map(|(tag, _)| ("If-None-Match", tag.clone())))
                .collect(),
            stays: true,
            ..Request::get(self.place(path), &shown, credentials)
        };
        let reply = self.http.exchange(&request)?;
        if reply.has("X-OAuth-Scopes") {
            let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
            *scopes = Some(reply.header("X-OAuth-Scopes").to_owned());
        }
        match (reply.status, kept) {
            (404, _) => return Ok(None),
            (304, Some((_, page))) => return Ok(Some(page)),
            (200, _) => {}
            _ => return Err(failure(&reply, &shown)),
        }
        let document = serde_json::from_slice(&reply.bytes).map_err(|error| {
            Failure::malformed(&shown, &format!("what is no JSON: {}", foreign(&error.to_string())))
        })?;
        let links = reply.header("Link");
        let page = Page {
            document,
            has_links: !links.is_empty(),
            next: link(links, "next").is_some(),
            last: link(links, "last").and_then(page_number),
        };
        let tag = reply.header("ETag");
        if !tag.is_empty() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert(path.to_owned(), (tag.to_owned(), page.clone()));
        }
        Ok(Some(page))
    }

    fn place(&self, path: &str) -> Place {
        self.api.base.with(&format!("/repos/{}{path}", self.api.repository()))
    }

    /// The address of a question without its query.
    pub(crate) fn shown(&self, path: &str) -> String {
        self.place(path.split('?').next().unwrap_or_default()).shown()
    }
}

/// Tells whether no page follows one with so many items. Some lists come without links: a full page may have another behind it.
fn is_last(page: &Page, items: usize) -> bool {
    !page.next && (page.has_links || items < PER_PAGE)
}

/// Returns the reason of a refusal, with the server's own words.
fn failure(reply: &Reply, url: &str) -> Failure {
    let words = serde_json::from_slice::<Value>(&reply.bytes).ok();
    let words = words.as_ref().and_then(|document| document.get("message")?.as_str()).unwrap_or_default();
    let said = if words.is_empty() { String::new() } else { format!(", and says {}", foreign(words)) };
    let status = reply.status;
    if let Some(failure) = reply.common_failure(url).filter(|_| status != 429) {
        return failure;
    }
    let is_limit = status == 429
        || status == 403
            && (!reply.header("Retry-After").is_empty()
                || reply.header("X-RateLimit-Remaining") == "0"
                || words.contains("secondary rate limit"));
    if is_limit {
        let wait = wait(reply);
        let when = wait.map_or("try again later".to_owned(), |wait| format!("it asks to wait {wait:?}"));
        let message = format!("{url} answers {status}: too many requests, {when}{said}");
        return Failure { is_transient: true, retry_after: wait, ..reply.failure(Code::RateLimited, &message) };
    }
    let refused = || reply.sent.refused(url, status);
    let (code, message) = match status {
        401 => (reply.sent.code(status), refused()),
        403 => (Code::Forbidden, format!("{url} answers 403: who asks may not read this{said}")),
        409 => (Code::Conflict, format!("{url} answers 409: its state does not allow it{said}")),
        422 => (Code::Rejected, format!("{url} answers 422: it does not accept the question{said}")),
        _ => (Code::Other, format!("{url} answers {status}{said}")),
    };
    reply.failure(code, &message)
}

/// The time that a server asks to wait: as such, or until its limit begins anew.
fn wait(reply: &Reply) -> Option<Duration> {
    reply.retry_after().or_else(|| {
        let reset = Duration::from_secs(seconds(reply.header("X-RateLimit-Reset"))?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(Duration::from_secs(reset.saturating_sub(now).as_secs()))
    })
}

/// Returns the address of a relation in a `Link` header (RFC 8288).
fn link<'a>(header: &'a str, relation: &str) -> Option<&'a str> {
    header.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.split(';').any(|part| part.trim() == format!("rel=\"{relation}\"")).then_some(address)
    })
}

/// The page that an address is of.
fn page_number(address: &str) -> Option<usize> {
    let query = address.split_once('?')?.1;
    query.split('&').find_map(|part| part.strip_prefix("page=")?.parse().ok())
}
