//! The address of a forge's API and the repository there, from the remote's address and the user's environment.

use crate::registry::{Environment, Origin, Place};
use release_core::train::world::{Code, Why};

/// The API that the user's environment names.
const API: &str = "GITHUB_API_URL";

/// The host whose API has a host of its own.
const PUBLIC: &str = "github.com";

/// An API, and the repository that is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    /// The address that paths follow.
    pub(crate) base: Place,
    /// The host of the pages, which is the one that `gh` knows.
    pub(crate) host: String,
    /// The one who chose the address.
    pub(crate) origin: Origin,
    pub(crate) owner: String,
    pub(crate) name: String,
}

/// The words in which user and tree say which repository is meant.
pub(crate) struct Chosen<'a> {
    pub(crate) environment: &'a Environment,
    /// The address of the remote, as git has it.
    pub(crate) remote: &'a str,
    /// `[forge] repository` of release.toml, as `owner/name`.
    pub(crate) repository: Option<&'a str>,
}

impl Api {
    /// Chooses the API and the repository.
    ///
    /// # Errors
    /// The reason why there is none to ask.
    pub(crate) fn choose(chosen: &Chosen<'_>) -> Result<Self, Why> {
        let none = |reason: String| Why::new(Code::NotConfigured, reason);
        let remote = Remote::parse(chosen.remote);
        let (host, path) = remote.map_or((None, None), |remote| (Some(remote.host), Some(remote.path)));
        let path = chosen.repository.map(str::to_owned).or(path);
        let path = path.ok_or_else(|| none("the remote has no address of a repository on a forge".to_owned()))?;
        let Some((owner, name)) = path.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name)) else {
            return Err(none(format!("`{}` is no `owner/name` of a repository", release_core::text::shown(&path))));
        };
        let (base, origin) = base(chosen.environment, host.as_deref()).map_err(none)?;
        let host = host.unwrap_or_else(|| base.authority());
        Ok(Self { base, host, origin, owner: owner.to_owned(), name: name.to_owned() })
    }

    /// The repository as `owner/name`.
    pub(crate) fn repository(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Tells whether the tokens of the public forge are meant for this one: it itself, one of its tenants, or what the user's
    /// environment names.
    pub(super) fn is_public(&self) -> bool {
        !self.origin.is_tree() && matches!(&self.origin, Origin::Environment(name) if name == API)
            || self.host == PUBLIC
            || self.host.ends_with(".ghe.com")
    }
}

/// The address of the API: the environment's, else the one that belongs to the remote's host.
fn base(environment: &Environment, host: Option<&str>) -> Result<(Place, Origin), String> {
    let named = environment.get(API).map(|url| {
        let (place, user_info) = Place::parse(url).ok_or(format!("{API} is no address of the web (http or https)"))?;
        if user_info.is_some() {
            return Err(format!("{API} has credentials in it: put the token into GH_TOKEN"));
        }
        let place = place.base();
        match host.filter(|host| pages(&place).is_some_and(|pages| pages != **host)) {
            None => Ok((place, Origin::Environment(API.to_owned()))),
            Some(host) => {
                Err(format!("{API} is not the API of {host}, where the remote is: unset it, or name that API"))
            }
        }
    });
    if let Some(named) = named {
        return named;
    }
    let host = host.ok_or_else(|| format!("the remote is on no host: {API} names the address of a forge's API"))?;
    let (url, origin) = match host {
        PUBLIC => (format!("https://api.{PUBLIC}"), Origin::User("the remote".to_owned())),
        tenant if tenant.ends_with(".ghe.com") => {
            (format!("https://api.{tenant}"), Origin::User("the remote".to_owned()))
        }
        _ => (format!("https://{host}/api/v3"), known(environment, host)?),
    };
    let (place, _) = Place::parse(&url).ok_or_else(|| format!("{} is no host", release_core::text::shown(host)))?;
    Ok((place, origin))
}

/// The host of the pages that belong to an API; `None` where its address does not say.
fn pages(api: &Place) -> Option<String> {
    match api.host.strip_prefix("api.") {
        Some(host) if host == PUBLIC || host.ends_with(".ghe.com") => Some(host.to_owned()),
        _ => api.shown().ends_with("/api/v3").then(|| api.authority()),
    }
}

/// The user's own word that a host is a forge: `GH_HOST`, `GITHUB_SERVER_URL`, or the hosts that `gh` is signed in to.
fn known(environment: &Environment, host: &str) -> Result<Origin, String> {
    let server = environment.get("GITHUB_SERVER_URL").and_then(|url| Some(Place::parse(url)?.0.authority()));
    if server.as_deref() == Some(host) {
        return Ok(Origin::Environment("GITHUB_SERVER_URL".to_owned()));
    }
    if environment.get("GH_HOST") == Some(host) {
        return Ok(Origin::Environment("GH_HOST".to_owned()));
    }
    let hosts = environment.configuration("GH_CONFIG_DIR", "gh/hosts.yml").unwrap_or_default();
    let is_named = hosts.lines().any(|line| {
        let key = line.strip_suffix(':').map(|key| key.trim_matches(['"', '\'']));
        key == Some(host)
    });
    match is_named {
        true => Ok(Origin::User("gh's hosts.yml".to_owned())),
        false => Err(format!(
            "{} is not known as a forge: set {API}, or GH_HOST for one with its API at /api/v3, or sign in with \
             `gh auth login --hostname {}`",
            release_core::text::shown(host),
            release_core::text::shown(host)
        )),
    }
}

/// A remote's address, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Remote {
    host: String,
    path: String,
}

impl Remote {
    /// Reads `https://host/owner/name.git`, `ssh://git@host:22/owner/name` and `git@host:owner/name.git`.
    fn parse(url: &str) -> Option<Self> {
        let (is_web, rest) = match url.split_once("://") {
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "https" | "http" => (true, rest.to_owned()),
                "ssh" | "git+ssh" | "git" => (false, rest.to_owned()),
                _ => return None,
            },
            // A path on this machine may have a colon behind its first slash.
            None => {
                let (host, path) = url.split_once(':').filter(|(host, _)| !host.contains('/'))?;
                (false, format!("{host}/{}", path.trim_start_matches('/')))
            }
        };
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        // The port of ssh is none of the web's.
        let host = if is_web { host } else { host.split(':').next()?.to_owned() };
        let host = match host.as_str() {
            "www.github.com" | "ssh.github.com" => PUBLIC.to_owned(),
            _ => host,
        };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).to_owned();
        (!host.is_empty() && !path.is_empty()).then_some(Self { host, path })
    }
}

/// Tells whether a text is the name of an owner or of a repository, and no path of another question.
fn is_name(text: &str) -> bool {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    is_plain && !text.is_empty() && text != "." && text != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(remote: &str, repository: Option<&str>, variables: &[(&str, &str)]) -> String {
        let environment = Environment::of(variables);
        match Api::choose(&Chosen { environment: &environment, remote, repository }) {
            Ok(api) => format!("{} {} by {}", api.base.shown(), api.repository(), api.origin),
            Err(why) => {
                assert_eq!(why.code, Code::NotConfigured);
                why.reason
            }
        }
    }

    #[test]
    fn the_repository_is_the_remotes_in_every_spelling() {
        for remote in [
            "https://github.com/meadow/meadow.git",
            "https://user:s3cret@GitHub.com/meadow/meadow",
            "https://github.com/meadow/meadow/",
            "git@github.com:meadow/meadow.git",
            "ssh://git@github.com/meadow/meadow.git",
            "ssh://git@ssh.github.com:443/meadow/meadow.git",
            "git@github.com:/meadow/meadow",
        ] {
            assert_eq!(chosen(remote, None, &[]), "https://api.github.com meadow/meadow by the remote", "{remote}");
        }
        let other = chosen("git@github.com:me/meadow.git", Some("meadow/meadow"), &[]);
        assert_eq!(other, "https://api.github.com meadow/meadow by the remote");
        for (remote, why) in [
            ("/srv/git/meadow.git", "the remote has no address of a repository on a forge"),
            ("../meadow:x/y", "the remote has no address of a repository on a forge"),
            ("https://github.com/meadow", "`meadow` is no `owner/name` of a repository"),
            ("https://github.com/a/b/../c", "`a/b/../c` is no `owner/name` of a repository"),
            ("https://github.com/a/b?x", "`a/b?x` is no `owner/name` of a repository"),
            ("https://github.com/../b", "`../b` is no `owner/name` of a repository"),
        ] {
            assert_eq!(chosen(remote, None, &[]), why, "{remote}");
        }
    }

    #[test]
    fn another_host_is_asked_only_where_the_user_says_that_it_is_a_forge() {
        let remote = "git@ghe.example:meadow/meadow.git";
        let unknown = "ghe.example is not known as a forge: set GITHUB_API_URL, or GH_HOST for one with its API at /api/v3, or sign in with `gh auth login --hostname ghe.example`";
        assert_eq!(chosen(remote, None, &[]), unknown);
        assert_eq!(chosen(remote, Some("meadow/meadow"), &[("GH_HOST", "other.example")]), unknown);
        let own = "https://ghe.example/api/v3 meadow/meadow by";
        assert_eq!(chosen(remote, None, &[("GH_HOST", "ghe.example")]), format!("{own} GH_HOST"));
        let server = [("GITHUB_SERVER_URL", "https://ghe.example")];
        assert_eq!(chosen(remote, None, &server), format!("{own} GITHUB_SERVER_URL"));
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().to_str().unwrap();
        std::fs::write(home.path().join("hosts.yml"), "github.com:\n    user: a\n\"ghe.example\":\n    user: b\n")
            .unwrap();
        assert_eq!(chosen(remote, None, &[("GH_CONFIG_DIR", folder)]), format!("{own} gh's hosts.yml"));
        assert_eq!(chosen("git@user:a/b", None, &[("GH_CONFIG_DIR", folder)]), unknown.replace("ghe.example", "user"));
    }

    #[test]
    fn the_environments_api_is_asked_about_the_remotes_that_are_its_own() {
        let api = |url: &str| chosen("git@ghe.example:meadow/meadow.git", None, &[("GITHUB_API_URL", url)]);
        assert_eq!(api("https://ghe.example/api/v3/"), "https://ghe.example/api/v3 meadow/meadow by GITHUB_API_URL");
        assert_eq!(api("http://127.0.0.1:8080"), "http://127.0.0.1:8080 meadow/meadow by GITHUB_API_URL");
        let other = "GITHUB_API_URL is not the API of ghe.example, where the remote is: unset it, or name that API";
        assert_eq!(api("https://api.github.com"), other);
        assert_eq!(
            api("https://u:s3cret@ghe.example"),
            "GITHUB_API_URL has credentials in it: put the token into GH_TOKEN"
        );
        let local = chosen("/srv/meadow.git", Some("meadow/meadow"), &[("GITHUB_API_URL", "http://127.0.0.1:8080")]);
        assert_eq!(local, "http://127.0.0.1:8080 meadow/meadow by GITHUB_API_URL");
        let nowhere = chosen("/srv/meadow.git", Some("meadow/meadow"), &[]);
        assert_eq!(nowhere, "the remote is on no host: GITHUB_API_URL names the address of a forge's API");
    }
}
