//! One person and their device: the product's own state machine, a WebSocket that never blocks, and a screen
//! that paints after a moment.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::link::{DeviceLink, Link};
use tapcue_rules::message::{ConfirmItem, ToRelay};
use tapcue_rules::state::{HoldReason, Options, Phase, State};
use tapcue_rules::time::Millis;
use tokio_tungstenite::tungstenite::WebSocket;

use crate::history::History;
use crate::observer::HELPER;
use crate::rng::Rng;
use crate::wire::DeviceEnd;

pub(crate) struct Device {
    pub(crate) who: usize,
    pub(crate) link: Link,
    /// The index of its connection in the world's list.
    pub(crate) conn: Option<usize>,
    pub(crate) ws: Option<WebSocket<DeviceEnd>>,
    /// When the transport that is opening will be open.
    pub(crate) opening: Option<u64>,
    /// What its clock showed when the world began.
    pub(crate) clock_base: u64,
    pub(crate) frozen_until: u64,
    pub(crate) hidden_until: Option<u64>,
    pub(crate) paint_at: Option<u64>,
    /// Until when it takes state frames without reporting it: a screen that hangs.
    pub(crate) withholds_until: u64,
    /// The newest report that it withheld.
    pub(crate) withheld: Option<ToRelay>,
    /// How far its wall clock is off, in messages to the relay.
    pub(crate) wall_off: Option<i64>,
    pub(crate) up_since: Option<u64>,
    /// When the frames that wait in the WebSocket were written.
    pub(crate) written: std::collections::VecDeque<u64>,
    /// The message with which it resumes.
    pub(crate) token: Option<ToRelay>,
    /// The link for the other device.
    pub(crate) invitation: Option<String>,
    /// Whether a thumb is on it.
    pub(crate) thumb: bool,
    /// The session's options.
    pub(crate) options: Option<Options>,
    pub(crate) history: History,
}

impl Device {
    pub(crate) fn new(who: usize, hello: ToRelay, rng: &mut Rng) -> Self {
        Self {
            who,
            history: History::of(&hello),
            link: Link::new(hello),
            conn: None,
            ws: None,
            opening: None,
            clock_base: rng.range(5_000, 5_000_000_000),
            frozen_until: 0,
            hidden_until: None,
            paint_at: None,
            withholds_until: 0,
            withheld: None,
            wall_off: None,
            up_since: None,
            written: std::collections::VecDeque::new(),
            token: None,
            invitation: None,
            thumb: false,
            options: None,
        }
    }

    pub(crate) fn clock(&self, now: u64) -> Millis {
        Millis(self.clock_base + now)
    }

    pub(crate) fn is_up(&self, now: u64) -> bool {
        let link = self.link.view(self.clock(now)).link;
        matches!(link, DeviceLink::Here | DeviceLink::Late)
            && self.hidden_until.is_none()
            && self.frozen_until <= now
            && self.withholds_until <= now
    }

    pub(crate) fn is_over(&self, now: u64) -> bool {
        let link = self.link.view(self.clock(now)).link;
        matches!(
            link,
            DeviceLink::Superseded | DeviceLink::Refused | DeviceLink::Over
        )
    }

    /// The ids on the screen that can be painted.
    pub(crate) fn on_screen(&self, now: u64) -> Vec<(Id, bool)> {
        let ahead = self.link.view(self.clock(now)).ahead;
        let ahead = ahead.map(|id| (id, false));
        let Some(state) = self.link.state() else {
            return ahead.into_iter().collect();
        };
        let hold = state.hold.iter().map(|hold| (hold.id, hold.acknowledged));
        let mut ids = Vec::new();
        if self.who == HELPER {
            ids.extend(state.cue.iter().chain(&state.earlier).map(|cue| cue.id));
        } else {
            ids.extend(state.check_in.iter().map(|asked| asked.id));
        }
        let first = ahead.into_iter().chain(hold);
        first.chain(ids.into_iter().map(|id| (id, false))).collect()
    }

    /// What a person who wants to go on does now, by what the screen shows.
    pub(crate) fn next_step(&self, now: u64) -> Step {
        let view = self.link.view(self.clock(now));
        let Some(state) = self.link.state() else {
            return Step::Wait;
        };
        let unacknowledged = |state: &State| {
            let hold = state.hold.as_ref();
            hold.is_some_and(|hold| !hold.acknowledged && hold.reason != HoldReason::Start)
        };
        let role = [Role::Receiver, Role::Helper][self.who];
        if self.who == HELPER && (view.stopped || unacknowledged(state)) {
            return Step::Acknowledge;
        }
        if let Some(step) = self.preparation(role, state) {
            return step;
        }
        match state.phase {
            Phase::Held if !state.ready.of(role) => Step::Tap(Cue::Ready),
            // A thumb that does not count is lifted and put down again.
            Phase::Held if self.needs_thumb() && !(view.thumb && state.thumb) => {
                Step::Thumb(!self.thumb)
            }
            Phase::Held | Phase::Waiting | Phase::Ended => Step::Wait,
            Phase::Live if self.who == HELPER && state.cue.is_some() => Step::Acknowledge,
            Phase::Live => Step::Cue,
        }
    }

    fn needs_thumb(&self) -> bool {
        let consent = self.options.as_ref().is_some_and(|o| o.hold_to_consent);
        consent && self.who != HELPER
    }

    /// What is missing before the first ready: the set-up lists, the answer on warning signs, a stop for the
    /// rehearsal.
    fn preparation(&self, role: Role, state: &State) -> Option<Step> {
        let options = self.options.as_ref()?;
        if state.phase != Phase::Held {
            return None;
        }
        let confirmed = state.confirmed;
        let receives = role == Role::Receiver;
        let list = if receives {
            confirmed.receiver
        } else {
            confirmed.helper
        };
        if options.setup && !list {
            return Some(Step::Confirm(ConfirmItem::SetUp, true));
        }
        let answer = confirmed.warning_signs;
        if receives && (answer == Some(true) || (options.setup && answer.is_none())) {
            return Some(Step::Confirm(ConfirmItem::WarningSigns, false));
        }
        if !options.rehearsal || state.rehearsed {
            return None;
        }
        let stopped = state
            .hold
            .as_ref()
            .filter(|hold| hold.reason == HoldReason::Stop && hold.by == Some(Role::Receiver));
        (receives && stopped.is_none_or(|hold| hold.acknowledged)).then_some(Step::Tap(Cue::Stop))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Wait,
    Confirm(ConfirmItem, bool),
    /// Puts the thumb down, or lifts it.
    Thumb(bool),
    Acknowledge,
    Tap(Cue),
    /// Any cue that this person may send.
    Cue,
}
