//! Credentials of who asks. They are for a host and for no other, and are sent over TLS or within this machine alone.
//!
//! All of them are the user's. Of a host that the tree chose only the user's own entry for exactly that host is known.

use super::environment::{Environment, read};
use super::netrc::Netrc;
use super::npmrc::Npmrc;
use super::origin::Origin;
use super::place::{Place, UserInfo};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use camino::Utf8PathBuf;
use release_core::train::world::Code;
use std::fmt;

/// The value of an `Authorization` header, and where it comes from.
#[derive(Clone)]
pub(super) struct Secret {
    value: String,
    from: String,
}

/// Credentials for a registry, and what else is known of who asks it.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    grants: Vec<Grant>,
    netrc: Option<(Netrc, String)>,
    /// The host that `default` of netrc may be sent to, where the user chose it: no other host gets what is meant for
    /// any.
    home: Option<String>,
    way_out: String,
}

/// The credentials for one authority: a question has these and no others, wherever it is led to.
#[derive(Clone)]
pub(crate) struct Own<'a> {
    all: &'a Credentials,
    authority: Option<String>,
}

#[derive(Clone)]
struct Grant {
    /// Host and port.
    authority: String,
    /// The path, with a slash at its end.
    path: String,
    secret: Secret,
}

/// The credentials that a request had.
pub(crate) enum Sent {
    /// None are known for this host; where credentials are put.
    Nothing { way_out: String },
    /// Those that stood there.
    From(String),
    /// They were kept back, because anybody could have read them on the way.
    Withheld(String),
}

impl Sent {
    /// Returns the kind of a refusal.
    pub(crate) fn code(&self, status: u16) -> Code {
        match self {
            _ if status == 403 => Code::Forbidden,
            Self::From(_) => Code::CredentialsRefused,
            Self::Nothing { .. } | Self::Withheld(_) => Code::NoCredentials,
        }
    }

    /// Returns the words for an answer that refuses a request.
    pub(crate) fn refused(&self, address: &str, status: u16) -> String {
        match self {
            Self::Nothing { way_out } => format!("{address} answers {status} and asks for credentials: {way_out}"),
            Self::From(source) => format!("{address} answers {status}: it refuses the credentials from {source}"),
            Self::Withheld(source) => format!(
                "{address} answers {status}, and the credentials from {source} are not sent without TLS: use its https address"
            ),
        }
    }
}

impl Secret {
    fn new(kind: &str, secret: &str, from: &str) -> Self {
        Self { value: format!("{kind} {secret}"), from: from.to_owned() }
    }

    fn basic(user: &str, password: &str, from: &str) -> Self {
        Self::new("Basic", &BASE64_STANDARD.encode(format!("{user}:{password}")), from)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.grants.iter().map(|grant| &grant.secret.from)).finish()
    }
}

impl Credentials {
    /// Credentials for a Python index: `UV_INDEX_<NAME>_USERNAME` and `_PASSWORD` of a named one, the credentials in its URL, netrc.
    /// An index that the tree chose has those alone that netrc has for its host.
    pub(super) fn python(
        place: &Place,
        name: Option<&str>,
        user_info: Option<&UserInfo>,
        origin: &Origin,
        environment: &Environment,
    ) -> Self {
        let netrc_path = environment.get("NETRC").map(Utf8PathBuf::from).or_else(|| environment.at_home(".netrc"));
        let netrc = netrc_path.and_then(|path| read(&path)).map(|text| (Netrc::parse(&text), "netrc".to_owned()));
        if origin.is_tree() {
            let entry = format!("put them into netrc, under `machine {}`", place.host);
            let way_out = match user_info {
                None => format!("{entry}, for {origin} is the tree's and selects none"),
                Some(_) => {
                    format!("those in the address that {origin} names are not used, as they are the tree's; {entry}")
                }
            };
            return Self { netrc, way_out, ..Self::default() };
        }
        let way_out = "put them into netrc, or into the URL that an environment variable gives the index".to_owned();
        let mut credentials = Self { netrc, home: Some(place.host.clone()), way_out, grants: Vec::new() };
        let secret = name
            .and_then(|name| of_variables(name, environment))
            .or_else(|| Some(credentials.of_url(place, user_info?, origin)));
        let (authority, path) = (place.authority(), "/".to_owned());
        credentials.grants.extend(secret.map(|secret| Grant { authority, path, secret }));
        credentials
    }

    /// Credentials for an npm registry: what the user's settings have for its host and path. The first settings that know a place
    /// win. What settings of the tree have is not used.
    pub(super) fn npm(settings: &[Npmrc], place: &Place) -> Self {
        let (tree, user): (Vec<&Npmrc>, Vec<&Npmrc>) = settings.iter().partition(|npmrc| npmrc.origin.is_tree());
        let grants = user.into_iter().flat_map(|npmrc| npmrc.places().filter_map(|place| grant(npmrc, place)));
        let ignored = tree.into_iter().find(|npmrc| {
            let mut grants = npmrc.places().filter_map(|place| grant(npmrc, place));
            grants.any(|grant| grant.admits(place))
        });
        let line = format!("`//{}/:_authToken=${{NAME_OF_A_VARIABLE}}`", place.authority());
        let way_out = match ignored {
            None => format!("put {line} into your own ~/.npmrc"),
            Some(npmrc) => {
                format!(
                    "those in {} are not used, as they are the tree's; put {line} into your own ~/.npmrc",
                    npmrc.origin
                )
            }
        };
        Self { grants: grants.collect(), home: None, way_out, netrc: None }
    }

    /// A token for everything below a place, and the source that it is from; none if there is none.
    pub(crate) fn of_token(place: &Place, token: Option<(&str, &str)>, way_out: String) -> Self {
        let grant = token.map(|(token, from)| Grant {
            authority: place.authority(),
            path: format!("{}/", place.path),
            secret: Secret::new("Bearer", token, from),
        });
        Self { grants: grant.into_iter().collect(), way_out, ..Self::default() }
    }

    /// The credentials for the authority of a place, which is asked on behalf of this registry.
    pub(crate) fn of(&self, place: &Place) -> Own<'_> {
        Own { all: self, authority: Some(place.authority()) }
    }

    /// No credentials.
    pub(super) fn none(&self) -> Own<'_> {
        Own { all: self, authority: None }
    }

    /// The one who chose a place, and, where the tree did, with what it is asked all the same.
    pub(super) fn said(&self, origin: &Origin, place: &Place) -> String {
        match self.find(place) {
            _ if !origin.is_tree() => origin.to_string(),
            None => format!("{origin} (the tree's choice, asked without credentials)"),
            Some((_, from)) => format!("{origin} (the tree's choice, asked with what {from} has for this very host)"),
        }
    }

    /// The credentials of a URL; a password that is not there may stand in netrc.
    fn of_url(&self, place: &Place, user_info: &UserInfo, origin: &Origin) -> Secret {
        let UserInfo { user, password } = user_info;
        let noted = self.netrc.as_ref().filter(|_| password.is_none()).and_then(|(netrc, from)| {
            let machine = netrc.find(&place.host, Some(user), true)?;
            Some(Secret::basic(user, machine.password.as_deref()?, from))
        });
        // A token as user, without a password, is what some registries ask for.
        let own = || Secret::basic(user, password.as_deref().unwrap_or_default(), &format!("the URL of {origin}"));
        noted.unwrap_or_else(own)
    }

    /// Returns the secret for a place, and its source: of several the one with the longest path.
    fn find(&self, place: &Place) -> Option<(Secret, &str)> {
        // The first of those with the longest path, as settings come in the order of their rank.
        let admitted = self.grants.iter().rev().filter(|grant| grant.admits(place));
        let found = admitted.max_by_key(|grant| grant.path.len());
        found.map(|grant| (grant.secret.clone(), grant.secret.from.as_str())).or_else(|| {
            let (netrc, from) = self.netrc.as_ref()?;
            let machine = netrc.find(&place.host, None, self.home.as_ref() == Some(&place.host))?;
            let login = machine.login.as_deref().unwrap_or_default();
            Some((Secret::basic(login, machine.password.as_deref()?, from), from.as_str()))
        })
    }
}

impl Own<'_> {
    /// No credentials, for who was led to another host.
    pub(super) fn none(&self) -> Self {
        Self { all: self.all, authority: None }
    }

    /// The header for a request to a place, and what is to be said of it when the request is refused. Another authority than
    /// the one that these are for gets none.
    pub(super) fn header(&self, place: &Place) -> (Option<String>, Sent) {
        let is_own = self.authority.as_ref() == Some(&place.authority());
        let is_header = |secret: &Secret| secret.value.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        let found = is_own.then(|| self.all.find(place)).flatten().map(|(secret, _)| secret);
        match found.filter(is_header) {
            None => (None, Sent::Nothing { way_out: self.all.way_out.clone() }),
            Some(secret) if place.tls || place.is_loopback() => (Some(secret.value), Sent::From(secret.from)),
            Some(secret) => (None, Sent::Withheld(secret.from)),
        }
    }
}

impl Grant {
    fn admits(&self, place: &Place) -> bool {
        self.authority == place.authority() && format!("{}/", place.path).starts_with(&self.path)
    }
}

/// Returns the credentials that settings have for `host/path`.
fn grant(npmrc: &Npmrc, place: &str) -> Option<Grant> {
    let secret = of_npmrc(npmrc, place)?;
    let (authority, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let path = format!("{}/", path.trim_end_matches('/'));
    Some(Grant { authority: authority.to_ascii_lowercase(), path, secret })
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
    let (get, from) = (|key: &str| npmrc.get(&format!("//{place}:{key}")), npmrc.origin.to_string());
    if let Some(token) = get("_authToken") {
        return Some(Secret::new("Bearer", token, &from));
    }
    if let Some(encoded) = get("_auth") {
        return Some(Secret::new("Basic", encoded, &from));
    }
    let password = BASE64_STANDARD.decode(get("_password")?).ok()?;
    Some(Secret::basic(get("username")?, &String::from_utf8(password).ok()?, &from))
}
