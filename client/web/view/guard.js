//! The guard over green: should this page itself freeze, no code of it can take green away. So each
//! fresh word of the relay winds up an animation that covers the screen when it runs out; the
//! browser's compositor plays it even while the page stands still.

import { t } from '../i18n/index.js';
import { h } from './dom.js';
import { symbol } from './symbols.js';

export function guard() {
  const element = h(
    'div',
    { id: 'guard', 'aria-hidden': 'true' },
    symbol('lost', 'symbol big'),
    h('b', {}, t('lost_do')),
  );
  document.body.append(element);
  /** @type {Animation | null} */
  let winding = null;
  let until = 0;
  return {
    /**
     * @param {boolean} go Whether go is shown.
     * @param {number} freshUntil When the last word stops being fresh.
     * @param {number} now
     */
    update(go, freshUntil, now) {
      if (!go) {
        winding?.cancel();
        winding = null;
        until = 0;
      } else if (freshUntil !== until) {
        until = freshUntil;
        const before = winding;
        winding = element.animate([{ opacity: 1 }, { opacity: 1 }], {
          delay: Math.max(0, freshUntil - now),
          duration: 600_000,
        });
        before?.cancel();
      }
    },
  };
}
