//! The hash chain: how an entry is written for hashing, and how it is linked to the entry before it.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::canonical::{MAX_INTEGER, NotCanonical, canonical};
use tapcue_rules::entry::{Entry, Salt, What};
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

/// The prefix that is hashed, together with the session's id, for the `prev` of the first entry.
const GENESIS: &str = "tapcue.transcript.v1:";

/// A SHA-256 hash; as text, 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a hash is 64 hex digits")
    }
}

/// The `prev` of a session's first entry.
#[must_use]
pub fn genesis(session: SessionId) -> Hash {
    Hash::of(format!("{GENESIS}{session}").as_bytes())
}

/// The SHA-256 of an entry's canonical form.
///
/// # Errors
/// `recorded` contains a number that has no canonical form.
pub fn hash(recorded: &Value) -> Result<Hash, NotCanonical> {
    Ok(Hash::of(canonical(recorded)?.as_bytes()))
}

/// The commitment to a private note: the SHA-256 of the canonical form of `about`, `salt` and `text`.
#[must_use]
pub fn commitment(about: Option<u64>, salt: Option<Salt>, text: &str) -> Hash {
    let mut hidden = json!({ "salt": salt, "text": text });
    if let (Some(about), Some(fields)) = (about, hidden.as_object_mut()) {
        fields.insert("about".into(), json!(about.min(MAX_INTEGER)));
    }
    // All numbers are bounded, so a canonical form exists.
    Hash::of(canonical(&hidden).unwrap_or_default().as_bytes())
}

/// A session's chain, entry by entry: the number of entries and the hash of the newest. This is enough to
/// seal a session without reading its transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    session: SessionId,
    count: u64,
    head: Hash,
}

impl Chain {
    /// The chain of a session without entries.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            count: 0,
            head: genesis(session),
        }
    }

    /// Adds the next entry and returns its recorded form. The entry's place is one more than
    /// [`Chain::count`].
    pub fn push(&mut self, entry: &Entry) -> Value {
        let recorded = recorded(self.session, self.count + 1, entry, self.head);
        self.push_recorded(&recorded);
        recorded
    }

    /// Adds the next entry in its recorded form.
    pub(super) fn push_recorded(&mut self, recorded: &Value) {
        self.count += 1;
        // `recorded` or a strict reader made this value, so all its numbers have a canonical form.
        self.head = hash(recorded).unwrap_or(self.head);
    }

    /// The number of entries.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The hash of the newest entry.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }
}

/// The entry as it is hashed: its own fields, its place, its session and the hash of the entry before it. A
/// private note is replaced by its commitment.
pub(super) fn recorded(session: SessionId, seq: u64, entry: &Entry, prev: Hash) -> Value {
    let entry = countable(entry.clone());
    // An entry contains strings, booleans and whole numbers only, so it is always valid JSON.
    let mut value = serde_json::to_value(&entry).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        if let What::Noted {
            text,
            shared,
            about,
            salt,
        } = &entry.what
        {
            fields.remove("salt");
            if !shared {
                fields.remove("text");
                fields.remove("about");
                let hidden = commitment(*about, *salt, text);
                fields.insert("commitment".into(), json!(hidden));
            }
        }
        fields.insert("seq".into(), json!(seq));
        fields.insert("session".into(), json!(session));
        fields.insert("prev".into(), json!(prev));
    }
    value
}

/// The text of a note, kept beside the hashed entry for the people who may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    pub(super) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<u64>,
    pub(super) salt: Option<Salt>,
}

/// The entry that was recorded, from its hashed form and, for a private note, its opening. None if it is not
/// an entry of this version.
pub(super) fn entry_of(recorded: &Value, opening: Option<&Opening>) -> Option<Entry> {
    let mut fields: Map<String, Value> = recorded.as_object()?.clone();
    for derived in ["seq", "session", "prev"] {
        fields.remove(derived)?;
    }
    if fields.remove("commitment").is_some() {
        let opening = opening.cloned().unwrap_or_default();
        fields.insert("text".into(), Value::String(opening.text));
        fields.insert("salt".into(), serde_json::to_value(opening.salt).ok()?);
        fields.insert("about".into(), serde_json::to_value(opening.about).ok()?);
    }
    serde_json::from_value(Value::Object(fields)).ok()
}

/// The same entry, with every number from a device limited to [`MAX_INTEGER`], so that every reader gets the
/// same value.
pub(super) fn countable(mut entry: Entry) -> Entry {
    let ms = |at: &mut Millis| at.0 = at.0.min(MAX_INTEGER);
    let number = |n: &mut u64| *n = (*n).min(MAX_INTEGER);
    ms(&mut entry.at);
    match &mut entry.what {
        What::Cue {
            epoch,
            tapped_at,
            uncertainty_ms,
            ..
        }
        | What::Thumb {
            epoch,
            tapped_at,
            uncertainty_ms,
            ..
        } => {
            epoch.as_mut().map(number);
            tapped_at.as_mut().map(ms);
            uncertainty_ms.as_mut().map(number);
        }
        What::Stops {
            since,
            tapped_at,
            uncertainty_ms,
            ..
        } => {
            ms(since);
            tapped_at.as_mut().map(ms);
            uncertainty_ms.as_mut().map(number);
        }
        What::Shown {
            painted_at,
            uncertainty_ms,
            ..
        } => {
            painted_at.as_mut().map(ms);
            uncertainty_ms.as_mut().map(number);
        }
        What::Noted { about, .. } => {
            about.as_mut().map(number);
        }
        What::Opened { .. }
        | What::Joined { .. }
        | What::Connected { .. }
        | What::Link { .. }
        | What::Acknowledged { .. }
        | What::Confirmed { .. }
        | What::Due { .. }
        | What::Restarted
        | What::Ended => {}
    }
    entry
}
