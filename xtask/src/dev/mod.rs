//! Tasks of this workspace itself.

pub(crate) mod bench;
pub(crate) mod ci;
pub(crate) mod docs;
mod lines;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod tidy_words;

use camino::Utf8PathBuf;

/// The root of this workspace, where it was built.
fn workspace() -> Utf8PathBuf {
    let own = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(camino::Utf8Path::to_owned).unwrap_or(own)
}
