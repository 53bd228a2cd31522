//! Live, on the receiver's device: the cues as tiles, and stop in the lower half, where it always is.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};
use tapcue_shared::cue::Cue;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::grip::Hold;
use super::super::theme::Tone;
use super::super::words;
use super::{consent, parts};

/// The keys of the cues, in two rows.
const TILES: [[(char, Cue, &str); 4]; 2] = [
    [
        ('s', Cue::Slower, "Slower"),
        ('e', Cue::EaseUp, "Ease up"),
        ('m', Cue::MorePressure, "More pressure"),
        ('y', Cue::Stay, "Stay there"),
    ],
    [
        ('h', Cue::Left, "Left side"),
        ('l', Cue::Right, "Right side"),
        ('g', Cue::Good, "Feels good"),
        ('r', Cue::Ready, "Ready"),
    ],
];

/// The receiver's live screen.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let tall = area.height >= 18;
    let rows = [
        Constraint::Length(if tall { 3 } else { 2 }),
        Constraint::Length(if tall { 3 } else { 1 }),
        Constraint::Length(if tall { 3 } else { 1 }),
        Constraint::Min(0),
    ];
    let [top, first, second, stop] = Layout::vertical(rows).areas(area);
    banner(app, frame, top);
    for (row, tiles) in [first, second].into_iter().zip(&TILES) {
        let columns: [Rect; 4] = Layout::horizontal([Constraint::Fill(1); 4]).areas(row);
        for (column, tile) in columns.into_iter().zip(tiles) {
            draw_tile(frame, column, *tile);
        }
    }
    draw_stop(app, frame, stop);
}

fn banner(app: &App, frame: &mut Frame, area: Rect) {
    let state = app.state();
    if let Some(asked) = state.and_then(|state| state.check_in.as_ref()) {
        let left = app.relay_now().map_or(0, |now| asked.due_at.since(now));
        let below = format!(
            "g or Enter: feels good · any cue answers · held in {}",
            words::duration(left.div_ceil(1_000) * 1_000)
        );
        let word = "DOES THIS FEEL OKAY?";
        return parts::banner(frame, area, Tone::White, Symbol::Question, word, &below);
    }
    let stay = state
        .and_then(|state| state.cue.as_ref())
        .filter(|cue| cue.cue == Cue::Stay);
    if let (Some(stay), Some(now)) = (stay, app.relay_now()) {
        let below = super::helper::marks(now.since(stay.at));
        let word = format!("STAY THERE  {}", words::clock(now.since(stay.at)));
        return parts::banner(frame, area, Tone::Violet, Symbol::Bars, &word, &below);
    }
    if app.consents() {
        let (tone, symbol, word, below) = consent::banner(app);
        return parts::banner(frame, area, tone, symbol, &word, &below);
    }
    let below = "both ready · slow and controlled, with the breath";
    parts::banner(frame, area, Tone::Green, Symbol::Tick, "LIVE", below);
}

fn draw_tile(frame: &mut Frame, area: Rect, (key, cue, text): (char, Cue, &str)) {
    let look = words::look(cue);
    // A gap, so that neighbours of one colour are two.
    let area = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    frame.render_widget(Block::new().style(look.tone.on()), area);
    let symbol = look.symbol.char();
    let lines = if area.height >= 3 {
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
    parts::large(frame, large, Symbol::Octagon, "STOP", Tone::Red.strong());
    let text = if matches!(app.hold(), Hold::Key { .. }) && app.consents() {
        "Let go, or Space, or Esc · any pain means stop"
    } else {
        "Space or Esc · any pain means stop"
    };
    frame.render_widget(
        Paragraph::new(text)
            .style(Tone::Red.strong())
            .alignment(Alignment::Center),
        below,
    );
}
