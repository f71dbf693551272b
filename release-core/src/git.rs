//! Git. `git/process.rs` is the only file that starts it.
//!
//! Every call is plumbing or has a machine format (`-z`, `--porcelain`, `--format`), so that neither the user's
//! configuration nor their language changes what is read.

mod checkout;
mod commit;
mod ending;
mod environment;
mod lacking;
mod locate;
mod objects;
mod partial;
mod past;
mod patience;
mod process;
mod promisor;
mod reader;
mod refs;
mod remote;
mod verify;

pub use commit::{CommitOutcome, CommitRequest, Made};
pub use ending::{end_group, has_ended};
pub use lacking::{Lacking, Notice};
pub use locate::Location;
pub use objects::TrackedFile;
pub use past::Blobs;
pub use patience::{Patience, SILENCE, Stop};
pub use process::{Git, GitError, Observer};
pub use reader::{Answer, Object};
pub use verify::{Departure, Flag, Held};
