//! Plain HTTP by way of a proxy: the request line has the whole address (RFC 9112, 3.2.2). ureq itself only has tunnels
//! (CONNECT), which most proxies have for TLS alone.

use super::place::Place;
use ureq::config::Config;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, Either, NextTimeout, Transport,
};
use ureq::{Agent, Error, Proxy};

/// The part of a request line behind its method that is to have a whole address: with the slash that no path can be without.
const TARGET: &[u8] = b" /http://";

/// An agent for addresses of [`address`].
pub(super) fn agent(config: Config) -> Agent {
    Agent::with_parts(config, DefaultConnector::new().chain(Forward), DefaultResolver::default())
}

/// The address of a place at a proxy, for this agent alone.
pub(super) fn address(proxy: &Proxy, place: &Place) -> String {
    let scheme = if proxy.protocol() == ureq::ProxyProtocol::Https { "https" } else { "http" };
    let slash = if place.path.is_empty() { "/" } else { "" };
    format!("{scheme}://{}:{}/{}{slash}{}", proxy.host(), proxy.port(), place.shown(), place.query())
}

#[derive(Debug)]
struct Forward;

impl<In: Transport> Connector<In> for Forward {
    type Out = Either<In, Forwarding<In>>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Either::B(Forwarding { inner })))
    }
}

/// A connection to a proxy.
#[derive(Debug)]
struct Forwarding<In> {
    inner: In,
}

impl<In: Transport> Transport for Forwarding<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = self.inner.buffers().output();
        let method = output[..amount].iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        if method == 0 || !output[method..amount].starts_with(TARGET) {
            return self.inner.transmit_output(amount, timeout);
        }
        let slash = method + 1;
        output.copy_within(slash + 1..amount, slash);
        self.inner.transmit_output(amount - 1, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
