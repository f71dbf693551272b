//! Manifests as people write them, in parts: fixed text, and the places that carry the version.

use proptest::prelude::*;

/// A part of a manifest.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Text that a release must not touch.
    Fixed(String),
    /// A site: the text before and after the version, including quotes.
    Site(String, String),
}

impl Part {
    /// Returns the manifest at a version.
    pub(crate) fn text(parts: &[Self], version: &str) -> String {
        let part = |part: &Self| match part {
            Self::Fixed(text) => text.clone(),
            Self::Site(before, after) => format!("{before}{version}{after}"),
        };
        parts.iter().map(part).collect()
    }

    /// Returns the number of places that carry the version.
    pub(crate) fn sites(parts: &[Self]) -> usize {
        parts.iter().filter(|part| matches!(part, Self::Site(..))).count()
    }
}

fn fixed(text: impl Into<String>) -> Vec<Part> {
    vec![Part::Fixed(text.into())]
}

/// A whole manifest with at least one pin, in any line ending, with or without a byte order mark and a last line break.
pub(crate) fn manifest() -> impl Strategy<Value = Vec<Part>> {
    let tables = (
        project(),
        prop::collection::vec(prop_oneof![groups(), extras(), uv(), other()], 0..4),
        lists("dependency-groups", "pins"),
    );
    let order = (Just(()), prop_oneof![Just("\n"), Just("\r\n")], any::<bool>(), any::<bool>());
    (tables, order, any::<prop::sample::Index>()).prop_map(|((project, others, last), (_, eol, mark, trims), at)| {
        let mut tables: Vec<Vec<Part>> = Vec::new();
        let mut seen = Vec::new();
        for (name, table) in others {
            // A table may occur only once.
            if !seen.contains(&name) {
                seen.push(name);
                tables.push(table);
            }
        }
        if !seen.contains(&"dependency-groups") {
            tables.push(last);
        }
        tables.insert(at.index(tables.len() + 1), project);
        let mut parts: Vec<Part> = if mark { fixed("\u{feff}") } else { Vec::new() };
        parts.extend(tables.into_iter().flatten());
        if trims {
            trim_end(&mut parts);
        }
        parts.into_iter().map(|part| with_line_ending(part, eol)).collect()
    })
}

fn trim_end(parts: &mut [Part]) {
    if let Some(Part::Fixed(text) | Part::Site(_, text)) = parts.last_mut() {
        text.truncate(text.trim_end_matches('\n').len());
    }
}

fn with_line_ending(part: Part, eol: &str) -> Part {
    match part {
        Part::Fixed(text) => Part::Fixed(text.replace('\n', eol)),
        Part::Site(before, after) => Part::Site(before.replace('\n', eol), after.replace('\n', eol)),
    }
}

/// The text that may follow a value, and the lines that may follow.
fn trailing() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("\n".to_owned()),
        1 => Just("  # fallback_version = \"0.4.4\"\n".to_owned()),
        1 => "\t# [\\PC&&[^\\x00-\\x1f\\x7f]]{0,12}\n",
        1 => Just("\n\n# ä meadow-client==0.4.4\n".to_owned()),
    ]
}

fn quote() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("\""), 2 => Just("'"), 1 => Just("\"\"\""), 1 => Just("'''")]
}

fn assignment(key: &'static str) -> impl Strategy<Value = Vec<Part>> {
    let equals = prop_oneof![Just(" = "), Just("="), Just("\t=\t")];
    (equals, quote(), trailing()).prop_map(move |(equals, quote, end)| {
        vec![Part::Site(format!("{key}{equals}{quote}"), format!("{quote}{end}"))]
    })
}

/// `[project]`, with its own version or with the configuration of setuptools-scm.
fn project() -> impl Strategy<Value = Vec<Part>> {
    let name = prop_oneof![Just("name = \"meadow\"\n"), Just("'name' = 'Meadow' # ö\n")];
    let fixed_version = (name.clone(), assignment("version"))
        .prop_map(|(name, version)| [fixed(format!("[project]\n{name}")), version, fixed("readme = \"x\"\n")].concat());
    let dynamic = (name, assignment("fallback_version"), any::<bool>()).prop_map(|(name, version, first)| {
        let project = fixed(format!("[project]\n{name}dynamic = [\"version\"]\n\n"));
        let scm = [fixed("[tool.setuptools_scm]\n"), version, fixed("\n")].concat();
        if first { [scm, project].concat() } else { [project, scm].concat() }
    });
    prop_oneof![fixed_version, dynamic]
}

/// A pin of a client in one of people's notations; it names exactly one version.
fn pin() -> impl Strategy<Value = Vec<Part>> {
    let name = prop_oneof![Just("meadow-client"), Just("Meadow_Client"), Just("meadow.client[cli, x]")];
    let operator = prop_oneof![3 => Just("=="), 1 => Just(" == "), 1 => Just("==\t")];
    let marker = prop_oneof![
        3 => Just(""),
        1 => Just(" ; python_version < @4@"),
        1 => Just(";extra=='x' and (os_name != @ä@ or python_version >= '3')"),
    ];
    (name, operator, marker, quote()).prop_map(|(name, operator, marker, quote)| {
        let inner = match quote {
            "\"" => "\\\"",
            "'" => "",
            "\"\"\"" => "\"",
            _ => "\"",
        };
        // A literal string cannot hold its own quote: it gets no marker.
        let marker = if quote == "'" { String::new() } else { marker.replace('@', inner) };
        let marker = if quote == "'''" && marker.ends_with('\'') { format!("{marker} ") } else { marker };
        let marker = if quote == "\"\"\"" && marker.ends_with('"') { format!("{marker} ") } else { marker };
        vec![Part::Site(format!("{quote}{name}{operator}"), format!("{marker}{quote}"))]
    })
}

/// A neighbour of the pins in a list.
fn neighbour() -> impl Strategy<Value = Vec<Part>> {
    prop_oneof![
        Just("\"httpx>=0.27\""),
        Just("'meadow-client-extras==0.4.4'"),
        Just("\"meadow[all]\""),
        Just("\"pytest ; python_version < '4'\""),
        Just("'äpfel is no requirement==0.4.4'"),
    ]
    .prop_map(fixed)
}

/// A list on one line or several, with pins and others.
fn list() -> impl Strategy<Value = Vec<Part>> {
    let items = prop::collection::vec(prop_oneof![pin(), neighbour()], 1..5);
    let comments =
        prop_oneof![3 => Just(""), 1 => Just(" # meadow-client==0.4.4"), 1 => Just("\t# ünïcode, \"quoted\"")];
    (items, any::<bool>(), any::<bool>(), prop_oneof![Just("    "), Just("\t"), Just("")], comments).prop_map(
        |(items, lines, comma, indent, comment)| {
            let mut parts = fixed(if lines { "[\n" } else { "[" });
            let last = items.len() - 1;
            for (index, item) in items.into_iter().enumerate() {
                if lines {
                    parts.extend(fixed(indent));
                }
                parts.extend(item);
                let comma = if index < last || comma { "," } else { "" };
                parts.extend(fixed(if lines { format!("{comma}{comment}\n") } else { format!("{comma} ") }));
            }
            parts.extend(fixed("]\n"));
            parts
        },
    )
}

/// A table of lists.
fn lists(table: &'static str, key: &'static str) -> impl Strategy<Value = Vec<Part>> {
    (list(), list()).prop_map(move |(one, two)| {
        [fixed(format!("[{table}]\n{key} = ")), one, fixed(format!("\"{key} 2\" = ")), two, fixed("\n")].concat()
    })
}

fn groups() -> impl Strategy<Value = (&'static str, Vec<Part>)> {
    lists("dependency-groups", "dev").prop_map(|parts| ("dependency-groups", parts))
}

fn extras() -> impl Strategy<Value = (&'static str, Vec<Part>)> {
    lists("project.optional-dependencies", "client").prop_map(|parts| ("extras", parts))
}

fn uv() -> impl Strategy<Value = (&'static str, Vec<Part>)> {
    list().prop_map(|list| ("uv", [fixed("[tool.uv]\noverride-dependencies = "), list, fixed("\n")].concat()))
}

/// Tables with versions that a release ignores.
fn other() -> impl Strategy<Value = (&'static str, Vec<Part>)> {
    prop_oneof![
        Just(("mypy", "[tool.mypy]\nversion = \"0.4.4\" # meadow\nexclude = ['meadow-client']\n\n")),
        Just(("sources", "[tool.uv.sources]\nmeadow-client = { git = \"https://git.example\", rev = \"v0.4.4\" }\n")),
        Just(("urls", "[project.urls]\n\"Änderungen\" = \"https://meadow.example/0.4.4\"\n\n")),
        Just(("scripts", "[project.scripts]\nmeadow-client = \"meadow:main\"\n")),
    ]
    .prop_map(|(name, text)| (name, fixed(text)))
}

/// A manifest that lacks some of the setuptools-scm configuration, or has it.
pub(crate) fn incomplete() -> impl Strategy<Value = String> {
    let requires = prop_oneof![
        Just(""),
        Just("requires = []\n"),
        Just("requires = [\n    # none\n]\n"),
        Just("requires = ['setuptools']  # ä, b\n"),
        Just("requires = [\n\t\"setuptools\", # c, d\n]\n"),
        Just("requires = [\n  \"setuptools\" # e\n  # f, g\n]\n"),
        Just("requires = [\"setuptools\", \"setuptools_scm>=8\"]\n"),
    ];
    let build = (requires, any::<bool>()).prop_map(|(requires, backend)| {
        let backend = if backend { "build-backend = \"setuptools.build_meta\"\n" } else { "" };
        format!("[build-system]\n{requires}{backend}")
    });
    let version = prop_oneof![
        Just("dynamic = [\"version\"]\n"),
        Just("version = '0.4.4' # h\ndynamic = [\n  \"readme\"\n]\n"),
        Just("dynamic = [\"readme\",]\nversion = \"0.4.4\"\n"),
        Just("version = \"0.4.4\"\n"),
    ];
    let project = version.prop_map(|version| format!("[project]\nname = \"meadow\"\n{version}# i\n"));
    let scm = prop_oneof![
        Just("[tool.setuptools_scm]\n"),
        Just("[tool.setuptools_scm] # j\nroot = \".\"\n"),
        Just("[tool.setuptools_scm]\nroot = '..' # wrong\nversion_file = \"k\"\n# l\n"),
        Just("[tool.setuptools_scm]\nfallback_version = '0.4.4'\n"),
    ];
    let tables = (project, prop::option::of(build), scm, 0usize..6, any::<bool>());
    let shape = (prop_oneof![Just("\n"), Just("\r\n")], any::<bool>(), any::<bool>(), any::<bool>());
    (tables, shape).prop_map(|((project, build, scm, order, blank), (eol, mark, trims, comment))| {
        let mut tables = vec![project, build.unwrap_or_default(), scm.to_owned()];
        tables.rotate_left(order % 3);
        if order > 2 {
            tables.swap(0, 1);
        }
        tables.retain(|table| !table.is_empty());
        let mut text = tables.join(if blank { "\n" } else { "" });
        if comment {
            text.insert_str(0, "# (c) m\n\n");
        }
        let text = if trims { text.trim_end_matches('\n').to_owned() } else { text };
        format!("{}{}", if mark { "\u{feff}" } else { "" }, text.replace('\n', eol))
    })
}
