//! A registry at its address: who chose it, and as whom it is asked.

use super::credentials::Credentials;
use super::http::Request;
use super::origin::{Origin, unexpanded};
use super::place::{Place, UserInfo};
use release_core::registry::Registry;

/// A registry at its address.
#[derive(Clone, Debug)]
pub(crate) struct Whom {
    pub(crate) registry: Registry,
    /// The place that is asked: without credentials, query, fragment and a slash at its end.
    pub(crate) place: Place,
    /// The same as text.
    pub(crate) address: String,
    pub(super) credentials: Credentials,
    /// The one who chose it.
    pub(crate) origin: Origin,
}

impl Whom {
    /// Reads an address; `credentials` finds those for its place, from the user information in it.
    pub(super) fn new(
        registry: Registry,
        url: &str,
        origin: Origin,
        credentials: &dyn Fn(&Place, Option<&UserInfo>, &Origin) -> Credentials,
    ) -> Result<Self, String> {
        let (what, way_out) = match registry {
            Registry::Pypi => ("index", "name the index with `--index URL`, or set UV_DEFAULT_INDEX"),
            Registry::Npm => ("registry", "put the line into your own ~/.npmrc, or set npm_config_registry"),
        };
        if let Some(reason) = unexpanded(url, what, &origin, way_out) {
            return Err(reason);
        }
        let wrong = || format!("the {what} that {origin} names is no address of the web (http or https)");
        let (place, user_info) = Place::parse(url).ok_or_else(wrong)?;
        let place = place.base();
        let credentials = credentials(&place, user_info.as_ref(), &origin);
        Ok(Self { registry, address: place.shown(), place, credentials, origin })
    }

    /// The one who chose it in words, and what that means for who asks.
    pub(crate) fn named_by(&self) -> String {
        self.credentials.said(&self.origin, &self.place)
    }

    /// A question on behalf of this registry. A file on another host is asked for with the user's own entry for that host, and
    /// with none where the tree chose the registry.
    pub(super) fn request<'a>(&'a self, place: Place, shown: &'a str) -> Request<'a> {
        let is_elsewhere = place.authority() != self.place.authority();
        let credentials = match self.origin.is_tree() && is_elsewhere {
            true => self.credentials.none(),
            false => self.credentials.of(&place),
        };
        // What was asked in secret is not asked in public because a server says so.
        Request { secret: self.place.tls, ..Request::get(place, shown, credentials) }
    }
}
