//! Live, on the receiver's device: the cues as tiles, and stop in the lower half, always at the same place.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};
use tapcue_rules::cue::Cue;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::held_key::Hold;
use super::super::theme::Tone;
use super::super::words;
use super::{consent, parts};
use crate::words::fill;

/// The tiles in a row.
const COLUMNS: usize = 4;
/// The rows of tiles.
const ROWS: usize = Cue::TILES.len().div_ceil(COLUMNS);
/// The height of a row on a tall screen. All rows together take six lines at most, because the lower half is
/// stop.
const TALL: u16 = if ROWS > 2 { 2 } else { 3 };

/// The receiver's live screen.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let tall = area.height >= 18;
    let [top, below] = Layout::vertical([
        Constraint::Length(if tall { 3 } else { 2 }),
        Constraint::Min(0),
    ])
    .areas(area);
    banner(app, frame, top);
    let mut stop = below;
    for tiles in Cue::TILES.chunks(COLUMNS) {
        let [row, rest] = Layout::vertical([
            Constraint::Length(if tall { TALL } else { 1 }),
            Constraint::Min(0),
        ])
        .areas(stop);
        let columns: [Rect; COLUMNS] =
            Layout::horizontal([Constraint::Fill(1); COLUMNS]).areas(row);
        for (column, tile) in columns.into_iter().zip(tiles) {
            draw_tile(app, frame, column, *tile);
        }
        stop = rest;
    }
    draw_stop(app, frame, stop);
}

fn banner(app: &App, frame: &mut Frame, area: Rect) {
    let say = &app.words().live;
    let state = app.state();
    if let Some(asked) = state.and_then(|state| state.check_in.as_ref()) {
        let left = app.relay_now().map_or(0, |now| asked.due_at.since(now));
        let left = words::duration(left.div_ceil(1_000) * 1_000);
        let below = fill(say.ask_below, &[("time", &left)]);
        return parts::banner(frame, area, Tone::White, Symbol::Question, say.ask, &below);
    }
    let stay = state
        .and_then(|state| state.cue.as_ref())
        .filter(|cue| cue.cue == Cue::Stay);
    if let (Some(stay), Some(now)) = (stay, app.relay_now()) {
        let below = super::helper::marks(now.since(stay.at));
        let word = format!("{}  {}", say.stay, words::clock(now.since(stay.at)));
        return parts::banner(frame, area, Tone::Violet, Symbol::Bars, &word, &below);
    }
    if app.consents() {
        let (tone, symbol, word, below) = consent::banner(app);
        return parts::banner(frame, area, tone, symbol, &word, &below);
    }
    parts::banner(frame, area, Tone::Green, Symbol::Tick, say.live, say.below);
}

fn draw_tile(app: &App, frame: &mut Frame, area: Rect, cue: Cue) {
    let key = cue.traits().keys.first().copied().unwrap_or_default();
    let look = words::look(app.words(), cue);
    let text = app.words().cue(cue).tile;
    // A gap separates neighbours of the same colour.
    let area = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    frame.render_widget(Block::new().style(look.tone.on()), area);
    let symbol = look.symbol.char();
    let lines = if area.height >= 2 {
        vec![
            Line::from(format!("{symbol} {text}")).style(look.tone.strong()),
            Line::from(format!("[{key}]")).style(look.tone.on()),
        ]
    } else {
        vec![Line::from(format!("{key} {symbol} {text}")).style(look.tone.strong())]
    };
    parts::centred(frame, area, lines);
}

fn draw_stop(app: &App, frame: &mut Frame, area: Rect) {
    frame.render_widget(Block::new().style(Tone::Red.on()), area);
    let [large, below] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let word = app.words().cues.stop.big;
    parts::large(frame, large, Symbol::Octagon, word, Tone::Red.strong());
    let text = if matches!(app.hold(), Hold::Key { .. }) && app.consents() {
        app.words().live.stop_below_hold
    } else {
        app.words().live.stop_below
    };
    frame.render_widget(
        Paragraph::new(text)
            .style(Tone::Red.strong())
            .alignment(Alignment::Center),
        below,
    );
}
