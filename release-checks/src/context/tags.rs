//! The names of tags, as of any moment.

use std::sync::Arc;

/// The names of tags that were there at a moment. An audit shares them between all its tags.
#[derive(Clone, Debug, Default)]
pub struct TagNames {
    /// By name, each with when it was made.
    all: Arc<[(String, i64)]>,
    until: Option<i64>,
    /// Those that are there whenever they were made.
    here: Vec<String>,
}

impl TagNames {
    /// Tags that are all there.
    pub fn new(names: impl Iterator<Item = String>) -> Self {
        Self::dated(names.map(|name| (name, 0)).collect())
    }

    /// Tags with the seconds since 1970 at which they were made.
    pub fn dated(mut all: Vec<(String, i64)>) -> Self {
        all.sort_unstable();
        Self { all: all.into(), until: None, here: Vec::new() }
    }

    /// The same as of a moment: without what was made later, but for the tags that are `here`.
    #[must_use]
    pub fn as_of(&self, time: i64, mut here: Vec<String>) -> Self {
        // A commit may have any number of tags.
        here.sort_unstable();
        Self { all: Arc::clone(&self.all), until: Some(time), here }
    }

    /// Tells if a tag was there.
    pub fn contains(&self, name: &str) -> bool {
        let found = self.all.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok();
        found.and_then(|at| self.all.get(at)).is_some_and(|tag| self.was_there(tag))
    }

    /// Every tag, by name.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter(|tag| self.was_there(tag)).map(|(name, _)| name.as_str())
    }

    fn was_there(&self, (name, time): &(String, i64)) -> bool {
        self.until.is_none_or(|until| *time <= until) || self.here.binary_search(name).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_there_from_its_moment_on_or_where_it_is_looked_at() {
        let tags = TagNames::dated(vec![("v2".to_owned(), 20), ("v1".to_owned(), 10), ("v3".to_owned(), 30)]);
        let then = tags.as_of(10, vec!["v3".to_owned()]);
        assert_eq!(then.iter().collect::<Vec<_>>(), ["v1", "v3"]);
        assert!(then.contains("v1") && !then.contains("v2") && then.contains("v3") && !then.contains("v4"));
        assert_eq!(tags.iter().count(), 3);
    }
}
