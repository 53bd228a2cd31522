//! The numbers that the rules depend on, with their reasons. When a link is late follows from them
//! ([`Limits::with_link_timeout`](crate::message::Limits::with_link_timeout)). The relay's settings are in its
//! `config.rs`; each of its bounds stands beside what it bounds.

/// The longest frame or message a device may send, in bytes. Larger ones close with 1009.
/// Source: protocol.md; a note of 2,000 characters in any script fits.
pub const FRAME_BYTES: usize = 16 * 1024;

/// The interval of heartbeats between a device and the relay, in milliseconds. Source: safety.md, "The clock".
pub const BEAT_EVERY_MS: u64 = 500;

/// The default link timeout: a link is lost after this long without a message, in milliseconds. Source:
/// safety.md; industrial wireless stops open every relay after 2 s without a pulse.
pub const LOST_AFTER_MS: u64 = 2_000;

/// The link timeouts that an operator may configure, in milliseconds. Source: safety.md.
pub const LOST_AFTER_RANGE_MS: std::ops::RangeInclusive<u64> = 1_000..=5_000;

/// A tap on ready this soon after a hold began is a reflex, not consent. In milliseconds. Source: safety.md,
/// "The clock".
pub const REFLEX_MS: u64 = 500;

/// An action counts only if it began at least this long after its screen showed what it answers. Sooner than
/// that, a person cannot have read it. In milliseconds. Source: safety.md, rule 10.
pub const MEANT_MS: u64 = 450;

/// A ready counts for this long, in milliseconds. Source: safety.md, rule 10.
pub const READY_FOR_MS: u64 = 60_000;

/// A stop this soon after the end still holds on both devices, in milliseconds. Source: safety.md,
/// rule 11.
pub const STOP_AFTER_END_MS: u64 = 5_000;

/// Hold to consent: a thumb that stays down this long after the question was painted answers it. In
/// milliseconds. Source: protocol.md, "What the rules do".
pub const HOLDING_ANSWERS_MS: u64 = 3_000;

/// The same cue from the same device within this time is one tap. In milliseconds. Source:
/// protocol.md, "What the rules do".
pub const DEBOUNCE_MS: u64 = 250;

/// A cue is removed from "earlier" at this age, in milliseconds. Source: protocol.md.
pub const EARLIER_FOR_MS: u64 = 10_000;

/// How many cues are kept under "earlier". Source: protocol.md.
pub const EARLIER_AT_MOST: usize = 2;

/// "A little more pressure" is outstanding until it is acknowledged, followed by another cue, or this old. In
/// milliseconds. A cue stays under "earlier" for the same time.
pub const MORE_OUTSTANDING_MS: u64 = EARLIER_FOR_MS;

/// A check-in is asked again, with sound, after this many milliseconds. Source: safety.md.
pub const CHECK_IN_AGAIN_MS: u64 = 5_000;

/// A check-in unanswered for this many milliseconds leads to a hold. Source: safety.md.
pub const CHECK_IN_HOLD_MS: u64 = 15_000;

/// The relay asks its own check-in after this many seconds live without a sign from the receiver. Source:
/// safety.md.
pub const CHECK_IN_EVERY_S: u32 = 90;

/// The longest `check_in_every_s` a session may choose, in seconds. Source: safety.md.
pub const CHECK_IN_EVERY_MAX_S: u32 = 600;

/// A device retries its stop at this interval until the relay's state contains it. In milliseconds. Source:
/// safety.md, "The clock".
pub const STOP_AGAIN_MS: u64 = 250;

/// A stop that the other device did not show within this time raises an alarm on its own device. In
/// milliseconds. Source: safety.md.
pub const STOP_NOT_SHOWN_MS: u64 = 500;

/// A stop that was not acknowledged within this time raises an alarm on both devices. In milliseconds.
/// Source: safety.md.
pub const STOP_NOT_ACKNOWLEDGED_MS: u64 = 3_000;

/// A cue other than stop that could not be sent within this time is dropped, and its device shows that. In
/// milliseconds. Source: protocol.md, "Receipts, sending again, ids".
pub const CUE_EXPIRES_MS: u64 = 2_000;

/// The greatest age of a tap when the relay receives it, in milliseconds; an older time counts as this old. A
/// clock that differs by more than this is not usable.
pub const TAPPED_BEFORE_MS: u64 = 600_000;

/// How many cues a device keeps until they are recorded. When it has more, it drops the oldest and shows it
/// as "not recorded".
pub const UNRECORDED_AT_MOST: usize = 32;

/// How many stops, how many other accepted cues and how many refused ones a session remembers of each device to
/// recognise repeats. A device keeps at most [`UNRECORDED_AT_MOST`] cues to send again; as many more may be in
/// flight. An older repeat has an older epoch and is refused; a repeated stop that was forgotten counts as a new
/// stop.
pub const REMEMBERED_IDS: usize = 2 * UNRECORDED_AT_MOST;

/// How far the epoch moves when a relay restores a session from its journal. Holds that were not yet durable
/// at the crash are not in the journal, but devices may still have cues of their epochs. The new epoch must
/// therefore be greater than all of those. The gap is more than a journal can have queued.
pub const RESTART_EPOCH_GAP: u64 = 1 << 20;

/// The restart entry's id selects one of this many multiples of [`RESTART_EPOCH_GAP`]; a power of two. Two
/// restarts of which the first was not durable get the same epochs with a chance of 1 in this number. Epochs
/// stay below 2^53, the greatest exact integer in JavaScript, for 2^17 restarts.
pub const RESTART_EPOCH_LEAPS: u64 = 1 << 16;

/// The longest name a person may type, in characters.
pub const NAME_CHARS: usize = 40;

/// The longest note, in characters.
pub const NOTE_CHARS: usize = 2_000;

/// How long a device waits for a connection before it tries again, in milliseconds. On a LAN the handshake
/// takes a few, and a person is waiting in front of a red screen.
pub const CONNECT_TIMEOUT_MS: u64 = 3_000;

/// The first and the longest delay between attempts to connect, in milliseconds. With the longest delay,
/// devices are back within 2 s of a restart.
pub const RECONNECT_MS: (u64, u64) = (100, 1_600);

/// How many round trips the minimum is taken over: 4 s of heartbeats.
pub const ROUND_TRIPS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_comes_to_what_the_documents_say() {
        // protocol.md.
        assert_eq!(FRAME_BYTES, 16_384);
        // A device keeps this many cues, and as many again may be in flight.
        assert_eq!(REMEMBERED_IDS, 64);
        // More than a journal has queued. JavaScript represents the epochs of 2^17 restarts exactly.
        assert_eq!(RESTART_EPOCH_GAP, 1_048_576);
        assert_eq!(RESTART_EPOCH_GAP * RESTART_EPOCH_LEAPS, 1 << (53 - 17));
    }
}
