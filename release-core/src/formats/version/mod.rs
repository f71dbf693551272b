//! Versions: PEP 440 in full, its specifiers, npm's ranges, the mapping between PEP 440 and npm, and the few shapes
//! that a release has.

pub mod mapping;
pub mod npm;
mod pep440;
mod release;
mod specifier;

pub(crate) use pep440::is_space;
pub use pep440::{Number, PreKind, Version};
pub use release::{Line, ParseReleaseError, Release, ReleaseKind};
pub use specifier::{Clause, Operand, Operator, SpecifierSet};
