//! How each cue is given and heard on the page: its tile, its gesture and its tune. What it has in common with
//! the other clients stands in device/cues.js.

import { CUES } from '../device/cues.js';

/** @import { Cue } from '../device/protocol.d.ts' */

/** One note: pitch in hertz, start and length in seconds. @typedef {[number, number, number]} Note */
/**
 * @typedef {object} Tune
 * @property {Note[]} notes
 * @property {OscillatorType} [wave]
 * @property {number} [pan] -1 left to 1 right.
 * @property {number[]} buzz Milliseconds on and off, in turn.
 * @property {boolean} [follows] A receipt: it waits until the sound before it has ended.
 */
/** A direction of the page's swipes. @typedef {'left' | 'right' | 'up' | 'down'} Direction */
/**
 * A button on the receiver's screen. Each keeps its place for a whole session.
 * @typedef {object} Tile
 * @property {1 | 2 | 3} row
 * @property {1 | 2 | 3} column Its turn in the row.
 * @property {'third' | 'half'} width Of the row.
 * @property {'left' | 'right'} [side] It stays on this side in every language.
 * @property {true} [outlined] To tell it from a neighbour of the same colour.
 * @property {true} [allows] It allows more, so it is sent when the finger lifts, the others at the touch.
 * @property {'live' | 'pad'} [only] The one screen that has it. The others fill its place themselves.
 */
/** @typedef {{ tile: Tile | null, gesture: Direction | 'tap' | 'long press' | null, tune: Tune }} Form */

/** @type {Tune} */
const SIREN = {
  notes: [[932, 0, 0.15], [622, 0.16, 0.15], [932, 0.32, 0.15], [622, 0.48, 0.2]],
  wave: 'square',
  buzz: [250, 70, 250, 70, 250],
};

/** In the order of the buttons beside the pad. The symbols point the way of the swipes. No two tunes have the
 * same rhythm. @type {Record<Cue, Form>} */
export const FORMS = {
  stop: { tile: null, gesture: 'tap', tune: SIREN },
  slower: {
    tile: { row: 2, column: 1, width: 'half' },
    gesture: 'left',
    tune: { notes: [[494, 0, 0.2], [392, 0.24, 0.3]], buzz: [160, 90, 160] },
  },
  ease_up: {
    tile: { row: 2, column: 2, width: 'half', outlined: true },
    gesture: 'down',
    tune: { notes: [[587, 0, 0.13], [440, 0.15, 0.13], [330, 0.3, 0.26]], buzz: [70, 60, 70, 60, 70] },
  },
  more_pressure: {
    tile: { row: 3, column: 1, width: 'half', allows: true },
    gesture: 'up',
    tune: { notes: [[392, 0, 0.14], [587, 0.17, 0.24]], buzz: [60, 60, 60, 60, 220] },
  },
  good: {
    tile: { row: 3, column: 2, width: 'half', only: 'live' },
    gesture: 'right',
    tune: { notes: [[523, 0, 0.1], [659, 0.11, 0.1], [784, 0.22, 0.22]], buzz: [70, 70, 70] },
  },
  stay: {
    tile: { row: 1, column: 2, width: 'third' },
    gesture: null,
    tune: { notes: [[440, 0, 0.55]], buzz: [350] },
  },
  left: {
    tile: { row: 1, column: 1, width: 'third', side: 'left' },
    gesture: null,
    tune: { notes: [[659, 0, 0.12], [494, 0.14, 0.2]], pan: -1, buzz: [160, 60, 60, 60, 60] },
  },
  right: {
    tile: { row: 1, column: 3, width: 'third', side: 'right' },
    gesture: null,
    tune: { notes: [[494, 0, 0.12], [659, 0.14, 0.2]], pan: 1, buzz: [200, 60, 60] },
  },
  ready: {
    tile: { row: 3, column: 2, width: 'half', allows: true, only: 'pad' },
    gesture: 'long press',
    tune: { notes: [[523, 0, 0.12], [659, 0.14, 0.18]], buzz: [60, 60, 200] },
  },
  check_in: { tile: null, gesture: null, tune: { notes: [[587, 0, 0.16], [784, 0.2, 0.28]], buzz: [160, 80, 60, 80, 160] } },
};

/** Every cue, in the order of the rules. */
export const ALL = /** @type {Cue[]} */ (Object.keys(CUES));

/** The cues with a tile, in the order of the buttons beside the pad. */
export const TILED = /** @type {Cue[]} */ (Object.keys(FORMS)).filter((cue) => FORMS[cue].tile !== null);

/** The cue of a swipe. @param {Direction} way */
export function swiped(way) {
  const cue = ALL.find((one) => FORMS[one].gesture === way);
  // Safety Invariant: what is not understood is a stop.
  return cue ?? 'stop';
}

/** The marks of the timeline that are no cue and have a cue's colour. */
const TINTS = new Map(
  Object.entries({ thumb_lifted: 'stop', thumb_down: 'go', hands_off: 'ask', confirmed: 'ask', joined: 'ask', connected: 'ask', restarted: 'ask', ended: 'ask' }),
);

/** The colour of a sign. @param {string} name Of a cue or another mark. */
export function tintOf(name) {
  const cue = ALL.find((one) => one === name);
  return cue ? CUES[cue].colour : (TINTS.get(name) ?? 'dir');
}
