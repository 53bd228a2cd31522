//! Live regions tell a screen reader what changes. A region that gets the words it already has is silent, so
//! two regions take turns and words always appear in an empty one.

import { h, setText } from './dom.js';

/** @param {'assertive' | 'polite'} urgency `assertive` interrupts what is being read. */
export function liveRegion(urgency) {
  const role = urgency === 'assertive' ? 'alert' : 'status';
  const regions = [0, 1].map(() => h('div', { role, 'aria-live': urgency, 'aria-atomic': 'true' }));
  let turn = 0;
  return {
    element: h('div', { class: 'unseen' }, ...regions),
    /** @param {string} words */
    say(words) {
      turn = 1 - turn;
      for (const [index, region] of regions.entries()) setText(region, index === turn ? words : '');
    },
  };
}
