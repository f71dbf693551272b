//! Versions: PEP 440 in full, the specifiers over them, npm's ranges, how PEP 440 and npm map, and the few shapes that a
//! release of ours has.

pub mod mapping;
pub mod npm;
mod pep440;
mod release;
mod specifier;

pub(crate) use pep440::is_space;
pub use pep440::{Number, ParseVersionError, PreKind, Version};
pub use release::{Line, ParseReleaseError, Release, ReleaseKind};
pub use specifier::{Clause, Operand, Operator, ParseSpecifierError, Prereleases, SpecifierSet};
