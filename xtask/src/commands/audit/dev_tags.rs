//! The development tags as of any moment.

use super::observed::Observed;
use release_checks::context::DevTag;
use release_core::git::{GitError, Object};
use release_core::history::DatedTag;
use release_core::monorepo::Manifest;
use std::collections::HashMap;

/// Every development tag, the oldest first.
#[derive(Default)]
pub(super) struct DevTags<'a> {
    all: Vec<(&'a DatedTag, DevTag)>,
    /// Which of those up to each place has the highest version; of equals the youngest.
    highest: Vec<usize>,
    by_commit: HashMap<&'a str, Vec<usize>>,
}

impl<'a> DevTags<'a> {
    /// Reads the version of the first package at each of them.
    pub(super) fn of(observed: &'a Observed<'_>) -> Result<Self, GitError> {
        let tags = observed.timeline.development_tags();
        let names: Vec<String> = tags.iter().map(|(_, tag)| format!("{}:{}", tag.commit, observed.first)).collect();
        let found = observed.repository.git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        let version = |object: Option<Object>| Manifest::from_bytes(object?.content)?.current_version();
        let dev_tag = |((release, tag), object): ((_, &'a DatedTag), _)| {
            (tag, DevTag { name: tag.name.clone(), release, is_here: false, version: version(object) })
        };
        let all: Vec<(&DatedTag, DevTag)> = tags.into_iter().zip(found).map(dev_tag).collect();
        let mut highest: Vec<usize> = Vec::with_capacity(all.len());
        let mut by_commit: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, (tag, dev_tag)) in all.iter().enumerate() {
            let above = highest.last().copied().filter(|above| all[*above].1.release > dev_tag.release);
            highest.push(above.unwrap_or(place));
            by_commit.entry(&tag.commit).or_default().push(place);
        }
        Ok(Self { all, highest, by_commit })
    }

    /// The highest that was there at the moment of a tag, and all on its commit, in the order of versions.
    pub(super) fn as_of(&self, judged: &DatedTag) -> Vec<DevTag> {
        let before = self.all.partition_point(|(tag, _)| tag.time <= judged.time);
        let highest = before.checked_sub(1).and_then(|last| self.highest.get(last)).copied();
        let mut places: Vec<usize> = self.by_commit.get(judged.commit.as_str()).cloned().unwrap_or_default();
        places.extend(highest);
        places.sort_unstable_by_key(|place| (self.all[*place].1.release, *place));
        places.dedup();
        let is_here = |place: usize| self.all[place].0.commit == judged.commit;
        places.into_iter().map(|place| DevTag { is_here: is_here(place), ..self.all[place].1.clone() }).collect()
    }
}
