//! The relay's own certificate authority: made once and kept, and limited to local networks. The
//! certificates that it gives the relay live in memory alone and are made anew as often as needed.

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

/// How long an authority lasts. Whoever trusts it has to be asked again when it ends.
const AUTHORITY_LASTS: Duration = Duration::days(3_650);

/// How long a certificate lasts. Devices of Apple take at most 825 days from an authority that was
/// added by hand; a relay renews by itself, and then a short time costs nothing and limits what a
/// stolen key is good for.
const LEAF_LASTS: Duration = Duration::days(90);

/// How long before its end a certificate is renewed.
const RENEW_BEFORE: Duration = Duration::days(30);

/// How far a phone's clock may be behind this machine's.
const CLOCKS_DIFFER: Duration = Duration::DAY;

/// Whom devices are asked to trust.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The authority of a data directory, made if it has none.
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

    /// Its SHA-256.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.certificate).into()
    }

    /// Its SHA-256 as phones show it: pairs of hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let pairs = self.hash().map(|byte| format!("{byte:02X}"));
        pairs.join(":")
    }

    /// A certificate for these names, with a key of its own.
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

/// The authority, and the certificate that it has given last.
#[derive(Debug)]
pub(super) struct LocalCa {
    authority: Arc<Authority>,
    names: Names,
    given_at: OffsetDateTime,
}

impl LocalCa {
    /// The authority of a data directory, and a first certificate for these names.
    ///
    /// # Errors
    /// There is no authority; the text says what to do.
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

    /// A new certificate if this machine has other names now, the last one comes to its end, or the
    /// clock has been set so that it has not begun.
    pub(super) fn look(&mut self, names: Names, now: OffsetDateTime) -> Look {
        let fits = self.given_at - CLOCKS_DIFFER <= now
            && now < self.given_at + LEAF_LASTS - RENEW_BEFORE
            && names == self.names;
        if fits {
            return Look::Same;
        }
        // Once for each change, also if it fails.
        self.names = names;
        self.given_at = now;
        match self.authority.leaf(&self.names, now) {
            Ok(key) => Look::New(Arc::new(key)),
            Err(error) => Look::Bad(error),
        }
    }
}

/// Makes an authority: its key for this user alone, and last its certificate, so that one that was
/// interrupted is seen as such.
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
    // What people see in their phone's list. Day and machine tell several of them apart.
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

/// Whole or not at all, and for this user alone.
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

/// A name for people. No name of a machine: some clients would take it for one.
fn called(name: &str) -> rcgen::DistinguishedName {
    let mut called = rcgen::DistinguishedName::new();
    called.push(DnType::OrganizationName, "Tapcue");
    called.push(DnType::CommonName, name);
    called
}

#[cfg(test)]
mod tests;
