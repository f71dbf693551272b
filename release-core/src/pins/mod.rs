//! Pins of clients and siblings: their form under each policy, and their effect while a release is being published.

pub mod policy;
pub mod simulate;
pub mod tree;
