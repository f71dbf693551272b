//! Pins of clients and siblings: what a policy makes of them.

pub mod policy;
