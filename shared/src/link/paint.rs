//! What the screen has painted, and telling the relay so.

use super::clock::Moment;
use super::{Conn, Effect, Link, PAINTED_AT_MOST, Paint};
use crate::ids::Id;
use crate::message::ToRelay;
use crate::time::Millis;

impl Link {
    pub(super) fn painted(&mut self, now: Millis, id: Id, out: &mut Vec<Effect>) {
        if self.painted.iter().all(|known| known.id != id) {
            if self.painted.len() == PAINTED_AT_MOST {
                self.painted.pop_front();
            }
            let at = Moment::new(now, self.clock.best());
            self.painted.push_back(Paint {
                id,
                at,
                told: false,
            });
        }
        self.tell_painted(out);
    }

    /// Tells the relay what the screen has painted, each once on a connection.
    pub(super) fn tell_painted(&mut self, out: &mut Vec<Effect>) {
        if self.conn == Conn::Up {
            for paint in self.painted.iter_mut().filter(|paint| !paint.told) {
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
    }
}
