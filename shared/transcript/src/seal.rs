//! Seals: the relay's signature over the number of entries, the newest entry's hash and the session's times.
//! A seal covers every entry before, because each entry contains the hash of the one before it.

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::canonical::canonical;
use super::chain::Hash;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

/// The domain separator: it distinguishes a seal from other data that the same key may sign.
const DOMAIN: &str = "tapcue.seal.v1";

/// An Ed25519 public key; as text, 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// The fingerprint that people compare: the first 16 hex digits of the key's SHA-256, in groups of four.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = super::chain::Hash::of(&self.0).to_string();
        let groups: Vec<&str> = (0..4).filter_map(|n| hash.get(4 * n..4 * n + 4)).collect();
        groups.join(" ")
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a public key is 64 hex digits")
    }
}

/// The signed content of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The session.
    pub session: SessionId,
    /// The number of entries it covers, from the first.
    pub count: u64,
    /// The hash of the last of them.
    pub head: Hash,
    /// When the session was opened.
    pub opened_at: Millis,
    /// When it ended.
    pub ended_at: Millis,
    /// When the relay signed.
    pub sealed_at: Millis,
}

/// A seal: the signed content, the key, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The signed content.
    #[serde(flatten)]
    pub sealed: Sealed,
    /// The key that signed.
    pub public_key: PublicKey,
    /// The signature, 128 hex digits.
    pub signature: String,
}

/// The bytes that are signed: the canonical form of the sealed content, with its domain and the key.
#[must_use]
pub fn message(sealed: &Sealed, key: &PublicKey) -> Vec<u8> {
    let value = json!({
        "domain": DOMAIN,
        "session": sealed.session,
        "count": sealed.count,
        "head": sealed.head,
        "opened_at": sealed.opened_at,
        "ended_at": sealed.ended_at,
        "sealed_at": sealed.sealed_at,
        "public_key": key,
    });
    // A number without a canonical form gives an empty message, which is never signed or verified.
    canonical(&value).unwrap_or_default().into_bytes()
}

/// The public key for a secret key. `secret` is 32 bytes from the operating system's random source.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> PublicKey {
    PublicKey(SigningKey::from_bytes(secret).verifying_key().to_bytes())
}

/// Signs the content with the secret key.
#[must_use]
pub fn sign(secret: &[u8; 32], sealed: Sealed) -> Seal {
    let key = SigningKey::from_bytes(secret);
    let public_key = PublicKey(key.verifying_key().to_bytes());
    let signature = key.sign(&message(&sealed, &public_key));
    Seal {
        sealed,
        public_key,
        signature: HEXLOWER.encode(&signature.to_bytes()),
    }
}

/// Whether the seal's signature is valid for its content and key.
#[must_use]
pub fn holds(seal: &Seal) -> bool {
    let message = message(&seal.sealed, &seal.public_key);
    let signature = HEXLOWER.decode(seal.signature.as_bytes()).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let key = VerifyingKey::from_bytes(&seal.public_key.0).ok();
    match (key, signature) {
        (Some(key), Some(signature)) if !message.is_empty() => {
            key.verify_strict(&message, &signature).is_ok()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_what_was_signed_and_for_nothing_else() {
        let sealed = Sealed {
            session: SessionId(uuid::Uuid::from_u128(7)),
            count: 3,
            head: Hash::of(b"head"),
            opened_at: Millis(1),
            ended_at: Millis(2),
            sealed_at: Millis(3),
        };
        let seal = sign(&[7; 32], sealed);
        assert!(holds(&seal));
        assert_eq!(seal.public_key, public_key(&[7; 32]));
        let printed = format!("{:?} {:?}", seal.public_key, seal.sealed.head);
        let (key, head) = (seal.public_key, seal.sealed.head);
        assert_eq!(printed, format!("PublicKey({key}) Hash({head})"));
        let other = |change: fn(&mut Seal)| {
            let mut seal = seal.clone();
            change(&mut seal);
            holds(&seal)
        };
        assert!(!other(|seal| seal.sealed.count += 1));
        assert!(!other(|seal| seal.sealed.head.0[0] ^= 1));
        assert!(!other(|seal| seal.sealed.sealed_at = Millis(4)));
        assert!(!other(|seal| seal.public_key = public_key(&[8; 32])));
        assert!(!other(|seal| seal.signature.clear()));
        // With a lax check, the identity point is valid for any message.
        assert!(!other(|seal| {
            seal.public_key.0 = [0; 32];
            seal.public_key.0[0] = 1;
            seal.signature = format!("01{}", "0".repeat(126));
        }));
        assert!(!other(|seal| seal.sealed.count = u64::MAX));
        // Content without a canonical form is signed as an empty message, and an empty message is never
        // valid.
        let sealed = Sealed {
            count: u64::MAX,
            ..seal.sealed
        };
        assert!(!holds(&sign(&[7; 32], sealed)));
    }
}
