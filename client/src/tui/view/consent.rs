//! The texts of hold to consent.

use super::super::app::App;
use super::super::big::Symbol;
use super::super::held_key::{Hold, TAP_KEY, TAP_MS};
use super::super::theme::Tone;
use super::super::words;
use crate::words::fill;

/// How to hold on, or how the receiver holds on now, in one line.
pub(super) fn hint(app: &App) -> String {
    let say = &app.words().live;
    let counts = app.device().view.thumb;
    match app.hold() {
        Hold::Pressed { key, .. } => with(say.keep_down, key),
        Hold::Key { key, .. } if counts => with(say.you_hold, key),
        Hold::Key { key, .. } => with(say.hold_anew, key),
        Hold::Taps { until, .. } if counts => {
            fill(&with(say.by_taps, TAP_KEY), &[("time", &left(app, until))])
        }
        Hold::Open | Hold::Taps { .. } => fill(
            &with(say.hold_or_tap, TAP_KEY),
            &[("n", &(TAP_MS / 1_000).to_string())],
        ),
    }
}

/// The banner of the receiver's live screen: its colour, symbol, word, and the line below.
pub(super) fn banner(app: &App) -> (Tone, Symbol, String, String) {
    let say = &app.words().live;
    let live = |below| (Tone::Green, Symbol::Tick, say.live.into(), below);
    match app.hold() {
        Hold::Key {
            key,
            interrupted: true,
            ..
        } => (
            Tone::White,
            Symbol::Question,
            with(say.hold_again, key.to_ascii_uppercase()),
            say.interrupted.into(),
        ),
        Hold::Taps { until, .. } if app.alarm().is_some() => (
            Tone::White,
            Symbol::Question,
            with(say.tap_again, TAP_KEY.to_ascii_uppercase()),
            fill(say.tap_stops, &[("time", &left(app, until))]),
        ),
        Hold::Taps { until, .. } => live(fill(
            &with(say.tap_live, TAP_KEY),
            &[("time", &left(app, until))],
        )),
        Hold::Key { key, .. } => live(with(say.key_live, key)),
        Hold::Open | Hold::Pressed { .. } => live(say.letting_go.into()),
    }
}

/// A text with the name of its key.
fn with(text: &str, key: char) -> String {
    fill(text, &[("key", &key.to_string())])
}

fn left(app: &App, until: tapcue_rules::time::Millis) -> String {
    words::duration(until.since(app.now()).div_ceil(1_000) * 1_000)
}
