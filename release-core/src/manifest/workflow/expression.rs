//! Expressions as GitHub evaluates them, as far as names are known
//! ("Evaluate expressions": <https://docs.github.com/actions/reference/workflows-and-actions/expressions>).

/// How long an expression may be for GitHub.
const LONGEST: usize = 21_000;

/// How deep one is followed; GitHub has a limit too.
const DEEPEST: usize = 50;

/// A value that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A boolean.
    Boolean(bool),
    /// A string.
    Text(String),
}

/// What an expression comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Its value, where that is known.
    pub value: Option<Value>,
    /// The names whose values it may yield: not those that are only compared or tested. In lower case, with dots, and `*` for
    /// any index.
    pub names: Vec<String>,
    /// Whether `toJSON` writes the names out, with all that is in them.
    pub is_whole: bool,
}

impl Value {
    /// Whether a condition holds for it.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Boolean(value) => *value,
            Self::Text(text) => !text.is_empty(),
        }
    }

    fn text(text: &str) -> Option<Self> {
        Some(Self::Text(text.to_owned()))
    }
}

/// What an expression comes to; nothing where it is none. `known` has the values of names, which it is given in lower case.
pub fn meaning(text: &str, known: &dyn Fn(&str) -> Option<Value>) -> Option<Meaning> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parser = Parser { text, at: 0, depth: 0, known };
    let meaning = parser.or()?;
    parser.skip_space();
    parser.rest().is_empty().then_some(meaning)
}

/// What the text of an `if` comes to, which is an expression with `${{ }}` or without.
pub fn condition(text: &str, known: &dyn Fn(&str) -> Option<Value>) -> Option<bool> {
    let text = text.trim();
    let inner = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text);
    // Text around an expression makes it a string, which is always true; nobody means that.
    if inner.contains("${{") {
        return None;
    }
    meaning(inner, known)?.value.map(|value| value.is_truthy())
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    known: &'a dyn Fn(&str) -> Option<Value>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a sign, where it comes next.
    fn takes(&mut self, sign: &str) -> bool {
        self.skip_space();
        let takes = self.rest().starts_with(sign);
        self.at += if takes { sign.len() } else { 0 };
        takes
    }

    fn or(&mut self) -> Option<Meaning> {
        let mut left = self.and()?;
        while self.takes("||") {
            let right = self.and()?;
            left.value = match (left.value, right.value) {
                (Some(value), _) if value.is_truthy() => Some(value),
                (Some(_), right) => right,
                // Which of the two is not known, but both hold.
                (None, Some(value)) if value.is_truthy() => Some(Value::Boolean(true)),
                (None, _) => None,
            };
            left.names.extend(right.names);
            left.is_whole |= right.is_whole;
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Meaning> {
        let mut left = self.comparison()?;
        while self.takes("&&") {
            let right = self.comparison()?;
            let value = match (left.value, right.value) {
                (Some(value), _) if !value.is_truthy() => Some(value),
                (Some(_), right) => right,
                (None, Some(value)) if !value.is_truthy() => Some(Value::Boolean(false)),
                (None, _) => None,
            };
            // What stands before is only tested: where it is yielded, it is empty.
            left = Meaning { value, ..right };
        }
        Some(left)
    }

    fn comparison(&mut self) -> Option<Meaning> {
        let mut left = self.unary()?;
        loop {
            let sign = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|sign| self.takes(sign));
            let Some(sign) = sign else { return Some(left) };
            let right = self.unary()?;
            let equal = match (left.value, right.value) {
                (Some(Value::Text(left)), Some(Value::Text(right))) => Some(left.eq_ignore_ascii_case(&right)),
                (Some(Value::Boolean(left)), Some(Value::Boolean(right))) => Some(left == right),
                _ => None,
            };
            let holds = match sign {
                "==" => equal,
                "!=" => equal.map(|equal| !equal),
                _ => None,
            };
            left = Meaning { value: holds.map(Value::Boolean), ..Meaning::default() };
        }
    }

    fn unary(&mut self) -> Option<Meaning> {
        let mut negations = 0;
        while !self.rest().trim_start().starts_with("!=") && self.takes("!") {
            negations += 1;
        }
        let primary = self.primary()?;
        if negations == 0 {
            return Some(primary);
        }
        let value = primary.value.map(|value| Value::Boolean(value.is_truthy() == (negations % 2 == 0)));
        Some(Meaning { value, ..Meaning::default() })
    }

    fn primary(&mut self) -> Option<Meaning> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.skip_space();
        let found = match self.rest().chars().next()? {
            '(' => {
                self.at += 1;
                let inner = self.or()?;
                self.takes(")").then_some(inner)?
            }
            '\'' => Meaning { value: Some(Value::Text(self.string()?)), ..Meaning::default() },
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
                let end = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')));
                self.at += end.unwrap_or(self.rest().len());
                Meaning::default()
            }
            c if c.is_alphabetic() || c == '_' => self.named()?,
            _ => return None,
        };
        let found = self.parts(found)?;
        self.depth -= 1;
        Some(found)
    }

    /// A string; a quote in it is written twice.
    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            self.at += 1;
            let length = self.rest().find('\'')?;
            text.push_str(&self.rest()[..length]);
            self.at += length + 1;
            if !self.rest().starts_with('\'') {
                return Some(text);
            }
            text.push('\'');
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        let word = rest[..end].to_ascii_lowercase();
        self.at += end;
        word
    }

    /// A name, or a call of a function.
    fn named(&mut self) -> Option<Meaning> {
        let word = self.word();
        if self.takes("(") {
            return self.call(&word);
        }
        let value = match word.as_str() {
            "true" => return Some(Meaning { value: Some(Value::Boolean(true)), ..Meaning::default() }),
            "false" => return Some(Meaning { value: Some(Value::Boolean(false)), ..Meaning::default() }),
            "null" => return Some(Meaning { value: Value::text(""), ..Meaning::default() }),
            _ => (self.known)(&word),
        };
        Some(Meaning { value, names: vec![word], is_whole: false })
    }

    /// The parts of what was read: `.name`, `['name']`, `[index]`, `.*`.
    fn parts(&mut self, mut of: Meaning) -> Option<Meaning> {
        let mut has_parts = false;
        loop {
            let part = if self.takes(".") {
                self.skip_space();
                if self.takes("*") { "*".to_owned() } else { self.word() }
            } else if self.takes("[") {
                self.skip_space();
                let index = self.or()?;
                self.takes("]").then_some(())?;
                match index.value {
                    Some(Value::Text(name)) => name.to_ascii_lowercase(),
                    _ => "*".to_owned(),
                }
            } else {
                break;
            };
            has_parts = true;
            // A name that is longer is none that anybody knows.
            for name in of.names.iter_mut().filter(|name| name.len() < 256) {
                name.push('.');
                name.push_str(&part);
            }
        }
        if has_parts {
            of.value = if let [name] = &of.names[..] { (self.known)(name) } else { None };
            of.is_whole = false;
        }
        Some(of)
    }

    fn call(&mut self, function: &str) -> Option<Meaning> {
        let mut arguments = Vec::new();
        while !self.takes(")") {
            if !arguments.is_empty() && !self.takes(",") {
                return None;
            }
            arguments.push(self.or()?);
        }
        let texts = || -> Option<Vec<String>> {
            let text = |argument: &Meaning| match &argument.value {
                Some(Value::Text(text)) => Some(text.to_ascii_lowercase()),
                _ => None,
            };
            arguments.iter().map(text).collect()
        };
        let value = match (function, texts().as_deref()) {
            ("always", _) => Some(Value::Boolean(true)),
            ("contains", Some([all, part])) => Some(Value::Boolean(all.contains(part.as_str()))),
            ("startswith", Some([all, part])) => Some(Value::Boolean(all.starts_with(part.as_str()))),
            ("endswith", Some([all, part])) => Some(Value::Boolean(all.ends_with(part.as_str()))),
            ("format", Some([pattern, texts @ ..])) => formatted(pattern, texts).map(Value::Text),
            _ => None,
        };
        const TESTS: [&str; 8] =
            ["contains", "startswith", "endswith", "hashfiles", "success", "failure", "always", "cancelled"];
        let last = arguments.len().saturating_sub(1);
        let is_yielded = |at: usize| match function {
            // `case(TEST, VALUE, ..., VALUE)`.
            "case" => at % 2 == 1 || at == last,
            _ => !TESTS.contains(&function),
        };
        let yielded = arguments.into_iter().enumerate().filter(|(at, _)| is_yielded(*at));
        let names = yielded.flat_map(|(_, argument)| argument.names).collect();
        Some(Meaning { value, names, is_whole: function == "tojson" })
    }
}

/// A pattern with texts in the places of their numbers; nothing where that grows beyond measure.
fn formatted(pattern: &str, texts: &[String]) -> Option<String> {
    texts.iter().enumerate().try_fold(pattern.to_owned(), |text, (at, value)| {
        let place = format!("{{{at}}}");
        let length = text.len() + text.matches(&place).count() * value.len();
        (length <= LONGEST).then(|| text.replace(&place, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(name: &str) -> Option<Value> {
        match name {
            "github.event_name" => Value::text("release"),
            "github.ref" => Value::text("refs/tags/v1"),
            "main" => Value::text("main"),
            _ => None,
        }
    }

    #[test]
    fn conditions_hold_or_not_as_far_as_it_is_known() {
        for (text, expected) in [
            ("github.event_name == 'release'", Some(true)),
            ("${{ github.event_name == 'Release' }}", Some(true)),
            ("github.event_name\n  != 'schedule'", Some(true)),
            ("!(github.event_name == 'release')", Some(false)),
            ("!startsWith(github.ref, 'refs/tags/')", Some(false)),
            ("! contains(github['ref'], 'tags') || false", Some(false)),
            ("!cancelled() && github.event_name == 'push'", Some(false)),
            ("github.event_name == 'push' && inputs.a", Some(false)),
            ("github.event_name == 'release' || inputs.a", Some(true)),
            ("inputs.a || true", Some(true)),
            ("inputs.a && github.event_name == 'release'", None),
            ("github.ref != format('refs/heads/{0}', main)", Some(true)),
            ("github.event_name == 'it''s'", Some(false)),
            ("always()", Some(true)),
            ("!!always()", Some(true)),
            ("null", Some(false)),
            ("1 < 2", None),
            ("github.event_name ==", None),
            ("a ${{ b }}", None),
            ("", None),
            ("'open", None),
        ] {
            assert_eq!(condition(text, &known), expected, "{text}");
        }
    }

    #[test]
    fn names_are_those_whose_values_come_out() {
        for (text, expected) in [
            ("github.head_ref", &["github.head_ref"][..]),
            ("GitHub.Event['Issue'] . title", &["github.event.issue.title"]),
            ("github.event.commits[0].message", &["github.event.commits.*.message"]),
            ("join(github.event.commits.*.message, ' ')", &["github.event.commits.*.message"]),
            ("a == 'x' && b || c", &["b", "c"]),
            ("format('{0}{1}', a, (b || c))", &["a", "b", "c"]),
            ("!a", &[]),
            ("contains(a, b)", &[]),
            ("a[b].c", &["a.*.c"]),
            ("fromJSON(a).b", &["a.b"]),
            ("case(a, b, c == d, e, f)", &["b", "e", "f"]),
            ("'a' || 1.5e3 || true", &[]),
        ] {
            assert_eq!(meaning(text, &known).unwrap().names, expected, "{text}");
        }
        assert!(meaning("toJSON(a)", &known).unwrap().is_whole && !meaning("a", &known).unwrap().is_whole);
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_no_expression() {
        assert!(meaning(&"(".repeat(10_000), &known).is_none());
        assert!(meaning(&"a[".repeat(10_000), &known).is_none());
        assert!(meaning(&format!("{}a", "!".repeat(20_000)), &known).is_some());
        assert!(meaning(&"a".repeat(LONGEST + 1), &known).is_none());
        let grown = (0..40).fold("'x'".to_owned(), |text, _| format!("format('{{0}}{{0}}{{0}}', {text})"));
        assert!(meaning(&grown, &known).unwrap().value.is_none());
        let wide = format!("({}a){}", "a||".repeat(3000), ".b".repeat(5000));
        assert!(meaning(&wide, &known).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression_or_none(text in r"([ ()!=&|<>.,*'\[\]a-cé0-9-]|contains\(|&&|\|\||==){0,40}") {
            let _ = meaning(&text, &known);
        }
    }
}
