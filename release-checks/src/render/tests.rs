//! The scene on which both reports for other systems are tested.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::fingerprint::Fingerprints;
use crate::fix::{Applicability, Fix};
use crate::level::{Level, Levels, SetBy};
use crate::render::{Command, Part, Run, Sources};
use crate::rules::tests::Scene;
use crate::run::{Accepted, AcceptedBy, Checked};
use camino::Utf8Path;
use release_core::problem::Problem;
use release_core::text::TextEdit;

/// A hostile message: markup, quotes, the end of a CDATA section, controls and what XML has no way to write.
pub(crate) const HOSTILE: &str = "a <b> & \"c\" 'd' ]]> %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz";

/// A context with a BOM, CRLF and characters of two UTF-16 units before a place.
pub(crate) fn context() -> Context {
    let text = "\u{feff}[project]\r\nname = 'meadow' # 🌼\r\nversion = '0.4.5'\r\n";
    Scene::of_files([("pyproject.toml", text)], "").context()
}

/// One finding of every kind of place, in every state.
pub(crate) fn checked(context: &Context) -> Checked {
    let path = "pyproject.toml".into();
    let text = context.source(path).unwrap().as_str();
    let (flower, version) = (text.find('🌼').unwrap(), text.find("'0.4.5'").unwrap());
    let mut fingerprints = Fingerprints::default();
    let mut diagnostic = |rule, level, finding: Finding| Diagnostic {
        rule,
        level,
        set_by: SetBy::Default,
        fingerprint: fingerprints.next(&finding.subject(rule, None)),
        finding,
    };
    let edit = |span, replacement: &str| TextEdit { span, replacement: replacement.to_owned() };
    let mut fix = Fix::new(Applicability::Safe, path, edit(version..version + 7, "'0.4.6'"));
    fix.edits.push((path.to_owned(), edit(version..version, "")));
    let two_places = Finding::at("two places", path, flower..flower + 4, "a flower")
        .and("a b/%41\"é#?.toml".into(), 3..4, "not read")
        .help("mend it")
        .fix(fix);
    let unsafe_fix = Finding::at("another", path, version..version + 7, "").fix(Fix::new(
        Applicability::Unsafe,
        path,
        edit(0..0, "x"),
    ));
    let outside = Finding::at(HOSTILE, "/etc/release toml".into(), 0..1, HOSTILE);
    let accepted =
        |diagnostic, by, reason: Option<&str>| Accepted { diagnostic, by, reason: reason.map(str::to_owned) };
    Checked {
        diagnostics: vec![
            diagnostic("pin-operator", Level::Error, two_places),
            diagnostic("pin-operator", Level::Warn, unsafe_fix.clone()),
            diagnostic("config-unknown-rule", Level::Error, outside),
            diagnostic("tag-off-branch", Level::Error, Finding::about("v0.4.4 is off its branch", "v0.4.4")),
            diagnostic("branch-behind", Level::Warn, Finding::about("it is behind", "release-0.4.x")),
        ],
        accepted: vec![
            accepted(diagnostic("pin-version", Level::Error, unsafe_fix.clone()), AcceptedBy::Baseline, Some("later")),
            accepted(diagnostic("pin-tables", Level::Error, unsafe_fix.clone()), AcceptedBy::Comment, Some(HOSTILE)),
            accepted(diagnostic("pin-duplicate", Level::Error, unsafe_fix), AcceptedBy::Configuration, None),
        ],
        skipped: vec![
            Skipped { rule: "pin-unpublished", reason: "not asked: `--online`".to_owned() },
            Skipped { rule: "tag-off-branch", reason: "in part".to_owned() },
        ],
        ..Checked::default()
    }
}

/// The levels that hold.
pub(crate) fn levels() -> Levels {
    let mut levels = Levels::default();
    levels.set("scm-root", Level::Ignore, SetBy::Flag);
    levels.set("scm-table", Level::Ignore, SetBy::Configuration);
    levels
}

/// The run of a check, for whoever renders it.
pub(crate) fn with_run<T>(deny_warnings: bool, render: impl FnOnce(&Run<'_>) -> T) -> T {
    let (context, levels) = (context(), levels());
    let checked = checked(&context);
    render(&Run {
        command: Command::Check { commit: Some("c0ffee"), branch: Some("release-0.4.x") },
        parts: &[Part::of_check(&context, &checked)],
        is_tag: &|name| context.tags.contains(name),
        levels: &levels,
        version: "0.1.0",
        deny_warnings,
    })
}

/// An audit of a tag with everything, one with a finding that followed from a release, one that cannot be checked, and a past.
pub(crate) fn with_audit<T>(deny_warnings: bool, render: impl FnOnce(&Run<'_>) -> T) -> T {
    let (context, levels) = (context(), levels());
    let path = Utf8Path::new("pyproject.toml");
    let sources = Sources::from([(path, context.source(path).unwrap())]);
    let all = checked(&context);
    let found = |rule, level, finding: Finding| Diagnostic {
        rule,
        level,
        set_by: SetBy::Default,
        fingerprint: Fingerprints::default().next(&finding.subject(rule, None)),
        finding,
    };
    let known = Finding::at("it is unavoidable", path, 0..1, "").in_flight(true);
    let second = Checked {
        diagnostics: vec![
            found("uv-lock-stale", Level::Warn, known),
            found("tag-off-branch", Level::Error, Finding::about("v0.4.5 is off its branch", "v0.4.5")),
            found("workflow-syntax", Level::Warn, Finding::at("never at a tag", path, 0..1, "")),
        ],
        skipped: vec![Skipped { rule: "pin-unpublished", reason: "not told".to_owned() }],
        ..Checked::default()
    };
    let accepted = found("tag-gap", Level::Warn, Finding::about("a number is left out", "v0.4.5"));
    let past = Checked {
        diagnostics: vec![
            found("branch-unreleased", Level::Error, Finding::about("one fix", "release-0.4.x")),
            found("tag-dev-history", Level::Warn, Finding::about("it is missing", "v0.4.6-dev")),
        ],
        accepted: vec![Accepted { diagnostic: accepted, by: AcceptedBy::Baseline, reason: Some("a slip".to_owned()) }],
        skipped: vec![Skipped { rule: "version-main-history", reason: "there is no main".to_owned() }],
        ..Checked::default()
    };
    let unfit = [Problem::new(HOSTILE, "see to it").at(path, 0..1, ""), Problem::new("another", "")];
    let tag = |tag, checked| Part {
        tag: Some((tag, "c0ffee")),
        checked,
        sources: sources.clone(),
        stand_in: Some((path, 0..3)),
    };
    let past = Part { tag: None, checked: Ok(&past), sources: Sources::new(), stand_in: Some((path, 0..0)) };
    render(&Run {
        command: Command::Audit,
        parts: &[tag("v0.4.4", Ok(&all)), tag("v0.4.5", Ok(&second)), tag("broken<>", Err(&unfit)), past],
        is_tag: &|name| !["main", "release-0.4.x"].contains(&name),
        levels: &levels,
        version: "0.1.0",
        deny_warnings,
    })
}
