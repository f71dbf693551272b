//! How a check grows with what it reads: shapes of input that a repository may have very many of, at one size and at four times it.
//! Linear is a factor of about four; what every run costs makes it less.

use super::row;
use super::whole::Cost;
use anyhow::Context as _;
use camino::Utf8Path;
use release_core::git::Git;
use std::fs;
use std::process::Command;

/// A file of a repository.
type File = (String, String);

/// A shape of input, by its name and its size.
type Shape = (&'static str, fn(usize) -> Vec<File>);

/// How often a shape repeats what it is made of.
const SIZE: usize = 5_000;

/// Measures every shape.
pub(super) fn run() -> anyhow::Result<()> {
    row(&format!("\ngrowth of `release check`, with {SIZE} of a kind and with four times as many"));
    row("shape                          run   of four times    factor     peak memory");
    for (name, files) in SHAPES {
        let once = measured(&files(SIZE))?;
        let often = measured(&files(4 * SIZE))?;
        let factor = often.run / once.run;
        row(&format!(
            "{name:<20} {:>9.1} ms   {:>10.1} ms   {factor:>7.1} {:>12.1} MB",
            once.run, often.run, often.peak
        ));
    }
    Ok(())
}

fn measured(files: &[File]) -> anyhow::Result<Cost> {
    let directory = tempfile::tempdir().context("could not make a temporary directory")?;
    let root = Utf8Path::from_path(directory.path()).context("the temporary directory is not UTF-8")?;
    let git = Git::new(root)?;
    git.read(&["init", "--quiet", "--initial-branch=release-0.4.x", "--template="])?;
    let plain = ("pyproject.toml".to_owned(), manifest("    \"meadow-client==0.4.4\",\n", ""));
    for (path, text) in [plain].iter().chain(files) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(&path, text).with_context(|| format!("could not write {path}"))?;
    }
    git.read(&["add", "--all"])?;
    let binary = std::env::current_exe().context("could not tell where this program is")?;
    let words = ["release", "check", "-vv", "--offline", "--output-format", "json", "--repo", root.as_str()];
    let output = Command::new(&binary).args(words).output().context("could not start this program again")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let cost = said.lines().find_map(|line| Cost::read(line.strip_prefix("note: ")?));
    cost.with_context(|| format!("the run failed:\n{}", said.chars().take(2_000).collect::<String>()))
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
