//! The lamps: how far this device's last cue got. Sent, relayed, shown and acknowledged are four separate
//! stages.

import { first, t } from '../i18n/index.js';
import { STAGES } from '../device/link/outgoing.js';
import { h, setAttribute, setText } from '../ui/dom.js';

/** @import { Lamp, Stage } from '../device/protocol.d.ts' */

const LAMPS = /** @type {const} */ (['sent', 'relayed', 'shown', 'acknowledged']);

/** The row of four lamps. */
export function lampRow() {
  const lamps = LAMPS.map((lamp) => h('li', { class: 'lamp', 'data-lamp': lamp, 'data-on': 'false' }));
  return {
    element: h('ul', { class: 'lamps' }, ...lamps),
    /** @param {Lamp | null} last */
    update(last) {
      for (const [index, lamp] of lamps.entries()) {
        const name = LAMPS[index];
        if (name) light(lamp, name, last?.stage ?? null);
      }
    },
  };
}

/** The last cue and how far it got, in words followed by the lamps. */
export function receipt() {
  const words = h('b', {});
  const row = lampRow();
  return {
    element: h('div', { class: 'receipt' }, words, row.element),
    /** @param {Lamp | null} last */
    update(last) {
      const stage = lampWord(last);
      setText(words, last && stage !== '' ? t('said_stage', { cue: t(`cue_${last.cue}`), stage }) : '');
      row.update(last);
    },
  };
}

/** @param {HTMLElement} element @param {typeof LAMPS[number]} name @param {Stage | null} stage */
function light(element, name, stage) {
  const reached = stage !== null && stage !== 'refused' && stage !== 'expired';
  const on = reached && STAGES.indexOf(stage) >= STAGES.indexOf(name);
  const lamp = t(`lamp_${name}`);
  setAttribute(element, 'data-on', String(on));
  setAttribute(element, 'aria-label', t(on ? 'lamp_on' : 'lamp_off', { lamp }));
  setText(element, lamp);
}

/** Why the last cue did not go through, in words; empty when it did. @param {Lamp | null} lamp */
export function lampProblem(lamp) {
  if (!lamp) return '';
  const cue = t(`cue_${lamp.cue}`);
  if (lamp.stage === 'waiting') return t('lamp_waiting');
  if (lamp.stage === 'expired') return t('lamp_expired', { cue });
  if (lamp.stage !== 'refused') return '';
  return first(`lamp_refused_${lamp.code}`) || t('lamp_refused', { cue });
}

/** The word of the furthest lit lamp; empty when none is lit. @param {Lamp | null} lamp */
export function lampWord(lamp) {
  const name = LAMPS.find((one) => one === lamp?.stage);
  return name ? t(`lamp_${name}`) : '';
}
