//! The table of strings that every language fills, by where they are said. `{blanks}` are filled by
//! [`Words::fill`].

/// What stands between and around words.
#[derive(Debug)]
pub(in crate::transcript) struct Marks {
    pub(in crate::transcript) comma: &'static str,
    pub(in crate::transcript) semicolon: &'static str,
    pub(in crate::transcript) colon: &'static str,
    pub(in crate::transcript) point: &'static str,
    pub(in crate::transcript) full_stop: &'static str,
    pub(in crate::transcript) in_brackets: &'static str,
}

/// Durations, and moments of the calendar.
#[derive(Debug)]
pub(in crate::transcript) struct Units {
    pub(in crate::transcript) ms: &'static str,
    pub(in crate::transcript) s: &'static str,
    pub(in crate::transcript) min: &'static str,
    pub(in crate::transcript) h: &'static str,
    pub(in crate::transcript) day: &'static str,
    pub(in crate::transcript) moment: &'static str,
    pub(in crate::transcript) months: [&'static str; 12],
}

/// Who: with a capital, and in the middle of a sentence.
#[derive(Debug)]
pub(in crate::transcript) struct Roles {
    pub(in crate::transcript) receiver: &'static str,
    pub(in crate::transcript) helper: &'static str,
    pub(in crate::transcript) relay: &'static str,
    pub(in crate::transcript) the_receiver: &'static str,
    pub(in crate::transcript) the_helper: &'static str,
}

/// The cues.
#[derive(Debug)]
pub(in crate::transcript) struct Cues {
    pub(in crate::transcript) stop: &'static str,
    pub(in crate::transcript) ready: &'static str,
    pub(in crate::transcript) slower: &'static str,
    pub(in crate::transcript) more_pressure: &'static str,
    pub(in crate::transcript) ease_up: &'static str,
    pub(in crate::transcript) stay: &'static str,
    pub(in crate::transcript) left: &'static str,
    pub(in crate::transcript) right: &'static str,
    pub(in crate::transcript) good: &'static str,
    pub(in crate::transcript) check_in: &'static str,
}

/// Why a session is held, in the middle of a sentence.
#[derive(Debug)]
pub(in crate::transcript) struct Reasons {
    pub(in crate::transcript) start: &'static str,
    pub(in crate::transcript) stop: &'static str,
    pub(in crate::transcript) link_lost: &'static str,
    pub(in crate::transcript) away: &'static str,
    pub(in crate::transcript) no_answer: &'static str,
    pub(in crate::transcript) released: &'static str,
}

/// How a session stood.
#[derive(Debug)]
pub(in crate::transcript) struct Phases {
    pub(in crate::transcript) waiting: &'static str,
    pub(in crate::transcript) start: &'static str,
    pub(in crate::transcript) live: &'static str,
    pub(in crate::transcript) ended: &'static str,
    pub(in crate::transcript) held: &'static str,
}

/// How a link was, in the middle of a sentence.
#[derive(Debug)]
pub(in crate::transcript) struct Links {
    pub(in crate::transcript) here: &'static str,
    pub(in crate::transcript) late: &'static str,
    pub(in crate::transcript) lost: &'static str,
    pub(in crate::transcript) away: &'static str,
    pub(in crate::transcript) absent: &'static str,
}

/// What entries say.
#[derive(Debug)]
pub(in crate::transcript) struct Says {
    pub(in crate::transcript) opened: &'static str,
    pub(in crate::transcript) joined: &'static str,
    pub(in crate::transcript) connected: &'static str,
    pub(in crate::transcript) restarted: &'static str,
    pub(in crate::transcript) ended: &'static str,
    pub(in crate::transcript) link_here: &'static str,
    pub(in crate::transcript) link_late: &'static str,
    pub(in crate::transcript) link_lost: &'static str,
    pub(in crate::transcript) link_away: &'static str,
    pub(in crate::transcript) link_absent: &'static str,
    pub(in crate::transcript) thumb_down: &'static str,
    pub(in crate::transcript) stops: &'static str,
    pub(in crate::transcript) thumb_lifted: &'static str,
    pub(in crate::transcript) shown: &'static str,
    pub(in crate::transcript) hands_off: &'static str,
    pub(in crate::transcript) seen: &'static str,
    pub(in crate::transcript) of: &'static str,
    pub(in crate::transcript) set_up_yes: &'static str,
    pub(in crate::transcript) set_up_no: &'static str,
    pub(in crate::transcript) warning_signs_yes: &'static str,
    pub(in crate::transcript) warning_signs_no: &'static str,
    pub(in crate::transcript) cleared_yes: &'static str,
    pub(in crate::transcript) cleared_no: &'static str,
    pub(in crate::transcript) due_check_in: &'static str,
    pub(in crate::transcript) due_again: &'static str,
    pub(in crate::transcript) due_no_answer: &'static str,
    pub(in crate::transcript) due_held_on: &'static str,
    pub(in crate::transcript) due_receiver_ready: &'static str,
    pub(in crate::transcript) due_helper_ready: &'static str,
    pub(in crate::transcript) of_check_in: &'static str,
    pub(in crate::transcript) of_thumb: &'static str,
    pub(in crate::transcript) of_no_answer: &'static str,
    pub(in crate::transcript) of_link: &'static str,
    pub(in crate::transcript) of_restart: &'static str,
    pub(in crate::transcript) of_sign: &'static str,
    pub(in crate::transcript) of_hold: &'static str,
    pub(in crate::transcript) note: &'static str,
    pub(in crate::transcript) note_private: &'static str,
    pub(in crate::transcript) note_hidden: &'static str,
    pub(in crate::transcript) note_marker: &'static str,
    pub(in crate::transcript) note_on: &'static str,
}

/// What became of entries.
#[derive(Debug)]
pub(in crate::transcript) struct Outcomes {
    pub(in crate::transcript) repeat: &'static str,
    pub(in crate::transcript) repeats: &'static str,
    pub(in crate::transcript) stale: &'static str,
    pub(in crate::transcript) same_tap: &'static str,
    pub(in crate::transcript) reflex: &'static str,
    pub(in crate::transcript) unseen: &'static str,
    pub(in crate::transcript) link_down: &'static str,
    pub(in crate::transcript) overtaken: &'static str,
    pub(in crate::transcript) already: &'static str,
    pub(in crate::transcript) refused: &'static str,
    pub(in crate::transcript) refused_held: &'static str,
    pub(in crate::transcript) refused_too_fast: &'static str,
    pub(in crate::transcript) refused_not_allowed: &'static str,
    pub(in crate::transcript) refused_ended: &'static str,
    pub(in crate::transcript) refused_not_understood: &'static str,
    pub(in crate::transcript) refused_taken: &'static str,
    pub(in crate::transcript) late: &'static str,
    pub(in crate::transcript) shown: &'static str,
    pub(in crate::transcript) acknowledged: &'static str,
    pub(in crate::transcript) asked_again: &'static str,
    pub(in crate::transcript) answered_by: &'static str,
    pub(in crate::transcript) open: &'static str,
    pub(in crate::transcript) answered: &'static str,
    pub(in crate::transcript) no_answer: &'static str,
    pub(in crate::transcript) dropped: &'static str,
    pub(in crate::transcript) answers: &'static str,
    pub(in crate::transcript) within: &'static str,
    pub(in crate::transcript) both_ready: &'static str,
    pub(in crate::transcript) held: &'static str,
    pub(in crate::transcript) by: &'static str,
    pub(in crate::transcript) of: &'static str,
    pub(in crate::transcript) stops: &'static str,
    pub(in crate::transcript) live_after: &'static str,
    pub(in crate::transcript) live_again_after: &'static str,
    pub(in crate::transcript) then_held: &'static str,
    pub(in crate::transcript) not_live: &'static str,
    pub(in crate::transcript) lasts: &'static str,
}

/// A session in a few lines: how it ended, its figures, the timeline as sentences.
#[derive(Debug)]
pub(in crate::transcript) struct Summary {
    pub(in crate::transcript) lasted: &'static str,
    pub(in crate::transcript) goes_on: &'static str,
    pub(in crate::transcript) ended_by_relay: &'static str,
    pub(in crate::transcript) ended_by: &'static str,
    pub(in crate::transcript) story: &'static str,
    pub(in crate::transcript) story_of: &'static str,
    pub(in crate::transcript) figure_lasted: &'static str,
    pub(in crate::transcript) figure_live: &'static str,
    pub(in crate::transcript) figure_stops: &'static str,
    pub(in crate::transcript) stretches: &'static str,
    pub(in crate::transcript) stop_shown: &'static str,
    pub(in crate::transcript) stop_acknowledged: &'static str,
    pub(in crate::transcript) stop_hands_off: &'static str,
    pub(in crate::transcript) tap_shown: &'static str,
    pub(in crate::transcript) tap_acknowledged: &'static str,
    pub(in crate::transcript) cue_shown: &'static str,
    pub(in crate::transcript) spread: &'static str,
    pub(in crate::transcript) before_live: &'static str,
    pub(in crate::transcript) holds: &'static str,
    pub(in crate::transcript) hold: &'static str,
    pub(in crate::transcript) check_ins: &'static str,
    pub(in crate::transcript) check_ins_are: &'static str,
    pub(in crate::transcript) receivers_link: &'static str,
    pub(in crate::transcript) helpers_link: &'static str,
    pub(in crate::transcript) late: &'static str,
    pub(in crate::transcript) lost: &'static str,
    pub(in crate::transcript) away: &'static str,
    pub(in crate::transcript) up: &'static str,
    pub(in crate::transcript) gone: &'static str,
}

/// What was settled before the start.
#[derive(Debug)]
pub(in crate::transcript) struct Before {
    pub(in crate::transcript) rehearsal: &'static str,
    pub(in crate::transcript) no_rehearsal: &'static str,
    pub(in crate::transcript) no_answers: &'static str,
    pub(in crate::transcript) waived_rehearsal: &'static str,
    pub(in crate::transcript) waived_setup: &'static str,
    pub(in crate::transcript) waived_check_ins: &'static str,
    pub(in crate::transcript) options: &'static str,
    pub(in crate::transcript) check_in: &'static str,
    pub(in crate::transcript) consent: &'static str,
    pub(in crate::transcript) keep: &'static str,
    pub(in crate::transcript) keep_none: &'static str,
    pub(in crate::transcript) relay: &'static str,
    pub(in crate::transcript) relay_once: &'static str,
    pub(in crate::transcript) relay_times: &'static str,
}

/// The page, and what it shares with the text.
#[derive(Debug)]
pub(in crate::transcript) struct Page {
    pub(in crate::transcript) title: &'static str,
    pub(in crate::transcript) brand: &'static str,
    pub(in crate::transcript) never_joined: &'static str,
    pub(in crate::transcript) tiles: &'static str,
    pub(in crate::transcript) of_span: &'static str,
    pub(in crate::transcript) rehearsal_included: &'static str,
    pub(in crate::transcript) no_stop_measured: &'static str,
    pub(in crate::transcript) worst: &'static str,
    pub(in crate::transcript) of_all: &'static str,
    pub(in crate::transcript) check_ins_answered: &'static str,
    pub(in crate::transcript) notes: &'static str,
    pub(in crate::transcript) private: &'static str,
    pub(in crate::transcript) on: &'static str,
    pub(in crate::transcript) entry: &'static str,
    pub(in crate::transcript) note_not_here: &'static str,
    pub(in crate::transcript) marked: &'static str,
    pub(in crate::transcript) before: &'static str,
    pub(in crate::transcript) receivers_client: &'static str,
    pub(in crate::transcript) helpers_client: &'static str,
    pub(in crate::transcript) trust: &'static str,
    pub(in crate::transcript) not_sealed: &'static str,
    pub(in crate::transcript) signed: &'static str,
    pub(in crate::transcript) how_to_verify: &'static str,
    pub(in crate::transcript) session: &'static str,
    pub(in crate::transcript) newest_entry: &'static str,
    pub(in crate::transcript) public_key: &'static str,
}

/// The timeline and its legend.
#[derive(Debug)]
pub(in crate::transcript) struct Drawn {
    pub(in crate::transcript) timeline: &'static str,
    pub(in crate::transcript) in_words: &'static str,
    pub(in crate::transcript) strip: &'static str,
    pub(in crate::transcript) strip_is: &'static str,
    pub(in crate::transcript) band: &'static str,
    pub(in crate::transcript) link: &'static str,
    pub(in crate::transcript) note_on_entry: &'static str,
    pub(in crate::transcript) legend: &'static str,
    pub(in crate::transcript) held: &'static str,
    pub(in crate::transcript) confirmed: &'static str,
    pub(in crate::transcript) joined: &'static str,
    pub(in crate::transcript) connected: &'static str,
    pub(in crate::transcript) not_taken: &'static str,
    pub(in crate::transcript) several: &'static str,
    pub(in crate::transcript) gone: &'static str,
    pub(in crate::transcript) late: &'static str,
    pub(in crate::transcript) note_here: &'static str,
}

/// The tables: captions, columns, filters.
#[derive(Debug)]
pub(in crate::transcript) struct Tables {
    pub(in crate::transcript) figures: &'static str,
    pub(in crate::transcript) times: &'static str,
    pub(in crate::transcript) counts: &'static str,
    pub(in crate::transcript) cue: &'static str,
    pub(in crate::transcript) taken: &'static str,
    pub(in crate::transcript) ignored: &'static str,
    pub(in crate::transcript) stale: &'static str,
    pub(in crate::transcript) refused: &'static str,
    pub(in crate::transcript) entries: &'static str,
    pub(in crate::transcript) show: &'static str,
    pub(in crate::transcript) all: &'static str,
    pub(in crate::transcript) people: &'static str,
    pub(in crate::transcript) cues: &'static str,
    pub(in crate::transcript) holds: &'static str,
    pub(in crate::transcript) entries_are: &'static str,
    pub(in crate::transcript) number: &'static str,
    pub(in crate::transcript) time: &'static str,
    pub(in crate::transcript) who: &'static str,
    pub(in crate::transcript) what: &'static str,
    pub(in crate::transcript) became: &'static str,
}

/// The transcript in characters.
#[derive(Debug)]
pub(in crate::transcript) struct Characters {
    pub(in crate::transcript) session_is: &'static str,
    pub(in crate::transcript) no_name: &'static str,
    pub(in crate::transcript) integrity: &'static str,
    pub(in crate::transcript) newest_hash: &'static str,
    pub(in crate::transcript) not_sealed: &'static str,
    pub(in crate::transcript) sealed: &'static str,
    pub(in crate::transcript) row_receiver: &'static str,
    pub(in crate::transcript) row_helper: &'static str,
    pub(in crate::transcript) row_relay: &'static str,
    pub(in crate::transcript) row_session: &'static str,
    pub(in crate::transcript) row_receivers_link: &'static str,
    pub(in crate::transcript) row_helpers_link: &'static str,
    pub(in crate::transcript) legend: &'static [&'static str],
}

/// What a verification found.
#[derive(Debug)]
pub(in crate::transcript) struct Verdicts {
    pub(in crate::transcript) chain: &'static str,
    pub(in crate::transcript) prefix: &'static str,
    pub(in crate::transcript) follows: &'static str,
    pub(in crate::transcript) earlier: &'static str,
    pub(in crate::transcript) whole: &'static str,
    pub(in crate::transcript) order: &'static str,
    pub(in crate::transcript) unchanged: &'static str,
    pub(in crate::transcript) signed: &'static str,
    pub(in crate::transcript) after: &'static str,
    pub(in crate::transcript) first_wrong: &'static str,
    pub(in crate::transcript) entries_hold: &'static str,
    pub(in crate::transcript) nobody_vouches: &'static str,
    pub(in crate::transcript) not_here: &'static str,
    pub(in crate::transcript) when: &'static str,
}

/// What is wrong with a file, each in a sentence.
#[derive(Debug)]
pub(in crate::transcript) struct Faults {
    pub(in crate::transcript) too_long: &'static str,
    pub(in crate::transcript) not_json: &'static str,
    pub(in crate::transcript) not_ours: &'static str,
    pub(in crate::transcript) version: &'static str,
    pub(in crate::transcript) no_list: &'static str,
    pub(in crate::transcript) no_entries: &'static str,
    pub(in crate::transcript) untrusted: &'static str,
    pub(in crate::transcript) cut: &'static str,
    pub(in crate::transcript) head: &'static str,
    pub(in crate::transcript) end: &'static str,
    pub(in crate::transcript) part: &'static str,
    pub(in crate::transcript) illegible: &'static str,
    pub(in crate::transcript) unknown: &'static str,
    pub(in crate::transcript) not_opened: &'static str,
    pub(in crate::transcript) note: &'static str,
    pub(in crate::transcript) seal_changed: &'static str,
    pub(in crate::transcript) seal_foreign: &'static str,
    pub(in crate::transcript) seal_order: &'static str,
    pub(in crate::transcript) seal_head: &'static str,
    pub(in crate::transcript) seal_times: &'static str,
    pub(in crate::transcript) outcome: &'static str,
    pub(in crate::transcript) foreign_part: &'static str,
    pub(in crate::transcript) derived: &'static str,
    pub(in crate::transcript) no_entry: &'static str,
    pub(in crate::transcript) changed: &'static str,
    pub(in crate::transcript) foreign: &'static str,
    pub(in crate::transcript) repeated: &'static str,
    pub(in crate::transcript) added: &'static str,
    pub(in crate::transcript) out_of_order: &'static str,
    pub(in crate::transcript) missing: &'static str,
    pub(in crate::transcript) neighbour: &'static str,
}

/// All that a transcript says in one language.
#[derive(Debug)]
pub(in crate::transcript) struct Words {
    /// The language, as HTML names it.
    pub(in crate::transcript) tag: &'static str,
    /// Whether it is read from right to left.
    pub(in crate::transcript) right_to_left: bool,
    pub(in crate::transcript) marks: Marks,
    pub(in crate::transcript) units: Units,
    pub(in crate::transcript) roles: Roles,
    pub(in crate::transcript) cues: Cues,
    pub(in crate::transcript) reasons: Reasons,
    pub(in crate::transcript) phases: Phases,
    pub(in crate::transcript) links: Links,
    pub(in crate::transcript) says: Says,
    pub(in crate::transcript) outcomes: Outcomes,
    pub(in crate::transcript) summary: Summary,
    pub(in crate::transcript) before: Before,
    pub(in crate::transcript) page: Page,
    pub(in crate::transcript) drawn: Drawn,
    pub(in crate::transcript) tables: Tables,
    pub(in crate::transcript) characters: Characters,
    pub(in crate::transcript) verdicts: Verdicts,
    pub(in crate::transcript) faults: Faults,
}
