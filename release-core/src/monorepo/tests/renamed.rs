//! The rest of a client's old name, by what the last final pinned.

use super::*;
use crate::monorepo::PastPins;
use crate::version::Release;

/// Returns what is said of the requirements of `meadow` and of its UI, after a final with others.
fn left(then: &str, now: &str, ui: &str) -> (bool, Vec<String>) {
    let root = |version: &str, list: &str| scm("meadow", version, &format!("dependencies = [{list}]"));
    let config = "[[client]]\nname = 'pasture-client'\n";
    let (then, now) = (root("0.4.4", then), root("0.4.5", now));
    let json = format!("{{\"dependencies\": {{{ui}}}}}");
    let files = [("pyproject.toml", now.as_str()), ("src/ui/package.json", &json)];
    let tree = discovered(&files, config, "v0.4.3 v0.4.4").unwrap();
    let past = Snapshot::take(&Memory(&[("pyproject.toml", &then)]), &Config::default()).unwrap();
    let said = tree.renamed(&[PastPins::of(Release::new(0, 4, 4), past)]);
    let history = History::new(&[Tag { name: "v0.4.4".into(), commit: "0".into() }], &TagPattern::default());
    (tree.may_ask_for_an_old_client(&history), noted(&said, &files).lines().map(str::to_owned).collect())
}

#[test]
fn what_the_last_final_pinned_and_is_asked_for_still_is_an_old_name() {
    let old = "'field-kit==0.4.4', 'other==0.4.3'";
    let new = "'pasture-client==0.4.5'";
    let message = |path: &str| {
        format!("{path} still asks for `field-kit`, which was the client of 0.4.4; now the client is `pasture-client`")
    };
    for (then, now, ui, said) in [
        (old, new.to_owned(), "\"field-kit\": \"^0.4.4\"", Some("src/ui/package.json")),
        (old, format!("{new}, 'field-kit>=0.4.3'"), "", Some("pyproject.toml")),
        // It went, it was no client, there was no rename.
        (old, new.to_owned(), "", None),
        (old, format!("{new}, 'other==0.4.3'"), "", None),
        ("'field-kit>=0.3'", format!("{new}, 'field-kit>=0.4.3'"), "", None),
        ("'field-kit==0.4.4', 'pasture-client==0.4.4'", new.to_owned(), "\"field-kit\": \"^0.4.4\"", None),
    ] {
        let (_, found) = left(then, &now, ui);
        assert_eq!(found.first(), said.map(message).as_ref(), "{then} {now} {ui}");
    }
    let (_, found) = left(old, &format!("{new}, 'field-kit'"), "\"field-kit\": \"^0.4.4\"");
    assert_eq!(found.iter().filter(|line| line.ends_with("(the old name)")).count(), 2, "{found:?}");
}

#[test]
fn the_last_finals_are_read_only_where_something_may_have_an_old_name() {
    let new = "'pasture-client==0.4.5'";
    for (other, ui, expected) in [
        ("", "", false),
        (", 'pytest>=8.4', 'meadow'", "\"react\": \"^18.2.0\", \"pasture-client\": \"^0.4.4\"", false),
        (", 'http-client>=2'", "", true),
        (", 'field-kit~=0.4.4'", "", true),
        ("", "\"field-kit\": \"^0.4.4\"", true),
    ] {
        assert_eq!(left("", &format!("{new}{other}"), ui).0, expected, "{other} {ui}");
    }
}
