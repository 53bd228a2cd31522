//! Draws the app. It reads only the model, and returns what it has put on the screen, so that only drawn
//! items are reported as shown.

mod consent;
mod end;
mod held;
mod help;
mod helper;
mod pair;
mod parts;
mod prepare;
mod receiver;
#[cfg(test)]
mod tests;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::widgets::Block;
use tapcue_rules::cue::Role;

use super::app::{App, Overlay, Screen, Shown};
use super::big::Symbol;
use super::theme::Tone;
use crate::words::fill;

/// The smallest terminal that shows the screens: columns and rows.
pub const SMALLEST: (u16, u16) = (40, 12);

/// Draws the app and returns which of hold, cue and check-in are now on the screen.
pub fn draw(app: &App, frame: &mut Frame) -> Vec<Shown> {
    let area = frame.area();
    let tone = surface(app);
    frame.render_widget(Block::new().style(tone.on()), area);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(app, frame, area);
    }
    let asks = app.overlay() == Some(Overlay::Quit);
    let rows = [
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(u16::from(app.notice().is_some() || !is_pairing(app))),
        Constraint::Length(u16::from(parts::has_lamp(app))),
        Constraint::Length(if asks { 3 } else { 1 }),
    ];
    let [status, body, notice, lamp, footer] = Layout::vertical(rows).areas(area);
    parts::status(app, frame, status, tone);
    parts::notice(app, frame, notice);
    parts::lamp(app, frame, lamp, tone);
    if asks {
        help::question(app, frame, footer);
    } else {
        parts::footer(app, frame, footer, tone);
    }
    if app.overlay() == Some(Overlay::Help) {
        help::draw(app, frame, body);
        return Vec::new();
    }
    match app.screen() {
        Screen::Connecting => end::connecting(app, frame, body),
        Screen::Pair => pair::draw(app, frame, body),
        Screen::SetUp => prepare::set_up(app, frame, body),
        Screen::Advice => prepare::advice(app, frame, body),
        Screen::Rehearse => prepare::rehearse(app, frame, body),
        Screen::Held => held::draw(app, frame, body),
        Screen::LiveReceiver => receiver::draw(app, frame, body),
        Screen::LiveHelper => helper::draw(app, frame, body),
        Screen::Lost => held::lost(app, frame, body),
        Screen::Ended => end::draw(app, frame, body),
        Screen::Closed => end::closed(app, frame, body),
    }
    on_screen(app)
}

fn is_pairing(app: &App) -> bool {
    app.screen() == Screen::Pair
}

/// The colour of the whole screen. Safety Invariant: green only while go may be shown.
fn surface(app: &App) -> Tone {
    match app.screen() {
        Screen::Held | Screen::Lost | Screen::Closed => Tone::Red,
        Screen::LiveHelper => helper::look(app).tone,
        Screen::Connecting
        | Screen::Pair
        | Screen::SetUp
        | Screen::Advice
        | Screen::Rehearse
        | Screen::LiveReceiver
        | Screen::Ended => Tone::Plain,
    }
}

/// The items on the screen that this device's person can answer and whose paint the other device waits for. A
/// stop that no state contains yet replaces the state's hold.
fn on_screen(app: &App) -> Vec<Shown> {
    let Some(state) = app.state() else {
        return Vec::new();
    };
    let plain = |id| Shown {
        id,
        acknowledged: false,
    };
    let hold = state.hold.as_ref().map(|hold| Shown {
        id: hold.id,
        acknowledged: hold.acknowledged,
    });
    let hold = app.device().view.ahead.map(plain).or(hold);
    let cue = state.cue.as_ref().map(|cue| plain(cue.id));
    let check_in = state.check_in.as_ref().map(|asked| plain(asked.id));
    let shown = match (app.screen(), app.role()) {
        (Screen::Held, Role::Helper) => [hold, cue],
        (Screen::Held | Screen::Pair, _) => [hold, None],
        (Screen::LiveHelper, _) => [cue, None],
        (Screen::LiveReceiver, _) => [check_in, None],
        (
            Screen::Connecting
            | Screen::SetUp
            | Screen::Advice
            | Screen::Rehearse
            | Screen::Lost
            | Screen::Ended
            | Screen::Closed,
            _,
        ) => [None, None],
    };
    let mut shown: Vec<Shown> = shown.into_iter().flatten().collect();
    // A stop is both a hold and a cue, with one id.
    shown.dedup_by_key(|one| one.id);
    shown
}

/// Draws a window that is too small for the screens. It still shows the most important fact, and stop still
/// works.
fn too_small(app: &App, frame: &mut Frame, area: Rect) -> Vec<Shown> {
    let words = app.words();
    let (symbol, word) = match app.screen() {
        Screen::Held if held::is_stop(app) => (Symbol::Octagon, words.cues.stop.big),
        Screen::Held
        | Screen::Lost
        | Screen::Closed
        | Screen::SetUp
        | Screen::Advice
        | Screen::Rehearse => (Symbol::Hand, words.held.hands_off),
        Screen::LiveHelper => {
            let look = helper::look(app);
            (look.symbol, look.big)
        }
        Screen::LiveReceiver => {
            if app.state().is_some_and(|state| state.check_in.is_some()) {
                (Symbol::Question, words.cues.check_in.big)
            } else {
                (Symbol::Tick, words.live.live)
            }
        }
        Screen::Connecting => (Symbol::Hand, words.after.connecting_big),
        Screen::Pair => (Symbol::Hand, words.after.waiting_big),
        Screen::Ended => (Symbol::Hand, words.after.ended_big),
    };
    let (columns, rows) = (SMALLEST.0.to_string(), SMALLEST.1.to_string());
    let lines = vec![
        parts::strong(format!("{} {word}", symbol.char())),
        words.keys.stop.into(),
        fill(
            words.after.too_small,
            &[("columns", &columns), ("rows", &rows)],
        )
        .into(),
    ];
    parts::centred(frame, area, lines);
    on_screen(app)
}

/// The name that the other person typed, or their role.
fn other_name(app: &App) -> String {
    let other = app.role().other();
    let named = app.state().and_then(|state| state.names.of(other).clone());
    named.map_or_else(
        || app.words().role(other).into(),
        |name| name.as_str().into(),
    )
}
