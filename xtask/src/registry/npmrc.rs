//! `.npmrc`: lines of `key = value` as npm's ini reads them, with `${VARIABLE}` expanded where the file is the user's.

use super::environment::Environment;
use super::origin::Origin;

/// The settings of one npmrc, later lines last; it may hold secrets and is never shown.
#[derive(Clone)]
pub(super) struct Npmrc {
    /// Whose they are, and where they stand.
    pub(super) origin: Origin,
    settings: Vec<(String, String)>,
}

impl Npmrc {
    /// Reads a file of the user's.
    pub(super) fn of_user(path: &str, text: &str, environment: &Environment) -> Self {
        Self::parse(Origin::User(path.to_owned()), text, |text| expanded(&text, environment))
    }

    /// Reads a file of the tree's, in which nothing is expanded.
    pub(super) fn of_tree(path: &str, text: &str) -> Self {
        Self::parse(Origin::Tree(path.to_owned()), text, |text| text)
    }

    fn parse(origin: Origin, text: &str, expand: impl Fn(String) -> String) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with([';', '#', '[']));
        let pairs = lines.filter_map(|line| line.split_once('='));
        let read = |text: &str| expand(unquoted(text.trim()));
        let settings = pairs.map(|(key, value)| (read(key), read(value))).collect();
        Self { origin, settings }
    }

    /// Reads the variables `npm_config_*`, in any case; npm reads `_` in a key as `-`, but for keys of a host.
    pub(super) fn of(environment: &Environment) -> Self {
        let prefix = "npm_config_";
        let key = |name: &str| {
            let (start, key) = (name.get(..prefix.len())?, name.get(prefix.len()..)?);
            let key = if key.starts_with("//") { key.to_owned() } else { key.to_ascii_lowercase().replace('_', "-") };
            start.eq_ignore_ascii_case(prefix).then_some(key)
        };
        let settings = environment.iter().filter(|(_, value)| !value.trim().is_empty());
        let settings = settings.filter_map(|(name, value)| Some((key(name)?, value.trim().to_owned())));
        let origin = Origin::Environment("the environment (npm_config_*)".to_owned());
        Self { origin, settings: settings.collect() }
    }

    /// A setting; of several lines the last.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.settings.iter().rev().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The registries, of scopes and of all.
    pub(super) fn registries(&self) -> impl Iterator<Item = &str> {
        let is_registry = |key: &str| key == "registry" || (key.starts_with('@') && key.ends_with(":registry"));
        self.settings.iter().filter(move |(key, _)| is_registry(key)).map(|(_, url)| url.as_str())
    }

    /// The hosts, with their paths, that something is set for: `//host/path/:key`.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().filter_map(|(key, _)| key.strip_prefix("//")?.rsplit_once(':').map(|(place, _)| place))
    }
}

/// Returns a value without quotes around it and comments behind it.
fn unquoted(text: &str) -> String {
    if let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return inner.to_owned();
    }
    if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
        return serde_json::from_str(text).unwrap_or_else(|_| text.to_owned());
    }
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ';' | '#' => break,
            '\\' => match characters.next_if(|next| matches!(next, '\\' | ';' | '#')) {
                Some(next) => plain.push(next),
                None => plain.push(c),
            },
            c => plain.push(c),
        }
    }
    plain.trim().to_owned()
}

/// `${NAME}` is a variable's value and stays where there is none; `${NAME?}` is nothing then.
fn expanded(text: &str, environment: &Environment) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, found) = rest.split_at(at);
        done += before;
        let Some(end) = found.find('}') else {
            rest = found;
            break;
        };
        let name = &found[2..end];
        match (environment.get(name.trim_end_matches('?')), name.ends_with('?')) {
            (Some(value), _) => done += value,
            (None, true) => {}
            (None, false) => done += &found[..=end],
        }
        rest = &found[end + 1..];
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn settings_are_read_as_npm_reads_them() {
        let environment = Environment::of(&[("TOKEN", "s3cret"), ("HOST", "r.example")]);
        let text = "; a comment\n# another\nregistry = https://a.example/\nregistry=https://b.example/ ; last wins\n\
                    //${HOST}/npm/:_authToken=${TOKEN}\n[section]\n'@meadow:registry' = \"https://q.example/\"\n\
                    odd\n=\nescaped = a\\;b\\#c\\d\nmissing=${NOTHING}\nempty=${NOTHING?}\nopen=${TOKEN\ntwice=${TOKEN}${TOKEN}";
        let npmrc = Npmrc::of_user(".npmrc", text, &environment);
        for (key, value) in [
            ("registry", Some("https://b.example/")),
            ("//r.example/npm/:_authToken", Some("s3cret")),
            ("@meadow:registry", Some("https://q.example/")),
            ("escaped", Some("a;b#c\\d")),
            ("missing", Some("${NOTHING}")),
            ("empty", None),
            ("open", Some("${TOKEN")),
            ("twice", Some("s3crets3cret")),
            ("odd", None),
        ] {
            assert_eq!(npmrc.get(key), value, "{key}");
        }
        assert_eq!(npmrc.places().collect::<Vec<_>>(), ["r.example/npm/"]);
    }

    #[test]
    fn nothing_is_expanded_in_a_file_of_the_tree() {
        let text = "registry=https://${HOST}/\n//${HOST}/:_authToken=${TOKEN?}";
        let npmrc = Npmrc::of_tree(".npmrc", text);
        assert_eq!(npmrc.get("registry"), Some("https://${HOST}/"));
        assert_eq!(npmrc.get("//${HOST}/:_authToken"), Some("${TOKEN?}"));
    }

    #[test]
    fn the_environment_speaks_in_any_case() {
        let variables = [
            ("npm_config_registry", "https://a.example"),
            ("NPM_CONFIG_USERCONFIG", "/x"),
            ("Npm_Config_@meadow:Registry", "https://b.example"),
            ("npm_config_//a.example/:_authToken", "s3cret"),
            ("npm_config_", "x"),
            ("npm", "x"),
        ];
        let npmrc = Npmrc::of(&Environment::of(&variables));
        assert_eq!(npmrc.get("registry"), Some("https://a.example"));
        assert_eq!(npmrc.get("userconfig"), Some("/x"));
        assert_eq!(npmrc.get("@meadow:registry"), Some("https://b.example"));
        assert_eq!(npmrc.get("//a.example/:_authToken"), Some("s3cret"));
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[ -~\\n\u{e9}]{0,200}") {
            let npmrc = Npmrc::of_user("", &text, &Environment::of(&[("A", "${A}")]));
            let _ = (npmrc.get("a"), npmrc.places().count());
        }
    }
}
