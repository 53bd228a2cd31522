//! A TLS client for tests, and certificates for relays that take them from files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use time::{Duration, OffsetDateTime};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::http::{Answer, request_over};
use crate::wait::PATIENCE;

/// The versions of TLS.
pub use tokio_rustls::rustls::version::{TLS12, TLS13};

/// A certificate and its key in files, as `--tls-cert` and `--tls-key` take them.
#[derive(Clone, Debug)]
pub struct Files {
    /// The self-signed certificate, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
}

/// A client that trusts one certificate.
#[derive(Clone, Debug)]
pub struct Client(Arc<ClientConfig>);

impl Files {
    /// Writes a new pair for these names, in place of the old one. It is valid for `days` days from
    /// yesterday.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn write(folder: &Path, names: &[&str], days: i64) -> Self {
        let yesterday = OffsetDateTime::now_utc() - Duration::DAY;
        Self::write_until(folder, names, yesterday + Duration::days(days))
    }

    /// Like [`Files::write`], for a pair that expires at this moment.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn write_until(folder: &Path, names: &[&str], ends: OffsetDateTime) -> Self {
        let key = KeyPair::generate().expect("a key");
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.not_before = ends.min(OffsetDateTime::now_utc()) - Duration::DAY;
        params.not_after = ends;
        let certificate = params.self_signed(&key).expect("a certificate");
        let files = Self {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        };
        std::fs::write(&files.certificate, certificate.pem()).expect("a written certificate");
        std::fs::write(&files.key, key.serialize_pem()).expect("a written key");
        files
    }

    /// The relay's flags for these files.
    ///
    /// # Panics
    /// When a path is not text.
    #[must_use]
    pub fn flags(&self) -> [&str; 4] {
        let text = |path: &'static str, file| [path, Path::to_str(file).expect("a path")];
        let [cert, cert_at] = text("--tls-cert", &self.certificate);
        let [key, key_at] = text("--tls-key", &self.key);
        [cert, cert_at, key, key_at]
    }
}

impl Client {
    /// Creates a client that trusts the certificate in this file.
    ///
    /// # Panics
    /// When there is none in the file.
    #[must_use]
    pub fn trusting(pem: &Path) -> Self {
        let der = CertificateDer::from_pem_file(pem).expect("a certificate");
        Self::of(&der, &[&TLS13, &TLS12])
    }

    /// Creates a client that trusts this certificate in DER and speaks these versions.
    ///
    /// # Panics
    /// When it is not a certificate.
    #[must_use]
    pub fn of(der: &[u8], versions: &[&'static SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        let der = CertificateDer::from(der.to_vec());
        roots.add(der).expect("a certificate");
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("versions of TLS");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }

    /// Connects by TLS to a relay that must identify itself as `name`.
    ///
    /// # Errors
    /// The connection fails, the certificate is not trusted, or the other side does not speak TLS.
    ///
    /// # Panics
    /// When the handshake takes longer than [`PATIENCE`].
    pub async fn try_connect(
        &self,
        addr: SocketAddr,
        name: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(addr).await?;
        tcp.set_nodelay(true).expect("small frames at once");
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let connecting = TlsConnector::from(Arc::clone(&self.0)).connect(name, tcp);
        timeout(PATIENCE, connecting).await.expect("a handshake")
    }

    /// Like [`Client::try_connect`], for a connection that must succeed.
    ///
    /// # Panics
    /// When it fails.
    pub async fn connect(&self, addr: SocketAddr, name: &str) -> TlsStream<TcpStream> {
        let connected = self.try_connect(addr, name).await;
        connected.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Requests `path` with this `Host`, by GET.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn get(&self, addr: SocketAddr, host: &str, path: &str) -> Answer {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let stream = self.connect(addr, name).await;
        request_over(stream, "GET", path, &[("Host", host)], "").await
    }
}

/// The certificate that the other side has shown, in DER.
///
/// # Panics
/// When it has shown none.
#[must_use]
pub fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    let shown = stream.get_ref().1.peer_certificates();
    let first = shown.and_then(<[_]>::first).expect("a certificate");
    first.to_vec()
}
