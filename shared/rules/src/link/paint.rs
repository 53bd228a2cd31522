//! Remembers what the screen has painted, and reports it to the relay.

use super::clock::Moment;
use super::{Conn, Effect, Link, PAINTED_AT_MOST, Paint};
use crate::ids::Id;
use crate::message::ToRelay;
use crate::state::State;
use crate::time::Millis;

impl Link {
    /// Takes a paint. For each id, the first paint counts, and the first that was painted as acknowledged.
    pub(super) fn painted(
        &mut self,
        now: Millis,
        id: Id,
        acknowledged: bool,
        out: &mut Vec<Effect>,
    ) {
        if self.painted.iter().all(|known| known.id != id) {
            if self.painted.len() == PAINTED_AT_MOST {
                let gone = |paint: &Paint| !self.is_on_screen(paint.id);
                let gone = self.painted.iter().position(gone);
                self.painted.remove(gone.unwrap_or(0));
            }
            self.painted.push_back(Paint {
                id,
                at: Moment::new(now, self.clock.best()),
                acknowledged: None,
                told: false,
            });
        }
        if acknowledged && let Some(paint) = self.painted.iter_mut().find(|paint| paint.id == id) {
            paint.acknowledged.get_or_insert(now);
        }
        self.tell_painted(out);
    }

    /// Reports to the relay what the screen has painted, each once per connection.
    pub(super) fn tell_painted(&mut self, out: &mut Vec<Effect>) {
        if self.conn == Conn::Up {
            self.tell(|paint| !paint.told, out);
        }
    }

    /// Reports a paint again, because the relay may have ignored the first report.
    pub(super) fn tell_again(&mut self, id: Id, out: &mut Vec<Effect>) {
        self.tell(|paint| paint.id == id, out);
    }

    fn tell(&mut self, which: impl Fn(&Paint) -> bool, out: &mut Vec<Effect>) {
        for paint in self.painted.iter_mut().filter(|paint| which(paint)) {
            paint.told = true;
            let (at, uncertainty_ms) = paint.at.on_relay(self.clock.best());
            let message = ToRelay::Shown {
                id: paint.id,
                at,
                uncertainty_ms,
            };
            out.push(Effect::Send { message });
        }
    }

    /// The relay could not record something and may not know of a paint. Every paint is reported again when a
    /// heartbeat's answer says that the relay records.
    pub(super) fn doubt_paints(&mut self) {
        for paint in &mut self.painted {
            paint.told = false;
        }
    }

    /// On a new connection, reports again what the relay may not know. No state says whether the relay knows
    /// this device's paint of a hold.
    pub(super) fn paints_reconnected(&mut self, state: &State) {
        self.painted
            .retain(|paint| on_screen(state, paint.id).is_some());
        for paint in &mut self.painted {
            paint.told = on_screen(state, paint.id) == Some(Told::Known);
        }
    }

    fn is_on_screen(&self, id: Id) -> bool {
        let state = self.state.as_ref();
        self.ahead() == Some(id) || state.is_some_and(|state| on_screen(state, id).is_some())
    }
}

/// Whether the relay knows that something is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Known,
    Unsure,
}

/// What a state says about a paint, if the painted item is in the state.
fn on_screen(state: &State, id: Id) -> Option<Told> {
    let hold = state.hold.iter().map(|hold| (hold.id, None));
    let cues = state.cue.iter().chain(&state.earlier);
    let cues = cues.map(|cue| (cue.id, cue.shown));
    let asked = state.check_in.iter().map(|asked| (asked.id, asked.shown));
    let mut found = hold.chain(cues).chain(asked).filter(|(of, _)| *of == id);
    let first = found.next()?;
    let unsure = std::iter::once(first)
        .chain(found)
        .any(|(_, shown)| shown.is_none());
    Some(if unsure { Told::Unsure } else { Told::Known })
}
