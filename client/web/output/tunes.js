//! The tune and the vibration of each event. No two answers to a gesture have the same rhythm of short and
//! long, so a person can tell them apart without looking.

import { ALL, FORMS } from '../ui/cues.js';

/** @import { Cue } from '../device/protocol.d.ts' */
/** @import { Tune } from '../ui/cues.js' */

/** @type {Tune} */
const TWO_LOW = { notes: [[466, 0, 0.22], [466, 0.3, 0.22]], wave: 'square', buzz: [400, 120, 400] };

/**
 * @type {Record<Cue | 'live' | 'joined' | 'shown' | 'acknowledged' | 'refused' | 'pressing' | 'armed'
 *   | 'held' | 'lost' | 'back' | 'mark', Tune>}
 */
export const TUNES = {
  .../** @type {Record<Cue, Tune>} */ (Object.fromEntries(ALL.map((cue) => [cue, FORMS[cue].tune]))),
  live: { notes: [[392, 0, 0.14], [523, 0.15, 0.14], [659, 0.3, 0.32]], buzz: [60, 60, 160, 60, 160] },
  joined: { notes: [[523, 0, 0.12], [784, 0.14, 0.25]], buzz: [60] },
  shown: { notes: [[1175, 0, 0.06]], buzz: [35], follows: true },
  acknowledged: { notes: [[1175, 0, 0.06], [1568, 0.1, 0.09]], buzz: [35, 60, 35], follows: true },
  refused: { notes: [[220, 0, 0.09], [208, 0.14, 0.09], [196, 0.28, 0.22]], wave: 'square', buzz: [35, 45, 35, 45, 35, 45, 35], follows: true },
  pressing: { notes: [[330, 0, 0.07]], buzz: [12] },
  armed: { notes: [[659, 0, 0.07], [880, 0.08, 0.12]], buzz: [90] },
  held: TWO_LOW,
  lost: TWO_LOW,
  back: { notes: [[440, 0, 0.12], [554, 0.14, 0.2]], buzz: [60] },
  mark: { notes: [[880, 0, 0.1], [880, 0.16, 0.1]], buzz: [80] },
};
/** @typedef {keyof typeof TUNES} TuneName */

/** The length of a tune or of its vibration, whichever is longer, in milliseconds. @param {Tune} tune */
export function lengthOf({ notes, buzz }) {
  const sounds = Math.max(...notes.map(([, start, length]) => (start + length) * 1_000));
  return Math.max(sounds, buzz.reduce((a, b) => a + b, 0));
}
