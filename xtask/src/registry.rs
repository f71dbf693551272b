//! Asks registries what is published: a Python index by its simple API, an npm registry for its documents.
//!
//! "Absent" and "could not ask" are different answers. What a server sends is foreign: it is bounded, and shown only in parts
//! and escaped. Credentials go to the host that they are for and to no other; no message, error or debug form has them.
//! Every place has an [`Origin`]: of a place that the tree chose, nothing is expanded and no credentials are selected.

mod at_once;
mod credentials;
mod environment;
mod failure;
mod foreign;
mod forward;
mod handover;
mod http;
mod limits;
mod netrc;
pub(crate) mod npm;
mod npmrc;
mod origin;
mod place;
mod proxy;
pub(crate) mod python;
mod question;
mod reply;
#[cfg(test)]
pub(crate) mod tests;
mod unanswered;
mod wheel;
mod whom;
mod zip;

pub(crate) use at_once::at_once;
pub(crate) use credentials::Credentials;
pub(crate) use environment::{Environment, User};
pub(crate) use failure::Failure;
pub(crate) use foreign::foreign;
pub(crate) use handover::Handover;
pub(crate) use http::{Http, Request};
pub(crate) use npm::{Settings, registries};
pub(crate) use origin::Origin;
pub(crate) use place::Place;
pub(crate) use python::{host, shown};
pub(crate) use question::{Answered, Found, Question, ask_all, who_is_asked};
pub(crate) use reply::{Reply, seconds};
pub(crate) use whom::Whom;
