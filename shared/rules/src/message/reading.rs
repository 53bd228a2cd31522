//! How a frame of a device is read. A stop and a lifted thumb are read wherever they can be; every
//! other message is read as it is written in docs/protocol.md, or refused.
//!
//! Safety Invariant: a frame that can be read as a stop is never refused. What else it says is dropped
//! where it is no good.
//!
//! Reading goes this far: a frame has one JSON object or more, whatever stands before, between and
//! after them. One says `type` `cue` and `cue` `stop`, or `type` `thumb` and not `down` `true`. Case and
//! spaces around these words do not matter, and of a field that comes twice either one counts. Inside
//! other objects, lists and texts nothing is looked for.

use memchr::memchr2_iter;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::ToRelay;
use crate::cue::{Cue, Lane, Role};
use crate::ids::Id;
use crate::state::{Keep, Name};

/// A frame of a device that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What it says.
    pub message: ToRelay,
    /// What was no good about it. A stop or a lifted thumb alone can have flaws.
    pub flaw: Option<Flaw>,
}

/// What was no good about a stop that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its id. The one that it was read with is made from its text: see [`made_id`].
    Id,
    /// Its id, which was that of another stop.
    UsedId,
    /// This field, which was dropped.
    Field(&'static str),
    /// Something else than a field.
    Form,
}

/// A frame of a device that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Whether it was to be a hello.
    pub hello: bool,
    /// Which field is no good, if that is known.
    pub field: Option<&'static str>,
}

impl ToRelay {
    /// Reads a frame.
    ///
    /// # Errors
    /// It is no message, and cannot be read as a stop.
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

    /// Whether a frame could be a stop or a lifted thumb. Where this is false, [`read`](Self::read) finds
    /// neither; it costs less.
    #[must_use]
    pub fn may_be_urgent(text: &str) -> bool {
        // An escape could spell either.
        text.contains('\\') || has(text, b"stop") || has(text, b"thumb")
    }

    /// Whether a frame could say something about a warning sign, which while live is a stop.
    #[must_use]
    pub fn may_be_confirmed(text: &str) -> bool {
        has(text, b"confirm")
    }
}

/// Whether a text has a word, in letters of either case. The word is not empty.
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

/// The id of a stop whose own was no good: its `base`, as it was read with, for the device in this role
/// and the `nth` use. The same text gives the same ids, so that a stop that is sent again is one stop.
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

/// The objects at the top of a text, as far as each can be read.
struct Objects<'a> {
    text: &'a str,
    at: usize,
}

/// The fields of an object: names in small letters, values as they are written.
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
    /// Passes over what stands here up to the next `,`, `:` or closing bracket outside of texts and
    /// brackets of its own.
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

    /// From the quote that opens a text to the one that closes it.
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

/// A text as it is written, read, without the spaces around it.
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

    /// A field that may be left out: its value, and whether it was there and no good.
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

    /// Whether a field that may be left out is there and no good.
    fn is_bad<T: DeserializeOwned>(&self, name: &'static str) -> bool {
        self.may::<T>(name).1
    }

    /// The stop or lifted thumb that these fields say, if they say one.
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

    /// Why these fields are no message: of a hello, the first field that is no good.
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

    /// The fields of `options`; none if they are no object.
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
