//! The rows of the table. Each test shows what it proves beyond its figure.

use super::Row;

/// What must come of every storage fault.
const STORAGE: &str = "stop holds both at once, both are told \"not recorded\" and so is who comes, no receipt; \
                       then recorded again, and every receipt is true after kill -9";

/// Every row, in the order of the table.
pub(super) const ROWS: &[Row] = &[
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
    Row {
        fault: "killed between the latch of a stop and its commit (a fail point)",
        expected: "both devices had it; after the restart held, sent again it holds, counts once and is recorded",
        test: "faults_process::killed_between_latch_and_commit_the_stop_holds_and_counts_once",
    },
    Row {
        fault: "killed between the commit of a stop and its receipt (a fail point)",
        expected: "held by it after the restart; sent again it counts once and is recorded",
        test: "faults_process::killed_between_commit_and_receipt_the_stop_counts_once",
    },
    Row {
        fault: "a panic in the task of one session (a fail point)",
        expected: "its devices are closed, come back to a hold in a new epoch and go on; another pair stays live and stops",
        test: "faults_process::a_panic_in_one_session_holds_it_and_no_other",
    },
    Row {
        fault: "frozen for 5 s (SIGSTOP), then on (SIGCONT)",
        expected: "held by the lost links, no cue of meanwhile is shown, a stop of meanwhile holds and says its age",
        test: "faults_process::frozen_for_five_seconds_it_holds_and_shows_nothing_stale",
    },
    Row {
        fault: "rolling restart (SIGTERM and start) under 50 live pairs",
        expected: "each device is told; all are back within 2 s, all held in a new epoch, each can go live again",
        test: "faults_process::a_rolling_restart_brings_fifty_pairs_back_held",
    },
    Row {
        fault: "a stop after the end, by either, of a session that is to keep nothing",
        expected: "red on both until hands off; then the record and the connections go",
        test: "after_end::a_stop_after_the_end_holds_both_though_nothing_is_kept",
    },
    Row {
        fault: "a session is deleted over HTTP while a stop is not acknowledged",
        expected: "it ends and stays red on both, the record is there, and whoever deletes is told so",
        test: "after_end::a_deletion_waits_for_an_open_stop_and_says_so",
    },
    Row {
        fault: "killed, and told to go, after the end of a session that keeps nothing, with an open stop",
        expected: "started again, red on both until hands off; then the record and the connections go",
        test: "after_end::an_open_stop_outlives_a_relay_that_goes_after_the_end",
    },
    Row {
        fault: "200 kills (kill -9) at random moments of pairs that tap",
        expected: "every receipt that any device got stands in the transcript, once; the chain holds",
        test: "faults_kills::killed_again_and_again_every_receipt_is_true",
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
    Row {
        fault: "disk full to the last page (a small tmpfs and ballast), then free again",
        expected: STORAGE,
        test: "faults_disk::full_to_the_last_page_it_says_so_and_stop_passes",
    },
    Row {
        fault: "every fsync fails (EIO), then works again",
        expected: STORAGE,
        test: "faults_storage::a_sync_that_fails_records_nothing",
    },
    Row {
        fault: "every fsync hangs without an error (a network disk whose server is gone), then answers",
        expected: STORAGE,
        test: "faults_storage::a_sync_that_does_not_return_is_a_disk_that_is_away",
    },
    Row {
        fault: "another program holds the database for 10 s",
        expected: STORAGE,
        test: "faults_storage::a_database_that_another_program_holds_for_ten_seconds",
    },
    Row {
        fault: "the journal cannot record, seen on a page and on a terminal",
        expected: "both screens say so in words and for as long as it is so; stop is red on both",
        test: "pages_unrecorded::both_screens_say_that_nothing_is_recorded",
    },
    Row {
        fault: "bytes of the database flipped while the relay is down: its header, each page's head and middle",
        expected: "it starts; what is damaged is set aside whole, and the log says what to do; a new pair is live, stopped and recorded",
        test: "faults_storage::flipped_while_it_is_down_it_starts_all_the_same",
    },
    Row {
        fault: "every page of the database flipped while the relay runs",
        expected: "stop holds; the next start sets it aside and records anew",
        test: "faults_storage::flipped_while_it_runs_stop_holds_and_the_next_start_finds_it",
    },
    Row {
        fault: "kill -9, then the end of the write-ahead log torn off or garbled",
        expected: "it starts with a prefix, sessions are held in a new epoch, what is missing can be sent again",
        test: "faults_storage::a_torn_log_gives_a_prefix_and_a_hold",
    },
    Row {
        fault: "an entry missing in one session, every entry of another twice",
        expected: "the first is refused and the log says which; the second is as it was; others go on",
        test: "faults_storage::a_gap_in_one_session_stops_no_other_and_a_repeat_changes_nothing",
    },
    // Clocks.
    Row {
        fault: "wall clock set a day forward and a day back, while the relay runs and across restarts",
        expected: "nothing moves: live stays, codes, check-ins and receipts keep their times, no entry steps back",
        test: "faults_clock::a_wall_clock_that_jumps_a_day_moves_nothing",
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
        fault: "frames, cues and tokens of an older session in a newer one",
        expected: "refused; the newer one stays live, also after a kill",
        test: "faults_process::what_is_of_an_older_session_opens_and_moves_nothing_in_a_newer",
    },
    Row {
        fault: "a stolen token is used",
        expected: "the owner is told and the session is held; the thief alone can make nothing live",
        test: "faults_process::a_stolen_token_holds_and_is_told_to_the_one_it_was_stolen_from",
    },
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
        fault: "one device says stop without pause, on a disk of 20 ms a sync",
        expected: "every stop is taken, shown and counted; hands off and ready of another pair are taken; a few entries a second",
        test: "floods::who_says_stop_without_pause_stays_in_one_share",
    },
    Row {
        fault: "a session's record grows to its bound of 50,000 entries",
        expected: "both are told 2,500 entries before it; at the bound the relay ends the session; a stop of the next moment holds",
        test: "floods::a_record_has_a_bound_and_both_are_told_in_time",
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
    // page
    Row {
        fault: "vibration that throws, is missing or is null",
        expected: "the stop's frame leaves first; the helper's page is red",
        test: "pages_conditions::senses::no_vibration_stands_before_a_stop",
    },
    Row {
        fault: "speech that throws, is missing or has no voices",
        expected: "the stop's frame leaves first; the helper's page is red",
        test: "pages_conditions::senses::no_speech_stands_before_a_stop",
    },
    Row {
        fault: "sound that throws, is missing or never resumes",
        expected: "the stop's frame leaves first; the helper's page is red",
        test: "pages_conditions::senses::no_sound_stands_before_a_stop",
    },
    Row {
        fault: "a page in forced colours, in a dark theme, on paper",
        expected: "the QR code is read from the screen",
        test: "pages_conditions::picture::the_picture_of_the_link_is_read_in_any_colours",
    },
    Row {
        fault: "an invitation reloaded, opened after an end, in a session and beside one, and opened twice",
        expected: "kept until it is used, in no address; each case has its words",
        test: "pages_conditions::invitations::it_survives_a_reload_and_is_in_no_address",
    },
    Row {
        fault: "a code in a sentence, with other digits, dashes, widths and unseen marks",
        expected: "it leads in; a wrong letter is named",
        test: "pages_conditions::typed::a_code_is_read_as_it_is_pasted",
    },
    Row {
        fault: "keys of layouts without Latin letters, of input methods, and held down",
        expected: "they act by their place, each once; stop always",
        test: "pages_conditions::keys::keys_act_by_their_place_on_other_layouts",
    },
    Row {
        fault: "a proxy without WebSockets, a sign-in page, a busy or dead relay, no network, no function",
        expected: "the page says which, and what to do",
        test: "pages_conditions::said::each_way_of_not_reaching_the_relay_has_its_words",
    },
    Row {
        fault: "stop, slower, a question, ready and a refusal in the same words again",
        expected: "a screen reader announces each",
        test: "pages_conditions::heard::what_is_said_again_is_heard_again",
    },
    // admission
    Row {
        fault: "used code or link while the device that had it is away, or back and unheard",
        expected: "`taken`, in either role and whoever opened the session",
        test: "places::a_used_code_takes_no_place_from_a_device_that_comes_back",
    },
    Row {
        fault: "a join whose welcome is lost joins again, while its old connection is up",
        expected: "in; the old connection told and closed, its token bad; then `taken`",
        test: "places::a_join_whose_welcome_was_lost_joins_again_and_replaces_itself",
    },
    Row {
        fault: "stops with bad, missing, doubled or extra fields, as text and as binary",
        expected: "each holds, and its device is told what was no good",
        test: "spelling::a_stop_stops_however_it_is_written",
    },
    Row {
        fault: "a device whose stops are all alike: without an id, with a word, with one UUID",
        expected: "each holds anew once its device has said ready to the one before",
        test: "spelling::a_device_whose_stops_are_all_alike_stops_every_time",
    },
    Row {
        fault: "a device that beats and answers each state with an old, unsent or endless `received`",
        expected: "lost after the link timeout, its session held",
        test: "progress::who_answers_with_an_old_received_is_lost",
    },
    Row {
        fault: "headers on several lines, default ports, capitals, `wss` from a proxy",
        expected: "let in, with an https invitation where the proxy says so",
        test: "headers::values_are_read_as_their_rfcs_have_them",
    },
    // touch
    Row {
        fault: "each cue of a page pressed for 0 to 400 ms by finger, mouse and pen",
        expected: "each press is one cue",
        test: "pages_touch::one_press_is_one_cue_in_chromium",
    },
    Row {
        fault: "a question, a hold, or asking to end comes under a finger",
        expected: "no cue moves; the tap says what it was aimed at",
        test: "pages_touch::cues_keep_their_places",
    },
    Row {
        fault: "a session is ended while nobody has acknowledged a stop",
        expected: "red and alarming on both pages until a person says it on each",
        test: "pages_ends::the_end_silences_no_stop",
    },
    Row {
        fault: "stop before the other has joined",
        expected: "one tone and words, no alarm; text of at least 7:1",
        test: "pages_ends::a_stop_while_alone_is_one_tone_and_can_be_read",
    },
    Row {
        fault: "a warning sign applies",
        expected: "both are offered to end for today; cleared by a professional it goes on, and both are told",
        test: "pages_ends::a_warning_sign_has_three_ways_out",
    },
    // journal
    Row {
        fault: "the relay's files removed, renamed or replaced in a session, its directory too",
        expected: "written again whole from what is open; every receipt of before and after is true after kill -9",
        test: "faults_journal::taken_away_in_a_session_they_are_written_again_whole",
    },
    Row {
        fault: "the relay's directory removed, and a file in its place",
        expected: STORAGE,
        test: "faults_journal::with_no_place_to_write_to_it_says_so_and_stop_passes",
    },
    Row {
        fault: "another database written over the relay's in a session",
        expected: "both are told \"not recorded\" without doing anything, stop passes, no receipt; new sessions are recorded",
        test: "faults_journal::spoilt_in_a_session_it_is_unrecorded_and_new_ones_are_recorded",
    },
    Row {
        fault: "an older or another relay's database beside a newer write-ahead log, at a start",
        expected: "the log is set aside whole and said, nothing is mixed; with its own database it is whole again",
        test: "faults_journal::a_log_beside_another_database_is_set_aside_and_said",
    },
    Row {
        fault: "one start with a wrong clock: 40 days and a year ahead, 40 days back, 1970",
        expected: "no record is deleted; those past the date are hidden, and read again after a right start",
        test: "faults_clock::one_start_with_a_wrong_clock_deletes_nothing",
    },
    // devices
    Row {
        fault: "Enter and a clicker's keys held down on a real terminal across a stop",
        expected: "no hands off, however long; one new press is it",
        test: "meant::a_key_that_is_held_down_says_no_hands_off",
    },
    Row {
        fault: "a stop on a terminal while nobody has joined",
        expected: "said in words; no alarm",
        test: "meant::a_stop_while_nobody_is_there_says_so",
    },
    // world
    Row {
        fault: "a relay's log that nobody reads (a full pipe)",
        expected: "beats, stops and pages go on; what was dropped is counted and said",
        test: "unread::a_log_that_nobody_reads_stops_no_relay",
    },
    Row {
        fault: "a client's `--json` lines that nobody reads (a full pipe)",
        expected: "the device stays here, its stop passes; what was dropped is counted and said",
        test: "unread::a_client_whose_lines_nobody_reads_beats_and_stops",
    },
    Row {
        fault: "a terminal suspended by its key, by a shell and by SIGSTOP, then continued",
        expected: "the other is held at once; set up and drawn anew, space is stop",
        test: "terminals::a_terminal_that_was_suspended_is_set_up_anew_before_it_says_anything",
    },
    Row {
        fault: "bridges, tunnels and containers with private addresses beside the network's card",
        expected: "the link names the default route's address; the others are offered, no container's",
        test: "start::the_link_names_the_address_of_the_default_route",
    },
    Row {
        fault: "a QR code on light, dark and black terminals, with 256, 16 and no colours",
        expected: "read by a decoder; without colours the link alone",
        test: "start::the_qr_code_is_read_off_a_light_and_a_dark_terminal",
    },
];
