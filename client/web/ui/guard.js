//! The guard over green: if this page freezes, none of its code can take green away. So each fresh message of
//! the relay restarts an animation that covers the screen when it runs out.
//! The browser's compositor plays the animation even while the page is frozen.

import { t } from '../i18n/index.js';
import { h, setText } from './dom.js';
import { symbol } from './symbols.js';

/** How long the cover stays, in milliseconds: longer than any page is frozen. */
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
     * @param {number} freshUntil When the relay's last message stops being fresh, on the clock of `now`.
     * @param {number} now
     * @param {import('../device/protocol.d.ts').Role} role
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
        // The animation runs from the start, because one with a delay waits for the page to begin it.
        winding = element.animate(
          [{ opacity: 0 }, { opacity: 0, offset }, { opacity: 1, offset }, { opacity: 1 }],
          { duration, fill: 'forwards' },
        );
        before?.cancel();
      }
    },
  };
}
