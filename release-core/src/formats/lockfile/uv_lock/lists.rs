//! The lists of requirements that uv reads of the manifest beside a lockfile alone, and records in `[manifest]`.

/// The lists of `[manifest]` in a lockfile, and the tables of the manifest that they record.
pub(super) const LISTS: [(&str, &str); 3] =
    [("constraints", CONSTRAINTS), ("overrides", OVERRIDES), ("build-constraints", BUILD_CONSTRAINTS)];

pub(super) const CONSTRAINTS: &str = "tool.uv.constraint-dependencies";
pub(super) const OVERRIDES: &str = "tool.uv.override-dependencies";
pub(super) const BUILD_CONSTRAINTS: &str = "tool.uv.build-constraint-dependencies";

/// Returns `true` if a table bounds versions and asks for none.
pub(super) fn only_bounds(scope: &str) -> bool {
    [CONSTRAINTS, BUILD_CONSTRAINTS].contains(&scope)
}

/// Returns the name of a table of which uv reads the manifest beside the lockfile alone.
pub(super) fn list_scope(table: &str) -> Option<String> {
    LISTS.iter().find(|(_, name)| *name == table).map(|(_, name)| (*name).to_owned())
}
