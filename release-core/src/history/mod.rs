//! The past of a repository as data: its references, the names of its tags and line branches, its releases and those that
//! may come next, its commits, and the history of each line.

pub mod content;
mod graph;
mod lines;
mod naming;
mod refs;
mod releases;
mod successor;
mod timeline;

pub use graph::{Commit, Graph, Nearest, Reached};
pub use lines::{Behind, LineHistory, Unreleased, Window};
pub use naming::{BranchPattern, Home, OtherTags, TagPattern};
pub use refs::{Branch, Refs, RemoteBranch, Tag, Upstream};
pub use releases::{Dated, History, LineState, Misnamed};
pub use successor::SuccessorError;
pub use timeline::{DatedTag, MainVersion, Tagged, Timeline};
