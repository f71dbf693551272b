//! News fragments (<https://towncrier.readthedocs.io>), by which some schemes tell how much is new: `123.feature.md`.

/// The kinds of fragments, with the part of the version that each increments.
const KINDS: [(&str, Bump); 8] = [
    ("bugfix", Bump::Patch),
    ("doc", Bump::Patch),
    ("misc", Bump::Patch),
    ("feature", Bump::Minor),
    ("deprecation", Bump::Minor),
    ("removal", Bump::Breaking),
    ("breaking", Bump::Breaking),
    ("major", Bump::Major),
];

/// Files beside fragments.
const OTHERS: [&str; 3] = ["template.md", "README.md", ".gitkeep"];

/// The part of a version that fragments increment, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bump {
    /// The third number.
    Patch,
    /// The second.
    Minor,
    /// The first; for some schemes, not from 0 to 1.
    Breaking,
    /// The first.
    Major,
}

/// Returns the greatest part that the fragments of a folder increment: by the second part of their names.
pub(super) fn bump(names: &[String]) -> Option<Bump> {
    let names = names.iter().filter(|name| !OTHERS.contains(&name.as_str()));
    let kind = |name: &String| {
        let kind = name.split('.').nth(1)?;
        KINDS.iter().find(|(known, _)| *known == kind).map(|(_, bump)| *bump)
    };
    names.filter_map(kind).max()
}
