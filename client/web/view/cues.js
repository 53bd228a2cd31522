//! The cue buttons of the receiver: the four that are always there, the drawer, and the answers to a
//! check-in.

import { t } from '../i18n/index.js';
import { h } from './dom.js';
import { onPress, onTouch } from './press.js';
import { symbol } from './symbols.js';

/** @import { Cue } from '../protocol.d.ts' */
/** @import { Act } from './types.d.ts' */

/** A cue's button on the receiver's screen. @typedef {Exclude<Cue, 'stop' | 'check_in'>} Tile */

/** The order of the tiles follows the hand: what asks for less comes first. @type {Tile[]} */
export const MAIN = ['slower', 'ease_up', 'more_pressure', 'ready'];
/** @type {Tile[]} */
export const DRAWER = ['left', 'stay', 'right', 'good'];
/** The drawer while held: all that may be said then. @type {Tile[]} */
export const DRAWER_HELD = ['slower', 'ease_up', 'stay', 'good', 'left', 'right'];
/** Answers to a check-in, in their order. @type {Tile[]} */
export const ANSWERS = ['good', 'slower', 'more_pressure', 'ease_up'];
/** Beside the pad, for whoever cannot swipe: all that is not stop. @type {Tile[]} */
export const EYES_FREE = ['slower', 'ease_up', 'more_pressure', 'good', 'stay', 'left', 'right', 'ready'];

/** Cues that allow more wait for the finger to lift; all others go out at the touch. */
const ON_RELEASE = new Set(['more_pressure', 'ready']);

/**
 * A grid of cue buttons.
 * @param {Act} act
 * @param {Tile[]} cues
 * @param {string} className
 */
export function cueGrid(act, cues, className) {
  return h('div', { class: `cues ${className}` }, ...cues.map((cue) => cueButton(act, cue)));
}

/** @param {Act} act @param {Tile} cue */
function cueButton(act, cue) {
  const button = h(
    'button',
    { type: 'button', class: 'cue', 'data-cue': cue },
    symbol(cue),
    h('span', {}, t(`cue_${cue}`)),
  );
  const tap = () => {
    act.tap(cue);
    act.drawer(false);
  };
  if (ON_RELEASE.has(cue)) onPress(button, tap);
  else onTouch(button, tap);
  return button;
}

/** Makes the whole screen the pad. @param {Act} act @param {string} className */
export function eyesFreeButton(act, className) {
  const button = h('button', { type: 'button', class: className, 'data-action': 'eyes-free-on' }, symbol('pad'), h('span', {}, t('pad_on')));
  onPress(button, () => act.eyesFree(true));
  return button;
}
