//! The overlays: the keys, and the question before the end. Stop works under both.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Block;
use tapcue_rules::cue::Role;
use tapcue_rules::link::DeviceLink;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::parts;

/// The column where the names of the keys end.
const COLUMN: usize = 20;

/// The keys that this role has, and what each does.
fn keys(app: &App) -> Vec<(String, &'static str)> {
    let say = &app.words().keys;
    let two = |one: &str, other: &str| format!("{one}  {} {other}", say.or);
    let one = str::to_owned;
    let end = [(one("q"), say.help_end), (one("?"), say.help_close)];
    let own = match app.role() {
        Role::Receiver => vec![
            (two("s", "PageDown"), say.help_slower),
            (two("e", "PageUp"), say.help_ease_up),
            (one("m"), say.help_more),
            (one("y"), say.help_stay),
            (one("h ←   l →"), say.help_sides),
            (one("g"), say.help_good),
            (one("r"), say.ready),
            (one("w"), say.help_warning),
        ],
        Role::Helper => vec![
            (two("Enter", "PageDown"), say.help_seen),
            (one("r"), say.ready),
            (one("c"), say.help_check_in),
            (one("n"), say.help_new_code),
        ],
    };
    let stop = (one("space Esc . b"), say.help_stop);
    let mut all = vec![stop];
    if app.consents() {
        all.extend([
            (one(say.hold_key), say.help_hold),
            (one(say.tap_key), say.help_tap),
            (String::new(), say.help_other),
        ]);
    }
    all.extend(own);
    all.extend(end);
    if app.consents() && !app.reports_releases() {
        // Shown while the terminal has not reported a release.
        all.push((String::new(), say.no_releases));
    }
    all
}

/// The keys. The session's status stays at the top.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let [top, _, body] = Layout::vertical([
        Constraint::Length(3),
        Constraint::Length(u16::from(area.height >= 18)),
        Constraint::Min(0),
    ])
    .areas(area);
    frame.render_widget(Block::new().style(Tone::Plain.on()), area);
    let words = app.words();
    let (tone, symbol, word) = if app.go() {
        (Tone::Green, Symbol::Tick, words.live.live)
    } else if super::held::is_stop(app) {
        (Tone::Red, Symbol::Octagon, words.cues.stop.big)
    } else {
        (Tone::Red, Symbol::Hand, words.held.hands_off)
    };
    parts::banner(frame, top, tone, symbol, word, words.keys.help_title);
    let lines = keys(app)
        .into_iter()
        .map(|(key, says)| {
            let before = COLUMN.saturating_sub(Line::from(key.as_str()).width());
            Line::from(format!("{}{key}   {says}", " ".repeat(before)))
        })
        .collect();
    parts::text(frame, body, lines);
}

/// The question before the end.
pub(super) fn question(app: &App, frame: &mut Frame, area: Rect) {
    frame.render_widget(Block::new().style(Tone::White.on()), area);
    let say = &app.words().keys;
    let up = matches!(app.link(), DeviceLink::Here | DeviceLink::Late);
    let (title, keys) = if up {
        (say.end_question, say.end_keys)
    } else {
        (say.leave_question, say.leave_keys)
    };
    let lines = vec![
        Line::styled(title, Tone::White.strong()),
        Line::styled(keys, Tone::White.on()),
        Line::styled(say.stop_under, Tone::Red.strong()),
    ];
    parts::centred(frame, area, lines);
}
