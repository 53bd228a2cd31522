//! The content of an entry, in a few words.

use super::{Words, clean, clock};
use crate::{Line, Mark, Note, Transcript};
use tapcue_rules::entry::{Timer, What};
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::state::LinkStatus;

impl Words {
    /// A mark with its outcome: "1:23 Receiver: Slower. Shown after 120 ms".
    pub(crate) fn tell(&self, transcript: &Transcript, mark: &Mark) -> String {
        let at = clock(mark.at.since(transcript.timeline().from));
        let (who, marks) = (self.role(mark.by), &self.marks);
        let line = transcript.line(mark.seq);
        let says = line.map(|line| self.says(transcript, line));
        let says = says.unwrap_or_default();
        let became = line.map(|line| self.became(line)).unwrap_or_default();
        let point = if became.is_empty() { "" } else { marks.point };
        format!("{at} {who}{}{says}{point}{became}", marks.colon)
    }

    /// The content of an entry.
    pub(crate) fn says(&self, transcript: &Transcript, line: &Line) -> String {
        let says = &self.says;
        match &line.entry.what {
            What::Opened { .. } => says.opened.into(),
            What::Joined { .. } => says.joined.into(),
            What::Connected { .. } => says.connected.into(),
            What::Link { status } => self.link_changed(*status).into(),
            What::Cue { cue, .. } => self.cue(*cue).into(),
            What::Stops { count, .. } => self.fill(says.stops, &[("n", count)]),
            What::Thumb { down: true, .. } => says.thumb_down.into(),
            What::Thumb { down: false, .. } => says.thumb_lifted.into(),
            What::Shown { .. } => self.about(transcript, says.shown, line),
            What::Acknowledged { .. } => {
                let of_hold = line.outcome.of.and_then(|seq| transcript.line(seq));
                let stops = of_hold.is_some_and(|line| {
                    line.outcome.hold.is_some()
                        || line.entry.what.tap().is_some_and(|tap| tap.stops)
                });
                let said = if stops { says.hands_off } else { says.seen };
                self.about(transcript, said, line)
            }
            What::Confirmed { item, value } => self.confirmed(*item, *value).into(),
            What::Due { timer } => match timer {
                Timer::CheckIn => says.due_check_in,
                Timer::CheckInAgain => says.due_again,
                Timer::NoAnswer => says.due_no_answer,
                Timer::HeldOn => says.due_held_on,
                Timer::ReceiverReadyExpired => says.due_receiver_ready,
                Timer::HelperReadyExpired => says.due_helper_ready,
            }
            .into(),
            What::Restarted => says.restarted.into(),
            What::Noted { .. } => self.noted(line.note.as_ref()),
            What::Ended => says.ended.into(),
        }
    }

    fn about(&self, transcript: &Transcript, said: &str, line: &Line) -> String {
        let Some(of) = line.outcome.of.and_then(|seq| transcript.line(seq)) else {
            return said.into();
        };
        let (short, n) = (self.short(of), of.seq);
        self.fill(self.says.of, &[("what", &said), ("of", &short), ("n", &n)])
    }

    /// The target of a receipt, in a word or two.
    fn short(&self, line: &Line) -> &'static str {
        let says = &self.says;
        match &line.entry.what {
            What::Cue { cue, .. } => self.cue(*cue),
            What::Stops { .. } => self.cues.stop,
            What::Thumb { .. } => says.of_thumb,
            What::Due {
                timer: Timer::NoAnswer,
            } => says.of_no_answer,
            What::Due { .. } => says.of_check_in,
            What::Link { .. } | What::Connected { .. } => says.of_link,
            What::Restarted => says.of_restart,
            What::Confirmed { .. } => says.of_sign,
            What::Opened { .. }
            | What::Joined { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Noted { .. }
            | What::Ended => says.of_hold,
        }
    }

    const fn link_changed(&self, status: LinkStatus) -> &'static str {
        match status {
            LinkStatus::Here => self.says.link_here,
            LinkStatus::Late => self.says.link_late,
            LinkStatus::Lost => self.says.link_lost,
            LinkStatus::Away => self.says.link_away,
            LinkStatus::Absent => self.says.link_absent,
        }
    }

    /// The text of a confirmation.
    pub(super) const fn confirmed(&self, item: ConfirmItem, value: bool) -> &'static str {
        match (item, value) {
            (ConfirmItem::SetUp, true) => self.says.set_up_yes,
            (ConfirmItem::SetUp, false) => self.says.set_up_no,
            (ConfirmItem::WarningSigns, true) => self.says.warning_signs_yes,
            (ConfirmItem::WarningSigns, false) => self.says.warning_signs_no,
            (ConfirmItem::Cleared, true) => self.says.cleared_yes,
            (ConfirmItem::Cleared, false) => self.says.cleared_no,
        }
    }

    fn noted(&self, note: Option<&Note>) -> String {
        let says = &self.says;
        let on = |about: Option<u64>| {
            about.map_or_else(String::new, |seq| self.fill(says.note_on, &[("n", &seq)]))
        };
        let (kind, text, about) = match note {
            None | Some(Note::Hidden) => return says.note_hidden.into(),
            Some(Note::Shared { text, about }) => (says.note, text, *about),
            Some(Note::Own { text, about, .. }) => (says.note_private, text, *about),
        };
        if text.trim().is_empty() {
            format!("{}{}", says.note_marker, on(about))
        } else {
            let (colon, text) = (self.marks.colon, clean(text));
            format!("{kind}{}{colon}{text}", on(about))
        }
    }
}
