//! The receiver's cue buttons. Each cue keeps one place for a whole session: a row of three, then two rows of
//! two. The last place is "ready" until the session is live, and "feels good" from then on.

import { t } from '../i18n/index.js';
import { h } from '../ui/dom.js';
import { onPress, onTouch } from '../input/press.js';
import { symbol } from '../ui/symbols.js';

/** @import { Cue } from '../device/protocol.d.ts' */
/** @import { Act } from './types.d.ts' */

/** A cue's button on the receiver's screen. @typedef {Exclude<Cue, 'stop' | 'check_in'>} Tile */

/** The places in reading order. Cues that ask for less come first. @type {Tile[]} */
const PLACES = ['left', 'stay', 'right', 'slower', 'ease_up', 'more_pressure'];
/** The buttons while live. @type {Tile[]} */
export const LIVE = [...PLACES, 'good'];
/** The buttons while held, when the held screen itself fills the place of "ready". @type {Tile[]} */
export const HELD = PLACES;
/** The buttons beside the pad for a person who cannot swipe: every cue except stop. @type {Tile[]} */
export const EYES_FREE = ['slower', 'ease_up', 'more_pressure', 'good', 'stay', 'left', 'right', 'ready'];

/** Cues that allow more are sent when the finger lifts; all others are sent at the touch. */
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

/** A button that makes the whole screen the pad.
 * @param {Act} act @param {string} className @param {string} words The class of its words. */
export function eyesFreeButton(act, className, words = '') {
  const button = h('button', { type: 'button', class: className, 'data-action': 'eyes-free-on' }, symbol('pad'), h('span', { class: words }, t('pad_on')));
  onPress(button, () => act.eyesFree(true));
  return button;
}
