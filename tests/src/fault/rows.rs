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
    Row {
        fault: "killed while a stop is not acknowledged, and the device sends it again",
        expected: "held by that stop, not acknowledged, counted once",
        test: "restart::a_stop_that_nobody_acknowledged_outlives_the_relay_and_counts_once",
    },
    // Links.
    Row {
        fault: "network pulled (nothing passes, nothing closes)",
        expected: "the other is told within 2,250 ms; back leads to held",
        test: "link::a_pulled_network_holds_the_other_in_time",
    },
    Row {
        fault: "tapped without a network, which is back after the hold",
        expected: "a stale cue is never shown",
        test: "link::nothing_stale_arrives_when_the_network_is_back",
    },
    Row {
        fault: "a page is frozen (a locked screen), or left and taken back from the browser's cache",
        expected: "held at once; back leads to held",
        test: "pages_installed::a_frozen_page_and_one_that_was_left_hold_and_come_back_held",
    },
    Row {
        fault: "two devices claim one role (the same token twice)",
        expected: "the newer has it, the older is told; held",
        test: "wire::a_device_comes_back_to_held_and_replaces_the_older",
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
    Row {
        fault: "the other machine vanishes (its interface is down; no packet says so)",
        expected: "told within 2,250 ms; back leads to held",
        test: "faults_network::a_machine_that_vanishes_is_lost_in_time",
    },
    Row {
        fault: "packets are lost one way, either way",
        expected: "told within 2,250 ms",
        test: "faults_network::packets_that_arrive_one_way_only_are_no_link",
    },
    Row {
        fault: "a device's address changes in a session",
        expected: "it comes back by its token to held, and both go on",
        test: "faults_network::a_device_with_another_address_than_before_is_the_same_device",
    },
    Row {
        fault: "a line of 64 kbit/s, flooded (a real queue in the kernel)",
        expected: "stop is on the other device within 750 ms: what stands in the line's own queue is before it",
        test: "faults_network::a_stop_overtakes_a_flood_on_a_thin_line",
    },
    // Storage.
    Row {
        fault: "no file can grow (as on a full disk)",
        expected: "stop passes, \"not recorded\" is said, no false receipt; recorded again when there is room",
        test: "errors::a_full_disk_is_said_and_stop_still_passes",
    },
    // Admission.
    Row {
        fault: "1,000 connections from 20 addresses that send a byte now and then, in a header, a body, a WebSocket or before all",
        expected: "each is gone within 10 s; live pairs and new pages are served; memory bounded",
        test: "faults_admission::a_thousand_that_dawdle_are_shed",
    },
    Row {
        fault: "300 descriptors, and 1,000 silent connections from as many addresses",
        expected: "live pairs stay live, their devices come back, two others meet; never out of descriptors",
        test: "faults_admission::who_is_at_home_outlives_a_crowd",
    },
    Row {
        fault: "no descriptor left (ulimit lowered under a running relay)",
        expected: "live pairs go on, stop and are recorded; accepted again when there are some",
        test: "faults_admission::without_a_descriptor_left_a_session_goes_on",
    },
    Row {
        fault: "more connections from one address than it may have",
        expected: "closed; other addresses are served",
        test: "faults_admission::one_address_takes_no_place_of_anothers",
    },
    Row {
        fault: "more sessions opened from one address than it may open",
        expected: "`too_fast`; joining and coming back go on",
        test: "faults_admission::who_opens_too_many_sessions_waits_and_may_join",
    },
    Row {
        fault: "1,000 devices join with the same right code at once",
        expected: "one is in, all others are refused (`taken`, then `too_fast`)",
        test: "faults_admission::of_a_thousand_who_join_at_once_one_is_in",
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
        test: "faults_frames::json_of_any_depth_is_refused",
    },
    Row {
        fault: "endless fragments",
        expected: "over the size limit they close the connection (1009), empty ones take no memory and no longer than a hello may (4004); the others stay live, their stop passes",
        test: "faults_frames::endless_fragments_take_no_memory",
    },
    Row {
        fault: "invalid UTF-8",
        expected: "closes that connection (1007), also before its message ends; its session is held, its token still good; the others stay live",
        test: "faults_frames::what_is_no_utf_8_costs_one_connection",
    },
    Row {
        fault: "ping flood by a device that reads no pong",
        expected: "memory stays flat; pings are no sign of life, so its session is held; its own stop passes, and the others' does",
        test: "faults_frames::a_flood_of_pings_takes_no_memory",
    },
    Row {
        fault: "200 sessions, each with 30 cues a second (more than it may), beside a session that stops",
        expected: "every stop within a second though load and relay share two cores; memory bounded",
        test: "faults_hostile::two_hundred_sessions_that_flood_do_not_stand_before_a_stop",
    },
    Row {
        fault: "a cue from before a stop, one while held, and \"hands off\" from the receiver",
        expected: "each refused; nothing but hands off by the helper and both ready leads to live",
        test: "wire::a_stop_holds_both_and_what_came_before_it_is_never_shown",
    },
    Row {
        fault: "five wrong secrets for a code",
        expected: "burned, and its creator is shown another",
        test: "errors::five_wrong_secrets_burn_the_code_and_the_creator_gets_another",
    },
    Row {
        fault: "wrong codes without end from one address",
        expected: "`too_fast` for whoever joins from there; live sessions and their devices untouched",
        test: "errors::many_wrong_codes_from_one_address_touch_no_live_session",
    },
    Row {
        fault: "forged X-Forwarded-For and Origin",
        expected: "the forged address counts for nothing; another site's page is refused",
        test: "faults_hostile::who_says_to_come_from_elsewhere_guesses_no_longer",
    },
    Row {
        fault: "a WebSocket on which nothing is said",
        expected: "closed after 5 s",
        test: "errors::who_says_nothing_is_closed_after_five_seconds",
    },
    Row {
        fault: "300 connections that ask for 50 files each and read nothing",
        expected: "given up within 20 s; memory bounded; a live pair goes on",
        test: "faults_hostile::who_asks_for_pages_and_reads_nothing_is_given_up",
    },
    Row {
        fault: "markup and spreadsheet formulas as names, notes and clients",
        expected: "inert in every export",
        test: "faults_hostile::markup_and_formulas_stay_text",
    },
    Row {
        fault: "stop and ready at the same time",
        expected: "stop",
        test: "stop::stop_and_ready_at_once_is_stop",
    },
];
