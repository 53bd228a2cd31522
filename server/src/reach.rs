//! How people reach this relay: the link for phones on the same network, and its QR code.

use std::net::{IpAddr, SocketAddr};

use qrcode::types::{Color, QrError};
use qrcode::{EcLevel, QrCode};

/// A QR code as a character for each module, row after row, 1 for dark and 0 for light, without the
/// quiet zone; and how many modules a row has.
pub fn qr_modules(text: &str) -> Result<(String, u16), QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let digit = |colour| if colour == Color::Dark { '1' } else { '0' };
    let modules = code.to_colors().into_iter().map(digit).collect();
    Ok((modules, code.width() as u16))
}

/// The QR code in characters, two modules to a character, dark on light whatever the terminal's
/// colours are.
pub fn qr_text(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let mut dense = code.render::<qrcode::render::unicode::Dense1x2>();
    Ok(dense
        .dark_color(qrcode::render::unicode::Dense1x2::Light)
        .light_color(qrcode::render::unicode::Dense1x2::Dark)
        .quiet_zone(true)
        .build())
}

/// The address of this machine that others on its network reach it by: a private IPv4 address before
/// any other, since that is what phones on a home network share.
#[must_use]
pub fn lan_address() -> Option<IpAddr> {
    let mut addresses = addresses();
    addresses.retain(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    });
    addresses.sort_by_key(|ip| match ip {
        IpAddr::V4(ip) if ip.is_private() => 0,
        IpAddr::V4(_) => 1,
        IpAddr::V6(_) => 2,
    });
    addresses.first().copied()
}

/// Every address of this machine that may be reached from outside it.
#[must_use]
pub fn addresses() -> Vec<IpAddr> {
    if_addrs::get_if_addrs()
        .inspect_err(|error| tracing::debug!(%error, "cannot list this machine's addresses"))
        .unwrap_or_default()
        .into_iter()
        .filter(|interface| !interface.is_loopback() && !is_virtual(&interface.name))
        .map(|interface| interface.ip())
        .collect()
}

/// Interfaces of containers and virtual machines lead nowhere a phone could be.
pub(crate) fn is_virtual(name: &str) -> bool {
    ["docker", "br-", "veth", "virbr", "vmnet", "vboxnet"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Where the QR link of a session leads: to the public URL if there is one; to the name its creator
/// came by, unless that name means "this machine" to everybody, in which case to this machine's
/// address on its network. With https if the creator came by it.
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
    let host = host.filter(|host| is_plausible(host));
    match host {
        Some(host) if !is_this_machine(host) => format!("{scheme}://{host}"),
        Some(_) | None if local.ip().is_loopback() => format!("{scheme}://{local}"),
        Some(_) | None => match lan_address() {
            Some(ip) => format!("{scheme}://{}", SocketAddr::new(ip, local.port())),
            None => format!("{scheme}://{local}"),
        },
    }
}

/// Whether a `Host` can be put into a link or a header.
pub(crate) fn is_plausible(host: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !host.is_empty() && host.len() <= 255 && host.chars().all(allowed)
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let loopback = |ip: IpAddr| ip.is_loopback();
    name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse().is_ok_and(loopback)
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
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            let link = base(None, Some(host), local("0.0.0.0:8080"), false);
            let expected = lan_address().map_or("http://0.0.0.0:8080".into(), |ip| {
                format!("http://{}", SocketAddr::new(ip, 8080))
            });
            assert_eq!(link, expected);
        }
        let only_here = base(None, Some("localhost:8080"), local("127.0.0.1:8080"), false);
        assert_eq!(only_here, "http://127.0.0.1:8080");
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
