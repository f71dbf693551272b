//! One line for each diagnostic, as editors and `grep` read them.

use super::run::Sources;
use crate::diagnostic::Diagnostic;
use release_core::text::shown;

/// `path:line:column: level[rule] message`; a tag or branch stands for the path of a finding that is in no file.
pub fn concise(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let Diagnostic { rule, level, finding, .. } = diagnostic;
    let place = match (finding.place(), &finding.reference) {
        (Some(label), _) => {
            let location = sources.get(label.path.as_path()).map(|source| source.location(label.span.start));
            let location = location.map(|location| format!("{}:{}:", location.line, location.column));
            format!("{}:{} ", shown(label.path.as_str()), location.unwrap_or_default())
        }
        (None, Some(reference)) => format!("{}: ", shown(reference)),
        (None, None) => String::new(),
    };
    format!("{place}{level}[{rule}] {}", shown(&finding.problem.message))
}
