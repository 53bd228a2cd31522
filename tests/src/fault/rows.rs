//! The rows. What each proves beyond its figure is in its test.

use super::Row;

/// Every row, in the order of the table.
pub const ROWS: &[Row] = &[
    // The relay's process.
    Row {
        fault: "relay killed (kill -9) in a session",
        expected: "back from its journal, both held, an epoch past all others; no cue from before is shown",
        test: "restart::killed_in_mid_session_it_comes_back_held",
    },
    Row {
        fault: "killed the instant a stop is tapped",
        expected: "the stop, sent again, holds both; it counts once",
        test: "restart::a_stop_of_the_instant_of_the_kill_arrives_after_it",
    },
    Row {
        fault: "told to go (SIGTERM) and started again",
        expected: "devices are told, the journal is whole, both are held and go on",
        test: "restart::told_to_go_it_says_so_and_goes",
    },
    // Links.
    Row {
        fault: "network pulled (nothing passes, nothing closes)",
        expected: "the other is told within 2,250 ms; back leads to held",
        test: "link::a_pulled_network_holds_the_other_in_time",
    },
    Row {
        fault: "one way of a link is silent, either way",
        expected: "the other is told within 2,250 ms",
        test: "link::one_way_loss_is_loss",
    },
    Row {
        fault: "a device that reads 64 kbit/s, behind a flood",
        expected: "stop is on it within half a second of its tap",
        test: "stop::a_slow_reader_gets_it_before_the_backlog_it_does_not_have",
    },
    Row {
        fault: "a device that never reads",
        expected: "lost, its session held; others stay live",
        test: "stop::a_reader_that_never_reads_is_lost_and_stops_nobody_else",
    },
    // Storage.
    Row {
        fault: "no file can grow (as on a full disk)",
        expected: "stop passes, \"not recorded\" is said, no false receipt; recorded again when there is room",
        test: "errors::a_full_disk_is_said_and_stop_still_passes",
    },
    // Devices that break the rules.
    Row {
        fault: "flood of 10,000 cues before a stop of the same device",
        expected: "the stop does not wait for them",
        test: "stop::ten_thousand_cues_do_not_stand_before_it",
    },
    Row {
        fault: "100,000-deep JSON",
        expected: "over the size limit it closes that connection (1009), within it it is refused (`bad_message`) and nothing is lost; the others stay live",
        test: "hostile::json_of_any_depth_is_refused",
    },
    Row {
        fault: "endless fragments",
        expected: "over the size limit they close the connection (1009), empty ones take no memory and no longer than a hello may (4004); the others stay live, their stop passes",
        test: "hostile::endless_fragments_take_no_memory",
    },
    Row {
        fault: "invalid UTF-8",
        expected: "closes that connection (1007), also before its message ends; its session is held, its token still good; the others stay live",
        test: "hostile::what_is_no_utf_8_costs_one_connection",
    },
    Row {
        fault: "ping flood by a device that reads no pong",
        expected: "memory stays flat; pings are no sign of life, so its session is held; its own stop passes, and the others' does",
        test: "hostile::a_flood_of_pings_takes_no_memory",
    },
    Row {
        fault: "stop and ready at the same time",
        expected: "stop",
        test: "stop::stop_and_ready_at_once_is_stop",
    },
];
