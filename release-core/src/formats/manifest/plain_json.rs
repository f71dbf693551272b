//! A reader for JSON as tools write it: no escapes, and numbers that are integers. `package-lock.json` is the largest file that
//! a check reads, and this takes a fifth of the time. It accepts no more than that, and gives the very tree that the full parser
//! gives; any other text is left to that parser, its errors too.

use crate::text::is_clean;
use jsonc_parser::ast::{
    Array, BooleanLit, NullKeyword, NumberLit, Object, ObjectProp, ObjectPropName, StringLit, Value,
};
use jsonc_parser::common::Range;
use std::borrow::Cow;

/// The deepest nesting that is read here.
const MAX_DEPTH: usize = 64;

/// Returns the object that a text is, or `None` if it has anything that is not read here.
pub(super) fn read(text: &str) -> Option<Object<'_>> {
    let mut reader = Reader { text, at: 0, is_clean: is_clean(text) };
    reader.space();
    let Value::Object(root) = reader.value(0)? else { return None };
    reader.space();
    (reader.at == text.len()).then_some(root)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// `true` if only a line break can make a string one that is not read here.
    is_clean: bool,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() && matches!(bytes[self.at], b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn range(&self, start: usize) -> Range {
        Range::new(start, self.at)
    }

    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match self.peek()? {
            b'"' => Value::StringLit(self.string()?),
            b'{' => Value::Object(self.object(depth)?),
            b'[' => Value::Array(self.array(depth)?),
            b'-' | b'0'..=b'9' => Value::NumberLit(self.integer()?),
            _ => self.word()?,
        })
    }

    fn object(&mut self, depth: usize) -> Option<Object<'a>> {
        let (start, mut properties) = (self.at, Vec::new());
        self.at += 1;
        self.space();
        if self.eat(b'}').is_some() {
            return Some(Object { range: self.range(start), properties });
        }
        loop {
            self.space();
            let start = self.at;
            let name = self.string()?;
            self.space();
            self.eat(b':')?;
            self.space();
            let value = self.value(depth + 1)?;
            properties.push(ObjectProp { range: self.range(start), name: ObjectPropName::String(name), value });
            self.space();
            if self.eat(b',').is_none() {
                break;
            }
        }
        self.eat(b'}')?;
        Some(Object { range: self.range(start), properties })
    }

    fn array(&mut self, depth: usize) -> Option<Array<'a>> {
        let (start, mut elements) = (self.at, Vec::new());
        self.at += 1;
        self.space();
        if self.eat(b']').is_some() {
            return Some(Array { range: self.range(start), elements });
        }
        loop {
            self.space();
            elements.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b',').is_none() {
                break;
            }
        }
        self.eat(b']')?;
        Some(Array { range: self.range(start), elements })
    }

    fn string(&mut self) -> Option<StringLit<'a>> {
        let start = self.at;
        self.eat(b'"')?;
        let rest = &self.text[self.at..];
        let string = &rest[..rest.find('"')?];
        let is_plain = match self.is_clean {
            true => !string.contains('\n'),
            false => !string.bytes().any(|byte| matches!(byte, 0..=0x1f | b'\\' | 0x7f)),
        };
        self.at += string.len() + 1;
        is_plain.then(|| StringLit { range: self.range(start), value: Cow::Borrowed(string) })
    }

    fn integer(&mut self) -> Option<NumberLit<'a>> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        self.at += usize::from(bytes[start] == b'-');
        let first = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = &self.text[first..self.at];
        let is_plain = digits == "0" || !digits.is_empty() && !digits.starts_with('0');
        let is_over = self.peek().is_none_or(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
        (is_plain && is_over).then(|| NumberLit { range: self.range(start), value: &self.text[start..self.at] })
    }

    fn word(&mut self) -> Option<Value<'a>> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        while self.at < bytes.len() && bytes[self.at].is_ascii_lowercase() {
            self.at += 1;
        }
        let range = self.range(start);
        Some(match &self.text[start..self.at] {
            "true" => Value::BooleanLit(BooleanLit { range, value: true }),
            "false" => Value::BooleanLit(BooleanLit { range, value: false }),
            "null" => Value::NullKeyword(NullKeyword { range }),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::package_json::parsed;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tool_s_json_is_read_and_anything_else_is_left_to_the_full_parser() {
        for (text, is_read) in [
            ("{}", true),
            (" {\n\t\"a\": [1, -20, 0, {\"b\": null}, [], \"\"],\r\n\"ü\": true, \"\": false}\n", true),
            ("{\"a\": {\"a\": {}}, \"a\": \"x y\"}", true),
            (r#"{"a": "\n"}"#, false),
            ("{\"a\": \"\n\"}", false),
            ("{\"a\": \"\t\"}", false),
            ("{\"a\": 1.5}", false),
            ("{\"a\": 01}", false),
            ("{\"a\": -}", false),
            ("{\"a\": 1e3}", false),
            ("{\"a\": truely}", false),
            ("{\"a\": 1,}", false),
            ("{\"a\" 1}", false),
            ("{a: 1}", false),
            ("{} {}", false),
            ("[]", false),
            ("", false),
            ("\u{feff}{}", false),
        ] {
            assert_eq!(read(text).is_some(), is_read, "{text:?}");
        }
        let deep = |depth: usize| format!("{{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!((read(&deep(MAX_DEPTH)).is_some(), read(&deep(MAX_DEPTH + 1)).is_some()), (true, false));
        assert!(read(&"{\"a\":".repeat(100_000)).is_none());
    }

    /// Generates JSON, and with `mutations` texts that nearly are.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof!["\"[a-z @/^.\\\\nü]{0,6}\"", "-?[0-9]{1,3}", "true|false|null|[0-9]\\.[0-9]|tru"];
        let space = "[ \n\r\t]{0,2}";
        let value = leaf.prop_recursive(4, 24, 4, move |inner| {
            let items = proptest::collection::vec((space, inner.clone(), space), 0..4);
            let pairs = proptest::collection::vec((space, "\"[a-c]{0,2}\"", space, inner, space), 0..4);
            let list = items.prop_map(|items| {
                let items: Vec<String> = items.into_iter().map(|(a, item, b)| format!("{a}{item}{b}")).collect();
                format!("[{}]", items.join(","))
            });
            let object = pairs.prop_map(|pairs| {
                let pair = |(a, key, b, value, c)| format!("{a}{key}{b}:{value}{c}");
                format!("{{{}}}", pairs.into_iter().map(pair).collect::<Vec<_>>().join(","))
            });
            prop_oneof![list, object]
        });
        value.prop_map(|value| format!("{{\"a\": {value}}}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn both_readers_give_the_same_tree(text in json(), at in any::<prop::sample::Index>(), byte in "[\\[\\]{},:\" a1]?") {
            for text in [text.clone(), { let mut text = text; let at = (0..=at.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap(); text.insert_str(at, &byte); text }] {
                if let Some(root) = read(&text) {
                    prop_assert_eq!(Some(Value::Object(root)), parsed(&text).unwrap(), "{:?}", text);
                }
            }
        }
    }
}
