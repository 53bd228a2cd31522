//! The rows about past sessions.

use super::Row;

/// What past sessions may do to live ones.
pub(super) const ROWS: &[Row] = &[
    Row {
        fault: "32 readers of a long record beside a pair that stops",
        expected: "stops pass within a second; the readers together take less than four times the memory of one",
        test: "faults_past::readers_of_a_long_session_delay_no_stop_and_take_little_memory",
    },
    Row {
        fault: "every thread that reads past sessions stands still (a fail point)",
        expected: "pairs pair, stop, come back, note and delete; a bounded line waits, further readers get 503 and `Retry-After`",
        test: "faults_past::nothing_live_waits_for_a_reader_and_the_line_has_an_end",
    },
    Row {
        fault: "a start with 2,000 sessions that somebody opened and left two days ago",
        expected: "it listens and pairs go live and stop first; after that they are ended one by one",
        test: "faults_past::a_start_among_many_left_sessions_listens_first_and_looks_after_them_slowly",
    },
];
