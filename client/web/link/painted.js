//! What the screen has painted, and whether the relay was told so on this connection.

import { onRelay } from './clock.js';
import { waitsForPaint } from './words.js';

/** @import { Clock, State, ToRelay } from '../protocol.d.ts' */
/** @import { Moment } from './types.d.ts' */

/** How many painted things a device remembers: a screen never has as many (a hold, a cue with two
 * before it, a check-in), and the oldest is forgotten. */
const PAINTED_AT_MOST = 8;

export class Painted {
  /** The oldest first. @type {{ id: string, at: Moment, told: boolean }[]} */
  #painted = [];

  /** The first paint of each counts. @param {string} id @param {Moment} at */
  add(id, at) {
    if (this.#painted.some((known) => known.id === id)) return;
    if (this.#painted.length === PAINTED_AT_MOST) this.#painted.shift();
    this.#painted.push({ id, at, told: false });
  }

  /** A new connection: what the relay does not know by its state is told again. @param {State} state */
  reconnected(state) {
    this.#painted = this.#painted
      .filter(({ id }) => waitsForPaint(state, id))
      .map((paint) => ({ ...paint, told: false }));
  }

  /** What to tell the relay, each once on a connection.
   * @param {Clock | null} clock @returns {ToRelay[]} */
  untold(clock) {
    const untold = this.#painted.filter(({ told }) => !told);
    return untold.map((painted) => {
      painted.told = true;
      const { at, uncertainty } = onRelay(painted.at, clock);
      const when = at === undefined ? {} : { at, uncertainty_ms: uncertainty };
      return { type: 'shown', id: painted.id, ...when };
    });
  }
}
