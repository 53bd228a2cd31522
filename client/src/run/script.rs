//! `--json`: the terminal client for programs. Every change is one line of JSON on standard output, and
//! commands are lines on standard input. A line that was written counts as painted on a screen.

mod printer;
mod summary;

use std::time::Duration;

use serde::Serialize;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::limits;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::message::{ConfirmItem, ErrorCode, ToRelay};
use tapcue_rules::state::Phase;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::Instant;

use printer::Printer;
pub use summary::Summary;

use crate::device::driver::{Device, sleep_until};
use crate::device::snapshot::{Snapshot, What};
use crate::signals::Signals;
use crate::tui::app::{Leave, Shown};

/// How long it still listens to a session that has ended. A stop may arrive, and the relay says who deleted
/// the session.
const LAST_WORD_WITHIN: Duration = Duration::from_millis(limits::STOP_AFTER_END_MS + 300);

/// How long the program waits for the last lines to be written before it ends.
const LAST_LINES_WITHIN: Duration = Duration::from_secs(2);

/// One line of output.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Output {
    /// How the other device joins. Only this line contains a secret.
    Pairing {
        /// The code to type.
        code: String,
        /// The link to open.
        link: String,
    },
    /// The state of the session, without ids, names and tokens.
    State(Box<Summary>),
    /// The relay refused a command.
    Error {
        /// The reason.
        code: ErrorCode,
        /// The reason, for a person.
        message: String,
        /// For a deleted session, who deleted it; null if its retention expired, or if it was not deleted.
        by: Option<Role>,
        /// Whether this ended the connection.
        fatal: bool,
    },
    /// There is no connection to the relay at present.
    Unreachable {
        /// The reason.
        reason: String,
    },
    /// Say "stop" aloud, now.
    Shout,
    /// A command came too soon after its target was printed and had no effect. It must be repeated.
    TooSoon,
    /// Lines could not be written in time and are lost. The current state follows.
    Dropped {
        /// The number of lost lines.
        lines: u64,
    },
    /// The line is not a command.
    Unknown {
        /// The valid commands.
        usage: String,
    },
}

/// The meaning of a line of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Tap this cue.
    Tap(Cue),
    /// Hold to consent: the thumb is down, or was lifted.
    Thumb(bool),
    /// Acknowledge with "seen" or "hands off".
    Acknowledge,
    /// Send this message.
    Say(ToRelay),
    /// Leave the program; the session is held.
    Leave,
}

/// The syntax of the commands.
#[must_use]
pub fn usage() -> String {
    let cues = Cue::ALL.map(Cue::as_str).join(" | ");
    format!(
        "{cues} | ack | thumb down|up | confirm set_up yes|no | confirm warning_signs yes|no | \
         confirm cleared yes|no | renew | end | leave"
    )
}

/// Reads a line of input. None if it is not a command. A line that contains the word "stop" is a stop, with
/// any other words.
#[must_use]
pub fn command(line: &str) -> Option<Command> {
    let mut pieces = line.split(|piece: char| !piece.is_alphanumeric());
    if pieces.any(|piece| piece.eq_ignore_ascii_case(Cue::Stop.as_str())) {
        return Some(Command::Tap(Cue::Stop));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let confirm = |item, answer: &str| {
        let value = match answer {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some(Command::Say(ToRelay::Confirm { item, value }))
    };
    match words.as_slice() {
        ["thumb", "down"] => Some(Command::Thumb(true)),
        ["thumb", "up"] => Some(Command::Thumb(false)),
        ["ack"] => Some(Command::Acknowledge),
        ["end"] => Some(Command::Say(ToRelay::End)),
        ["renew"] => Some(Command::Say(ToRelay::RenewCode)),
        ["leave"] => Some(Command::Leave),
        ["confirm", "set_up", answer] => confirm(ConfirmItem::SetUp, answer),
        ["confirm", "cleared", answer] => confirm(ConfirmItem::Cleared, answer),
        ["confirm", "warning_signs", answer] => confirm(ConfirmItem::WarningSigns, answer),
        [word] => {
            let cue = Cue::ALL.into_iter().find(|cue| cue.as_str() == *word);
            cue.map(Command::Tap)
        }
        _ => None,
    }
}

/// Prints every change and carries out commands, until the session is left.
///
/// # Errors
/// The output cannot be written.
pub async fn run(device: &Device) -> std::io::Result<Leave> {
    let mut signals = Signals::listen()?;
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let mut listening = true;
    let mut snapshots = device.snapshots();
    let (mut print, mut printed) = Printer::start()?;
    let mut changes = Changes::default();
    let mut news = true;
    let mut last_word = None;
    loop {
        if std::mem::take(&mut news) {
            let snapshot = snapshots.borrow_and_update().clone();
            for (output, ids) in changes.of(&snapshot) {
                print.line(&output, ids)?;
            }
            match (left(&snapshot, listening), snapshot.view.link) {
                (
                    Some(Leave::Ended),
                    DeviceLink::Connecting | DeviceLink::Here | DeviceLink::Late | DeviceLink::Lost,
                ) => {
                    last_word.get_or_insert_with(|| Instant::now() + LAST_WORD_WITHIN);
                }
                (Some(leave), _) => {
                    print.finish(&mut printed).await;
                    return Ok(leave);
                }
                // A stop that is not acknowledged may have arrived after the end.
                (None, _) => last_word = None,
            }
        }
        tokio::select! {
            biased;
            line = input.next_line(), if listening => match line {
                Ok(Some(line)) => match command(&line) {
                    Some(Command::Tap(cue)) => {
                        device.tap(cue);
                    }
                    Some(Command::Thumb(down)) => {
                        device.thumb(down);
                    }
                    Some(Command::Acknowledge) => device.acknowledge(),
                    Some(Command::Say(message)) => device.say(message),
                    Some(Command::Leave) => return Ok(Leave::Early),
                    None if line.trim().is_empty() => {}
                    None => print.line(&Output::Unknown { usage: usage() }, Vec::new())?,
                },
                // The input is closed. The session goes on, but no further command can lift a thumb.
                Ok(None) | Err(_) => {
                    listening = false;
                    news = true;
                    device.thumb(false);
                }
            },
            () = sleep_until(last_word) => {
                print.finish(&mut printed).await;
                return Ok(Leave::Ended);
            }
            () = signals.next() => return Ok(Leave::Early),
            shown = printed.recv() => match shown {
                Some(shown) => {
                    for Shown { id, acknowledged } in shown {
                        device.painted(id, acknowledged);
                    }
                    if print.caught_up()? {
                        changes.again();
                        news = true;
                    }
                }
                None => return Err(std::io::ErrorKind::BrokenPipe.into()),
            },
            changed = snapshots.changed() => {
                if changed.is_err() {
                    return Err(std::io::Error::other("the device stopped"));
                }
                news = true;
            }
        }
    }
}

/// Whether the program is to end. Invariant: it does not end during a stop that is not acknowledged while its
/// input is open.
fn left(snapshot: &Snapshot, listening: bool) -> Option<Leave> {
    let over = snapshot.phase() == Some(Phase::Ended) || snapshot.view.link == DeviceLink::Over;
    match snapshot.view.link {
        _ if over && snapshot.view.stopped && listening => None,
        _ if snapshot.phase() == Some(Phase::Ended) => Some(Leave::Ended),
        DeviceLink::Over => Some(Leave::Ended),
        DeviceLink::Refused => Some(Leave::Refused),
        DeviceLink::Superseded => Some(Leave::Superseded),
        DeviceLink::Connecting | DeviceLink::Here | DeviceLink::Late | DeviceLink::Lost => None,
    }
}

/// Turns snapshots into lines for what is new.
#[derive(Debug, Default)]
struct Changes {
    code: Option<String>,
    summary: Option<Summary>,
    notices: u64,
    shouts: u64,
    painted: Vec<Shown>,
}

impl Changes {
    /// Earlier lines were lost, so the whole current state counts as new.
    fn again(&mut self) {
        self.summary = None;
        self.code = None;
        self.painted.clear();
    }

    /// The lines to print, each with the items that count as painted once it is written.
    fn of(&mut self, snapshot: &Snapshot) -> Vec<(Output, Vec<Shown>)> {
        let mut lines = Vec::new();
        if snapshot.shouts > self.shouts {
            self.shouts = snapshot.shouts;
            lines.push((Output::Shout, Vec::new()));
        }
        if let Some(pairing) = &snapshot.pairing
            && self.code.as_ref() != Some(&pairing.code.0)
        {
            self.code = Some(pairing.code.0.clone());
            let output = Output::Pairing {
                code: pairing.code.0.clone(),
                link: pairing.link.0.clone(),
            };
            lines.push((output, Vec::new()));
        }
        for notice in snapshot.notices.iter().filter(|n| n.n > self.notices) {
            let output = match &notice.what {
                What::Refused {
                    code,
                    message,
                    by,
                    fatal,
                    ..
                } => Output::Error {
                    code: *code,
                    message: message.clone(),
                    by: *by,
                    fatal: *fatal,
                },
                What::TooSoon => Output::TooSoon,
                What::Unreachable { why } => Output::Unreachable {
                    reason: why.to_string(),
                },
            };
            lines.push((output, Vec::new()));
        }
        self.notices = snapshot.notices.back().map_or(self.notices, |n| n.n);
        let summary = Summary::from(snapshot);
        // While the link is lost the relay gets no reports. Afterwards it may not know what was shown before,
        // so all of it is printed again.
        let lost = snapshot.view.link == DeviceLink::Lost;
        let visible = if lost { Vec::new() } else { visible(snapshot) };
        let fresh = visible.iter().filter(|one| !self.painted.contains(one));
        let fresh: Vec<Shown> = fresh.copied().collect();
        if snapshot.state.is_some()
            && (!fresh.is_empty() || self.summary.as_ref() != Some(&summary))
        {
            self.summary = Some(summary.clone());
            lines.push((Output::State(Box::new(summary)), fresh));
        }
        self.painted = visible;
        lines
    }
}

/// What the state line has shown to its reader.
fn visible(snapshot: &Snapshot) -> Vec<Shown> {
    let (Some(state), Some(role)) = (&snapshot.state, snapshot.role()) else {
        return Vec::new();
    };
    let plain = |id| Shown {
        id,
        acknowledged: false,
    };
    let hold = state.hold.as_ref().map(|hold| Shown {
        id: hold.id,
        acknowledged: hold.acknowledged,
    });
    let hold = snapshot.view.ahead.map(plain).or(hold);
    let mine = match role {
        Role::Helper => state.cue.as_ref().map(|cue| cue.id),
        Role::Receiver => state.check_in.as_ref().map(|asked| asked.id),
    };
    let mut shown: Vec<Shown> = hold.into_iter().chain(mine.map(plain)).collect();
    shown.dedup_by_key(|one| one.id);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cue_is_a_command_and_nothing_else_is() {
        for cue in Cue::ALL {
            assert_eq!(command(cue.as_str()), Some(Command::Tap(cue)));
        }
        for line in [
            "  stop ",
            "STOP",
            "\u{feff}stop",
            "Stop!",
            "stop now",
            r#"{"type":"cue","cue":"stop"}"#,
        ] {
            assert_eq!(command(line), Some(Command::Tap(Cue::Stop)), "{line}");
        }
        assert_eq!(command("thumb down"), Some(Command::Thumb(true)));
        assert_eq!(command("thumb up"), Some(Command::Thumb(false)));
        let answer = |item, value| Some(Command::Say(ToRelay::Confirm { item, value }));
        assert_eq!(
            command("confirm warning_signs no"),
            answer(ConfirmItem::WarningSigns, false)
        );
        assert_eq!(
            command("confirm set_up yes"),
            answer(ConfirmItem::SetUp, true)
        );
        for line in [
            "",
            "go",
            "stopped",
            "confirm set_up",
            "confirm set_up maybe",
            "thumb",
            "thumb sideways",
        ] {
            assert_eq!(command(line), None, "{line}");
        }
    }
}
