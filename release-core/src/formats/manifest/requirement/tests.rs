use super::*;
use crate::text::splice;
use proptest::prelude::*;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn pinned(text: &str, operator: Operator, to: &str) -> String {
    let edit = respecify(text, &Requirement::parse(text).unwrap(), &[(operator, version(to))]).unwrap();
    edit.map_or_else(|| text.to_owned(), |edit| splice(text, &[edit]).unwrap())
}

#[test]
fn every_part_of_a_requirement_has_its_place() {
    let text = " Llama.Stack_Client [cli, dev] (>= 0.5 ,<1) ; python_version > '3.11' ";
    let requirement = Requirement::parse(text).unwrap();
    assert_eq!(requirement.name.text, "Llama.Stack_Client");
    assert_eq!(requirement.name.canonical(), "llama-stack-client");
    let extras: Vec<&str> = requirement.extras.iter().map(|extra| &text[extra.span.clone()]).collect();
    assert_eq!(extras, ["cli", "dev"]);
    assert_eq!(&text[requirement.specifier().unwrap().span.clone()], ">= 0.5 ,<1");
    assert_eq!(&text[requirement.marker.unwrap()], "python_version > '3.11'");
}

#[test]
fn a_url_ends_at_the_first_space() {
    let text = "client @ https://example.org/c.whl;x ; os_name == 'nt'";
    let requirement = Requirement::parse(text).unwrap();
    let Constraint::Url(url) = &requirement.constraint else { panic!("{requirement:?}") };
    assert_eq!(&text[url.clone()], "https://example.org/c.whl;x");
    assert!(requirement.marker.is_some() && requirement.is_constrained());
}

#[test]
fn a_requirement_need_not_say_which_version() {
    for text in ["client", "client[]", "client [cli]", "client ()", "client; extra == 'x'"] {
        assert_eq!(Requirement::parse(text).unwrap().constraint, Constraint::Any, "{text}");
    }
}

#[test]
fn markers_of_every_shape_are_accepted() {
    for marker in [
        "python_version>='3.11'and os_name!=\"nt\"",
        "(sys_platform == 'linux' or (os.name == 'nt')) and 'x' not  in extras",
        "'linux'in sys_platform",
        "platform.python_implementation === 'CPython'",
        r"os_name == 'a\x41\u00e9\\'",
    ] {
        assert!(Requirement::parse(&format!("client;{marker}")).is_ok(), "{marker}");
    }
}

#[test]
fn what_is_not_a_requirement_is_refused_with_the_place() {
    for (text, offset) in [
        ("", 0),
        ("-client", 0),
        ("client-", 6),
        ("client >=", 9),
        ("client 0.5", 7),
        ("client=0.5", 6),
        ("client>=0.5 <1", 12),
        ("client>=0.5,,<1", 12),
        ("client===0.5, <1", 14),
        ("client (>=0.5", 7),
        ("client[cli,]", 11),
        ("client[cli dev]", 11),
        ("client @ ", 9),
        ("client @ u >=1", 11),
        ("client;", 7),
        ("client; os_nam == 'nt'", 8),
        ("client; os_name = 'nt'", 16),
        ("client; os_name == 'nt", 19),
        ("client; os_name == 'nt\\'", 19),
        ("client; (os_name == 'nt'", 8),
        ("client; os_name == 'nt')", 23),
        ("client; 'x' notin extras", 12),
        ("client>=0.5\n", 11),
    ] {
        assert_eq!(Requirement::parse(text).unwrap_err().offset, offset, "{text:?}");
    }
    assert_eq!(
        Requirement::parse("client=0.5").unwrap_err().to_string(),
        "`client=0.5` is not a PEP 508 requirement: expected a specifier, `@`, `;` or the end after the name at byte 6"
    );
}

#[test]
fn parentheses_nested_without_end_are_an_error_and_no_overflow() {
    let text = format!("client;{}", "(".repeat(1_000_000));
    assert!(Requirement::parse(&text).is_err());
}

#[test]
fn names_have_one_normal_form() {
    for (name, canonical) in
        [("Llama_Stack", "llama-stack"), ("a.-_b", "a-b"), ("x__", "x-"), ("zope.interface", "zope-interface")]
    {
        assert_eq!(canonical_name(name), canonical);
    }
}

#[test]
fn only_the_specifier_changes() {
    for (text, expected) in [
        ("client>=0.4", "client==0.5.0"),
        (" client [cli] >= 0.4 ; extra == 'x' ", " client [cli] == 0.5.0 ; extra == 'x' "),
        ("client ( ~=  0.4.1 )", "client ( ==  0.5.0 )"),
        ("client>= 0.4, <1 , !=0.4.3;os_name=='nt'", "client== 0.5.0;os_name=='nt'"),
        ("client>=0.4,", "client==0.5.0,"),
        ("client===0.4,,", "client==0.5.0"),
        ("client===0.4, , ;os_name=='nt'", "client==0.5.0;os_name=='nt'"),
        ("client===", "client==0.5.0"),
        ("client===\n", "client==0.5.0"),
        ("client==0.5", "client==0.5.0"),
        ("client==0.5.0", "client==0.5.0"),
    ] {
        assert_eq!(pinned(text, Operator::Equal, "0.5.0"), expected);
    }
}

#[test]
fn a_requirement_that_cannot_be_pinned_says_why() {
    let error = |text: &str, operator, to: &str| {
        respecify(text, &Requirement::parse(text).unwrap(), &[(operator, version(to))]).unwrap_err().to_string()
    };
    assert_eq!(
        error("client[cli]", Operator::Equal, "0.5.0"),
        "`client` has no version specifier: write one, such as `client==0.5.0`"
    );
    assert_eq!(
        error("client @ https://example.org/c.whl", Operator::Equal, "0.5.0"),
        "`client` is required by URL, which cannot be pinned to 0.5.0"
    );
    assert_eq!(error("client>=1", Operator::Compatible, "1"), "`~=1` is not a version specifier");
    assert_eq!(error("client>=1", Operator::GreaterEqual, "1+x"), "`>=1+x` is not a version specifier");
}

const OPERATORS: [Operator; 8] = [
    Operator::Arbitrary,
    Operator::Compatible,
    Operator::Equal,
    Operator::NotEqual,
    Operator::LessEqual,
    Operator::GreaterEqual,
    Operator::Less,
    Operator::Greater,
];

/// The text before and after the specifier.
fn surroundings() -> impl Strategy<Value = (String, String)> {
    let start = "[ \t]?[A-Za-z][a-z._-]{0,8}[a-z]( ?\\[[a-z]{1,3}( ?, ?[a-z]{1,3})?\\])? {0,2}(\\( ?)?";
    let comma = prop::sample::select(vec!["", "", ",", " , "]);
    let end = prop::sample::select(vec!["", " ", ";os_name=='nt'", " ; extra == '>=1'"]);
    (start, comma, end).prop_map(|(start, comma, end)| {
        let close = if start.contains('(') { " )" } else { "" };
        (start, [comma, close, end].concat())
    })
}

fn clause() -> impl Strategy<Value = String> {
    "(==|!=|>=|<=|<|>|~=|===)( {0,2})[0-9]\\.(0|[1-9][0-9]?)(\\.[0-9])?(rc[1-9]|\\.dev[0-9])?"
}

proptest! {
    #[test]
    fn any_text_is_a_requirement_or_an_error_within_it(
        text in "\\PC*|[a-z._-]{1,5}[\\[\\]a-z, ]{0,5}[ ()<>=~!0-9.,@]{0,9};?[a-z_'\"\\\\ ()=<]{0,20}",
    ) {
        if let Err(error) = Requirement::parse(&text) {
            prop_assert!(text.is_char_boundary(error.offset));
        }
    }

    #[test]
    fn a_pin_is_what_was_asked_for_and_nothing_else_moves(
        (start, end) in surroundings(),
        clauses in prop::collection::vec(clause(), 1..4),
        operator in prop::sample::select(&OPERATORS[..]),
        to in "[0-9]\\.(0|[1-9][0-9]?)\\.[0-9](rc[1-9])?",
    ) {
        let text = format!("{start}{}{end}", clauses.join(" , "));
        let changed = pinned(&text, operator, &to);
        let middle = changed.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&end));
        let set = SpecifierSet::parse(middle.unwrap()).unwrap();
        prop_assert_eq!(set.clauses.len(), 1);
        prop_assert_eq!(set.clauses[0].operator, operator);
        prop_assert_eq!(&set.clauses[0].text, &to);

        let again = Requirement::parse(&changed).unwrap();
        prop_assert_eq!(again.specifier(), Some(&set));
        prop_assert_eq!(respecify(&changed, &again, &[(operator, version(&to))]), Ok(None));
    }

    #[test]
    fn a_single_clause_comes_back_byte_for_byte((start, end) in surroundings(), clause in clause()) {
        let text = format!("{start}{clause}{end}");
        let original = Requirement::parse(&text).unwrap().specifier().unwrap().clauses[0].clone();
        let there = pinned(&text, Operator::Equal, "7!1.0");
        prop_assert_ne!(&there, &text);
        prop_assert_eq!(pinned(&there, original.operator, &original.text), text);
    }
}
