//! What the signs and bands of the timeline mean.

import { t } from '../../i18n/index.js';
import { h } from '../../ui/dom.js';
import { ALL, tintOf } from '../../ui/cues.js';
import { strokes } from '../../ui/symbols.js';
import { s } from './strip.js';

/** @import { Key } from '../../i18n/index.js' */
/** @import { SymbolName } from '../../ui/symbols.js' */

const OTHERS = /** @type {const} */ (['hands_off', 'seen', 'thumb_down', 'thumb_lifted', 'confirmed', 'joined', 'connected', 'restarted', 'ended']);

/** The patterns of bands, which are used by their ids. */
export function definitions() {
  return s(
    'svg',
    { class: 'definitions', width: 0, height: 0, 'aria-hidden': 'true', focusable: 'false' },
    s(
      'defs',
      {},
      pattern('p-held', 7, 45, s('path', { d: 'M0 0v7', 'stroke-width': '3.5' })),
      pattern('p-gone', 5, -45, s('path', { d: 'M0 0v5', 'stroke-width': '2.5' })),
      pattern('p-late', 6, 0, s('circle', { cx: 3, cy: 3, r: 1.2 })),
    ),
  );
}

/** @param {string} id @param {number} size @param {number} turn @param {SVGElement} drawn */
function pattern(id, size, turn, drawn) {
  const box = { id, width: size, height: size, patternUnits: 'userSpaceOnUse', patternTransform: `rotate(${turn})` };
  return s('pattern', box, drawn);
}

export function legend() {
  const band = (/** @type {'band' | 'link'} */ what, /** @type {string} */ kind, /** @type {Key} */ word) =>
    item([s('g', { class: what, 'data-kind': kind }, s('rect', { class: 'bar', ...BOX }), s('rect', { class: 'pattern', ...BOX }))], t(word));
  const sign = (/** @type {SymbolName} */ name, /** @type {string} */ look, /** @type {string} */ word) =>
    item([s('g', { class: `moment ${look}`, 'data-tint': tintOf(look) }, s('rect', { ...BOX }), s('g', { class: 'sign-strokes', transform: 'translate(3.1 3.1) scale(0.3)' }, ...strokes(name)))], word);
  return h(
    'details',
    { class: 'panel' },
    h('summary', {}, t('timeline_legend')),
    h(
      'ul',
      { class: 'legend' },
      band('band', 'live', 'phase_live'),
      band('band', 'held', 'timeline_held'),
      band('band', 'start', 'figure_before'),
      ...ALL.map((cue) => sign(cue, cue, t(`cue_${cue}`))),
      ...OTHERS.map((name) => sign(name, name, t(`mark_${name}`))),
      sign('slower', 'untaken', t('timeline_untaken')),
      item([s('g', { class: 'moment mixed' }, s('rect', { ...BOX }), s('text', { class: 'several', x: 10, y: 14 }, '3'))], t('timeline_several_sign')),
      band('link', 'gone', 'timeline_gone'),
      band('link', 'late', 'timeline_late'),
      item([s('svg', { class: 'flag', x: 3, y: 3, width: 14, height: 14, viewBox: '0 0 46 46' }, ...strokes('flag'))], t('timeline_note')),
    ),
  );
}

const BOX = { x: 0.5, y: 0.5, width: 19, height: 19, rx: 4 };

/** @param {SVGElement[]} drawn @param {string} words */
function item(drawn, words) {
  return h('li', {}, s('svg', { class: 'swatch', viewBox: '0 0 20 20', 'aria-hidden': 'true', focusable: 'false' }, ...drawn), words);
}
