//! Patterns as git has them for names.

use regex_lite::Regex;

/// A pattern of git's: `*`, `?`, `[a-z]`, `\` before what stands for itself. One that is none is like nothing, as with git.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Option<Regex>,
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(pattern: &str) -> Self {
        Self { regex: Regex::new(&expression(pattern)).ok() }
    }

    /// Tells if a name is like the pattern.
    pub fn matches(&self, name: &str) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.is_match(name))
    }
}

fn expression(pattern: &str) -> String {
    // As a regular expression, which takes linear time for any pattern.
    let mut regex = "^(?s:".to_owned();
    let mut characters = pattern.chars().peekable();
    let mut is_set = false;
    while let Some(character) = characters.next() {
        match character {
            ']' if is_set => (is_set, _) = (false, regex.push(']')),
            '-' | '^' if is_set => regex.push(character),
            '*' if !is_set => regex.push_str(".*"),
            '?' if !is_set => regex.push('.'),
            '[' if !is_set => {
                is_set = true;
                let is_other = characters.next_if(|next| matches!(next, '!' | '^')).is_some();
                regex.push_str(if is_other { "[^" } else { "[" });
            }
            '\\' => regex.push_str(&regex_lite::escape(&characters.next().unwrap_or('\\').to_string())),
            _ => regex.push_str(&regex_lite::escape(&character.to_string())),
        }
    }
    regex + ")$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_git() {
        const LIKE: bool = true;
        const UNLIKE: bool = false;
        for (pattern, name, expected) in [
            ("v*", "v0.4.5", LIKE),
            ("*", "a/b", LIKE),
            ("v?.4.5", "v0.4.5", LIKE),
            ("v[!0]*", "v0.4.5", UNLIKE),
            ("v[0-9.]*", "v0.4.5", LIKE),
            ("v0.4", "v0.4.5", UNLIKE),
            ("v0+4", "v0+4", LIKE),
            (r"v\*", "v*", LIKE),
            (r"v\*", "vx", UNLIKE),
            ("v[", "v[", UNLIKE),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }
}
