//! Every number the rules depend on, with its reason. The relay's own capacities live with the
//! relay.

/// The longest frame or message a device may send, in bytes. Larger ones close with 1009.
/// Source: protocol.md; a note of 2,000 characters in any script fits.
pub const FRAME_BYTES: usize = 16 * 1024;

/// How often a device and the relay give a sign of life, in milliseconds. Source: safety.md, "Link".
pub const BEAT_EVERY_MS: u64 = 500;

/// Silence after which a link is lost, in milliseconds, unless the relay is told otherwise. Source:
/// safety.md; wireless stops of industry open every relay after 2 s without a pulse.
pub const LOST_AFTER_MS: u64 = 2_000;

/// The link timeouts a relay may be run with, in milliseconds. Source: safety.md.
pub const LOST_AFTER_RANGE_MS: std::ops::RangeInclusive<u64> = 1_000..=5_000;

/// A tap on ready this soon after a hold began is a reflex, not consent. Milliseconds. Source:
/// safety.md, "State".
pub const REFLEX_MS: u64 = 500;

/// An act counts if it began at least this long after what it answers was painted on that screen:
/// sooner nobody can have seen it and meant it. Milliseconds. Source: safety.md, invariant 10.
pub const MEANT_MS: u64 = 450;

/// A ready counts for this long, in milliseconds. Source: safety.md, invariant 10.
pub const READY_FOR_MS: u64 = 60_000;

/// A stop this soon after the end still holds on both devices, in milliseconds. Source: safety.md,
/// invariant 11.
pub const STOP_AFTER_END_MS: u64 = 5_000;

/// Hold to consent: a thumb that stays down for this long after the question was painted answers it.
/// Milliseconds. Source: safety.md, "Check-in".
pub const HOLDING_ANSWERS_MS: u64 = 3_000;

/// The same cue from the same device within this time is one tap. Milliseconds. Source: safety.md,
/// "Taps".
pub const DEBOUNCE_MS: u64 = 250;

/// A cue under "earlier" is dropped at this age, in milliseconds. Source: protocol.md.
pub const EARLIER_FOR_MS: u64 = 10_000;

/// How many cues are kept under "earlier". Source: protocol.md.
pub const EARLIER_AT_MOST: usize = 2;

/// "A little more pressure" counts as outstanding until it is acknowledged, followed by another
/// cue, or this old, in milliseconds: as long as a cue stays under "earlier".
pub const MORE_OUTSTANDING_MS: u64 = EARLIER_FOR_MS;

/// A check-in is asked again, with sound, after this many milliseconds. Source: safety.md.
pub const CHECK_IN_AGAIN_MS: u64 = 5_000;

/// A check-in unanswered for this many milliseconds leads to a hold. Source: safety.md.
pub const CHECK_IN_HOLD_MS: u64 = 15_000;

/// The relay's own check-in after this many seconds live without a sign from the receiver.
/// Source: safety.md.
pub const CHECK_IN_EVERY_S: u32 = 90;

/// The longest `check_in_every_s` a session may choose, in seconds. Source: safety.md.
pub const CHECK_IN_EVERY_MAX_S: u32 = 600;

/// A device sends its stop again at this pace until the relay's state carries it. Milliseconds.
/// Source: safety.md, "Stop, on the clock".
pub const STOP_AGAIN_MS: u64 = 250;

/// A stop that nobody was shown within this time alarms on its own device. Milliseconds. Source:
/// safety.md.
pub const STOP_NOT_SHOWN_MS: u64 = 500;

/// A stop that nobody acknowledged within this time alarms on both devices. Milliseconds. Source:
/// safety.md.
pub const STOP_NOT_ACKNOWLEDGED_MS: u64 = 3_000;

/// A cue other than stop that could not be sent within this time is dropped, and says so.
/// Milliseconds. Source: safety.md, "Taps".
pub const CUE_EXPIRES_MS: u64 = 2_000;

/// How long before the relay's receipt a tap may have been, in milliseconds; an earlier one counts
/// as that old. A late stop is real, but a clock that is off by more than this is no clock.
pub const TAPPED_BEFORE_MS: u64 = 600_000;

/// How many ids of cues a session remembers to tell a repeat from a new one. A device keeps at most
/// [`UNRECORDED_AT_MOST`] cues to send again, so twice as many for each role suffices; an older
/// repeat carries an older epoch, and a forgotten stop repeated is a stop.
pub const REMEMBERED_IDS: usize = 4 * UNRECORDED_AT_MOST;

/// How many cues a device keeps until they are recorded. Past it the oldest is given up: its
/// receipt says "not recorded".
pub const UNRECORDED_AT_MOST: usize = 32;

/// How far the epoch moves when a relay takes a session up from its journal. Holds that had begun
/// but were not yet durable at the kill are gone from the journal while devices may still hold cues
/// of their epochs, so the new epoch must lie past them all. More than any journal can have queued.
pub const RESTART_EPOCH_GAP: u64 = 1 << 20;

/// Among how many multiples of [`RESTART_EPOCH_GAP`] the id of a restart's entry picks one, a power of
/// two. Two restarts of which the first was not durable meet on the same epochs once in as many; and
/// epochs stay below 2^53, which is as far as JavaScript counts, for 2^17 restarts.
pub const RESTART_EPOCH_LEAPS: u64 = 1 << 16;

/// The longest name a person may type, in characters.
pub const NAME_CHARS: usize = 40;

/// The longest note, in characters.
pub const NOTE_CHARS: usize = 2_000;

/// How long a device waits for a connection before it tries anew, in milliseconds: on a LAN the
/// handshake takes a few, and a person with a red screen is waiting.
pub const CONNECT_TIMEOUT_MS: u64 = 3_000;

/// The first and the longest pause between attempts to connect, in milliseconds. The longest keeps
/// "devices back within 2 s of a restart" (quality.md).
pub const RECONNECT_MS: (u64, u64) = (100, 1_600);

/// How many round trips the least is taken over: 4 s of beats.
pub const ROUND_TRIPS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_comes_to_what_the_documents_say() {
        // protocol.md, and the web client's limits.js.
        assert_eq!(FRAME_BYTES, 16_384);
        // Each role's device keeps so many cues, and as many again may be on their way.
        assert_eq!(REMEMBERED_IDS, 2 * 2 * UNRECORDED_AT_MOST);
        // More than a journal has queued, and JavaScript counts the epochs of 2^17 restarts.
        assert_eq!(RESTART_EPOCH_GAP, 1_048_576);
        assert_eq!(RESTART_EPOCH_GAP * RESTART_EPOCH_LEAPS, 1 << (53 - 17));
    }
}
