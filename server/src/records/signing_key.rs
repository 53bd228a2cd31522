//! The relay's signing key, which seals the records of finished sessions. It is created at the first start.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use data_encoding::HEXLOWER_PERMISSIVE;
use tapcue_transcript::seal::{self, PublicKey, Seal, Sealed};

/// The name of the key's file in the data directory: 64 hex digits.
const FILE: &str = "seal.key";

/// The secret key. Its debug output does not show it.
pub struct SealKey([u8; 32]);

impl SealKey {
    /// The key of a data directory, created if it is missing.
    ///
    /// # Errors
    /// It cannot be read or written, or is no key.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(FILE);
        let read = || -> io::Result<String> {
            let mut text = String::new();
            File::open(&path)?.read_to_string(&mut text)?;
            Ok(text)
        };
        let text = match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = [0; 32];
                getrandom::fill(&mut secret).context("the system gives no randomness")?;
                write(dir, &HEXLOWER_PERMISSIVE.encode(&secret))
                    .with_context(|| format!("cannot write {}", path.display()))?;
                return Ok(Self(secret));
            }
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let secret = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
        let secret = secret.and_then(|bytes| bytes.try_into().ok());
        secret.map(Self).with_context(|| {
            format!(
                "{} is not a key of 64 hex digits: put the right one back, or move it away and a \
                 new one is made; what the old one signed still verifies",
                path.display()
            )
        })
    }

    /// The key of a data directory as text, for a backup; none if it has no key.
    ///
    /// # Errors
    /// It cannot be read, or is no key.
    pub(crate) fn to_keep(dir: &Path) -> anyhow::Result<Option<String>> {
        if !dir.join(FILE).try_exists().unwrap_or(true) {
            return Ok(None);
        }
        Ok(Some(HEXLOWER_PERMISSIVE.encode(&Self::open(dir)?.0)))
    }

    /// Puts the key of a backup into a data directory. A different key there is set aside first; returns
    /// where.
    ///
    /// # Errors
    /// The directory cannot be read or written.
    pub(crate) fn put_back(dir: &Path, kept: &str) -> anyhow::Result<Option<PathBuf>> {
        let path = dir.join(FILE);
        let present = Self::to_keep(dir);
        if matches!(&present, Ok(Some(present)) if present == kept) {
            return Ok(None);
        }
        let aside = match present {
            Ok(None) => None,
            // A damaged key is set aside too.
            Ok(Some(_)) | Err(_) => {
                let aside = free_name(dir);
                std::fs::rename(&path, &aside)
                    .with_context(|| format!("cannot set {} aside", path.display()))?;
                Some(aside)
            }
        };
        write(dir, kept).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(aside)
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        seal::public_key(&self.0)
    }

    /// Signs a record.
    #[must_use]
    pub fn sign(&self, sealed: Sealed) -> Seal {
        seal::sign(&self.0, sealed)
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// An unused path: `seal.key.replaced-` and the present second.
fn free_name(dir: &Path) -> PathBuf {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap_or_default().as_secs();
    let mut name = dir.join(format!("{FILE}.replaced-{now}"));
    let mut again = 1;
    while name.exists() {
        again += 1;
        name = dir.join(format!("{FILE}.replaced-{now}-{again}"));
    }
    name
}

/// Writes the key whole or not at all, readable only for this user.
fn write(dir: &Path, text: &str) -> io::Result<()> {
    let unfinished = dir.join("seal.key.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&unfinished, dir.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_a_spoiled_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let made = SealKey::open(dir.path()).unwrap().public();
        assert_eq!(SealKey::open(dir.path()).unwrap().public(), made);
        std::fs::write(dir.path().join(FILE), "no key").unwrap();
        let error = SealKey::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("seal.key") && error.contains("put the right one back"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let _ = SealKey::open(dir.path()).unwrap();
        let mode = dir.path().join(FILE).metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}
