//! The major versions of setuptools-scm that are known.

use std::fmt;

/// A major version of setuptools-scm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavor {
    /// 8.x.
    V8,
    /// 9.x.
    V9,
    /// 10.x, the newest.
    #[default]
    V10,
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V8 => "8",
            Self::V9 => "9",
            Self::V10 => "10",
        })
    }
}
