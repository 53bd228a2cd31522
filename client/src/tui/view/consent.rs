//! Hold to consent, in words.

use super::super::app::App;
use super::super::big::Symbol;
use super::super::grip::{Hold, TAP_KEY, TAP_MS};
use super::super::theme::Tone;
use super::super::words;

/// What the receiver has to do to hold on, or does, in one line.
pub(super) fn hint(app: &App) -> String {
    let counts = app.device().view.thumb;
    match app.hold() {
        Hold::Pressed { key, .. } => format!("Keep {key} down …"),
        Hold::Key { key, .. } if counts => format!("You hold {key} down"),
        Hold::Key { key, .. } => format!("Let go of {key}, then hold it again"),
        Hold::Taps { until, .. } if counts => {
            format!(
                "You hold on by taps: {TAP_KEY} again within {}",
                left(app, until)
            )
        }
        Hold::Open | Hold::Taps { .. } => format!(
            "You hold f or j down (or tap {TAP_KEY} every {} s)",
            TAP_MS / 1_000
        ),
    }
}

/// The banner of the receiver's live screen: its colour, symbol, word, and the line below.
pub(super) fn banner(app: &App) -> (Tone, Symbol, String, String) {
    let live = |below| (Tone::Green, Symbol::Tick, "LIVE".into(), below);
    match app.hold() {
        Hold::Key {
            key,
            interrupted: true,
            ..
        } => (
            Tone::White,
            Symbol::Question,
            format!("HOLD {} AGAIN, NOW", key.to_ascii_uppercase()),
            "another key interrupted it, and this terminal cannot tell whether you let go".into(),
        ),
        Hold::Taps { until, .. } if app.alarm().is_some() => (
            Tone::White,
            Symbol::Question,
            format!("TAP {} AGAIN", TAP_KEY.to_ascii_uppercase()),
            format!("held without hands · stops in {}", left(app, until)),
        ),
        Hold::Taps { until, .. } => live(format!(
            "held without hands · tap {TAP_KEY} within {} · any key that is no cue is stop",
            left(app, until)
        )),
        Hold::Key { key, .. } => live(format!(
            "letting go of {key} is stop · slow and controlled, with the breath"
        )),
        Hold::Open | Hold::Pressed { .. } => live("letting go is stop".into()),
    }
}

fn left(app: &App, until: tapcue_shared::time::Millis) -> String {
    words::duration(until.since(app.now()).div_ceil(1_000) * 1_000)
}
