//! Specifiers, compared by the versions that they admit.

use super::found::Verdict;
use crate::version::{Clause, Operand, Operator, SpecifierSet, Version};
use std::collections::BTreeSet;

/// Compares two lists of clauses, each of which must hold in full.
pub(super) fn compare(one: &[&Clause], other: &[&Clause]) -> Verdict {
    if normal(one) == normal(other) {
        return Verdict::Same;
    }
    let sets = [one, other].map(set);
    let is_other = |version: &Version| sets[0].contains(version) != sets[1].contains(version);
    if probes(one).chain(probes(other)).any(|version| is_other(&version)) {
        return Verdict::Different;
    }
    // Of the others uv tells bounds apart that no version tells apart.
    let is_plain = |clause: &&Clause| match (clause.operator, &clause.operand) {
        (
            Operator::GreaterEqual | Operator::Less | Operator::NotEqual | Operator::Compatible,
            Operand::Version(version),
        ) => !version.is_prerelease() && version.local().is_none(),
        (_, Operand::Series(_)) => true,
        _ => false,
    };
    if one.iter().chain(other).all(is_plain) { Verdict::Same } else { Verdict::Unknown }
}

fn set(clauses: &[&Clause]) -> SpecifierSet {
    SpecifierSet { clauses: clauses.iter().map(|clause| (*clause).clone()).collect(), span: 0..0 }
}

/// Returns the clauses in one spelling, `~=` as the two that it stands for.
fn normal(clauses: &[&Clause]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for clause in clauses {
        match &clause.operand {
            Operand::Version(version) if clause.operator == Operator::Compatible => {
                let numbers: Vec<String> = version.release().iter().map(ToString::to_string).collect();
                let series = numbers[..numbers.len().saturating_sub(1)].join(".");
                all.insert(format!(">={}", without_zeros(version)));
                all.insert(format!("=={series}.*"));
            }
            Operand::Version(version) if clause.operator != Operator::Arbitrary => {
                all.insert(format!("{}{}", clause.operator, without_zeros(version)));
            }
            _ => drop(all.insert(clause.to_string())),
        }
    }
    all
}

/// Returns a version without zeros at the end of its release.
pub(super) fn without_zeros(version: &Version) -> String {
    let text = version.to_string();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'!'));
    let mut text = text.as_str();
    while let Some(shorter) = text.strip_suffix(".0").filter(|_| is_plain) {
        text = shorter;
    }
    text.to_owned()
}

/// Returns versions on both sides of every bound.
fn probes<'a>(clauses: &'a [&Clause]) -> impl Iterator<Item = Version> + 'a {
    let named = clauses.iter().filter_map(|clause| match &clause.operand {
        Operand::Version(version) | Operand::Series(version) => Some(version),
        Operand::Text => None,
    });
    let around = |version: &Version| {
        let numbers: Vec<String> = version.release().iter().map(ToString::to_string).collect();
        let base = numbers.join(".");
        let next = |length: usize| {
            let mut next: Vec<String> = numbers.iter().take(length).cloned().collect();
            let last = next.last_mut()?;
            *last = (last.parse::<u64>().ok()?.checked_add(1)?).to_string();
            Some(next.join("."))
        };
        let texts = [
            Some(version.to_string()),
            Some(base.clone()),
            Some(format!("{base}.dev0")),
            Some(format!("{base}a0")),
            Some(format!("{base}rc99")),
            Some(format!("{base}.post1")),
            Some(format!("{base}.0.1")),
            Some(format!("{base}+a")),
            next(numbers.len()),
            next(1),
            next(numbers.len().saturating_sub(1)),
            Some("0".to_owned()),
            Some("99999".to_owned()),
        ];
        texts.into_iter().flatten().filter_map(|text| Version::parse(&text).ok())
    };
    named.flat_map(around)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_the_same_if_they_admit_the_same_versions() {
        for (one, other, expected) in [
            (">=1", ">=1.0", Verdict::Same),
            (">=1,<3", "<3.0,>=1", Verdict::Same),
            (">=1", ">=1,>=0.9", Verdict::Same),
            ("~=1.0", "==1.*,>=1.0", Verdict::Same),
            ("~=1.0", ">=1,<2", Verdict::Same),
            ("!=2.*", "!=2.0.*,!=2.*", Verdict::Same),
            ("~=1.0", "~=1.0.0", Verdict::Different),
            ("==1.0", "==1.0.*", Verdict::Different),
            (">=1", ">1", Verdict::Different),
            (">=1,!=1.5", ">=1", Verdict::Different),
            ("<=2.1", "<=2.1,!=2.1rc1", Verdict::Different),
            (">1", ">=1,!=1", Verdict::Different),
            ("==1.0", "<=1.0,>=1.0", Verdict::Unknown),
            (">=1", ">=1.0a1,>=1", Verdict::Unknown),
        ] {
            let sets = [one, other].map(|text| SpecifierSet::parse(text).unwrap());
            let lists = sets.each_ref().map(|set| set.clauses.iter().collect::<Vec<_>>());
            assert_eq!(compare(&lists[0], &lists[1]), expected, "{one} {other}");
        }
    }
}
