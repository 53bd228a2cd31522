//! Fills in the fields that a state leaves out. Source: docs/protocol.md, "The state".

use serde_json::{Value, json};

/// Adds every field that the state of a frame lacks, if the frame has a state.
pub(super) fn fill(frame: &mut Value) {
    let Some(state) = frame.get_mut("state").filter(|state| state.is_object()) else {
        return;
    };
    default(
        state,
        json!({
            "hold": null,
            "ready": {"receiver": false, "helper": false},
            "ready_expired": {"receiver": false, "helper": false},
            "thumb": false,
            "names": {"receiver": null, "helper": null},
            "rehearsed": false,
            "confirmed": {},
            "cue": null,
            "earlier": [],
            "check_in": null,
            "still_holding": null,
            "live_since": null,
            "ended": null,
        }),
    );
    let confirmed =
        json!({"receiver": false, "helper": false, "warning_signs": null, "cleared": false});
    default(&mut state["confirmed"], confirmed);
    let hold = json!({"by": null, "tapped_at": null, "shown": null, "acknowledged": false});
    default(&mut state["hold"], hold);
    let shown = json!({"tapped_at": null, "shown": null, "acknowledged": null});
    default(&mut state["cue"], shown.clone());
    for cue in state["earlier"].as_array_mut().into_iter().flatten() {
        default(cue, shown.clone());
    }
    let check_in = json!({"by": null, "again": false, "shown": null});
    default(&mut state["check_in"], check_in);
    let ended = json!({"by": null, "stop_shown": null, "stop_acknowledged": null,
        "tap_shown": null, "tap_acknowledged": null});
    default(&mut state["ended"], ended);
}

/// Adds the fields that an object lacks. A field that is null stays null.
fn default(object: &mut Value, defaults: Value) {
    let (Value::Object(object), Value::Object(defaults)) = (object, defaults) else {
        return;
    };
    for (name, value) in defaults {
        object.entry(name).or_insert(value);
    }
}
