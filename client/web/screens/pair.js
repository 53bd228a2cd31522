//! The pairing screen: the QR code, the short code and the link, until the other device has joined.

import { t } from '../i18n/index.js';
import { canShare } from '../device/optional.js';
import { h, setText, show } from '../ui/dom.js';
import { clock, isStop, other, sessionOf } from './logic.js';
import { onPress } from '../input/press.js';
import { liveRegion } from '../ui/region.js';
import { qrCode } from '../ui/symbols.js';

/** @import { Act, Screen } from './types.d.ts' */

/** How long the button says that the link is copied, in milliseconds. */
const COPIED_MS = 2_000;

/** @param {Act} act @returns {Screen} */
export function pair(act) {
  const qr = qrCode(t('pair_qr'));
  const title = h('h1', { tabindex: '-1' }, t('pair_title'));
  const head = h('span', {});
  const tail = h('span', {});
  const code = h('p', { id: 'code', class: 'code', dir: 'ltr', role: 'img' }, head, '-', h('wbr', {}), tail);
  const where = h('span', { class: 'where' });
  const good = h('p', { class: 'countdown', role: 'timer' });
  const notice = h('p', { class: 'notice', role: 'status' });
  const share = h('button', { type: 'button', class: 'secondary', 'data-action': 'share' });
  const renew = h('button', { type: 'button', class: 'secondary', 'data-action': 'new-code' }, t('pair_new'));
  // If the link can be neither shared nor copied, a person can copy it by hand.
  const byHand = h('input', { type: 'text', class: 'field link-field', readonly: true, dir: 'ltr', 'aria-label': t('share_failed') });
  const failed = h('div', { class: 'by-hand' }, h('p', { class: 'hint', role: 'alert' }, t('share_failed')), byHand);
  const heard = liveRegion('polite');
  let told = 0;
  onPress(share, () => act.share());
  onPress(renew, () => act.say({ type: 'renew_code' }));

  const element = h(
    'div',
    { class: 'pair' },
    title,
    notice,
    h(
      'div',
      { class: 'pair-body' },
      h('div', { class: 'qr-card' }, qr.element),
      h('div', { class: 'pair-code' }, h('p', { class: 'hint' }, t('pair_or')), code, h('p', { class: 'hint' }, where), good),
    ),
    failed,
    heard.element,
    h('div', { class: 'row' }, share, renew),
  );
  return {
    element,
    update(model) {
      const session = sessionOf(model);
      const pairing = session?.pairing;
      if (!session || !pairing) {
        // After a reload there is nothing to show: the relay sends the pairing only with a new code.
        show(code, false);
        show(qr.element, false);
        setText(notice, session ? t(`peer_${other(session.role)}_absent`) : '');
        setText(good, '');
        return [];
      }
      show(code, true);
      show(qr.element, true);
      qr.update(pairing.qr, pairing.qr_size);
      const [first = '', second = ''] = pairing.code.split('-');
      setText(head, first);
      setText(tail, second);
      code.setAttribute('aria-label', t('pair_code', { code: [...pairing.code].join(' ') }));
      setText(where, t('pair_at', { host: hostOf(pairing.link) }));
      const left = pairing.code_expires_at - session.relayNow;
      const expired = left <= 0;
      setText(good, expired ? t('pair_expired') : t('pair_good_for', { time: clock(left) }));
      element.dataset['expired'] = String(expired);
      const became = model.shared?.link === pairing.link ? model.shared : null;
      const fresh = became?.became === 'copied' && performance.now() - became.at < COPIED_MS;
      setText(share, t(fresh ? 'pair_copied' : canShare() ? 'pair_share' : 'pair_copy'));
      show(failed, became?.became === 'failed');
      if (became && became.at !== told) {
        told = became.at;
        if (became.became === 'copied') heard.say(t('pair_copied'));
        if (became.became === 'failed') {
          byHand.value = pairing.link;
          byHand.focus();
          byHand.select();
        }
      }
      const text = isStop(session) ? t('pair_stop_on') : pairing.burned ? t('pair_burned') : '';
      setText(notice, text);
      show(notice, text !== '');
      return [];
    },
  };
}

/** @param {string} link */
function hostOf(link) {
  try {
    return new URL(link).host;
  } catch {
    return location.host;
  }
}
