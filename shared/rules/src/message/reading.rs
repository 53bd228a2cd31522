//! Reads the frames of a device. The reader accepts a stop and a lifted thumb in any form that it can
//! recognise. Every other message must follow docs/protocol.md, or it is refused.
//!
//! Safety Invariant: a frame that can be read as a stop is never refused. Its invalid fields are dropped.
//!
//! A frame is read as a stop if it contains a JSON object that says so. Its `type` is `cue` and its `cue` is
//! `stop`, or its `type` is `thumb` and its `down` is not `true`. Anything may stand before, between and
//! after the objects of a frame. Case and spaces around these words do not matter. If a field occurs twice,
//! either one counts. The reader does not look inside nested objects, lists and texts.

use memchr::memchr2_iter;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::ToRelay;
use crate::cue::{Cue, Lane, Role};
use crate::ids::Id;
use crate::state::{Keep, Name};

/// A frame that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The message.
    pub message: ToRelay,
    /// What was invalid about it. Only a stop or a lifted thumb can have a flaw.
    pub flaw: Option<Flaw>,
}

/// What was invalid about a stop that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its id. A new id was made from its text: see [`made_id`].
    Id,
    /// Its id, which belonged to another stop.
    UsedId,
    /// This field, which was dropped.
    Field(&'static str),
    /// Something other than a field.
    Form,
}

/// A frame that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Whether it was meant as a hello.
    pub hello: bool,
    /// The invalid field, if it is known.
    pub field: Option<&'static str>,
}

impl ToRelay {
    /// Reads a frame.
    ///
    /// # Errors
    /// The frame is not a valid message, and cannot be read as a stop.
    pub fn read(text: &str) -> Result<Read, Unread> {
        if let Ok(message) = serde_json::from_str(text) {
            return Ok(Read {
                message,
                flaw: None,
            });
        }
        let objects: Vec<_> = Objects { text, at: 0 }.collect();
        let stop = objects.iter().find_map(Fields::stop);
        stop.ok_or_else(|| objects.first().map_or(NO_HELLO, Fields::refused))
    }

    /// Whether a frame could be a stop or a lifted thumb. If this is false, [`read`](Self::read) finds
    /// neither. This check is cheaper.
    #[must_use]
    pub fn may_be_urgent(text: &str) -> bool {
        // An escape could stand for either word.
        text.contains('\\') || has(text, b"stop") || has(text, b"thumb")
    }

    /// Whether a frame could say something about a warning sign, which is a stop while live.
    #[must_use]
    pub fn may_be_confirmed(text: &str) -> bool {
        has(text, b"confirm")
    }
}

/// Whether a text contains a word, in upper or lower case. The word is not empty.
fn has(text: &str, word: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let first = word[0];
    let mut places = memchr2_iter(
        first.to_ascii_lowercase(),
        first.to_ascii_uppercase(),
        bytes,
    );
    places.any(|at| {
        let place = bytes.get(at..at + word.len());
        place.is_some_and(|place| place.eq_ignore_ascii_case(word))
    })
}

/// Makes an id for a stop whose own id was invalid, from its `base` id, the role of its device and the `nth`
/// use. The same text gives the same ids, so a retried stop stays one stop.
#[must_use]
pub fn made_id(base: Id, role: Role, nth: u32) -> Id {
    hashed(&[
        base.as_bytes(),
        role.as_str().as_bytes(),
        &nth.to_be_bytes(),
    ])
}

fn hashed(parts: &[&[u8]]) -> Id {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

const NO_HELLO: Unread = Unread {
    hello: false,
    field: None,
};

/// The top-level objects of a text, as far as each can be read.
struct Objects<'a> {
    text: &'a str,
    at: usize,
}

/// The fields of an object: lower-case names, and values as written.
struct Fields<'a>(Vec<(String, &'a str)>);

impl<'a> Iterator for Objects<'a> {
    type Item = Fields<'a>;

    fn next(&mut self) -> Option<Fields<'a>> {
        let bytes = self.text.as_bytes();
        self.at += bytes[self.at..].iter().position(|byte| *byte == b'{')? + 1;
        let mut fields = Vec::new();
        loop {
            match bytes.get(self.at) {
                None => break,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b'"') => {
                    let name = self.value();
                    if bytes.get(self.at) == Some(&b':') {
                        self.at += 1;
                        let value = self.value();
                        let name = word(name).unwrap_or_default();
                        fields.push((name.to_ascii_lowercase(), value));
                    }
                }
                Some(_) => self.at += 1,
            }
        }
        Some(Fields(fields))
    }
}

impl<'a> Objects<'a> {
    /// Skips the value at this position, up to the next `,`, `:` or closing bracket outside of texts and
    /// nested brackets.
    fn value(&mut self) -> &'a str {
        let bytes = self.text.as_bytes();
        let from = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b',' | b':' if depth == 0 => break,
                b'}' | b']' if depth == 0 => break,
                b'}' | b']' => depth -= 1,
                b'{' | b'[' => depth += 1,
                b'"' => self.skip_text(),
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(bytes.len());
        self.text.get(from..self.at).unwrap_or_default().trim()
    }

    /// Skips a text, from its opening quote to its closing quote.
    fn skip_text(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => return,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }
}

/// Parses a quoted text and trims the spaces around it.
fn word(written: &str) -> Option<String> {
    let text: String = serde_json::from_str(written).ok()?;
    Some(text.trim().to_owned())
}

fn is(written: &str, wanted: &str) -> bool {
    word(written).is_some_and(|word| word.eq_ignore_ascii_case(wanted))
}

impl Fields<'_> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = move |(of, _): &&(String, &str)| of == name;
        self.0.iter().filter(named).map(|(_, value)| *value)
    }

    /// Reads an optional field. Returns its value, and whether it was present and invalid.
    fn may<T: DeserializeOwned>(&self, name: &'static str) -> (Option<T>, bool) {
        let mut bad = false;
        let mut good = None;
        for value in self.all(name) {
            match serde_json::from_str::<Option<T>>(value) {
                Ok(read) => good = good.or(read),
                Err(_) => bad = true,
            }
        }
        (good, bad)
    }

    /// Whether an optional field is present and invalid.
    fn is_bad<T: DeserializeOwned>(&self, name: &'static str) -> bool {
        self.may::<T>(name).1
    }

    /// The stop or lifted thumb in these fields, if there is one.
    fn stop(&self) -> Option<Read> {
        let says = |name, wanted| self.all(name).any(|value| is(value, wanted));
        let stops = says("type", "cue") && says("cue", "stop");
        let is_down = |value: &str| matches!(value, "true" | "1") || is(value, "true");
        let down = self.all("down").next().is_some() && self.all("down").all(is_down);
        let lifts = says("type", "thumb") && !down;
        if !stops && !lifts {
            return None;
        }
        let own = self.all("id").find_map(|value| word(value)?.parse().ok());
        let id = own.unwrap_or_else(|| {
            let written = self.all("id").next().unwrap_or_default();
            hashed(&[if stops { b"cue" } else { b"thumb" }, written.as_bytes()])
        });
        let (tapped_at, bad_tap) = self.may("tapped_at");
        let (uncertainty_ms, bad_uncertainty) = self.may("uncertainty_ms");
        let (lifted, bad_lift) = self.may("lifts");
        let dropped = [
            ("epoch", self.is_bad::<u64>("epoch")),
            ("tapped_at", bad_tap),
            ("uncertainty_ms", bad_uncertainty),
            ("lifts", bad_lift && !stops),
        ];
        let dropped = dropped.into_iter().find(|(_, bad)| *bad);
        let flaw = match (own, dropped) {
            (None, _) => Flaw::Id,
            (Some(_), Some((field, _))) => Flaw::Field(field),
            (Some(_), None) => Flaw::Form,
        };
        let message = if stops {
            ToRelay::Cue {
                id,
                cue: Cue::Stop,
                epoch: None,
                tapped_at,
                uncertainty_ms,
            }
        } else {
            ToRelay::Thumb {
                id,
                down: false,
                epoch: None,
                lifts: lifted,
                tapped_at,
                uncertainty_ms,
            }
        };
        debug_assert_eq!(message.lane(), Lane::Urgent);
        Some(Read {
            message,
            flaw: Some(flaw),
        })
    }

    /// Why these fields are not a valid message. For a hello, names the first invalid field.
    fn refused(&self) -> Unread {
        let kind = self.all("type").find_map(word).unwrap_or_default();
        let of_all = [
            ("name", self.is_bad::<Name>("name")),
            ("client", self.is_bad::<String>("client")),
        ];
        let of_this = match kind.as_str() {
            "create" => vec![
                ("role", self.may::<Role>("role").0.is_none()),
                ("options", self.options().is_none()),
                ("options.rehearsal", self.is_bad_option::<bool>("rehearsal")),
                ("options.setup", self.is_bad_option::<bool>("setup")),
                (
                    "options.check_in_every_s",
                    self.is_bad_option::<u32>("check_in_every_s"),
                ),
                (
                    "options.hold_to_consent",
                    self.is_bad_option::<bool>("hold_to_consent"),
                ),
                ("options.keep", self.is_bad_option::<Keep>("keep")),
            ],
            "join" => vec![
                ("code", self.is_bad::<String>("code")),
                ("secret", self.is_bad::<String>("secret")),
            ],
            "resume" => vec![("token", self.may::<String>("token").0.is_none())],
            _ => return NO_HELLO,
        };
        let bad = of_this.into_iter().chain(of_all).find(|(_, bad)| *bad);
        Unread {
            hello: true,
            field: bad.map(|(field, _)| field),
        }
    }

    /// The fields of `options`; none if `options` is not an object.
    fn options(&self) -> Option<Fields<'_>> {
        let Some(text) = self.all("options").next().filter(|text| *text != "null") else {
            return Some(Fields(Vec::new()));
        };
        text.starts_with('{')
            .then(|| Objects { text, at: 0 }.next())
            .flatten()
    }

    fn is_bad_option<T: DeserializeOwned>(&self, name: &'static str) -> bool {
        // These may be left out, but may not be null.
        let Some(options) = self.options() else {
            return false;
        };
        let mut values = options.all(name);
        values.any(|value| serde_json::from_str::<T>(value).is_err())
    }
}
