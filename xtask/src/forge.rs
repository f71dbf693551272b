//! GitHub by its REST API, through the one HTTP client.
//!
//! The address of the API is the user's choice or follows from the remote's host, and never the tree's. A token goes to that
//! address and to no other, is not shown, and stands in no file and in no arguments.

mod address;
mod client;
mod documents;
mod observe;
mod probe;
#[cfg(test)]
mod tests;
mod token;

#[allow(unused_imports, reason = "the commands that ask a forge are built beside it")]
pub(crate) use {
    address::{Api, Chosen},
    client::Client,
    observe::{Wanted, observe},
    probe::{Planned, powers},
    token::Token,
};
