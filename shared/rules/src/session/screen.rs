//! The helper's screen: the newest cue, the few before it, and their receipts.

use super::estimate::Paint;
use super::permission::was_seen;
use crate::cue::{Both, Cue, Role};
use crate::ids::Id;
use crate::limits;
use crate::state::ShownCue;
use crate::time::Millis;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Screen {
    cue: Option<ShownCue>,
    /// Newest first.
    earlier: Vec<ShownCue>,
    /// For each of them, the earliest time from which it is painted.
    painted: Vec<(Id, Millis)>,
    /// Each role's last tap that was not a stop.
    last_tap: Both<Option<(Cue, Millis)>>,
}

/// Why a cue is not put on the screen.
pub(super) enum Refused {
    /// The last "a little more pressure" is still outstanding.
    Outstanding,
}

impl Screen {
    /// Whether this is the same tap as the previous one. Remembers it if not.
    pub(super) fn is_same_tap(&mut self, by: Role, cue: Cue, now: Millis) -> bool {
        let last = self.last_tap.of_mut(by);
        let same =
            last.is_some_and(|(before, at)| before == cue && now.since(at) < limits::DEBOUNCE_MS);
        if !same {
            *last = Some((cue, now));
        }
        same
    }

    /// Puts a cue of the receiver on the screen.
    pub(super) fn put(
        &mut self,
        id: Id,
        cue: Cue,
        now: Millis,
        tapped_at: Option<Millis>,
    ) -> Result<(), Refused> {
        let waits = |shown: &ShownCue| {
            shown.cue == Cue::MorePressure
                && shown.acknowledged.is_none()
                && now.since(shown.at) < limits::MORE_OUTSTANDING_MS
        };
        if cue == Cue::MorePressure && self.cue.as_ref().is_some_and(waits) {
            return Err(Refused::Outstanding);
        }
        if let Some(before) = self.cue.take().filter(|before| before.cue != Cue::Stop) {
            self.earlier.insert(0, before);
        }
        self.earlier.retain(|before| before.cue != cue);
        self.earlier = self.earlier(now);
        self.cue = Some(ShownCue::new(id, cue, now, tapped_at));
        Ok(())
    }

    /// Puts the receiver's stop on the screen and removes everything else.
    pub(super) fn put_stop(&mut self, id: Id, now: Millis, tapped_at: Option<Millis>) {
        self.clear();
        self.cue = Some(ShownCue::new(id, Cue::Stop, now, tapped_at));
    }

    /// A hold began: every cue except a stop is stale now.
    pub(super) fn keep_stop_only(&mut self) {
        self.earlier.clear();
        self.cue = self.cue.take().filter(|cue| cue.cue == Cue::Stop);
    }

    pub(super) fn clear(&mut self) {
        self.cue = None;
        self.earlier.clear();
        self.painted.clear();
    }

    /// The screen painted the cue. Returns when; none if the cue is not here or was painted before.
    pub(super) fn shown(&mut self, id: Id, paint: &Paint) -> Option<Millis> {
        let cue = self.find(id).filter(|cue| cue.shown.is_none())?;
        cue.shown = Some(paint.at(cue.at));
        let (shown, earliest) = (cue.shown, paint.earliest(cue.at));
        let mut painted = std::mem::take(&mut self.painted);
        painted.retain(|(of, _)| self.has(*of));
        painted.push((id, earliest));
        self.painted = painted;
        shown
    }

    /// Whether the cue is here and not painted yet.
    pub(super) fn is_unseen(&self, id: Id) -> bool {
        let mut cues = self.cue.iter().chain(&self.earlier);
        cues.any(|cue| cue.id == id && cue.shown.is_none())
    }

    /// Whether the cue is here and not acknowledged yet.
    pub(super) fn needs_acknowledging(&self, id: Id) -> bool {
        let mut cues = self.cue.iter().chain(&self.earlier);
        cues.any(|cue| cue.id == id && cue.acknowledged.is_none())
    }

    /// The helper acknowledged the cue. False if it comes too soon.
    pub(super) fn acknowledge(&mut self, id: Id, now: Millis) -> bool {
        let painted = self.painted.iter().find(|(of, _)| *of == id);
        let seen = was_seen(painted.map(|(_, since)| *since), now);
        if seen && let Some(cue) = self.find(id) {
            cue.acknowledged.get_or_insert(now);
        }
        seen
    }

    pub(super) fn has(&self, id: Id) -> bool {
        self.cue.iter().chain(&self.earlier).any(|cue| cue.id == id)
    }

    pub(super) fn newest(&self) -> Option<&ShownCue> {
        self.cue.as_ref()
    }

    pub(super) fn earlier(&self, now: Millis) -> Vec<ShownCue> {
        let young = |cue: &&ShownCue| now.since(cue.at) < limits::EARLIER_FOR_MS;
        let young = self.earlier.iter().filter(young);
        young.take(limits::EARLIER_AT_MOST).cloned().collect()
    }

    fn find(&mut self, id: Id) -> Option<&mut ShownCue> {
        self.cue
            .iter_mut()
            .chain(&mut self.earlier)
            .find(|cue| cue.id == id)
    }
}
