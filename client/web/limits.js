//! The numbers of shared/rules/src/limits.rs that a device needs, under the same names. Milliseconds
//! unless named otherwise; the sources are given there.

/** How often a device and the relay give a sign of life. */
export const BEAT_EVERY_MS = 500;
/** The longest frame, in bytes. */
export const FRAME_BYTES = 16 * 1024;
/** Silence after which a link is lost, until the relay names another figure. */
export const LOST_AFTER_MS = 2_000;
/** A tap on ready this soon after a hold began does not count. */
export const REFLEX_MS = 500;
/** An act counts if it began at least this long after what it answers was painted. */
export const MEANT_MS = 450;
/** The same cue within this time is one tap. */
export const DEBOUNCE_MS = 250;
/** A stop is sent again at this pace until the relay's state carries it. */
export const STOP_AGAIN_MS = 250;
/** A stop that nobody was shown within this time alarms. */
export const STOP_NOT_SHOWN_MS = 500;
/** A stop that nobody acknowledged within this time alarms on both devices. */
export const STOP_NOT_ACKNOWLEDGED_MS = 3_000;
/** An unsent cue other than stop is dropped at this age. */
export const CUE_EXPIRES_MS = 2_000;
/** How many cues are kept until they are recorded. */
export const UNRECORDED_AT_MOST = 32;
/** How long to wait for a connection before trying anew. */
export const CONNECT_TIMEOUT_MS = 3_000;
/** The first and the longest pause between attempts to connect. */
export const RECONNECT_MS = [100, 1_600];
/** How many round trips the least is taken over. */
export const ROUND_TRIPS = 8;
/** The longest name, in characters. */
export const NAME_CHARS = 40;
/** The longest note, in characters. */
export const NOTE_CHARS = 2_000;
/** A question that nobody answers holds after this time. */
export const CHECK_IN_HOLD_MS = 15_000;
/** In hold to consent a thumb that stays for this long after a question answers it. */
export const HOLDING_ANSWERS_MS = 3_000;
/** `stay` is marked at these seconds: the hold of a stretch. */
export const STAY_MARKS_S = [15, 30];

/** What a relay works with until it names its own.
 * @type {import('./protocol.d.ts').Limits} */
export const DEFAULT_LIMITS = {
  frame_bytes: FRAME_BYTES,
  beat_every_ms: BEAT_EVERY_MS,
  late_after_ms: LOST_AFTER_MS / 2,
  lost_after_ms: LOST_AFTER_MS,
};

/** Close codes beyond the standard ones. */
export const close = { SUPERSEDED: 4001, ENDED: 4002, BAD_TOKEN: 4003, IDLE: 4004, DELETED: 4005 };
