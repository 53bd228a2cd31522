//! How people reach this relay: the link for phones on the same network, and its QR code.

mod interfaces;
mod qr;

use std::net::{IpAddr, SocketAddr};

use interfaces::{is_inner, is_link_local, leads_back};
use qrcode::EcLevel;
use qrcode::bits::encode_auto;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::types::{Color, QrError};

pub use qr::{Colours, qr_picture};

/// A QR code as one character per module, row by row: 1 for dark and 0 for light, without the quiet zone.
/// Also returns the number of modules per row.
pub fn qr_modules(text: &str) -> Result<(String, u16), QrError> {
    let level = EcLevel::M;
    let bits = encode_auto(text.as_bytes(), level)?;
    let version = bits.version();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    // Every mask can be read. Trying all eight takes most of the time of opening a session, and gains nothing
    // for a link, which is mostly random.
    canvas.apply_mask(MaskPattern::Checkerboard);
    let digit = |colour| if colour == Color::Dark { '1' } else { '0' };
    let modules = canvas.into_colors().into_iter().map(digit).collect();
    Ok((modules, version.width() as u16))
}

/// The addresses by which others on the network may reach this machine, likeliest first: the default route's,
/// then private IPv4 ones, then others; bridges and tunnels last.
#[must_use]
pub fn lan_addresses() -> Vec<IpAddr> {
    let ranked = interfaces::ranked();
    ranked.into_iter().map(|(_, ip)| ip).collect()
}

/// The likeliest of [`lan_addresses`].
#[must_use]
pub fn lan_address() -> Option<IpAddr> {
    lan_addresses().first().copied()
}

/// Whether no phone can be behind an interface: loopback, or one of containers and virtual machines that this
/// machine does not go out by.
pub(crate) fn leads_nowhere(name: &str, ip: IpAddr) -> bool {
    leads_back(ip) || (is_inner(name) && !lan_addresses().contains(&ip))
}

/// Whether a phone can use this address: it is not loopback, unspecified or link-local.
#[must_use]
pub fn is_for_phones(ip: IpAddr) -> bool {
    !leads_back(ip) && !is_link_local(ip)
}

/// The base URL of a session's QR link. It is the public URL if there is one, else the host that the creator
/// used. If that host means only this machine, this machine's network address replaces it. The scheme is
/// https if the creator used https.
#[must_use]
pub fn base(
    public_url: Option<&str>,
    host: Option<&str>,
    local: SocketAddr,
    is_secure: bool,
) -> String {
    if let Some(url) = public_url {
        return url.into();
    }
    let scheme = if is_secure { "https" } else { "http" };
    let host = host.filter(|host| is_plausible(host) && !is_this_machine(host));
    match host {
        Some(host) => format!("{scheme}://{host}"),
        None if !is_everywhere(local.ip()) => format!("{scheme}://{local}"),
        None => match lan_addresses()
            .into_iter()
            .find(|ip| local.is_ipv6() || ip.is_ipv4())
        {
            Some(ip) => format!("{scheme}://{}", SocketAddr::new(ip, local.port())),
            // Without a network, only this machine can open the link.
            None => format!("{scheme}://localhost:{}", local.port()),
        },
    }
}

/// Whether this listen address stands for all addresses.
#[must_use]
pub fn is_everywhere(ip: IpAddr) -> bool {
    ip.to_canonical().is_unspecified()
}

/// Whether a `Host` is safe to put into a link or a header.
pub(crate) fn is_plausible(host: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !host.is_empty() && host.len() <= 255 && host.chars().all(allowed)
}

/// Whether a host means only this machine (loopback, unspecified or `localhost`), or is link-local.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        // The colon before a port, not one within an address.
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        Some(_) | None => host,
    };
    let address = |text: &str| text.trim_matches(['[', ']']).parse().ok();
    if let Some(ip) = address(name).or_else(|| address(host)) {
        return !is_for_phones(ip);
    }
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let names = [
        "localhost",
        "localhost.localdomain",
        "ip6-localhost",
        "ip6-loopback",
    ];
    name.is_empty() || names.contains(&name.as_str()) || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_link_leads_where_its_creator_came_from() {
        let at = local("0.0.0.0:8080");
        assert_eq!(
            base(None, Some("tapcue.local:8080"), at, false),
            "http://tapcue.local:8080"
        );
        assert_eq!(
            base(None, Some("192.168.1.20:8080"), at, false),
            "http://192.168.1.20:8080"
        );
        assert_eq!(
            base(Some("https://cue.example.org"), Some("10.0.0.1"), at, false),
            "https://cue.example.org"
        );
        assert_eq!(
            base(None, Some("192.168.1.20:8080"), at, true),
            "https://192.168.1.20:8080"
        );
    }

    #[test]
    fn a_link_to_this_machine_is_of_no_use_to_a_phone() {
        let expected = lan_address().map_or("http://localhost:8080".into(), |ip| {
            format!("http://{}", SocketAddr::new(ip, 8080))
        });
        for host in [
            "localhost:8080",
            "LOCALHOST",
            "localhost.:8080",
            "tapcue.localhost",
            "a.localhost.:8080",
            "ip6-localhost",
            "127.0.0.1:8080",
            "127.9.9.9",
            "0.0.0.0:8080",
            "[::]:8080",
            "[::1]:8080",
            "[::1]",
            "[::ffff:127.0.0.1]:8080",
            "[fe80::1]:8080",
            "169.254.7.7",
            ".",
            ":8080",
        ] {
            for at in ["0.0.0.0:8080", "[::]:8080", "[::ffff:0.0.0.0]:8080"] {
                assert_eq!(
                    base(None, Some(host), local(at), false),
                    expected,
                    "{host} {at}"
                );
            }
            let one = base(None, Some(host), local("192.168.1.20:8080"), false);
            assert_eq!(one, "http://192.168.1.20:8080", "{host}");
        }
        let only_here = base(None, Some("localhost:8080"), local("127.0.0.1:8080"), false);
        assert_eq!(only_here, "http://127.0.0.1:8080");
        for host in [
            "[2001:db8::1]:8080",
            "localhost.example",
            "notlocalhost",
            "box.lan.",
        ] {
            let link = base(None, Some(host), local("0.0.0.0:8080"), false);
            assert_eq!(link, format!("http://{host}"));
        }
    }

    #[test]
    fn a_host_header_cannot_smuggle_a_link() {
        let at = local("127.0.0.1:8080");
        for host in ["evil/#x", "a\"b", "a b", ""] {
            assert_eq!(base(None, Some(host), at, false), "http://127.0.0.1:8080");
        }
    }

    #[test]
    fn a_qr_code_has_its_finder_pattern() {
        let (modules, size) = qr_modules("http://192.168.1.20:8080/#join=abc").unwrap();
        let size = usize::from(size);
        assert_eq!(modules.len(), size * size);
        let corner: Vec<&str> = (0..7).map(|y| &modules[y * size..y * size + 7]).collect();
        let finder = [
            "1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111",
        ];
        assert_eq!(corner, finder);
    }
}
