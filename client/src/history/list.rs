//! The sessions that this device remembers.

use serde_json::{Value, json};
use tapcue_rules::ids::SessionId;
use unicode_width::UnicodeWidthStr;

use super::relay::{Remote, Trouble, deleted};
use super::{Desk, Failure, ago, print};
use crate::cli::Sessions;
use crate::device::credentials::Place;
use crate::exit::Exit;
use crate::relay::clock;
use crate::relay::error::ConnectError;
use crate::words::{Words, say};

/// How many characters of an id are listed: its 48 bits of time, which differ between any two sessions that
/// one person opened.
const ID_CHARS: usize = 13;

/// The relay's answer about a session.
type Checked = Result<(), Trouble>;

/// Lists the sessions.
pub(super) async fn run(desk: &Desk<'_>, asked: &Sessions) -> Result<Exit, Failure> {
    let places = desk.memory()?.places();
    let said = if asked.check {
        check(desk, &places).await
    } else {
        vec![None; places.len()]
    };
    let rows: Vec<_> = places.iter().zip(&said).collect();
    let text = if desk.cli.json {
        let items = rows.iter().enumerate();
        let items = items.map(|(index, (place, said))| item(index + 1, place, said.as_ref()));
        let list = json!({"type": "sessions", "sessions": items.collect::<Vec<_>>()});
        format!("{list}\n")
    } else {
        table(Words::of(desk.cli.language()), &rows)
    };
    print(&text)?;
    Ok(Exit::Ended)
}

/// Asks the relay of each session. A relay that did not answer is not asked again.
async fn check(desk: &Desk<'_>, places: &[Place]) -> Vec<Option<Checked>> {
    let mut said = Vec::with_capacity(places.len());
    let mut silent: Vec<(String, Trouble)> = Vec::new();
    for place in places {
        let known = silent.iter().find(|(relay, _)| *relay == place.relay);
        let answer = match (known, Remote::of(place.clone(), desk.cli)) {
            (Some((_, trouble)), _) => Err(trouble.clone()),
            (None, Ok(remote)) => remote.transcript().await.map(|_| ()),
            (None, Err(failure)) => Err(Trouble::ConnectError(ConnectError::Other(failure.text))),
        };
        if let Err(trouble @ Trouble::ConnectError(_)) = &answer {
            silent.push((place.relay.clone(), trouble.clone()));
        }
        said.push(Some(answer));
    }
    said
}

fn item(number: usize, place: &Place, said: Option<&Checked>) -> Value {
    let mut item = json!({
        "n": number,
        "session": place.session,
        "role": place.role,
        "relay": place.relay,
        "opened_at": place.opened_at,
        "used_at": place.used_at,
        "over": place.over,
    });
    if let (Some(said), Some(fields)) = (said, item.as_object_mut()) {
        fields.insert("state".into(), word(said).into());
        if let Err(Trouble::Deleted { by, at }) = said {
            fields.insert("deleted".into(), json!({"by": by, "at": at}));
        }
    }
    item
}

/// The status of a session on its relay, in one word.
fn word(said: &Checked) -> &'static str {
    match said {
        Ok(()) => "kept",
        Err(Trouble::Deleted { .. }) => "deleted",
        Err(Trouble::ConnectError(_)) => "unreachable",
        Err(Trouble::BadToken) => "unknown",
        Err(Trouble::Unavailable | Trouble::TooFast) => "unavailable",
        Err(Trouble::NotOver | Trouble::OpenStop | Trouble::BadNote | Trouble::Odd { .. }) => "odd",
    }
}

fn table(all: &Words, rows: &[(&Place, &Option<Checked>)]) -> String {
    let words = &all.past;
    if rows.is_empty() {
        return format!("{}\n", words.none_yet);
    }
    let now = clock::wall();
    let cells = rows.iter().enumerate().map(|(index, (place, said))| {
        [
            (index + 1).to_string(),
            ago::words(words, now.since(place.opened_at)),
            words.the_role(place.role).to_owned(),
            place.relay.clone(),
            short(place.session),
            state(all, place, said.as_ref()),
        ]
    });
    let head = words.columns.map(str::to_owned);
    let cells: Vec<_> = std::iter::once(head).chain(cells).collect();
    let widths: [usize; 6] = std::array::from_fn(|column| {
        let lengths = cells.iter().filter_map(|row| row.get(column));
        lengths.map(|cell| cell.width()).max().unwrap_or(0)
    });
    let mut out = String::new();
    for row in &cells {
        let padded = row.iter().zip(widths);
        let padded = padded.map(|(cell, width)| {
            let spaces = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(spaces))
        });
        let line = padded.collect::<Vec<_>>().join("  ");
        out += line.trim_end();
        out.push('\n');
    }
    out
}

fn state(all: &Words, place: &Place, said: Option<&Checked>) -> String {
    let words = &all.past;
    let here = if place.over {
        words.ended
    } else {
        words.not_ended
    };
    match said {
        None => here.into(),
        Some(Ok(())) => say(words.kept, &[("state", &here)]),
        Some(Err(Trouble::Deleted { by, at })) => deleted(words, *by, *at, Some(place.role)),
        Some(Err(Trouble::ConnectError(why))) => {
            say(words.is_silent, &[("reason", &all.connect_error(why))])
        }
        Some(Err(Trouble::BadToken)) => words.is_unknown.into(),
        Some(Err(Trouble::Unavailable)) => words.is_unavailable.into(),
        Some(Err(Trouble::TooFast)) => words.is_not_asked.into(),
        Some(Err(
            Trouble::NotOver | Trouble::OpenStop | Trouble::BadNote | Trouble::Odd { .. },
        )) => all.way.not_a_relay.into(),
    }
}

fn short(session: SessionId) -> String {
    session.to_string().chars().take(ID_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use tapcue_rules::cue::Role;
    use tapcue_rules::message::Secret;
    use tapcue_rules::time::Millis;

    use super::*;

    fn place() -> Place {
        Place {
            relay: "http://localhost:8080".into(),
            session: SessionId(uuid::Uuid::from_u128(0x0199_7f6e_0a3b << 80)),
            role: Role::Helper,
            token: Secret("planted".into()),
            opened_at: Millis(clock::wall().0 - 120_000),
            used_at: Millis(2),
            over: true,
            ca: None,
        }
    }

    #[test]
    fn a_list_says_when_who_and_where_and_never_the_token() {
        let place = place();
        let gone = Some(Err(Trouble::Deleted {
            by: Some(Role::Receiver),
            at: clock::wall(),
        }));
        let english = crate::words::Words::of(tapcue_rules::language::Language::En);
        let text = table(english, &[(&place, &None), (&place, &gone)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[1],
            "1  2 minutes ago  helper  http://localhost:8080  01997f6e-0a3b  ended"
        );
        assert!(lines[2].contains("The receiver deleted"), "{text}");
        let item = item(2, &place, gone.as_ref());
        assert_eq!((&item["state"], &item["n"]), (&json!("deleted"), &json!(2)));
        assert_eq!(item["deleted"]["by"], "receiver");
        assert!(!item.to_string().contains("planted") && !text.contains("planted"));
        assert!(table(english, &[]).contains("no saved sessions"));
    }
}
