//! The set-up screen: the receiver's warning signs first, then each role's own short list.

import { t } from '../i18n/index.js';
import { days } from '../history/when.js';
import { clearedLine } from './before.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { holdsToConsent, sessionOf, signsForbid } from './logic.js';
import { onPress } from '../input/press.js';
import { symbol } from '../ui/symbols.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Key } from '../i18n/index.js' */
/** @import { Act, Screen, Session } from './types.d.ts' */

/** @type {Key[]} */
const SIGNS = ['signs_1', 'signs_2', 'signs_3', 'signs_4'];
/** @type {Record<Role, Key[]>} */
const LISTS = {
  receiver: ['setup_receiver_1', 'setup_receiver_2', 'setup_receiver_3', 'setup_receiver_4'],
  helper: ['setup_helper_1', 'setup_helper_2', 'setup_helper_3', 'setup_helper_4', 'setup_helper_5'],
};

/** @typedef {'signs' | 'advice' | 'list'} Step */

/** @param {Act} act @returns {Screen} */
export function setup(act) {
  const title = h('h1', { tabindex: '-1' });
  const lines = h('ul', { class: 'lines' });
  const advice = h('p', { class: 'advice' });
  const extra = h('p', { class: 'hint' });
  const record = h('p', { class: 'hint' });
  const none = button('signs-none', 'primary');
  const apply = button('signs-apply', 'secondary');
  const done = button('setup-done', 'primary');
  const endToday = button('end-today', 'primary');
  const cleared = button('signs-cleared', 'secondary');
  const change = button('signs-change', 'quiet-button');
  setText(apply, t('signs_apply'));
  setText(done, t('setup_done'));
  setText(none, t('signs_none'));
  setText(endToday, t('advice_end'));
  setText(cleared, t('advice_cleared'));
  setText(change, t('advice_change'));
  for (const one of [none, change]) onPress(one, () => act.say({ type: 'confirm', item: 'warning_signs', value: false }));
  onPress(endToday, () => act.say({ type: 'end' }));
  onPress(cleared, () => act.say({ type: 'confirm', item: 'cleared', value: true }));
  onPress(apply, () => act.say({ type: 'confirm', item: 'warning_signs', value: true }));
  onPress(done, () => act.say({ type: 'confirm', item: 'set_up', value: true }));
  const eyesFree = eyesFreeToggle(act);
  const element = h(
    'div',
    { class: 'setup' },
    title,
    symbol('warning', 'advice-symbol'),
    lines,
    advice,
    extra,
    record,
    h('div', { class: 'row' }, none, apply, eyesFree.element, done, endToday, cleared),
    change,
  );
  /** @type {Step | null} */
  let shown = null;
  return {
    element,
    update(model) {
      const session = sessionOf(model);
      if (!session) return [];
      const step = stepOf(session);
      const { role } = session;
      if (step !== shown) {
        shown = step;
        setAttribute(element, 'data-step', step);
        setText(title, t(step === 'signs' ? 'signs_title' : step === 'advice' ? 'advice_title' : 'setup_title'));
        const keys = step === 'signs' ? SIGNS : step === 'list' ? LISTS[role] : [];
        lines.replaceChildren(...keys.map((key) => h('li', {}, t(key))));
        show(lines, keys.length > 0);
        setText(advice, step === 'advice' ? t(`advice_${role}`) : '');
        show(advice, step === 'advice');
        show(none, step === 'signs');
        show(endToday, step === 'advice');
        for (const one of [cleared, change]) show(one, step === 'advice' && role === 'receiver');
        show(apply, step === 'signs');
        show(done, step === 'list');
        show(record, step === 'list');
        show(eyesFree.element, step === 'list' && role === 'receiver' && !holdsToConsent(session));
      }
      const waiting = role === 'helper' && session.state.confirmed.warning_signs === null;
      const thumb = step === 'list' && role === 'receiver' && holdsToConsent(session) ? t('pad_off_thumb') : '';
      const text = step === 'advice' ? t('advice_held') : waiting ? t('signs_wait') : thumb;
      setText(record, [clearedLine(session), recordLine(session)].filter(Boolean).join(' '));
      setText(extra, text);
      show(extra, text !== '');
      eyesFree.update(model.eyesFree);
      return [];
    },
  };
}

/** How long the record is kept; both people know it before they begin. @param {Session} session */
function recordLine({ welcome }) {
  const keep = welcome?.options.keep ?? 'none';
  return keep === 'none' ? t('record_none') : t('record_kept', { time: days(Number.parseInt(keep, 10)) });
}

/** @param {Session} session @returns {Step} */
function stepOf({ state: { confirmed }, role }) {
  if (signsForbid(confirmed)) return 'advice';
  return role === 'receiver' && confirmed.warning_signs === null ? 'signs' : 'list';
}

/** @param {string} action @param {string} className */
function button(action, className) {
  return h('button', { type: 'button', class: className, 'data-action': action });
}

/** The switch that makes the whole screen the pad from the rehearsal on. @param {Act} act */
function eyesFreeToggle(act) {
  const state = h('small', {});
  const element = h('button', { type: 'button', class: 'secondary layout', 'data-action': 'eyes-free' }, h('span', {}, t('pad_on'), state));
  let on = false;
  onPress(element, () => act.eyesFree(!on));
  return {
    element,
    /** @param {boolean} now */
    update(now) {
      on = now;
      setAttribute(element, 'aria-pressed', String(on));
      setText(state, t(on ? 'pad_is_on' : 'pad_is_off'));
    },
  };
}
