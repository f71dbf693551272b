//! npm's versions and version ranges, as node-semver 7 reads them: `^0.4.4`, `>=1.2 <2 || 3.x`, `1.2 - 2.3`.
//!
//! Sources: npm's documentation,
//! <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md#dependencies>, and
//! node-semver's README, <https://github.com/npm/node-semver#ranges>. Reading is always strict; npm itself also
//! accepts "loose" spellings such as `1.2.3beta`, which no tool writes. The numbers of a pre-release are compared
//! exactly, while node rounds those above 2^53.

mod comparator;
mod expand;
mod parse;
mod range;
mod spec;
#[cfg(test)]
mod tests;

pub(super) use comparator::MAX_NUMBER;
pub use range::{Range, read_version};
pub use spec::Spec;
