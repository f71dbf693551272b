//! The patterns by which npm, pnpm, yarn and bun name the folders of a workspace.

use regex_lite::Regex;

/// Returns `true` if a folder is one of the workspace: the last pattern that matches decides.
pub(crate) fn is_matched(patterns: &[String], folder: &str) -> bool {
    let is_match = |pattern: &str| Regex::new(&expression(pattern)).is_ok_and(|pattern| pattern.is_match(folder));
    let deciding = patterns.iter().rfind(|pattern| is_match(pattern.trim_start_matches('!')));
    deciding.is_some_and(|pattern| !pattern.starts_with('!'))
}

/// Returns a pattern of folders as a regular expression: `*`, `**`, `?` and `{a,b}`.
fn expression(pattern: &str) -> String {
    let mut regex = "^".to_owned();
    let mut rest = pattern.trim_start_matches("./").trim_end_matches('/');
    let mut open = 0_usize;
    while let Some(next) = rest.chars().next() {
        let (length, word) = match next {
            '*' if rest.starts_with("**/") => (3, "(?:[^/]+/)*".to_owned()),
            '*' if rest.starts_with("**") => (2, ".*".to_owned()),
            '*' => (1, "[^/]*".to_owned()),
            '?' => (1, "[^/]".to_owned()),
            '{' => (1, "(?:".to_owned()),
            '}' if open > 0 => (1, ")".to_owned()),
            ',' if open > 0 => (1, "|".to_owned()),
            _ => (next.len_utf8(), regex_lite::escape(&next.to_string())),
        };
        open = open + usize::from(next == '{') - usize::from(next == '}' && open > 0);
        regex.push_str(&word);
        rest = &rest[length..];
    }
    regex + "$"
}
