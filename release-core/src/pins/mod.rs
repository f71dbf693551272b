//! Pins of clients and siblings: what a policy makes of them, and what they mean while a release is being published.

pub mod policy;
pub mod simulate;
pub mod tree;
