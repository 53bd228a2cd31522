//! TLS in the relay: which certificate it shows, and how that is renewed without closing connections.
//!
//! One port serves TLS and plain http. The first byte of a TLS connection is 22, that of an HTTP request a
//! letter, so a printed link works with either scheme.

mod files;
mod local_ca;
mod names;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::ValueEnum;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio::time::{Duration, MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use files::{Files, Look};
use local_ca::LocalCa;

pub use local_ca::Authority;
pub use names::Names;

/// How long a TLS handshake may take, including its first byte. The same as for the headers of a request.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// How often the relay checks for a new certificate.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The first byte of a TLS connection: the type of a handshake record. Source: RFC 8446, 5.1.
const TLS_HANDSHAKE: u8 = 22;

/// How much frame data TLS may buffer on its way to a device, in bytes. A stop waits behind that data. The
/// writer waits for each frame to leave, so it is at most one frame.
const WRITE_BUFFER: usize = 16 * 1_024;

/// Where certificates come from, if not from files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// No TLS.
    Off,
    /// From an authority of the relay's own, which phones are told to trust by a page it serves.
    LocalCa,
}

/// Whether the relay speaks TLS, and with which certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Plain http only.
    #[default]
    Off,
    /// With a certificate and its key from files, in PEM.
    Files {
        /// The certificate, with the chain up to its authority.
        certificate: PathBuf,
        /// The certificate's key.
        key: PathBuf,
    },
    /// With certificates of the relay's own authority.
    LocalCa {
        /// Whether plain http serves only the trust page and redirects to it.
        only: bool,
    },
}

impl Mode {
    /// The mode that the settings choose.
    ///
    /// # Errors
    /// The settings do not go together; the text tells a person which ones.
    pub fn of(
        choice: Option<Choice>,
        certificate: Option<PathBuf>,
        key: Option<PathBuf>,
        only: bool,
    ) -> anyhow::Result<Self> {
        let choice = choice.unwrap_or(Choice::Off);
        match (choice, certificate, key) {
            (Choice::Off, None, None) => {
                anyhow::ensure!(
                    !only,
                    "--tls-only needs --tls local-ca, or --tls-cert and --tls-key"
                );
                Ok(Self::Off)
            }
            (Choice::Off, Some(certificate), Some(key)) => Ok(Self::Files { certificate, key }),
            (Choice::LocalCa, None, None) => Ok(Self::LocalCa { only }),
            (Choice::LocalCa, ..) => anyhow::bail!(
                "either --tls local-ca or --tls-cert with --tls-key: a relay shows one certificate"
            ),
            (Choice::Off, ..) => anyhow::bail!("--tls-cert and --tls-key go together"),
        }
    }
}

/// The answer to a request by plain http.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plain {
    /// The same as by https, so that people can go without TLS.
    #[default]
    Same,
    /// A redirect to the same by https.
    Redirect,
    /// The trust page and what it needs. Every other request leads there.
    OnlyTrust,
}

impl Plain {
    /// The answer that follows from the settings. Devices must already trust a certificate from files,
    /// because the relay has no page that asks for it. Plain http then only redirects.
    #[must_use]
    pub fn of(mode: &Mode) -> Self {
        match mode {
            Mode::Off | Mode::LocalCa { only: false } => Plain::Same,
            Mode::Files { .. } => Plain::Redirect,
            Mode::LocalCa { only: true } => Plain::OnlyTrust,
        }
    }
}

/// What the routes know of the relay's TLS.
#[derive(Clone, Debug, Default)]
pub struct Face {
    /// The answer to a request by plain http.
    pub plain: Plain,
    /// Whether browsers are told to use only https.
    pub hsts: bool,
    /// The authority that devices are asked to trust.
    pub authority: Option<Arc<Authority>>,
    /// The certificate that is shown, if any is.
    pub(crate) shown: Option<Arc<Shown>>,
}

/// An accepted connection, by its protocol.
#[derive(Debug)]
pub enum Accepted {
    /// Plain http.
    Plain(TcpStream),
    /// TLS.
    Secure(Box<TlsStream<TcpStream>>),
}

/// Accepts connections with TLS. Cheap to clone.
#[derive(Clone)]
pub struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Detects a connection's protocol, and does the TLS handshake. None if that fails or times out.
    pub async fn accept(&self, tcp: TcpStream) -> Option<Accepted> {
        let accepting = async {
            let mut first = [0];
            if tcp.peek(&mut first).await? == 1 && first == [TLS_HANDSHAKE] {
                let bounded = |connection: &mut rustls::ServerConnection| {
                    connection.set_buffer_limit(Some(WRITE_BUFFER));
                };
                let secure = self.0.accept_with(tcp, bounded).await?;
                std::io::Result::Ok(Accepted::Secure(Box::new(secure)))
            } else {
                Ok(Accepted::Plain(tcp))
            }
        };
        match timeout(HANDSHAKE_TIMEOUT, accepting).await {
            Ok(Ok(accepted)) => Some(accepted),
            // This happens with every device that does not trust the certificate, so it is no warning.
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!("a connection took too long to say what it is");
                None
            }
        }
    }
}

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor(…)")
    }
}

/// The relay's TLS: the certificate that it shows, and the source of the next one.
#[derive(Debug)]
pub struct Tls {
    acceptor: Acceptor,
    shown: Arc<Shown>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Files(Files),
    LocalCa(Box<LocalCa>),
}

impl Tls {
    /// Opens the TLS of a relay with its data in `data`; none if TLS is off.
    ///
    /// # Errors
    /// There is no certificate to start with; the text says what to do.
    pub fn open(mode: &Mode, data: &Path, names: &Names) -> anyhow::Result<Option<Self>> {
        let now = now();
        let (source, first) = match mode {
            Mode::Off => return Ok(None),
            Mode::Files { certificate, key } => {
                let (files, first) = Files::open(certificate, key, now)?;
                (Source::Files(files), first)
            }
            Mode::LocalCa { .. } => {
                let (local, first) = LocalCa::open(data, names.clone(), now)?;
                (Source::LocalCa(Box::new(local)), first)
            }
        };
        let shown = Arc::new(Shown(RwLock::new(first)));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .context("the versions of TLS do not fit this build")?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A returning device saves a round of signatures, and the relay stores nothing for it.
        config.ticketer = ring::Ticketer::new().context("the system gives no randomness")?;
        Ok(Some(Self {
            acceptor: Acceptor(TlsAcceptor::from(Arc::new(config))),
            shown,
            source,
        }))
    }

    /// The acceptor for new connections.
    #[must_use]
    pub fn acceptor(&self) -> Acceptor {
        self.acceptor.clone()
    }

    /// What the routes need to know of TLS.
    #[must_use]
    pub fn face(&self, mode: &Mode) -> Face {
        let authority = match &self.source {
            Source::Files(_) => None,
            Source::LocalCa(local) => Some(local.authority()),
        };
        Face {
            plain: Plain::of(mode),
            // People may stop trusting a local authority, and a relay may stop using it. With HSTS, a browser
            // could then not open the relay by plain http either.
            hsts: authority.is_none(),
            authority,
            shown: Some(Arc::clone(&self.shown)),
        }
    }

    /// Shows each new certificate. Runs until it is dropped; open connections are not affected.
    pub async fn keep(mut self, names: impl Fn() -> Names) {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let next = match &mut self.source {
                Source::Files(files) => files.look(now()),
                Source::LocalCa(local) => local.look(names(), now()),
            };
            match next {
                Look::Same => {}
                Look::New(key) => {
                    self.shown.show(key);
                    tracing::info!("a new certificate is shown to whoever connects from now on");
                }
                Look::Bad(error) => {
                    tracing::error!("the certificate stays as it is: {error:#}");
                }
            }
        }
    }
}

/// The certificate that is shown.
#[derive(Debug)]
pub(crate) struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    /// Whether the certificate is valid now, by its own dates.
    ///
    /// # Errors
    /// It has ended, or has not begun.
    pub(crate) fn is_valid(&self) -> anyhow::Result<()> {
        let shown = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let first = shown.cert.first().context("is not there")?;
        files::valid_until(first, now()).map(drop)
    }

    fn show(&self, key: Arc<CertifiedKey>) {
        // No code panics under this lock.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let shown = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&shown))
    }
}

/// The cryptography provider of this relay.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The present time of the wall clock, which certificates depend on.
pub(crate) fn now() -> OffsetDateTime {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_do_not_go_together_are_refused_in_words() {
        let path = || Some(PathBuf::from("file.pem"));
        for (choice, certificate, key, only, says) in [
            (None, path(), None, false, "go together"),
            (None, None, path(), false, "go together"),
            (
                Some(Choice::LocalCa),
                path(),
                path(),
                false,
                "one certificate",
            ),
            (None, None, None, true, "--tls-only needs"),
        ] {
            let error = Mode::of(choice, certificate, key, only).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
        assert_eq!(Mode::of(None, None, None, false).unwrap(), Mode::Off);
    }
}
