//! Parts that several screens share: the status row, the lamps, the banner, the footer.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};
use tapcue_rules::cue::{Meaning, Role};
use tapcue_rules::link::{DeviceLink, Stage};
use tapcue_rules::state::LinkStatus;

use super::super::app::{App, Screen};
use super::super::big::{self, Symbol};
use super::super::theme::Tone;
use super::super::words;
use super::other_name;
use crate::words::fill;

/// Bold text.
pub(super) fn strong<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Line<'a> {
    Line::styled(text, Modifier::BOLD)
}

/// Lines in the middle of an area, horizontally and vertically.
pub(super) fn centred(frame: &mut Frame, area: Rect, lines: Vec<Line>) {
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .min(area.height);
    let top = area.y + (area.height - height) / 2;
    let middle = Rect {
        y: top,
        height,
        ..area
    };
    frame.render_widget(
        Paragraph::new(lines).alignment(Alignment::Center),
        middle.intersection(area),
    );
}

/// Lines from the top left, wrapped if they are too long.
pub(super) fn text(frame: &mut Frame, area: Rect, lines: Vec<Line>) {
    let paragraph = Paragraph::new(lines).wrap(Wrap { trim: false });
    frame.render_widget(paragraph, area);
}

/// A coloured band over the full width with a symbol and a word, and one line below it.
pub(super) fn banner(
    frame: &mut Frame,
    area: Rect,
    tone: Tone,
    symbol: Symbol,
    word: &str,
    below: &str,
) {
    frame.render_widget(Block::new().style(tone.on()), area);
    let mark = symbol.char();
    let mut lines = vec![Line::styled(
        format!("{mark}  {word}  {mark}"),
        tone.strong(),
    )];
    if !below.is_empty() {
        lines.push(Line::styled(below.to_owned(), tone.on()));
    }
    centred(frame, area, lines);
}

/// A symbol and a word as large as they fit, in the colours of the surface. Chinese and Arabic have no large
/// letters, so there the symbol is large, with the word below it.
pub(super) fn large(frame: &mut Frame, area: Rect, symbol: Symbol, word: &str, style: Style) {
    if let Some(bitmap) = big::best(Some(symbol), word, area) {
        return bitmap.draw(area, frame.buffer_mut(), style);
    }
    let picture = symbol.picture();
    let line = strong(format!("{} {word}", symbol.char())).style(style);
    if big::has_letters(word) || area.height < picture.lines() + 2 {
        return centred(frame, area, vec![line]);
    }
    let rows = [
        Constraint::Fill(1),
        Constraint::Length(picture.lines()),
        Constraint::Length(2),
        Constraint::Fill(1),
    ];
    let [_, upper, lower, _] = Layout::vertical(rows).areas(area);
    picture.draw(upper, frame.buffer_mut(), style);
    let spaced: String = word.chars().flat_map(|c| [c, ' ']).collect();
    let wide = if word.is_ascii() || word.chars().any(joins) {
        word
    } else {
        spaced.trim_end()
    };
    centred(
        frame,
        lower,
        vec![Line::default(), strong(wide).style(style)],
    );
}

/// Whether it is a letter that joins its neighbours, as in Arabic.
fn joins(c: char) -> bool {
    ('\u{600}'..='\u{6ff}').contains(&c)
}

/// The same on red. It flashes while an alarm rings, because the bell is off on many terminals and some
/// people cannot hear it.
pub(super) fn alarming(app: &App, frame: &mut Frame, area: Rect, symbol: Symbol, word: &str) {
    let tone = if app.flashes() {
        Tone::White
    } else {
        Tone::Red
    };
    frame.render_widget(Block::new().style(tone.on()), area);
    large(frame, area, symbol, word, tone.strong());
}

/// The first row: the link on the left, the role and the time on the right.
pub(super) fn status(app: &App, frame: &mut Frame, area: Rect, tone: Tone) {
    let (mark, text, badge) = link_badge(app);
    let round_trip = app
        .device()
        .view
        .round_trip_ms
        .filter(|_| matches!(app.link(), DeviceLink::Here | DeviceLink::Late))
        .map(|ms| format!(" · {ms} ms"))
        .unwrap_or_default();
    let words = app.words();
    let mut left = vec![Span::styled(
        format!(" {mark} {text}{round_trip} "),
        badge.unwrap_or(tone).strong(),
    )];
    if app.device().view.unrecorded {
        let said = format!(" ! {} ", words.links.unrecorded);
        left.extend([
            Span::styled(" ", tone.on()),
            Span::styled(said, Tone::Amber.strong()),
        ]);
    }
    let role = match app.role() {
        Role::Receiver => words.receiving,
        Role::Helper => words.helping,
    };
    let right = format!("{role}{} ", elapsed(app));
    let width = u16::try_from(Line::from(right.as_str()).width()).unwrap_or(0);
    let [left_area, right_area] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(width)]).areas(area);
    frame.render_widget(Line::from(left), left_area);
    frame.render_widget(Line::styled(right, tone.on()), right_area);
}

/// The state of the links as a mark, words and, if it needs one, a colour.
fn link_badge(app: &App) -> (char, String, Option<Tone>) {
    let say = &app.words().links;
    match app.link() {
        DeviceLink::Connecting => return ('○', say.connecting.into(), None),
        DeviceLink::Lost => return ('≠', say.lost.into(), Some(Tone::Red)),
        DeviceLink::Late => return ('~', say.late.into(), Some(Tone::Amber)),
        DeviceLink::Superseded | DeviceLink::Refused | DeviceLink::Over => {
            return ('○', say.not_connected.into(), None);
        }
        DeviceLink::Here => {}
    }
    let other = app.role().other();
    let status = app.state().map(|state| *state.peers.of(other));
    let name = other_name(app);
    let peer = |text| fill(text, &[("name", &name)]);
    match status {
        Some(LinkStatus::Here) => ('●', peer(say.peer_here), None),
        Some(LinkStatus::Late) => ('~', peer(say.peer_late), Some(Tone::Amber)),
        Some(LinkStatus::Lost) => ('≠', peer(say.peer_lost), Some(Tone::Red)),
        Some(LinkStatus::Away) => ('≠', peer(say.peer_away), Some(Tone::Red)),
        Some(LinkStatus::Absent) | None => ('○', peer(say.peer_absent), None),
    }
}

/// How long the session has been live. Empty before that, so that the person does not feel hurried.
fn elapsed(app: &App) -> String {
    let since = app.state().and_then(|state| state.live_since);
    match (since, app.relay_now()) {
        (Some(since), Some(now)) => {
            let time = words::clock(now.since(since));
            format!(" · {}", fill(app.words().live.live_for, &[("time", &time)]))
        }
        _ => String::new(),
    }
}

/// Whether there is a cue for the lamps.
pub(super) fn has_lamp(app: &App) -> bool {
    let live = matches!(app.screen(), Screen::LiveReceiver);
    let over = matches!(app.screen(), Screen::Ended | Screen::Closed);
    !over && (live || app.device().view.lamp.is_some())
}

/// The lamp row: how far this device's last cue got.
pub(super) fn lamp(app: &App, frame: &mut Frame, area: Rect, tone: Tone) {
    if area.height == 0 {
        return;
    }
    let say = &app.words().links;
    let Some(lamp) = app.device().view.lamp else {
        let text = say.no_cue_yet;
        frame.render_widget(
            Line::styled(text, tone.on().add_modifier(Modifier::DIM)).centered(),
            area,
        );
        return;
    };
    let look = words::look(app.words(), lamp.cue);
    let mut spans = vec![Span::styled(
        format!("{} {}:  ", look.symbol.char(), look.says),
        tone.strong(),
    )];
    if let Some(trouble) = words::lamp_trouble(app.words(), &lamp) {
        spans.push(Span::styled(format!(" {trouble} "), Tone::Amber.strong()));
    } else {
        let stages = [
            (Stage::Sent, say.sent),
            (Stage::Relayed, say.relayed),
            (Stage::Shown, say.shown),
            (Stage::Acknowledged, say.acknowledged),
        ];
        // Ready and a question have fewer stages, so fewer lamps are drawn. Ready only becomes a tick in a
        // list, and a question is answered, not acknowledged.
        let lit_at_most = match lamp.cue.traits().meaning {
            Meaning::Ready => 2,
            Meaning::Question => 3,
            Meaning::Stop | Meaning::Shown => stages.len(),
        };
        for (stage, name) in stages.into_iter().take(lit_at_most) {
            let span = if lamp.stage >= stage {
                Span::styled(format!(" ● {name} "), Tone::White.strong())
            } else {
                Span::styled(format!(" ○ {name} "), tone.on())
            };
            spans.extend([span, Span::raw(" ")]);
        }
    }
    frame.render_widget(Line::from(spans).centered(), area);
}

/// The newest notice, while it is recent.
pub(super) fn notice(app: &App, frame: &mut Frame, area: Rect) {
    let Some(notice) = app.notice() else {
        return;
    };
    // The screens for a lost and a refused link show it in full themselves.
    if matches!(app.screen(), Screen::Lost | Screen::Closed) {
        return;
    }
    let message = app.words().notice(&notice.what, app.device().role());
    // There is one row. The first sentence says what happened.
    let fits = |text: &str| Line::from(text).width() + 4 <= usize::from(area.width);
    let first = sentences(&message).next().unwrap_or(&message);
    let message = if fits(&message) { &message } else { first };
    let style = Tone::Amber.strong();
    frame.render_widget(Block::new().style(style), area);
    frame.render_widget(Line::styled(format!("! {message}"), style).centered(), area);
}

/// The sentences of a message, in any of the languages.
pub(super) fn sentences(message: &str) -> impl Iterator<Item = &str> {
    message
        .split_inclusive(['.', '。', '؟', '?', '!', '！'])
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

/// The last row: the keys of this screen.
pub(super) fn footer(app: &App, frame: &mut Frame, area: Rect, tone: Tone) {
    let say = &app.words().keys;
    let (leave, new_code) = (("q", say.leave), ("n", say.new_code));
    let (end, help) = (("q", say.end), ("?", say.keys));
    let ready = ("r", say.ready);
    let keys: &[(&str, &str)] = match (app.screen(), app.role()) {
        (Screen::Connecting, _) => &[leave],
        (Screen::Ended | Screen::Closed, _) => &[(say.enter_or_q, say.leave)],
        (Screen::Pair, _) => &[new_code, end, help],
        (Screen::LiveHelper, _) => &[("Enter", say.seen), ("c", say.check_in), end, help],
        (Screen::Held, Role::Helper) if app.is_over() => &[("Enter", say.hands_off), leave],
        (Screen::Held, Role::Receiver) if app.is_over() => &[("Enter", say.silence), leave],
        (Screen::Held, Role::Helper) if app.open_hold().is_some() => {
            &[("Enter", say.hands_off), ready, end, help]
        }
        (Screen::SetUp | Screen::Advice | Screen::LiveReceiver, _) => &[end, help],
        (Screen::Held | Screen::Rehearse, Role::Receiver) if app.consents() => {
            &[ready, ("", say.hold), end, help]
        }
        (Screen::Held | Screen::Rehearse | Screen::Lost, _) => &[ready, end, help],
    };
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, says)| format!("{key} {says}").trim().to_owned())
        .collect();
    let keys = keys.join("   ");
    // A stop key is not offered where a stop has no effect.
    let over = matches!(
        app.screen(),
        Screen::Ended | Screen::Connecting | Screen::Closed
    );
    let stop = (!over).then(|| Span::styled(format!(" ⊖ {} ", say.stop), stop_style(tone)));
    let mut spans: Vec<Span> = stop.into_iter().collect();
    spans.push(Span::styled(format!("   {keys}"), tone.on()));
    frame.render_widget(Line::from(spans), area);
}

/// The style of the stop strip, which must stand out on red and on every other colour.
fn stop_style(tone: Tone) -> Style {
    if tone == Tone::Red {
        Tone::White.strong()
    } else {
        Tone::Red.strong()
    }
}
