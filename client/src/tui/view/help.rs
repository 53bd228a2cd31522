//! What lies over a screen: the keys, and the question before the end. Stop works under both.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Block;
use tapcue_shared::cue::Role;
use tapcue_shared::link::DeviceLink;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::parts;

const RECEIVER_KEYS: [(&str, &str); 10] = [
    ("s  or PageDown", "slower"),
    ("e  or PageUp", "ease up now"),
    ("m", "a little more pressure"),
    ("y", "stay there, counted"),
    ("h ←   l →", "left side, right side"),
    ("g", "feels good"),
    ("r", "ready"),
    ("w", "a warning sign applies after all"),
    ("q", "end the session (asks)"),
    ("?", "close this"),
];

const HELPER_KEYS: [(&str, &str); 6] = [
    ("Enter  or PageDown", "seen; on a hold: hands off"),
    ("r", "ready"),
    ("c", "check in: does this feel okay?"),
    ("n", "a new code, while pairing"),
    ("q", "end the session (asks)"),
    ("?", "close this"),
];

const CONSENT_KEYS: [(&str, &str); 3] = [
    ("f  or j, held down", "hold to consent: letting go is stop"),
    (
        "t, every 10 s",
        "the same without holding; cues count as taps,",
    ),
    ("", "any other key is stop"),
];

/// Said while the terminal has not shown that it reports releases.
const NO_RELEASES: &str = "Another key interrupts: press f or j again at once.";

/// The keys. What the session is at stays on top.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let [top, _, body] = Layout::vertical([
        Constraint::Length(3),
        Constraint::Length(u16::from(area.height >= 18)),
        Constraint::Min(0),
    ])
    .areas(area);
    frame.render_widget(Block::new().style(Tone::Plain.on()), area);
    let (tone, symbol, word) = if app.go() {
        (Tone::Green, Symbol::Tick, "LIVE")
    } else if super::held::is_stop(app) {
        (Tone::Red, Symbol::Octagon, "STOP")
    } else {
        (Tone::Red, Symbol::Hand, "HANDS OFF")
    };
    let below = "The keys. Any cue key closes this and is sent.";
    parts::banner(frame, top, tone, symbol, word, below);
    let keys = match app.role() {
        Role::Receiver => RECEIVER_KEYS.as_slice(),
        Role::Helper => HELPER_KEYS.as_slice(),
    };
    let stop = ("space Esc . b", "STOP, on every screen");
    let column = 20;
    let consent = if app.consents() {
        CONSENT_KEYS.as_slice()
    } else {
        &[]
    };
    let mut lines: Vec<Line> = std::iter::once(&stop)
        .chain(consent)
        .chain(keys)
        .map(|(key, says)| Line::from(format!("{key:>column$}   {says}")))
        .collect();
    if app.consents() && !app.reports_releases() {
        lines.push(Line::from(format!("{:>column$}   {NO_RELEASES}", "")));
    }
    parts::text(frame, body, lines);
}

/// The question before the end.
pub(super) fn question(app: &App, frame: &mut Frame, area: Rect) {
    frame.render_widget(Block::new().style(Tone::White.on()), area);
    let up = matches!(app.link(), DeviceLink::Here | DeviceLink::Late);
    let (title, keys) = if up {
        (
            "End the session for both?",
            "y end for both    l leave, held: tapcue resume comes back    n stay",
        )
    } else {
        (
            "There is no link: the session cannot be ended from here now. Leave?",
            "y leave, tapcue resume comes back    n stay",
        )
    };
    let lines = vec![
        Line::styled(title, Tone::White.strong()),
        Line::styled(keys, Tone::White.on()),
        Line::styled("space or Esc: STOP", Tone::Red.strong()),
    ];
    parts::centred(frame, area, lines);
}
