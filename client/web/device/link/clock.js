//! A device's estimate of the relay's clock, taken from the heartbeat with the shortest round trip. The
//! shorter the round trip, the smaller the error. Mirrors shared/rules/src/link/clock.rs.

import * as limits from '../limits.js';

/** @import { Clock } from '../protocol.d.ts' */
/** @import { Moment } from './types.d.ts' */

/** Estimates the relay's clock. */
export class ClockFilter {
  /** Round trip and offset of the newest answers on this connection, oldest first; at most ROUND_TRIPS.
   * @type {{ roundTrip: number, offset: number }[]} */
  #samples = [];
  /** The estimate from the best sample. Before the first sample, the estimate from the previous connection.
   * @type {Clock | null} */
  #best = null;

  /** Takes the answer to the heartbeat of `sentAt`. It arrived at `now`, and the relay wrote it at `relayAt`.
   * @param {number} sentAt @param {number} relayAt @param {number} now */
  answer(sentAt, relayAt, now) {
    const roundTrip = since(now, sentAt);
    if (this.#samples.length === limits.ROUND_TRIPS) this.#samples.shift();
    this.#samples.push({ roundTrip, offset: relayAt + Math.floor(roundTrip / 2) - now });
    // Of equal round trips it takes the newest, because clocks drift.
    const best = this.#samples.reduce((a, b) => (b.roundTrip <= a.roundTrip ? b : a));
    this.#best = { offset_ms: best.offset, uncertainty_ms: Math.ceil(best.roundTrip / 2) };
  }

  /** Starts a new connection. The old estimate stays until a new sample arrives. */
  reconnected() {
    this.#samples = [];
  }

  /** Drops the estimate: the device may have slept, and its clock may have stood still. */
  forget() {
    this.#samples = [];
    this.#best = null;
  }

  /** @returns {Clock | null} */
  best() {
    return this.#best && { ...this.#best };
  }
}

/** A moment on the relay's clock and its uncertainty. Uses `clock` if there was no estimate at that moment.
 * @param {Moment} moment @param {Clock | null} clock
 * @returns {{ at?: number, uncertainty?: number }} */
export function onRelay(moment, clock) {
  const known = moment.clock ?? clock;
  if (!known) return {};
  return { at: Math.max(0, moment.at + known.offset_ms), uncertainty: known.uncertainty_ms };
}

/**
 * How many milliseconds have passed since `earlier`; 0 if it lies ahead.
 * @param {number} now
 * @param {number} earlier
 */
export function since(now, earlier) {
  return Math.max(0, now - earlier);
}
