//! The guard over green: should this page itself freeze, no code of it can take green away. So each
//! fresh word of the relay winds up an animation that covers the screen when it runs out; the
//! browser's compositor plays it even while the page stands still.

import { t } from '../i18n/index.js';
import { h, setText } from './dom.js';
import { symbol } from './symbols.js';

/** For how long the cover stays, in milliseconds: longer than any page stands still. */
const COVERED_MS = 3_600_000;

export function guard() {
  const words = h('b', {});
  const element = h(
    'div',
    { id: 'guard', 'aria-hidden': 'true' },
    symbol('lost', 'symbol big'),
    words,
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
     * @param {import('../protocol.d.ts').Role} role
     */
    update(go, freshUntil, now, role) {
      setText(words, t(`lost_do_${role}`));
      if (!go) {
        winding?.cancel();
        winding = null;
        until = 0;
      } else if (freshUntil !== until) {
        until = freshUntil;
        const before = winding;
        const left = Math.max(1, freshUntil - now);
        const duration = left + COVERED_MS;
        const offset = left / duration;
        // One animation that is always under way: a delayed one waits for the page to begin it.
        winding = element.animate(
          [{ opacity: 0 }, { opacity: 0, offset }, { opacity: 1, offset }, { opacity: 1 }],
          { duration, fill: 'forwards' },
        );
        before?.cancel();
      }
    },
  };
}
