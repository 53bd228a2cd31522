//! The screens before the first ready: the set-up lists, the warning signs, the rehearsal.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_rules::cue::Role;
use tapcue_rules::limits::CHECK_IN_HOLD_MS;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::parts;
use crate::words::fill;

/// This role's list; for the receiver the warning signs first.
pub(super) fn set_up(app: &App, frame: &mut Frame, area: Rect) {
    let say = &app.words().before;
    let asked = app.role() == Role::Receiver
        && app
            .state()
            .is_some_and(|state| state.confirmed.warning_signs.is_none());
    let (below, title, items, keys) = if asked {
        (
            say.signs_below,
            say.signs_title,
            say.signs.as_slice(),
            say.signs_keys,
        )
    } else {
        let list = match app.role() {
            Role::Receiver => say.receiver_list.as_slice(),
            Role::Helper => say.helper_list.as_slice(),
        };
        (say.list_below, say.list_title, list, say.list_keys)
    };
    let mut lines = vec![parts::strong(title), Line::default()];
    for item in items {
        lines.push(format!("  ·  {item}").into());
    }
    if !asked {
        // Both people are told what happens to the record before they begin.
        lines.push(Line::default());
        lines.push(match app.options().keep.days() {
            0 => say.record_none.into(),
            days => fill(say.record_kept, &[("days", &days.to_string())]).into(),
        });
        lines.extend(will_ask(app).map(Line::from));
    }
    page(app, frame, area, below, lines, keys);
}

/// The text that the timer asks, and what happens without an answer. None in hold to consent, where the timer
/// never asks.
pub(super) fn will_ask(app: &App) -> Option<String> {
    let options = app.options();
    let asks = options.check_in_every_s > 0 && !options.hold_to_consent;
    let every = options.check_in_every_s.to_string();
    let answer = (CHECK_IN_HOLD_MS / 1_000).to_string();
    let blanks = [("n", every.as_str()), ("answer", answer.as_str())];
    asks.then(|| fill(app.words().before.will_ask, &blanks))
}

/// One of the warning signs applies.
pub(super) fn advice(app: &App, frame: &mut Frame, area: Rect) {
    let say = &app.words().before;
    let (title, keys) = match app.role() {
        Role::Receiver => (say.advice_receiver, say.advice_receiver_keys),
        Role::Helper => (say.advice_helper, say.advice_helper_keys),
    };
    let mut lines = vec![parts::strong(title), Line::default()];
    for sign in say.signs {
        lines.push(format!("  ·  {sign}").into());
    }
    lines.push(Line::default());
    lines.push(say.advice_why.into());
    page(app, frame, area, say.advice_below, lines, keys);
}

/// The first stop, as a rehearsal.
pub(super) fn rehearse(app: &App, frame: &mut Frame, area: Rect) {
    let say = &app.words().before;
    let (title, then, symbol, word) = match app.role() {
        Role::Receiver => (
            say.rehearse_receiver,
            say.rehearse_receiver_then,
            Symbol::Octagon,
            app.words().cues.stop.big,
        ),
        Role::Helper => (
            say.rehearse_helper,
            say.rehearse_helper_then,
            Symbol::Hand,
            say.wait_big,
        ),
    };
    let rows = [
        Constraint::Length(3),
        Constraint::Length(1),
        Constraint::Length(3),
        Constraint::Min(0),
    ];
    let [top, _, words, rest] = Layout::vertical(rows).areas(area);
    parts::banner(
        frame,
        top,
        Tone::Red,
        Symbol::Hand,
        app.words().held.hands_off,
        say.rehearse_below,
    );
    parts::centred(frame, words, vec![parts::strong(title), then.into()]);
    parts::large(frame, rest, symbol, word, Tone::Plain.strong());
}

fn page(app: &App, frame: &mut Frame, area: Rect, below: &str, lines: Vec<Line>, keys: &str) {
    let word = app.words().held.hands_off;
    let banner_rows = if area.height >= 14 { 3 } else { 2 };
    let rows = [
        Constraint::Length(banner_rows),
        Constraint::Length(u16::from(area.height >= 14)),
        Constraint::Min(0),
        Constraint::Length(1),
    ];
    let [top, _, middle, bottom] = Layout::vertical(rows).areas(area);
    parts::banner(frame, top, Tone::Red, Symbol::Hand, word, below);
    let margin = u16::from(middle.width >= 60) * 8;
    let inner = Rect {
        x: middle.x + margin,
        width: middle.width.saturating_sub(2 * margin),
        ..middle
    };
    parts::text(frame, inner, lines);
    frame.render_widget(Line::styled(keys, Tone::White.strong()).centered(), bottom);
}
