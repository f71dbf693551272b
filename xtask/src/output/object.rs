//! Objects of JSON, written down where they are made: their keys stand in the order in which they are given.

/// Makes a value that is written as an object with these keys.
macro_rules! object {
    ($($key:ident: $value:expr),* $(,)?) => {{
        #[allow(non_camel_case_types, reason = "each key is the name of the type of its value too")]
        mod made {
            #[derive(serde::Serialize)]
            pub(super) struct Object<$($key),*> {
                $(pub(super) $key: $key),*
            }
        }
        made::Object { $($key: $value),* }
    }};
}

pub(crate) use object;
