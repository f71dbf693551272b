//! The words for a program that asks a registry in our place: the address, and the credentials for exactly that place, in a
//! form that its own files of settings have.

use super::credentials::Credentials;
use super::failure::Sent;
use super::npm::NpmRegistry;
use super::place::Place;
use super::python::Index;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Lines of a file of settings, which may hold a secret and are never shown; and what had to be left out, in a sentence.
#[derive(Default)]
pub(crate) struct Handover {
    pub(crate) lines: String,
    pub(crate) withheld: Option<String>,
}

impl NpmRegistry {
    /// The registry as npmrc names it, for all packages or for those of a scope (`@meadow`), and who asks there.
    pub(crate) fn npmrc(&self, scope: Option<&str>) -> Handover {
        let (place, credentials) = self.asked();
        let key = scope.map_or_else(|| "registry".to_owned(), |scope| format!("{scope}:registry"));
        let lines = format!("{key}={}/\n", self.shown());
        let (header, withheld) = header(place, credentials);
        // npm expands variables also between quotes.
        let is_plain = |secret: &str| secret.chars().all(|c| c.is_ascii_graphic() && !"\"'\\$;#".contains(c));
        let secret = header.as_deref().and_then(|header| {
            let (kind, secret) = header.split_once(' ')?;
            let key = if kind == "Bearer" { "_authToken" } else { "_auth" };
            is_plain(secret).then(|| format!("//{}{}/:{key}={secret}\n", place.authority(), place.path))
        });
        finish(place, lines, header.is_some(), secret, withheld, "npmrc")
    }
}

impl Index {
    /// Who asks this index, as netrc says it.
    pub(crate) fn netrc(&self) -> Handover {
        let (place, credentials) = self.asked();
        let (header, withheld) = header(place, credentials);
        let is_plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"\"'\\#".contains(c));
        let secret = header.as_deref().and_then(|header| {
            let decoded = BASE64_STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
            let decoded = String::from_utf8(decoded).ok()?;
            let (user, password) = decoded.split_once(':').filter(|(user, word)| is_plain(user) && is_plain(word))?;
            Some(format!("machine {} login {user} password {password}\n", place.host))
        });
        finish(place, String::new(), header.is_some(), secret, withheld, "netrc")
    }
}

fn header(place: &Place, credentials: &Credentials) -> (Option<String>, Option<String>) {
    match credentials.of(place).header(place) {
        (Some(header), _) => (Some(header), None),
        (None, Sent::Withheld(from)) => (
            None,
            Some(format!("the credentials for {} from {from} are not passed on: it is not asked over TLS", place.host)),
        ),
        (None, _) => (None, None),
    }
}

fn finish(
    place: &Place,
    lines: String,
    is_known: bool,
    secret: Option<String>,
    withheld: Option<String>,
    form: &str,
) -> Handover {
    match secret {
        Some(secret) => Handover { lines: lines + &secret, withheld },
        None if is_known => {
            let what = format!("the credentials for {} are not passed on: {form} cannot hold them safely", place.host);
            Handover { lines, withheld: Some(what) }
        }
        None => Handover { lines, withheld },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Environment, Settings, User};
    use camino::Utf8Path;

    fn asked_by(environment: Environment) -> User {
        User { environment, index: None, npm_registry: None }
    }

    #[test]
    fn npm_is_told_the_registry_and_the_credentials_for_it_alone() {
        for (settings, scope, wanted) in [
            ("", None, "registry=https://r.example/npm/\n"),
            ("", Some("@meadow"), "@meadow:registry=https://r.example/npm/\n"),
            (
                "//r.example/npm/:_authToken=s3cret\n//other.example/:_authToken=no",
                None,
                "registry=https://r.example/npm/\n//r.example/npm/:_authToken=s3cret\n",
            ),
            ("//r.example/:_auth=czpz", None, "registry=https://r.example/npm/\n//r.example/npm/:_auth=czpz\n"),
            ("//other.example/npm/:_authToken=no", None, "registry=https://r.example/npm/\n"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let user = directory.path().join("npmrc").to_str().unwrap().to_owned();
            std::fs::write(&user, settings).unwrap();
            let environment =
                Environment::of(&[("npm_config_registry", "https://r.example/npm/"), ("npm_config_userconfig", &user)]);
            let none: [Settings<'_>; 0] = [];
            let registry = NpmRegistry::choose("@meadow/client", &asked_by(environment), &none, None).unwrap();
            let told = registry.npmrc(scope);
            assert_eq!((told.lines.as_str(), told.withheld), (wanted, None), "{settings}");
        }
        // A value that npm would read as something else is not written.
        let environment = Environment::of(&[
            ("npm_config_registry", "https://r.example"),
            ("npm_config_//r.example/:_authToken", "${HOME}"),
        ]);
        let project = [Settings { path: Utf8Path::new(".npmrc"), text: "" }];
        let told = NpmRegistry::choose("client", &asked_by(environment), &project, None).unwrap().npmrc(None);
        assert_eq!(told.lines, "registry=https://r.example/\n");
        let withheld = "the credentials for r.example are not passed on: npmrc cannot hold them safely";
        assert_eq!(told.withheld.as_deref(), Some(withheld));
    }

    #[test]
    fn uv_is_told_who_asks_the_index_and_nothing_of_other_hosts() {
        let directory = tempfile::tempdir().unwrap();
        let netrc = directory.path().join("netrc").to_str().unwrap().to_owned();
        let safely = "the credentials for i.example are not passed on: netrc cannot hold them safely";
        let open = "the credentials for i.example from netrc are not passed on: it is not asked over TLS";
        let other = "machine j.example login a password b\n";
        let known = "machine i.example login me password s3cret\n";
        for (url, text, wanted, withheld) in [
            ("https://i.example/simple", "", "", None),
            ("https://i.example/simple", other, "", None),
            ("https://i.example/simple", &(other.to_owned() + known), known, None),
            ("https://me:s3cret@i.example/simple", "", known, None),
            ("https://token@i.example/simple", "", "", Some(safely)),
            ("https://i.example/simple", "machine i.example login me password \"a b\"", "", Some(safely)),
            ("http://i.example/simple", known, "", Some(open)),
        ] {
            std::fs::write(&netrc, text).unwrap();
            let environment = Environment::of(&[("UV_DEFAULT_INDEX", url), ("NETRC", &netrc)]);
            let told = Index::choose(&asked_by(environment), None, None).unwrap().netrc();
            assert_eq!((told.lines.as_str(), told.withheld.as_deref()), (wanted, withheld), "{url} {text}");
        }
    }
}
