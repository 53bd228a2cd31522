//! What the screen has painted, and whether the relay was told so on this connection. The twin of
//! shared/rules/src/link/paint.rs.

import { onRelay } from './clock.js';

/** @import { Clock, State, ToRelay } from '../protocol.d.ts' */
/** @import { Moment } from './types.d.ts' */

/** How many painted things a device remembers: a screen never has as many (a hold, a cue with two
 * before it, a check-in), and the oldest is forgotten. */
const PAINTED_AT_MOST = 8;

/**
 * Something that the screen has painted.
 * @typedef {object} Paint
 * @property {string} id
 * @property {Moment} at
 * @property {number | null} acknowledged When it was first painted as acknowledged, if it was.
 * @property {boolean} told Whether the relay was told of it on this connection.
 */

export class Painted {
  /** The oldest first. @type {Paint[]} */
  #painted = [];

  /** The first paint of each counts, and the first that says "acknowledged".
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

  /** A new connection: what the relay may not know is told again. No state says whether it knows of
   * this device's paint of a hold. @param {State} state */
  reconnected(state) {
    this.#painted = this.#painted.filter(({ id }) => onScreen(state, id).length > 0);
    for (const paint of this.#painted) {
      paint.told = onScreen(state, paint.id).every((shown) => shown !== null);
    }
  }

  /** The relay did not record something, and may not know of a paint: each is told again with the next
   * beat that says that it records. */
  doubt() {
    for (const paint of this.#painted) paint.told = false;
  }

  /** What to tell the relay, each once on a connection.
   * @param {Clock | null} clock @returns {ToRelay[]} */
  untold(clock) {
    return this.#tell(({ told }) => !told, clock);
  }

  /** What may have been told too early, once more.
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

/** When the relay was told that what a state has on it was painted: null where it may not know.
 * @param {State} state @param {string} of @returns {(number | null)[]} */
export function onScreen({ hold, cue, earlier, check_in: asked }, of) {
  const cues = [cue, ...earlier, asked].flatMap((on) => (on?.id === of ? [on.shown] : []));
  return hold?.id === of ? [null, ...cues] : cues;
}
