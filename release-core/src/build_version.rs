//! The name of a build of a commit, and the places it is published to: pure functions over the tree, the tags and a
//! day.

mod base;
mod manual;
mod modes;
mod name;
mod report;
mod tags;
#[cfg(test)]
mod tests;

pub use base::{Order, base, blind, nightly};
pub use manual::{Standpoint, check_manual, predecessor};
pub use modes::{Build, ContainerTag, Index, Kind, Mode, NpmTag, Row, TABLE, build, line_tag, tagged};
pub use name::{BuildVersion, ParseBuildVersionError};
pub use report::{Days, Disagreement, Final, LowDays, MainCommit, Report, report};
pub use tags::{Beginning, Expected, Standing, Verdict, beginnings, judge};
