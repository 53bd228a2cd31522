//! The end, and the screens without a session: connecting, refused, superseded.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_shared::link::DeviceLink;
use tapcue_shared::state::{Ended, Spread};

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::super::words;
use super::parts;
use crate::snapshot::What;

/// The summary.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let [top, _, body] = Layout::vertical([
        Constraint::Length(3),
        Constraint::Length(u16::from(area.height >= 18)),
        Constraint::Min(0),
    ])
    .areas(area);
    let ended = app.state().and_then(|state| state.ended.as_ref());
    let by = match (app.device().deleted(), ended.and_then(|ended| ended.by)) {
        (Some(deleted), _) => deleted,
        (None, Some(role)) if role == app.role() => "you ended it, for both",
        (None, Some(_)) => "the other person ended it",
        (None, None) => "closed by the relay",
    };
    parts::banner(frame, top, Tone::White, Symbol::Hand, "SESSION ENDED", by);
    let mut lines = ended.map(figures).unwrap_or_default();
    lines.push(Line::default());
    lines.push(parts::strong("In the next days"));
    lines.push("Some soreness can be normal. See a professional about:".into());
    for sign in words::WARNING_SIGNS {
        lines.push(format!("  ·  {sign}").into());
    }
    let margin = u16::from(body.width >= 60) * 10;
    let inner = Rect {
        x: body.x + margin,
        width: body.width.saturating_sub(2 * margin),
        ..body
    };
    parts::text(frame, inner, lines);
}

fn figures(ended: &Ended) -> Vec<Line<'static>> {
    let row = |name: &str, value: String| Line::from(format!("{name:<22}{value}"));
    let spread = |spread: &Option<Spread>| match spread {
        None => "–".to_owned(),
        Some(spread) => format!(
            "median {} · worst {}",
            seconds(spread.median_ms),
            seconds(spread.worst_ms)
        ),
    };
    vec![
        parts::strong("This session"),
        row("Live", words::clock(ended.live_ms)),
        row("Stops", ended.stops.to_string()),
        row("Stop → shown", spread(&ended.stop_shown)),
        row("Stop → hands off", spread(&ended.stop_acknowledged)),
    ]
}

/// A reaction time: milliseconds as long as they say more.
fn seconds(ms: u64) -> String {
    if ms < 1_000 {
        format!("{ms} ms")
    } else {
        format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
    }
}

/// Before the relay's first word.
pub(super) fn connecting(app: &App, frame: &mut Frame, area: Rect) {
    let lines = vec![
        parts::strong("Connecting"),
        format!("to the relay at {}", app.relay()).into(),
    ];
    parts::centred(frame, area, lines);
}

/// The relay refused this device, or another took its place.
pub(super) fn closed(app: &App, frame: &mut Frame, area: Rect) {
    let title = match app.link() {
        DeviceLink::Superseded => "This role is on another device now",
        DeviceLink::Over => "This session is over",
        DeviceLink::Refused
        | DeviceLink::Connecting
        | DeviceLink::Here
        | DeviceLink::Late
        | DeviceLink::Lost => "The relay refused this device",
    };
    let [large, below] = Layout::vertical([Constraint::Min(1), Constraint::Length(6)]).areas(area);
    parts::large(
        frame,
        large,
        Symbol::Broken,
        "HANDS OFF",
        Tone::Red.strong(),
    );
    let mut lines = vec![parts::strong(format!("≠ {title}"))];
    let refused = app.device().notices.iter().rev();
    let message = refused
        .filter_map(|notice| match &notice.what {
            What::Refused { message, .. } => Some(message.clone()),
            What::Unreachable { .. } => None,
        })
        .next();
    lines.push("This device carries no cue any more, not even stop: say it out loud.".into());
    lines.push(Line::default());
    if let Some(message) = message {
        lines.extend(
            message
                .split_inclusive(". ")
                .map(|s| s.trim().to_owned().into()),
        );
    }
    parts::centred(frame, below, lines);
}
