//! The word that somebody meant.

/// A word that is longer is no slip of the pen, and would be dear to compare.
const LONGEST: usize = 64;

/// Returns the distance to the nearest of the known words, and that word; none for a word that is longer than any is.
pub fn nearest<T: Ord>(word: &str, known: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Option<(usize, T)> {
    if word.len() > LONGEST {
        return None;
    }
    let mut best: Option<(usize, T)> = None;
    for (name, known) in known {
        let name = name.as_ref();
        // A distance is no shorter than the difference in length.
        let least = name.chars().count().abs_diff(word.chars().count());
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

#[cfg(test)]
mod tests {
    use super::*;

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
