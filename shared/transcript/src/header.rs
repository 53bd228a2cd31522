//! The header of a transcript: who, when, with which options, and what was confirmed.

use serde::Serialize;

use super::fold::Folded;
use tapcue_rules::cue::{Both, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::state::{Name, Options};
use tapcue_rules::time::Millis;

/// The header of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    /// When the session was opened.
    pub opened_at: Millis,
    /// Who opened it.
    pub opened_by: Option<Role>,
    /// When it ended; null before the end.
    pub ended_at: Option<Millis>,
    /// Who ended it; null for the relay, or before the end.
    pub ended_by: Option<Role>,
    /// The options of the session.
    pub options: Options,
    /// The safeguards that the options switch off.
    pub waived: Vec<Waiver>,
    /// The two people.
    pub people: Both<Person>,
    /// The version of the relay that opened it.
    pub relay: String,
    /// How often a relay restored it after a restart.
    pub restarts: u32,
    /// When the rehearsed stop was acknowledged; null if there was none.
    pub rehearsed_at: Option<Millis>,
    /// Whether one of the receiver's warning signs applies, by the last answer; null without an answer.
    pub warning_signs: Option<bool>,
    /// Whether a professional has cleared it, as the receiver said after that answer.
    pub cleared: bool,
    /// The answers on set-up and warning signs, in order.
    pub answers: Vec<SetUpAnswer>,
}

/// A safeguard that the options switch off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiver {
    /// The session may be live without a rehearsed stop.
    Rehearsal,
    /// The session may be live without the set-up lists and the answer on warning signs.
    Setup,
    /// The relay asks no check-ins of its own.
    CheckIns,
}

/// One of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name that the person typed.
    pub name: Option<Name>,
    /// When the person joined; null if they never did.
    pub joined_at: Option<Millis>,
    /// Their clients' versions, each once, in the order of use.
    pub clients: Vec<String>,
    /// Whether their set-up list was confirmed at the end.
    pub set_up: bool,
}

/// An answer on set-up or warning signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetUpAnswer {
    /// The place of the entry.
    pub seq: u64,
    /// When it was given.
    pub at: Millis,
    /// Who gave it.
    pub by: Role,
    /// The item.
    pub item: ConfirmItem,
    /// Yes or no. For warning signs, yes means that one applies.
    pub value: bool,
}

impl Header {
    pub(super) fn of(entries: &[&Entry], folded: &Folded) -> Option<Self> {
        let first = entries.first()?;
        let What::Opened { options, relay, .. } = &first.what else {
            return None;
        };
        let options = options.clone();
        let mut people: Both<Person> = Both::default();
        let mut answers = Vec::new();
        let mut restarts = 0;
        let taken = |index: usize| {
            let outcome = folded.outcomes.get(index);
            outcome.is_some_and(|outcome| outcome.result == super::Became::Taken)
        };
        for (index, entry) in entries.iter().enumerate() {
            let at = folded.moments.get(index).copied().unwrap_or(entry.at);
            if matches!(entry.what, What::Restarted) {
                restarts += 1;
            }
            let Some(by) = entry.by.filter(|_| taken(index)) else {
                continue;
            };
            let person = people.of_mut(by);
            match &entry.what {
                What::Opened { client, .. }
                | What::Joined { client, .. }
                | What::Connected { client } => {
                    person.joined_at.get_or_insert(at);
                    if let Some(client) = client
                        && !person.clients.contains(client)
                    {
                        person.clients.push(client.clone());
                    }
                }
                What::Confirmed { item, value } => answers.push(SetUpAnswer {
                    seq: index as u64 + 1,
                    at,
                    by,
                    item: *item,
                    value: *value,
                }),
                What::Link { .. }
                | What::Cue { .. }
                | What::Stops { .. }
                | What::Thumb { .. }
                | What::Shown { .. }
                | What::Acknowledged { .. }
                | What::Due { .. }
                | What::Restarted
                | What::Noted { .. }
                | What::Ended => {}
            }
        }
        let state = &folded.state;
        people.receiver.set_up = state.confirmed.receiver;
        people.helper.set_up = state.confirmed.helper;
        for role in Role::BOTH {
            people.of_mut(role).name.clone_from(state.names.of(role));
        }
        let ended = state.ended.as_ref();
        Some(Self {
            opened_at: first.at,
            opened_by: first.by,
            ended_at: ended.map(|ended| ended.at),
            ended_by: ended.and_then(|ended| ended.by),
            waived: waived(&options),
            options,
            people,
            relay: relay.clone(),
            restarts,
            rehearsed_at: folded.rehearsed_at,
            warning_signs: state.confirmed.warning_signs,
            cleared: state.confirmed.cleared,
            answers,
        })
    }
}

fn waived(options: &Options) -> Vec<Waiver> {
    let waivers = [
        (!options.rehearsal, Waiver::Rehearsal),
        (!options.setup, Waiver::Setup),
        (options.check_in_every_s == 0, Waiver::CheckIns),
    ];
    let waivers = waivers.into_iter().filter(|(waived, _)| *waived);
    waivers.map(|(_, waiver)| waiver).collect()
}
