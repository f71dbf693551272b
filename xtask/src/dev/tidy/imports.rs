//! Modules import each other in one direction: the graph of `crate::`, `super::` and child paths has no circle.

use super::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};

/// The modules that each module imports, by their paths within the crate.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The circles that are left: parsers, each with the type whose text it reads, in one folder.
const KNOWN: [(&str, &[&[&str]]); 3] = [
    (
        "release-core/src",
        &[
            &["formats::lockfile::uv_lock::lock", "formats::lockfile::uv_lock::read"],
            &["formats::manifest::requirement", "formats::manifest::requirement::parse"],
            &["formats::manifest::workflow::script", "formats::manifest::workflow::script::block"],
            &["formats::registry::npm", "formats::registry::npm::normal"],
            &["formats::version::pep440", "formats::version::pep440::parse"],
            &["formats::version::specifier", "formats::version::specifier::parse"],
        ],
    ),
    ("release-checks/src", &[]),
    ("xtask/src", &[]),
];

/// Rooms of the core, each with the modules that it may import beside its own.
const ROOMS: [(&str, &[&str]); 2] = [("formats", &[]), ("history", &["formats::version", "formats::calendar"])];

#[test]
fn modules_import_each_other_in_no_circle() {
    for (folder, known) in KNOWN {
        let graph = graph(&sources(folder), folder);
        assert!(graph.len() > 50, "the modules of {folder} were found");
        let known: Vec<BTreeSet<String>> = known.iter().map(|circle| names(circle)).collect();
        assert_eq!(
            circles(&graph),
            known,
            "a circle that is new is to be broken, and one that is gone to be taken off"
        );
    }
}

#[test]
fn rooms_of_the_core_know_nothing_of_what_is_above_them() {
    let graph = graph(&sources("release-core/src"), "release-core/src");
    let is_in = |module: &str, room: &str| module == room || module.starts_with(&format!("{room}::"));
    for (room, below) in ROOMS {
        let own: Vec<_> = graph.iter().filter(|(module, _)| is_in(module, room)).collect();
        assert!(own.len() > 5, "the modules of {room} were found");
        for (module, imported) in own {
            let is_known = |other: &&String| is_in(other, room) || below.iter().any(|below| is_in(other, below));
            let above: Vec<_> = imported.iter().filter(|other| !is_known(other)).collect();
            assert!(above.is_empty(), "{module} is to know only {room} and {below:?}, and imports {above:?}");
        }
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    for (code, expected) in [
        ("use crate::b::B;", &["b"][..]),
        ("use crate::{b, c::{d::D, e}};", &["b", "c", "c::d"]),
        ("pub use super::b::{self as other};", &["b"]),
        ("fn f() { crate::c::d::g() }", &["c::d"]),
        ("fn f() { super::b::g() }", &["b"]),
        ("mod x;\nuse x::X;", &["a::x"]),
        ("mod x;\npub(crate) use self::x::X;", &["a::x"]),
        ("use std::b::B;\nfn f() { other::c::d() }", &[]),
        ("use crate::Root;", &[""]),
        ("use crate::a::Own;", &[]),
    ] {
        let mut all: Vec<Source> = ["", "b", "c", "c::d", "a::x"].iter().map(|name| source(name, "")).collect();
        all.push(source("a", code));
        assert_eq!(graph(&all, "src")["a"], names(expected), "{code}");
    }
}

#[test]
fn modules_that_the_root_has_under_another_name_are_found_by_it() {
    let root = source("", "pub use a::{b, d};\npub use a::c::Type;");
    let all = [
        root,
        source("a::b", "use crate::c::C;"),
        source("a::c", "use crate::Type;"),
        source("a::d", "use crate::b::B;\nuse super::b::B;"),
        source("c", "use crate::Type;"),
    ];
    let graph = graph(&all, "src");
    assert_eq!((&graph["a::b"], &graph["a::d"]), (&names(&["c"]), &names(&["a::b"])));
    assert_eq!((&graph["a::c"], &graph["c"]), (&names(&[]), &names(&["a::c"])));
}

#[test]
fn circles_are_found_and_what_only_leads_to_one_is_not() {
    let all = [
        source("a", "use crate::b::B;"),
        source("b", "use crate::c::C;"),
        source("c", "use crate::a::A;\nuse crate::d::D;"),
        source("d", ""),
        source("e", "use crate::a::A;"),
        source("f", "mod g;\nuse g::G;"),
        source("f::g", "use super::F;"),
    ];
    assert_eq!(circles(&graph(&all, "src")), [names(&["a", "b", "c"]), names(&["f", "f::g"])]);
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn source(module: &str, code: &str) -> Source {
    let file = if module.is_empty() { "lib".to_owned() } else { module.replace("::", "/") };
    Source { path: format!("src/{file}.rs"), code: code.to_owned(), lines: 0 }
}

/// Returns what the modules below a folder import of each other.
fn graph(sources: &[Source], folder: &str) -> Graph {
    // A binary is a crate of its own, and its `main` is not the root of the library.
    let sources: Vec<&Source> = sources.iter().filter(|source| !source.path.ends_with("main.rs")).collect();
    let module = |source: &Source| {
        let path = source.path.trim_start_matches(folder).trim_matches('/').trim_end_matches(".rs");
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        parts.pop_if(|last| *last == "mod" || *last == "lib");
        parts
    };
    let known: BTreeSet<String> = sources.iter().copied().map(|source| module(source).join("::")).collect();
    let root = sources.iter().copied().find(|source| module(source).is_empty());
    let renamed = root.map(|root| reexported(&root.code, &known)).unwrap_or_default();
    let imports = |source: &Source| {
        let own = module(source);
        let mut found: BTreeSet<String> =
            paths(&source.code).iter().filter_map(|path| target(path, &own, &source.code, &known, &renamed)).collect();
        found.remove(&own.join("::"));
        (own.join("::"), found)
    };
    sources.into_iter().map(imports).collect()
}

/// Returns what the root of a crate has under another name, modules and what is in them, each by that name.
fn reexported(root: &str, known: &BTreeSet<String>) -> BTreeMap<String, String> {
    let is_known =
        |path: &str| known.contains(path) || path.rsplit_once("::").is_some_and(|(above, _)| known.contains(above));
    let found = paths(root).into_iter().filter(|path| is_known(path));
    let by_name = found.filter_map(|path| Some((path.rsplit_once("::")?.1.to_owned(), path.clone())));
    by_name.filter(|(name, _)| !known.contains(name)).collect()
}

/// Returns the module that a path of another one leads into.
fn target(
    path: &str,
    own: &[String],
    code: &str,
    known: &BTreeSet<String>,
    renamed: &BTreeMap<String, String>,
) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").collect();
    let mut from: Vec<&str> = own.iter().map(String::as_str).collect();
    match parts[0] {
        "crate" => from.clear(),
        "self" => {}
        "super" => {
            while parts.first() == Some(&"super") {
                from.pop();
                parts.remove(0);
            }
            parts.insert(0, "super");
        }
        child if code.contains(&format!("mod {child};")) => parts.insert(0, "self"),
        _ => return None,
    }
    from.extend(&parts[1..]);
    if let Some(full) = from.first().and_then(|first| renamed.get(*first)) {
        from.splice(..1, full.split("::"));
    }
    while !known.contains(&from.join("::")) {
        from.pop()?;
    }
    Some(from.join("::"))
}

/// Returns every path of a source, those of `use` trees one by one.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some((line, after)) = rest.split_once('\n').or_else(|| (!rest.is_empty()).then_some((rest, ""))) {
        let line = line.trim_start();
        // Without `pub` or `pub(crate)`.
        let item = line.strip_prefix("pub").map_or(line, |rest| rest.trim_start_matches(|c| c != ' ').trim_start());
        let is_use = item.starts_with("use ");
        if let Some((_, tree)) = rest.split_once("use ").filter(|_| is_use)
            && let Some((tree, _)) = tree.split_once(';')
        {
            expand("", &tree.split_whitespace().collect::<Vec<_>>().join(" "), &mut found);
        }
        rest = after;
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    found.extend(
        code.split(|c| !is_part(c)).filter(|word| word.contains("::") && !word.ends_with("::")).map(str::to_owned),
    );
    found
}

/// Takes a `use` tree apart: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        return found.push(format!("{prefix}{}", name.trim_end_matches("::self")));
    };
    let prefix = format!("{prefix}{}", head.trim());
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start) = (0_usize, 0);
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = inner[start..at].trim();
                match part.split(" as ").next() {
                    None | Some("") => {}
                    Some("self") => found.push(prefix.trim_end_matches("::").to_owned()),
                    _ => expand(&prefix, part, found),
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// Returns the sets of modules of which each leads to each other one.
fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|module| (module.as_str(), reached(graph, module))).collect();
    let leads_to = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let mut found = BTreeSet::new();
    for module in graph.keys().filter(|module| leads_to(module, module)) {
        found
            .insert(graph.keys().filter(|other| leads_to(module, other) && leads_to(other, module)).cloned().collect());
    }
    found.into_iter().collect()
}

fn reached<'a>(graph: &'a Graph, module: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = graph[module].iter().map(String::as_str).collect();
    while let Some(module) = next.pop() {
        if found.insert(module) {
            next.extend(graph[module].iter().map(String::as_str));
        }
    }
    found
}
