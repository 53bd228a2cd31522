//! Seals: the relay's signature over how many entries there are, the newest one's hash and the
//! session's times. One covers every entry before it, since each carries the hash of the one before.

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::canonical::canonical;
use super::chain::Hash;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

/// What tells a seal from anything else that the same key may sign.
const DOMAIN: &str = "tapcue.seal.v1";

/// An Ed25519 public key, as 64 hex digits in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// What people compare: the first 16 hex digits of the key's SHA-256, in groups of four.
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

/// What a seal signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Which session.
    pub session: SessionId,
    /// How many entries it covers, from the first.
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

/// A seal: what it signs, by which key, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// What it signs.
    #[serde(flatten)]
    pub sealed: Sealed,
    /// Whose signature it is.
    pub public_key: PublicKey,
    /// 128 hex digits.
    pub signature: String,
}

/// The bytes that are signed: the canonical form of what is sealed, with its domain and the key.
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
    // Numbers past what is canonical give an empty message, which is never signed nor verified.
    canonical(&value).unwrap_or_default().into_bytes()
}

/// The public half of a key. `secret` is 32 bytes from the operating system's chance.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> PublicKey {
    PublicKey(SigningKey::from_bytes(secret).verifying_key().to_bytes())
}

/// Signs.
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

/// Whether the signature is this key's over what the seal says.
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
        // The identity point signs anything under a lax check.
        assert!(!other(|seal| {
            seal.public_key.0 = [0; 32];
            seal.public_key.0[0] = 1;
            seal.signature = format!("01{}", "0".repeat(126));
        }));
        assert!(!other(|seal| seal.sealed.count = u64::MAX));
        // What has no canonical form is signed as nothing at all, and nothing at all is vouched for.
        let sealed = Sealed {
            count: u64::MAX,
            ..seal.sealed
        };
        assert!(!holds(&sign(&[7; 32], sealed)));
    }
}
