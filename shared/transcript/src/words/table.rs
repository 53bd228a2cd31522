//! The table of strings that every language fills, grouped by where they are used. [`Words::fill`] fills the
//! `{blanks}`.

use serde::Deserialize;
use tapcue_rules::cue::Cues;

/// Punctuation between and around words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marks {
    pub(crate) comma: &'static str,
    pub(crate) semicolon: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) point: &'static str,
    pub(crate) full_stop: &'static str,
    pub(crate) in_brackets: &'static str,
}

/// Durations, dates and times.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Units {
    pub(crate) ms: &'static str,
    pub(crate) s: &'static str,
    pub(crate) min: &'static str,
    pub(crate) h: &'static str,
    pub(crate) day: &'static str,
    pub(crate) moment: &'static str,
    pub(crate) months: [&'static str; 12],
}

/// The roles: with a capital, and in the middle of a sentence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Roles {
    pub(crate) receiver: &'static str,
    pub(crate) helper: &'static str,
    pub(crate) relay: &'static str,
    pub(crate) the_receiver: &'static str,
    pub(crate) the_helper: &'static str,
}

/// Why a session is held, in the middle of a sentence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasons {
    pub(crate) start: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) link_lost: &'static str,
    pub(crate) away: &'static str,
    pub(crate) no_answer: &'static str,
    pub(crate) released: &'static str,
}

/// The phases of a session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phases {
    pub(crate) waiting: &'static str,
    pub(crate) start: &'static str,
    pub(crate) live: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) held: &'static str,
}

/// The status of a link, in the middle of a sentence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Links {
    pub(crate) here: &'static str,
    pub(crate) late: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) away: &'static str,
    pub(crate) absent: &'static str,
}

/// The contents of entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Says {
    pub(crate) opened: &'static str,
    pub(crate) joined: &'static str,
    pub(crate) connected: &'static str,
    pub(crate) restarted: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) link_here: &'static str,
    pub(crate) link_late: &'static str,
    pub(crate) link_lost: &'static str,
    pub(crate) link_away: &'static str,
    pub(crate) link_absent: &'static str,
    pub(crate) thumb_down: &'static str,
    pub(crate) stops: &'static str,
    pub(crate) thumb_lifted: &'static str,
    pub(crate) shown: &'static str,
    pub(crate) hands_off: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) of: &'static str,
    pub(crate) set_up_yes: &'static str,
    pub(crate) set_up_no: &'static str,
    pub(crate) warning_signs_yes: &'static str,
    pub(crate) warning_signs_no: &'static str,
    pub(crate) cleared_yes: &'static str,
    pub(crate) cleared_no: &'static str,
    pub(crate) due_check_in: &'static str,
    pub(crate) due_again: &'static str,
    pub(crate) due_no_answer: &'static str,
    pub(crate) due_held_on: &'static str,
    pub(crate) due_receiver_ready: &'static str,
    pub(crate) due_helper_ready: &'static str,
    pub(crate) of_check_in: &'static str,
    pub(crate) of_thumb: &'static str,
    pub(crate) of_no_answer: &'static str,
    pub(crate) of_link: &'static str,
    pub(crate) of_restart: &'static str,
    pub(crate) of_sign: &'static str,
    pub(crate) of_hold: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_private: &'static str,
    pub(crate) note_hidden: &'static str,
    pub(crate) note_marker: &'static str,
    pub(crate) note_on: &'static str,
}

/// The outcomes of entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcomes {
    pub(crate) repeat: &'static str,
    pub(crate) repeats: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) same_tap: &'static str,
    pub(crate) reflex: &'static str,
    pub(crate) unseen: &'static str,
    pub(crate) link_down: &'static str,
    pub(crate) overtaken: &'static str,
    pub(crate) already: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) refused_held: &'static str,
    pub(crate) refused_too_fast: &'static str,
    pub(crate) refused_not_allowed: &'static str,
    pub(crate) refused_ended: &'static str,
    pub(crate) refused_not_understood: &'static str,
    pub(crate) refused_taken: &'static str,
    pub(crate) late: &'static str,
    pub(crate) shown: &'static str,
    pub(crate) acknowledged: &'static str,
    pub(crate) asked_again: &'static str,
    pub(crate) answered_by: &'static str,
    pub(crate) open: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) no_answer: &'static str,
    pub(crate) dropped: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) within: &'static str,
    pub(crate) both_ready: &'static str,
    pub(crate) held: &'static str,
    pub(crate) by: &'static str,
    pub(crate) of: &'static str,
    pub(crate) stops: &'static str,
    pub(crate) live_after: &'static str,
    pub(crate) live_again_after: &'static str,
    pub(crate) then_held: &'static str,
    pub(crate) not_live: &'static str,
    pub(crate) lasts: &'static str,
}

/// A session in a few lines: how it ended, its figures, the timeline as sentences.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Summary {
    pub(crate) lasted: &'static str,
    pub(crate) goes_on: &'static str,
    pub(crate) ended_by_relay: &'static str,
    pub(crate) ended_by: &'static str,
    pub(crate) story: &'static str,
    pub(crate) story_of: &'static str,
    pub(crate) figure_lasted: &'static str,
    pub(crate) figure_live: &'static str,
    pub(crate) figure_stops: &'static str,
    pub(crate) stretches: &'static str,
    pub(crate) stop_shown: &'static str,
    pub(crate) stop_acknowledged: &'static str,
    pub(crate) stop_hands_off: &'static str,
    pub(crate) tap_shown: &'static str,
    pub(crate) tap_acknowledged: &'static str,
    pub(crate) cue_shown: &'static str,
    pub(crate) spread: &'static str,
    pub(crate) before_live: &'static str,
    pub(crate) holds: &'static str,
    pub(crate) hold: &'static str,
    pub(crate) check_ins: &'static str,
    pub(crate) check_ins_are: &'static str,
    pub(crate) receivers_link: &'static str,
    pub(crate) helpers_link: &'static str,
    pub(crate) late: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) away: &'static str,
    pub(crate) up: &'static str,
    pub(crate) gone: &'static str,
}

/// What was agreed before the start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    pub(crate) rehearsal: &'static str,
    pub(crate) no_rehearsal: &'static str,
    pub(crate) no_answers: &'static str,
    pub(crate) waived_rehearsal: &'static str,
    pub(crate) waived_setup: &'static str,
    pub(crate) waived_check_ins: &'static str,
    pub(crate) options: &'static str,
    pub(crate) check_in: &'static str,
    pub(crate) consent: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) keep_none: &'static str,
    pub(crate) relay: &'static str,
    pub(crate) relay_once: &'static str,
    pub(crate) relay_times: &'static str,
}

/// The HTML page, and the strings that it shares with the plain text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    pub(crate) title: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) never_joined: &'static str,
    pub(crate) tiles: &'static str,
    pub(crate) of_span: &'static str,
    pub(crate) rehearsal_included: &'static str,
    pub(crate) no_stop_measured: &'static str,
    pub(crate) worst: &'static str,
    pub(crate) none: &'static str,
    pub(crate) check_ins_answered: &'static str,
    pub(crate) notes: &'static str,
    pub(crate) private: &'static str,
    pub(crate) on: &'static str,
    pub(crate) entry: &'static str,
    pub(crate) note_not_here: &'static str,
    pub(crate) marked: &'static str,
    pub(crate) before: &'static str,
    pub(crate) receivers_client: &'static str,
    pub(crate) helpers_client: &'static str,
    pub(crate) trust: &'static str,
    pub(crate) not_sealed: &'static str,
    pub(crate) signed: &'static str,
    pub(crate) how_to_verify: &'static str,
    pub(crate) session: &'static str,
    pub(crate) newest_entry: &'static str,
    pub(crate) public_key: &'static str,
}

/// The timeline and its legend.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    pub(crate) timeline: &'static str,
    pub(crate) in_words: &'static str,
    pub(crate) strip: &'static str,
    pub(crate) strip_is: &'static str,
    pub(crate) more: &'static str,
    pub(crate) note_on_entry: &'static str,
    pub(crate) legend: &'static str,
    pub(crate) held: &'static str,
    pub(crate) confirmed: &'static str,
    pub(crate) joined: &'static str,
    pub(crate) connected: &'static str,
    pub(crate) not_taken: &'static str,
    pub(crate) several: &'static str,
    pub(crate) gone: &'static str,
    pub(crate) late: &'static str,
    pub(crate) note_here: &'static str,
}

/// The tables: captions, columns, filters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tables {
    pub(crate) figures: &'static str,
    pub(crate) times: &'static str,
    pub(crate) counts: &'static str,
    pub(crate) cue: &'static str,
    pub(crate) taken: &'static str,
    pub(crate) ignored: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) entries: &'static str,
    pub(crate) show: &'static str,
    pub(crate) all: &'static str,
    pub(crate) people: &'static str,
    pub(crate) cues: &'static str,
    pub(crate) holds: &'static str,
    pub(crate) entries_are: &'static str,
    pub(crate) number: &'static str,
    pub(crate) time: &'static str,
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    pub(crate) became: &'static str,
}

/// The transcript as plain text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Characters {
    pub(crate) session_is: &'static str,
    pub(crate) no_name: &'static str,
    pub(crate) integrity: &'static str,
    pub(crate) newest_hash: &'static str,
    pub(crate) not_sealed: &'static str,
    pub(crate) sealed: &'static str,
    pub(crate) row_receiver: &'static str,
    pub(crate) row_helper: &'static str,
    pub(crate) row_relay: &'static str,
    pub(crate) row_session: &'static str,
    pub(crate) row_receivers_link: &'static str,
    pub(crate) row_helpers_link: &'static str,
    pub(crate) legend: Vec<&'static str>,
}

/// The results of a verification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdicts {
    pub(crate) chain: &'static str,
    pub(crate) prefix: &'static str,
    pub(crate) follows: &'static str,
    pub(crate) earlier: &'static str,
    pub(crate) whole: &'static str,
    pub(crate) order: &'static str,
    pub(crate) unchanged: &'static str,
    pub(crate) signed: &'static str,
    pub(crate) after: &'static str,
    pub(crate) first_wrong: &'static str,
    pub(crate) entries_hold: &'static str,
    pub(crate) nobody_vouches: &'static str,
    pub(crate) not_here: &'static str,
    pub(crate) when: &'static str,
}

/// The faults of a file, each in a sentence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    pub(crate) too_long: &'static str,
    pub(crate) not_json: &'static str,
    pub(crate) not_ours: &'static str,
    pub(crate) version: &'static str,
    pub(crate) no_list: &'static str,
    pub(crate) no_entries: &'static str,
    pub(crate) untrusted: &'static str,
    pub(crate) cut: &'static str,
    pub(crate) head: &'static str,
    pub(crate) end: &'static str,
    pub(crate) part: &'static str,
    pub(crate) illegible: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) not_opened: &'static str,
    pub(crate) note: &'static str,
    pub(crate) seal_changed: &'static str,
    pub(crate) seal_foreign: &'static str,
    pub(crate) seal_order: &'static str,
    pub(crate) seal_head: &'static str,
    pub(crate) seal_times: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) foreign_part: &'static str,
    pub(crate) derived: &'static str,
    pub(crate) no_entry: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) foreign: &'static str,
    pub(crate) repeated: &'static str,
    pub(crate) added: &'static str,
    pub(crate) out_of_order: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) neighbour: &'static str,
}

/// All strings of a transcript in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    /// The language tag for HTML.
    pub(crate) tag: &'static str,
    /// The direction of reading: `ltr` or `rtl`.
    pub(crate) dir: &'static str,
    pub(crate) marks: Marks,
    pub(crate) units: Units,
    pub(crate) roles: Roles,
    pub(crate) cues: Cues<&'static str>,
    pub(crate) reasons: Reasons,
    pub(crate) phases: Phases,
    pub(crate) links: Links,
    pub(crate) says: Says,
    pub(crate) outcomes: Outcomes,
    pub(crate) summary: Summary,
    pub(crate) before: Before,
    pub(crate) page: Page,
    pub(crate) drawn: Drawn,
    pub(crate) tables: Tables,
    pub(crate) characters: Characters,
    pub(crate) verdicts: Verdicts,
    pub(crate) faults: Faults,
}
