//! The chain: how an entry is written so that it can be hashed, and what ties it to the one before.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::canonical::{MAX_INTEGER, NotCanonical, canonical};
use tapcue_rules::entry::{Entry, Salt, What};
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

/// What the first entry's `prev` is the hash of, together with the session's id.
const GENESIS: &str = "tapcue.transcript.v1:";

/// A SHA-256, as 64 hex digits in text.
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
/// It holds a number that has no canonical form.
pub fn hash(recorded: &Value) -> Result<Hash, NotCanonical> {
    Ok(Hash::of(canonical(recorded)?.as_bytes()))
}

/// What hides a private note: the SHA-256 of the canonical form of `about`, `salt` and `text`.
#[must_use]
pub fn commitment(about: Option<u64>, salt: Option<Salt>, text: &str) -> Hash {
    let mut hidden = json!({ "salt": salt, "text": text });
    if let (Some(about), Some(fields)) = (about, hidden.as_object_mut()) {
        fields.insert("about".into(), json!(about.min(MAX_INTEGER)));
    }
    // Bounded above, so it has a canonical form.
    Hash::of(canonical(&hidden).unwrap_or_default().as_bytes())
}

/// A session's chain, entry by entry: how many there are, and the hash of the newest. Enough to seal
/// a session without making a transcript of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    session: SessionId,
    count: u64,
    head: Hash,
}

impl Chain {
    /// Of a session without entries.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            count: 0,
            head: genesis(session),
        }
    }

    /// Takes the next entry, whose place is one more than [`Chain::count`]. Its recorded form.
    pub fn push(&mut self, entry: &Entry) -> Value {
        let recorded = recorded(self.session, self.count + 1, entry, self.head);
        self.push_recorded(&recorded);
        recorded
    }

    /// The same, with the recorded form at hand.
    pub(super) fn push_recorded(&mut self, recorded: &Value) {
        self.count += 1;
        // Made by `recorded` or read by a strict reader: all its numbers have a canonical form.
        self.head = hash(recorded).unwrap_or(self.head);
    }

    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The hash of the newest entry.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// Which session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }
}

/// The entry as it is hashed: its own fields, its place, its session and the hash before it. A
/// private note stands there as its commitment.
pub(super) fn recorded(session: SessionId, seq: u64, entry: &Entry, prev: Hash) -> Value {
    let entry = countable(entry.clone());
    // An entry is strings, booleans and whole numbers: that is always JSON.
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

/// The words of a note, beside the entry that is hashed, for whoever may read them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    pub(super) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<u64>,
    pub(super) salt: Option<Salt>,
}

/// The entry that was recorded, from what was hashed and, for a private note, its opening. None if
/// it is not an entry of this version.
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

/// The same entry, with every number that a device may have made up within what every reader counts
/// alike.
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
