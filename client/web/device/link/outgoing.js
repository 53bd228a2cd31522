//! What a device has tapped and the relay has not confirmed yet. Unsent cues expire, a stop or a lifted
//! thumb is retried until the state contains it, and cues are kept until they are recorded. Mirrors
//! shared/rules/src/link/outgoing.rs.

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
 * The newest stop of this device, until the other screen shows it.
 * @typedef {object} OwnStop
 * @property {string} id
 * @property {number} tapped
 * @property {number} againAt
 * @property {boolean} answered The relay has it, so it is not retried.
 * @property {boolean} carried A state of the relay contained it.
 * @property {boolean} answeredByState A state arrived since it was last sent.
 * @property {boolean} refused The relay refused it because the session is over. No other screen shows
 *   it.
 * @property {Lift | null} lift Set if it is a lifted thumb.
 */

/**
 * @typedef {object} Lift
 * @property {string | null} lifts The id with which the thumb was put down.
 * @property {Moment} at
 * @property {boolean} live Whether the session was live. If not, the lift is sent anyway, because the
 *   session may be live by now; but no stop is shown yet.
 */

/** The stages in order of progress. @type {readonly Stage[]} */
export const STAGES = ['waiting', 'sent', 'relayed', 'shown', 'acknowledged', 'refused', 'expired'];

export class Outgoing {
  /** Cues that are not recorded yet, oldest first; at most UNRECORDED_AT_MOST. @type {Kept[]} */
  #kept = [];
  /** The newest stop of this device, or its lifted thumb, until the other screen shows it.
   * @type {OwnStop | null} */
  #stop = null;
  /** @type {Lamp | null} */
  #lamp = null;
  /** @type {{ cue: Cue, at: number } | null} */
  #lastTap = null;

  /**
   * Takes a tap and the time when its finger or key went down, and returns what to send at once. That time
   * tells two taps from a bounce, however late the tap is handled.
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
      // Repeated stops do not postpone the alarm that the first was not shown.
      const before = this.#stop;
      const waiting = before !== null && !isQuiet(before);
      this.#stop = ownStop(id, waiting ? before.tapped : now, now);
    }
    if (this.#kept.length >= limits.UNRECORDED_AT_MOST) {
      // When the queue is full, other cues are dropped before stops.
      const other = this.#kept.findIndex((kept) => kept.cue !== 'stop');
      this.#kept.splice(Math.max(0, other), 1);
    }
    const kept = { id, cue, epoch: stop ? null : epoch, tapped, sent: up };
    this.#kept.push(kept);
    this.#lamp = { id, cue, stage: up ? 'sent' : 'waiting' };
    return up ? cueMessage(kept, null) : null;
  }

  /**
   * Takes a lifted thumb and returns what to send. It is not kept beyond its connection, because a reconnect
   * never leads to a live session.
   * @param {Moment} at
   * @param {string} id
   * @param {string | null} lifts
   * @param {boolean} live
   * @returns {ToRelay}
   */
  lift(at, id, lifts, live) {
    const lift = { lifts, at, live };
    // A stop in flight already has the effect of the lift.
    if (this.#stop === null || isQuiet(this.#stop)) {
      this.#stop = { ...ownStop(id, at.at, at.at), lift };
    }
    return liftMessage(id, lift, null);
  }

  /**
   * The thumb is down again. The relay had the lift before this, on the same connection. If the lift stopped
   * the session, the thumb comes too late; if not, there is nothing left to send and no alarm to raise.
   * @param {boolean} held by the newest state
   */
  thumbIsBack(held) {
    const stop = this.#stop;
    if (stop?.lift && !stop.carried && (held || isQuiet(stop))) this.#stop = null;
  }

  /**
   * Handles the time: returns what to retry, and drops cues that have expired.
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
   * Sends everything again that is not recorded, once the link is up. Stops go first, and the newest of them
   * last, because it is the one to acknowledge. The same ids make the same cues, so no cue is shown twice.
   * @param {number} now
   * @param {Clock | null} clock
   * @param {State} state
   * @returns {ToRelay[]}
   */
  again(now, clock, state) {
    // After a reconnect the session is held or over.
    if (this.#stop?.lift && !this.#stop.carried && state.phase !== 'ended') this.#stop = null;
    // The relay refused this stop because of an end that it has since lost. It counts again, as the newest,
    // and is sent before any report of its paint.
    if (this.#stop?.refused && state.phase !== 'ended') {
      const { id, tapped } = this.#stop;
      this.#stop = ownStop(id, tapped, now);
      this.#kept.push({ id, cue: 'stop', epoch: null, tapped: { at: tapped, clock }, sent: true });
    }
    // A stop that the relay lost before it was recorded starts again, with its alarm.
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

  /** Notes that a state arrived that is not part of a welcome. */
  stated() {
    if (this.#stop) this.#stop.answeredByState = true;
  }

  /**
   * Applies what the relay's state says about this device's cues.
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
      // If the relay has a stop and no state contains it, the stop is done or a newer one replaced it.
      // A thumb may be lifted when there is nothing to stop, and a state that still says live does not
      // include the lift yet.
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

  /** Drops a lifted thumb that the relay has answered and that stopped nothing.
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
      // The state arrived first and no longer contains the stop: the stop was known and done before it was
      // sent again.
      const gone = state !== null && state.phase !== 'ended' && stageOf(state, id) === null;
      if (gone && stop.answeredByState && !stop.refused && stop.lift === null) this.#stop = null;
    }
    if (this.#lamp?.id === id) this.#advance('relayed');
  }

  /**
   * Handles a refusal. Sending the cue again would not help.
   * @param {string} id
   * @param {ErrorCode} code
   */
  refused(id, code) {
    if (code === 'unavailable') {
      // The relay has it but could not record it. It is sent again on the next connection.
      if (this.#stop?.id === id) this.#stop.answered = true;
      return;
    }
    this.#kept = this.#kept.filter((kept) => kept.id !== id);
    const stop = this.#stop;
    if (code === 'bad_message' && stop?.id === id) {
      // The relay takes every stop that it can read. It gave this one another id.
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

  /** The stop of this device that no state of the relay contains yet. @returns {string | null} */
  stopUnderWay() {
    const stop = this.#stop;
    return stop && !stop.carried && !isQuiet(stop) ? stop.id : null;
  }

  /** The same, but only if it was tapped. @returns {string | null} */
  tappedStopUnderWay() {
    return this.#stop?.lift ? null : this.stopUnderWay();
  }

  /** The stop of this device that, as far as the relay says, the other screen has not shown yet.
   * @returns {string | null} */
  stopNotShown() {
    const stop = this.#stop;
    return stop && !isQuiet(stop) ? stop.id : null;
  }

  /** Whether the relay refused this stop because the session was over.
   * @param {string} id */
  isRefused(id) {
    return this.#stop?.id === id && this.#stop.refused;
  }

  /**
   * Whether a stop of this device has been in flight for too long.
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

  /** Advances the lamp. Its stage never goes back. @param {Stage} stage */
  #advance(stage) {
    const lamp = this.#lamp;
    if (lamp && !atLeast(lamp.stage, stage)) lamp.stage = stage;
  }
}

/**
 * How far the cue with this id got, according to a state that still contains it.
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

/** The cue with the time of its tap. Uses `clock` if there was no estimate at that time.
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
