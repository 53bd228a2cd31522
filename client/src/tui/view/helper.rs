//! Live, on the helper's device: the whole screen one colour, one symbol, one word.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_shared::cue::Cue;
use tapcue_shared::state::ShownCue;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::super::words::{self, Look};
use super::parts;

/// The marks on the count of a stay, in seconds: the span the practice names for holding.
const MARKS: [u64; 2] = [15, 30];

/// Both ready, nothing said.
const GO: Look = Look {
    tone: Tone::Green,
    symbol: Symbol::Tick,
    big: "GO",
    says: "Both ready",
};

/// What the screen is about: the newest cue until it is seen, a stay until another cue; otherwise
/// go.
pub(super) fn look(app: &App) -> Look {
    newest(app).map_or(GO, |cue| words::look(cue.cue))
}

/// The helper's live screen.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let look = look(app);
    let rows = [
        Constraint::Min(1),
        Constraint::Length(2),
        Constraint::Length(u16::from(area.height >= 16)),
        Constraint::Length(3),
    ];
    let [large, says, _, below] = Layout::vertical(rows).areas(area);
    let counting = newest(app)
        .filter(|cue| cue.cue == Cue::Stay)
        .map(|cue| age(app, cue));
    let word = match counting {
        Some(ms) => format!("STAY {}", ms / 1_000),
        None => look.big.to_owned(),
    };
    parts::large(frame, large, look.symbol, &word, look.tone.strong());
    parts::centred(frame, says, what(app, &look, counting));
    parts::centred(frame, below, context(app));
}

/// A stay's count against its marks: `●15 s  ○30 s`.
pub(super) fn marks(ms: u64) -> String {
    let mark = |seconds: &u64| {
        let reached = if ms >= seconds * 1_000 { '●' } else { '○' };
        format!("{reached} {seconds} s")
    };
    MARKS.iter().map(mark).collect::<Vec<_>>().join("    ")
}

fn newest(app: &App) -> Option<&ShownCue> {
    let cue = app.state()?.cue.as_ref()?;
    (cue.acknowledged.is_none() || cue.cue == Cue::Stay).then_some(cue)
}

fn age(app: &App, cue: &ShownCue) -> u64 {
    app.relay_now().map_or(0, |now| now.since(cue.at))
}

fn what(app: &App, look: &Look, counting: Option<u64>) -> Vec<Line<'static>> {
    let symbol = look.symbol.char();
    let first = parts::strong(format!("{symbol} {}", look.says));
    let second = match (newest(app), counting) {
        (Some(cue), Some(ms)) if cue.acknowledged.is_some() => format!("{} · seen", marks(ms)),
        (Some(_), Some(ms)) => format!("{} · Enter: seen", marks(ms)),
        (Some(cue), None) => format!("{} ago · Enter: seen", words::duration(age(app, cue))),
        (None, _) if app.options().hold_to_consent => {
            "The receiver's thumb is down · slow and controlled, with the breath".into()
        }
        (None, _) => "Slow and controlled, with the breath".into(),
    };
    vec![first, second.into()]
}

/// What came before, and what is being asked.
fn context(app: &App) -> Vec<Line<'static>> {
    let Some(state) = app.state() else {
        return Vec::new();
    };
    let seen = state
        .cue
        .as_ref()
        .filter(|cue| cue.acknowledged.is_some() && cue.cue != Cue::Stay)
        .map(|cue| ("seen", cue));
    let earlier = state.earlier.iter().map(|cue| ("before", cue));
    let cues: Vec<String> = seen
        .into_iter()
        .chain(earlier)
        .map(|(when, cue)| {
            let look = words::look(cue.cue);
            let ago = words::duration(age(app, cue));
            format!("{when}: {} {} {ago} ago", look.symbol.char(), look.says)
        })
        .collect();
    let mut lines = vec![Line::from(cues.join("    "))];
    if let (Some(asked), Some(now)) = (&state.check_in, app.relay_now()) {
        let left = asked.due_at.since(now).div_ceil(1_000) * 1_000;
        lines.push(parts::strong(format!(
            "? Does this feel okay? is asked · no answer: held in {}",
            words::duration(left)
        )));
    }
    lines
}
