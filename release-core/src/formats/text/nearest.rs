//! The known word that a misspelled one is nearest to.

/// A word that is longer is no slip of the pen, and would be dear to compare.
const LONGEST: usize = 64;

/// Returns the distance to the nearest of the known words, and that word; none for a word that is longer than any is.
pub fn nearest<T: Ord>(word: &str, known: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Option<(usize, T)> {
    if word.len() > LONGEST {
        return None;
    }
    let letters = letters(word);
    let mut best: Option<(usize, T)> = None;
    for (name, known) in known {
        let name = name.as_ref();
        let least = least_distance(&letters, name);
        if best.as_ref().is_some_and(|(distance, _)| least > *distance) {
            continue;
        }
        let found = (strsim::damerau_levenshtein(word, name), known);
        if best.as_ref().is_none_or(|best| found < *best) {
            best = Some(found);
        }
    }
    best
}

/// The number of times that each letter stands in a word; letters count as one where their last bits are the same.
type Letters = [i32; 64];

fn letters(word: &str) -> Letters {
    let mut letters = [0; 64];
    word.chars().for_each(|letter| letters[letter as usize % 64] += 1);
    letters
}

/// Returns a distance that two words are not below, as each edit adds one letter at most and takes away one at most. It is had
/// for far less than the distance itself, and most words are not near.
fn least_distance(letters: &Letters, name: &str) -> usize {
    let mut left = *letters;
    name.chars().for_each(|letter| left[letter as usize % 64] -= 1);
    let more: i32 = left.iter().filter(|more| **more > 0).sum();
    let less: i32 = left.iter().filter(|less| **less < 0).sum();
    usize::try_from(more.max(-less)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_letters_of_two_words_differ_by_no_more_than_their_distance(a in "[a-cA-C\u{40}é€-]{0,9}", b in "[a-cA-C\u{40}é€-]{0,9}") {
            prop_assert!(least_distance(&letters(&a), &b) <= strsim::damerau_levenshtein(&a, &b));
        }
    }

    #[test]
    fn the_nearest_word_is_found_whatever_the_order_and_none_for_a_very_long_one() {
        let near = |word: &str, known: &[&'static str]| nearest(word, known.iter().map(|name| (*name, *name)));
        assert_eq!(near("packge", &["client", "package", "rules"]), Some((1, "package")));
        assert_eq!(near("packge", &["rules", "packages", "package"]), Some((1, "package")));
        assert_eq!(near("ab", &["b", "a"]), Some((1, "a")));
        assert_eq!(near("x", &[]), None);
        // Compared letter by letter, this would take minutes.
        assert_eq!(near(&"x".repeat(4_000_000), &["package"; 1_000]), None);
    }
}
