//! The names and addresses of this machine on its own network, and which of them the relay's own authority
//! may vouch for.

use std::net::IpAddr;

use ipnet::IpNet;
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints, SanType};

use crate::net::public_address;

/// The zones that the authority may vouch for, with all names below them: mDNS, this machine itself, and
/// local networks. Sources: RFC 8375, RFC 9476; `lan` is what many routers use.
const ZONES: [&str; 5] = ["local", "localhost", "home.arpa", "internal", "lan"];

/// The addresses that it may vouch for: private (RFC 1918, RFC 4193), link-local (RFC 3927), and this
/// machine's own. Also those of a carrier's or a Tailscale network (RFC 6598).
const NETWORKS: [&str; 8] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "::1/128",
];

/// The name that any relay may have on its network.
const OWN: &str = "tapcue.local";

/// The names and addresses for one certificate: sorted, without duplicates, and all within the authority's
/// limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Names, in lower case.
    pub dns: Vec<String>,
    /// Addresses.
    pub ips: Vec<IpAddr>,
}

impl Names {
    /// The names and addresses among `dns` and `ips` that the authority may vouch for.
    #[must_use]
    pub fn of(
        dns: impl IntoIterator<Item = String>,
        ips: impl IntoIterator<Item = IpAddr>,
    ) -> Self {
        let networks = networks();
        let mut dns: Vec<_> = dns
            .into_iter()
            .map(|name| name.trim_end_matches('.').to_ascii_lowercase())
            .filter(|name| is_name(name) && ZONES.iter().any(|zone| is_below(name, zone)))
            .collect();
        let mut ips: Vec<_> = ips
            .into_iter()
            .map(|ip| ip.to_canonical())
            .filter(|ip| networks.iter().any(|network| network.contains(ip)))
            .collect();
        dns.sort();
        dns.dedup();
        ips.sort();
        ips.dedup();
        Self { dns, ips }
    }

    /// The present names and addresses of this machine. `listen` is where the relay listens, `public_url` how
    /// people reach it.
    #[must_use]
    pub fn here(listen: IpAddr, public_url: Option<&str>) -> Self {
        let host = hostname::get()
            .ok()
            .and_then(|name| name.into_string().ok());
        let host = host.unwrap_or_default();
        let label = host.split('.').next().unwrap_or_default().to_owned();
        let public = public_url
            .and_then(|url| url.split_once("://"))
            .map(|(_, rest)| rest);
        let public = public.map(|rest| rest.rsplit_once(':').map_or(rest, |(name, _)| name));
        let public = public.unwrap_or_default().trim_matches(['[', ']']);
        let dns = [
            "localhost".to_owned(),
            OWN.to_owned(),
            format!("{label}.local"),
            host,
            public.to_owned(),
        ];
        let mut ips = public_address::lan_addresses();
        ips.extend(
            ["127.0.0.1", "::1"]
                .iter()
                .filter_map(|ip| ip.parse::<IpAddr>().ok()),
        );
        ips.push(listen);
        ips.extend(public.parse::<IpAddr>());
        Self::of(dns, ips)
    }

    /// The names and addresses in the form of a certificate.
    ///
    /// # Errors
    /// A name has characters other than letters, digits and hyphens; [`Names::of`] leaves such names out.
    pub(super) fn alternative_names(&self) -> Result<Vec<SanType>, rcgen::Error> {
        let dns = self.dns.iter().cloned();
        let dns = dns.map(|name| Ok(SanType::DnsName(name.try_into()?)));
        let ips = self.ips.iter().map(|ip| Ok(SanType::IpAddress(*ip)));
        dns.chain(ips).collect()
    }
}

/// The limits of the authority, in the form of its certificate.
pub(super) fn constraints() -> NameConstraints {
    let zones = ZONES.map(|zone| GeneralSubtree::DnsName(zone.into()));
    let networks = networks();
    let networks = networks.iter().map(|network| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
            network.network(),
            network.prefix_len(),
        ))
    });
    NameConstraints {
        permitted_subtrees: zones.into_iter().chain(networks).collect(),
        excluded_subtrees: Vec::new(),
    }
}

fn networks() -> Vec<IpNet> {
    NETWORKS
        .iter()
        .filter_map(|network| network.parse().ok())
        .collect()
}

fn is_below(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether every label consists of letters, digits and hyphens (RFC 1123). A machine may have any name, but a
/// certificate cannot hold others.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_public_internet_is_vouched_for() {
        let dns = [
            "Laptop.LOCAL",
            "laptop.local",
            "tapcue.lan.",
            "bank.example",
            "notlocal",
            "x.notlocal",
            "local.example.org",
            "under_score.local",
            ".local",
            "Anna's Mac.local",
        ];
        let ips = [
            "192.168.1.20",
            "::ffff:192.168.1.20",
            "8.8.8.8",
            "172.32.0.1",
            "2001:db8::1",
            "fd12::1",
            "0.0.0.0",
            "::",
        ];
        let names = Names::of(
            dns.map(str::to_owned),
            ips.iter().map(|ip| ip.parse().unwrap()),
        );
        assert_eq!(names.dns, ["laptop.local", "tapcue.lan"]);
        let ips: Vec<_> = names.ips.iter().map(IpAddr::to_string).collect();
        assert_eq!(ips, ["192.168.1.20", "fd12::1"]);
    }

    #[test]
    fn this_machine_has_the_names_that_are_always_there() {
        let any = "0.0.0.0".parse().unwrap();
        let here = Names::here(any, Some("https://cue.home.arpa:8080"));
        for name in ["localhost", "tapcue.local", "cue.home.arpa"] {
            assert!(here.dns.iter().any(|it| it == name), "{name} in {here:?}");
        }
        for ip in ["127.0.0.1", "::1"] {
            assert!(here.ips.contains(&ip.parse().unwrap()), "{ip} in {here:?}");
        }
        assert_eq!(networks().len(), NETWORKS.len());
    }
}
