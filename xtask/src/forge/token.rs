//! The token with which a forge is asked: of the environment, else the one that `gh` keeps.

use super::address::Api;
use crate::registry::{Credentials, Environment};
use release_core::train::probe::TokenKind;

/// Variables of the public forge, and of those of companies, in the order in which `gh` reads them.
const PUBLIC: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];
const ENTERPRISE: [&str; 2] = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// The token of who asks, for one address and no other. It has no debug form.
pub(crate) struct Token {
    pub(super) credentials: Credentials,
    /// The variable or program that it is from; `None` if there is none.
    pub(crate) from: Option<&'static str>,
    /// Its kind.
    pub(crate) kind: TokenKind,
}

impl Token {
    /// Finds the token; `gh` is asked for the one of a host only where no variable has one.
    pub(crate) fn find(api: &Api, environment: &Environment, gh: &dyn Fn(&str) -> Option<String>) -> Self {
        let names = if api.is_public() { PUBLIC } else { ENTERPRISE };
        let named = names.iter().find_map(|name| Some((*name, environment.get(name)?.to_owned())));
        let found = named.or_else(|| Some(("`gh auth token`", gh(&api.host)?.trim().to_owned())));
        let found = found.filter(|(_, token)| !token.is_empty());
        let way_out = format!("set {}, or sign in with `gh auth login --hostname {}`", names[0], api.host);
        let secret = found.as_ref().map(|(from, token)| (token.as_str(), *from));
        let credentials = Credentials::of_token(&api.base, secret, way_out);
        let kind = found.as_ref().map_or(TokenKind::Missing, |(from, token)| kind(from, token, environment));
        Self { credentials, from: found.map(|(from, _)| from), kind }
    }
}

/// The kind of a token, by its beginning; that of a workflow comes in the variable that workflows have it in.
fn kind(from: &str, token: &str, environment: &Environment) -> TokenKind {
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| token.starts_with(beginning));
    let is_old = token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_workflow = || from == "GITHUB_TOKEN" && environment.get("GITHUB_ACTIONS") == Some("true");
    match () {
        () if begins(&["ghs_"]) && is_workflow() => TokenKind::Workflow,
        () if begins(&["ghs_"]) => TokenKind::App,
        () if begins(&["ghp_", "gho_"]) || is_old => TokenKind::Classic,
        () if begins(&["github_pat_", "ghu_"]) => TokenKind::FineGrained,
        () => TokenKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Chosen;
    use super::*;

    #[test]
    fn a_token_is_the_environments_for_its_kind_of_host_else_that_of_gh_and_is_never_shown() {
        let gh = |host: &str| (host == "ghe.example").then(|| "of-gh\n".to_owned());
        let public = ("GITHUB_TOKEN", "s3cret");
        for (remote, variables, from) in [
            ("git@github.com:a/b", &[public, ("GH_TOKEN", "s3cret-2")][..], Some("GH_TOKEN")),
            ("git@github.com:a/b", &[public], Some("GITHUB_TOKEN")),
            ("git@github.com:a/b", &[("GITHUB_TOKEN", " ")], None),
            // What is for the public forge is not sent to a company's.
            ("git@ghe.example:a/b", &[public, ("GH_HOST", "ghe.example")], Some("`gh auth token`")),
            (
                "git@ghe.example:a/b",
                &[("GH_HOST", "ghe.example"), ("GH_ENTERPRISE_TOKEN", "s3cret")],
                Some("GH_ENTERPRISE_TOKEN"),
            ),
            ("git@ghe.example:a/b", &[public, ("GITHUB_API_URL", "https://ghe.example/api/v3")], Some("GITHUB_TOKEN")),
        ] {
            let environment = Environment::of(variables);
            let api = Api::choose(&Chosen { environment: &environment, remote, repository: None }).unwrap();
            let token = Token::find(&api, &environment, &gh);
            assert_eq!(token.from, from, "{remote} {variables:?}");
            assert!(!format!("{:?}", token.credentials).contains("s3cret"));
        }
    }

    #[test]
    fn the_kind_of_a_token_is_told_by_its_beginning_and_its_source() {
        let in_workflow = [("GITHUB_ACTIONS", "true")];
        for (from, token, variables, expected) in [
            ("GITHUB_TOKEN", "ghs_1", &in_workflow[..], TokenKind::Workflow),
            ("GITHUB_TOKEN", "ghs_1", &[], TokenKind::App),
            ("GH_TOKEN", "ghs_1", &in_workflow, TokenKind::App),
            ("GH_TOKEN", "ghp_1", &[], TokenKind::Classic),
            ("`gh auth token`", "gho_1", &[], TokenKind::Classic),
            ("GH_TOKEN", "0123456789abcdef0123456789abcdef01234567", &[], TokenKind::Classic),
            ("GH_TOKEN", "github_pat_1", &[], TokenKind::FineGrained),
            ("GH_TOKEN", "x", &[], TokenKind::Unknown),
        ] {
            assert_eq!(kind(from, token, &Environment::of(variables)), expected, "{from} {token}");
        }
    }
}
