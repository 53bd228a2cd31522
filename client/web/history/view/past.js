//! The past sessions of this device, and how long ago the last was.

import { t } from '../../i18n/index.js';
import { ago, moment } from '../when.js';
import { h, setText, show } from '../../ui/dom.js';
import { onPress } from '../../input/press.js';
import { symbol } from '../../ui/symbols.js';

/** @import { Place } from '../../device/store.js' */
/** @import { Act } from '../../screens/types.d.ts' */

/** @param {Act} act */
export function pastSection(act) {
  const last = h('small', { class: 'past-last' });
  const list = h('ul', { class: 'past-list' });
  const forget = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'forget' }, t('past_forget'));
  onPress(forget, () => act.forgetRecent());
  const element = h(
    'details',
    { class: 'panel past-sessions' },
    h('summary', {}, h('span', {}, t('past_title'), last)),
    list,
    h('div', { class: 'row' }, forget),
  );
  return {
    element,
    /** @param {Place[]} recent The newest first. */
    update(recent) {
      const [newest] = recent;
      show(element, newest !== undefined);
      setText(last, newest ? t('past_newest', { ago: ago(newest.at) }) : '');
      list.replaceChildren(...recent.map((place) => h('li', {}, line(place, act))));
    },
  };
}

/** @param {Place} place @param {Act} act */
function line(place, act) {
  const button = h(
    'button',
    { type: 'button', class: 'past-one', 'data-action': 'review' },
    h('span', {}, h('b', {}, t('past_open', { ago: ago(place.at), role: t(place.role) })), h('small', {}, moment(place.at))),
    symbol('back', 'symbol onward'),
  );
  onPress(button, () => act.review(place));
  return button;
}
