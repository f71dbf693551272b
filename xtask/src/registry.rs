//! Asks registries what is published: a Python index by its simple API, an npm registry for its documents.
//!
//! "Absent" and "could not ask" are different answers. What a server sends is foreign: it is bounded, and shown only in parts
//! and escaped. Credentials go to the host that they are for and to nobody else; no message, error or debug form has them.
//! Every place has an [`Origin`]: of a place that the tree chose, nothing is expanded and no credentials are selected.

mod credentials;
mod environment;
mod failure;
mod forward;
mod handover;
mod http;
mod netrc;
mod npm;
mod npmrc;
mod origin;
mod place;
mod proxy;
mod python;
mod question;
#[cfg(test)]
mod tests;
mod wheel;
mod zip;

pub(crate) use environment::{Environment, User};
pub(crate) use failure::Failure;
pub(crate) use http::Http;
pub(crate) use npm::{NpmRegistry, Settings, registries};
pub(crate) use origin::Origin;
pub(crate) use place::Place;
pub(crate) use python::{Index, host, shown};
pub(crate) use question::{Answered, Found, Question, Whom, ask_all, who_is_asked};

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many questions are asked at the same time.
const CONNECTIONS: usize = 8;

/// Asks several questions at the same time, and gives the answers in the order of the questions.
pub(crate) fn at_once<Q: Sync, A: Send>(questions: &[Q], ask: impl Fn(&Q) -> A + Sync) -> Vec<A> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        while let Some((at, question)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, questions.get(at)?)))
        {
            answers.push((at, ask(question)));
        }
        answers
    };
    let mut answers: Vec<(usize, A)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS.min(questions.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|cause| resume_unwind(cause))).collect()
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// What a server sent, as part of a message: short, and nothing that a terminal obeys.
fn foreign(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let shown =
        text.chars().take(120).map(|c| if is_plain(c) { c.to_string() } else { c.escape_default().to_string() });
    format!("`{}`", shown.collect::<String>())
}
