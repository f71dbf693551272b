//! Expressions as GitHub evaluates them, as far as names are known
//! ("Evaluate expressions": <https://docs.github.com/actions/reference/workflows-and-actions/expressions>).

/// The longest expression that GitHub takes.
const LONGEST: usize = 21_000;

/// The depth to which one is followed; GitHub has a limit too.
const DEEPEST: usize = 50;

/// A value, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A boolean.
    Boolean(bool),
    /// A string.
    Text(String),
    /// Some value.
    Unknown,
}

impl Value {
    /// Returns `true` or `false` where it is known if a condition holds for it.
    fn is_truthy(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            Self::Text(text) => Some(!text.is_empty()),
            Self::Unknown => None,
        }
    }
}

/// Evaluates the text of an `if`, which is an expression with `${{ }}` or without. Returns `None` where the result is not known
/// or the text is no expression. `known` has the values of names, which it is given in lower case.
pub fn condition(text: &str, known: &dyn Fn(&str) -> Option<Value>) -> Option<bool> {
    let text = text.trim();
    let inner = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text);
    // Text around an expression makes it a string, which is always true; that is never meant.
    if inner.contains("${{") {
        return None;
    }
    value(inner, known)?.is_truthy()
}

/// Evaluates an expression. Returns `None` where the text is none.
fn value(text: &str, known: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parser = Parser { text, at: 0, depth: 0, known };
    let value = parser.or()?;
    parser.skip_space();
    parser.rest().is_empty().then_some(value)
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

    fn or(&mut self) -> Option<Value> {
        self.joined("||", true, Self::and)
    }

    fn and(&mut self) -> Option<Value> {
        self.joined("&&", false, Self::comparison)
    }

    /// Reads values with a sign between them, of which one that is `decisive` is the value of all.
    fn joined(&mut self, sign: &str, decisive: bool, next: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        let mut left = next(self)?;
        while self.takes(sign) {
            let right = next(self)?;
            left = match (left.is_truthy(), right.is_truthy()) {
                (Some(value), _) if value == decisive => left,
                (Some(_), _) => right,
                // Either of the two decides.
                (None, Some(value)) if value == decisive => Value::Boolean(decisive),
                (None, _) => Value::Unknown,
            };
        }
        Some(left)
    }

    fn comparison(&mut self) -> Option<Value> {
        let mut left = self.unary()?;
        loop {
            let sign = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|sign| self.takes(sign));
            let Some(sign) = sign else { return Some(left) };
            let right = self.unary()?;
            let equal = match (left, right) {
                (Value::Text(left), Value::Text(right)) => Some(left.eq_ignore_ascii_case(&right)),
                (Value::Boolean(left), Value::Boolean(right)) => Some(left == right),
                _ => None,
            };
            left = match (sign, equal) {
                ("==", Some(equal)) => Value::Boolean(equal),
                ("!=", Some(equal)) => Value::Boolean(!equal),
                _ => Value::Unknown,
            };
        }
    }

    fn unary(&mut self) -> Option<Value> {
        let mut negations = 0;
        while !self.rest().trim_start().starts_with("!=") && self.takes("!") {
            negations += 1;
        }
        let primary = self.primary()?;
        if negations == 0 {
            return Some(primary);
        }
        Some(primary.is_truthy().map_or(Value::Unknown, |holds| Value::Boolean(holds == (negations % 2 == 0))))
    }

    fn primary(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.skip_space();
        let found = match self.rest().chars().next()? {
            '(' => {
                self.at += 1;
                let inner = self.or()?;
                let inner = self.takes(")").then_some(inner)?;
                self.parts(inner, None)?
            }
            '\'' => {
                let text = self.string()?;
                self.parts(Value::Text(text), None)?
            }
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
                let end = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')));
                self.at += end.unwrap_or(self.rest().len());
                self.parts(Value::Unknown, None)?
            }
            c if c.is_alphabetic() || c == '_' => self.named()?,
            _ => return None,
        };
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

    /// A name, or a call of a function, with its parts.
    fn named(&mut self) -> Option<Value> {
        let word = self.word();
        if self.takes("(") {
            let value = self.call(&word)?;
            return self.parts(value, None);
        }
        let value = match word.as_str() {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "null" => Value::Text(String::new()),
            _ => (self.known)(&word).unwrap_or(Value::Unknown),
        };
        self.parts(value, Some(word))
    }

    /// Takes the parts of a value, `.name`, `['name']`, `[index]`, `.*`; their value is known by the whole name.
    fn parts(&mut self, whole: Value, mut name: Option<String>) -> Option<Value> {
        let mut has_parts = false;
        loop {
            let part = if self.takes(".") {
                self.skip_space();
                if self.takes("*") { "*".to_owned() } else { self.word() }
            } else if self.takes("[") {
                self.skip_space();
                let index = self.or()?;
                self.takes("]").then_some(())?;
                match index {
                    Value::Text(name) => name.to_ascii_lowercase(),
                    _ => "*".to_owned(),
                }
            } else {
                break;
            };
            has_parts = true;
            // A longer name has no value that is known.
            if let Some(name) = name.as_mut().filter(|name| name.len() < 256) {
                name.push('.');
                name.push_str(&part);
            }
        }
        if !has_parts {
            return Some(whole);
        }
        Some(name.and_then(|name| (self.known)(&name)).unwrap_or(Value::Unknown))
    }

    fn call(&mut self, function: &str) -> Option<Value> {
        let mut arguments = Vec::new();
        while !self.takes(")") {
            if !arguments.is_empty() && !self.takes(",") {
                return None;
            }
            arguments.push(self.or()?);
        }
        let text = |argument: Value| match argument {
            Value::Text(text) => Some(text.to_ascii_lowercase()),
            Value::Boolean(_) | Value::Unknown => None,
        };
        let texts: Option<Vec<String>> = arguments.into_iter().map(text).collect();
        Some(match (function, texts.as_deref()) {
            ("always", _) => Value::Boolean(true),
            ("contains", Some([all, part])) => Value::Boolean(all.contains(part.as_str())),
            ("startswith", Some([all, part])) => Value::Boolean(all.starts_with(part.as_str())),
            ("endswith", Some([all, part])) => Value::Boolean(all.ends_with(part.as_str())),
            ("format", Some([pattern, texts @ ..])) => formatted(pattern, texts).map_or(Value::Unknown, Value::Text),
            _ => Value::Unknown,
        })
    }
}

/// A pattern with texts in the places of their numbers. Returns `None` where that grows beyond measure.
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
            "github.event_name" => Some(Value::Text("release".to_owned())),
            "github.ref" => Some(Value::Text("refs/tags/v1".to_owned())),
            "main" => Some(Value::Text("main".to_owned())),
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
            ("(GitHub . Event_Name == 'release')", Some(true)),
            ("github['event_name'] == 'release'", Some(true)),
            ("github[0].ref || fromJSON(main).b || 'a'.b", None),
            ("main.b == 'main'", None),
            ("case(main == 'main', 'a', 'b') == 'a'", None),
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
    fn what_is_too_deep_or_too_long_is_no_expression() {
        assert!(value(&"(".repeat(10_000), &known).is_none());
        assert!(value(&"a[".repeat(10_000), &known).is_none());
        assert!(value(&format!("{}a", "!".repeat(20_000)), &known).is_some());
        assert!(value(&"a".repeat(LONGEST + 1), &known).is_none());
        let grown = (0..40).fold("'x'".to_owned(), |text, _| format!("format('{{0}}{{0}}{{0}}', {text})"));
        assert!(value(&grown, &known).unwrap() == Value::Unknown);
        let wide = format!("({}a){}", "a||".repeat(3000), ".b".repeat(5000));
        assert!(value(&wide, &known).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression_or_none(text in r"([ ()!=&|<>.,*'\[\]a-cé0-9-]|contains\(|&&|\|\||==){0,40}") {
            let _ = value(&text, &known);
        }
    }
}
