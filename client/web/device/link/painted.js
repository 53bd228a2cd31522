//! Remembers what the screen has painted, and whether it was reported to the relay on this connection.
//! Mirrors shared/rules/src/link/paint.rs.

import { onRelay } from './clock.js';

/** @import { Clock, State, ToRelay } from '../protocol.d.ts' */
/** @import { Moment } from './types.d.ts' */

/** How many painted items a device remembers; then it drops the oldest. A screen never has as many: a hold,
 * a cue with two before it, and a check-in. */
const PAINTED_AT_MOST = 8;

/**
 * An item that the screen has painted.
 * @typedef {object} Paint
 * @property {string} id
 * @property {Moment} at
 * @property {number | null} acknowledged When it was first painted as acknowledged, if it was.
 * @property {boolean} told Whether this was reported to the relay on this connection.
 */

export class Painted {
  /** Oldest first. @type {Paint[]} */
  #painted = [];

  /** Takes a paint. For each id, the first paint counts, and the first that was painted as acknowledged.
   * @param {string} id @param {Moment} at @param {boolean} acknowledged
   * @param {(id: string) => boolean} isOnScreen */
  add(id, at, acknowledged, isOnScreen) {
    let paint = this.of(id);
    if (!paint) {
      if (this.#painted.length === PAINTED_AT_MOST) {
        const gone = this.#painted.findIndex((known) => !isOnScreen(known.id));
        this.#painted.splice(Math.max(0, gone), 1);
      }
      paint = { id, at, acknowledged: null, told: false };
      this.#painted.push(paint);
    }
    if (acknowledged) paint.acknowledged ??= at.at;
  }

  /** @param {string} id @returns {Paint | undefined} */
  of(id) {
    return this.#painted.find((known) => known.id === id);
  }

  /** On a new connection, reports again what the relay may not know. No state says whether the relay knows
   * this device's paint of a hold. @param {State} state */
  reconnected(state) {
    this.#painted = this.#painted.filter(({ id }) => onScreen(state, id).length > 0);
    for (const paint of this.#painted) {
      paint.told = onScreen(state, paint.id).every((shown) => shown !== null);
    }
  }

  /** The relay could not record something and may not know of a paint. Every paint is reported again when a
   * heartbeat's answer says that the relay records. */
  doubt() {
    for (const paint of this.#painted) paint.told = false;
  }

  /** What to report to the relay, each once per connection.
   * @param {Clock | null} clock @returns {ToRelay[]} */
  untold(clock) {
    return this.#tell(({ told }) => !told, clock);
  }

  /** What to report again, because the relay may have ignored the first report.
   * @param {string} of @param {Clock | null} clock @returns {ToRelay[]} */
  toldAgain(of, clock) {
    return this.#tell(({ id }) => id === of, clock);
  }

  /** @param {(paint: Paint) => boolean} which @param {Clock | null} clock @returns {ToRelay[]} */
  #tell(which, clock) {
    return this.#painted.filter(which).map((painted) => {
      painted.told = true;
      const { at, uncertainty } = onRelay(painted.at, clock);
      const when = at === undefined ? {} : { at, uncertainty_ms: uncertainty };
      return { type: 'shown', id: painted.id, ...when };
    });
  }
}

/** For each place of an item in the state: when its paint was reported, or null if the relay may not know.
 * @param {State} state @param {string} of @returns {(number | null)[]} */
export function onScreen({ hold, cue, earlier, check_in: asked }, of) {
  const cues = [cue, ...earlier, asked].flatMap((on) => (on?.id === of ? [on.shown] : []));
  return hold?.id === of ? [null, ...cues] : cues;
}
