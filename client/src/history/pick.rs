//! Finds the session or file that an argument names.

use std::path::{Path, PathBuf};

use tapcue_rules::cue::Role;

use super::relay::{Remote, Trouble};
use super::{Desk, Failure};
use crate::cli::RoleArg;
use crate::device::credentials::Place;
use crate::exit::Exit;
use crate::words::{Past, say};

/// The fewest characters of an id that identify a session.
const PREFIX_CHARS: usize = 4;

/// The source of a transcript.
#[derive(Debug)]
pub(super) enum Source {
    /// The session's relay.
    Relay(Remote),
    /// An exported file.
    File(PathBuf),
}

impl Desk<'_> {
    /// The source that is named: a file, or else a session.
    pub(super) fn source(
        &self,
        what: Option<&str>,
        role: Option<RoleArg>,
    ) -> Result<Source, Failure> {
        let file = what.filter(|what| is_file_name(what)).map(PathBuf::from);
        match file {
            Some(file) => Ok(Source::File(file)),
            None => self.session(what, role).map(Source::Relay),
        }
    }

    /// The session that is named, or the newest.
    pub(super) fn session(
        &self,
        named: Option<&str>,
        role: Option<RoleArg>,
    ) -> Result<Remote, Failure> {
        let places = self.memory()?.places();
        let place = pick(self.words(), &places, named, role.map(Role::from));
        let place = place.map_err(|text| Failure::new(Exit::Usage, text))?;
        Remote::of(place.clone(), self.cli)
    }

    /// The text for a relay's refusal. A session that was deleted is also removed from this device.
    pub(super) fn trouble(&self, remote: &Remote, trouble: &Trouble) -> Failure {
        let mut failure = remote.failure(trouble);
        if matches!(trouble, Trouble::Deleted { .. })
            && let Some(memory) = &self.memory
            && let Err(error) = memory.forget(remote.place.session)
        {
            let text = say(self.words().not_forgotten, &[("error", &error)]);
            failure.text += &format!(" {text}");
        }
        failure
    }
}

/// Whether the argument is a file name. An id has neither a dot nor a slash, and a file is not expected to
/// look like an id.
fn is_file_name(what: &str) -> bool {
    what.contains(['.', '/', '\\']) || Path::new(what).is_file()
}

/// The place that is named: by its number in the list, from 1, or by the beginning of its session's id.
fn pick<'a>(
    words: &Past,
    places: &'a [Place],
    named: Option<&str>,
    role: Option<Role>,
) -> Result<&'a Place, String> {
    if places.is_empty() {
        return Err(words.none.into());
    }
    let listed = |text: &str| format!("{text} {}", words.list);
    let no_such_role = || listed(words.other_role);
    let mine = |place: &&Place| role.is_none_or(|role| role == place.role);
    let Some(named) = named else {
        return places.iter().find(mine).ok_or_else(no_such_role);
    };
    if let Some(number) = number(named) {
        let place = number.checked_sub(1).and_then(|index| places.get(index));
        let place = place.ok_or_else(|| listed(&there_are(words, places.len())))?;
        return Some(place).filter(mine).ok_or_else(no_such_role);
    }
    let wanted = named.replace('-', "").to_lowercase();
    if wanted.len() < PREFIX_CHARS {
        return Err(listed(&say(words.too_short, &[("n", &PREFIX_CHARS)])));
    }
    let begins = |place: &&Place| {
        let id = place.session.0.simple().to_string();
        id.starts_with(&wanted)
    };
    let named: Vec<&Place> = places.iter().filter(begins).collect();
    let Some(first) = named.first() else {
        return Err(listed(words.no_such));
    };
    if named.iter().any(|place| place.session != first.session) {
        return Err(listed(words.several));
    }
    let place = named.iter().copied().find(|place| mine(place));
    place.ok_or_else(no_such_role)
}

fn there_are(words: &Past, count: usize) -> String {
    match count {
        1 => words.only_one.into(),
        _ => say(words.only, &[("n", &count)]),
    }
}

/// A number in the list: at most three digits, without leading zeros.
fn number(text: &str) -> Option<usize> {
    let is = text.len() <= 3 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is)
}

#[cfg(test)]
mod tests {
    use tapcue_rules::ids::SessionId;
    use tapcue_rules::message::Secret;
    use tapcue_rules::time::Millis;

    use super::*;

    fn place(id: u128, role: Role) -> Place {
        Place {
            relay: "http://localhost:8080".into(),
            session: SessionId(uuid::Uuid::from_u128(id)),
            role,
            token: Secret("planted".into()),
            opened_at: Millis(1),
            used_at: Millis(2),
            over: true,
            ca: None,
        }
    }

    #[test]
    fn a_session_is_named_by_number_id_or_role() {
        let a = 0x0199_7f6e_0a3b_7c0e_9d5a_0000_0000_0000;
        let b = 0x0199_7f6e_aaaa_7c0e_9d5a_0000_0000_0000;
        let places = [
            place(a, Role::Helper),
            place(a, Role::Receiver),
            place(b, Role::Helper),
        ];
        let words = &crate::words::Words::of(tapcue_rules::language::Language::En).past;
        let pick = |named, role| super::pick(words, &places, named, role);
        assert_eq!(pick(None, None), Ok(&places[0]));
        assert_eq!(pick(None, Some(Role::Receiver)), Ok(&places[1]));
        assert_eq!(pick(Some("3"), None), Ok(&places[2]));
        assert_eq!(pick(Some("01997F6E-AAAA"), None), Ok(&places[2]));
        assert_eq!(pick(Some("01997f6e0a3b"), None), Ok(&places[0]));
        let whole = "01997f6e-0a3b-7c0e-9d5a-000000000000";
        assert_eq!(pick(Some(whole), Some(Role::Receiver)), Ok(&places[1]));
        for (named, role, says) in [
            ("4", None, "3 saved sessions"),
            ("1", Some(Role::Receiver), "that role"),
            ("019", None, "at least 4"),
            ("0199", None, "Several"),
            ("aaaa", None, "no such session"),
            ("01997f6e-aaaa", Some(Role::Receiver), "that role"),
        ] {
            let told = pick(Some(named), role).unwrap_err();
            assert!(told.contains(says), "{named}: {told}");
        }
        assert!(
            super::pick(words, &[], None, None)
                .unwrap_err()
                .contains("no saved sessions")
        );
        assert!(is_file_name("a.json") && is_file_name("./a") && !is_file_name("0199"));
    }
}
