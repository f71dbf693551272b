//! What both reports for other systems are tested on.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::fingerprint::Fingerprints;
use crate::fix::{Applicability, Fix};
use crate::level::{Level, Levels, SetBy};
use crate::render::{Run, Sources};
use crate::rules::tests::Scene;
use crate::run::{Accepted, AcceptedBy, Checked};
use release_core::text::TextEdit;

/// A hostile message: markup, quotes, the end of a CDATA section, controls and what XML has no way to write.
pub(crate) const HOSTILE: &str = "a <b> & \"c\" 'd' ]]> %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz";

/// A context with a BOM, CRLF and characters of two UTF-16 units before a place.
pub(crate) fn context() -> Context {
    let text = "\u{feff}[project]\r\nname = 'meadow' # 🌼\r\nversion = '0.4.5'\r\n";
    Scene { files: [("pyproject.toml".into(), text.to_owned())].into(), ..Scene::default() }.context()
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
        fingerprint: fingerprints.of(rule, &finding, None),
        finding,
    };
    let edit = |span, replacement: &str| TextEdit { span, replacement: replacement.to_owned() };
    let fix = Fix::new(Applicability::Safe, path, edit(version..version + 7, "'0.4.6'"));
    let two_places = Finding::at("two places", path, flower..flower + 4, "a flower")
        .and("a b/%41\"é#?.toml".into(), 3..4, "not read")
        .help("mend it")
        .fix(fix.and(path, edit(version..version, "")));
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

/// The run, for whoever renders it.
pub(crate) fn with_run<T>(deny_warnings: bool, render: impl FnOnce(&Run<'_>, &Sources<'_>) -> T) -> T {
    let (context, levels) = (context(), levels());
    let checked = checked(&context);
    let path = camino::Utf8Path::new("pyproject.toml");
    let sources = Sources::from([(path, context.source(path).unwrap())]);
    let run = Run {
        context: &context,
        checked: &checked,
        levels: &levels,
        version: "0.1.0",
        commit: Some("c0ffee"),
        deny_warnings,
    };
    render(&run, &sources)
}
