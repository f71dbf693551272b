//! Who asks. Credentials are for a host and for no other, and are sent over TLS or within this machine alone.

use super::environment::{Environment, read};
use super::failure::Sent;
use super::netrc::Netrc;
use super::npmrc::Npmrc;
use super::place::{Place, UserInfo};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use camino::Utf8PathBuf;
use std::fmt;

/// The value of an `Authorization` header, and where it comes from.
#[derive(Clone)]
pub(super) struct Secret {
    value: String,
    from: String,
}

/// All that is known of who asks a registry.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    grants: Vec<Grant>,
    netrc: Option<(Netrc, String)>,
    /// The host that `default` of netrc may be sent to: nobody else is ever told what is meant for anybody.
    home: String,
    way_out: &'static str,
}

#[derive(Clone)]
struct Grant {
    /// Host and port.
    authority: String,
    /// With a slash at its end.
    path: String,
    secret: Secret,
}

impl Secret {
    fn basic(user: &str, password: &str, from: &str) -> Self {
        Self::encoded(&BASE64_STANDARD.encode(format!("{user}:{password}")), from)
    }

    fn encoded(encoded: &str, from: &str) -> Self {
        Self { value: format!("Basic {encoded}"), from: from.to_owned() }
    }

    fn bearer(token: &str, from: &str) -> Self {
        Self { value: format!("Bearer {token}"), from: from.to_owned() }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(from {})", self.from)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.grants.iter().map(|grant| &grant.secret)).finish()
    }
}

impl Credentials {
    /// Who asks a Python index: `UV_INDEX_<NAME>_USERNAME` and `_PASSWORD` of a named one, the credentials in its URL, netrc.
    pub(super) fn python(
        place: &Place,
        name: Option<&str>,
        user_info: Option<&UserInfo>,
        named_by: &str,
        environment: &Environment,
    ) -> Self {
        let netrc_path = environment.get("NETRC").map(Utf8PathBuf::from).or_else(|| environment.at_home(".netrc"));
        let netrc = netrc_path.and_then(|path| read(&path)).map(|text| (Netrc::parse(&text), "netrc".to_owned()));
        let mut credentials = Self {
            netrc,
            home: place.host.clone(),
            way_out: "put them into netrc, or into the URL that an environment variable gives the index",
            ..Self::default()
        };
        let secret = name
            .and_then(|name| of_variables(name, environment))
            .or_else(|| credentials.of_url(place, user_info?, named_by));
        credentials.grants.extend(secret.map(|secret| Grant {
            authority: place.authority(),
            path: "/".to_owned(),
            secret,
        }));
        credentials
    }

    /// Who asks an npm registry: what npm's settings have for its host and path. The first settings that know a place win.
    pub(super) fn npm(settings: &[Npmrc], place: &Place) -> Self {
        let grants = settings.iter().flat_map(|npmrc| {
            npmrc.places().filter_map(|place| {
                let (authority, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
                let secret = of_npmrc(npmrc, place)?;
                Some(Grant {
                    authority: authority.to_ascii_lowercase(),
                    path: format!("{}/", path.trim_end_matches('/')),
                    secret,
                })
            })
        });
        Self {
            grants: grants.collect(),
            home: place.host.clone(),
            way_out: "put `//HOST/:_authToken=${NAME_OF_A_VARIABLE}` into .npmrc",
            netrc: None,
        }
    }

    /// Those of a URL; a password that is not there may stand in netrc.
    fn of_url(&self, place: &Place, user_info: &UserInfo, named_by: &str) -> Option<Secret> {
        let user = &user_info.user;
        if user_info.password.is_none() {
            let noted = self.netrc.as_ref().and_then(|(netrc, from)| {
                let machine = netrc.find(&place.host, Some(user), true)?;
                Some(Secret::basic(user, machine.password.as_deref()?, from))
            });
            if noted.is_some() {
                return noted;
            }
        }
        // A token as user, without a password, is what some registries ask for.
        Some(Secret::basic(user, user_info.password.as_deref().unwrap_or_default(), &format!("the URL of {named_by}")))
    }

    /// What is known for a place: of several the one with the longest path.
    fn find(&self, place: &Place) -> Option<Secret> {
        let authority = place.authority();
        let path = format!("{}/", place.path);
        let admitted = |grant: &&Grant| grant.authority == authority && path.starts_with(&grant.path);
        // The first of those with the longest path, as settings come in the order of their rank.
        let found = self.grants.iter().rev().filter(admitted).max_by_key(|grant| grant.path.len());
        found.map(|grant| grant.secret.clone()).or_else(|| {
            let (netrc, from) = self.netrc.as_ref()?;
            let machine = netrc.find(&place.host, None, place.host == self.home)?;
            Some(Secret::basic(machine.login.as_deref().unwrap_or_default(), machine.password.as_deref()?, from))
        })
    }

    /// The header for a request to a place, and what is to be said of it when the request is refused.
    pub(super) fn header(&self, place: &Place) -> (Option<String>, Sent) {
        let is_header = |secret: &Secret| secret.value.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        match self.find(place).filter(is_header) {
            None => (None, Sent::Nothing { way_out: self.way_out }),
            Some(secret) if place.tls || place.is_loopback() => (Some(secret.value), Sent::From(secret.from)),
            Some(secret) => (None, Sent::Withheld(secret.from)),
        }
    }
}

/// uv's variables for an index with a name.
fn of_variables(name: &str, environment: &Environment) -> Option<Secret> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let prefix = format!("UV_INDEX_{}", name.chars().map(plain).collect::<String>());
    let (user, password) =
        (environment.get(&format!("{prefix}_USERNAME")), environment.get(&format!("{prefix}_PASSWORD")));
    user.or(password)?;
    Some(Secret::basic(user.unwrap_or_default(), password.unwrap_or_default(), &format!("{prefix}_USERNAME")))
}

/// npm's ways to say it, in the order of npm: a token, both in one, and each for itself with the password in base64.
fn of_npmrc(npmrc: &Npmrc, place: &str) -> Option<Secret> {
    let get = |key: &str| npmrc.get(&format!("//{place}:{key}"));
    if let Some(token) = get("_authToken") {
        return Some(Secret::bearer(token, &npmrc.name));
    }
    if let Some(encoded) = get("_auth") {
        return Some(Secret::encoded(encoded, &npmrc.name));
    }
    let password = BASE64_STANDARD.decode(get("_password")?).ok()?;
    Some(Secret::basic(get("username")?, &String::from_utf8(password).ok()?, &npmrc.name))
}
