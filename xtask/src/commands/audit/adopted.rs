//! The tags from before the project's releases pinned their clients as they do now: they broke no policy of their time.

use super::observed::Audited;
use release_checks::level::{Level, SetBy};
use release_core::monorepo::Config;

/// The rule that holds pins to the operator of a policy.
const RULE: &str = "pin-operator";

/// Makes findings about the operator of pins warnings at the tags before the first release that has none. Where `release.toml` names
/// the clients, it says how they are pinned, at every tag. The tags stand in the order of their time.
pub(super) fn soften(audited: &mut [Audited], config: &Config) {
    if !config.clients.is_empty() {
        return;
    }
    let first = audited.iter().position(|audited| config.tag.release(&audited.tag.name).is_some() && follows(audited));
    let name = first.map(|at| audited[at].tag.name.clone());
    let (before, _) = audited.split_at_mut(first.unwrap_or(audited.len()));
    for diagnostic in before
        .iter_mut()
        .filter_map(|audited| audited.checked.as_mut().ok())
        .flat_map(|checked| &mut checked.diagnostics)
    {
        if diagnostic.rule == RULE && diagnostic.set_by == SetBy::Default {
            diagnostic.level = diagnostic.level.min(Level::Warn);
            let since = match &name {
                Some(name) => format!("releases are pinned like this since {name}"),
                None => "no release is pinned like this".to_owned(),
            };
            diagnostic.finding.problem.help = format!("{since}: nothing is to be done at this tag");
        }
    }
}

/// Returns `true` if a tag has pins of clients that were judged, and none that another operator should have.
fn follows(audited: &Audited) -> bool {
    let Ok(checked) = &audited.checked else { return false };
    let mut found = checked.diagnostics.iter().chain(checked.accepted.iter().map(|accepted| &accepted.diagnostic));
    let is_judged = !checked.skipped.iter().any(|skipped| skipped.rule == RULE);
    audited.pins_clients && is_judged && !found.any(|diagnostic| diagnostic.rule == RULE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_checks::diagnostic::{Diagnostic, Finding};
    use release_checks::fingerprint::Fingerprint;
    use release_checks::run::Checked;
    use release_core::history::DatedTag;
    use release_core::monorepo::{ClientConfig, PinPolicy};
    use std::collections::BTreeMap;

    fn tagged(name: &str, pins_clients: bool, rule: Option<&'static str>) -> Audited {
        let diagnostic = |rule| Diagnostic {
            rule,
            level: Level::Error,
            set_by: SetBy::Default,
            fingerprint: Fingerprint::parse("0123456789abcdef").expect("a fingerprint"),
            finding: Finding::about("it floats", name),
        };
        let checked = Checked { diagnostics: rule.map(diagnostic).into_iter().collect(), ..Checked::default() };
        let tag = DatedTag { name: name.to_owned(), commit: String::new(), time: 0 };
        Audited { tag, branch: None, checked: Ok(checked), pins_clients, sources: BTreeMap::new(), stand_in: None }
    }

    /// Returns the levels after the tags were softened.
    fn levels(mut audited: Vec<Audited>, config: &Config) -> Vec<Level> {
        soften(&mut audited, config);
        let checked = audited.iter().filter_map(|audited| audited.checked.as_ref().ok());
        checked.flat_map(|checked| &checked.diagnostics).map(|diagnostic| diagnostic.level).collect()
    }

    #[test]
    fn pins_that_float_are_warnings_until_the_first_release_whose_pins_do_not() {
        let floats = |name: &str| tagged(name, true, Some(RULE));
        let config = Config::default();
        for (first, expected) in [
            (tagged("v0.4.4", true, None), [Level::Warn, Level::Error]),
            // Neither a release without a client nor a development tag shows how releases are pinned.
            (tagged("v0.4.4", false, None), [Level::Warn, Level::Warn]),
            (tagged("v0.4.4-dev", true, None), [Level::Warn, Level::Warn]),
        ] {
            assert_eq!(levels(vec![floats("v0.4.3"), first, floats("v0.4.5")], &config), expected);
        }
        let other = vec![tagged("v0.4.3", true, Some("pin-version")), tagged("v0.4.4", true, None)];
        assert_eq!(levels(other, &config), [Level::Error]);
    }

    #[test]
    fn where_the_clients_are_named_the_policy_holds_at_every_tag() {
        let client =
            ClientConfig { name: "meadow-client".to_owned(), registries: Vec::new(), pin: PinPolicy::default() };
        let config = Config { clients: vec![client], ..Config::default() };
        let audited = vec![tagged("v0.4.3", true, Some(RULE)), tagged("v0.4.4", true, None)];
        assert_eq!(levels(audited, &config), [Level::Error]);
    }
}
