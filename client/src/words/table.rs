//! The table of strings that every language fills, grouped by where they are used.

mod past;
mod way;

use serde::Deserialize;
use tapcue_rules::cue::Cues;

pub(crate) use past::Past;
pub(crate) use way::ConnectWords;

/// The texts of a cue.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CueWords {
    /// In large letters.
    pub(crate) big: &'static str,
    /// In full.
    pub(crate) says: &'static str,
    /// On its tile of 19 columns.
    pub(crate) tile: &'static str,
    /// Beside its key in the help.
    pub(crate) help: &'static str,
}

/// The reasons for a hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasons {
    pub(crate) not_live_yet: &'static str,
    pub(crate) stop_you: &'static str,
    pub(crate) stop_receiver: &'static str,
    pub(crate) stop_helper: &'static str,
    pub(crate) stop_somebody: &'static str,
    pub(crate) lost_you: &'static str,
    pub(crate) lost_receiver: &'static str,
    pub(crate) lost_helper: &'static str,
    pub(crate) relay_restarted: &'static str,
    pub(crate) away_you: &'static str,
    pub(crate) away_receiver: &'static str,
    pub(crate) away_helper: &'static str,
    pub(crate) away_somebody: &'static str,
    pub(crate) no_answer: &'static str,
    pub(crate) released_you: &'static str,
    pub(crate) released_receiver: &'static str,
}

/// The links, and how far a cue got.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Links {
    pub(crate) connecting: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) late: &'static str,
    /// The relay cannot record at present. Shown beside any of the others.
    pub(crate) unrecorded: &'static str,
    pub(crate) not_connected: &'static str,
    pub(crate) peer_here: &'static str,
    pub(crate) peer_late: &'static str,
    pub(crate) peer_lost: &'static str,
    pub(crate) peer_away: &'static str,
    pub(crate) peer_absent: &'static str,
    pub(crate) no_cue_yet: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) relayed: &'static str,
    pub(crate) shown: &'static str,
    pub(crate) acknowledged: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) refused_held: &'static str,
    pub(crate) refused_stale: &'static str,
    pub(crate) refused_too_fast: &'static str,
    pub(crate) refused_ended: &'static str,
}

/// The keys of the last row and of the help. The keys themselves are the same in every language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) stop: &'static str,
    pub(crate) leave: &'static str,
    pub(crate) enter_or_q: &'static str,
    pub(crate) new_code: &'static str,
    pub(crate) end: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) check_in: &'static str,
    pub(crate) hands_off: &'static str,
    pub(crate) silence: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) hold: &'static str,
    pub(crate) or: &'static str,
    pub(crate) help_title: &'static str,
    pub(crate) help_both: &'static str,
    pub(crate) help_warning: &'static str,
    pub(crate) help_end: &'static str,
    pub(crate) help_close: &'static str,
    pub(crate) help_seen: &'static str,
    pub(crate) help_new_code: &'static str,
    pub(crate) hold_key: &'static str,
    pub(crate) help_hold: &'static str,
    pub(crate) tap_key: &'static str,
    pub(crate) help_tap: &'static str,
    pub(crate) help_other: &'static str,
    pub(crate) no_releases: &'static str,
    pub(crate) end_question: &'static str,
    pub(crate) end_keys: &'static str,
    pub(crate) leave_question: &'static str,
    pub(crate) leave_keys: &'static str,
    pub(crate) stop_under: &'static str,
}

/// Pairing, the lists, the rehearsal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    pub(crate) connecting_at: &'static str,
    pub(crate) waiting_device: &'static str,
    pub(crate) stop_alone: &'static str,
    pub(crate) for_helper: &'static str,
    pub(crate) for_receiver: &'static str,
    pub(crate) scan_or_type: &'static str,
    pub(crate) type_code: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) good_for: &'static str,
    pub(crate) in_browser: &'static str,
    pub(crate) or_command: &'static str,
    pub(crate) burned: &'static str,
    pub(crate) signs_below: &'static str,
    pub(crate) signs_title: &'static str,
    pub(crate) signs_keys: &'static str,
    pub(crate) signs: [&'static str; 4],
    pub(crate) list_below: &'static str,
    pub(crate) list_title: &'static str,
    pub(crate) list_keys: &'static str,
    pub(crate) receiver_list: [&'static str; 5],
    pub(crate) helper_list: [&'static str; 5],
    pub(crate) record_kept: &'static str,
    pub(crate) record_none: &'static str,
    pub(crate) will_ask: &'static str,
    pub(crate) advice_below: &'static str,
    pub(crate) advice_receiver: &'static str,
    pub(crate) advice_receiver_keys: &'static str,
    pub(crate) advice_helper: &'static str,
    pub(crate) advice_helper_keys: &'static str,
    pub(crate) advice_why: &'static str,
    pub(crate) rehearse_below: &'static str,
    pub(crate) rehearse_receiver: &'static str,
    pub(crate) rehearse_receiver_then: &'static str,
    pub(crate) rehearse_helper: &'static str,
    pub(crate) rehearse_helper_then: &'static str,
    pub(crate) wait_big: &'static str,
}

/// Live.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Live {
    pub(crate) live: &'static str,
    pub(crate) live_for: &'static str,
    pub(crate) both_ready: &'static str,
    pub(crate) go_big: &'static str,
    pub(crate) breath: &'static str,
    pub(crate) below: &'static str,
    pub(crate) thumb_below: &'static str,
    pub(crate) ask: &'static str,
    pub(crate) ask_below: &'static str,
    pub(crate) asked: &'static str,
    pub(crate) still_holding: &'static str,
    pub(crate) stay: &'static str,
    pub(crate) stay_big: &'static str,
    pub(crate) stop_below: &'static str,
    pub(crate) stop_below_hold: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) before: &'static str,
    pub(crate) enter_seen: &'static str,
    pub(crate) keep_down: &'static str,
    pub(crate) you_hold: &'static str,
    pub(crate) hold_anew: &'static str,
    pub(crate) by_taps: &'static str,
    pub(crate) hold_or_tap: &'static str,
    pub(crate) hold_again: &'static str,
    pub(crate) interrupted: &'static str,
    pub(crate) tap_again: &'static str,
    pub(crate) tap_stops: &'static str,
    pub(crate) tap_live: &'static str,
    pub(crate) key_live: &'static str,
    pub(crate) letting_go: &'static str,
}

/// Held, and link lost.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Held {
    pub(crate) hands_off: &'static str,
    pub(crate) hands_off_big: &'static str,
    pub(crate) not_delivered: &'static str,
    pub(crate) nobody_hands_off: &'static str,
    pub(crate) ease_off: &'static str,
    pub(crate) on_its_way: &'static str,
    pub(crate) no_word: &'static str,
    pub(crate) not_live: &'static str,
    pub(crate) not_live_hold: &'static str,
    pub(crate) said_late: &'static str,
    pub(crate) ago: &'static str,
    pub(crate) stops: &'static str,
    pub(crate) then_enter: &'static str,
    pub(crate) over_open: &'static str,
    pub(crate) over_silence: &'static str,
    pub(crate) wait_thumb: &'static str,
    pub(crate) only_hold: &'static str,
    pub(crate) hands_away: &'static str,
    pub(crate) take_time: &'static str,
    pub(crate) need_enter: &'static str,
    pub(crate) need_hands_off: &'static str,
    pub(crate) need_links: &'static str,
    pub(crate) need_lists: &'static str,
    pub(crate) need_rehearsal: &'static str,
    pub(crate) need_you: &'static str,
    pub(crate) need_you_again: &'static str,
    pub(crate) need_other: &'static str,
    pub(crate) need_other_again: &'static str,
    pub(crate) need_thumb: &'static str,
    pub(crate) lost_for: &'static str,
    pub(crate) lost_not_delivered: &'static str,
    pub(crate) lost_speak: &'static str,
    pub(crate) lost_trying: &'static str,
    pub(crate) lost_back: &'static str,
}

/// The end, and texts outside of the screens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct After {
    pub(crate) ended: &'static str,
    pub(crate) by_you: &'static str,
    pub(crate) by_other: &'static str,
    pub(crate) by_relay: &'static str,
    pub(crate) next_days: &'static str,
    pub(crate) see_about: &'static str,
    pub(crate) figures: &'static str,
    pub(crate) live: &'static str,
    pub(crate) stops: &'static str,
    pub(crate) stop_shown: &'static str,
    pub(crate) stop_hands_off: &'static str,
    pub(crate) spread: &'static str,
    pub(crate) superseded: &'static str,
    pub(crate) over: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) no_cue: &'static str,
    pub(crate) waiting_big: &'static str,
    pub(crate) connecting_big: &'static str,
    pub(crate) ended_big: &'static str,
    pub(crate) too_small: &'static str,
    pub(crate) connecting: &'static str,
    pub(crate) nothing_to_resume: &'static str,
    pub(crate) no_relay_answers: &'static str,
    pub(crate) not_searched: &'static str,
    pub(crate) several_relays: &'static str,
    pub(crate) no_relay: &'static str,
    pub(crate) not_remembered: &'static str,
    pub(crate) bye_ended: &'static str,
    pub(crate) bye_early: &'static str,
    pub(crate) bye_unreachable: &'static str,
    pub(crate) bye_superseded: &'static str,
    pub(crate) other_version: &'static str,
}

/// Why the relay refused a message, for each error code of the wire.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Errors {
    pub(crate) bad_message: &'static str,
    pub(crate) unknown_code: &'static str,
    pub(crate) taken: &'static str,
    pub(crate) bad_token: &'static str,
    pub(crate) not_allowed: &'static str,
    pub(crate) held: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) too_fast: &'static str,
    pub(crate) too_many_tries: &'static str,
    pub(crate) too_large: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) nearly_full: &'static str,
    pub(crate) superseded: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) deleted_by_receiver: &'static str,
    pub(crate) deleted_by_helper: &'static str,
    pub(crate) deleted_by_you: &'static str,
    pub(crate) shutting_down: &'static str,
    pub(crate) too_soon: &'static str,
    pub(crate) once_more: &'static str,
}

/// All strings in one language. [`fill`] fills the `{blanks}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) receiver: &'static str,
    pub(crate) helper: &'static str,
    pub(crate) receiving: &'static str,
    pub(crate) helping: &'static str,
    pub(crate) cues: Cues<CueWords>,
    pub(crate) reasons: Reasons,
    pub(crate) links: Links,
    pub(crate) keys: Keys,
    pub(crate) before: Before,
    pub(crate) live: Live,
    pub(crate) held: Held,
    pub(crate) after: After,
    pub(crate) errors: Errors,
    pub(crate) way: ConnectWords,
    pub(crate) past: Past,
}
