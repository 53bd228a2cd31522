//! The frames that wait for one device. The queue is bounded: a stop, the newest state, and a limited number
//! of small frames. A slow device gets the newest state, never a backlog.
//!
//! Safety Invariant: no state older than a stop is sent after the stop. A new stop drops the waiting state if
//! it is older, and the outbox refuses older states that arrive later.

use std::collections::VecDeque;

use crate::cue::Lane;
use crate::ids::Id;
use crate::limits::BEAT_EVERY_MS;
use crate::time::Millis;

/// The maximum number of waiting receipts. When it is reached the oldest is dropped; its device sends the cue
/// again after the next reconnect and then gets the answer.
pub const RECORDED_AT_MOST: usize = 64;

/// The maximum number of receipts in another frame, so that it stays short on a slow link.
pub const RIDING_AT_MOST: usize = 8;

/// How long a receipt waits for a state or the answer to a heartbeat to ride on, in milliseconds. Then it is
/// sent in a frame of its own. Source: the interval between heartbeats.
pub const RIDES_WITHIN_MS: u64 = BEAT_EVERY_MS;

/// The maximum number of waiting errors and pairings. When it is reached the newest is dropped: a device that
/// makes errors faster than it reads has had its answer already.
pub const ASIDES_AT_MOST: usize = 16;

/// How many states that the device has not received are tracked one by one. Beyond that, the newest one
/// counts as sent at the time of the one before it. Ordinary states wait for each other, so only stops reach
/// this limit.
pub const UNTAKEN_AT_MOST: usize = 16;

/// The frames that wait for one device; `F` is a frame ready to be written.
#[derive(Debug)]
pub struct Outbox<F> {
    stop: Option<F>,
    /// The `seq` of the state that contains the newest stop. No older state is sent any more.
    stopped: u64,
    state: Option<Waiting<F>>,
    beat: Option<F>,
    asides: VecDeque<F>,
    recorded: VecDeque<Receipt>,
    /// The states in flight that the device has not received, oldest first.
    untaken: VecDeque<Sent>,
}

/// What to write next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<F> {
    /// A frame.
    Frame(F),
    /// A state or the answer to a heartbeat, with the ids of the device's cues that became durable.
    Carrier(F, Vec<Id>),
    /// A receipt in a frame of its own.
    Recorded {
        /// The id of the cue.
        id: Id,
        /// The number of its entry.
        seq: u64,
    },
}

#[derive(Debug)]
struct Receipt {
    id: Id,
    seq: u64,
    /// When it no longer waits for another frame.
    due: Millis,
}

#[derive(Debug)]
struct Waiting<F> {
    seq: u64,
    frame: F,
    lane: Lane,
    /// An ordinary state does not go before this.
    from: Millis,
}

#[derive(Debug)]
struct Sent {
    seq: u64,
    at: Millis,
}

impl<F> Default for Outbox<F> {
    fn default() -> Self {
        Self {
            stop: None,
            stopped: 0,
            state: None,
            beat: None,
            asides: VecDeque::new(),
            recorded: VecDeque::new(),
            untaken: VecDeque::new(),
        }
    }
}

impl<F> Outbox<F> {
    /// Puts a stop ahead of everything. The state that contains it has this `seq` and must follow. A stop
    /// that still waits is replaced, because the newer one has the same effect and includes it in its count.
    pub fn put_stop(&mut self, seq: u64, frame: F) {
        self.stop = Some(frame);
        self.stopped = self.stopped.max(seq);
        self.state.take_if(|waiting| waiting.seq < seq);
    }

    /// Replaces any waiting state with the newest one. An urgent state does not wait until the device has
    /// received the frame before it. Neither does a state that replaces a waiting urgent one.
    pub fn put_state(&mut self, seq: u64, frame: F, lane: Lane) {
        self.put_state_from(seq, frame, lane, Millis(0));
    }

    /// The same for a state that may wait until `from`, so that a newer one replaces it. The state that it
    /// replaces itself does not wait longer.
    pub fn put_state_from(&mut self, seq: u64, frame: F, lane: Lane, from: Millis) {
        if seq < self.stopped {
            return;
        }
        let from = self
            .state
            .as_ref()
            .map_or(from, |waiting| waiting.from.min(from));
        let urgent = |waiting: &Waiting<F>| waiting.lane == Lane::Urgent;
        let lane = if self.state.as_ref().is_some_and(urgent) {
            Lane::Urgent
        } else {
            lane
        };
        self.state = Some(Waiting {
            seq,
            frame,
            lane,
            from,
        });
    }

    /// Replaces any waiting heartbeat answer with the newest one.
    pub fn put_beat(&mut self, frame: F) {
        self.beat = Some(frame);
    }

    /// Adds an error or a new code.
    pub fn put_aside(&mut self, frame: F) {
        if self.asides.len() < ASIDES_AT_MOST {
            self.asides.push_back(frame);
        }
    }

    /// Adds a receipt from the journal. From `due` on it is sent in a frame of its own.
    pub fn put_recorded(&mut self, id: Id, seq: u64, due: Millis) {
        if self.recorded.len() == RECORDED_AT_MOST {
            // Not one that is due, such as that of a stop, while there is another.
            let first = self.recorded.iter().map(|receipt| receipt.due).min();
            let waits = |receipt: &Receipt| Some(receipt.due) > first;
            let dropped = self.recorded.iter().position(waits);
            self.recorded.remove(dropped.unwrap_or(0));
        }
        self.recorded.push_back(Receipt { id, seq, due });
    }

    /// When the next receipt or the waiting state is to be written, if nothing changes before. A state that
    /// waits for the device to take another has no such time.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        let state = self.state.as_ref().filter(|_| self.untaken.is_empty());
        let state = state.map(|waiting| waiting.from);
        self.recorded
            .iter()
            .map(|receipt| receipt.due)
            .chain(state)
            .min()
    }

    /// The next frame to write.
    pub fn next(&mut self, now: Millis) -> Option<Next<F>> {
        if let Some(stop) = self.stop.take() {
            return Some(Next::Frame(stop));
        }
        let all_taken = self.untaken.is_empty();
        let may_go =
            |state: &mut Waiting<F>| state.lane == Lane::Urgent || (all_taken && state.from <= now);
        if let Some(Waiting { seq, frame, .. }) = self.state.take_if(may_go) {
            self.sent(seq, now);
            return Some(Next::Carrier(frame, self.riding()));
        }
        if let Some(beat) = self.beat.take() {
            return Some(Next::Carrier(beat, self.riding()));
        }
        if let Some(aside) = self.asides.pop_front() {
            return Some(Next::Frame(aside));
        }
        let due = self
            .recorded
            .iter()
            .position(|receipt| receipt.due <= now)?;
        let Receipt { id, seq, .. } = self.recorded.remove(due)?;
        Some(Next::Recorded { id, seq })
    }

    /// The ids of the oldest receipts, for a frame that carries them.
    fn riding(&mut self) -> Vec<Id> {
        let count = self.recorded.len().min(RIDING_AT_MOST);
        self.recorded
            .drain(..count)
            .map(|receipt| receipt.id)
            .collect()
    }

    fn sent(&mut self, seq: u64, now: Millis) {
        if self.untaken.len() == UNTAKEN_AT_MOST
            && let Some(newest) = self.untaken.back_mut()
        {
            newest.seq = seq;
        } else {
            self.untaken.push_back(Sent { seq, at: now });
        }
    }

    /// Takes the device's report that it has received the state `seq`, and with it the older ones. Only
    /// progress counts: a repeat changes nothing, and a `seq` that was never sent is ignored.
    pub fn received(&mut self, seq: u64) {
        if self.untaken.back().is_some_and(|newest| seq <= newest.seq) {
            self.untaken.retain(|sent| sent.seq > seq);
        }
    }

    /// When the oldest state was sent that the device has not received.
    #[must_use]
    pub fn untaken_since(&self) -> Option<Millis> {
        self.untaken.front().map(|sent| sent.at)
    }

    /// How many frames wait: at most 3 + [`ASIDES_AT_MOST`] + [`RECORDED_AT_MOST`].
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

    /// The next frame, without the receipts that it carries.
    fn next<F>(outbox: &mut Outbox<F>, now: Millis) -> Option<F> {
        match outbox.next(now)? {
            Next::Frame(frame) | Next::Carrier(frame, _) => Some(frame),
            Next::Recorded { .. } => panic!("a receipt"),
        }
    }

    fn id(n: u128) -> Id {
        Id::from_u128(n)
    }

    #[test]
    fn a_stop_overtakes_everything_that_waits() {
        let mut outbox = Outbox::default();
        outbox.put_recorded(id(1), 5, NOW);
        outbox.put_aside("error");
        outbox.put_beat("beat");
        outbox.put_state(7, "state", Lane::Ordinary);
        outbox.put_stop(8, "stop");
        assert_eq!(outbox.next(NOW), Some(Next::Frame("stop")));
        outbox.put_state(8, "its state", Lane::Urgent);
        let order: Vec<_> = std::iter::from_fn(|| next(&mut outbox, NOW)).collect();
        assert_eq!(order, ["its state", "beat", "error"]);
    }

    #[test]
    fn receipts_ride_on_states_and_heartbeats_and_a_few_on_each() {
        let mut outbox = Outbox::default();
        let ids: Vec<Id> = (0..20).map(id).collect();
        for id in &ids {
            outbox.put_recorded(*id, 5, NOW.plus(500));
        }
        assert_eq!(outbox.next(NOW), None, "they wait");
        assert_eq!(outbox.due(), Some(NOW.plus(500)));
        outbox.put_state(7, "state", Lane::Ordinary);
        let carried = Next::Carrier("state", ids[..8].to_vec());
        assert_eq!(outbox.next(NOW), Some(carried));
        outbox.put_aside("error");
        assert_eq!(outbox.next(NOW), Some(Next::Frame("error")));
        outbox.put_beat("beat");
        let carried = Next::Carrier("beat", ids[8..16].to_vec());
        assert_eq!(outbox.next(NOW), Some(carried));
        assert_eq!(outbox.next(NOW.plus(499)), None);
        for id in &ids[16..] {
            let alone = Next::Recorded { id: *id, seq: 5 };
            assert_eq!(outbox.next(NOW.plus(500)), Some(alone));
        }
        assert_eq!((outbox.next(NOW), outbox.due()), (None, None));
    }

    #[test]
    fn a_full_list_keeps_the_receipt_of_a_stop() {
        let mut outbox = Outbox::<u64>::default();
        outbox.put_recorded(id(0), 5, NOW);
        for n in 1..200 {
            outbox.put_recorded(id(n), 6, NOW.plus(500));
        }
        assert_eq!(outbox.waiting(), RECORDED_AT_MOST);
        let stop = Next::Recorded { id: id(0), seq: 5 };
        assert_eq!(outbox.next(NOW), Some(stop));
    }

    #[test]
    fn a_state_that_may_wait_goes_in_time_or_with_the_next() {
        let mut outbox = Outbox::default();
        outbox.put_state_from(1, 1, Lane::Ordinary, NOW.plus(50));
        assert_eq!(
            (outbox.next(NOW.plus(49)), outbox.due()),
            (None, Some(NOW.plus(50)))
        );
        outbox.put_state_from(2, 2, Lane::Ordinary, NOW.plus(90));
        assert_eq!(
            next(&mut outbox, NOW.plus(50)),
            Some(2),
            "it does not wait longer"
        );
        outbox.received(2);
        outbox.put_state_from(3, 3, Lane::Ordinary, NOW.plus(150));
        outbox.put_state(4, 4, Lane::Ordinary);
        assert_eq!(next(&mut outbox, NOW.plus(101)), Some(4));
        outbox.put_state_from(5, 5, Lane::Ordinary, NOW.plus(151));
        assert_eq!(outbox.due(), None, "it waits until 4 is received");
        outbox.put_stop(6, 60);
        outbox.put_state(6, 6, Lane::Urgent);
        assert_eq!(next(&mut outbox, NOW.plus(102)), Some(60));
        assert_eq!(next(&mut outbox, NOW.plus(102)), Some(6));
    }

    #[test]
    fn a_receipt_of_a_stop_waits_for_no_other_frame() {
        let mut outbox = Outbox::<u64>::default();
        outbox.put_recorded(id(1), 5, NOW.plus(500));
        outbox.put_recorded(id(2), 6, NOW);
        let alone = Next::Recorded { id: id(2), seq: 6 };
        assert_eq!(outbox.next(NOW), Some(alone));
        assert_eq!(outbox.next(NOW), None);
    }

    #[test]
    fn a_slow_device_has_one_state_on_the_way_and_then_the_newest() {
        let mut outbox = Outbox::default();
        outbox.put_state(1, 1, Lane::Ordinary);
        assert_eq!(next(&mut outbox, NOW), Some(1));
        for seq in 2..10_000 {
            outbox.put_state(seq, seq, Lane::Ordinary);
            assert_eq!(next(&mut outbox, NOW), None);
            assert_eq!(outbox.waiting(), 1);
        }
        outbox.received(1);
        assert_eq!(next(&mut outbox, NOW), Some(9_999));
    }

    #[test]
    fn an_urgent_state_does_not_wait_for_the_one_before_it() {
        let mut outbox = Outbox::default();
        outbox.put_state(1, 1, Lane::Ordinary);
        assert_eq!(next(&mut outbox, NOW), Some(1));
        outbox.put_state(2, 2, Lane::Urgent);
        outbox.put_state(3, 3, Lane::Ordinary);
        assert_eq!(
            next(&mut outbox, NOW),
            Some(3),
            "conflation must not take the urgency of a stop away"
        );
        outbox.put_state(4, 4, Lane::Ordinary);
        outbox.received(1);
        assert_eq!(next(&mut outbox, NOW), None, "state 3 is still on its way");
        outbox.received(3);
        assert_eq!(next(&mut outbox, NOW), Some(4));
    }

    #[test]
    fn a_flood_leaves_it_bounded() {
        let mut outbox = Outbox::default();
        for n in 0..10_000_u64 {
            outbox.put_stop(n, n);
            outbox.put_state(n, n, Lane::Ordinary);
            outbox.put_beat(n);
            outbox.put_aside(n);
            outbox.put_recorded(id(u128::from(n)), n, NOW);
        }
        assert_eq!(outbox.waiting(), 3 + ASIDES_AT_MOST + RECORDED_AT_MOST);
    }

    /// One step of an outbox's user. The test runs the steps in every possible order.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Step {
        Stop(u64),
        State(u64, Lane),
        Write,
        Taken,
    }

    /// All interleavings of these threads. Each thread keeps its own order.
    fn interleavings(threads: &[&[Step]]) -> Vec<Vec<Step>> {
        if threads.iter().all(|thread| thread.is_empty()) {
            return vec![Vec::new()];
        }
        let mut all = Vec::new();
        for (which, thread) in threads.iter().enumerate() {
            let Some((first, rest)) = thread.split_first() else {
                continue;
            };
            let mut left = threads.to_vec();
            left[which] = rest;
            for mut order in interleavings(&left) {
                order.insert(0, *first);
                all.push(order);
            }
        }
        all
    }

    /// Runs the session's task, the writer and the reader of one connection in every order. State 2 waits for
    /// state 1 when the stop of state 3 arrives.
    #[test]
    fn no_older_state_follows_a_stop_in_any_order() {
        use Step::{State, Stop, Taken, Write};
        let session: &[Step] = &[
            State(1, Lane::Ordinary),
            State(2, Lane::Ordinary),
            Stop(3),
            State(3, Lane::Urgent),
            State(4, Lane::Ordinary),
        ];
        // An older state that arrives late. No interleaving may send it.
        let late: &[Step] = &[State(2, Lane::Ordinary)];
        let writer: &[Step] = &[Write; 4];
        let reader: &[Step] = &[Taken; 2];
        let orders = interleavings(&[session, late, writer, reader]);
        assert!(orders.len() > 10_000, "{}", orders.len());
        let mut dropped = 0;
        for order in orders {
            let mut outbox = Outbox::default();
            let mut written: Vec<(u64, bool)> = Vec::new();
            for step in &order {
                match *step {
                    Stop(seq) => {
                        dropped += usize::from(outbox.state.is_some());
                        outbox.put_stop(seq, (seq, true));
                    }
                    State(seq, lane) => outbox.put_state(seq, (seq, false), lane),
                    Write => written.extend(next(&mut outbox, NOW)),
                    Taken => {
                        let newest = written.iter().rev().find(|(_, stop)| !stop);
                        newest.iter().for_each(|(seq, _)| outbox.received(*seq));
                    }
                }
            }
            written.extend(std::iter::from_fn(|| next(&mut outbox, NOW)));
            let stop = written.iter().position(|(_, stop)| *stop);
            let after = &written[stop.expect("the stop")..];
            assert!(
                after.iter().all(|(seq, _)| *seq >= 3),
                "{written:?} after {order:?}"
            );
            let carried = |(seq, stop): &(u64, bool)| !stop && *seq >= 3;
            assert!(after.iter().any(carried), "{written:?} after {order:?}");
        }
        assert!(dropped > 0, "no order had a state that waited");
    }

    #[test]
    fn a_frozen_screen_is_known_by_the_time_its_oldest_state_waits() {
        let mut outbox = Outbox::default();
        outbox.put_state(1, 1, Lane::Ordinary);
        assert_eq!(outbox.untaken_since(), None);
        let _ = next(&mut outbox, NOW);
        outbox.put_state(2, 2, Lane::Urgent);
        let _ = next(&mut outbox, NOW.plus(900));
        assert_eq!(outbox.untaken_since(), Some(NOW));
        outbox.received(1);
        assert_eq!(outbox.untaken_since(), Some(NOW.plus(900)));
        outbox.received(2);
        assert_eq!(outbox.untaken_since(), None);
    }

    #[test]
    fn only_progress_counts_as_taking() {
        let mut outbox = Outbox::default();
        for seq in [4, 9] {
            outbox.put_state(seq, seq, Lane::Urgent);
            let _ = next(&mut outbox, NOW.plus(seq));
        }
        // Received before, never sent, and decreasing.
        for seq in [0, 3, 10, u64::MAX, 2, 1] {
            outbox.received(seq);
            assert_eq!(outbox.untaken_since(), Some(NOW.plus(4)), "{seq}");
        }
        outbox.received(4);
        for seq in [4, 4, 3, u64::MAX] {
            outbox.received(seq);
            assert_eq!(outbox.untaken_since(), Some(NOW.plus(9)), "{seq}");
        }
        outbox.received(9);
        assert_eq!(outbox.untaken_since(), None);
    }

    /// In a flood of stops each device is one state behind. It counts as here while it receives each state in
    /// time.
    #[test]
    fn always_one_behind_is_no_older_than_its_own_state() {
        let mut outbox = Outbox::default();
        for seq in 1..1_000 {
            outbox.put_state(seq, seq, Lane::Urgent);
            let _ = next(&mut outbox, NOW.plus(seq));
            outbox.received(seq - 1);
            assert_eq!(outbox.untaken_since(), Some(NOW.plus(seq)));
        }
    }

    #[test]
    fn states_that_nobody_takes_are_few_and_keep_their_age() {
        let mut outbox = Outbox::default();
        for seq in 1..1_000 {
            outbox.put_state(seq, seq, Lane::Urgent);
            let _ = next(&mut outbox, NOW.plus(seq));
        }
        assert_eq!(outbox.untaken.len(), UNTAKEN_AT_MOST);
        assert_eq!(outbox.untaken_since(), Some(NOW.plus(1)));
        outbox.received(500);
        assert_eq!(outbox.untaken_since(), Some(NOW.plus(16)));
        outbox.received(999);
        assert_eq!(outbox.untaken_since(), None);
    }
}
