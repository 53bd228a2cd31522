//! Opens a connection to a relay: TCP, with TLS for https addresses, and the authorities to trust.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::relay::address::RelayAddress;
use crate::relay::error::ConnectError;

/// How long an address has before the next one is tried in parallel. Source: RFC 8305, section 5.
const NEXT_AFTER: Duration = Duration::from_millis(250);

/// How many addresses of a name are tried. All attempts start within 2 s.
const ADDRESSES_AT_MOST: usize = 8;

/// The timeout for all of them. It is shorter than the timeout for a session's first connection.
const ACCEPTS_WITHIN: Duration = Duration::from_secs(5);

/// A connection over any transport.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug> Wire for T {}

/// The authorities that are trusted for a relay. Cheap to clone; read at the first https address.
#[derive(Clone, Debug, Default)]
pub struct Trust(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The only trusted authority; none means the authorities of this device's system.
    file: Option<PathBuf>,
    config: OnceLock<Result<Arc<ClientConfig>, ConnectError>>,
}

impl Trust {
    /// Trusts only the authority in this file, in PEM or DER. Without a file, trusts the authorities of this
    /// device's system.
    #[must_use]
    pub fn in_file(file: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            file,
            config: OnceLock::new(),
        }))
    }

    /// The file, if one was given.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        self.0.config.get_or_init(|| config(self.file())).clone()
    }
}

/// Connects to the relay.
///
/// # Errors
/// The reason why there is no connection.
pub async fn connect(relay: &RelayAddress, trust: &Trust) -> Result<Box<dyn Wire>, ConnectError> {
    let secure = match relay.is_secure() {
        true => Some((trust.config()?, server_name(relay)?)),
        false => None,
    };
    let addresses = lookup_host(relay.authority()).await;
    let addresses: Vec<_> = addresses.into_iter().flatten().collect();
    if addresses.is_empty() {
        return Err(ConnectError::NoSuchName {
            host: relay.host().to_owned(),
        });
    }
    let tcp = first_to_answer(in_turns(addresses)).await?;
    tcp.set_nodelay(true)?;
    let Some((config, name)) = secure else {
        return Ok(Box::new(tcp));
    };
    match TlsConnector::from(config).connect(name, tcp).await {
        Ok(tls) => Ok(Box::new(tls)),
        Err(error) => Err(why_not(relay, trust, error)),
    }
}

/// The first of several addresses that accepts a connection. They are tried in order: the next one starts
/// after a short delay, or as soon as one fails.
pub(crate) async fn first_to_answer(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut next = addresses.into_iter().take(ADDRESSES_AT_MOST).peekable();
    let mut trying = FuturesUnordered::new();
    let mut failed = None;
    let deadline = Instant::now() + ACCEPTS_WITHIN;
    loop {
        trying.extend(next.next().map(TcpStream::connect));
        let until = match next.peek() {
            Some(_) => deadline.min(Instant::now() + NEXT_AFTER),
            None => deadline,
        };
        match timeout_at(until, trying.next()).await {
            Ok(Some(Ok(tcp))) => return Ok(tcp),
            Ok(Some(Err(error))) => {
                failed.get_or_insert(error);
            }
            Ok(None) => return Err(failed.unwrap_or_else(|| io::ErrorKind::NotFound.into())),
            Err(_) if Instant::now() >= deadline => return Err(io::ErrorKind::TimedOut.into()),
            Err(_) => {}
        }
    }
}

/// Alternates IPv6 and IPv4 addresses, IPv6 first (RFC 8305, section 4). If one version has no route, the
/// other is next.
fn in_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv6);
    let longest = v6.len().max(v4.len());
    let pairs = (0..longest).flat_map(|n| [v6.get(n).copied(), v4.get(n).copied()]);
    pairs.flatten().collect()
}

fn server_name(relay: &RelayAddress) -> Result<ServerName<'static>, ConnectError> {
    let name = ServerName::try_from(relay.host().to_owned());
    name.map_err(|_| ConnectError::NoCertificateFor {
        host: relay.host().to_owned(),
    })
}

fn config(file: Option<&Path>) -> Result<Arc<ClientConfig>, ConnectError> {
    let roots = match file {
        Some(file) => roots_in(file)?,
        None => roots_of_system()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Other(error.to_string()))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn roots_in(file: &Path) -> Result<RootCertStore, ConnectError> {
    let bytes = std::fs::read(file).map_err(|error| ConnectError::AuthorityNotRead {
        file: file.to_owned(),
        error: error.to_string(),
    })?;
    let none = || ConnectError::NoAuthorityIn {
        file: file.to_owned(),
    };
    let pem = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let found = match pem {
        Ok(found) if !found.is_empty() => found,
        Ok(_) | Err(_) => vec![CertificateDer::from(bytes)],
    };
    let mut roots = RootCertStore::empty();
    for certificate in found {
        roots.add(certificate).map_err(|_| none())?;
    }
    Ok(roots)
}

fn roots_of_system() -> Result<RootCertStore, ConnectError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Some systems keep outdated certificates that cannot be parsed. The others are used.
    let _ = roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(ConnectError::NoAuthorities);
    }
    Ok(roots)
}

/// Why a handshake failed.
fn why_not(relay: &RelayAddress, trust: &Trust, error: io::Error) -> ConnectError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let at = relay.http();
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => untrusted(relay, trust, why),
        Some(rustls::Error::InvalidMessage(_)) => ConnectError::NotHttps { at },
        Some(other) => ConnectError::NotSecure {
            at,
            error: other.to_string(),
        },
        None if error.kind() == io::ErrorKind::UnexpectedEof => ConnectError::HungUpAtTls,
        None => error.into(),
    }
}

fn untrusted(relay: &RelayAddress, trust: &Trust, why: &CertificateError) -> ConnectError {
    let at = relay.http();
    if is_about_name(why) {
        return ConnectError::OtherNames { at };
    }
    if is_about_time(why) {
        return ConnectError::OutOfTime { at };
    }
    ConnectError::NotVouchedFor {
        at,
        authority: relay.authority().to_owned(),
        by: trust.file().map(Path::to_owned),
    }
}

fn is_about_name(why: &CertificateError) -> bool {
    matches!(
        why,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
    )
}

fn is_about_time(why: &CertificateError) -> bool {
    matches!(
        why,
        CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_address_does_not_stand_before_the_next() {
        // The queue of this listener is full, so it does not answer, like a host behind a firewall.
        let silent = tokio::net::TcpSocket::new_v4().unwrap();
        silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let silent = silent.listen(1).unwrap();
        let address = silent.local_addr().unwrap();
        let mut filling = Vec::new();
        while let Ok(one) = tokio::time::timeout(NEXT_AFTER, TcpStream::connect(address)).await {
            filling.push(one.unwrap());
        }
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = open.local_addr().unwrap();
        let refused = "127.0.0.1:1".parse().unwrap();
        for order in [
            vec![address, at],
            vec![refused, address, at],
            vec![at, address],
        ] {
            let found = first_to_answer(order).await.unwrap();
            assert_eq!(found.peer_addr().unwrap(), at);
        }
        let error = first_to_answer(vec![refused]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn both_kinds_take_turns_and_ipv6_begins() {
        let of = |all: &[&str]| {
            all.iter()
                .map(|one| one.parse().unwrap())
                .collect::<Vec<_>>()
        };
        let mixed = of(&["10.0.0.1:1", "10.0.0.2:1", "[fd00::1]:1"]);
        let turns = of(&["[fd00::1]:1", "10.0.0.1:1", "10.0.0.2:1"]);
        assert_eq!(in_turns(mixed), turns);
        assert_eq!(in_turns(of(&["10.0.0.1:1"])), of(&["10.0.0.1:1"]));
    }
}
