//! Every text that can be read as a stop is a stop, and no other text is.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tapcue_rules::cue::{Cue, Lane, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::message::{Flaw, Read, ToRelay, Unread, made_id};
use tapcue_rules::time::Millis;

const ID: &str = "01890000-0000-7000-8000-0000000000a1";

/// Spellings of a stop: the frame, and its flaw.
const STOPS: &[(&str, Option<Flaw>)] = &[
    (r#"{"type":"cue","id":"ID","cue":"stop"}"#, None),
    (r#"{"type":"cue","id":"ID","cue":"\u0073t\u006fp"}"#, None),
    (
        r#"{"\u0074ype":"cue","id":"ID","cue":"stop","more":{"a":[1]}}"#,
        None,
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":1.5}"#,
        Some(Flaw::Field("tapped_at")),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":-1}"#,
        Some(Flaw::Field("tapped_at")),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":1e999}"#,
        Some(Flaw::Field("tapped_at")),
    ),
    (
        r#"{"type":"cue","id":"ID","tapped_at":"now","cue":"stop"}"#,
        Some(Flaw::Field("tapped_at")),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","uncertainty_ms":-1}"#,
        Some(Flaw::Field("uncertainty_ms")),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","epoch":"x"}"#,
        Some(Flaw::Field("epoch")),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","epoch":{}}"#,
        Some(Flaw::Field("epoch")),
    ),
    (
        r#"{"type":"cue","id":"stop-1","cue":"stop"}"#,
        Some(Flaw::Id),
    ),
    (r#"{"type":"cue","id":7,"cue":"stop"}"#, Some(Flaw::Id)),
    (r#"{"type":"cue","id":null,"cue":"stop"}"#, Some(Flaw::Id)),
    (r#"{"type":"cue","id":["ID"],"cue":"stop"}"#, Some(Flaw::Id)),
    (r#"{"type":"cue","cue":"stop"}"#, Some(Flaw::Id)),
    (r#"{"type":"cue","cue":"stop","id":"abc"#, Some(Flaw::Id)),
    (
        r#"{"type":"cue","id":"ID","id":"ID","cue":"stop"}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"slower","cue":"stop"}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"beat","type":"cue","id":"ID","cue":"stop"}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"Cue","id":"ID","CUE":" STOP "}"#,
        Some(Flaw::Form),
    ),
    (r#"{"type":"cue","id":"ID","cue":"stop"} "#, None),
    (
        r#"{"type":"cue","id":"ID","cue":"stop"}}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop"}xyz"#,
        Some(Flaw::Form),
    ),
    (
        "\u{feff}{\"type\":\"cue\",\"id\":\"ID\",\"cue\":\"stop\"}",
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"beat","n":1,"sent_at":1}{"type":"cue","id":"ID","cue":"stop"}"#,
        Some(Flaw::Form),
    ),
    (
        r#"[{"type":"cue","id":"ID","cue":"stop"}]"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","x":tru}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"x":nul,"type":"cue","id":"ID","cue":"stop",}"#,
        Some(Flaw::Form),
    ),
    (r#"{"type":"thumb","id":"ID","down":false}"#, None),
    (r#"{"type":"th\u0075mb","id":"ID","down":false}"#, None),
    (r#"{"type":"thumb","id":"ID"}"#, Some(Flaw::Form)),
    (
        r#"{"type":"thumb","id":"ID","down":"false"}"#,
        Some(Flaw::Form),
    ),
    (r#"{"type":"thumb","id":"ID","down":0}"#, Some(Flaw::Form)),
    (
        r#"{"type":"thumb","id":"ID","down":null}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"thumb","id":"ID","down":true,"down":false}"#,
        Some(Flaw::Form),
    ),
    (
        r#"{"type":"thumb","id":"ID","down":false,"lifts":"x"}"#,
        Some(Flaw::Field("lifts")),
    ),
    (r#"{"type":"thumb","down":false}"#, Some(Flaw::Id)),
];

/// Texts that are not stops.
const NO_STOPS: &[&str] = &[
    "",
    "stop",
    r#""stop""#,
    "null",
    r#"["cue","stop"]"#,
    r#"{"type":"cue","id":"ID","cue":"stop"#,
    r#"{"type":"cue","id":"ID","cue":"slower"}"#,
    r#"{"type":"cue","id":"ID","cue":"stops"}"#,
    r#"{"type":"cue","id":"ID","cue":["stop"]}"#,
    r#"{"cue":"stop","id":"ID"}"#,
    r#"{"type":"cue"}{"cue":"stop"}"#,
    r#"{"x":{"type":"cue","id":"ID","cue":"stop"}}"#,
    r#"{"x":[{"type":"cue","cue":"stop"}],"type":"shout"}"#,
    r#"{"type":"note","text":"{\"type\":\"cue\",\"cue\":\"stop\"}"}"#,
    r#"{"type":"note","text":"{\"type\":\"cue\",\"cue\":\"stop\"}","shared":7}"#,
    r#"{'type':'cue','cue':'stop'}"#,
    r#"{"type":"thumb","id":"ID","down":true,"epoch":"x"}"#,
    r#"{"type":"thumb","id":"ID","down":"true","epoch":1}"#,
];

fn with_id(text: &str) -> String {
    text.replace("ID", ID)
}

fn is_urgent(text: &str) -> bool {
    ToRelay::read(text).is_ok_and(|read| read.message.lane() == Lane::Urgent)
}

#[test]
fn a_stop_is_read_however_it_is_written() {
    for (text, flaw) in STOPS {
        let text = with_id(text);
        let read = ToRelay::read(&text).unwrap_or_else(|_| panic!("{text}"));
        assert_eq!(read.message.lane(), Lane::Urgent, "{text}");
        assert_eq!(read.flaw, *flaw, "{text}");
        let (ToRelay::Cue { id, .. } | ToRelay::Thumb { id, .. }) = read.message else {
            panic!("{text}");
        };
        let own: Id = ID.parse().unwrap();
        assert_eq!(id == own, *flaw != Some(Flaw::Id), "{text}");
        assert!(ToRelay::may_be_urgent(&text), "{text}");
    }
}

#[test]
fn what_is_no_stop_is_read_as_none() {
    for text in NO_STOPS {
        assert!(!is_urgent(&with_id(text)), "{text}");
    }
    let deep = format!(r#"{{"x":{}"#, "[".repeat(100_000));
    assert!(!is_urgent(&deep));
    let deep = format!(
        r#"{{"x":{},"type":"cue","cue":"stop"}}"#,
        "[".repeat(10_000) + &"]".repeat(10_000)
    );
    assert!(is_urgent(&deep), "however deep what stands beside it");
}

#[test]
fn what_is_good_beside_a_bad_field_is_kept() {
    let text = with_id(
        r#"{"type":"cue","id":"ID","cue":"stop","epoch":[],"tapped_at":12,"uncertainty_ms":3}"#,
    );
    let Ok(Read { message, .. }) = ToRelay::read(&text) else {
        panic!("{text}");
    };
    let whole = ToRelay::Cue {
        id: ID.parse().unwrap(),
        cue: Cue::Stop,
        epoch: None,
        tapped_at: Some(Millis(12)),
        uncertainty_ms: Some(3),
    };
    assert_eq!(message, whole);
}

#[test]
fn a_made_id_is_the_same_for_the_same_text_and_no_other() {
    let id = |text: &str| match ToRelay::read(text).map(|read| read.message) {
        Ok(ToRelay::Cue { id, .. } | ToRelay::Thumb { id, .. }) => id,
        other => panic!("{text}: {other:?}"),
    };
    let one = id(r#"{"type":"cue","id":"1","cue":"stop","tapped_at":5}"#);
    assert_eq!(
        one,
        id(r#"{"type":"cue","id":"1","cue":"stop","tapped_at":6.5}"#)
    );
    let mut all = vec![
        one,
        id(r#"{"type":"cue","id":1,"cue":"stop"}"#),
        id(r#"{"type":"cue","id":"2","cue":"stop"}"#),
        id(r#"{"type":"cue","cue":"stop"}"#),
        id(r#"{"type":"thumb","down":false}"#),
        made_id(one, Role::Receiver, 0),
        made_id(one, Role::Helper, 0),
        made_id(one, Role::Receiver, 1),
    ];
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 8);
    assert_eq!(made_id(one, Role::Helper, 3), made_id(one, Role::Helper, 3));
}

#[test]
fn a_hello_that_is_refused_names_its_field() {
    for (text, field) in [
        (r#"{"type":"create"}"#, Some("role")),
        (r#"{"type":"create","role":"observer"}"#, Some("role")),
        (
            r#"{"type":"create","role":"helper","name":""}"#,
            Some("name"),
        ),
        (
            r#"{"type":"join","code":"K7M2QX4R","name":7}"#,
            Some("name"),
        ),
        (
            r#"{"type":"create","role":"helper","options":7}"#,
            Some("options"),
        ),
        (
            r#"{"type":"create","role":"helper","options":{"keep":"ever"}}"#,
            Some("options.keep"),
        ),
        (
            r#"{"type":"create","role":"helper","options":{"setup":"no"}}"#,
            Some("options.setup"),
        ),
        (
            r#"{"type":"create","role":"helper","options":{"check_in_every_s":-1}}"#,
            Some("options.check_in_every_s"),
        ),
        (
            r#"{"type":"create","role":"helper","client":7}"#,
            Some("client"),
        ),
        (r#"{"type":"join","code":12345678}"#, Some("code")),
        (r#"{"type":"join","secret":[]}"#, Some("secret")),
        (r#"{"type":"resume"}"#, Some("token")),
        (r#"{"type":"resume","token":null}"#, Some("token")),
        (r#"{"type":"resume","token":"x"} {}"#, None),
    ] {
        let refused = Unread { hello: true, field };
        assert_eq!(ToRelay::read(text), Err(refused), "{text}");
    }
    for text in ["", "{}", r#"{"type":"shout"}"#, r#"{"type":"beat"}"#] {
        let refused = ToRelay::read(text);
        assert!(
            matches!(refused, Err(Unread { hello: false, .. })),
            "{text}"
        );
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

proptest! {
    #[test]
    fn a_stop_with_any_other_field_replaced_is_a_stop(
        thumb in any::<bool>(),
        field in prop_oneof![
            Just("id".to_owned()), Just("epoch".to_owned()), Just("tapped_at".to_owned()),
            Just("uncertainty_ms".to_owned()), Just("lifts".to_owned()), any::<String>(),
        ],
        value in any_value(),
    ) {
        let mut stop = if thumb {
            json!({"type": "thumb", "id": ID, "down": false, "lifts": ID, "tapped_at": 1})
        } else {
            json!({"type": "cue", "id": ID, "cue": "stop", "epoch": 1, "uncertainty_ms": 1})
        };
        if !["type", "cue", "down"].contains(&field.as_str()) {
            stop[field] = value;
        }
        let text = stop.to_string();
        prop_assert!(is_urgent(&text), "{text}");
        prop_assert!(ToRelay::may_be_urgent(&text), "{text}");
    }

    #[test]
    fn what_cannot_be_urgent_is_not_read_as_urgent(
        text in r#"(\{|\}|\[|\]|,|:|"type"|"cue"|"stop"|"thumb"|"down"|"slower"|"|\\|s|S|t|1| ){0,24}"#,
    ) {
        prop_assert!(ToRelay::may_be_urgent(&text) || !is_urgent(&text), "{text}");
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), cut in any::<prop::sample::Index>()) {
        let _ = ToRelay::read(&text);
        let (whole, _) = STOPS[cut.index(STOPS.len())];
        let at = cut.index(whole.len() + 1);
        if let Some(part) = whole.get(..at) {
            let _ = ToRelay::read(part);
            let _ = ToRelay::read(&format!("{part}{text}"));
        }
    }
}
