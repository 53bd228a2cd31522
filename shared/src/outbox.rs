//! What waits for one device. Bounded by construction: a stop, then the newest state, then little
//! things. A slow device is given the newest state, never a backlog.
//!
//! Safety Invariant: nothing older than a stop is handed out after it but the frame that is already
//! on its way, and of those there is at most one that a device has not taken.

use std::collections::VecDeque;

use crate::cue::Lane;
use crate::time::Millis;

/// How many receipts wait at most. When full the oldest is dropped: its device sends the cue again
/// after the next reconnect and is answered then.
pub const RECORDED_AT_MOST: usize = 64;

/// How many errors and pairings wait at most. When full the newest is dropped: a device that makes
/// errors faster than it reads has been told already.
pub const ASIDES_AT_MOST: usize = 16;

/// What waits for one device; `F` is a frame ready to be written.
#[derive(Debug)]
pub struct Outbox<F> {
    stop: Option<F>,
    state: Option<Waiting<F>>,
    beat: Option<F>,
    asides: VecDeque<F>,
    recorded: VecDeque<F>,
    in_flight: Option<InFlight>,
}

#[derive(Debug)]
struct Waiting<F> {
    seq: u64,
    frame: F,
    lane: Lane,
}

#[derive(Debug)]
struct InFlight {
    seq: u64,
    since: Millis,
}

impl<F> Default for Outbox<F> {
    fn default() -> Self {
        Self {
            stop: None,
            state: None,
            beat: None,
            asides: VecDeque::new(),
            recorded: VecDeque::new(),
            in_flight: None,
        }
    }
}

impl<F> Outbox<F> {
    /// Puts a stop in front of everything. A stop that still waits is replaced: the newer one says
    /// the same and counts it.
    pub fn put_stop(&mut self, frame: F) {
        self.stop = Some(frame);
    }

    /// Puts the newest state in the place of any that still waits. An urgent one, and whatever
    /// replaces it before it is handed out, does not wait for the frame before it to be taken.
    pub fn put_state(&mut self, seq: u64, frame: F, lane: Lane) {
        let urgent = |waiting: &Waiting<F>| waiting.lane == Lane::Urgent;
        let lane = if self.state.as_ref().is_some_and(urgent) {
            Lane::Urgent
        } else {
            lane
        };
        self.state = Some(Waiting { seq, frame, lane });
    }

    /// Puts the answer to the newest beat in the place of any that still waits.
    pub fn put_beat(&mut self, frame: F) {
        self.beat = Some(frame);
    }

    /// Adds an error or a new code.
    pub fn put_aside(&mut self, frame: F) {
        if self.asides.len() < ASIDES_AT_MOST {
            self.asides.push_back(frame);
        }
    }

    /// Adds a receipt of the journal.
    pub fn put_recorded(&mut self, frame: F) {
        if self.recorded.len() == RECORDED_AT_MOST {
            self.recorded.pop_front();
        }
        self.recorded.push_back(frame);
    }

    /// The next frame to write.
    pub fn next(&mut self, now: Millis) -> Option<F> {
        if let Some(stop) = self.stop.take() {
            return Some(stop);
        }
        let in_flight = self.in_flight.is_some();
        let may_go = |state: &mut Waiting<F>| state.lane == Lane::Urgent || !in_flight;
        if let Some(Waiting { seq, frame, .. }) = self.state.take_if(may_go) {
            let since = self.in_flight.as_ref().map_or(now, |before| before.since);
            self.in_flight = Some(InFlight { seq, since });
            return Some(frame);
        }
        self.beat
            .take()
            .or_else(|| self.asides.pop_front())
            .or_else(|| self.recorded.pop_front())
    }

    /// The device has taken the state `seq`.
    pub fn received(&mut self, seq: u64, now: Millis) {
        match &mut self.in_flight {
            Some(sent) if seq >= sent.seq => self.in_flight = None,
            // It took an older one of several: it is alive, and the newest has its time from here.
            Some(sent) => sent.since = now,
            None => {}
        }
    }

    /// Since when a state has been waiting to be taken by the device.
    #[must_use]
    pub fn in_flight_since(&self) -> Option<Millis> {
        self.in_flight.as_ref().map(|sent| sent.since)
    }

    /// How many frames wait. At most 3 + [`ASIDES_AT_MOST`] + [`RECORDED_AT_MOST`].
    #[must_use]
    pub fn waiting(&self) -> usize {
        usize::from(self.stop.is_some())
            + usize::from(self.state.is_some())
            + usize::from(self.beat.is_some())
            + self.asides.len()
            + self.recorded.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000);

    #[test]
    fn a_stop_overtakes_everything_that_waits() {
        let mut outbox = Outbox::default();
        outbox.put_recorded("recorded");
        outbox.put_aside("error");
        outbox.put_beat("beat");
        outbox.put_state(7, "state", Lane::Ordinary);
        outbox.put_stop("stop");
        let order: Vec<_> = std::iter::from_fn(|| outbox.next(NOW)).collect();
        assert_eq!(order, ["stop", "state", "beat", "error", "recorded"]);
    }

    #[test]
    fn a_slow_device_has_one_state_on_the_way_and_then_the_newest() {
        let mut outbox = Outbox::default();
        outbox.put_state(1, 1, Lane::Ordinary);
        assert_eq!(outbox.next(NOW), Some(1));
        for seq in 2..10_000 {
            outbox.put_state(seq, seq, Lane::Ordinary);
            assert_eq!(outbox.next(NOW), None);
            assert_eq!(outbox.waiting(), 1);
        }
        outbox.received(1, NOW);
        assert_eq!(outbox.next(NOW), Some(9_999));
    }

    #[test]
    fn an_urgent_state_does_not_wait_for_the_one_before_it() {
        let mut outbox = Outbox::default();
        outbox.put_state(1, 1, Lane::Ordinary);
        assert_eq!(outbox.next(NOW), Some(1));
        outbox.put_state(2, 2, Lane::Urgent);
        outbox.put_state(3, 3, Lane::Ordinary);
        assert_eq!(
            outbox.next(NOW),
            Some(3),
            "conflation must not take the urgency of a stop away"
        );
        outbox.put_state(4, 4, Lane::Ordinary);
        outbox.received(1, NOW);
        assert_eq!(outbox.next(NOW), None, "state 3 is still on its way");
        outbox.received(3, NOW);
        assert_eq!(outbox.next(NOW), Some(4));
    }

    #[test]
    fn a_flood_leaves_it_bounded() {
        let mut outbox = Outbox::default();
        for n in 0..10_000_u64 {
            outbox.put_stop(n);
            outbox.put_state(n, n, Lane::Ordinary);
            outbox.put_beat(n);
            outbox.put_aside(n);
            outbox.put_recorded(n);
        }
        assert_eq!(outbox.waiting(), 3 + ASIDES_AT_MOST + RECORDED_AT_MOST);
    }

    #[test]
    fn a_frozen_screen_is_known_by_the_time_its_state_waits() {
        let mut outbox = Outbox::default();
        outbox.put_state(1, 1, Lane::Ordinary);
        assert_eq!(outbox.in_flight_since(), None);
        let _ = outbox.next(NOW);
        outbox.put_state(2, 2, Lane::Urgent);
        let _ = outbox.next(NOW.plus(900));
        assert_eq!(outbox.in_flight_since(), Some(NOW));
        outbox.received(1, NOW.plus(1_000));
        assert_eq!(outbox.in_flight_since(), Some(NOW.plus(1_000)));
        outbox.received(2, NOW.plus(1_100));
        assert_eq!(outbox.in_flight_since(), None);
    }
}
