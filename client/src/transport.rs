//! The way to a relay: TCP, and TLS over it where the address asks for https. Whom to believe that it
//! is the relay.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use crate::address::RelayAddress;
use crate::no_way::NoWay;

/// A connection, whatever it runs over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug> Wire for T {}

/// Who is believed to vouch for a relay. Cheap to clone; read at the first https address.
#[derive(Clone, Debug, Default)]
pub struct Trust(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The only authority that is believed; none means those of this device's system.
    file: Option<PathBuf>,
    config: OnceLock<Result<Arc<ClientConfig>, NoWay>>,
}

impl Trust {
    /// The authority in this file and no other, in PEM or DER; without a file those that this
    /// device's system trusts.
    #[must_use]
    pub fn in_file(file: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            file,
            config: OnceLock::new(),
        }))
    }

    /// The file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    fn config(&self) -> Result<Arc<ClientConfig>, NoWay> {
        self.0.config.get_or_init(|| config(self.file())).clone()
    }
}

/// Connects.
///
/// # Errors
/// Why not.
pub async fn connect(relay: &RelayAddress, trust: &Trust) -> Result<Box<dyn Wire>, NoWay> {
    let secure = match relay.is_secure() {
        true => Some((trust.config()?, server_name(relay)?)),
        false => None,
    };
    let addresses = lookup_host(relay.authority()).await;
    let addresses: Vec<_> = addresses.into_iter().flatten().collect();
    if addresses.is_empty() {
        return Err(NoWay::NoSuchName {
            host: relay.host().to_owned(),
        });
    }
    let tcp = TcpStream::connect(&*addresses).await?;
    tcp.set_nodelay(true)?;
    let Some((config, name)) = secure else {
        return Ok(Box::new(tcp));
    };
    match TlsConnector::from(config).connect(name, tcp).await {
        Ok(tls) => Ok(Box::new(tls)),
        Err(error) => Err(why_not(relay, trust, error)),
    }
}

fn server_name(relay: &RelayAddress) -> Result<ServerName<'static>, NoWay> {
    let name = ServerName::try_from(relay.host().to_owned());
    name.map_err(|_| NoWay::NoCertificateFor {
        host: relay.host().to_owned(),
    })
}

fn config(file: Option<&Path>) -> Result<Arc<ClientConfig>, NoWay> {
    let roots = match file {
        Some(file) => roots_in(file)?,
        None => roots_of_system()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NoWay::Other(error.to_string()))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn roots_in(file: &Path) -> Result<RootCertStore, NoWay> {
    let bytes = std::fs::read(file).map_err(|error| NoWay::AuthorityNotRead {
        file: file.to_owned(),
        error: error.to_string(),
    })?;
    let none = || NoWay::NoAuthorityIn {
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

fn roots_of_system() -> Result<RootCertStore, NoWay> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Some systems keep certificates that nothing can read any more; the others are good.
    let _ = roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(NoWay::NoAuthorities);
    }
    Ok(roots)
}

/// Why a handshake failed.
fn why_not(relay: &RelayAddress, trust: &Trust, error: io::Error) -> NoWay {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let at = relay.http();
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => untrusted(relay, trust, why),
        Some(rustls::Error::InvalidMessage(_)) => NoWay::NotHttps { at },
        Some(other) => NoWay::NotSecure {
            at,
            error: other.to_string(),
        },
        None if error.kind() == io::ErrorKind::UnexpectedEof => NoWay::HungUpAtTls,
        None => error.into(),
    }
}

fn untrusted(relay: &RelayAddress, trust: &Trust, why: &CertificateError) -> NoWay {
    let at = relay.http();
    if is_about_name(why) {
        return NoWay::OtherNames { at };
    }
    if is_about_time(why) {
        return NoWay::OutOfTime { at };
    }
    NoWay::NotVouchedFor {
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
