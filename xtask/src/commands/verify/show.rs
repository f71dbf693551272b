//! The artifacts of a release as text and as JSON. The JSON is documented in `docs/json.md`; a change that breaks a reader
//! raises [`VERSION`].

use super::observe::Questions;
use crate::cli::{Format, Global};
use crate::output::{self, Document, object};
use release_core::text::shown;
use release_core::train::verify::Verdict;
use release_core::train::world::{Artifact, Standing};
use release_core::version::Release;

/// The version of the format.
const VERSION: u32 = 1;

/// The width of a terminal that the text is made for.
const WIDTH: usize = 80;

/// Prints the table, or the document.
pub(super) fn show(
    global: &Global,
    release: Release,
    verdict: Verdict,
    questions: &Questions<'_>,
    artifacts: &[Artifact],
) {
    if global.output_format == Some(Format::Json) {
        Document::new(&object! {
            schema_version: VERSION,
            command: "verify",
            outcome: name(verdict),
            release: release.to_string(),
            commit: &questions.commit,
            artifacts: artifacts,
        })
        .print();
        return;
    }
    if questions.commit.is_none() {
        output::say(global, &format!("{release} has no tag here; its artifacts are those of the work tree"));
    }
    output::lines(&table(artifacts));
}

/// The name of a verdict, as JSON has it.
fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::There => "there",
        Verdict::Unknown => "unknown",
        Verdict::Yanked => "yanked",
        Verdict::OtherBytes => "other-bytes",
        Verdict::Absent => "absent",
        Verdict::Lagging => "lagging",
    }
}

/// The artifacts, a line each, with what was observed and the next step below it.
fn table(artifacts: &[Artifact]) -> String {
    let mut text = String::new();
    for artifact in artifacts {
        let (word, detail) = words(&artifact.standing);
        let line = format!("{word:<13} {:<5} {} {}", artifact.kind.to_string(), artifact.name, artifact.version);
        text += &format!("{}\n", shown(&line));
        let next = (!artifact.next.is_empty()).then(|| format!("next: {}", artifact.next));
        for note in detail.into_iter().chain(artifact.notes.iter().cloned()).chain(next) {
            wrapped(&shown(&note)).iter().for_each(|line| text += &format!("    {line}\n"));
        }
    }
    text
}

/// The words for a standing: at most thirteen letters, and what there is to say of it.
fn words(standing: &Standing) -> (&'static str, Option<String>) {
    match standing {
        Standing::There => ("there", None),
        Standing::Missing => ("missing", None),
        Standing::Partial(lacks) => ("partial", Some(format!("it is there without {}", lacks.join(", ")))),
        Standing::Staged => ("staged", Some("it waits for a person's approval".to_owned())),
        Standing::Yanked(reason) if reason.is_empty() => ("yanked", Some("without a reason".to_owned())),
        Standing::Yanked(reason) => ("yanked", Some(reason.clone())),
        Standing::OtherBytes(places) => ("other bytes", Some(places.clone())),
        Standing::WrongTag(points) => ("wrong tag", Some(points.clone())),
        Standing::Unknown(why) => ("could not ask", Some(why.reason.clone())),
    }
}

/// Text in lines that fit, broken between words; a longer word stays whole.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() + 5 < WIDTH => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
