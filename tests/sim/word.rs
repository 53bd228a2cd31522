//! The content of the relay's frames, read as they are written. It finds only what the observer needs,
//! without the product's own types.

use tapcue_rules::ids::Id;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Welcome,
    /// With its number.
    State(u64),
    Beat,
    Other,
}

/// The hold in a state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldWord {
    pub(crate) id: Id,
    /// A person stopped, by a tap or by lifting the thumb.
    pub(crate) stop: bool,
    pub(crate) acknowledged: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) written: u64,
    pub(crate) kind: Kind,
    pub(crate) epoch: u64,
    pub(crate) live: bool,
    pub(crate) ended: bool,
    pub(crate) hold: Option<HoldWord>,
    /// The id of the open question.
    pub(crate) asked: Option<Id>,
    /// The ids of recorded cues. A receipt in a frame of its own also has the number of the entry.
    pub(crate) recorded: Vec<(Id, Option<u64>)>,
}

/// Reads a frame as the relay writes it: a short header, then the text.
pub(crate) fn read(frame: &[u8], written: u64) -> Word {
    let mut word = Word {
        written,
        kind: Kind::Other,
        epoch: 0,
        live: false,
        ended: false,
        hold: None,
        asked: None,
        recorded: Vec::new(),
    };
    let header = match frame.get(1) {
        Some(126) => 4,
        _ => 2,
    };
    let text = frame.get(header..).map(std::str::from_utf8);
    let Some(rest) = text
        .and_then(Result::ok)
        .and_then(|text| text.strip_prefix(r#"{"type":""#))
    else {
        return word;
    };
    word.kind = match rest.split('"').next() {
        Some("welcome") => Kind::Welcome,
        Some("state") => Kind::State(number(rest, r#""seq":"#).unwrap_or(0)),
        Some("beat") => Kind::Beat,
        Some("recorded") => {
            let id = after(rest, r#""id":""#).and_then(id);
            let seq = number(rest, r#""seq":"#);
            word.recorded.extend(id.map(|id| (id, seq)));
            return word;
        }
        _ => return word,
    };
    let carried = after(rest, r#""recorded":["#).and_then(|ids| ids.split(']').next());
    let carried = carried.into_iter().flat_map(|ids| ids.split(','));
    let carried = carried.filter_map(|text| id(text.strip_prefix('"')?));
    word.recorded.extend(carried.map(|id| (id, None)));
    // A welcome has a picture before its state.
    let rest = after(rest, r#""state":{"#).unwrap_or(rest);
    word.epoch = number(rest, r#""epoch":"#).unwrap_or(0);
    let phase = after(rest, r#""phase":""#).unwrap_or_default();
    word.live = phase.starts_with("live");
    word.ended = phase.starts_with("ended");
    if word.kind != Kind::Beat {
        word.hold = after(rest, r#""hold":{"#).and_then(hold);
        let asked = after(rest, r#""check_in":{"#).and_then(|asked| after(asked, r#""id":""#));
        word.asked = asked.and_then(id);
    }
    word
}

fn hold(text: &str) -> Option<HoldWord> {
    let hold = text.split('}').next()?;
    Some(HoldWord {
        id: after(hold, r#""id":""#).and_then(id)?,
        stop: [r#""reason":"stop""#, r#""reason":"released""#]
            .iter()
            .any(|reason| hold.contains(reason)),
        acknowledged: hold.contains(r#""acknowledged":true"#),
    })
}

fn id(text: &str) -> Option<Id> {
    text.get(..36)?.parse().ok()
}

fn after<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.split_once(key).map(|(_, rest)| rest)
}

fn number(text: &str, key: &str) -> Option<u64> {
    let rest = after(text, key)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}
