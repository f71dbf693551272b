//! What a person sees: data on stdout, everything else on stderr, colour on terminals.

pub(crate) mod audit;
mod audit_formats;
mod audit_html;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod follow_up;
mod follow_up_json;
pub(crate) mod init;
pub(crate) mod json;
pub(crate) mod pins;
pub(crate) mod pins_edit;
pub(crate) mod prepare;
mod skipped;
pub(crate) mod stamp;
pub(crate) mod version;
mod version_json;

use crate::cli::{Color, Global};
use crate::world::Unreadable;
use crate::world::current_directory;
use anstyle::{AnsiColor, Style};
use camino::Utf8Path;
use release_checks::render::{Sources, full};
use release_core::problem::Problem;
pub(crate) use release_core::text::count;
use release_core::text::{SourceText, quoted};
use release_core::train::Step;

pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const REMOVED: Style = AnsiColor::Red.on_default();
pub(crate) const ADDED: Style = AnsiColor::Green.on_default();
pub(crate) const QUIET: Style = Style::new().dimmed();

/// Applies `--color` to both streams.
pub(crate) fn choose_color(color: Color) {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::AlwaysAnsi,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Says something on stderr, unless `--quiet`.
pub(crate) fn say(global: &Global, line: &str) {
    if !global.quiet {
        anstream::eprintln!("{line}");
    }
}

/// Says what comes next in a checkout, unless `--quiet`.
pub(crate) fn next(global: &Global, root: &Utf8Path, steps: &[Step]) {
    if global.quiet || steps.is_empty() {
        return;
    }
    let elsewhere = current_directory().ok().filter(|directory| directory != root);
    let place = elsewhere.map_or_else(String::new, |_| format!(", in {root}"));
    say(global, &format!("\n{HEADING}what comes next{HEADING:#}{place}"));
    for (number, step) in steps.iter().enumerate() {
        say(global, &format!("{:3}. {}", number + 1, step.title));
        for command in &step.action.commands {
            say(global, &format!("       {ADDED}{command}{ADDED:#}"));
        }
    }
}

/// Something worth knowing, on stderr.
pub(crate) fn note(line: &str) {
    anstream::eprintln!("{QUIET}note{QUIET:#}: {line}");
}

/// Data, on stdout. A reader that has gone away (`| head`) is no error.
pub(crate) fn data(text: &str) {
    use std::io::Write;
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// An error that ends the run.
pub(crate) fn error(error: &anyhow::Error) {
    let red = AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{red}error{red:#}: {error}");
    for cause in error.chain().skip(1).filter(|cause| !error.to_string().contains(&cause.to_string())) {
        anstream::eprintln!("  {QUIET}because{QUIET:#}: {cause}");
    }
}

/// Problems, each with its lines, and how many there are.
pub(crate) fn problems<'a>(problems: &[Problem], texts: impl Iterator<Item = (&'a Utf8Path, &'a SourceText)>) {
    let sources: Sources<'_> = texts.collect();
    for problem in problems {
        anstream::eprintln!("{}\n", full(problem, &sources, true));
    }
}

/// Shows what is wrong with a file of ours, with its places.
pub(crate) fn unreadable(file: &Unreadable) {
    problems(&file.problems, std::iter::once((file.path.as_path(), &file.source)));
}

/// The command that this run is, to be given again.
pub(crate) fn command_line() -> String {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words = words.strip_prefix(&["xtask".to_owned()]).unwrap_or(&words);
    words.iter().fold("cargo xtask".to_owned(), |line, word| line + " " + &quoted(&without_user_info(word)))
}

/// A word without the user and password that an address in it may have: what is printed may end in a log.
fn without_user_info(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => word.to_owned(),
    }
}
