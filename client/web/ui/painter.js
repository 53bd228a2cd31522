//! Receipts for what was painted: each id is reported once, after a visible page has painted a frame with it.
//! A hold is reported once more when it is painted as acknowledged.

/** @import { Shown } from '../screens/types.d.ts' */

/**
 * @param {(id: string, acknowledged: boolean) => void} painted
 * @returns {(shown: Shown[]) => void} Takes what is on the screen, at every change.
 */
export function painter(painted) {
  /** @type {Set<string>} */
  let onScreen = new Set();
  /** @type {Set<string>} */
  const told = new Set();
  /** @type {Set<string>} */
  const waiting = new Set();
  return (shown) => {
    const all = shown.map((one) => (typeof one === 'string' ? { id: one, acknowledged: false } : one));
    const keyed = all.map((one) => ({ ...one, key: `${one.id} ${one.acknowledged}` }));
    onScreen = new Set(keyed.map(({ key }) => key));
    for (const { key, id, acknowledged } of keyed) {
      if (told.has(key) || waiting.has(key)) continue;
      waiting.add(key);
      // The first callback comes before the frame is painted, the second after it.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          waiting.delete(key);
          if (!onScreen.has(key) || document.visibilityState !== 'visible') return;
          told.add(key);
          painted(id, acknowledged);
        }),
      );
    }
  };
}
