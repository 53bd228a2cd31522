//! Limits how often the whole screen changes its colour, because many cues tapped at once must not make it
//! flash. At most three flashes a second are safe (WCAG 2.2, success criterion 2.3.1).
//! Words and symbols still change at once, and so does the colour for something more urgent.

/** @import { Colour } from '../screens/types.d.ts' */

/** The most changes back within WITHIN_MS. A flash is a change and its change back; changes back are
 * counted. */
const BACK_AT_MOST = 3;
const WITHIN_MS = 1_000;

/** How urgent each colour is. A colour that outlasts its cue is never less urgent than the one it delays.
 * @type {Record<Colour, number>} */
const URGENCY = { stop: 2, held: 2, slow: 1, ask: 0, more: 0, stay: 0, dir: 0, go: 0 };

/** Limits the colour changes of one screen. */
export function calm() {
  /** @type {Colour | null} */
  let shown = null;
  /** The times of the last changes to a colour that is not more urgent. @type {number[]} */
  let back = [];
  return {
    /** The colour to show when `wanted` is due.
     * @param {Colour} wanted @param {number} now In milliseconds. */
    shows(wanted, now) {
      if (wanted === shown) return shown;
      if (shown !== null && URGENCY[wanted] <= URGENCY[shown]) {
        back = back.filter((at) => now - at < WITHIN_MS);
        if (back.length >= BACK_AT_MOST) return shown;
        back.push(now);
      }
      shown = wanted;
      return wanted;
    },
  };
}
