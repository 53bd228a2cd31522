//! Texts about sessions that are over, and texts before there is a session.

/// The age of an event, for each number that a language words differently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ago {
    pub(crate) one: &'static str,
    pub(crate) two: &'static str,
    /// For numbers whose last two digits are 3 to 10.
    pub(crate) few: &'static str,
    pub(crate) many: &'static str,
}

pub(in crate::words) const fn ago(one: &'static str, many: &'static str) -> Ago {
    ago_each(one, many, many, many)
}

pub(in crate::words) const fn ago_each(
    one: &'static str,
    two: &'static str,
    few: &'static str,
    many: &'static str,
) -> Ago {
    Ago {
        one,
        two,
        few,
        many,
    }
}

/// Texts about sessions that are over, and texts before there is a session.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) no_folder: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_yet: &'static str,
    pub(crate) list: &'static str,
    pub(crate) only_one: &'static str,
    pub(crate) only: &'static str,
    pub(crate) too_short: &'static str,
    pub(crate) no_such: &'static str,
    pub(crate) several: &'static str,
    pub(crate) other_role: &'static str,
    pub(crate) not_forgotten: &'static str,
    pub(crate) relay_not_known: &'static str,
    pub(crate) no_relay: &'static str,
    pub(crate) connect_error: &'static str,
    pub(crate) bad_token: &'static str,
    pub(crate) not_over: &'static str,
    pub(crate) open_stop: &'static str,
    pub(crate) bad_note: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) too_fast: &'static str,
    pub(crate) odd: &'static str,
    pub(crate) deleted_by_you: &'static str,
    pub(crate) deleted_by_receiver: &'static str,
    pub(crate) deleted_by_helper: &'static str,
    pub(crate) time_was_up: &'static str,
    pub(crate) just_now: &'static str,
    pub(crate) minutes: Ago,
    pub(crate) hours: Ago,
    pub(crate) days: Ago,
    pub(crate) the_receiver: &'static str,
    pub(crate) the_helper: &'static str,
    pub(crate) columns: [&'static str; 6],
    pub(crate) ended: &'static str,
    pub(crate) not_ended: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) is_silent: &'static str,
    pub(crate) is_unknown: &'static str,
    pub(crate) is_unavailable: &'static str,
    pub(crate) is_not_asked: &'static str,
    pub(crate) written: &'static str,
    pub(crate) not_sealed: &'static str,
    pub(crate) is_there: &'static str,
    pub(crate) not_written: &'static str,
    pub(crate) not_read: &'static str,
    pub(crate) is_empty: &'static str,
    pub(crate) is_packed: &'static str,
    pub(crate) is_utf16: &'static str,
    pub(crate) is_no_export: &'static str,
    pub(crate) is_cut: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) note_too_long: &'static str,
    pub(crate) noted_shared: &'static str,
    pub(crate) noted: &'static str,
    pub(crate) nothing_deleted: &'static str,
    pub(crate) was_deleted: &'static str,
    pub(crate) forgotten: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) which: &'static str,
    pub(crate) ask_here: &'static str,
    pub(crate) ask: &'static str,
    pub(crate) ask_goes_on: &'static str,
    pub(crate) nobody_asked: &'static str,
    pub(crate) type_yes: &'static str,
    /// The accepted answers for yes, separated by spaces.
    pub(crate) yes: &'static str,
    pub(crate) sealed: &'static str,
    pub(crate) sound: &'static str,
    pub(crate) is_broken: &'static str,
    pub(crate) session: &'static str,
    pub(crate) key_named: &'static str,
    pub(crate) key_compare: &'static str,
    pub(crate) key_twice: &'static str,
    pub(crate) terminal_gone: &'static str,
    pub(crate) not_kept: &'static str,
    pub(crate) gone_not_forgotten: &'static str,
}
