//! The cue buttons of the receiver. A cue has one place on the screen for a whole session: the row of
//! three, then two rows of two, the last place of which is "ready" until live and "feels good" then.

import { t } from '../i18n/index.js';
import { h } from './dom.js';
import { onPress, onTouch } from './press.js';
import { symbol } from './symbols.js';

/** @import { Cue } from '../protocol.d.ts' */
/** @import { Act } from './types.d.ts' */

/** A cue's button on the receiver's screen. @typedef {Exclude<Cue, 'stop' | 'check_in'>} Tile */

/** Where each stands, in the order of reading. What asks for less comes first. @type {Tile[]} */
const PLACES = ['left', 'stay', 'right', 'slower', 'ease_up', 'more_pressure'];
/** All of them while live, and while held, where the place of "ready" is the screen's own. @type {Tile[]} */
export const LIVE = [...PLACES, 'good'];
/** @type {Tile[]} */
export const HELD = PLACES;
/** Beside the pad, for whoever cannot swipe: all that is not stop. @type {Tile[]} */
export const EYES_FREE = ['slower', 'ease_up', 'more_pressure', 'good', 'stay', 'left', 'right', 'ready'];

/** Cues that allow more wait for the finger to lift; all others go out at the touch. */
const ON_RELEASE = new Set(['more_pressure', 'ready']);

/**
 * The buttons of these cues.
 * @param {Act} act
 * @param {Tile[]} cues
 */
export function cueButtons(act, cues) {
  return cues.map((cue) => {
    const button = h('button', { type: 'button', class: 'cue', 'data-cue': cue }, symbol(cue), h('span', {}, t(`cue_${cue}`)));
    (ON_RELEASE.has(cue) ? onPress : onTouch)(button, (began) => act.tap(cue, began));
    return button;
  });
}

/** Makes the whole screen the pad. @param {Act} act @param {string} className @param {string} words The class of its words. */
export function eyesFreeButton(act, className, words = '') {
  const button = h('button', { type: 'button', class: className, 'data-action': 'eyes-free-on' }, symbol('pad'), h('span', { class: words }, t('pad_on')));
  onPress(button, () => act.eyesFree(true));
  return button;
}
