//! The tune and the vibration of each event. No two answers to a gesture have the same rhythm of short and
//! long, so a person can tell them apart without looking.

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

/** @type {Tune} */
const SIREN = {
  notes: [[932, 0, 0.15], [622, 0.16, 0.15], [932, 0.32, 0.15], [622, 0.48, 0.2]],
  wave: 'square',
  buzz: [250, 70, 250, 70, 250],
};
/** @type {Tune} */
const TWO_LOW = { notes: [[466, 0, 0.22], [466, 0.3, 0.22]], wave: 'square', buzz: [400, 120, 400] };

/**
 * @type {Record<Cue | 'live' | 'joined' | 'shown' | 'acknowledged' | 'refused' | 'pressing' | 'armed'
 *   | 'held' | 'lost' | 'back' | 'mark', Tune>}
 */
export const TUNES = {
  stop: SIREN,
  ready: { notes: [[523, 0, 0.12], [659, 0.14, 0.18]], buzz: [60, 60, 200] },
  slower: { notes: [[494, 0, 0.2], [392, 0.24, 0.3]], buzz: [160, 90, 160] },
  ease_up: { notes: [[587, 0, 0.13], [440, 0.15, 0.13], [330, 0.3, 0.26]], buzz: [70, 60, 70, 60, 70] },
  more_pressure: { notes: [[392, 0, 0.14], [587, 0.17, 0.24]], buzz: [60, 60, 60, 60, 220] },
  stay: { notes: [[440, 0, 0.55]], buzz: [350] },
  left: { notes: [[659, 0, 0.12], [494, 0.14, 0.2]], pan: -1, buzz: [160, 60, 60, 60, 60] },
  right: { notes: [[494, 0, 0.12], [659, 0.14, 0.2]], pan: 1, buzz: [200, 60, 60] },
  good: { notes: [[523, 0, 0.1], [659, 0.11, 0.1], [784, 0.22, 0.22]], buzz: [70, 70, 70] },
  check_in: { notes: [[587, 0, 0.16], [784, 0.2, 0.28]], buzz: [160, 80, 60, 80, 160] },
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
