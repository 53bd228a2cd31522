//! The link-lost screen. This device detects the loss itself, so the screen works while the relay is down.
//! Nothing is known, so nothing shows go.

import { t } from '../i18n/index.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { clock, isStop, sessionOf } from './logic.js';
import { onPress } from '../input/press.js';
import { draw, symbol } from '../ui/symbols.js';

/** @import { Act, Screen } from './types.d.ts' */

/** After this long without a link the screen offers the way out, in milliseconds. */
const HOPELESS_MS = 15_000;

/** @param {Act} act @returns {Screen} */
export function lost(act) {
  const picture = symbol('lost', 'symbol big');
  const title = h('h1', { tabindex: '-1' });
  const order = h('p', { class: 'order' });
  const hint = h('p', { class: 'hint' });
  const back = h('p', { class: 'hint' });
  const cancel = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'leave' }, t('to_start'));
  onPress(cancel, () => act.leave());
  const element = h('div', { class: 'lost' }, picture, title, order, hint, back, cancel);
  /** @type {number | null} */
  let since = null;
  return {
    element,
    update(model) {
      const session = sessionOf(model);
      const now = model.device?.now ?? 0;
      since ??= now;
      const stop = session !== null && isStop(session);
      const undelivered = session?.view.alarm === 'not_delivered';
      setAttribute(element, 'data-colour', stop ? 'stop' : 'held');
      draw(picture, stop ? 'stop' : 'lost');
      setText(title, session ? `${t('lost_title')} ${t('lost_for', { time: clock(now - since) })}` : t('lost_resume'));
      setText(order, t(undelivered ? 'stop_not_delivered' : `lost_do_${session?.role ?? 'helper'}`));
      setText(hint, session ? t('lost_hint') : t('connecting'));
      setText(back, t('lost_back'));
      // A person can leave a session whose relay never answers.
      show(cancel, session === null || now - since > HOPELESS_MS);
      return [];
    },
  };
}

/** @param {Act} act @returns {Screen} */
export function superseded(act) {
  const take = h('button', { type: 'button', class: 'primary', 'data-action': 'take-back' }, t('superseded_back'));
  const leave = h('button', { type: 'button', class: 'quiet-button', 'data-action': 'leave' }, t('to_start'));
  onPress(take, () => act.takeBack());
  onPress(leave, () => act.leave());
  const element = h(
    'div',
    { class: 'page superseded' },
    symbol('lost', 'symbol big'),
    h('h1', { tabindex: '-1' }, t('superseded_title')),
    h('p', {}, t('superseded_hint')),
    h('div', { class: 'row' }, take),
    leave,
  );
  return { element, update: () => [] };
}
