//! A certificate and its key from files, loaded again when the files change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

/// How long before its end a certificate causes a daily warning. Tools that renew certificates do so earlier.
const WARN_BEFORE: Duration = Duration::days(14);

/// The result of a check.
#[derive(Debug)]
pub(super) enum Look {
    /// There is nothing new.
    Same,
    /// A certificate to show from now on.
    New(Arc<CertifiedKey>),
    /// A change that cannot be used. Reported once.
    Bad(anyhow::Error),
}

/// The two files, and what was last found in them.
#[derive(Debug)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    /// What was evaluated last, usable or not.
    judged: Found,
    /// What the last check found, if it was something else.
    fresh: Option<Found>,
    ends: OffsetDateTime,
    warned: Option<OffsetDateTime>,
}

/// A hash of both files, or why they cannot be read.
type Found = Result<[u8; 32], io::ErrorKind>;

impl Files {
    /// Loads the certificate and its key.
    ///
    /// # Errors
    /// It cannot be used; the text says which file, and why.
    pub(super) fn open(
        certificate: &Path,
        key: &Path,
        now: OffsetDateTime,
    ) -> anyhow::Result<(Self, Arc<CertifiedKey>)> {
        let judged = found(certificate, key);
        let (first, ends) = take(certificate, key, now)?;
        let files = Self {
            certificate: certificate.into(),
            key: key.into(),
            judged,
            fresh: None,
            ends,
            warned: None,
        };
        Ok((files, first))
    }

    /// Checks for a new certificate. Two files are not written at once, so a change counts only when the next
    /// check finds it unchanged.
    pub(super) fn look(&mut self, now: OffsetDateTime) -> Look {
        let found = found(&self.certificate, &self.key);
        if found == self.judged {
            self.fresh = None;
            return self.is_ending(now);
        }
        if self.fresh.as_ref() != Some(&found) {
            self.fresh = Some(found);
            return Look::Same;
        }
        self.judged = found;
        self.fresh = None;
        match take(&self.certificate, &self.key, now) {
            Ok((key, ends)) => {
                self.ends = ends;
                self.warned = None;
                Look::New(key)
            }
            Err(error) => Look::Bad(error),
        }
    }

    fn is_ending(&mut self, now: OffsetDateTime) -> Look {
        let is_due = self.ends - now < WARN_BEFORE;
        let is_news = self.warned.is_none_or(|at| now - at >= Duration::DAY);
        if !is_due || !is_news {
            return Look::Same;
        }
        self.warned = Some(now);
        Look::Bad(anyhow::anyhow!(
            "{} ends on {}: renew it in time; the relay takes the new one by itself",
            self.certificate.display(),
            self.ends.date()
        ))
    }
}

fn found(certificate: &Path, key: &Path) -> Found {
    let mut hash = Sha256::new();
    for path in [certificate, key] {
        let bytes = std::fs::read(path).map_err(|error| error.kind())?;
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(&bytes);
    }
    Ok(hash.finalize().into())
}

/// Loads the certificate with its key, and returns when it ends.
fn take(
    certificate: &Path,
    key: &Path,
    now: OffsetDateTime,
) -> anyhow::Result<(Arc<CertifiedKey>, OffsetDateTime)> {
    let at = certificate.display();
    let bytes = std::fs::read(certificate)
        .with_context(|| format!("cannot read the certificate {at} (--tls-cert)"))?;
    let chain = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let chain = chain.with_context(|| format!("the certificate {at} is no PEM file"))?;
    let first = chain.first().with_context(|| {
        format!("{at} has no certificate in it: a PEM file has -----BEGIN CERTIFICATE-----")
    })?;
    let ends = valid_until(first, now).with_context(|| format!("the certificate {at}"))?;
    let key_at = key.display();
    let bytes =
        std::fs::read(key).with_context(|| format!("cannot read the key {key_at} (--tls-key)"))?;
    let private = match PrivateKeyDer::from_pem_slice(&bytes) {
        Err(PemError::NoItemsFound) => anyhow::bail!(
            "{key_at} has no key in it: a PEM file has -----BEGIN PRIVATE KEY-----, and the relay \
             cannot ask for a passphrase"
        ),
        read => read.with_context(|| format!("the key {key_at} is no PEM file"))?,
    };
    let made = CertifiedKey::from_der(chain, private, &super::provider());
    let made = made.map_err(|error| {
        if matches!(error, rustls::Error::InconsistentKeys(_)) {
            anyhow::anyhow!(
                "the key {key_at} does not belong to the certificate {at}: name the two that were \
                 made together; in a file with several certificates the relay's own comes first"
            )
        } else {
            anyhow::anyhow!("the key {key_at} cannot be used: {error}")
        }
    })?;
    Ok((Arc::new(made), ends))
}

/// Returns when a certificate ends.
///
/// # Errors
/// It has ended, has not begun, or cannot be read.
pub(super) fn valid_until(
    certificate: &CertificateDer<'_>,
    now: OffsetDateTime,
) -> anyhow::Result<OffsetDateTime> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
        .context("is damaged: it cannot be read")?;
    let begins = parsed.validity().not_before.to_datetime();
    let ends = parsed.validity().not_after.to_datetime();
    anyhow::ensure!(
        now < ends,
        "ended on {}, and today is {}: renew it",
        ends.date(),
        now.date()
    );
    anyhow::ensure!(
        begins <= now,
        "begins on {}, and today is {}: look whether this machine's clock is right",
        begins.date(),
        now.date()
    );
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    /// Writes a new pair that is valid from `from` to `to`, in days from now.
    fn write(dir: &Path, from: i64, to: i64) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["cue.example.org".to_owned()]).unwrap();
        params.not_before = now() + Duration::days(from);
        params.not_after = now() + Duration::days(to);
        let certificate = params.self_signed(&key).unwrap();
        let paths = (dir.join("cert.pem"), dir.join("key.pem"));
        std::fs::write(&paths.0, certificate.pem()).unwrap();
        std::fs::write(&paths.1, key.serialize_pem()).unwrap();
        paths
    }

    fn error(certificate: &Path, key: &Path) -> String {
        format!("{:#}", Files::open(certificate, key, now()).unwrap_err())
    }

    #[test]
    fn what_cannot_be_used_is_named_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = write(dir.path(), -1, 100);
        assert!(Files::open(&certificate, &key, now()).is_ok());
        let none = dir.path().join("none.pem");
        assert!(error(&none, &key).contains("cannot read the certificate"));
        assert!(error(&certificate, &none).contains("cannot read the key"));
        assert!(error(&key, &key).contains("has no certificate in it"));
        assert!(error(&certificate, &certificate).contains("has no key in it"));
        let other = KeyPair::generate().unwrap().serialize_pem();
        std::fs::write(&key, other).unwrap();
        assert!(error(&certificate, &key).contains("does not belong to"));
        let (certificate, key) = write(dir.path(), -100, -1);
        assert!(error(&certificate, &key).contains("ended on"));
        let (certificate, key) = write(dir.path(), 1, 100);
        assert!(error(&certificate, &key).contains("begins on"));
    }

    #[test]
    fn a_new_pair_is_taken_when_it_has_settled_and_a_bad_one_is_said_once() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = write(dir.path(), -1, 100);
        let (mut files, first) = Files::open(&certificate, &key, now()).unwrap();
        assert!(matches!(files.look(now()), Look::Same));
        let _ = write(dir.path(), -1, 100);
        assert!(matches!(files.look(now()), Look::Same), "not settled");
        let Look::New(second) = files.look(now()) else {
            panic!("a new pair");
        };
        assert_ne!(first.cert, second.cert);
        assert!(matches!(files.look(now()), Look::Same));
        std::fs::write(&key, "half a key").unwrap();
        assert!(matches!(files.look(now()), Look::Same));
        assert!(matches!(files.look(now()), Look::Bad(_)));
        assert!(matches!(files.look(now()), Look::Same), "said once");
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(files.look(now()), Look::Same));
        assert!(matches!(files.look(now()), Look::Bad(_)));
    }

    #[test]
    fn an_end_that_is_near_is_said_once_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = write(dir.path(), -1, 20);
        let (mut files, _) = Files::open(&certificate, &key, now()).unwrap();
        let day = |days: i64| now() + Duration::days(days);
        assert!(matches!(files.look(day(5)), Look::Same));
        assert!(matches!(files.look(day(7)), Look::Bad(_)));
        assert!(matches!(files.look(day(7)), Look::Same));
        assert!(matches!(files.look(day(8)), Look::Bad(_)));
    }
}
