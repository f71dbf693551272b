//! Everything that a person sees: data on stdout, everything else on stderr, colour on terminals.

pub(crate) mod diff;
pub(crate) mod json;
mod object;
pub(crate) mod skipped;
pub(crate) mod stream;

use crate::cli::{Color, Format, Global};
use crate::directory::current_directory;
use camino::Utf8Path;
pub(crate) use object::object;
use release_checks::render::{Sources, full, warning};
use release_core::plan::PlannedFile;
use release_core::problem::Problem;
pub(crate) use release_core::text::count;
use release_core::text::{SourceText, quoted};
use release_core::train::Step;
use std::time::Duration;
pub(crate) use stream::{ADDED, FAILED, HEADING, PASSED, QUIET};
pub(crate) use stream::{Document, Said, ended, json as document};

/// Applies `--color` to both streams.
pub(crate) fn choose_color(color: Color) {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::AlwaysAnsi,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Says something on stderr in a line, unless `--quiet`.
pub(crate) fn say(global: &Global, line: &str) {
    if !global.quiet {
        stream::err(&(stream::one_line(line) + "\n"));
    }
}

/// Says something of several lines on stderr, unless `--quiet`.
pub(crate) fn say_lines(global: &Global, lines: &str) {
    if !global.quiet {
        stream::err(&format!("{lines}\n"));
    }
}

/// Says what comes next in a checkout, unless `--quiet`.
pub(crate) fn next(global: &Global, root: &Utf8Path, steps: &[Step]) {
    if global.quiet || steps.is_empty() {
        return;
    }
    let is_elsewhere = current_directory().is_ok_and(|directory| directory != root);
    let place = if is_elsewhere { format!(", in {root}") } else { String::new() };
    say(global, &format!("\n{HEADING}what comes next{HEADING:#}{place}"));
    for (number, step) in steps.iter().enumerate() {
        say(global, &format!("{:3}. {}", number + 1, step.title));
        for line in step.commands.iter().flat_map(|command| command.lines()) {
            say(global, format!("       {ADDED}{line}{ADDED:#}").trim_end());
        }
    }
}

/// Shows the differences of edited files. With JSON there are none, and with `--quiet` only a dry run has them, which is asked for
/// nothing else.
pub(crate) fn differences(global: &Global, files: &[PlannedFile]) {
    let is_shown = global.output_format != Some(Format::Json) && (!global.quiet || global.dry_run);
    for file in files.iter().filter(|_| is_shown) {
        lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
    }
}

/// Something worth knowing in a line, on stderr.
pub(crate) fn note(line: &str) {
    complain(&format!("{QUIET}note{QUIET:#}: {line}"));
}

/// A line on stderr that `--quiet` does not silence.
pub(crate) fn complain(line: &str) {
    stream::err(&(stream::one_line(line) + "\n"));
}

/// Lines on stderr that explain what was said.
pub(crate) fn explain(lines: &str) {
    stream::err(&format!("{lines}\n"));
}

/// Data for people on stdout: a line, with its end.
pub(crate) fn data(line: &str) {
    stream::out(&stream::one_line(line));
}

/// Data for people on stdout: several lines, such as a difference. Foreign text in them has no line breaks but those of files.
pub(crate) fn lines(text: &str) {
    stream::out(text);
}

/// An error that ends the run. Lines after the first are what others said, and stand apart from ours.
pub(crate) fn error(error: &anyhow::Error) {
    let apart = |text: String| {
        let lines = text.split('\n').enumerate();
        let line = |(at, line): (usize, &str)| match at == 0 || line.starts_with(' ') || line.is_empty() {
            true => line.to_owned(),
            false => format!("  {line}"),
        };
        lines.map(line).collect::<Vec<_>>().join("\n")
    };
    stream::err(&format!("{FAILED}error{FAILED:#}: {}\n", apart(error.to_string())));
    for cause in error.chain().skip(1).filter(|cause| !error.to_string().contains(&cause.to_string())) {
        stream::err(&format!("  {QUIET}because{QUIET:#}: {}\n", apart(cause.to_string())));
    }
}

/// Help, the version, or what is wrong with the command line; and how the run ends with it.
pub(crate) fn usage(error: &clap::Error) -> u8 {
    let said = error.render();
    // A mistake quotes words of the command line, which may be the names of others.
    let plain = said.to_string();
    let text = if plain.chars().any(|c| !matches!(c, '\n' | '\t') && release_core::text::is_hidden(c)) {
        plain
    } else {
        stream::drawn(&said.ansi().to_string())
    };
    match error.use_stderr() {
        true => stream::err(&text),
        false => stream::out(&text),
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

/// Problems, each with its lines, and how many there are.
pub(crate) fn problems<'a>(problems: &[Problem], texts: impl Iterator<Item = (&'a Utf8Path, &'a SourceText)>) {
    let sources: Sources<'_> = texts.collect();
    for problem in problems {
        stream::err(&format!("{}\n\n", stream::drawn(&full(problem, &sources, true))));
    }
}

/// The problems that are left to a person, and stop nothing.
pub(crate) fn warnings<'a>(warnings: &[Problem], texts: impl Iterator<Item = (&'a Utf8Path, &'a SourceText)>) {
    let sources: Sources<'_> = texts.collect();
    for left in warnings {
        stream::err(&format!("{}\n\n", stream::drawn(&warning(left, &sources, true))));
    }
}

/// Prints a document where there is one.
pub(crate) fn print(document: Option<Document>) {
    if let Some(document) = document {
        document.print();
    }
}

/// A length of time in its largest unit.
pub(crate) fn age_in_words(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let (number, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    count(usize::try_from(number).unwrap_or(usize::MAX), unit)
}

/// The time of the last fetch, as this long ago.
pub(crate) fn fetched(ago: Option<Duration>) -> String {
    match ago {
        Some(age) => format!("last fetched {} ago", age_in_words(age)),
        None => "not fetched since it was cloned".to_owned(),
    }
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
