//! Any text is a requirement or an error, and a requirement that is pinned to another version keeps everything else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::manifest::requirement::{Requirement, respecify};
use release_core::text::splice;
use release_core::version::{Operator, Version};

fuzz_target!(|text: &str| {
    match Requirement::parse(text) {
        Ok(requirement) => {
            places_are_those_of_the_parts(text, &requirement);
            pins_and_keeps_the_rest(text, &requirement);
        }
        Err(error) => assert!(text.is_char_boundary(error.offset), "{error}"),
    }
});

fn places_are_those_of_the_parts(text: &str, requirement: &Requirement) {
    for name in requirement.extras.iter().chain([&requirement.name]) {
        assert_eq!(text[name.span.clone()], name.text);
    }
    if let Some(marker) = &requirement.marker {
        assert!(!text[marker.clone()].is_empty());
    }
}

fn pins_and_keeps_the_rest(text: &str, requirement: &Requirement) {
    for operator in [Operator::Arbitrary, Operator::Equal, Operator::Compatible, Operator::GreaterEqual] {
        let version = Version::new(0, 10, 0);
        let clauses = [(operator, version.clone())];
        let Ok(Some(edit)) = respecify(text, requirement, &clauses) else { continue };
        let pinned = splice(text, &[edit]).expect("the edit is within the text");
        let again = Requirement::parse(&pinned).expect("what is pinned is a requirement");

        let set = again.specifier().expect("what is pinned has a specifier");
        assert!(
            matches!(&set.clauses[..], [only] if only.operator == operator && only.version().as_ref() == Some(&version))
        );
        assert_eq!((&again.name, &again.extras), (&requirement.name, &requirement.extras));
        assert_eq!(again.marker.map(|span| &pinned[span]), requirement.marker.clone().map(|span| &text[span]));
        assert_eq!(respecify(&pinned, &Requirement::parse(&pinned).expect("as before"), &clauses), Ok(None));
    }
}
