//! The words for a program that asks a registry in our place: the address, and the credentials for exactly that place, in a
//! form that its own files of settings have.

use super::credentials::Sent;
use super::whom::Whom;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Lines of a file of settings, which may hold a secret and are never shown; and what had to be left out, in a sentence.
#[derive(Default)]
pub(crate) struct Handover {
    pub(crate) lines: String,
    pub(crate) withheld: Option<String>,
}

impl Whom {
    /// The npm registry as npmrc names it, for all packages or for those of a scope (`@meadow`), and who asks there.
    pub(crate) fn npmrc(&self, scope: Option<&str>) -> Handover {
        let place = &self.place;
        let key = scope.map_or_else(|| "registry".to_owned(), |scope| format!("{scope}:registry"));
        // npm expands variables also between quotes.
        let is_plain = |secret: &str| secret.chars().all(|c| c.is_ascii_graphic() && !"\"'\\$;#".contains(c));
        self.handover(format!("{key}={}/\n", self.address), "npmrc", &|header| {
            let (kind, secret) = header.split_once(' ')?;
            let key = if kind == "Bearer" { "_authToken" } else { "_auth" };
            is_plain(secret).then(|| format!("//{}{}/:{key}={secret}\n", place.authority(), place.path))
        })
    }

    /// The credentials for this index, as netrc has them.
    pub(crate) fn netrc(&self) -> Handover {
        let is_plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"\"'\\#".contains(c));
        self.handover(String::new(), "netrc", &|header| {
            let decoded = BASE64_STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
            let decoded = String::from_utf8(decoded).ok()?;
            let (user, password) = decoded.split_once(':').filter(|(user, word)| is_plain(user) && is_plain(word))?;
            Some(format!("machine {} login {user} password {password}\n", self.place.host))
        })
    }

    /// Lines, and behind them the header of a request as `spelled` writes it in a form of settings.
    fn handover(&self, lines: String, form: &str, spelled: &dyn Fn(&str) -> Option<String>) -> Handover {
        let kept = |why: &str| Some(format!("the credentials for {} {why}", self.place.host));
        let (header, sent) = self.credentials.of(&self.place).header(&self.place);
        let (secret, withheld) = match (header, sent) {
            (Some(header), _) => match spelled(&header) {
                Some(secret) => (secret, None),
                None => (String::new(), kept(&format!("are not passed on: {form} cannot hold them safely"))),
            },
            (None, Sent::Withheld(from)) => {
                (String::new(), kept(&format!("from {from} are not passed on: it is not asked over TLS")))
            }
            (None, _) => (String::new(), None),
        };
        Handover { lines: lines + &secret, withheld }
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::{Environment, Settings, User, npm, python};
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
            let registry = npm::choose("@meadow/client", &asked_by(environment), &none, None).unwrap();
            let words = registry.npmrc(scope);
            assert_eq!((words.lines.as_str(), words.withheld), (wanted, None), "{settings}");
        }
        // A value that npm would read as something else is not written.
        let environment = Environment::of(&[
            ("npm_config_registry", "https://r.example"),
            ("npm_config_//r.example/:_authToken", "${HOME}"),
        ]);
        let project = [Settings { path: Utf8Path::new(".npmrc"), text: "" }];
        let words = npm::choose("client", &asked_by(environment), &project, None).unwrap().npmrc(None);
        assert_eq!(words.lines, "registry=https://r.example/\n");
        let withheld = "the credentials for r.example are not passed on: npmrc cannot hold them safely";
        assert_eq!(words.withheld.as_deref(), Some(withheld));
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
            let words = python::choose(&asked_by(environment), None, None).unwrap().netrc();
            assert_eq!((words.lines.as_str(), words.withheld.as_deref()), (wanted, withheld), "{url} {text}");
        }
    }
}
