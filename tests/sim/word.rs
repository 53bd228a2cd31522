//! What the relay's frames say, read off the wire as they are written: only what the observer needs,
//! by looking for it and not by the product's own types.

use tapcue_shared::ids::Id;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Welcome,
    /// With its number.
    State(u64),
    Beat,
    Other,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) written: u64,
    pub(crate) kind: Kind,
    pub(crate) epoch: u64,
    pub(crate) live: bool,
    /// What is reported as recorded, and under which number.
    pub(crate) recorded: Option<(Id, u64)>,
}

/// Reads a frame as the relay writes it: a short header, then the text.
pub(crate) fn read(frame: &[u8], written: u64) -> Word {
    let mut word = Word {
        written,
        kind: Kind::Other,
        epoch: 0,
        live: false,
        recorded: None,
    };
    let header = match frame.get(1) {
        Some(126) => 4,
        _ => 2,
    };
    let Some(text) = frame
        .get(header..)
        .and_then(|t| std::str::from_utf8(t).ok())
    else {
        return word;
    };
    // What is over cannot go live, whatever it is called.
    if text.contains(r#""phase":"ended""#) {
        return word;
    }
    let Some(rest) = text.strip_prefix(r#"{"type":""#) else {
        return word;
    };
    word.kind = match rest.split('"').next() {
        Some("welcome") => Kind::Welcome,
        Some("state") => Kind::State(number(rest, r#""seq":"#).unwrap_or(0)),
        Some("beat") => Kind::Beat,
        Some("recorded") => {
            let id = rest.split(r#""id":""#).nth(1).and_then(|id| id.get(..36));
            let id = id.and_then(|id| id.parse().ok());
            word.recorded = id.zip(number(rest, r#""seq":"#));
            return word;
        }
        _ => return word,
    };
    word.epoch = number(rest, r#""epoch":"#).unwrap_or(0);
    word.live = rest.contains(r#""phase":"live""#);
    word
}

fn number(text: &str, key: &str) -> Option<u64> {
    let (_, rest) = text.split_once(key)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}
