//! The way to a relay: TCP, and TLS over it where the address asks for https. Whom to believe that it
//! is the relay.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::address::RelayAddress;

/// A connection, whatever it runs over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug> Wire for T {}

/// Why there is no connection. The text is for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers just now. Another try may come to more.
    #[error("{0}")]
    Unreachable(String),
    /// Somebody answers, who is not to be believed or not to be spoken to like this. Another try would
    /// come to the same; the text says what to do.
    #[error("{0}")]
    Refused(String),
}

/// Who is believed to vouch for a relay. Cheap to clone; read at the first https address.
#[derive(Clone, Debug, Default)]
pub struct Trust(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The only authority that is believed; none means those of this device's system.
    file: Option<PathBuf>,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
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

    fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        let made = self.0.config.get_or_init(|| config(self.file()));
        made.clone().map_err(ConnectError::Refused)
    }
}

/// Connects.
///
/// # Errors
/// Why not, in words.
pub async fn connect(relay: &RelayAddress, trust: &Trust) -> Result<Box<dyn Wire>, ConnectError> {
    let unreachable = |error: io::Error| ConnectError::Unreachable(error.to_string());
    let secure = match relay.is_secure() {
        true => Some((trust.config()?, server_name(relay)?)),
        false => None,
    };
    let tcp = TcpStream::connect(relay.authority()).await;
    let tcp = tcp.map_err(unreachable)?;
    tcp.set_nodelay(true).map_err(unreachable)?;
    let Some((config, name)) = secure else {
        return Ok(Box::new(tcp));
    };
    match TlsConnector::from(config).connect(name, tcp).await {
        Ok(tls) => Ok(Box::new(tls)),
        Err(error) => Err(in_words(relay, trust, error)),
    }
}

fn server_name(relay: &RelayAddress) -> Result<ServerName<'static>, ConnectError> {
    let name = ServerName::try_from(relay.host().to_owned());
    name.map_err(|_| ConnectError::Refused(format!("no certificate can be for {}", relay.host())))
}

fn config(file: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let roots = match file {
        Some(file) => roots_in(file)?,
        None => roots_of_system()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn roots_in(file: &Path) -> Result<RootCertStore, String> {
    let at = file.display();
    let bytes = std::fs::read(file)
        .map_err(|error| format!("the authority in {at} (--ca) cannot be read: {error}"))?;
    let none = || format!("{at} (--ca) has no certificate in it, neither in PEM nor in DER");
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

fn roots_of_system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Some systems keep certificates that nothing can read any more; the others are good.
    let _ = roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(
            "this system has no list of authorities that it trusts (on Debian: the package \
                    ca-certificates). Install one, or name the relay's authority with --ca FILE"
                .into(),
        );
    }
    Ok(roots)
}

/// Why a handshake failed, and what to do.
fn in_words(relay: &RelayAddress, trust: &Trust, error: io::Error) -> ConnectError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let at = relay.http();
    let words = match inner {
        Some(rustls::Error::InvalidCertificate(why)) => untrusted(relay, trust, why),
        Some(rustls::Error::InvalidMessage(_)) => {
            format!("what answers at {at} does not speak https. Try http:// instead")
        }
        Some(other) => format!("there is no secure connection to {at}: {other}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            let why = "it hangs up at https. If it is a relay without TLS, try http:// instead";
            return ConnectError::Unreachable(why.into());
        }
        None => return ConnectError::Unreachable(error.to_string()),
    };
    ConnectError::Refused(words)
}

fn untrusted(relay: &RelayAddress, trust: &Trust, why: &CertificateError) -> String {
    let at = relay.http();
    if is_about_name(why) {
        return format!(
            "the certificate at {at} is for other names. Use the address that the relay printed"
        );
    }
    if is_about_time(why) {
        return format!(
            "the certificate at {at} has ended or not begun. Is this device's clock right? If so, \
             whoever runs the relay has to renew it"
        );
    }
    match trust.file() {
        Some(file) => format!(
            "{} does not vouch for the certificate at {at}. Get the relay's authority anew from \
             http://{}/trust/tapcue-ca.crt, and compare its SHA-256 with what the relay printed",
            file.display(),
            relay.authority()
        ),
        None => format!(
            "this device knows nobody who vouches for the certificate at {at}. If the relay has an \
             authority of its own (--tls local-ca), get it from http://{}/trust/tapcue-ca.crt, \
             compare its SHA-256 with what the relay printed, and name the file with --ca FILE",
            relay.authority()
        ),
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
