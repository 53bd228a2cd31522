//! Verifies an export: whether it is whole, in order and unchanged, and who signed it; or the first fault.
//!
//! It accepts any text up to a maximum length. Its time grows only with the length.

mod compare;
mod strict;
mod walk;

use serde::Serialize;
use serde_json::Value;

use super::chain::{Chain, Hash, Opening, commitment, recorded};
use super::lines::{Note, Row};
use super::seal::{self, PublicKey, Seal};
use super::words::{Fault, Words};
use super::{EARLIER, FORMAT, Transcript, VERSION};
use tapcue_rules::entry::Salt;
use tapcue_rules::ids::SessionId;
use tapcue_rules::language::Language;
use tapcue_rules::time::Millis;

/// The longest file that is verified, in bytes. It is enough for more than 100,000 entries.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The result of a verification, as data and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The overall result.
    pub standing: Standing,
    /// The session of the file, if it can be read.
    pub session: Option<SessionId>,
    /// Whether the file has the previous version. Its header, figures, timeline and outcomes follow earlier
    /// rules, as that relay wrote them, and are not checked.
    pub earlier: bool,
    /// The number of entries.
    pub entries: u64,
    /// How many of them, from the first, a seal covers. 0 if there is a fault.
    pub sealed: u64,
    /// The valid seals. None if there is a fault.
    pub seals: Vec<SealedBy>,
    /// The first fault.
    pub problem: Option<Problem>,
    /// The result for people, one sentence each, in English.
    pub words: Vec<String>,
}

impl Verdict {
    /// The result for people, one sentence each, in this language.
    #[must_use]
    pub fn words_in(&self, language: Language) -> Vec<String> {
        Words::of(language).verdict(self)
    }
}

/// The overall result for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Whole, in order, unchanged, and signed.
    Sealed,
    /// In order and unchanged so far, but without a signature over its length: the session goes on, or has
    /// not been sealed yet.
    Prefix,
    /// The file has a fault.
    Broken,
}

/// A valid seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealedBy {
    /// The number of entries it covers, from the first.
    pub count: u64,
    /// When the relay signed.
    pub sealed_at: Millis,
    /// The key that signed.
    pub public_key: PublicKey,
    /// The fingerprint that people compare.
    pub fingerprint: String,
}

/// A fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The fault in one word.
    pub kind: ProblemKind,
    /// The place, counted from 1, of the first faulty entry; none if the fault is not in an entry.
    pub place: Option<u64>,
    /// A sentence for people, in English.
    pub words: String,
    /// The same as data, for other languages.
    #[serde(skip)]
    pub(super) fault: Fault,
}

/// A fault in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It is not a transcript of a known version, or it is too long.
    NotATranscript,
    /// An entry, or the text of a note, differs from what was hashed.
    Changed,
    /// An entry is missing.
    Missing,
    /// An entry occurs twice.
    Repeated,
    /// The entries are in another order.
    OutOfOrder,
    /// An entry was inserted.
    Added,
    /// An entry belongs to a different session.
    Foreign,
    /// An entry has a kind that this version does not know, or is written in another way.
    Unknown,
    /// A seal is not valid.
    Seal,
    /// The key of a seal is not trusted.
    Untrusted,
    /// The figures, the timeline, the header or an outcome do not follow from the entries.
    Derived,
}

impl Problem {
    fn at(kind: ProblemKind, place: u64, fault: Fault) -> Self {
        Self {
            place: Some(place),
            ..Self::of(kind, fault)
        }
    }

    fn of(kind: ProblemKind, fault: Fault) -> Self {
        Self {
            kind,
            place: None,
            words: Words::of(Language::En).fault(&fault),
            fault,
        }
    }
}

/// Verifies an export in JSON. With `trusted` keys, every seal must be by one of them. Without any, the
/// verdict names the key, and a person compares it.
#[must_use]
pub fn verify(text: &str, trusted: &[PublicKey]) -> Verdict {
    read_export(text, trusted).0
}

/// Verifies an export and also returns the transcript that follows from its entries, with its seals. The
/// transcript is none if the file has a fault or follows earlier rules.
#[must_use]
pub fn read_export(text: &str, trusted: &[PublicKey]) -> (Verdict, Option<Transcript>) {
    let mut verdict = Verdict {
        standing: Standing::Broken,
        session: None,
        earlier: false,
        entries: 0,
        sealed: 0,
        seals: Vec::new(),
        problem: None,
        words: Vec::new(),
    };
    let read = match check(text, trusted, &mut verdict) {
        Ok((seals, transcript)) => {
            verdict.sealed = seals.last().map_or(0, |seal| seal.count);
            verdict.seals = seals;
            verdict.standing = if verdict.sealed > 0 {
                Standing::Sealed
            } else {
                Standing::Prefix
            };
            Some(transcript).filter(|_| !verdict.earlier)
        }
        Err(problem) => {
            verdict.problem = Some(problem);
            None
        }
    };
    verdict.words = verdict.words_in(Language::En);
    (verdict, read)
}

fn check(
    text: &str,
    trusted: &[PublicKey],
    verdict: &mut Verdict,
) -> Result<(Vec<SealedBy>, Transcript), Problem> {
    let not = |fault| Problem::of(ProblemKind::NotATranscript, fault);
    if text.len() > MAX_BYTES {
        return Err(not(Fault::TooLong));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = strict::read(text).ok_or_else(|| not(Fault::NotJson))?;
    if file.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(not(Fault::NotOurs));
    }
    verdict.earlier = match file.get("version").and_then(Value::as_u64) {
        Some(VERSION) => false,
        Some(EARLIER) => true,
        Some(_) | None => return Err(not(Fault::Version)),
    };
    let session: SessionId = part(&file, "session")?;
    verdict.session = Some(session);
    let entries = file.get("entries").and_then(Value::as_array);
    let entries = entries.ok_or_else(|| not(Fault::NoList))?;
    if entries.is_empty() {
        return Err(Problem::at(ProblemKind::Missing, 1, Fault::NoEntries));
    }
    verdict.entries = entries.len() as u64;
    let head: Option<Hash> = part(&file, "head").ok();
    let seals: Vec<Seal> = part(&file, "seals")?;
    let hashes = walk::walk(session, entries, head)?;
    check_end(&hashes, head, &seals)?;
    let transcript = read_back(session, entries)?;
    let by = check_seals(&seals, session, &hashes, &transcript)?;
    let stranger = by.iter().find(|by| !trusted.contains(&by.public_key));
    if let Some(by) = stranger.filter(|_| !trusted.is_empty()) {
        return Err(Problem::of(
            ProblemKind::Untrusted,
            Fault::Untrusted {
                key: by.fingerprint.clone(),
            },
        ));
    }
    let transcript = transcript.with_seals(seals);
    if !verdict.earlier {
        compare::compare(&file, &transcript.to_value())?;
    }
    Ok((by, transcript))
}

/// Checks that the file ends where it originally ended, as far as its own content shows.
fn check_end(hashes: &[Hash], head: Option<Hash>, seals: &[Seal]) -> Result<(), Problem> {
    let have = hashes.len() as u64;
    let longest = seals.iter().filter(|seal| seal::holds(seal));
    let longest = longest
        .map(|seal| seal.sealed)
        .max_by_key(|sealed| sealed.count);
    if let Some(sealed) = longest.filter(|sealed| sealed.count > have) {
        return Err(Problem::at(
            ProblemKind::Missing,
            have + 1,
            Fault::Cut {
                n: have + 1,
                sealed: sealed.count,
                have,
            },
        ));
    }
    let last = hashes.last().copied();
    if last == head {
        return Ok(());
    }
    if longest.is_some_and(|sealed| sealed.count == have && Some(sealed.head) == last) {
        return Err(Problem::of(ProblemKind::Derived, Fault::Head));
    }
    Err(Problem::at(
        ProblemKind::Changed,
        have,
        Fault::End { n: have },
    ))
}

fn part<T: serde::de::DeserializeOwned>(file: &Value, name: &str) -> Result<T, Problem> {
    let value = file.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|_| {
        let fault = Fault::Part { name: name.into() };
        let kind = if name == "seals" {
            ProblemKind::Seal
        } else {
            ProblemKind::NotATranscript
        };
        Problem::of(kind, fault)
    })
}

/// The transcript that follows from the entries of a file.
fn read_back(session: SessionId, entries: &[Value]) -> Result<Transcript, Problem> {
    let mut chain = Chain::new(session);
    let mut rows = Vec::with_capacity(entries.len());
    for (index, item) in entries.iter().enumerate() {
        let place = index as u64 + 1;
        let raw = item.get("recorded").cloned().unwrap_or_default();
        let opening: Option<Opening> = match item.get("note") {
            None => None,
            Some(note) => Some(serde_json::from_value(note.clone()).map_err(|_| {
                Problem::at(ProblemKind::Changed, place, Fault::Illegible { n: place })
            })?),
        };
        let prev = chain.head();
        let row = Row::read_back(&mut chain, raw, opening.as_ref())
            .filter(|row| is_as_written(row, session, place, prev));
        let row = row
            .ok_or_else(|| Problem::at(ProblemKind::Unknown, place, Fault::Unknown { n: place }))?;
        check_words(&row, opening.as_ref(), place)?;
        rows.push(row);
    }
    Transcript::of_rows(chain, rows)
        .ok_or_else(|| Problem::at(ProblemKind::Unknown, 1, Fault::NotOpened))
}

/// Whether an entry, written again, equals the entry in the file, so that it has no added fields.
fn is_as_written(row: &Row, session: SessionId, place: u64, prev: Hash) -> bool {
    let mut again = recorded(session, place, &row.entry, prev);
    if let (Some(hidden), Some(fields)) = (row.recorded.get("commitment"), again.as_object_mut()) {
        // A separate check compares the text with the commitment.
        if fields.contains_key("commitment") {
            fields.insert("commitment".into(), hidden.clone());
        }
    }
    again == row.recorded
}

fn check_words(row: &Row, opening: Option<&Opening>, place: u64) -> Result<(), Problem> {
    let Some(Opening { text, about, salt }) = opening else {
        return Ok(());
    };
    let salt: Option<Salt> = *salt;
    let hidden = row.recorded.get("commitment").cloned().unwrap_or_default();
    let hidden: Option<Hash> = serde_json::from_value(hidden).ok();
    let own = matches!(row.note, Some(Note::Own { .. }));
    if own && hidden == Some(commitment(*about, salt, text)) {
        return Ok(());
    }
    Err(Problem::at(
        ProblemKind::Changed,
        place,
        Fault::Note { n: place },
    ))
}

fn check_seals(
    seals: &[Seal],
    session: SessionId,
    hashes: &[Hash],
    transcript: &Transcript,
) -> Result<Vec<SealedBy>, Problem> {
    let mut before = 0;
    let mut by = Vec::new();
    for (index, seal) in seals.iter().enumerate() {
        let n = index + 1;
        let wrong = |fault| Err(Problem::of(ProblemKind::Seal, fault));
        let sealed = &seal.sealed;
        if !seal::holds(seal) {
            return wrong(Fault::SealChanged { n });
        }
        if sealed.session != session {
            return wrong(Fault::SealForeign { n });
        }
        if sealed.count <= before {
            return wrong(Fault::SealOrder { n });
        }
        before = sealed.count;
        let last = usize::try_from(sealed.count - 1).ok();
        let head = last.and_then(|last| hashes.get(last));
        if head != Some(&sealed.head) {
            return wrong(Fault::SealHead {
                count: sealed.count,
            });
        }
        let header = transcript.header();
        if sealed.opened_at != header.opened_at || Some(sealed.ended_at) != header.ended_at {
            return wrong(Fault::SealTimes { n });
        }
        by.push(SealedBy {
            count: sealed.count,
            sealed_at: sealed.sealed_at,
            public_key: seal.public_key,
            fingerprint: seal.public_key.fingerprint(),
        });
    }
    Ok(by)
}
