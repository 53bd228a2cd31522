//! Live, for the receiver: the cues above, stop below. A check-in takes the place of the cues, for
//! any of them answers it.

import { t } from '../i18n/index.js';
import { h, setText, show } from './dom.js';
import { ANSWERS, DRAWER, MAIN, cueGrid, eyesFreeButton } from './cues.js';
import { sessionOf } from './logic.js';

/** @import { Act, Screen } from './types.d.ts' */

/** @param {Act} act @returns {Screen} */
export function liveReceiver(act) {
  const main = cueGrid(act, MAIN, 'main');
  const drawer = cueGrid(act, DRAWER, 'drawer six');
  drawer.append(eyesFreeButton(act, 'cue layout'));
  const left = h('span', { class: 'left' });
  const question = h(
    'div',
    { class: 'question' },
    h('p', { class: 'ask' }, h('b', {}, t('ask_title')), left),
    cueGrid(act, ANSWERS, 'answers'),
  );
  const element = h(
    'div',
    { class: 'live-receiver' },
    h('h1', { class: 'unseen', tabindex: '-1' }, t('you_are_live')),
    main,
    drawer,
    question,
  );
  return {
    element,
    update(model) {
      const session = sessionOf(model);
      if (!session) return [];
      const asked = session.state.check_in;
      show(question, asked !== null);
      show(drawer, asked === null && model.drawer);
      show(main, asked === null && !model.drawer);
      if (!asked) return [];
      const seconds = Math.max(0, Math.ceil((asked.due_at - session.relayNow) / 1_000));
      setText(left, t('ask_left', { n: seconds }));
      return [asked.id];
    },
  };
}
