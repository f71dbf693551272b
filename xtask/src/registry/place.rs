//! An address of the web, taken apart (RFC 3986), without the credentials that its text may have.

use std::net::IpAddr;

/// The place at which something is asked for. What it shows never has credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// `true` if it is asked for over TLS.
    pub(super) tls: bool,
    /// The host in lower case; an IPv6 address in its brackets.
    pub(crate) host: String,
    /// The port, where it is not the scheme's own.
    port: Option<u16>,
    /// Empty, or from its first slash on, without query and fragment.
    pub(super) path: String,
    /// The query from its `?` on, or empty: some storage signs its addresses with it.
    query: String,
}

/// User and password of an address; neither is ever shown.
pub(crate) struct UserInfo {
    pub(super) user: String,
    pub(super) password: Option<String>,
}

impl Place {
    /// Reads an address of `http` or `https`.
    pub(crate) fn parse(text: &str) -> Option<(Self, Option<UserInfo>)> {
        let (scheme, rest) = text.split_once("://")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        let (host, port) = split_port(host)?;
        if host.is_empty() || !is_host(host) || !is_plain(path) || !is_plain(query) {
            return None;
        }
        let port = port.filter(|port| *port != default_port(tls));
        let place = Self { tls, host: host.to_ascii_lowercase(), port, path: path.to_owned(), query: query.to_owned() };
        Some((place, user.and_then(UserInfo::parse)))
    }

    /// Host, and port where it is not the scheme's own: what credentials are for.
    pub(crate) fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// The port that is connected to.
    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(default_port(self.tls))
    }

    /// Scheme, host, port and path; a query may hold a token.
    pub(crate) fn shown(&self) -> String {
        format!("{}://{}{}", if self.tls { "https" } else { "http" }, self.authority(), self.path)
    }

    /// The query from its `?` on, or empty; it may hold a token.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// The address as it is asked for.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.shown(), self.query)
    }

    /// The same place with something behind its path.
    pub(crate) fn with(&self, suffix: &str) -> Self {
        Self { path: format!("{}{suffix}", self.path), ..self.clone() }
    }

    /// The place as the base of others: without query and a slash at its end.
    pub(crate) fn base(mut self) -> Self {
        self.path.truncate(self.path.trim_end_matches('/').len());
        self.query.clear();
        self
    }

    /// Tells whether it is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match self.address() {
            Some(address) => address.is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// The address, where the host is one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

impl UserInfo {
    fn parse(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
        let info = Self { user: decoded(user), password: password.map(decoded) };
        (!info.user.is_empty() || info.password.is_some()).then_some(info)
    }
}

/// A name or a literal address: what a terminal or a header could take for something else is none.
fn is_host(host: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    match host.strip_prefix('[') {
        Some(literal) => literal.strip_suffix(']').is_some_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok()),
        None => host.chars().all(name),
    }
}

fn split_port(host: &str) -> Option<(&str, Option<u16>)> {
    // The colons of an IPv6 address stand in brackets.
    let end = host.rfind(']').map_or(0, |at| at + 1);
    match host[end..].rsplit_once(':') {
        None => Some((host, None)),
        Some((_, "")) => Some((&host[..host.len() - 1], None)),
        Some((before, port)) => Some((&host[..end + before.len()], Some(port.parse().ok()?))),
    }
}

const fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// Text without its percent-encoding (RFC 3986, 2.1); what is none stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = more.get(..2).filter(|hex| *first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &more[2..] } else { more };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
