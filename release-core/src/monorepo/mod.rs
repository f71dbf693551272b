//! The monorepo: the manifests that a release owns, the clients they pin, and every place that carries a version.

mod clients;
pub mod config;
mod discovery;
mod elsewhere;
mod manifest;
mod on_npm;
mod ours;
mod overriding;
mod packages;
mod renamed;
mod replaced;
mod requested;
mod sites;
mod snapshot;
#[cfg(test)]
pub(crate) mod tests;
mod unlisted;
mod unwritten;

pub use crate::reading::MOST_BYTES;
pub use clients::{Client, Ui};
pub use config::{
    Artifact, ClientConfig, Config, FILE_NAME as CONFIG_FILE, IgnoreSetting, PinForm, PinPolicy, RuleSetting, Spelling,
    StampConfig, StreamPolicy, UiConfig,
};
pub use discovery::{Monorepo, SharedFile, discover, discover_readable};
pub use elsewhere::{ELSEWHERE, Elsewhere, elsewhere};
pub use manifest::{Manifest, Manifests};
pub use overriding::Overriding;
pub use packages::{Package, Scheme};
pub use renamed::PastPins;
pub use replaced::{Replaced, replaced};
pub use requested::WithoutRange;
pub use sites::{Site, SiteKind, sites, sites_of};
pub use snapshot::{FILE_NAMES, Left, MANIFESTS, Snapshot, Tree, TreeError, UnreadableTree, is_foreign};
pub(crate) use snapshot::{Named, reason_to_leave, texts};
pub use unlisted::{Unlisted, unlisted};
pub use unwritten::Unwritten;
