//! A session's mailbox: three bounded queues, of which the stops are always taken first. On the way out to a
//! device, [`tapcue_rules::outbox`] does the same.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How many stops wait at most. When full, the first of them holds the session already, and a device resends
/// its stop until the state carries it.
pub const URGENT_AT_MOST: usize = 64;

/// How many arrivals, departures and link changes wait at most. When full, the session no longer knows who is
/// connected: [`Mailbox::take_overrun`] reports it, and the task treats both links as lost.
pub const CONTROL_AT_MOST: usize = 1_024;

/// How many other messages wait at most. When full, the sender gets `too_fast`.
pub const ORDINARY_AT_MOST: usize = 512;

/// A mailbox for stops `U`, control messages `C` and all other messages `O`.
#[derive(Debug)]
pub struct Mailbox<U, C, O> {
    lanes: Mutex<Lanes<U, C, O>>,
    notify: Notify,
}

#[derive(Debug)]
struct Lanes<U, C, O> {
    urgent: VecDeque<U>,
    control: VecDeque<C>,
    ordinary: VecDeque<O>,
    overrun: bool,
    closed: bool,
}

/// Why a message was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its lane is full.
    #[error("the lane is full")]
    Full,
    /// The session's task has ended.
    #[error("the session's task is gone")]
    Closed,
}

/// A message taken from the mailbox.
#[derive(Debug)]
pub enum Posted<U, C, O> {
    /// A stop.
    Urgent(U),
    /// A control message, such as an arrival, a departure or a link change.
    Control(C),
    /// Any other message.
    Ordinary(O),
}

impl<U, C, O> Default for Mailbox<U, C, O> {
    fn default() -> Self {
        Self {
            lanes: Mutex::new(Lanes {
                urgent: VecDeque::new(),
                control: VecDeque::new(),
                ordinary: VecDeque::new(),
                overrun: false,
                closed: false,
            }),
            notify: Notify::new(),
        }
    }
}

impl<U, C, O> Mailbox<U, C, O> {
    /// Posts a stop.
    pub fn post_urgent(&self, mail: U) -> Result<(), Refused> {
        self.post(mail, URGENT_AT_MOST, |lanes| &mut lanes.urgent)
    }

    /// Posts a control message. If its lane is full, the mailbox is marked as overrun.
    pub fn post_control(&self, mail: C) -> Result<(), Refused> {
        let posted = self.post(mail, CONTROL_AT_MOST, |lanes| &mut lanes.control);
        if posted == Err(Refused::Full) {
            self.lanes().overrun = true;
        }
        posted
    }

    /// Posts any other message.
    pub fn post_ordinary(&self, mail: O) -> Result<(), Refused> {
        self.post(mail, ORDINARY_AT_MOST, |lanes| &mut lanes.ordinary)
    }

    /// Takes the next message: stops first, then control messages, then the rest.
    pub fn take(&self) -> Option<Posted<U, C, O>> {
        let mut lanes = self.lanes();
        let urgent = lanes.urgent.pop_front().map(Posted::Urgent);
        urgent
            .or_else(|| lanes.control.pop_front().map(Posted::Control))
            .or_else(|| lanes.ordinary.pop_front().map(Posted::Ordinary))
    }

    /// Whether a control message was lost because its lane was full; resets the mark.
    pub fn take_overrun(&self) -> bool {
        std::mem::take(&mut self.lanes().overrun)
    }

    /// Resolves when a message was posted since the last wait.
    pub async fn posted(&self) {
        self.notify.notified().await;
    }

    /// Closes the mailbox. Returns the control messages that waited, and drops the rest.
    pub fn close(&self) -> Vec<C> {
        let mut lanes = self.lanes();
        lanes.closed = true;
        lanes.urgent.clear();
        lanes.ordinary.clear();
        lanes.control.drain(..).collect()
    }

    /// Closes the mailbox if no message waits. Returns whether it did.
    pub fn close_if_empty(&self) -> bool {
        let mut lanes = self.lanes();
        let empty =
            lanes.urgent.is_empty() && lanes.control.is_empty() && lanes.ordinary.is_empty();
        lanes.closed |= empty;
        empty
    }

    fn post<T>(
        &self,
        mail: T,
        at_most: usize,
        lane: impl Fn(&mut Lanes<U, C, O>) -> &mut VecDeque<T>,
    ) -> Result<(), Refused> {
        let mut lanes = self.lanes();
        if lanes.closed {
            return Err(Refused::Closed);
        }
        let lane = lane(&mut lanes);
        if lane.len() >= at_most {
            return Err(Refused::Full);
        }
        lane.push_back(mail);
        drop(lanes);
        self.notify.notify_one();
        Ok(())
    }

    /// A panic elsewhere cannot leave the lanes half changed, so a poisoned lock is safe to use.
    fn lanes(&self) -> MutexGuard<'_, Lanes<U, C, O>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Box = Mailbox<u32, u32, u32>;

    #[test]
    fn a_stop_is_taken_out_before_what_came_before_it() {
        let mailbox = Box::default();
        for n in 0..10 {
            mailbox.post_ordinary(n).unwrap();
        }
        mailbox.post_control(77).unwrap();
        mailbox.post_urgent(99).unwrap();
        assert!(matches!(mailbox.take(), Some(Posted::Urgent(99))));
        assert!(matches!(mailbox.take(), Some(Posted::Control(77))));
        assert!(matches!(mailbox.take(), Some(Posted::Ordinary(0))));
    }

    #[test]
    fn a_full_ordinary_lane_keeps_no_stop_out() {
        let mailbox = Box::default();
        while mailbox.post_ordinary(1).is_ok() {}
        assert_eq!(mailbox.post_ordinary(1), Err(Refused::Full));
        assert_eq!(mailbox.post_urgent(2), Ok(()));
        assert!(matches!(mailbox.take(), Some(Posted::Urgent(2))));
    }

    #[test]
    fn a_lost_change_of_link_is_known_to_be_lost() {
        let mailbox = Box::default();
        while mailbox.post_control(1).is_ok() {}
        assert!(mailbox.take_overrun());
        assert!(!mailbox.take_overrun());
    }

    #[test]
    fn a_closed_mailbox_takes_nothing() {
        let mailbox = Box::default();
        mailbox.post_control(1).unwrap();
        assert!(!mailbox.close_if_empty());
        assert_eq!(mailbox.close(), [1]);
        assert_eq!(mailbox.post_urgent(2), Err(Refused::Closed));
        assert!(mailbox.take().is_none());
    }
}
