//! What the page asks of the device it runs on: sound, and a screen that stays on. Phones grant both
//! inside a tap only, and may take them back whenever the page is hidden or a call comes in.

import { capabilities, thisBrowser } from './capabilities.js';
import { handsOf, KeepAwake } from './keepawake.js';
import { onVoices } from './optional.js';
import { Sound } from './sound.js';

/**
 * @param {number} volume 0 to 1
 * @param {() => void} changed What can be had of the device is another.
 */
export function senses(volume, changed) {
  const { ios, installed } = thisBrowser();
  const sound = new Sound(volume, changed);
  // Home screen pages of iPhones may be granted a wake lock that does nothing.
  const awake = new KeepAwake(handsOf(ios && installed), changed);
  const touched = () => {
    sound.unlock();
    awake.touched();
  };
  const seen = () => {
    if (document.visibilityState !== 'visible') return;
    sound.wake();
    awake.again();
  };
  for (const gesture of ['pointerup', 'click']) addEventListener(gesture, touched, { capture: true });
  // A stop by a key goes first: it acts while the event is on its way down, and this while it comes up.
  addEventListener('keydown', touched);
  document.addEventListener('visibilitychange', seen);
  addEventListener('pageshow', seen);
  // A browser finds its voices after the page is there.
  onVoices(changed);
  awake.prepare();
  return {
    sound,
    awake,
    can: (/** @type {{ kept: boolean, trust: boolean }} */ { kept, trust }) =>
      capabilities(thisBrowser(), { awake: awake.state, hearing: sound.hearing, kept, trust }),
  };
}
