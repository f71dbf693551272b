//! The version in a Python file: what a name is set to in its module, as far as that can be told without running it.

mod tokens;

use crate::text::Span;
use crate::version::Version;
use tokens::{Kind, Statement, Token, is, statements};

/// The name of a package's version (from PEP 396, and still in use).
pub const NAME: &str = "__version__";

/// The longest chain of names that is followed.
const DEEPEST: usize = 8;

/// All that a module sets a name to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The contents of plain strings, without quotes. Those behind a condition that stand for a version that is not known
    /// (`"0.0.0"`, `"unknown"`) are not among them.
    pub literals: Vec<Span>,
    /// An expression that has a version in it and is not a plain string.
    pub computed: Option<Span>,
    /// The modules that it is imported from.
    pub imports: Vec<Import>,
    /// The first value that it is set to, or `None` if there is none.
    pub first: Option<Span>,
}

/// One `from MODULE import NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The number of dots before the module.
    pub level: usize,
    /// The module, without leading dots.
    pub module: String,
    /// The name in that module.
    pub name: String,
}

/// The argument `version` of a call of `setup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    /// It is not given, and `setup` may not be called at all.
    Absent,
    /// It may be among arguments that are not spelled out (`**options`), which stand here.
    Hidden(Span),
    /// It is given.
    Given(Assigned),
}

/// A module, by the statements that run when it is imported.
struct Module<'a> {
    text: &'a str,
    statements: Vec<Statement>,
}

/// Returns what a module sets a name to.
pub fn assigned(text: &str, name: &str) -> Assigned {
    Module { text, statements: statements(text) }.assigned(name, 0)
}

/// Returns the version that a `setup.py` gives to setuptools.
pub(super) fn setup_version(text: &str) -> Setup {
    let module = Module { text, statements: statements(text) };
    let mut hidden = None;
    for statement in &module.statements {
        let tokens = &statement.tokens;
        let Some(at) = tokens.windows(2).position(|pair| module.words(pair) == ["setup", "("]) else { continue };
        let depth = tokens[at + 1].depth;
        let end =
            tokens[at + 2..].iter().position(|token| token.depth == depth).map_or(tokens.len(), |end| at + 2 + end);
        let is_comma = |token: &Token| token.depth == depth + 1 && module.word(token) == ",";
        for argument in tokens[at + 2..end].split(is_comma) {
            match argument {
                [name, equals, value @ ..] if module.words([name, equals]) == ["version", "="] && !value.is_empty() => {
                    let mut found = Assigned::default();
                    module.add(&mut found, value, false, 0);
                    return Setup::Given(found);
                }
                [star, .., last] if module.word(star) == "*" => hidden = Some(star.span.start..last.span.end),
                _ => {}
            }
        }
    }
    hidden.map_or(Setup::Absent, Setup::Hidden)
}

impl Module<'_> {
    fn word(&self, token: &Token) -> &str {
        &self.text[token.span.clone()]
    }

    fn words<'a>(&'a self, tokens: impl IntoIterator<Item = &'a Token>) -> Vec<&'a str> {
        tokens.into_iter().map(|token| self.word(token)).collect()
    }

    fn assigned(&self, name: &str, depth: usize) -> Assigned {
        let mut found = Assigned::default();
        for statement in &self.statements {
            let tokens = &statement.tokens;
            if self.word(&tokens[0]) == "from" {
                found.imports.extend(self.import(tokens, name));
            } else if let Some(value) = self.value(tokens, name) {
                self.add(&mut found, value, statement.is_conditional, depth);
                if tokens.iter().any(|token| is(self.text, token, "+=")) {
                    found.computed = found.first.clone();
                }
            }
        }
        found
    }

    /// Adds a value that the name is set to.
    fn add(&self, found: &mut Assigned, value: &[Token], is_conditional: bool, depth: usize) {
        let whole = value[0].span.start..value[value.len() - 1].span.end;
        let mut value = value;
        while let Some(inner) = self.without_brackets(value) {
            value = inner;
        }
        match value {
            [Token { kind: Kind::Text { content, is_plain: true }, .. }] => {
                let text = self.text[content.clone()].trim();
                if !is_conditional || is_known(text) {
                    found.add_literal(content);
                }
            }
            [Token { kind: Kind::Name, .. }] if depth < DEEPEST => {
                let other = self.assigned(self.word(&value[0]), depth + 1);
                other.literals.iter().for_each(|literal| found.add_literal(literal));
                found.imports.extend(other.imports);
                found.computed = found.computed.take().or(other.computed);
            }
            _ if self.has_version(value, depth) => {
                found.computed = found.computed.take().or_else(|| Some(whole.clone()));
            }
            _ => {}
        }
        found.first = found.first.take().or(Some(whole));
    }

    /// Returns the inside of brackets around the whole of an expression, unless they make a tuple.
    fn without_brackets<'a>(&self, value: &'a [Token]) -> Option<&'a [Token]> {
        let [first, inner @ .., last] = value else { return None };
        let around = first.depth;
        let is_one = self.words([first, last]) == ["(", ")"] && inner.iter().all(|token| token.depth > around);
        let is_tuple = inner.iter().any(|token| token.depth == around + 1 && self.word(token) == ",");
        (is_one && !is_tuple && !inner.is_empty()).then_some(inner)
    }

    /// Returns `true` if an expression has a version in it: a text or number like one, numbers in a row, or a name of the module that
    /// has one.
    fn has_version(&self, value: &[Token], depth: usize) -> bool {
        let is_item = |token: &Token| match &token.kind {
            Kind::Number => true,
            Kind::Text { content, .. } => {
                let text = &self.text[content.clone()];
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        let is_row = |three: &[Token]| is_item(&three[0]) && self.word(&three[1]) == "," && is_item(&three[2]);
        let is_version = |token: &Token| match &token.kind {
            Kind::Number => self.word(token).contains('.'),
            Kind::Text { content, .. } => is_like_version(&self.text[content.clone()]),
            Kind::Name if depth < DEEPEST => {
                let other = self.assigned(self.word(token), depth + 1);
                let is_version = |span: &Span| is_like_version(&self.text[span.clone()]);
                other.computed.is_some() || other.literals.iter().any(is_version)
            }
            _ => false,
        };
        value.windows(3).any(is_row) || value.iter().any(is_version)
    }

    /// Returns the value of a statement that sets the name, alone or among others.
    fn value<'a>(&self, tokens: &'a [Token], name: &str) -> Option<&'a [Token]> {
        let equals = |token: &Token| ["=", "+="].iter().any(|operator| is(self.text, token, operator));
        let sets = |target: &[Token]| {
            let target = target.split(|token| is(self.text, token, ":")).next().unwrap_or_default();
            let words = self.words(target);
            let words: Vec<&str> = words.into_iter().filter(|word| !matches!(*word, "(" | ")" | "[" | "]")).collect();
            words.split(|word| *word == ",").any(|part| part == [name])
        };
        let mut parts: Vec<&[Token]> = tokens.split(equals).collect();
        let value = parts.pop()?;
        (!value.is_empty() && parts.into_iter().any(sets)).then_some(value)
    }

    /// Returns the import of a name, if a statement is one.
    fn import(&self, tokens: &[Token], name: &str) -> Option<Import> {
        let words = self.words(tokens);
        let at = words.iter().position(|word| *word == "import")?;
        let from = words[1..at].concat();
        let module = from.trim_start_matches('.');
        let names: Vec<&str> = words[at + 1..].iter().copied().filter(|word| !matches!(*word, "(" | ")")).collect();
        let imported = names.split(|word| *word == ",").find_map(|one| match one {
            [own] if *own == name => Some(*own),
            [own, "as", other] if *other == name => Some(*own),
            _ => None,
        })?;
        Some(Import { level: from.len() - module.len(), module: module.to_owned(), name: imported.to_owned() })
    }
}

impl Assigned {
    fn add_literal(&mut self, span: &Span) {
        if !self.literals.contains(span) {
            self.literals.push(span.clone());
        }
    }
}

/// Returns `true` if a text is a version, and not one that stands for a version that is not known.
fn is_known(text: &str) -> bool {
    Version::parse(text).is_ok_and(|version| version.release().iter().any(|number| number.to_string() != "0"))
}

/// Returns `true` if a text has a number, a dot and a number in it.
fn is_like_version(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(3).any(|three| three[0].is_ascii_digit() && three[1] == b'.' && three[2].is_ascii_digit())
}
