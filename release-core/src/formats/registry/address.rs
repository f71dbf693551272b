//! Web addresses, as far as an index needs them: references on a page, and the spelling in a lockfile of the address
//! of a file that a mirror serves under its own.

use std::iter;

/// Returns the target of a reference on the page at `base` (RFC 3986, section 5.2), or `None` if it is not a web
/// address; a fragment is kept, because indexes put hashes there.
pub fn join(base: &str, reference: &str) -> Option<String> {
    let base = Parts::read(base.trim());
    let reference = Parts::read(reference.trim());
    let scheme = reference.scheme.or(base.scheme)?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let is_complete = reference.scheme.is_some() || reference.authority.is_some();
    let authority = if is_complete { reference.authority } else { base.authority };
    let authority = authority.filter(|authority| is_web && !authority.is_empty())?;
    let (path, query) = match (is_complete, reference.path) {
        (true, path) => (without_dots(path), reference.query),
        (false, "") => (base.path.to_owned(), reference.query.or(base.query)),
        (false, path) if path.starts_with('/') => (without_dots(path), reference.query),
        (false, path) => {
            let folder = base.path.rfind('/').map_or("/", |at| &base.path[..=at]);
            (without_dots(&format!("{folder}{path}")), reference.query)
        }
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = reference.fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    let joined = format!("{scheme}://{authority}{slash}{path}{query}{fragment}");
    joined.chars().all(|character| character.is_ascii_graphic() || !character.is_ascii()).then_some(joined)
}

/// Returns a text as a part of an address (RFC 3986, section 2.3): every byte that is neither unreserved nor one of `kept` by its number.
pub fn percent_encoded(text: &str, kept: &[u8]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte);
    let spelled = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(spelled).collect()
}

/// Returns an address without its query and its fragment.
pub fn without_query(address: &str) -> &str {
    cut(cut(address, '#').0, '?').0
}

/// Returns the host of a web address, with its port; `None` for other texts.
pub fn authority(address: &str) -> Option<&str> {
    let Parts { scheme, authority, .. } = Parts::read(address);
    let is_web = scheme.is_some_and(|scheme| ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)));
    authority.filter(|_| is_web)
}

/// A URI reference, cut as by the regular expression of RFC 3986, appendix B.
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Self {
        let (rest, fragment) = cut(text, '#');
        let (rest, query) = cut(rest, '?');
        let is_scheme = |scheme: &str| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.chars().all(is_part)
        };
        let (scheme, rest) = match rest.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, rest),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
            None => (None, rest),
        };
        Self { scheme, authority, path, query, fragment }
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Resolves `.` and `..` in a path (RFC 3986, section 5.2.4); none leads above the root.
fn without_dots(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut segments: Vec<&str> = Vec::new();
    let mut all = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = all.next() {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => {
                segments.push(segment);
                continue;
            }
        }
        if all.peek().is_none() {
            segments.push("");
        }
    }
    format!("{}{}", if is_absolute { "/" } else { "" }, segments.join("/"))
}

/// The spelling of a registry's addresses in a lockfile that was written with another address of the same registry,
/// when a mirror is asked. It is learned from files that both know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    served: String,
    locked: String,
}

impl Spelling {
    /// Returns the one spelling that explains every pair of a file's address in the lockfile and its served address;
    /// `None` without a pair, or if pairs disagree, as with a mirror that has its own paths.
    pub fn learn<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let mut common: Option<Self> = None;
        for (locked, served) in pairs {
            let length = common_suffix(locked, served)?;
            let prefix = |address: &str| address[..address.len() - length].to_owned();
            let learned = Self { served: prefix(served), locked: prefix(locked) };
            // If only the file's name is common, the folder in the lockfile may be that of this file alone.
            let has_folder = locked[locked.len() - length..].matches('/').count() > 1;
            if !has_folder && learned.locked != learned.served && host_end(&learned.locked) != learned.locked.len() {
                return None;
            }
            if common.get_or_insert_with(|| learned.clone()) != &learned {
                return None;
            }
        }
        common
    }

    /// Returns the address in the lockfile's spelling, or `None` for an address outside the learned place.
    pub fn locked(&self, served: &str) -> Option<String> {
        let rest = served.strip_prefix(&self.served).filter(|rest| rest.starts_with('/'))?;
        Some(format!("{}{rest}", self.locked))
    }
}

/// Returns the start of an address's path.
fn host_end(address: &str) -> usize {
    let start = address.find("://").map_or(0, |at| at + 3);
    address[start..].find('/').map_or(address.len(), |at| start + at)
}

/// Returns the length of the longest common end that begins at a `/` and includes the file's name; host names never
/// count as part of it.
fn common_suffix(one: &str, other: &str) -> Option<usize> {
    let most = (one.len() - host_end(one)).min(other.len() - host_end(other));
    let same = iter::zip(one.bytes().rev(), other.bytes().rev()).take_while(|(own, other)| own == other).count();
    let same = same.min(most);
    // The first slash of the common part; bytes that are slashes never cut a character.
    let start = one.bytes().skip(one.len() - same).position(|byte| byte == b'/')?;
    Some(same - start).filter(|length| *length > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_query_and_the_fragment_of_an_address_are_left_out() {
        for (address, expected) in [
            ("https://f.example/a.whl", "https://f.example/a.whl"),
            ("https://f.example/a.whl?b/c", "https://f.example/a.whl"),
            ("https://f.example/a.whl#b?c", "https://f.example/a.whl"),
            ("https://f.example/a.whl?b#c", "https://f.example/a.whl"),
            ("?", ""),
        ] {
            assert_eq!(without_query(address), expected, "{address}");
        }
    }

    #[test]
    fn references_mean_what_the_rfc_says() {
        // RFC 3986, sections 5.4.1 and 5.4.2, without the addresses that are not web addresses.
        let base = "http://a/b/c/d;p?q";
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("g#s/./x", "http://a/b/c/g#s/./x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
        ] {
            assert_eq!(join(base, reference).as_deref(), Some(expected), "{reference}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_have_an_answer() {
        for (base, reference, expected) in [
            (
                "https://i.example/simple/a/",
                "../../f/a.whl",
                Some("https://i.example/simple/f/a.whl".replace("simple/", "")),
            ),
            ("https://i.example", "f/a.whl", Some("https://i.example/f/a.whl".to_owned())),
            ("https://i.example/simple/a/", "https://f.example/a.whl", Some("https://f.example/a.whl".to_owned())),
            ("https://i.example/", "file:///etc/passwd", None),
            ("https://i.example/", "g:h", None),
            ("file:///a", "b", None),
            ("a", "b", None),
            ("https://i.example/", "https://", None),
            ("https://i.example/", "https:a", None),
            ("https://i.example/", "a b", None),
        ] {
            assert_eq!(join(base, reference), expected, "{base} {reference}");
        }
    }

    #[test]
    fn a_mirror_that_keeps_the_paths_has_a_spelling() {
        let pairs = [
            ("https://files.example/packages/db/3d/x-1.whl", "http://127.0.0.1:1/pkg/packages/db/3d/x-1.whl"),
            ("https://files.example/packages/11/00/x-1.tar.gz", "http://127.0.0.1:1/pkg/packages/11/00/x-1.tar.gz"),
        ];
        let spelling = Spelling::learn(pairs.into_iter()).unwrap();
        let locked = |served: &str| spelling.locked(served);
        assert_eq!(
            locked("http://127.0.0.1:1/pkg/packages/aa/x-2.whl").as_deref(),
            Some("https://files.example/packages/aa/x-2.whl")
        );
        for other in ["http://127.0.0.1:1/packages/aa/x-2.whl", "http://127.0.0.1:1/pkgs/x", "https://b.example/x"] {
            assert_eq!(locked(other), None, "{other}");
        }
    }

    #[test]
    fn the_registry_itself_is_spelled_as_it_is() {
        let address = "https://files.example/packages/db/x-1.whl";
        let spelling = Spelling::learn([(address, address)].into_iter()).unwrap();
        assert_eq!(
            spelling.locked("https://files.example/q/x-2.whl").as_deref(),
            Some("https://files.example/q/x-2.whl")
        );
        assert_eq!(spelling.locked("https://other.example/q/x-2.whl"), None);
    }

    #[test]
    fn a_mirror_with_paths_of_its_own_has_no_spelling() {
        for pairs in [
            &[][..],
            &[("https://f.example/x-1.whl", "http://m.example/y-1.whl")],
            &[("https://f.example/x-1.whl", "https://f.example")],
            &[("https://f.example/p/ab/x-1.whl", "http://m.example/x-1.whl")],
            &[
                ("https://f.example/p/ab/x-1.whl", "http://m.example/12/x-1.whl"),
                ("https://f.example/p/cd/x-1.tar.gz", "http://m.example/34/x-1.tar.gz"),
            ],
        ] {
            assert_eq!(Spelling::learn(pairs.iter().copied()), None, "{pairs:?}");
        }
    }

    proptest! {
        #[test]
        fn any_texts_are_joined_or_not(base in "(https?://)?[a-z/.?#é:]{0,20}", reference in "[a-z/.?#é: ]{0,20}") {
            if let Some(joined) = join(&base, &reference) {
                prop_assert_eq!(join(&joined, ""), Some(cut(&joined, '#').0.to_owned()));
            }
        }

        #[test]
        fn what_was_learned_translates_what_it_was_learned_from(
            locked in "https://[a-z]{1,3}(/[a-zé]{0,3}){1,4}", served in "https?://[a-z]{1,3}(/[a-zé]{0,3}){1,4}",
        ) {
            if let Some(spelling) = Spelling::learn([(&*locked, &*served)].into_iter()) {
                prop_assert_eq!(spelling.locked(&served), Some(locked));
            }
        }
    }
}
