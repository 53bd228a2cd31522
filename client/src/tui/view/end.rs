//! The end, and the screens without a session: connecting, refused, superseded.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::state::{Ended, Spread};

use super::super::app::App;
use super::super::big::Symbol;
use super::super::theme::Tone;
use super::super::words::clock;
use super::parts;
use crate::words::{Words, fill};

/// The summary.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let [top, _, body] = Layout::vertical([
        Constraint::Length(3),
        Constraint::Length(u16::from(area.height >= 18)),
        Constraint::Min(0),
    ])
    .areas(area);
    let ended = app.state().and_then(|state| state.ended.as_ref());
    let words = app.words();
    let say = &words.after;
    let device = app.device();
    let deleted = device
        .deletion()
        .and_then(|what| words.refusal(what, device.role()));
    let by = match (deleted, ended.and_then(|ended| ended.by)) {
        (Some(deleted), _) => deleted,
        (None, Some(role)) if role == app.role() => say.by_you,
        (None, Some(_)) => say.by_other,
        (None, None) => say.by_relay,
    };
    parts::banner(frame, top, Tone::White, Symbol::Hand, say.ended, by);
    let mut lines = ended.map(|ended| figures(words, ended)).unwrap_or_default();
    lines.push(Line::default());
    lines.push(parts::strong(say.next_days));
    lines.push(say.see_about.into());
    for sign in words.before.signs {
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

fn figures(words: &'static Words, ended: &Ended) -> Vec<Line<'static>> {
    let say = &words.after;
    let row = |name: &str, value: String| {
        let gap = 24_usize.saturating_sub(Line::from(name).width()).max(1);
        Line::from(format!("{name}{}{value}", " ".repeat(gap)))
    };
    let spread = |spread: &Option<Spread>| match spread {
        None => "–".to_owned(),
        Some(spread) => fill(
            say.spread,
            &[
                ("median", &seconds(spread.median_ms)),
                ("worst", &seconds(spread.worst_ms)),
            ],
        ),
    };
    vec![
        parts::strong(say.figures),
        row(say.live, clock(ended.live_ms)),
        row(say.stops, ended.stops.to_string()),
        row(say.stop_shown, spread(&ended.stop_shown)),
        row(say.stop_hands_off, spread(&ended.stop_acknowledged)),
    ]
}

/// A reaction time, in milliseconds while that is precise enough.
fn seconds(ms: u64) -> String {
    if ms < 1_000 {
        format!("{ms} ms")
    } else {
        format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
    }
}

/// The screen before the relay's first message.
pub(super) fn connecting(app: &App, frame: &mut Frame, area: Rect) {
    let words = app.words();
    let lines = vec![
        parts::strong(words.links.connecting),
        fill(words.before.connecting_at, &[("relay", app.relay())]).into(),
    ];
    parts::centred(frame, area, lines);
}

/// The relay refused this device, or another device took its role.
pub(super) fn closed(app: &App, frame: &mut Frame, area: Rect) {
    let words = app.words();
    let say = &words.after;
    let title = match app.link() {
        DeviceLink::Superseded => say.superseded,
        DeviceLink::Over => say.over,
        DeviceLink::Refused
        | DeviceLink::Connecting
        | DeviceLink::Here
        | DeviceLink::Late
        | DeviceLink::Lost => say.refused,
    };
    let [large, below] = Layout::vertical([Constraint::Min(1), Constraint::Length(6)]).areas(area);
    parts::large(
        frame,
        large,
        Symbol::Broken,
        words.held.hands_off_big,
        Tone::Red.strong(),
    );
    let mut lines = vec![parts::strong(format!("≠ {title}"))];
    let mut notices = app.device().notices.iter().rev();
    let message = notices.find_map(|notice| words.refusal(&notice.what, app.device().role()));
    lines.push(say.no_cue.into());
    lines.push(Line::default());
    if let Some(message) = message {
        lines.extend(parts::sentences(message).map(Line::from));
    }
    parts::centred(frame, below, lines);
}
