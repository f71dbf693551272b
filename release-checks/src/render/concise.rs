//! One line for each diagnostic, as editors and `grep` read them.

use super::Sources;
use crate::diagnostic::Diagnostic;

/// `path:line:column: level[rule] message`; a tag or branch stands for the path of a finding that is in no file.
pub fn concise(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let Diagnostic { rule, level, finding, .. } = diagnostic;
    let place = match (finding.place(), &finding.reference) {
        (Some(label), _) => match sources.get(label.path.as_path()) {
            Some(source) => {
                let location = source.location(label.span.start);
                format!("{}:{}:{}: ", label.path, location.line, location.column)
            }
            None => format!("{}: ", label.path),
        },
        (None, Some(reference)) => format!("{reference}: "),
        (None, None) => String::new(),
    };
    format!("{place}{level}[{rule}] {}", finding.problem.message)
}
