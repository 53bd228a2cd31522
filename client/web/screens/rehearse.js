//! The rehearsal screen: one stop before the first go. It proves the link, the two devices and the habit.

import { t } from '../i18n/index.js';
import { eyesFreeButton } from './cues.js';
import { h, setText, show } from '../ui/dom.js';
import { holdsToConsent, other, sessionOf } from './logic.js';
import { symbol } from '../ui/symbols.js';

/** @import { Act, Screen } from './types.d.ts' */

/** @param {Act} act @returns {Screen} */
export function rehearse(act) {
  const word = h('p', { class: 'do' });
  const hint = h('p', { class: 'hint' });
  const waiting = h('p', { class: 'hint waiting', role: 'status' });
  const noPad = h('p', { class: 'hint' }, t('pad_off_thumb'));
  const eyesFree = eyesFreeButton(act, 'secondary layout');
  const element = h(
    'div',
    { class: 'rehearse' },
    h('h1', { tabindex: '-1' }, t('rehearse_title')),
    symbol('ease_up', 'rehearse-arrow'),
    symbol('held', 'rehearse-hand'),
    word,
    hint,
    waiting,
    noPad,
    eyesFree,
  );
  return {
    element,
    update(model) {
      const session = sessionOf(model);
      if (!session) return [];
      const { role, state } = session;
      setText(word, t(`rehearse_${role}`));
      setText(hint, t(`rehearse_${role}_hint`));
      const peer = other(role);
      const status = state.peers[peer];
      setText(waiting, status === 'here' ? '' : t(`peer_${peer}_${status}`));
      const consent = holdsToConsent(session);
      show(eyesFree, role === 'receiver' && !consent);
      // A receiver who chose the pad is told why it is not available.
      show(noPad, role === 'receiver' && consent && model.eyesFree);
      return [];
    },
  };
}
