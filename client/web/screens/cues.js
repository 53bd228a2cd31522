//! The receiver's cue buttons. Each cue keeps one place for a whole session: a row of three, then two rows of
//! two. The last place is "ready" until the session is live, and "feels good" from then on.

import { t } from '../i18n/index.js';
import { h } from '../ui/dom.js';
import { onPress, onTouch } from '../input/press.js';
import { FORMS, TILED, tintOf } from '../ui/cues.js';
import { symbol } from '../ui/symbols.js';

/** @import { Cue } from '../device/protocol.d.ts' */
/** @import { Tile } from '../ui/cues.js' */
/** @import { Act } from './types.d.ts' */

/** The tile of a cue that has one. @param {Cue} cue */
const tileOf = (cue) => /** @type {Tile} */ (FORMS[cue].tile);
/** The cues in reading order. @param {Cue[]} cues */
const inOrder = (cues) => cues.sort((one, two) => tileOf(one).row - tileOf(two).row || tileOf(one).column - tileOf(two).column);

/** The buttons while live. */
export const LIVE = inOrder(TILED.filter((cue) => tileOf(cue).only !== 'pad'));
/** The buttons while held, when the held screen itself fills the place of "ready". */
export const HELD = inOrder(TILED.filter((cue) => !tileOf(cue).only));

/**
 * The buttons of these cues.
 * @param {Act} act
 * @param {Cue[]} cues
 */
export function cueButtons(act, cues) {
  return cues.map((cue) => {
    const { row, width, side, outlined, allows } = tileOf(cue);
    const button = h('button', { type: 'button', class: 'cue', 'data-cue': cue, 'data-tint': tintOf(cue) }, symbol(cue), h('span', {}, t(`cue_${cue}`)));
    Object.assign(button.dataset, { row, width, ...(side && { side }), ...(outlined && { outlined }) });
    (allows ? onPress : onTouch)(button, (began) => act.tap(cue, began));
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
