//! Two parts of the pad: the compass, which shows the cue of each direction around stop, and the last cue in
//! large type. Both are for a glance; a screen reader has the pad's own description and buttons.

import { SWIPES } from '../input/gestures.js';
import { t } from '../i18n/index.js';
import { h, setAttribute, setText } from '../ui/dom.js';
import { lampProblem, lampRow, lampWord } from './lamps.js';
import { draw, symbol } from '../ui/symbols.js';

/** @import { Direction } from '../ui/cues.js' */
/** @import { ScreenName, Session } from './types.d.ts' */

/** The cue of each swipe direction, around stop. @param {HTMLElement} press */
export function compassOf(press) {
  const ways = /** @type {Direction[]} */ (['up', 'left', 'right', 'down']).map((way) => {
    const cue = SWIPES[way];
    return h('div', { class: 'way', 'data-way': way, 'data-says': cue }, h('i', { class: 'tip' }), h('span', {}, symbol(cue), t(`cue_${cue}`)));
  });
  const centre = h('div', { class: 'centre' }, h('div', { class: 'sign' }, h('b', {}, t('stop_big')), h('small', {}, t('pad_tap'))));
  const element = h('div', { class: 'compass', 'aria-hidden': 'true' }, ...ways, centre, press);
  return {
    element,
    /** @param {Direction | null} asked @param {ScreenName} screen */
    update(asked, screen) {
      setAttribute(element, 'data-asked', asked);
      setAttribute(element, 'data-practice', String(asked !== null));
      setAttribute(element, 'data-screen', screen);
      for (const way of ways) setAttribute(way, 'data-on', String(way.dataset['way'] === asked));
    },
  };
}

/** The last cue in large type, with how far it got. */
export function lastCue() {
  const picture = symbol('stop', 'symbol');
  const cue = h('span', { class: 'last-cue' });
  const stage = h('b', { class: 'last-stage' });
  const row = lampRow();
  const element = h('div', { class: 'last', role: 'status' }, picture, h('p', {}, cue, stage), row.element);
  return {
    element,
    /** @param {Session} session @param {boolean} practising */
    update({ view: { lamp } }, practising) {
      setAttribute(element, 'data-empty', String(lamp === null || practising));
      if (!lamp) return;
      draw(picture, lamp.cue);
      const problem = lampProblem(lamp);
      setText(cue, problem === '' ? t(`cue_${lamp.cue}`) : '');
      setText(stage, problem === '' ? lampWord(lamp) : problem);
      setAttribute(element, 'data-stage', lamp.stage);
      row.update(lamp);
    },
  };
}
