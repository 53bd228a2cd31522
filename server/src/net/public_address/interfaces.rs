//! This machine's addresses, ordered by how likely a phone on its network is to reach them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Documentation addresses (RFC 5737, RFC 3849): they are routed like any outside address, and no host has
/// them.
const OUTSIDE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The discard port (RFC 863). Nothing is sent to it.
const DISCARD: u16 = 9;

/// Name prefixes of container and virtual machine interfaces, behind which no phone can be.
const INNER: [&str; 12] = [
    "docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "flannel", "cali",
    "lxc", "lxdbr",
];

/// Name prefixes of bridges and tunnels, behind which a phone is rare.
const ASIDE: [&str; 11] = [
    "br",
    "bridge",
    "tun",
    "tap",
    "wg",
    "utun",
    "ppp",
    "zt",
    "tailscale",
    "ham",
    "vpn",
];

/// An address and its interface's name.
pub(super) type At = (String, IpAddr);

/// How likely a phone is to reach an address, likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The IPv4 address of the default route.
    Default,
    PrivateV4,
    V4,
    DefaultV6,
    V6,
    Aside,
    Nowhere,
}

/// This machine's addresses for phones, likeliest first; empty without a network.
pub(super) fn ranked() -> Vec<At> {
    let all = if_addrs::get_if_addrs()
        .inspect_err(|error| tracing::debug!(%error, "cannot list this machine's addresses"))
        .unwrap_or_default();
    let all = all.into_iter().map(|one| (one.name.clone(), one.ip()));
    in_order(all.collect(), OUTSIDE.map(source))
}

/// The local address from which this machine reaches `outside`: that of its default route.
fn source(outside: IpAddr) -> Option<IpAddr> {
    let any = match outside {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(outside, DISCARD)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

fn in_order(all: Vec<At>, defaults: [Option<IpAddr>; 2]) -> Vec<At> {
    let rank = |(name, ip): &At| rank(name, *ip, defaults.contains(&Some(*ip)));
    let mut ranked: Vec<At> = all;
    ranked.retain(|at| rank(at) < Rank::Nowhere);
    ranked.sort_by_key(rank);
    ranked.dedup_by_key(|(_, ip)| *ip);
    ranked
}

fn rank(name: &str, ip: IpAddr, is_default: bool) -> Rank {
    let is_tunnel = begins(name, &ASIDE) && !begins(name, &["br"]);
    match ip {
        _ if leads_back(ip) || is_link_local(ip) => Rank::Nowhere,
        _ if is_tunnel => Rank::Aside,
        IpAddr::V4(_) if is_default => Rank::Default,
        IpAddr::V6(_) if is_default => Rank::DefaultV6,
        _ if is_inner(name) => Rank::Nowhere,
        _ if begins(name, &ASIDE) => Rank::Aside,
        IpAddr::V4(ip) if ip.is_private() => Rank::PrivateV4,
        IpAddr::V4(_) => Rank::V4,
        IpAddr::V6(_) => Rank::V6,
    }
}

/// Whether an address is loopback or unspecified, and so means "this machine" on every machine.
pub(super) fn leads_back(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || ip.is_unspecified()
}

/// Whether an address is link-local: in IPv6 it needs an interface name, which a QR link cannot carry.
pub(super) fn is_link_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Whether an interface belongs to containers or virtual machines.
pub(super) fn is_inner(name: &str) -> bool {
    begins(name, &INNER)
}

fn begins(name: &str, with: &[&str]) -> bool {
    with.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(all: &[(&str, &str)], defaults: &[&str]) -> Vec<String> {
        let all = all
            .iter()
            .map(|(name, ip)| ((*name).to_owned(), ip.parse().unwrap()));
        let default = |n: usize| defaults.get(n).map(|ip| ip.parse().unwrap());
        let ranked = in_order(all.collect(), [default(0), default(1)]);
        ranked.into_iter().map(|(_, ip)| ip.to_string()).collect()
    }

    #[test]
    fn the_default_routes_address_comes_first_wherever_it_is_listed() {
        for (all, defaults, expected) in [
            // A bridge with a private address before the Wi-Fi.
            (
                &[
                    ("lo", "127.0.0.1"),
                    ("br0", "10.0.3.1"),
                    ("wlan0", "192.168.1.20"),
                ][..],
                &["192.168.1.20"][..],
                &["192.168.1.20", "10.0.3.1"][..],
            ),
            // The network is behind the bridge.
            (
                &[("eth1", "10.9.9.9"), ("br0", "192.168.1.20")],
                &["192.168.1.20"],
                &["192.168.1.20", "10.9.9.9"],
            ),
            // The default route is a tunnel, behind which there is no phone.
            (
                &[("tun0", "10.8.0.2"), ("wlan0", "192.168.1.20")],
                &["10.8.0.2"],
                &["192.168.1.20", "10.8.0.2"],
            ),
            (
                &[
                    ("wg0", "10.8.0.2"),
                    ("tailscale0", "100.100.1.1"),
                    ("en0", "2001:db9::5"),
                ],
                &["10.8.0.2", "2001:db9::5"],
                &["2001:db9::5", "10.8.0.2", "100.100.1.1"],
            ),
            // This machine is a hotspot, without a default route.
            (
                &[
                    ("docker0", "172.17.0.1"),
                    ("wlan0", "10.42.0.1"),
                    ("wlan0", "fe80::1"),
                ],
                &[],
                &["10.42.0.1"],
            ),
            // Two network cards, and addresses that no phone can reach.
            (
                &[
                    ("eth0", "169.254.7.7"),
                    ("eth1", "203.0.113.9"),
                    ("eth2", "10.1.1.1"),
                    ("eth2", "fd00::2"),
                    ("veth12", "10.5.5.5"),
                ],
                &["203.0.113.9", "fd00::2"],
                &["203.0.113.9", "10.1.1.1", "fd00::2"],
            ),
            (
                &[("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "fe80::2")],
                &[],
                &[],
            ),
        ] {
            assert_eq!(order(all, defaults), expected, "{all:?}");
        }
    }
}
