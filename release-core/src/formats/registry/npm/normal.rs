//! A manifest in the form that npm gives it before recording it in a lockfile.
//!
//! Source: the steps of <https://github.com/npm/package-json#normalize> and the keys of a lockfile's entry,
//! <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-lock-json.md#packages>.

use super::super::loose::Object;
use super::Manifest;
use serde::de::{IgnoredAny, MapAccess};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The keys that are recorded unchanged.
pub(crate) const AS_IT_IS: [&str; 11] = [
    "dependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optionalDependencies",
    "acceptDependencies",
    "engines",
    "os",
    "cpu",
    "libc",
    "deprecated",
    "workspaces",
];

/// The other fields that are used.
const FOR_THE_REST: [&str; 12] = [
    "name",
    "version",
    "bundleDependencies",
    "bundledDependencies",
    "funding",
    "license",
    "bin",
    "scripts",
    "hasInstallScript",
    "_hasShrinkwrap",
    "dist",
    "gitHead",
];

/// A published version: the fields that are looked at; all others are passed over while reading. A list takes a third of what
/// a map does, and there may be many versions.
#[derive(Default)]
pub(super) struct RawManifest {
    fields: Vec<(&'static str, Value)>,
}

impl<'de> Object<'de> for RawManifest {
    fn read<A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Some(key) = AS_IT_IS.into_iter().chain(FOR_THE_REST).find(|known| *known == key) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: Value = entries.next_value()?;
            fields.extend((!value.is_null()).then_some((key, value)));
        }
        Ok(Self { fields })
    }
}

impl RawManifest {
    /// Returns the manifest in npm's form, or `None` if its package or version is not the one under which it is listed.
    pub(super) fn into_manifest(self, name: &str, version: &str) -> Option<Manifest> {
        let mut fields: Map<String, Value> =
            self.fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut is = |field: &str, text: &str| fields.remove(field).is_none_or(|field| field == text);
        if !is("version", version) || !is("name", name) {
            return None;
        }
        let mut dist = fields.remove("dist");
        let mut part = |key: &str| match dist.as_mut()?.get_mut(key)?.take() {
            Value::String(text) => Some(text),
            _ => None,
        };
        let (tarball, integrity, shasum) = (part("tarball"), part("integrity"), part("shasum"));
        let attestations =
            dist.as_ref().and_then(|dist| dist.get("attestations")?.get("url")?.as_str()).map(str::to_owned);
        let git_head = fields.remove("gitHead").and_then(|head| head.as_str().map(str::to_owned));
        let noted = noted(name, fields);
        Some(Manifest { version: version.to_owned(), noted, tarball, integrity, shasum, git_head, attestations })
    }
}

/// Returns npm's record of a manifest in a lockfile, under the keys of an entry.
pub(crate) fn noted(name: &str, mut manifest: Map<String, Value>) -> BTreeMap<&'static str, Value> {
    let fields = [
        ("bundleDependencies", bundle(&manifest)),
        ("funding", manifest.get("funding").map(funding)),
        ("license", manifest.get("license").map(license)),
        ("bin", manifest.get("bin").and_then(|bin| commands(name, bin))),
        ("hasInstallScript", Some(Value::Bool(has_install_script(&manifest)))),
        ("hasShrinkwrap", manifest.remove("_hasShrinkwrap")),
    ];
    let mut noted: BTreeMap<&'static str, Value> =
        AS_IT_IS.into_iter().filter_map(|key| Some((key, manifest.remove(key)?))).collect();
    without_optional(&mut noted);
    noted.extend(fields.into_iter().filter_map(|(key, value)| Some((key, value?))));
    noted.retain(|_, value| says_something(value));
    noted
}

/// Removes optional dependencies from the other tables.
fn without_optional(noted: &mut BTreeMap<&'static str, Value>) {
    let Some(mut dependencies) = noted.remove("dependencies") else { return };
    if let (Value::Object(table), Some(Value::Object(optional))) =
        (&mut dependencies, noted.get("optionalDependencies"))
    {
        table.retain(|name, _| !optional.contains_key(name));
    }
    noted.insert("dependencies", dependencies);
}

fn bundle(manifest: &Map<String, Value>) -> Option<Value> {
    let keys = |value: Option<&Value>| -> Value {
        value.and_then(Value::as_object).into_iter().flat_map(|object| object.keys().cloned()).collect()
    };
    match manifest.get("bundleDependencies").or_else(|| manifest.get("bundledDependencies"))? {
        Value::Bool(true) => Some(keys(manifest.get("dependencies"))),
        object @ Value::Object(_) => Some(keys(Some(object))),
        array @ Value::Array(_) => Some(array.clone()),
        _ => None,
    }
}

fn funding(value: &Value) -> Value {
    match value {
        Value::String(url) if !url.is_empty() => serde_json::json!({ "url": url }),
        _ => value.clone(),
    }
}

fn license(value: &Value) -> Value {
    value.get("type").filter(|kind| is_true(kind)).unwrap_or(value).clone()
}

/// Returns the commands of a package: names without folders, targets without `./` and without parts that lead out of
/// the package.
fn commands(name: &str, bin: &Value) -> Option<Value> {
    let commands: Map<String, Value> = match bin {
        Value::String(target) => [(name.to_owned(), Value::from(target.as_str()))].into_iter().collect(),
        Value::Array(targets) => targets
            .iter()
            .filter_map(Value::as_str)
            .map(|target| (base(target).to_owned(), Value::from(target)))
            .collect(),
        Value::Object(commands) => commands.clone(),
        _ => return None,
    };
    let clean = commands.into_iter().filter_map(|(name, target)| {
        let name = name.replace(['\\', ':'], "/");
        let (name, target) = (base(&name), within(target.as_str()?));
        (!matches!(name, "" | "." | "..") && !target.is_empty()).then(|| (name.to_owned(), Value::from(target)))
    });
    Some(Value::Object(clean.collect()))
}

/// Returns the last part of a path.
fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Returns a path below the package's folder in its shortest form.
fn within(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    parts.join("/") + slash
}

fn has_install_script(manifest: &Map<String, Value>) -> bool {
    let script = |name: &str| manifest.get("scripts").and_then(|scripts| scripts.get(name)).is_some_and(is_true);
    manifest.get("hasInstallScript").is_some_and(is_true)
        || ["preinstall", "install", "postinstall"].into_iter().any(script)
}

/// Returns `true` if JavaScript treats the value as true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Returns `true` if npm records the value: it is neither false nor empty.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Array(array) => !array.is_empty(),
        Value::Object(object) => !object.is_empty(),
        value => is_true(value),
    }
}
