//! What the page needs from its device: sound, and a screen that stays on. Phones grant both only inside a
//! tap, and may revoke them when the page is hidden or a call arrives.

import { capabilities, thisBrowser } from './capabilities.js';
import { handsOf, KeepAwake } from './keepawake.js';
import { onVoices } from '../device/optional.js';
import { Sound } from './sound.js';

/**
 * @param {number} volume 0 to 1
 * @param {() => void} changed Called when the device's capabilities change.
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
  // A stop by a key comes first: it acts in the capture phase, and this acts in the bubble phase.
  addEventListener('keydown', touched);
  document.addEventListener('visibilitychange', seen);
  addEventListener('pageshow', seen);
  // A browser lists its voices only after the page has loaded.
  onVoices(changed);
  awake.prepare();
  return {
    sound,
    awake,
    can: (/** @type {{ kept: boolean, trust: boolean }} */ { kept, trust }) =>
      capabilities(thisBrowser(), { awake: awake.state, hearing: sound.hearing, kept, trust }),
  };
}
