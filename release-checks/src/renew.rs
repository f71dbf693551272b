//! Makes a baseline of what is found today.

mod found;

pub use found::{At, Found, Seen};

use crate::baseline::{Baseline, Entry, Key, Place, VERSION};
use release_core::calendar::Day;
use release_core::problem::Problem;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The longest message of an entry, in characters.
const SHORT: usize = 160;

/// The comment above the entries.
const HEADER: &str = "\
# Findings of `cargo xtask release check` and `audit` that are accepted as they are; new ones fail.
# Written by their `--write-baseline`. The reasons are yours to edit, and are kept.
";

/// A baseline of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The text of the file.
    pub text: String,
    /// The number of findings that it accepts and that were not accepted before.
    pub added: usize,
    /// The number of entries that it keeps.
    pub kept: usize,
    /// The number of entries that it drops.
    pub dropped: usize,
    /// The number of findings that it leaves, as they go away by themselves when the release that is on its way is out. Accepted they
    /// would stay accepted when they do not.
    pub left: usize,
}

/// The baseline that accepts what a run found. Entries that matched, or of which the run could not tell, stay with their
/// reasons and dates, and so do those of the other command; `reason` and `today` are those of new ones.
///
/// # Errors
/// When there are new ones, and no reason.
pub fn renewed(
    old: Option<&Baseline>,
    found: &Found<'_>,
    reason: Option<&str>,
    today: Day,
) -> Result<Renewed, Problem> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    let added: Vec<&At<'_>> = found.new.iter().filter(|(_, diagnostic)| !diagnostic.finding.in_flight).collect();
    let left = found.new.len() - added.len();
    let Some(reason) = reason.or_else(|| added.is_empty().then_some("")) else {
        let what = if added.len() == 1 { "1 finding is".to_owned() } else { format!("{} findings are", added.len()) };
        let message = format!("{what} new, and no reason is given for them to stay");
        return Err(Problem::new(message, "`--write-baseline --reason \"...\"`"));
    };
    let mut entries: Vec<Entry> = added.iter().map(|new| entry(**new, reason, today)).collect();
    let old = old.map_or(&[][..], |old| &old.entries);
    let kept: Vec<&Entry> = old.iter().filter(|entry| !found.stale.contains(&entry.key())).collect();
    let found: BTreeMap<Key<'_>, At<'_>> =
        found.accepted.iter().map(|found| ((found.0, found.1.fingerprint), *found)).collect();
    // The words of an entry follow the finding, where it was found.
    entries.extend(kept.iter().map(|known| match found.get(&known.key()) {
        Some(found) => entry(*found, &known.reason, known.date),
        None => (*known).clone(),
    }));
    entries.sort_by(|a, b| order(a).cmp(&order(b)));
    let (added, kept) = (added.len(), kept.len());
    Ok(Renewed { text: text(&entries), added, kept, dropped: old.len() - kept, left })
}

/// By tag, place and rule, as people look for them; what is at no tag is first. Of two findings that differ in the value alone
/// either may be first, so the fingerprint is last.
fn order(entry: &Entry) -> impl Ord + '_ {
    (&entry.tag, &entry.place, &entry.rule, &entry.message, entry.fingerprint)
}

fn entry((tag, diagnostic): At<'_>, reason: &str, date: Day) -> Entry {
    let finding = &diagnostic.finding;
    let path = finding.place().map(|label| Place::Path(label.path.to_string()));
    let reference = || finding.reference.clone().map(Place::Reference);
    Entry {
        fingerprint: diagnostic.fingerprint,
        rule: diagnostic.rule.to_owned(),
        tag: tag.map(str::to_owned),
        place: path.or_else(reference),
        // Words that change from day to day would change the file from day to day.
        message: short(finding.steady.as_ref().unwrap_or(&finding.problem.message)),
        reason: reason.to_owned(),
        date,
        span: 0..0,
    }
}

fn short(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    let message = words.join(" ");
    match message.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message,
    }
}

/// The text of a baseline.
fn text(entries: &[Entry]) -> String {
    let mut text = format!("{HEADER}version = {VERSION}\n");
    for entry in entries {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n[[finding]]\nfingerprint = \"{}\"\n", entry.fingerprint);
        let place = entry.place.as_ref().map(|place| match place {
            Place::Path(path) => ("path", path),
            Place::Reference(reference) => ("reference", reference),
        });
        let tag = entry.tag.as_ref().map(|tag| ("tag", tag));
        let strings = [("rule", &entry.rule)].into_iter().chain(tag).chain(place);
        for (key, value) in strings.chain([("message", &entry.message), ("reason", &entry.reason)]) {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
        let _ = writeln!(text, "date = \"{}\"", entry.date);
    }
    text
}

/// A basic string of TOML: <https://toml.io/en/v1.0.0#string>.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            character if character.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests;
