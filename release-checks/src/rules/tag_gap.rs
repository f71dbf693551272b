//! A final leaves out numbers after the one before it.
//!
//! ## What it does
//!
//! Goes through the finals in the order of versions: within a line each is one patch above the last, and each new line begins
//! with `.0`, one minor or major above the line before. The first final of a repository may be any. What looks like the next
//! number with a digit too many, or with two digits swapped, is called a slip.
//!
//! ## Why is this bad?
//!
//! A number that was never published looks like a release that was lost, and often it is a slip: 0.1.19 after 0.1.8.
//!
//! ## Example
//!
//! `v0.1.8`, then `v0.1.19`.
//!
//! ## Use instead
//!
//! `v0.1.8`, then `v0.1.9`: `cargo xtask release patch` refuses other numbers without `--skip`.
//!
//! ## Fix
//!
//! None: a published version cannot be taken back. Accept it by its tag.

use crate::diagnostic::{Finding, Report};
use crate::past::Past;
use release_core::history::Tagged;
use release_core::version::Release;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let finals = past.timeline.finals();
    for pair in finals.windows(2) {
        let (last, tagged) = (pair[0].release, &pair[1]);
        let Some((missing, _)) = left_out(last, tagged.release) else { continue };
        let tag = past.config.tag.tag(tagged.release);
        let slip = slip(&finals, tagged).map_or_else(String::new, |(before, meant)| {
            let by_date = if before == last { String::new() } else { format!(" by its date it follows {before},") };
            let and = if by_date.is_empty() { " it" } else { " and" };
            format!(":{by_date}{and} is likely a slip for {meant}")
        });
        let message = format!("{tag} follows {last}, and leaves out {missing}{slip}");
        let help = match slip.as_str() {
            "" => "accept it by its tag where it was meant",
            _ => "if it was a slip, go on from it: what is published cannot be taken back; accept it by its tag",
        };
        report.find(Finding::about(message, tag).help(help));
    }
}

/// The numbers between a release and the next one that is there, in words, and the first of them; `None` where there is none.
pub(crate) fn left_out(last: Release, next: Release) -> Option<(String, Release)> {
    let (mut missing, mut first_missing): (Vec<String>, Option<Release>) = (Vec::new(), None);
    let mut range = |from: u64, to: u64, of: &dyn Fn(u64) -> Release| {
        let Some(last) = to.checked_sub(1).filter(|last| *last >= from) else { return };
        first_missing.get_or_insert(of(from));
        missing.push(if last == from { of(from).to_string() } else { format!("{} to {}", of(from), of(last)) });
    };
    let is_major = next.major != last.major;
    let is_minor = is_major || next.minor != last.minor;
    range(last.major + 1, next.major, &|major| Release::new(major, 0, 0));
    if is_minor {
        let first = if is_major { 0 } else { last.minor + 1 };
        range(first, next.minor, &|minor| Release::new(next.major, minor, 0));
    }
    let first = if is_minor { 0 } else { last.patch + 1 };
    range(first, next.patch, &|patch| Release::new(next.major, next.minor, patch));
    Some((missing.join(" and "), first_missing?))
}

/// The final that was the highest of those below when one was tagged, and the number that was likely meant after it.
fn slip(finals: &[Tagged], tagged: &Tagged) -> Option<(Release, Release)> {
    let release = tagged.release;
    let was_there = |other: &&Tagged| other.release < release && other.tag.time <= tagged.tag.time;
    let last = finals.iter().filter(was_there).map(|tagged| tagged.release).max()?;
    let meant = [last.next_patch(), Release::new(last.major, last.minor + 1, 0), Release::new(last.major + 1, 0, 0)];
    let parts = |release: Release| [release.major, release.minor, release.patch];
    let is_slip = |meant: &Release| {
        let differing: Vec<(u64, u64)> =
            parts(*meant).into_iter().zip(parts(release)).filter(|(meant, written)| meant != written).collect();
        matches!(differing[..], [(meant, written)] if is_mistyped(&meant.to_string(), &written.to_string()))
    };
    Some((last, meant.into_iter().find(is_slip)?))
}

/// Tells if digits were written with one too many, or with two neighbours swapped.
fn is_mistyped(meant: &str, written: &str) -> bool {
    let has_one_more = written.len() == meant.len() + 1
        && (0..written.len()).any(|at| format!("{}{}", &written[..at], &written[at + 1..]) == meant);
    let is_swapped = written.len() == meant.len()
        && (1..written.len()).any(|at| {
            let mut bytes = written.as_bytes().to_vec();
            bytes.swap(at - 1, at);
            bytes == meant.as_bytes()
        });
    has_one_more || is_swapped
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_core::history::DatedTag;

    fn release(text: &str) -> Release {
        Release::parse(text).unwrap()
    }

    #[test]
    fn what_is_left_out_is_named() {
        for (last, next, missing) in [
            ("0.1.8", "0.1.9", ""),
            ("0.1.8", "0.1.10", "0.1.9"),
            ("0.1.8", "0.1.19", "0.1.9 to 0.1.18"),
            ("0.1.8", "0.2.0", ""),
            ("0.1.8", "0.2.1", "0.2.0"),
            ("0.1.8", "0.4.2", "0.2.0 to 0.3.0 and 0.4.0 to 0.4.1"),
            ("0.9.3", "1.0.0", ""),
            ("0.9.3", "1.2.0", "1.0.0 to 1.1.0"),
            ("0.9.3", "3.0.1", "1.0.0 to 2.0.0 and 3.0.0"),
        ] {
            let found = left_out(release(last), release(next));
            let (text, first) = found.unzip();
            assert_eq!(text.unwrap_or_default(), missing, "{last} {next}");
            let named = missing.split(' ').next().filter(|first| !first.is_empty());
            assert_eq!(first, named.map(release), "{last} {next}");
        }
    }

    #[test]
    fn a_slip_is_a_digit_too_many_or_two_swapped_after_what_was_there() {
        for (tags, last, meant) in [
            ("0.1.8 0.1.19", "0.1.8", Some("0.1.9")),
            ("0.1.8 0.1.99", "0.1.8", Some("0.1.9")),
            ("0.1.11 0.1.21", "0.1.11", Some("0.1.12")),
            ("0.1.8 0.1.10", "0.1.8", None),
            ("0.1.8 0.1.18", "0.1.8", None),
            ("0.4.3 0.50.0", "0.4.3", Some("0.5.0")),
            ("0.4.3 0.50.1", "0.4.3", None),
            ("0.9.3 11.0.0", "0.9.3", Some("1.0.0")),
            ("0.4.0 0.4.11", "0.4.0", Some("0.4.1")),
            // It was gone on from the number that was meant.
            ("0.1.8 0.1.19 0.1.9 0.1.10", "0.1.8", Some("0.1.9")),
        ] {
            let finals: Vec<Tagged> = tags
                .split(' ')
                .zip(0..)
                .map(|(text, time)| Tagged {
                    release: release(text),
                    tag: DatedTag { name: text.to_owned(), commit: String::new(), time },
                })
                .collect();
            let found = slip(&finals, &finals[1]);
            assert_eq!(found, meant.map(|meant| (release(last), release(meant))), "{tags}");
        }
    }
}
