//! The relay's own certificate authority: created once and kept, and limited to local networks. The
//! certificates that it issues to the relay exist only in memory, and are issued again as often as needed.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::files::{Look, valid_until};
use super::names::{self, Names};

/// The authority's folder in the data directory.
const FOLDER: &str = "local-ca";

/// How long an authority is valid. When it ends, every device has to trust a new one.
const AUTHORITY_LASTS: Duration = Duration::days(3_650);

/// How long a certificate is valid. Apple's devices accept at most 825 days from an authority that was added
/// by hand. The relay renews by itself, so a short time costs nothing and limits the use of a stolen key.
const LEAF_LASTS: Duration = Duration::days(90);

/// How long before its end a certificate is renewed.
const RENEW_BEFORE: Duration = Duration::days(30);

/// How far a phone's clock may be behind this machine's.
const CLOCKS_DIFFER: Duration = Duration::DAY;

/// The authority that devices are asked to trust.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The authority of a data directory, created if it is missing.
    ///
    /// # Errors
    /// It cannot be read, written or used; the text says what to do.
    pub fn open(data: &Path, now: OffsetDateTime) -> anyhow::Result<Self> {
        let folder = data.join(FOLDER);
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
        if !certificate.exists() && !key.exists() {
            make(&folder, now)
                .with_context(|| format!("cannot make an authority in {}", folder.display()))?;
        }
        let what_to_do = || {
            format!(
                "the authority in {}: put back what was there, or move the folder away and a new \
                 one is made, which every device has to trust anew",
                folder.display()
            )
        };
        Self::read(&certificate, &key, now).with_context(what_to_do)
    }

    fn read(certificate: &Path, key: &Path, now: OffsetDateTime) -> anyhow::Result<Self> {
        let at = |path: &Path| format!("cannot read {}", path.display());
        let pem = std::fs::read_to_string(key).with_context(|| at(key))?;
        let key = KeyPair::from_pem(&pem).with_context(|| at(key))?;
        let pem = std::fs::read(certificate).with_context(|| at(certificate))?;
        let der = CertificateDer::from_pem_slice(&pem).with_context(|| at(certificate))?;
        valid_until(&der, now).context("its certificate")?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).context("its certificate")?;
        let public = parsed.public_key().subject_public_key.data.as_ref();
        anyhow::ensure!(
            public == key.public_key_raw(),
            "ca.key does not belong to ca.pem"
        );
        let issuer = Issuer::from_ca_cert_der(&der, key).context("its certificate")?;
        Ok(Self {
            certificate: der,
            issuer,
        })
    }

    /// The certificate to trust, in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The certificate's SHA-256.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.certificate).into()
    }

    /// The certificate's SHA-256 as phones show it: pairs of hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let pairs = self.hash().map(|byte| format!("{byte:02X}"));
        pairs.join(":")
    }

    /// Issues a certificate for these names, with a new key.
    fn leaf(&self, names: &Names, now: OffsetDateTime) -> anyhow::Result<CertifiedKey> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.subject_alt_names = names.alternative_names()?;
        params.distinguished_name = called("Tapcue relay");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = now - CLOCKS_DIFFER;
        params.not_after = now + LEAF_LASTS;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let private = PrivateKeyDer::try_from(key.serialize_der());
        let private = private.map_err(|error| anyhow::anyhow!(error))?;
        let chain = vec![certificate.der().clone()];
        Ok(CertifiedKey::from_der(chain, private, &super::provider())?)
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority({})", self.fingerprint())
    }
}

/// The authority, and for which names and when it last issued a certificate.
#[derive(Debug)]
pub(super) struct LocalCa {
    authority: Arc<Authority>,
    names: Names,
    given_at: OffsetDateTime,
}

impl LocalCa {
    /// Opens the authority of a data directory, and issues a first certificate for these names.
    ///
    /// # Errors
    /// There is no usable authority; the text says what to do.
    pub(super) fn open(
        data: &Path,
        names: Names,
        now: OffsetDateTime,
    ) -> anyhow::Result<(Self, Arc<CertifiedKey>)> {
        let authority = Authority::open(data, now)?;
        let first = authority.leaf(&names, now)?;
        let local = Self {
            authority: Arc::new(authority),
            names,
            given_at: now,
        };
        Ok((local, Arc::new(first)))
    }

    pub(super) fn authority(&self) -> Arc<Authority> {
        Arc::clone(&self.authority)
    }

    /// Issues a new certificate if this machine's names changed, the last one is near its end, or the clock
    /// was set to before its beginning.
    pub(super) fn look(&mut self, names: Names, now: OffsetDateTime) -> Look {
        let fits = self.given_at - CLOCKS_DIFFER <= now
            && now < self.given_at + LEAF_LASTS - RENEW_BEFORE
            && names == self.names;
        if fits {
            return Look::Same;
        }
        // One attempt per change, even if it fails.
        self.names = names;
        self.given_at = now;
        match self.authority.leaf(&self.names, now) {
            Ok(key) => Look::New(Arc::new(key)),
            Err(error) => Look::Bad(error),
        }
    }
}

/// Creates an authority: a key for this user alone, then the certificate. The certificate comes last, so that
/// an interrupted creation is detected.
fn make(folder: &Path, now: OffsetDateTime) -> anyhow::Result<()> {
    anyhow::ensure!(
        now.year() >= 2025,
        "this machine's clock says {}: set it first",
        now.date()
    );
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    let host = hostname::get().unwrap_or_default();
    let host = host.to_string_lossy();
    let host = host.split('.').next().unwrap_or_default();
    // People see this name in their phone's list. The day and the machine tell several authorities apart.
    params.distinguished_name = called(&format!("Tapcue {host} {}", now.date()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(names::constraints());
    params.not_before = now - CLOCKS_DIFFER;
    params.not_after = now + AUTHORITY_LASTS;
    let certificate = params.self_signed(&key)?;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    write(folder, "ca.key", &key.serialize_pem())?;
    write(folder, "ca.pem", &certificate.pem())?;
    Ok(())
}

/// Writes a file whole or not at all, readable only for this user.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.new"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(name))
}

/// A name for people. It is no host name, because some clients would take it for one.
fn called(name: &str) -> rcgen::DistinguishedName {
    let mut called = rcgen::DistinguishedName::new();
    called.push(DnType::OrganizationName, "Tapcue");
    called.push(DnType::CommonName, name);
    called
}

#[cfg(test)]
mod tests;
