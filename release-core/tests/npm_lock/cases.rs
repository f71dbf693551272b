//! Small projects, and the content of a registry before and after a release of their client.

use super::super::Files;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The client of every project.
pub(super) const CLIENT: &str = "meadow-client";

/// One project and one release.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// `package.json`, before the lockfile is made.
    pub(super) package: String,
    pub(super) lockfile_version: u8,
    /// The packages by name and version, with the content of their manifests.
    pub(super) before: Value,
    pub(super) after: Value,
    /// The version that is released.
    pub(super) version: &'static str,
    /// The changes of people to the files between the first lockfile and the release.
    pub(super) meanwhile: fn(&mut Files),
    pub(super) outcome: Outcome,
    /// The package behind the client, for an alias.
    pub(super) alias: Option<&'static str>,
    /// `true` if npm is to write no addresses.
    pub(super) omits_addresses: bool,
    /// `true` if npm refuses to move the range in `package.json`, and locks what is written there.
    pub(super) moves_by_hand: bool,
}

/// The expected outcome.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The edits make npm's bytes.
    Same,
    /// There are no edits, for a reason that contains this.
    Refused(&'static str),
}

/// Returns the answers of a registry for each package.
pub(super) fn documents(packages: &Value, archives: &str) -> BTreeMap<String, Value> {
    let document = |name: &str, versions: &Map<String, Value>| {
        let manifests: Map<String, Value> = versions
            .iter()
            .map(|(version, fields)| (version.clone(), manifest(name, version, fields, archives)))
            .collect();
        let latest = versions.keys().next_back();
        json!({ "name": name, "dist-tags": { "latest": latest }, "versions": manifests })
    };
    let packages = packages.as_object().unwrap();
    packages.iter().map(|(name, versions)| (name.clone(), document(name, versions.as_object().unwrap()))).collect()
}

fn manifest(name: &str, version: &str, fields: &Value, archives: &str) -> Value {
    let mut manifest = fields.clone();
    // Any digest will do, as long as each archive has its own.
    let digest: String = format!("{name}{version}").chars().filter(char::is_ascii_alphanumeric).collect();
    let tarball = format!("{archives}/{name}/-/{version}.tgz");
    let dist = json!({ "tarball": tarball, "integrity": format!("sha512-{digest:A<86}==") });
    for (key, value) in [("name", json!(name)), ("version", json!(version)), ("dist", dist)] {
        if manifest.get(key).is_none() {
            manifest[key] = value;
        }
    }
    manifest
}

/// The requirements of the client if a case has no others.
fn plain() -> Value {
    json!({ "license": "MIT", "dependencies": { "left": "^1.0.0" } })
}

fn project(table: &str) -> Value {
    json!({ "name": "meadow-ui", "version": "0.1.0", table: { CLIENT: "^0.4.4" } })
}

/// Writes `package.json` like `JSON.stringify`, with the names of the project first.
fn stringified(package: &Value) -> String {
    serde_json::to_string_pretty(package).unwrap() + "\n"
}

/// A release with the fields `old` and `new` of the client's manifest.
fn release(name: &'static str, old: &Value, new: &Value) -> Case {
    let packages = |versions: Value| {
        json!({
            CLIENT: versions,
            "left": { "1.0.0": {}, "1.1.0": {} },
            "right": { "1.0.0": {}, "2.0.0": {} },
            "host": { "1.0.0": { "peerDependencies": { CLIENT: "^0.4.0" } } },
        })
    };
    Case {
        name,
        package: stringified(&project("dependencies")),
        lockfile_version: 3,
        before: packages(json!({ "0.4.4": old })),
        after: packages(json!({ "0.4.4": old, "0.4.5": new, "0.5.0-rc.1": new })),
        version: "0.4.5",
        meanwhile: |_| {},
        outcome: Outcome::Same,
        alias: None,
        omits_addresses: false,
        moves_by_hand: false,
    }
}

/// The same release of a package that is the client by an alias.
fn aliased(case: Case) -> Case {
    const PACKAGE: &str = "@meadow/client";
    let renamed = |mut packages: Value| {
        packages[PACKAGE] = packages[CLIENT].take();
        packages.as_object_mut().unwrap().remove(CLIENT);
        packages
    };
    let package = case.package.replace("^0.4.4", &format!("npm:{PACKAGE}@^0.4.4"));
    Case { package, before: renamed(case.before), after: renamed(case.after), alias: Some(PACKAGE), ..case }
}

/// A release whose manifest has the same fields as the one before.
fn alike(name: &'static str, fields: &Value) -> Case {
    release(name, fields, fields)
}

fn refused(name: &'static str, new: &Value, reason: &'static str) -> Case {
    Case { outcome: Outcome::Refused(reason), ..release(name, &plain(), new) }
}

fn with_package(case: Case, package: &Value) -> Case {
    Case { package: stringified(package), ..case }
}

pub(super) fn all() -> Vec<Case> {
    [same_tables(), same_files(), same_manifests(), refusals()].into_iter().flatten().collect()
}

/// Tables, formats and places in the tree.
fn same_tables() -> Vec<Case> {
    let also = |other: &str, range: &str| json!({ "name": "meadow-ui", "version": "0.1.0", "dependencies": { other: range, CLIENT: "^0.4.4" } });
    let right = json!({ "dependencies": { "right": "^1.0.0" } });
    let nested = |name| {
        let package = json!({
            "name": "meadow-ui", "version": "0.1.0", "dependencies": { CLIENT: "^0.4.4", "right": "^2.0.0" }
        });
        with_package(alike(name, &right), &package)
    };
    let mut newer = alike("a newer version of what the client asks for is published meanwhile", &plain());
    newer.before["left"] = json!({ "1.0.0": {} });
    let overridden = |name, value: &str| {
        let mut package = project("dependencies");
        package["overrides"] = json!({ CLIENT: value });
        package["dependencies"]["host"] = json!("^1.0.0");
        with_package(alike(name, &plain()), &package)
    };
    vec![
        overridden("an override that follows the client", &format!("${CLIENT}")),
        Case { moves_by_hand: true, ..overridden("an override that says what the client says", "^0.4.4") },
        aliased(alike("an alias", &plain())),
        Case { lockfile_version: 2, ..aliased(alike("an alias, version 2", &plain())) },
        Case {
            meanwhile: |files| {
                let lines = files.lock.lines().filter(|line| !line.contains("\"resolved\""));
                files.lock = lines.map(|line| line.to_owned() + "\n").collect();
            },
            omits_addresses: true,
            ..alike("a lockfile without addresses", &plain())
        },
        alike("lockfile of version 3", &plain()),
        Case { lockfile_version: 2, ..alike("lockfile of version 2", &plain()) },
        with_package(alike("for development", &plain()), &project("devDependencies")),
        with_package(alike("optional", &plain()), &project("optionalDependencies")).refused("`optionalDependencies`"),
        with_package(alike("peer", &plain()), &project("peerDependencies")),
        with_package(alike("another asks for the client", &plain()), &also("host", "^1.0.0")),
        nested("a package of the client's own"),
        Case { lockfile_version: 2, ..nested("a package of the client's own, version 2") },
        newer,
        Case { version: "0.5.0-rc.1", ..alike("a candidate", &plain()) },
    ]
}

/// The contents of the files.
fn same_files() -> Vec<Case> {
    let tabs = "{\n\t\"name\": \"meadow-ui\",\n\t\"dependencies\": {\n\t\t\"meadow-client\": \"^0.4.4\"\n\t}\n}\n";
    let full = json!({
        "name": "meadow-ui", "version": "0.1.0", "bin": "./cli.js", "license": "MIT", "funding": "https://fund.example",
        "engines": { "node": ">=18" }, "scripts": { "postinstall": "true" },
        "dependencies": { CLIENT: "^0.4.4" }, "devDependencies": { "right": "*" }
    });
    vec![
        Case { package: tabs.to_owned(), ..alike("tabs, and no version", &plain()) },
        Case { package: tabs.replace('\n', "\r\n"), ..alike("carriage returns", &plain()) },
        Case { package: tabs.trim_end().to_owned(), ..alike("a new line at the end", &plain()) }
            .refused("does not end"),
        with_package(alike("a project with everything", &plain()), &full),
        Case {
            meanwhile: |files| files.package = files.package.replace("0.1.0", "0.2.0").replace("-ui", "-web"),
            ..alike("the project has another name and version", &plain())
        },
        Case {
            meanwhile: |files| files.package = files.package.replace("^0.4.4", "^0.4.5"),
            ..alike("package.json is ahead", &plain())
        },
        Case {
            meanwhile: |files| files.lock = files.lock.replace("^0.4.4", "^0.4.3"),
            ..alike("the lockfile notes an older range", &plain())
        },
    ]
}

/// npm's record of a manifest, in npm's form.
fn same_manifests() -> Vec<Case> {
    let everything = json!({
        "bin": { "meadow": "./bin/../bin/cli.js", "dir/other": "other.js" },
        "engines": { "node": ">=14" },
        "funding": ["https://fund.example", { "url": "https://other.example" }],
        "license": { "type": "MIT", "url": "https://license.example" },
        "dependencies": { "left": "^1.0.0", "right": "^1.0.0" },
        "optionalDependencies": { "right": "^1.0.0" },
        "peerDependencies": { "host": "^1.0.0" },
        "peerDependenciesMeta": { "host": { "optional": true } },
        "scripts": { "postinstall": "node build.js", "test": "true" },
        "deprecated": "use another",
    });
    let short = json!({
        "bin": "cli.js", "funding": "https://fund.example", "hasInstallScript": true, "cpu": ["x64", "arm64"],
        "os": ["!win32"], "dependencies": {}, "bundleDependencies": false, "deprecated": false
    });
    vec![
        alike("long forms", &everything),
        alike("short forms", &short),
        release(
            "one thing in two forms",
            &json!({ "bin": "cli.js", "license": "MIT", "funding": "https://fund.example", "hasInstallScript": true }),
            &json!({
                "bin": { CLIENT: "./cli.js" }, "license": { "type": "MIT" }, "funding": { "url": "https://fund.example" },
                "scripts": { "install": "true" }
            }),
        ),
        alike("a peer that is installed for it", &json!({ "peerDependencies": { "left": "^1.0.0" } })),
    ]
}

impl Case {
    fn refused(self, reason: &'static str) -> Self {
        Self { outcome: Outcome::Refused(reason), ..self }
    }
}

/// Releases in which npm would change more. Other reasons are tested beside the code; these need npm's lockfile.
fn refusals() -> Vec<Case> {
    let package = |fields: Value| {
        let mut package = project("dependencies");
        package.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        package
    };
    let with = |name, fields: Value, reason| with_package(alike(name, &plain()), &package(fields)).refused(reason);
    vec![
        refused(
            "another dependency",
            &json!({ "license": "MIT", "dependencies": { "left": "^1.1.0" } }),
            "`dependencies`",
        ),
        refused("no license", &json!({ "dependencies": { "left": "^1.0.0" } }), "`license`"),
        with("overrides", json!({ "overrides": { "left": "1.0.0" } }), "`overrides`"),
        with("overrides of others too", json!({ "overrides": { "left": "1.0.0", CLIENT: "^0.4.4" } }), "`overrides`"),
        Case {
            meanwhile: |files| files.lock = files.lock.replace("  ", "    "),
            ..alike("another indent in the lockfile", &plain())
        }
        .refused("laid out"),
    ]
}
