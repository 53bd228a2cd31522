//! Finds relays on the local network, for people who have a code but no address.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mdns_sd::{ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};
use tapcue_rules::discovery::{SCHEME, SERVICE};
use tokio::time::{Instant, timeout_at};

use crate::relay::address::RelayAddress;
use crate::relay::tls::first_to_answer;

/// How long relays have to answer. They answer within 120 ms (RFC 6762, section 6), and a lost question is
/// repeated after a second.
const WITHIN: Duration = Duration::from_millis(2_200);

/// How long other relays have after the first answer.
const OTHERS_WITHIN: Duration = Duration::from_millis(400);

/// The relays that answer on this machine's networks, each with an address that accepts connections.
///
/// # Errors
/// The socket for multicast cannot be opened.
pub(crate) async fn relays() -> mdns_sd::Result<Vec<RelayAddress>> {
    let daemon = ServiceDaemon::new()?;
    let answers = daemon.browse(SERVICE)?;
    let mut until = Instant::now() + WITHIN;
    // A relay answers on each interface and for each IP version, with its addresses there.
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    while let Ok(Ok(event)) = timeout_at(until, answers.recv_async()).await {
        if let ServiceEvent::ServiceResolved(service) = event {
            let found = found.entry(service.get_fullname().to_owned()).or_default();
            if found.take(&service) {
                until = until.min(Instant::now() + OTHERS_WITHIN);
            }
        }
    }
    // The thread of the daemon ends with the process at the latest.
    let _ = daemon.shutdown();
    let mut relays = Vec::new();
    for Found { scheme, addresses } in found.into_values() {
        // IPv4 comes first, because the link for phones uses it.
        let accepts = first_to_answer(addresses.into_iter().collect()).await;
        if let Ok(address) = accepts.and_then(|tcp| tcp.peer_addr())
            && let Ok(relay) = format!("{scheme}://{address}").parse()
        {
            relays.push(relay);
        }
    }
    Ok(relays)
}

/// What one relay has announced.
#[derive(Default)]
struct Found {
    scheme: String,
    /// The addresses where it may be reachable.
    addresses: BTreeSet<SocketAddr>,
}

impl Found {
    /// Takes an answer and returns whether the relay is reachable with what is known. A link-local address
    /// needs an interface, which a link cannot name.
    fn take(&mut self, service: &ResolvedService) -> bool {
        let scheme = service.get_property_val_str(SCHEME);
        self.scheme = scheme.unwrap_or("http").to_owned();
        let ips = service.get_addresses().iter().map(ScopedIp::to_ip_addr);
        let ips = ips.filter(|ip| match ip {
            IpAddr::V4(ip) => !ip.is_link_local(),
            IpAddr::V6(ip) => !ip.is_unicast_link_local(),
        });
        let port = service.get_port();
        self.addresses
            .extend(ips.map(|ip| SocketAddr::new(ip, port)));
        !self.addresses.is_empty()
    }
}
