//! The form of a pin under each policy, and the edit that gives a pin its form.

use crate::manifest::requirement::{RepinError, Requirement, respecify, specify, unpin};
use crate::monorepo::PinForm;
use crate::text::TextEdit;
use crate::version::{Clause, Operand, Operator, SpecifierSet, Version};

/// The treatment of a requirement without a version, if the policy asks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Report an error.
    Refuse,
    /// Add a version.
    Add,
}

/// Returns the edit that gives `requirement`, which was parsed from `text`, a form at a version; `None` if it already
/// has that form or the form keeps it.
///
/// # Errors
/// If a URL stands in place of the specifier, a required specifier is missing, or the form cannot express the
/// version.
///
/// # Panics
/// If `requirement` was parsed from another text.
pub fn reform(
    text: &str,
    requirement: &Requirement,
    form: PinForm,
    version: &Version,
    missing: Missing,
) -> Result<Option<TextEdit>, RepinError> {
    let clauses = match form {
        PinForm::Keep => return Ok(None),
        PinForm::Unpinned => return unpin(text, requirement),
        PinForm::Operator(operator) => vec![(operator, version.clone())],
        PinForm::Bounded => {
            let bound = bound(version).ok_or_else(|| RepinError::not_a_clause(Operator::Less, version))?;
            vec![(Operator::GreaterEqual, version.clone()), (Operator::Less, bound)]
        }
    };
    match missing {
        Missing::Refuse => respecify(text, requirement, &clauses),
        Missing::Add => specify(text, requirement, &clauses),
    }
}

/// Returns the first version of the next series: `0.5` for 0.4.5. As an upper bound it excludes `0.5.0rc1` too (PEP
/// 440, "Exclusive ordered comparison"). Returns `None` if the numbers are too large to have a successor.
pub fn bound(version: &Version) -> Option<Version> {
    let number = |at: usize| version.release().get(at).map_or(Some(0), crate::version::Number::as_u64);
    let epoch = version.epoch().as_u64().filter(|epoch| *epoch > 0).map(|epoch| format!("{epoch}!"));
    let next = number(1)?.checked_add(1)?;
    Version::parse(&format!("{}{}.{next}", epoch.unwrap_or_default(), number(0)?)).ok()
}

/// Returns the specifier of a form at a version, as people write it; empty if the form has no specifier or keeps the
/// existing one.
pub fn specifier(form: PinForm, version: &Version) -> String {
    match form {
        PinForm::Operator(operator) => format!("{operator}{version}"),
        PinForm::Bounded => match bound(version) {
            Some(bound) => format!(">={version},<{bound}"),
            None => format!(">={version}"),
        },
        PinForm::Unpinned | PinForm::Keep => String::new(),
    }
}

/// Returns `true` if a specifier begins at a version and ends before the next series, with or without other clauses.
pub fn is_bounded(clauses: &[Clause]) -> bool {
    clauses.iter().filter(|clause| clause.operator == Operator::GreaterEqual).any(|lower| {
        let Operand::Version(version) = &lower.operand else { return false };
        let is_bound = |upper: &Clause| upper.operator == Operator::Less && upper.version() == bound(version);
        clauses.iter().any(is_bound)
    })
}

/// Returns `true` if a specifier admits more than one version and ends somewhere.
pub fn is_range(clauses: &[Clause]) -> bool {
    let ends = |clause: &Clause| match clause.operator {
        Operator::Less | Operator::LessEqual | Operator::Compatible => true,
        Operator::Equal => !matches!(clause.operand, Operand::Version(_)),
        _ => false,
    };
    clauses.iter().any(ends)
}

/// Returns `true` if a specifier has a form, at any version. Every specifier follows `keep`.
pub fn follows(form: PinForm, specifier: Option<&SpecifierSet>) -> bool {
    let clauses = specifier.map_or(&[][..], |specifier| &specifier.clauses);
    match (form, clauses) {
        (PinForm::Keep, _) | (PinForm::Unpinned, []) => true,
        (PinForm::Unpinned, _) => false,
        (PinForm::Bounded, clauses) => clauses.len() == 2 && is_bounded(clauses),
        (PinForm::Operator(operator), [only]) => {
            only.operator == operator && matches!(only.operand, Operand::Version(_))
        }
        (PinForm::Operator(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::splice;
    use proptest::prelude::*;

    const FORMS: [PinForm; 5] = [
        PinForm::Operator(Operator::Equal),
        PinForm::Operator(Operator::Compatible),
        PinForm::Operator(Operator::GreaterEqual),
        PinForm::Bounded,
        PinForm::Unpinned,
    ];

    fn made(text: &str, form: PinForm, version: &str, missing: Missing) -> Result<String, RepinError> {
        let requirement = Requirement::parse(text).unwrap();
        let edit = reform(text, &requirement, form, &Version::parse(version).unwrap(), missing)?;
        Ok(edit.map_or_else(|| text.to_owned(), |edit| splice(text, &[edit]).unwrap()))
    }

    #[test]
    fn each_form_changes_the_specifier_and_nothing_else() {
        for (text, form, version, wanted) in [
            ("c==0.4.4", "==", "0.4.5", "c==0.4.5"),
            ("c == 0.4.4 ; x", ">=,<", "0.4.5", "c >= 0.4.5,<0.5 ; x"),
            ("c >= 0.4.5,<0.5 ; x", "==", "0.4.5", "c == 0.4.5 ; x"),
            ("c[a, b]>=0.4", ">=,<", "0.5.0rc1", "c[a, b]>=0.5.0rc1,<0.6"),
            ("c>=0.4", "~=", "1.0.0", "c~=1.0.0"),
            ("c >=0.4,<1 ; x", "none", "0.4.5", "c ; x"),
            ("c[a] >=0.4, ;x", "none", "0.4.5", "c[a] ;x"),
            ("c (>=0.4 , <1 ) ; x", "none", "0.4.5", "c ; x"),
            ("c", ">=,<", "1!2.3.4", "c>=1!2.3.4,<1!2.4"),
            ("c [a] ; x", "==", "0.4.5", "c [a]==0.4.5 ; x"),
            ("c []", "==", "0.4.5", "c []==0.4.5"),
            ("c ( )", "~=", "0.4.5", "c (~=0.4.5 )"),
            ("c>0.1", "keep", "0.4.5", "c>0.1"),
        ] {
            let (text, wanted) = (text.replace("; x", "; os_name == 'nt'"), wanted.replace("; x", "; os_name == 'nt'"));
            let (text, wanted) = (text.replace(";x", ";os_name == 'nt'"), wanted.replace(";x", ";os_name == 'nt'"));
            let form = PinForm::parse(form).unwrap();
            assert_eq!(made(&text, form, version, Missing::Add), Ok(wanted), "{text} {form}");
        }
    }

    #[test]
    fn what_cannot_be_brought_to_a_form_is_refused() {
        let bounded = PinForm::Bounded;
        let refused = |made: Result<String, RepinError>| made.unwrap_err().to_string();
        let missing = refused(made("c", bounded, "0.4.5", Missing::Refuse));
        assert_eq!(missing, "`c` has no version specifier: write one, such as `c>=0.4.5`");
        for form in FORMS {
            let by_url = refused(made("c @ https://files.example/c.whl", form, "0.4.5", Missing::Add));
            assert!(by_url.starts_with("`c` is required by URL, which cannot be pinned to "), "{form}: {by_url}");
        }
        for (form, version) in [("~=", "1"), (">=,<", "0.4.5+x"), (">=,<", "1.18446744073709551615.0")] {
            let form = PinForm::parse(form).unwrap();
            for text in ["c", "c==1"] {
                let refused = refused(made(text, form, version, Missing::Add));
                assert!(refused.ends_with("` is not a version specifier"), "{text} {form} {version}: {refused}");
            }
        }
    }

    #[test]
    fn a_form_is_recognised_at_any_version_and_no_other_is_taken_for_it() {
        for (text, form) in
            [("==0.4.5", 0), ("~=0.4.5", 1), (">=0.4.5", 2), (">=0.4.5,<0.5", 3), ("<0.5.0,>=0.4.0", 3), ("", 4)]
        {
            let set = SpecifierSet::parse(text).unwrap();
            let set = Some(&set).filter(|set| !set.clauses.is_empty());
            let followed: Vec<usize> = (0..FORMS.len()).filter(|form| follows(FORMS[*form], set)).collect();
            assert_eq!(followed, [form], "{text}");
            assert!(follows(PinForm::Keep, set));
        }
        for text in ["==0.4.*", ">=0.4.5,<0.6", ">=0.4,<0.5,!=0.4.2", "<1"] {
            let set = SpecifierSet::parse(text).unwrap();
            assert!(!FORMS.iter().any(|form| follows(*form, Some(&set))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_form_given_twice_is_given_once_and_the_exact_one_comes_back(
            start in "[a-z]{1,6}( ?\\[[a-z]{1,3}( ?, ?[a-z]{1,3})?\\])?",
            space in " ?", end in "( ?; ?os_name == 'nt')?",
            version in "(1!)?[0-9]\\.(0|[1-9][0-9]?)\\.[0-9](rc[1-9])?",
        ) {
            let exact = format!("{start}=={space}{version}{end}");
            for form in FORMS {
                let once = made(&exact, form, &version, Missing::Add).unwrap();
                prop_assert!(once.starts_with(&start) && once.ends_with(&end), "{}", once);
                let read = Requirement::parse(&once).unwrap();
                prop_assert!(follows(form, read.specifier()), "{}", once);
                prop_assert_eq!(&made(&once, form, &version, Missing::Add).unwrap(), &once);
                let wanted = if form == PinForm::Unpinned { format!("{start}=={version}{end}") } else { exact.clone() };
                prop_assert_eq!(made(&once, FORMS[0], &version, Missing::Add).unwrap(), wanted);
                if form != PinForm::Unpinned {
                    let set = SpecifierSet::parse(&specifier(form, &Version::parse(&version).unwrap())).unwrap();
                    prop_assert_eq!(read.specifier(), Some(&set));
                }
            }
        }
    }
}
