//! The receiver's live screen: the cues above, stop below. A check-in's question stands above the cues, and
//! any cue answers it. The stop button itself stands in shell.js, in the same place on every screen.

import { t } from '../i18n/index.js';
import { LIVE, cueButtons } from './cues.js';
import { h } from '../ui/dom.js';
import { sessionOf } from './logic.js';

/** @import { Act, Screen } from './types.d.ts' */

/** @param {Act} act @returns {Screen} */
export function liveReceiver(act) {
  const title = h('h1', { class: 'unseen', tabindex: '-1' }, t('you_are_live'));
  const element = h('div', { class: 'places live-receiver' }, title, ...cueButtons(act, LIVE));
  return {
    element,
    update(model) {
      const asked = sessionOf(model)?.state.check_in;
      return asked ? [asked.id] : [];
    },
  };
}
