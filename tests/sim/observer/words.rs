//! What the relay says, frame by frame, and whether it may say so.

use tapcue_rules::ids::Id;

use super::relay::{Asked, Peer};
use super::{EDGE_MS, Era, HELPER, LOST_MS, Observer, READY_FOR_MS, RECEIVER, REFLEX_MS};
use crate::tally::Rule;
use crate::word::{Kind, Word};

impl Observer {
    /// The relay has written a frame. `prompt`: the frame was made when it was written.
    pub(crate) fn word(&mut self, who: usize, conn: usize, life: u64, word: &Word, prompt: bool) {
        let Word { written, kind, .. } = *word;
        if kind == Kind::Other {
            return;
        }
        let (epoch, live) = (word.epoch, word.live);
        let born = *self.relay.born.entry(epoch).or_insert(life);
        // An ended session stays in its last epoch.
        let once = born == life || word.ended;
        self.must(Rule::NothingRestartsByItself, once, || {
            format!("relay {life} speaks of epoch {epoch}, which relay {born} used before")
        });
        let era = (born, epoch);
        match kind {
            Kind::Welcome => {
                // A device that comes back was gone before.
                self.over_if_live(written, Rule::SilenceStops);
                self.forget_warning(written);
                self.relay.peers[who] = Peer {
                    conn: Some(conn),
                    sign: written,
                    sign_sent: written,
                    ..Peer::default()
                };
            }
            Kind::State(seq) if self.relay.peers[who].conn == Some(conn) => {
                self.relay.peers[who].untaken.push_back((seq, written));
            }
            Kind::State(_) | Kind::Beat | Kind::Other => {}
        }
        self.ends(word, life, prompt);
        if prompt && kind != Kind::Beat {
            self.hold_word(word);
        }
        if prompt && !word.ended {
            self.epoch_word(conn, era, word);
            if kind != Kind::Beat {
                self.question_word(word);
            }
        }
        if (era, live) > self.relay.known {
            self.tally.lives += u64::from(live);
            if live {
                self.relay.live_at = written;
                self.young(epoch, written);
            }
            self.relay.known = (era, live);
            // A device that was already gone is missed a moment later.
            let missed = |peer: &Peer| peer.conn.is_none() && peer.gone.is_some();
            if self.relay.peers.iter().any(missed) {
                self.over_if_live(written, Rule::SilenceStops);
            }
        }
        if live && prompt {
            self.live_word(era, written);
        }
    }

    /// An end is final.
    fn ends(&mut self, word: &Word, life: u64, prompt: bool) {
        if word.ended {
            if self.relay.ended.is_none() {
                self.see("ended");
            }
            let first = (life, word.written);
            self.relay.ended = self.relay.ended.or(Some(first));
        } else {
            let written = word.written;
            // A heartbeat answer may have been made just before the end.
            let edge = if word.kind == Kind::Beat { EDGE_MS } else { 0 };
            let ended = self.relay.ended;
            let over = ended.is_some_and(|(of, at)| of == life && at + edge < written);
            let over = over || self.relay.ended_for_good;
            // A frame on a slow connection was made earlier.
            let begun = !prompt && ended.is_some_and(|(of, _)| of == life);
            self.must(Rule::NothingRestartsByItself, !over || begun, || {
                format!("at {written} the relay says that it is not over, which it was")
            });
        }
    }

    /// Epochs grow from state to state. A heartbeat answer may have been made just before the state that
    /// overtakes it.
    fn epoch_word(&mut self, conn: usize, era: Era, word: &Word) {
        let written = word.written;
        if word.kind != Kind::Beat {
            let before = self.relay.on_conn.insert(conn, era);
            self.must(
                Rule::NothingStaleIsShown,
                before.is_none_or(|before| before <= era),
                || format!("at {written} epoch {era:?} after {before:?} on one connection"),
            );
        }
        let relay = &mut self.relay;
        if era > relay.known.0 {
            relay.began_after.insert(era.1, relay.known_at);
        }
        if era >= relay.known.0 {
            relay.known_at = written;
        }
    }

    /// A session goes live only by recent readies. The receiver's had to be recent when the thumb that holds
    /// on was put down.
    fn young(&mut self, epoch: u64, written: u64) {
        let consent = self.options.as_ref().is_some_and(|o| o.hold_to_consent);
        for role in [RECEIVER, HELPER] {
            let said = self.relay.ready[role].get(&epoch).copied();
            let thumb = self.relay.thumb.filter(|_| consent && role == RECEIVER);
            let counts_at = thumb.map_or(written, |(_, _, down)| down.min(written));
            let young = said.is_some_and(|at| counts_at < at + READY_FOR_MS + EDGE_MS);
            self.must(Rule::AnActIsMeant, young, || {
                format!("live at {written} by a ready of {role} at {said:?}")
            });
        }
    }

    /// A stop stays until it is acknowledged.
    fn hold_word(&mut self, word: &Word) {
        let (hold, written) = (word.hold, word.written);
        let open = &self.relay.open;
        if open.iter().all(|open| open.since + EDGE_MS >= written) {
            return;
        }
        let is_open = |id: Id| open.iter().any(|open| open.id == id);
        // A thumb lifted right after the end may replace the stop before it in the hold. So may a stop near
        // the end of the time after it. Only the relay knows whether they count.
        let late = |id: Id| word.ended && self.relay.stopped.contains(&id);
        let latched = hold.is_some_and(|hold| {
            hold.stop && !hold.acknowledged && (is_open(hold.id) || late(hold.id))
        });
        let ids: Vec<_> = open.iter().map(|open| open.id).collect();
        let rule = if word.ended {
            Rule::TheEndSilencesNothing
        } else {
            Rule::StopLatches
        };
        self.must(rule, latched, || {
            format!("nobody acknowledged {ids:?}, and at {written} the relay says {hold:?}")
        });
    }

    fn question_word(&mut self, word: &Word) {
        let written = word.written;
        let before = self.relay.asked;
        self.relay.asked = word.asked.map(|id| Asked {
            id,
            first: before
                .filter(|before| before.id == id)
                .map_or(written, |before| before.first),
            last: written,
        });
    }

    fn live_word(&mut self, era: Era, written: u64) {
        let epoch = era.1;
        if let Some((over, at, rule)) = self.relay.over(era) {
            self.must(rule, written <= at + EDGE_MS, || {
                format!("at {written} the relay says live in {era:?}, and {over:?} ended at {at}")
            });
        }
        let began = self.relay.began_after.get(&epoch).copied().unwrap_or(0);
        for role in [RECEIVER, HELPER] {
            let said = self.relay.ready[role].get(&epoch).copied();
            let meant = said.is_some_and(|at| at + 2 >= began + REFLEX_MS);
            self.must(Rule::BothSayReady, meant, || {
                format!("live in {epoch}, begun after {began}, with a ready of {role} at {said:?}")
            });
            let down = self.relay.is_down(role, written);
            let since = self.relay.peers[role].sign;
            self.must(Rule::SilenceStops, !down, || {
                format!("live at {written}, and {role} is not there (last beat: {since})")
            });
        }
        // A stop that arrives in this same millisecond may come after this message.
        let old = |since: u64| since + EDGE_MS < written;
        let open = self.relay.open.iter().find(|open| old(open.since));
        let open = open.map(|open| open.id);
        self.must(Rule::StopLatches, open.is_none(), || {
            format!("live at {written}, and nobody acknowledged {open:?}")
        });
        if let Some((since, rule)) = self.relay.needs_ack {
            self.must(rule, !old(since), || {
                format!("live at {written}, and the hold of {since} was not acknowledged")
            });
        }
        self.prepared(epoch, written);
    }

    /// The rehearsal and the set-up lists are done, and no warning sign applies.
    fn prepared(&mut self, epoch: u64, written: u64) {
        let warned = self.relay.warning;
        let warned_off = warned.is_some_and(|(applies, at)| applies && at + EDGE_MS < written);
        self.must(Rule::BothSayReady, !warned_off, || {
            format!("live at {written}, and a warning sign applies: {warned:?}")
        });
        let Some(options) = &self.options else {
            return;
        };
        let (rehearsal, setup) = (options.rehearsal, options.setup);
        if options.hold_to_consent {
            let relay = &self.relay;
            let (thumb, lifted_at) = (relay.thumb, relay.lifted_at);
            let down = thumb.is_some_and(|(_, of, _)| of == epoch);
            let down = down || lifted_at + EDGE_MS >= written;
            self.must(Rule::BothSayReady, down, || {
                format!("live at {written} without a thumb (lifted at {lifted_at})")
            });
            // A lift arrives, or the link is lost. While the newest message that arrived is from before the
            // lift, silence counts from that arrival, as for every loss.
            let newest = self.relay.peers[RECEIVER].sign_sent;
            let lifted = self.lifted.filter(|at| at + LOST_MS + EDGE_MS < written);
            let lifted = lifted.filter(|at| newest >= *at);
            self.must(Rule::AnyoneCanStop, lifted.is_none(), || {
                format!("live at {written}, and the thumb was lifted at {lifted:?}")
            });
            self.see("live by a thumb");
        }
        if rehearsal {
            let rehearsed = self.relay.rehearsed;
            self.must(Rule::BothSayReady, rehearsed, || {
                format!("live at {written} without a rehearsal")
            });
            self.see("live with rehearsal");
        }
        if setup {
            let confirmed = self.relay.confirmed == [true; 2];
            self.must(Rule::BothSayReady, confirmed, || {
                format!("live at {written} without the set-up lists")
            });
            self.see("live with set-up lists");
        }
    }

    /// The relay has sent a receipt.
    pub(crate) fn recorded(&mut self, id: Id, durable: bool, now: u64) {
        self.must(Rule::ReceiptsAreTrue, durable, || {
            format!("{id} was reported as recorded and is not")
        });
        let stop = self.stops.iter().find(|stop| stop.id == id);
        if stop.is_some_and(|stop| now > stop.tapped + 1_000) {
            self.see("stop recorded late");
        }
    }
}
