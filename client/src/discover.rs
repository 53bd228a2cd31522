//! Finds relays on the local network, for people who were told a code and no address.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent};
use tapcue_shared::discovery::{SCHEME, SERVICE};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::address::RelayAddress;

/// How long relays have to answer. They answer within 120 ms (RFC 6762, section 6), and a question
/// that is lost is asked again after a second.
const WITHIN: Duration = Duration::from_millis(2_200);

/// How long others have once one has answered.
const OTHERS_WITHIN: Duration = Duration::from_millis(400);

/// How long an address has to accept a connection before the relay's next one is tried.
const ACCEPTS_WITHIN: Duration = Duration::from_millis(700);

/// The relays that answer on the networks this machine is on, each by an address that accepts
/// connections.
///
/// # Errors
/// There is no socket for multicast.
pub(crate) async fn relays() -> mdns_sd::Result<Vec<RelayAddress>> {
    let daemon = ServiceDaemon::new()?;
    let answers = daemon.browse(SERVICE)?;
    let mut until = Instant::now() + WITHIN;
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    while let Ok(Ok(event)) = timeout_at(until, answers.recv_async()).await {
        if let ServiceEvent::ServiceResolved(service) = event
            && names.insert(service.get_fullname().to_owned())
        {
            found.push(service);
            until = until.min(Instant::now() + OTHERS_WITHIN);
        }
    }
    // Its thread ends with the process at the latest.
    let _ = daemon.shutdown();
    let mut relays = Vec::new();
    for service in found {
        for address in addresses(&service) {
            let accepts = timeout(ACCEPTS_WITHIN, TcpStream::connect(address)).await;
            if matches!(accepts, Ok(Ok(_)))
                && let Ok(relay) = relay_at(&service, address)
            {
                relays.push(relay);
                break;
            }
        }
    }
    Ok(relays)
}

fn relay_at(
    service: &ResolvedService,
    address: SocketAddr,
) -> Result<RelayAddress, crate::address::AddressError> {
    let scheme = service.get_property_val_str(SCHEME).unwrap_or("http");
    format!("{scheme}://{address}").parse()
}

/// Where it may be reached, the likeliest first. Link-local addresses need an interface named, which
/// no link can do.
fn addresses(service: &ResolvedService) -> Vec<SocketAddr> {
    let mut addresses: Vec<IpAddr> = service
        .get_addresses()
        .iter()
        .map(mdns_sd::ScopedIp::to_ip_addr)
        .filter(|ip| match ip {
            IpAddr::V4(ip) => !ip.is_link_local(),
            IpAddr::V6(ip) => !ip.is_unicast_link_local(),
        })
        .collect();
    addresses.sort_by_key(|ip| (ip.is_ipv6(), *ip));
    let port = service.get_port();
    addresses
        .into_iter()
        .map(|ip| SocketAddr::new(ip, port))
        .collect()
}
