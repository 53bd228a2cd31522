//! The wire format: golden lines for every message, ignored and refused input, and a reader that no hostile
//! message can crash.

use proptest::prelude::*;
use tapcue_rules::cue::Lane;
use tapcue_rules::entry::Entry;
use tapcue_rules::message::{
    ErrorCode, Limits, Secret, TOO_MANY_TRIES, ToDevice, ToRelay, with_recorded,
};
use tapcue_rules::state::{Keep, Name, Options};

const ID: &str = "01890000-0000-7000-8000-0000000000a1";

/// Every message of a device, in full and with all optional fields left out.
const TO_RELAY: &[&str] = &[
    r#"{"type":"create","role":"receiver"}"#,
    r#"{"type":"create","role":"helper","name":"Sam","options":{"rehearsal":true,"setup":false,"check_in_every_s":90,"hold_to_consent":false,"keep":"none"},"client":"web/0.1.0"}"#,
    r#"{"type":"join","code":"K7M-2QX4R"}"#,
    r#"{"type":"join","secret":"c2VjcmV0","name":"Ana","client":"tapcue/0.1.0"}"#,
    r#"{"type":"resume","token":"dG9rZW4"}"#,
    r#"{"type":"resume","token":"dG9rZW4","client":"web/0.1.0"}"#,
    r#"{"type":"cue","id":"ID","cue":"stop"}"#,
    r#"{"type":"cue","id":"ID","cue":"ready","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"slower","epoch":3,"tapped_at":1700000000000}"#,
    r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":1700000000000,"uncertainty_ms":9}"#,
    r#"{"type":"cue","id":"ID","cue":"more_pressure","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"ease_up","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"stay","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"left","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"right","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"good","epoch":3}"#,
    r#"{"type":"cue","id":"ID","cue":"check_in","epoch":3}"#,
    r#"{"type":"thumb","id":"ID","down":true,"epoch":3}"#,
    r#"{"type":"thumb","id":"ID","down":false,"lifts":"ID","tapped_at":1700000000000,"uncertainty_ms":9}"#,
    r#"{"type":"shown","id":"ID"}"#,
    r#"{"type":"shown","id":"ID","at":1700000000000}"#,
    r#"{"type":"shown","id":"ID","at":1700000000000,"uncertainty_ms":9}"#,
    r#"{"type":"acknowledge","id":"ID"}"#,
    r#"{"type":"confirm","item":"set_up","value":true}"#,
    r#"{"type":"confirm","item":"warning_signs","value":false}"#,
    r#"{"type":"confirm","item":"cleared","value":true}"#,
    r#"{"type":"away"}"#,
    r#"{"type":"beat","n":7,"sent_at":123456}"#,
    r#"{"type":"received","seq":9}"#,
    r#"{"type":"note","text":"Better on the left.","shared":false}"#,
    r#"{"type":"renew_code"}"#,
    r#"{"type":"end"}"#,
];

const STATE_WAITING: &str = r#"{"seq":1,"epoch":1,"phase":"waiting","peers":{"receiver":"here","helper":"absent"},"names":{"receiver":"Sam","helper":null}}"#;
const STATE_HELD: &str = r#"{"seq":9,"epoch":4,"phase":"held","hold":{"id":"ID","reason":"stop","by":"receiver","since":5,"tapped_at":4,"shown":6,"count":1},"ready":{"receiver":true,"helper":false},"ready_expired":{"receiver":false,"helper":true},"peers":{"receiver":"late","helper":"away"},"rehearsed":true,"confirmed":{"receiver":true,"helper":true,"warning_signs":true,"cleared":true},"cue":{"id":"ID","cue":"stop","at":5,"tapped_at":4,"shown":6}}"#;
const STATE_LIVE: &str = r#"{"seq":12,"epoch":4,"phase":"live","ready":{"receiver":true,"helper":true},"peers":{"receiver":"here","helper":"here"},"rehearsed":true,"confirmed":{"receiver":true,"helper":true,"warning_signs":false},"cue":{"id":"ID","cue":"left","at":8},"earlier":[{"id":"ID","cue":"slower","at":7,"tapped_at":7,"shown":8,"acknowledged":9}],"check_in":{"id":"ID","asked_at":1,"due_at":15001,"again":true},"live_since":3}"#;
const STATE_ENDED: &str = r#"{"seq":20,"epoch":4,"phase":"ended","peers":{"receiver":"here","helper":"lost"},"rehearsed":true,"confirmed":{"receiver":true,"helper":true,"warning_signs":false},"ended":{"at":9,"by":"helper","live_ms":6,"stops":1,"stop_shown":{"median_ms":12,"worst_ms":12},"tap_shown":{"median_ms":18,"worst_ms":18,"uncertainty_ms":4}}}"#;

/// Every message of the relay.
const TO_DEVICE: &[&str] = &[
    r#"{"type":"welcome","session":"ID","role":"receiver","token":"dG9rZW4","code":"K7M-2QX4R","link":"http://relay/#join=c2VjcmV0","qr":"M0 0h1v1h-1z","qr_size":29,"code_expires_at":300000,"burned":false,"opened_at":1,"relay_at":2,"options":{"rehearsal":true,"setup":true,"check_in_every_s":90,"hold_to_consent":false,"keep":"30d"},"limits":{"frame_bytes":16384,"beat_every_ms":500,"late_after_ms":1000,"lost_after_ms":2000},"state":WAITING}"#,
    r#"{"type":"welcome","session":"ID","role":"helper","token":"dG9rZW4","opened_at":1,"relay_at":2,"options":{"rehearsal":true,"setup":true,"check_in_every_s":90,"hold_to_consent":false,"keep":"30d"},"limits":{"frame_bytes":16384,"beat_every_ms":500,"late_after_ms":1000,"lost_after_ms":2000},"state":HELD}"#,
    r#"{"type":"state","seq":9,"state":HELD}"#,
    r#"{"type":"state","seq":12,"state":LIVE}"#,
    r#"{"type":"state","seq":12,"recorded":["ID"],"state":LIVE}"#,
    r#"{"type":"state","seq":20,"state":ENDED}"#,
    r#"{"type":"stop","id":"ID","reason":"stop","by":"receiver","at":5,"seq":9}"#,
    r#"{"type":"stop","id":"ID","reason":"stop","by":"receiver","at":5,"tapped_at":4,"seq":9}"#,
    r#"{"type":"recorded","id":"ID","seq":30}"#,
    r#"{"type":"beat","n":7,"sent_at":123456,"relay_at":1700000000000,"peer":"here","phase":"live","epoch":4}"#,
    r#"{"type":"beat","n":7,"sent_at":123456,"relay_at":1700000000000,"peer":"here","phase":"live","epoch":4,"recorded":["ID","ID"]}"#,
    r#"{"type":"pairing","code":"K7M-2QX4R","link":"http://relay/#join=c2VjcmV0","qr":"M0 0h1v1h-1z","qr_size":29,"code_expires_at":300000,"burned":true}"#,
    r#"{"type":"error","code":"stale","message":"Tap again.","id":"ID","fatal":false}"#,
    r#"{"type":"error","code":"deleted","message":"The helper deleted this session.","by":"helper","fatal":true}"#,
    r#"{"type":"error","code":"shutting_down","message":"Restarting.","fatal":true}"#,
];

fn golden(line: &str) -> String {
    line.replace("WAITING", STATE_WAITING)
        .replace("HELD", STATE_HELD)
        .replace("LIVE", STATE_LIVE)
        .replace("ENDED", STATE_ENDED)
        .replace("\"ID\"", &format!("\"{ID}\""))
}

#[test]
fn every_message_of_a_device_reads_and_writes_as_golden() {
    for line in TO_RELAY {
        let line = golden(line);
        let message: ToRelay =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(serde_json::to_string(&message).unwrap(), line);
        let urgent = line.contains("\"stop\"") || line.contains("\"down\":false");
        assert_eq!(message.lane() == Lane::Urgent, urgent, "{line}");
    }
}

#[test]
fn every_message_of_the_relay_reads_and_writes_as_golden() {
    for line in TO_DEVICE {
        let line = golden(line);
        let message: ToDevice =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(serde_json::to_string(&message).unwrap(), line);
        let urgent = line.contains("\"type\":\"stop\"");
        assert_eq!(message.lane() == Lane::Urgent, urgent, "{line}");
    }
}

#[test]
fn receipts_are_put_into_the_frame_of_a_state_as_they_are_written() {
    let frame = golden(r#"{"type":"state","seq":12,"state":LIVE}"#);
    assert_eq!(with_recorded(&frame, &[]), frame);
    for count in 1..4 {
        let ids = vec![ID.parse().unwrap(); count];
        let ToDevice::State { seq, state, .. } = serde_json::from_str(&frame).unwrap() else {
            panic!("another message");
        };
        let whole = ToDevice::State {
            seq,
            recorded: ids.clone(),
            state,
        };
        let written = serde_json::to_string(&whole).unwrap();
        assert_eq!(with_recorded(&frame, &ids), written);
    }
}

#[test]
fn what_a_newer_device_adds_is_ignored() {
    for line in TO_RELAY {
        let line = golden(line);
        let plain: ToRelay = serde_json::from_str(&line).unwrap();
        let added = line.replacen('{', r#"{"colour":"red","deep":{"er":[1,2]},"#, 1);
        assert_eq!(serde_json::from_str::<ToRelay>(&added).unwrap(), plain);
    }
    let some = r#"{"type":"create","role":"helper","options":{"rehearsal":false}}"#;
    let ToRelay::Create { options, .. } = serde_json::from_str(some).unwrap() else {
        panic!("another message");
    };
    let rest = Options {
        rehearsal: false,
        ..Options::default()
    };
    assert_eq!(options, Some(rest));
}

#[test]
fn what_is_no_message_is_refused() {
    for line in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"type":"shout"}"#,
        r#"{"type":"STOP"}"#,
        r#"{"type":7}"#,
        r#"{"type":"cue","cue":"stop"}"#,
        r#"{"type":"cue","id":"not a uuid","cue":"stop"}"#,
        r#"{"type":"cue","id":"01890000-0000-7000-8000-0000000000a1","cue":"faster"}"#,
        r#"{"type":"cue","id":"01890000-0000-7000-8000-0000000000a1","cue":"slower","epoch":-1}"#,
        r#"{"type":"beat","n":7}"#,
        r#"{"type":"create","role":"observer"}"#,
        r#"{"type":"create","role":"helper","name":""}"#,
        r#"{"type":"create","role":"helper","options":{"keep":"forever"}}"#,
        r#"{"type":"end"} {"type":"end"}"#,
    ] {
        assert!(serde_json::from_str::<ToRelay>(line).is_err(), "{line}");
    }
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    let deep = format!(r#"{{"type":"end","x":{}"#, "[".repeat(100_000));
    assert!(serde_json::from_str::<ToRelay>(&deep).is_err());
    assert!(serde_json::from_str::<ToDevice>(&deep).is_err());
}

#[test]
fn a_name_is_short_and_shows_as_it_is() {
    let name = |text: &str| Name::try_from(text.to_owned());
    assert_eq!(name("  Ana María ").unwrap().as_str(), "Ana María");
    assert_eq!(format!("{:?}", name("Ana").unwrap()), "Name(…)");
    assert!(name(&"é".repeat(40)).is_ok());
    // Invisible characters are removed; joiners stay inside words.
    for (typed, shown) in [
        ("a\nb", "a b"),
        ("\u{202E}Eve", "Eve"),
        ("a\u{2066}b\u{2069}", "ab"),
        ("\u{FEFF}Ana\u{200B}", "Ana"),
        ("A\u{7}n\u{AD}a", "Ana"),
        ("\u{200F} Ana \u{200F}", "Ana"),
        ("علی\u{200C}رضا\u{200D}", "علی\u{200C}رضا"),
        ("e\u{301}", "e\u{301}"),
    ] {
        assert_eq!(name(typed).unwrap().as_str(), shown, "{typed:?}");
    }
    for bad in ["", "   ", "\n", "\u{202E}", "\u{200D}\u{FEFF} ", "\u{7}"] {
        assert!(name(bad).is_err(), "{bad:?}");
    }
    let hidden = "é\u{200B}".repeat(40);
    assert_eq!(name(&hidden).unwrap().as_str(), "é".repeat(40));
    assert!(name(&"é".repeat(41)).is_err());
}

#[test]
fn keep_is_days_or_none() {
    for (text, days) in [("none", 0), ("1d", 1), ("30d", 30), ("365d", 365)] {
        let keep = Keep::try_from(text.to_owned()).unwrap();
        assert_eq!(keep.days(), days);
        assert_eq!(String::from(keep), text);
    }
    for bad in ["", "0d", "366d", "30", "d", "-1d", "1.5d", "NONE"] {
        assert!(Keep::try_from(bad.to_owned()).is_err(), "{bad}");
    }
}

#[test]
fn secrets_and_names_do_not_show_in_debug() {
    for line in TO_RELAY {
        let message: ToRelay = serde_json::from_str(&golden(line)).unwrap();
        let shown = format!("{message:?}");
        for secret in ["K7M", "c2VjcmV0", "dG9rZW4", "Sam", "Ana"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert_eq!(format!("{:?}", Secret("x".into())), "Secret(…)");
}

#[test]
fn too_many_tries_at_the_door_are_not_told_as_too_many_taps() {
    for code in ErrorCode::ALL {
        for fatal in [false, true] {
            let at_the_door = fatal && code == ErrorCode::TooFast;
            let words = if at_the_door {
                TOO_MANY_TRIES
            } else {
                code.message()
            };
            let ToDevice::Error {
                message,
                fatal: closes,
                ..
            } = code.to_device(None, fatal)
            else {
                panic!("no error");
            };
            assert_eq!((message.as_str(), closes), (words, fatal), "{code:?}");
        }
    }
}

#[test]
fn a_link_is_late_at_half_its_timeout_and_not_for_one_beat() {
    for (lost, late) in [
        (1_000, 750),
        (1_498, 750),
        (1_500, 750),
        (2_000, 1_000),
        (5_000, 2_500),
    ] {
        let limits = Limits::with_link_timeout(lost);
        assert_eq!((limits.late_after_ms, limits.lost_after_ms), (late, lost));
    }
}

#[test]
fn every_error_has_words_of_its_own() {
    let mut words: Vec<_> = ErrorCode::ALL.iter().map(|code| code.message()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), ErrorCode::ALL.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = serde_json::from_slice::<ToRelay>(&bytes);
        let _ = serde_json::from_slice::<ToDevice>(&bytes);
        let _ = serde_json::from_slice::<Entry>(&bytes);
    }

    /// Nearly valid messages get further into a reader than noise.
    #[test]
    fn no_broken_message_panics_a_reader(
        line in prop::sample::select(TO_RELAY.iter().chain(TO_DEVICE).collect::<Vec<_>>()),
        breaks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = golden(line).into_bytes();
        for (at, byte) in breaks {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(message) = serde_json::from_slice::<ToRelay>(&bytes) {
            let written = serde_json::to_string(&message).unwrap();
            prop_assert_eq!(serde_json::from_str::<ToRelay>(&written).unwrap(), message);
        }
        if let Ok(message) = serde_json::from_slice::<ToDevice>(&bytes) {
            let written = serde_json::to_string(&message).unwrap();
            prop_assert_eq!(serde_json::from_str::<ToDevice>(&written).unwrap(), message);
        }
    }
}
