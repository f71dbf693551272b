//! The findings of an audit that `release.toml` and the baseline accept, once all tags were looked at.

use super::observed::{Audited, Observed};
use crate::cli::{BaselineFlags, Global};
use crate::commands::baseline;
use crate::stop::Result;
use release_checks::baseline::{Baseline, Entry};
use release_checks::level::Levels;
use release_checks::renew::Seen;
use release_checks::run::{Checked, ignore_at, report_stale};
use std::collections::BTreeSet;

/// Writes the baseline where that is asked for, takes what it accepts out of the findings, and adds its stale entries to those
/// of the past. Gives back the baseline that holds now, and how many of its entries are stale.
pub(super) fn accept(
    global: &Global,
    flags: &BaselineFlags,
    observed: &Observed<'_>,
    levels: &Levels,
    baseline: Option<Baseline>,
    audited: &mut [Audited],
    past: &mut Checked,
) -> Result<(Option<Baseline>, usize)> {
    let known: BTreeSet<&str> = observed.timeline.tags.iter().map(|tag| tag.name.as_str()).collect();
    let fit = audited.iter_mut().filter_map(|at| Some((at.tag.name.as_str(), at.checked.as_mut().ok()?)));
    ignore_at(observed.config, fit);
    let baseline = match flags.write_baseline {
        true => {
            let found = seen(audited, past, &known, levels).found(baseline.as_ref());
            baseline::write(observed.repository, global, flags, baseline.as_ref(), &found)?
        }
        false => baseline,
    };
    let Some(baseline) = baseline else { return Ok((None, 0)) };
    let stale = seen(audited, past, &known, levels).found(Some(&baseline)).stale;
    let stale: Vec<&Entry> = baseline.entries.iter().filter(|entry| stale.contains(&entry.key())).collect();
    for Audited { tag, checked, .. } in audited.iter_mut() {
        if let Ok(checked) = checked {
            baseline.accept(Some(&tag.name), checked);
        }
    }
    baseline.accept(None, past);
    report_stale(&baseline, &stale, &known, observed.config, levels, past);
    let stale = stale.len();
    Ok((Some(baseline), stale))
}

fn seen<'a>(audited: &'a [Audited], past: &'a Checked, known: &BTreeSet<&'a str>, levels: &'a Levels) -> Seen<'a> {
    let tags = audited.iter().map(|audited| (audited.tag.name.as_str(), audited.checked.as_ref().ok()));
    Seen { tags: tags.collect(), past, known: known.clone(), levels }
}
