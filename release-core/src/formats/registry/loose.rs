//! Documents of registries as they are read: fields that are not used are passed over and never held, and a value of another
//! kind than the known one counts as missing.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The most files or versions that a document may list: far more than any package has.
pub(super) const MOST: usize = 100_000;

/// The form in which an object is read.
pub(super) trait Object<'de>: Sized {
    /// Reads the entries.
    fn read<A: MapAccess<'de>>(entries: A) -> Result<Self, A::Error>;
}

/// An object, or `None` where any other value stands.
pub(super) struct Loose<T>(pub(super) Option<T>);

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Object<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor(PhantomData))
    }
}

struct LooseVisitor<T>(PhantomData<T>);

/// The kinds of values that are no object.
macro_rules! others {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(Loose(None))
        })*
    };
}

impl<'de, T: Object<'de>> Visitor<'de> for LooseVisitor<T> {
    type Value = Loose<T>;

    others!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Loose<T>, E> {
        Ok(Loose(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Loose<T>, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Loose<T>, A::Error> {
        T::read(entries).map(|object| Loose(Some(object)))
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
}

/// The objects of a list that a function admits, at most [`MOST`]; others are passed over.
pub(super) struct List<T> {
    pub(super) what: &'static str,
    pub(super) admit: fn(&T) -> bool,
}

impl<'de, T: Object<'de>> DeserializeSeed<'de> for List<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Object<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(Loose(value)) = values.next_element::<Loose<T>>()? {
            all.extend(value.filter(self.admit));
            if all.len() > MOST {
                return Err(too_many(self.what));
            }
        }
        Ok(all)
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }
}

/// The error of a document that lists more than [`MOST`].
pub(super) fn too_many<E: serde::de::Error>(what: &str) -> E {
    E::custom(format!("more than {MOST} {what}"))
}
