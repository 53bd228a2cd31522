//! Before the first ready: the set-up lists, the warning signs, the rehearsal.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_shared::cue::Role;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::super::words;
use super::parts;

/// This role's list; for the receiver the warning signs first.
pub(super) fn set_up(app: &App, frame: &mut Frame, area: Rect) {
    let asked = app.role() == Role::Receiver
        && app
            .state()
            .is_some_and(|state| state.confirmed.warning_signs.is_none());
    let (below, title, items, keys) = if asked {
        (
            "before anything else: warning signs",
            "Does any of these apply to you?",
            words::WARNING_SIGNS.as_slice(),
            " y  one applies      n  none of them ",
        )
    } else {
        let list = match app.role() {
            Role::Receiver => words::RECEIVER_LIST.as_slice(),
            Role::Helper => words::HELPER_LIST.as_slice(),
        };
        (
            "not live yet: set up first",
            "Is all of this so?",
            list,
            " Enter  all of this is so ",
        )
    };
    let mut lines = vec![parts::strong(title), Line::default()];
    for item in items {
        lines.push(format!("  ·  {item}").into());
    }
    page(frame, area, below, lines, keys);
}

/// One of the warning signs applies.
pub(super) fn advice(app: &App, frame: &mut Frame, area: Rect) {
    let (title, keys) = match app.role() {
        Role::Receiver => (
            "You said that one of these applies. Please do not go on.",
            " n  I was mistaken: none of them ",
        ),
        Role::Helper => (
            "The receiver says that one of these applies. Please do not go on.",
            " only the receiver can change the answer ",
        ),
    };
    let mut lines = vec![parts::strong(title), Line::default()];
    for sign in words::WARNING_SIGNS {
        lines.push(format!("  ·  {sign}").into());
    }
    lines.push(Line::default());
    lines.push(
        "Pressure on a back with one of these can do harm. See a doctor or a physiotherapist first."
            .into(),
    );
    page(frame, area, "advice: do not go on", lines, keys);
}

/// The first stop, to try it.
pub(super) fn rehearse(app: &App, frame: &mut Frame, area: Rect) {
    let (title, then, symbol, word) = match app.role() {
        Role::Receiver => (
            "Rehearse: press stop. Watch it arrive.",
            "Space or Esc, without looking. Your helper then says hands off.",
            Symbol::Octagon,
            "STOP",
        ),
        Role::Helper => (
            "Rehearse: wait for stop, then press Enter to say hands off.",
            "The receiver presses stop once. This screen turns red and the bell rings.",
            Symbol::Hand,
            "WAIT",
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
        "HANDS OFF",
        "not live yet: try the stop first",
    );
    parts::centred(frame, words, vec![parts::strong(title), then.into()]);
    parts::large(frame, rest, symbol, word, Tone::Plain.strong());
}

fn page(frame: &mut Frame, area: Rect, below: &str, lines: Vec<Line>, keys: &str) {
    let banner_rows = if area.height >= 14 { 3 } else { 2 };
    let rows = [
        Constraint::Length(banner_rows),
        Constraint::Length(u16::from(area.height >= 14)),
        Constraint::Min(0),
        Constraint::Length(1),
    ];
    let [top, _, middle, bottom] = Layout::vertical(rows).areas(area);
    parts::banner(frame, top, Tone::Red, Symbol::Hand, "HANDS OFF", below);
    let margin = u16::from(middle.width >= 60) * 8;
    let inner = Rect {
        x: middle.x + margin,
        width: middle.width.saturating_sub(2 * margin),
        ..middle
    };
    parts::text(frame, inner, lines);
    frame.render_widget(Line::styled(keys, Tone::White.strong()).centered(), bottom);
}
