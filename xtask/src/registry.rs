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

use release_checks::parallel;

/// How many questions are asked at the same time.
const CONNECTIONS: usize = 8;

/// Asks several questions at the same time, and gives the answers in the order of the questions.
pub(crate) fn at_once<Q: Sync, A: Send>(questions: &[Q], ask: impl Fn(&Q) -> A + Sync) -> Vec<A> {
    parallel::at_once(CONNECTIONS, questions, ask)
}

/// What a server sent, as part of a message: short, and nothing that a terminal obeys.
fn foreign(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let shown =
        text.chars().take(120).map(|c| if is_plain(c) { c.to_string() } else { c.escape_default().to_string() });
    format!("`{}`", shown.collect::<String>())
}
