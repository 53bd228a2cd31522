//! The relay's clock as a device estimates it: by the beat whose answer came back fastest. The less
//! time an answer takes, the less room there is to be wrong about when the relay wrote it. The twin
//! of shared/rules/src/link/clock.rs.

import * as limits from '../limits.js';

/** @import { Clock } from '../protocol.d.ts' */
/** @import { Moment } from './types.d.ts' */

/** Estimates the relay's clock. */
export class ClockFilter {
  /** Of the newest answers on this connection, the oldest first; at most ROUND_TRIPS.
   * @type {{ roundTrip: number, offset: number }[]} */
  #samples = [];
  /** By the best of them; while there are none, what the connection before left.
   * @type {Clock | null} */
  #best = null;

  /** An answer to the beat of `sentAt` came in at `now`; the relay wrote it at `relayAt`.
   * @param {number} sentAt @param {number} relayAt @param {number} now */
  answer(sentAt, relayAt, now) {
    const roundTrip = since(now, sentAt);
    if (this.#samples.length === limits.ROUND_TRIPS) this.#samples.shift();
    this.#samples.push({ roundTrip, offset: relayAt + Math.floor(roundTrip / 2) - now });
    // Of equals the newest: clocks drift.
    const best = this.#samples.reduce((a, b) => (b.roundTrip <= a.roundTrip ? b : a));
    this.#best = { offset_ms: best.offset, uncertainty_ms: Math.ceil(best.roundTrip / 2) };
  }

  /** A new connection: what is known stays until it knows better. */
  reconnected() {
    this.#samples = [];
  }

  /** The device may have slept, and its clock may have stood still: nothing is known any more. */
  forget() {
    this.#samples = [];
    this.#best = null;
  }

  /** @returns {Clock | null} */
  best() {
    return this.#best && { ...this.#best };
  }
}

/** A moment on the relay's clock and by how much that may be wrong; by `clock` if nothing was known
 * at the moment itself.
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
