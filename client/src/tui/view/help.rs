//! The overlays: the keys, and the question before the end. Stop works under both.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Block;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::link::DeviceLink;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::parts;
use crate::words::fill;

/// The column where the names of the keys end.
const COLUMN: usize = 20;

/// The key of a cue, and the last of its others.
fn keys_of(cue: Cue, or: &str) -> String {
    match cue.traits().keys {
        [first, .., last] => format!("{first}  {or} {last}"),
        [only] => (*only).to_owned(),
        [] => String::new(),
    }
}

/// The keys that this role has, and what each does.
fn keys(app: &App) -> Vec<(String, String)> {
    let words = app.words();
    let say = &words.keys;
    let line = |keys: &str, says: &str| (keys.to_owned(), says.to_owned());
    let help = |cue| words.cue(cue).help;
    let cue = |cue| (keys_of(cue, say.or), help(cue).to_owned());

    let mut all = vec![line("space Esc . b", help(Cue::Stop))];
    if app.consents() {
        all.extend([
            line(say.hold_key, say.help_hold),
            line(say.tap_key, say.help_tap),
            line("", say.help_other),
        ]);
    }
    match app.role() {
        Role::Receiver => {
            let both = [("one", help(Cue::Left)), ("other", help(Cue::Right))];
            let sides = ("h ←   l →".to_owned(), fill(say.help_both, &both));
            // The two sides share a line.
            let lines = Cue::TILES.into_iter().filter(|of| *of != Cue::Right);
            all.extend(lines.map(|of| {
                if of == Cue::Left {
                    sides.clone()
                } else {
                    cue(of)
                }
            }));
            all.push(line("w", say.help_warning));
        }
        Role::Helper => {
            all.push((
                format!("Enter  {} PageDown", say.or),
                say.help_seen.to_owned(),
            ));
            let own = Cue::ALL
                .into_iter()
                .filter(|of| of.allowed_from(Role::Helper));
            all.extend(own.filter(|of| *of != Cue::Stop).map(cue));
            all.push(line("n", say.help_new_code));
        }
    }
    all.extend([line("q", say.help_end), line("?", say.help_close)]);
    if app.consents() && !app.reports_releases() {
        // Shown while the terminal has not reported a release.
        all.push(line("", say.no_releases));
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
