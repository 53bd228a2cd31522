//! How often the whole screen may change its colour. A hand that taps many cues at once must not make
//! it flash: three flashes a second are the most that harms nobody (WCAG 2.2, success criterion 2.3.1).
//! Words and symbols change at once all the same, and what is more urgent is shown at once.

/** @import { Colour } from './types.d.ts' */

/** A flash is a change and its way back; ways back are counted. */
const BACK_AT_MOST = 3;
const WITHIN_MS = 1_000;

/** How urgent each colour is. One that stands for longer than its cue is never the more harmless.
 * @type {Record<Colour, number>} */
const URGENCY = { stop: 2, held: 2, slow: 1, ask: 0, more: 0, stay: 0, dir: 0, go: 0 };

/** Keeps the colour of one screen. */
export function calm() {
  /** @type {Colour | null} */
  let shown = null;
  /** When it last went to a colour that is not more urgent. @type {number[]} */
  let back = [];
  return {
    /** The colour to show for `wanted` at a moment, in milliseconds. @param {Colour} wanted @param {number} now */
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
