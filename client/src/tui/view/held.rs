//! The screens for held and link lost: the whole screen red, the reason, the time, and what is still missing
//! for live.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::link::{Alarm, DeviceLink};
use tapcue_rules::state::{HoldReason, State};

use super::super::app::App;
use super::super::big::Symbol;
use super::super::words;
use super::{consent, parts, prepare};
use crate::device::snapshot::What;
use crate::words::fill;

/// Whether the hold on screen is a stop.
pub(super) fn is_stop(app: &App) -> bool {
    let hold = app.state().and_then(|state| state.hold.as_ref());
    app.device().view.stopped || hold.is_some_and(|hold| hold.reason.is_stop())
}

/// The held screen.
pub(super) fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let (symbol, word) = if is_stop(app) {
        (Symbol::Octagon, app.words().cues.stop.big)
    } else {
        (Symbol::Hand, app.words().held.hands_off_big)
    };
    let list = if app.is_over() {
        Vec::new()
    } else {
        missing(app)
    };
    let list_rows = u16::try_from(list.len()).unwrap_or(u16::MAX);
    let rows = [
        Constraint::Min(1),
        Constraint::Length(3),
        Constraint::Length(u16::from(area.height >= 18)),
        Constraint::Length(list_rows),
    ];
    let [large, why, _, below] = Layout::vertical(rows).areas(area);
    parts::alarming(app, frame, large, symbol, word);
    parts::centred(frame, why, reason(app));
    let width = list.iter().map(Line::width).max().unwrap_or(0);
    let width = u16::try_from(width).unwrap_or(below.width).min(below.width);
    let column = Rect {
        x: below.x + (below.width - width) / 2,
        width,
        ..below
    };
    parts::text(frame, column, list);
}

/// This device itself judges the link as lost.
pub(super) fn lost(app: &App, frame: &mut Frame, area: Rect) {
    let say = &app.words().held;
    let rows = [Constraint::Min(1), Constraint::Length(7)];
    let [large, below] = Layout::vertical(rows).areas(area);
    parts::alarming(app, frame, large, Symbol::Broken, say.hands_off_big);
    let silent = app.now().since(app.device().last_word);
    let newest = app.device().notices.back().map(|notice| &notice.what);
    let why = match newest {
        Some(What::Unreachable { why }) => format!("({})", app.words().connect_error(why)),
        Some(What::Refused { .. } | What::TooSoon) | None => String::new(),
    };
    let aloud = if app.device().view.alarm == Some(Alarm::NotDelivered) {
        say.lost_not_delivered
    } else {
        say.lost_speak
    };
    let lines = vec![
        parts::strong(format!(
            "≠ {}",
            fill(say.lost_for, &[("time", &words::duration(silent))])
        )),
        parts::strong(aloud),
        Line::default(),
        fill(say.lost_trying, &[("relay", app.relay())]).into(),
        why.into(),
        say.lost_back.into(),
    ];
    parts::centred(frame, below, lines);
}

/// The reason for the hold, in at most three lines.
fn reason(app: &App) -> Vec<Line<'static>> {
    let view = &app.device().view;
    let language = app.words();
    let say = &language.held;
    let Some(state) = app.state() else {
        return Vec::new();
    };
    let urgent = match view.alarm {
        Some(Alarm::NotDelivered) => Some(say.not_delivered),
        Some(Alarm::NotAcknowledged) if app.role() == Role::Receiver => Some(say.nobody_hands_off),
        Some(Alarm::NotAcknowledged | Alarm::Stop) if app.role() == Role::Helper => {
            Some(say.ease_off)
        }
        Some(
            Alarm::NotAcknowledged
            | Alarm::Stop
            | Alarm::LinkLost
            | Alarm::Hold
            | Alarm::CheckIn
            | Alarm::CheckInAgain,
        )
        | None => None,
    };
    if app.is_over() {
        let tells = app.role() == Role::Helper && app.link() != DeviceLink::Over;
        let key = if tells {
            say.then_enter
        } else {
            say.over_silence
        };
        let lines = [Some(say.over_open), urgent, Some(key)];
        return lines.into_iter().flatten().map(parts::strong).collect();
    }
    let Some(hold) = &state.hold else {
        let text = if view.stopped {
            say.on_its_way
        } else {
            say.no_word
        };
        return [Some(text), urgent]
            .into_iter()
            .flatten()
            .map(parts::strong)
            .collect();
    };
    let mut text = words::hold_reason(language, hold, app.role()).to_owned();
    if hold.reason == HoldReason::Start {
        text = if app.options().hold_to_consent {
            say.not_live_hold.into()
        } else {
            say.not_live.into()
        };
    } else if let Some(now) = app.relay_now() {
        let age = words::hold_age(language, hold, state.cue.as_ref(), now);
        text = format!("{text} · {age}");
    }
    if hold.reason.is_stop() && hold.count > 1 {
        let stops = fill(say.stops, &[("n", &hold.count.to_string())]);
        text = format!("{text} · {stops}");
    }
    let advice = match (urgent, app.role()) {
        (Some(urgent), _) => urgent,
        (None, Role::Helper) if app.open_hold().is_some() => say.then_enter,
        (None, _) if only_thumb_is_missing(app, state) => match app.role() {
            Role::Helper => say.wait_thumb,
            Role::Receiver => say.only_hold,
        },
        (None, Role::Helper) => say.hands_away,
        (None, Role::Receiver) => say.take_time,
    };
    let mut lines = vec![parts::strong(text), advice.into()];
    if hold.reason == HoldReason::Start {
        lines.extend(prepare::will_ask(app).map(Line::from));
    }
    if let Some(cue) = small_cue(app, state) {
        lines.push(cue);
    }
    lines
}

/// A cue that came while held. It is shown small, because it changes nothing.
fn small_cue(app: &App, state: &State) -> Option<Line<'static>> {
    let cue = state.cue.as_ref().filter(|cue| cue.cue != Cue::Stop)?;
    let look = words::look(app.words(), cue.cue);
    let age = app.relay_now().map(|now| now.since(cue.at)).unwrap_or(0);
    Some(Line::from(format!(
        "{} {} · {}",
        look.symbol.char(),
        look.says,
        words::ago(app.words(), age)
    )))
}

/// Whether both said ready and only the thumb is missing.
fn only_thumb_is_missing(app: &App, state: &State) -> bool {
    let ready = state.ready.receiver && state.ready.helper;
    app.options().hold_to_consent && ready && !state.thumb
}

/// The list of what is still missing for live. It updates by itself.
fn missing(app: &App) -> Vec<Line<'static>> {
    let Some(state) = app.state() else {
        return Vec::new();
    };
    let options = app.options();
    let say = &app.words().held;
    let me = app.role();
    let other = super::other_name(app);
    let mut list = Vec::new();
    let mut item = |done: bool, text: String| {
        let mark = if done { '✓' } else { '○' };
        let line = format!(" {mark}  {text} ");
        list.push(if done {
            line.into()
        } else {
            parts::strong(line)
        });
    };
    let needs_acknowledgement = state
        .hold
        .as_ref()
        .is_some_and(|hold| hold.reason != HoldReason::Start);
    if needs_acknowledgement || app.device().view.stopped {
        let open = app.open_hold().is_some() || app.device().view.stopped;
        let text = match me {
            Role::Helper => say.need_enter,
            Role::Receiver => say.need_hands_off,
        };
        item(!open, text.into());
    }
    let links = Role::BOTH
        .into_iter()
        .all(|role| state.peers.of(role).is_up());
    item(links, say.need_links.into());
    if options.setup {
        let confirmed = state.confirmed;
        let both = confirmed.receiver && confirmed.helper;
        let may_go_on = confirmed
            .warning_signs
            .is_some_and(|applies| !applies || confirmed.cleared);
        item(both && may_go_on, say.need_lists.into());
    }
    if options.rehearsal {
        item(state.rehearsed, say.need_rehearsal.into());
    }
    for role in Role::BOTH {
        let text = match (role == me, *state.ready_expired.of(role)) {
            (true, false) => say.need_you.to_owned(),
            (true, true) => say.need_you_again.to_owned(),
            (false, false) => fill(say.need_other, &[("name", &other)]),
            (false, true) => fill(say.need_other_again, &[("name", &other)]),
        };
        item(*state.ready.of(role), text);
    }
    if options.hold_to_consent {
        match me {
            Role::Helper => item(state.thumb, fill(say.need_thumb, &[("name", &other)])),
            Role::Receiver => item(app.device().view.thumb, consent::hint(app)),
        }
    }
    list
}
