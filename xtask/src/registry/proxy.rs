//! The proxies of the environment, read as curl, pip and Go read them.
//!
//! `HTTPS_PROXY` or `HTTP_PROXY` by the scheme of what is asked, else `ALL_PROXY`, each in lower case first. Hosts of
//! `NO_PROXY` are asked directly, and so is this machine itself: a proxy would ask its own.

use super::environment::Environment;
use super::place::Place;
use std::net::IpAddr;

/// The proxies by what they are for.
#[derive(Default)]
pub(super) struct Proxies {
    pub(super) https: Option<Named>,
    pub(super) http: Option<Named>,
    direct: Vec<String>,
}

/// A proxy, and the variable that names it; its URL may have credentials and is never shown.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) variable: &'static str,
    pub(super) proxy: Result<ureq::Proxy, &'static str>,
}

impl Proxies {
    /// Reads the proxies of the environment.
    pub(super) fn read(environment: &Environment) -> Self {
        let all = ["all_proxy", "ALL_PROXY"];
        let find = |names: [&'static str; 2]| {
            let mut names = names.into_iter().chain(all);
            names.find_map(|variable| environment.get(variable).map(|url| Named { variable, proxy: proxy(url) }))
        };
        let (https, http) = (find(["https_proxy", "HTTPS_PROXY"]), find(["http_proxy", "HTTP_PROXY"]));
        let list = environment.get("no_proxy").or_else(|| environment.get("NO_PROXY")).unwrap_or_default();
        let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
        Self { https, http, direct: entries.map(str::to_ascii_lowercase).collect() }
    }

    /// Tells whether a place is asked without a proxy whatever the proxies are.
    pub(super) fn is_direct(&self, place: &Place) -> bool {
        place.is_loopback() || self.direct.iter().any(|entry| admits(entry, place))
    }
}

fn proxy(url: &str) -> Result<ureq::Proxy, &'static str> {
    let proxy = ureq::Proxy::new(url).map_err(|_| "is no URL of a proxy")?;
    match proxy.protocol() {
        ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https => Ok(proxy),
        _ => Err("is a SOCKS proxy, which this tool does not speak; name an http one, or the host in NO_PROXY"),
    }
}

/// Tells whether an entry of `NO_PROXY` is for a place: `*`, a host and all below it (with or without a dot or `*.` before it), an
/// address, a network such as `10.0.0.0/8`; each may have a port.
fn admits(entry: &str, place: &Place) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some(address) = place.address() {
        let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        if let Some((network, bits)) = entry.split_once('/') {
            return bare(network).is_some_and(|network| is_within(address, network, bits));
        }
        if bare(entry) == Some(address) {
            return true;
        }
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() && !host.contains("::") => (host, port.parse::<u16>().ok()),
        _ => (entry, None),
    };
    let host = host.strip_prefix("*.").or_else(|| host.strip_prefix('.')).unwrap_or(host);
    let is_below = |name: &str| name.strip_suffix(host).is_some_and(|start| start.is_empty() || start.ends_with('.'));
    !host.is_empty() && port.is_none_or(|port| port == place.port()) && is_below(&place.host)
}

fn is_within(address: IpAddr, network: IpAddr, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    let same = |a: u128, b: u128, width: u32| match width.checked_sub(bits) {
        Some(rest) => a.checked_shr(rest).unwrap_or(0) == b.checked_shr(rest).unwrap_or(0),
        None => false,
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}
