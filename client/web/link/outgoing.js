//! What a device has tapped and the relay has not yet made good: unsent cues that expire, a stop
//! or a lifted thumb that is sent again until the state carries it, and cues kept until they are
//! recorded. The twin of shared/rules/src/link/outgoing.rs.

import * as limits from '../limits.js';
import { onRelay, since } from './clock.js';

/** @import { Clock, Cue, ErrorCode, Lamp, Role, Stage, State, ToRelay } from '../protocol.d.ts' */
/** @import { Moment } from './types.d.ts' */

/**
 * @typedef {object} Kept
 * @property {string} id
 * @property {Cue} cue
 * @property {number | null} epoch
 * @property {Moment} tapped
 * @property {boolean} sent
 */

/**
 * The newest stop of this device, until the other screen showed it.
 * @typedef {object} OwnStop
 * @property {string} id
 * @property {number} tapped
 * @property {number} againAt
 * @property {boolean} answered The relay has it: no more sending.
 * @property {boolean} carried The relay's state carried it.
 * @property {boolean} answeredByState A state came since it was said, or said again.
 * @property {boolean} refused The relay does not take it any more: the session is over. It is on no
 *   other screen.
 * @property {Lift | null} lift Set if it is a thumb that was lifted.
 */

/**
 * @typedef {object} Lift
 * @property {string | null} lifts With which id the thumb was put down.
 * @property {Moment} at
 * @property {boolean} live Whether the session was live. If it was not, the word of it goes out all
 *   the same, for it may have become live by then; but nothing is red yet.
 */

/** The stages in the order of getting there. @type {readonly Stage[]} */
export const STAGES = ['waiting', 'sent', 'relayed', 'shown', 'acknowledged', 'refused', 'expired'];

export class Outgoing {
  /** Not recorded yet, the oldest first; at most UNRECORDED_AT_MOST. @type {Kept[]} */
  #kept = [];
  /** The newest stop of this device, or its lifted thumb, until it is on the other screen.
   * @type {OwnStop | null} */
  #stop = null;
  /** @type {Lamp | null} */
  #lamp = null;
  /** @type {{ cue: Cue, at: number } | null} */
  #lastTap = null;

  /**
   * A tap, and when its finger or key went down: however late it is handled, that tells two taps from one
   * that bounced. What to send at once, if anything.
   * @param {Moment} tapped
   * @param {number} began
   * @param {string} id
   * @param {Cue} cue
   * @param {number | null} epoch
   * @param {boolean} up
   * @returns {ToRelay | null}
   */
  tap(tapped, began, id, cue, epoch, up) {
    const now = tapped.at;
    const stop = cue === 'stop';
    const last = this.#lastTap;
    const same = last !== null && last.cue === cue && since(began, last.at) < limits.DEBOUNCE_MS;
    if (!stop && (same || epoch === null)) return null;
    this.#lastTap = { cue, at: began };
    if (stop) {
      // Whoever hammers on stop must not put off the alarm that nobody was shown the first.
      const before = this.#stop;
      const waiting = before !== null && !isQuiet(before);
      this.#stop = ownStop(id, waiting ? before.tapped : now, now);
    }
    if (this.#kept.length >= limits.UNRECORDED_AT_MOST) {
      // Any stop outlives any other cue.
      const other = this.#kept.findIndex((kept) => kept.cue !== 'stop');
      this.#kept.splice(Math.max(0, other), 1);
    }
    const kept = { id, cue, epoch: stop ? null : epoch, tapped, sent: up };
    this.#kept.push(kept);
    this.#lamp = { id, cue, stage: up ? 'sent' : 'waiting' };
    return up ? cueMessage(kept, null) : null;
  }

  /**
   * A thumb was lifted: what to send. Nobody comes back to a session that is live, so it is not kept
   * beyond its connection.
   * @param {Moment} at
   * @param {string} id
   * @param {string | null} lifts
   * @param {boolean} live
   * @returns {ToRelay}
   */
  lift(at, id, lifts, live) {
    const lift = { lifts, at, live };
    // A stop that is on its way does all that this could do.
    if (this.#stop === null || isQuiet(this.#stop)) {
      this.#stop = { ...ownStop(id, at.at, at.at), lift };
    }
    return liftMessage(id, lift, null);
  }

  /**
   * The thumb is down again. The relay had the word of the lift before this one, on the same
   * connection: where it stopped something the thumb comes too late, and where it did not there is
   * nothing left to send or to alarm about.
   * @param {boolean} held by the newest state
   */
  thumbIsBack(held) {
    const stop = this.#stop;
    if (stop?.lift && !stop.carried && (held || isQuiet(stop))) this.#stop = null;
  }

  /**
   * Time passed: what to send again, and what is too old to send at all.
   * @param {number} now
   * @param {Clock | null} clock
   * @param {boolean} up
   * @returns {ToRelay[]}
   */
  tick(now, clock, up) {
    /** @param {Kept} kept */
    const expired = (kept) =>
      !kept.sent && kept.cue !== 'stop' && since(now, kept.tapped.at) >= limits.CUE_EXPIRES_MS;
    const lamp = this.#lamp;
    if (lamp && this.#kept.some((kept) => kept.id === lamp.id && expired(kept))) {
      lamp.stage = 'expired';
    }
    this.#kept = this.#kept.filter((kept) => !expired(kept));
    const stop = this.#stop;
    if (!stop || !up || stop.answered || now < stop.againAt) return [];
    stop.againAt = now + limits.STOP_AGAIN_MS;
    if (stop.lift) return [liftMessage(stop.id, stop.lift, clock)];
    const kept = this.#kept.find(({ id }) => id === stop.id);
    return [kept ? cueMessage(kept, clock) : { type: 'cue', id: stop.id, cue: 'stop' }];
  }

  /**
   * The link is up again: everything that is not recorded is sent again, the stops first and the
   * newest of them last, for that one is to be acknowledged. The same ids make the same cues, so
   * nothing is shown twice.
   * @param {number} now
   * @param {Clock | null} clock
   * @param {State} state
   * @returns {ToRelay[]}
   */
  again(now, clock, state) {
    // Whoever comes back comes back to a hold, or to the end.
    if (this.#stop?.lift && !this.#stop.carried && state.phase !== 'ended') this.#stop = null;
    // The relay refused this stop for an end that it lost since: it counts again, as the newest, and is
    // sent before any word of its paint.
    if (this.#stop?.refused && state.phase !== 'ended') {
      const { id, tapped } = this.#stop;
      this.#stop = ownStop(id, tapped, now);
      this.#kept.push({ id, cue: 'stop', epoch: null, tapped: { at: tapped, clock }, sent: true });
    }
    // A stop that a relay lost before it was recorded begins anew, its alarm included.
    const newest = this.#kept.findLast((kept) => kept.cue === 'stop');
    if (newest && stageOf(state, newest.id) === null) {
      const tapped = this.stopUnderWay() === newest.id ? newest.tapped.at : now;
      this.#stop = ownStop(newest.id, tapped, now);
      if (this.#lamp?.id === newest.id) this.#lamp.stage = 'sent';
    }
    for (const kept of this.#kept) {
      kept.sent = true;
      if (this.#lamp?.id === kept.id) this.#advance('sent');
    }
    const stops = this.#kept.filter((kept) => kept.cue === 'stop');
    const others = this.#kept.filter((kept) => kept.cue !== 'stop');
    return [...stops, ...others].map((kept) => cueMessage(kept, clock));
  }

  /** A state came that is no welcome's. */
  stated() {
    if (this.#stop) this.#stop.answeredByState = true;
  }

  /**
   * What the relay's state says of the cues of this device.
   * @param {State} state
   * @param {Role | null} role
   */
  carried(state, role) {
    const stop = this.#stop;
    if (stop) {
      const found = stageOf(state, stop.id);
      stop.carried ||= found !== null;
      stop.answered ||= stop.carried;
      const shown = found !== null && atLeast(found, 'shown');
      const live = state.phase === 'live' && !stop.carried;
      if (stop.lift) stop.lift.live ||= live;
      // A stop that the relay has and no state carries is dealt with, or replaced by a newer. A
      // thumb may be lifted where there is nothing to stop; a state that still says live does not
      // know of it yet.
      const gone = found === null && !stop.refused && !(stop.lift && live);
      if (stop.answered && (shown || gone)) this.#stop = null;
    }
    const lamp = this.#lamp;
    if (lamp) {
      const ready = lamp.cue === 'ready' && role !== null && state.ready[role];
      const found = stageOf(state, lamp.id) ?? (ready ? 'relayed' : null);
      if (found !== null) this.#advance(found);
    }
  }

  /** The relay answered for a lifted thumb, and there was nothing to stop.
   * @param {State | null} state */
  settleLift(state) {
    const held = state !== null && state.phase !== 'live';
    const stop = this.#stop;
    if (stop?.lift && stop.answered && !stop.carried && !stop.refused && held) this.#stop = null;
  }

  /** @param {string} id @param {State | null} state */
  recorded(id, state) {
    this.#kept = this.#kept.filter((kept) => kept.id !== id);
    const stop = this.#stop;
    if (stop?.id === id) {
      stop.answered = true;
      // The state came first, and has it no more: it was known and dealt with before it was said again.
      const gone = state !== null && state.phase !== 'ended' && stageOf(state, id) === null;
      if (gone && stop.answeredByState && !stop.refused && stop.lift === null) this.#stop = null;
    }
    if (this.#lamp?.id === id) this.#advance('relayed');
  }

  /**
   * The relay did not take it; sending it again would not help.
   * @param {string} id
   * @param {ErrorCode} code
   */
  refused(id, code) {
    if (code === 'unavailable') {
      // The relay has it and could not record it: it stays to be sent on the next connection.
      if (this.#stop?.id === id) this.#stop.answered = true;
      return;
    }
    this.#kept = this.#kept.filter((kept) => kept.id !== id);
    const stop = this.#stop;
    if (code === 'bad_message' && stop?.id === id) {
      // The relay takes every stop that it can read, and gave this one another id.
      stop.answered = true;
      if (this.#lamp?.id === id) this.#advance('relayed');
      return;
    }
    if (code === 'ended' && stop?.id === id) {
      stop.answered = true;
      stop.refused = true;
      if (isQuiet(stop)) this.#stop = null;
    }
    if (this.#lamp?.id === id) {
      this.#lamp.stage = 'refused';
      this.#lamp.code = code;
    }
  }

  /** The stop of this device that no state of the relay's has carried yet. @returns {string | null} */
  stopUnderWay() {
    const stop = this.#stop;
    return stop && !stop.carried && !isQuiet(stop) ? stop.id : null;
  }

  /** The same, if it was tapped. @returns {string | null} */
  tappedStopUnderWay() {
    return this.#stop?.lift ? null : this.stopUnderWay();
  }

  /** The stop of this device that no other screen has shown yet, as far as the relay says.
   * @returns {string | null} */
  stopNotShown() {
    const stop = this.#stop;
    return stop && !isQuiet(stop) ? stop.id : null;
  }

  /** Whether the relay took this stop of the device's no more, for the session was over.
   * @param {string} id */
  isRefused(id) {
    return this.#stop?.id === id && this.#stop.refused;
  }

  /**
   * Whether a stop of this device has been on its way to the other screen for too long.
   * @param {number} now
   */
  stopNotDelivered(now) {
    const stop = this.#stop;
    if (stop === null || isQuiet(stop)) return false;
    return since(now, stop.tapped) >= limits.STOP_NOT_SHOWN_MS;
  }

  /** @returns {Lamp | null} */
  lamp() {
    return this.#lamp && { ...this.#lamp };
  }

  /**
   * @param {number} now
   * @param {boolean} up
   * @returns {number | null}
   */
  deadline(now, up) {
    const times = [];
    const stop = this.#stop;
    if (stop) {
      if (up && !stop.answered) times.push(stop.againAt);
      const alarm = stop.tapped + limits.STOP_NOT_SHOWN_MS;
      if (!isQuiet(stop) && alarm > now) times.push(alarm);
    }
    for (const kept of this.#kept) {
      if (!kept.sent && kept.cue !== 'stop') times.push(kept.tapped.at + limits.CUE_EXPIRES_MS);
    }
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** A receipt never goes back. @param {Stage} stage */
  #advance(stage) {
    const lamp = this.#lamp;
    if (lamp && !atLeast(lamp.stage, stage)) lamp.stage = stage;
  }
}

/**
 * How far the state says the cue with this id got.
 * @param {State} state
 * @param {string} id
 * @returns {Stage | null}
 */
function stageOf(state, id) {
  /** @type {Stage[]} */
  const found = [];
  const { hold, cue, earlier, check_in: asked } = state;
  if (hold?.id === id) found.push(stage(hold.shown !== null, hold.acknowledged));
  for (const shown of cue ? [cue, ...earlier] : earlier) {
    if (shown.id === id) found.push(stage(shown.shown !== null, shown.acknowledged !== null));
  }
  if (asked?.id === id) found.push(stage(asked.shown !== null, false));
  return found.reduce((/** @type {Stage | null} */ a, b) => (a && atLeast(a, b) ? a : b), null);
}

/**
 * @param {boolean} shown
 * @param {boolean} acknowledged
 * @returns {Stage}
 */
function stage(shown, acknowledged) {
  if (acknowledged) return 'acknowledged';
  return shown ? 'shown' : 'relayed';
}

/**
 * @param {Stage} stage
 * @param {Stage} than
 */
export function atLeast(stage, than) {
  return STAGES.indexOf(stage) >= STAGES.indexOf(than);
}

/** @param {string} id @param {number} tapped @param {number} now @returns {OwnStop} */
function ownStop(id, tapped, now) {
  const againAt = now + limits.STOP_AGAIN_MS;
  return { id, tapped, againAt, answered: false, carried: false, answeredByState: false, refused: false, lift: null };
}

/** @param {OwnStop} stop */
function isQuiet(stop) {
  return stop.lift !== null && !stop.lift.live;
}

/** @param {string} id @param {Lift} lift @param {Clock | null} clock @returns {ToRelay} */
function liftMessage(id, { lifts, at: lifted }, clock) {
  const { at, uncertainty } = onRelay(lifted, clock);
  return {
    type: 'thumb',
    id,
    down: false,
    ...(lifts !== null && { lifts }),
    ...(at !== undefined && { tapped_at: at, uncertainty_ms: uncertainty }),
  };
}

/** The cue with the moment of its tap, by `clock` if nothing was known then.
 * @param {Kept} kept @param {Clock | null} clock @returns {ToRelay} */
function cueMessage({ id, cue, epoch, tapped }, clock) {
  const { at, uncertainty } = onRelay(tapped, clock);
  return {
    type: 'cue',
    id,
    cue,
    ...(epoch !== null && { epoch }),
    ...(at !== undefined && { tapped_at: at, uncertainty_ms: uncertainty }),
  };
}
