//! Live, on the helper's device: the whole screen one colour, one symbol, one word.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_rules::cue::Cue;
use tapcue_rules::state::ShownCue;

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::super::words::{self, Look};
use super::parts;
use crate::words::fill;

/// The marks on the count of a stay, in seconds: the usual range for holding a position.
const MARKS: [u64; 2] = [15, 30];

/// The content of the screen: the newest cue until it is acknowledged, a stay until another cue, otherwise
/// go.
pub(super) fn look(app: &App) -> Look {
    let say = &app.words().live;
    // Both are ready and there is no cue.
    let go = Look {
        tone: Tone::Green,
        symbol: Symbol::Tick,
        big: say.go_big,
        says: say.both_ready,
    };
    newest(app).map_or(go, |cue| words::look(app.words(), cue.cue))
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
        Some(ms) => fill(
            app.words().live.stay_big,
            &[("n", &(ms / 1_000).to_string())],
        ),
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
    let say = &app.words().live;
    let symbol = look.symbol.char();
    let first = parts::strong(format!("{symbol} {}", look.says));
    let second = match (newest(app), counting) {
        (Some(cue), Some(ms)) if cue.acknowledged.is_some() => {
            format!("{} · {}", marks(ms), say.seen)
        }
        (Some(_), Some(ms)) => format!("{} · {}", marks(ms), say.enter_seen),
        (Some(cue), None) => {
            let ago = words::ago(app.words(), age(app, cue));
            format!("{ago} · {}", say.enter_seen)
        }
        (None, _) if app.options().hold_to_consent => say.thumb_below.into(),
        (None, _) => say.breath.into(),
    };
    vec![first, second.into()]
}

/// The earlier cues, and an open question.
fn context(app: &App) -> Vec<Line<'static>> {
    let Some(state) = app.state() else {
        return Vec::new();
    };
    let say = &app.words().live;
    let seen = state
        .cue
        .as_ref()
        .filter(|cue| cue.acknowledged.is_some() && cue.cue != Cue::Stay)
        .map(|cue| (say.seen, cue));
    let earlier = state.earlier.iter().map(|cue| (say.before, cue));
    let cues: Vec<String> = seen
        .into_iter()
        .chain(earlier)
        .map(|(when, cue)| {
            let look = words::look(app.words(), cue.cue);
            let ago = words::ago(app.words(), age(app, cue));
            format!("{when}: {} {} {ago}", look.symbol.char(), look.says)
        })
        .collect();
    let mut lines = vec![Line::from(cues.join("    "))];
    if let (Some(asked), Some(now)) = (&state.check_in, app.relay_now()) {
        let left = asked.due_at.since(now).div_ceil(1_000) * 1_000;
        let left = words::duration(left);
        lines.push(parts::strong(fill(say.asked, &[("time", &left)])));
    }
    if state.still_holding.is_some() {
        lines.push(parts::strong(say.still_holding));
    }
    lines
}
