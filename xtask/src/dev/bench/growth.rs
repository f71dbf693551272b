//! The growth of a run with what it reads: shapes of input that a repository may have very many of, at one size and at four times it.
//! Linear is a factor of about four; what every run costs makes it less.

use super::monorepo::commit;
use super::table::{row, temporary};
use super::whole::{Cost, once, own};
use crate::sandbox::import;
use anyhow::Context as _;
use release_core::git::Git;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// A file of a repository.
type File = (String, String);

/// The number of releases that are tagged, each on a commit of its own; `None` for a tree that was not committed.
type Tags = Option<usize>;

/// A shape of input, by its name and its size.
type Shape = (&'static str, fn(usize) -> Vec<File>);

/// The number of times that a shape repeats its parts.
const SIZE: usize = 5_000;

/// The number of tags where each is audited, as a share of the size.
const OF_TAGS: usize = 50;

/// Measures every shape.
pub(super) fn run() -> anyhow::Result<()> {
    row(&format!("\ngrowth of `release check`, with {SIZE} of a kind and with four times as many"));
    row("shape                          run   of four times    factor     peak memory");
    let check = &["check", "--output-format", "json"][..];
    for (name, files) in SHAPES {
        grown(name, check, |size| (files(size), None))?;
    }
    row("\ngrowth of reports, of 20,000 findings and of four times as many");
    let findings = |size| pinned(4 * size, |_| "    \"meadow-client>=0.4.3\",\n".to_owned());
    for format in ["text", "concise", "json", "github", "sarif", "junit"] {
        grown(format, &["check", "--output-format", format], |size| (findings(size), None))?;
    }
    row(&format!("\ngrowth of other commands, with {SIZE} of a kind and with four times as many"));
    for (name, words, files, tags) in COMMANDS {
        grown(name, words, |size| (files(size), tags(size)))?;
    }
    Ok(())
}

/// Runs a command on a shape of both sizes, and prints its row.
fn grown(name: &str, words: &[&str], shape: impl Fn(usize) -> (Vec<File>, Tags)) -> anyhow::Result<()> {
    let (once, often) = (measured(&shape(SIZE), words)?, measured(&shape(4 * SIZE), words)?);
    let factor = often.run / once.run;
    row(&format!("{name:<20} {:>9.1} ms   {:>10.1} ms   {factor:>7.1} {:>12.1} MB", once.run, often.run, often.peak));
    Ok(())
}

fn measured((files, tags): &(Vec<File>, Tags), words: &[&str]) -> anyhow::Result<Cost> {
    let (_directory, root) = temporary()?;
    let git = Git::new(&root)?;
    git.read(&["init", "--quiet", "--initial-branch=release-0.4.x", "--template="])?;
    let plain = ("pyproject.toml".to_owned(), manifest("    \"meadow-client==0.4.4\",\n", ""));
    // Of two texts of a file the second counts.
    let files: BTreeMap<&str, &str> =
        [&plain].into_iter().chain(files).map(|(path, text)| (path.as_str(), text.as_str())).collect();
    if let Some(tags) = tags {
        import(&git, &past(&files.into_iter().collect::<Vec<_>>(), *tags))?;
        git.read(&["reset", "--quiet", "--hard"])?;
    } else {
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&root))?;
            fs::write(&path, text).with_context(|| format!("could not write {path}"))?;
        }
        git.read(&["add", "--all"])?;
    }
    Ok(once(&own()?, &root, &[words, &["--offline"]].concat(), &[])?.cost)
}

/// A branch with files and so many tags, and main on it, as a stream for `git fast-import`.
fn past(files: &[(&str, &str)], tags: usize) -> String {
    let mut stream = String::new();
    commit(&mut stream, "release-0.4.x", 0, "", files);
    for tag in 0..tags {
        commit(&mut stream, "release-0.4.x", tag + 1, "", &files[..0]);
        // Writing to a string cannot fail.
        let _ = write!(stream, "reset refs/tags/v0.4.{tag}\nfrom refs/heads/release-0.4.x\n\n");
    }
    stream + "reset refs/heads/main\nfrom refs/heads/release-0.4.x\n\ndone\n"
}

fn manifest(dependencies: &str, more: &str) -> String {
    format!(
        "[build-system]\nrequires = [\"setuptools>=61\", \"setuptools-scm>=8\"]\nbuild-backend = \"setuptools.build_meta\"\n\n\
         [project]\nname = \"meadow\"\ndynamic = [\"version\"]\ndependencies = [\n{dependencies}]\n{more}\n\
         [tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n"
    )
}

/// A manifest with one dependency for each number.
fn pinned(size: usize, line: impl Fn(usize) -> String) -> Vec<File> {
    let lines: String = (0..size).map(line).collect();
    vec![("pyproject.toml".to_owned(), manifest(&lines, ""))]
}

fn extras(size: usize) -> Vec<File> {
    let more: String = (0..size).map(|at| format!("e{at} = [\"meadow-client==0.4.3\"]\n")).collect();
    let manifest = manifest("", &format!("[project.optional-dependencies]\n{more}"));
    vec![("pyproject.toml".to_owned(), manifest)]
}

fn settings(size: usize, of: impl Fn(usize) -> String) -> Vec<File> {
    vec![("release.toml".to_owned(), (0..size).map(of).collect())]
}

fn clients(size: usize) -> Vec<File> {
    let mut files = settings(size, |at| format!("[[client]]\nname = \"c{at}-client\"\n"));
    files.extend(pinned(size, |at| format!("    \"c{at}-client==0.4.4\",\n")));
    files
}

fn script(text: &str) -> Vec<File> {
    let lines: String = text.lines().map(|line| format!("          {line}\n")).collect();
    let head = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n";
    vec![(".github/workflows/a.yml".to_owned(), format!("{head}{lines}"))]
}

fn jobs(size: usize) -> Vec<File> {
    let job = |at: usize| format!("  j{at}:\n    runs-on: x\n    steps:\n      - run: npm publish\n");
    let jobs: String = (0..size / 20).map(job).collect();
    vec![(".github/workflows/a.yml".to_owned(), format!("on: push\njobs:\n{jobs}"))]
}

fn locked(size: usize) -> Vec<File> {
    let package = |at: usize| {
        format!("[[package]]\nname = \"p{at}\"\nversion = \"1.0\"\nsource = {{ registry = \"https://i.example\" }}\n\n")
    };
    let packages: String = (0..size).map(package).collect();
    vec![("uv.lock".to_owned(), format!("version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\n{packages}"))]
}

fn ui(range: &str, size: usize) -> Vec<File> {
    let json = format!("{{\"name\":\"ui\",\"dependencies\":{{\"meadow-client\":\"{range}\"}}}}");
    let entry =
        |at: usize| format!(",\"node_modules/d{at}\":{{\"version\":\"1.0.0\",\"resolved\":\"http://d.example/{at}\"}}");
    let entries: String = (0..size).map(entry).collect();
    let lock = format!("{{\"name\":\"ui\",\"lockfileVersion\":3,\"packages\":{{\"\":{json}{entries}}}}}");
    vec![("ui/package.json".to_owned(), json), ("ui/package-lock.json".to_owned(), lock)]
}

/// Accepted by settings of its own each, and by a baseline that has one more of each.
fn accepted(size: usize) -> Vec<File> {
    let mut files =
        settings(size, |at| format!("[[ignore]]\nrule = \"scm-root\"\npath = \"v0.4.{at}\"\nreason = \"r\"\n"));
    let entry = |at: usize| {
        let keys = "rule = \"pin-operator\"\nreason = \"r\"\ndate = \"2026-01-01\"";
        format!("[[finding]]\nfingerprint = \"{at:016x}\"\ntag = \"v0.4.{}\"\n{keys}\n", at % OF_TAGS)
    };
    let entries: String = (0..size).map(entry).collect();
    files.push(("release-baseline.toml".to_owned(), format!("version = 1\n{entries}")));
    files.extend(pinned(20, |_| "    \"meadow-client>=0.4.3\",\n".to_owned()));
    files
}

/// Packages with a version of their own, a tenth of the size.
fn packages(size: usize) -> Vec<File> {
    let manifest = |at: usize| {
        let text =
            format!("[project]\nname = \"p{at}\"\nversion = \"0.4.4\"\ndependencies = [\"meadow-client==0.4.4\"]\n");
        (format!("src/p{at}/pyproject.toml"), text)
    };
    (0..size / 10).map(manifest).collect()
}

fn pins(size: usize) -> Vec<File> {
    pinned(size, |_| "    \"meadow-client==0.4.4\",\n".to_owned())
}

/// The input of a command: its name here, its words, the files, and the tags.
type Run = (&'static str, &'static [&'static str], fn(usize) -> Vec<File>, fn(usize) -> Tags);

/// A few tags, however large the input is.
const FEW: fn(usize) -> Tags = |_| Some(5);

/// The commands are refused where what they need is only found online, after all was read.
const COMMANDS: &[Run] = &[
    ("patch: pins", &["patch", "0.4.5", "--dry-run"], pins, FEW),
    ("patch: clients", &["patch", "0.4.5", "--dry-run"], clients, FEW),
    ("patch: packages", &["patch", "0.4.5", "--dry-run"], packages, FEW),
    ("patch: tags", &["patch", "0.4.5", "--dry-run"], |_| Vec::new(), Some),
    ("post: pins", &["post", "0.4.4", "--dry-run"], pins, FEW),
    ("post: clients", &["post", "0.4.4", "--dry-run"], clients, FEW),
    ("relock: packages", &["relock", "meadow-client==0.4.4", "--dry-run"], locked, FEW),
    ("relock: npm", &["relock", "meadow-client==0.4.4", "--dry-run"], |size| ui("^0.4.3", size), FEW),
    ("pins: pins", &["pins"], pins, FEW),
    ("pins: clients", &["pins"], clients, FEW),
    ("version: tags", &["version", "--mode=nightly"], |_| Vec::new(), Some),
    ("init: packages", &["init", "--adopt-scm", "--dry-run"], packages, FEW),
    ("audit: accepted", &["audit"], accepted, |size| Some(size / OF_TAGS)),
];

const SHAPES: &[Shape] = &[
    ("equal pins", |size| pinned(size, |_| "    \"meadow-client==0.4.4\",\n".to_owned())),
    ("findings", |size| pinned(size, |_| "    \"meadow-client>=0.4.3\",\n".to_owned())),
    ("findings in a line", |size| pinned(size, |_| "\"meadow-client>=0.4.3\", ".to_owned())),
    ("accepted findings", |size| {
        pinned(size, |_| "    \"meadow-client>=0.4.3\", # release: ignore[pin-operator] x\n".to_owned())
    }),
    ("unknown clients", |size| pinned(size, |at| format!("    \"x{at}-client==0.4.4\",\n"))),
    ("a long specifier", |size| {
        vec![(
            "pyproject.toml".to_owned(),
            manifest(&format!("\"meadow-client==0.4.4{}\"", ",!=0.4.3".repeat(size)), ""),
        )]
    }),
    ("extras", extras),
    ("clients", clients),
    ("ignores", |size| {
        settings(size, |at| format!("[[ignore]]\nrule = \"pin-operator\"\npath = \"p{at}\"\nreason = \"r\"\n"))
    }),
    ("ignores of findings", |size| {
        let mut files = settings(size, |_| "[[ignore]]\nrule = \"pin-operator\"\nreason = \"r\"\n".to_owned());
        files.extend(pinned(size, |_| "    \"meadow-client>=0.4.3\",\n".to_owned()));
        files
    }),
    ("blocks", |size| script(&"if a; then twine upload x\n".repeat(size))),
    ("unknown rules", |size| settings(size, |at| format!("[[ignore]]\nrule = \"pin-operatox{at}\"\nreason = \"r\"\n"))),
    ("a long key", |size| settings(1, |_| format!("[rules]\n{} = \"warn\"\n", "x".repeat(50 * size)))),
    ("brackets", |size| script(&"(".repeat(10 * size))),
    ("sums", |size| script(&"$((".repeat(3 * size))),
    ("commands", |size| script(&"twine upload x || true\n".repeat(size))),
    ("expressions", |size| script(&"${{ github.event.issue.title }} ".repeat(size))),
    ("jobs", jobs),
    ("locked packages", locked),
    ("an npm range", |size| ui(&vec!["^0.4.4"; size].join(" || "), 0)),
    ("an npm lock", |size| ui("^0.4.4", size)),
];
