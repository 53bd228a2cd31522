//! True receipts: tells once for each id that it was painted, after a frame with it has gone to the
//! screen of a visible page.

/**
 * @param {(id: string) => void} painted
 * @returns {(shown: string[]) => void} To be told what is on the screen, at every change.
 */
export function painter(painted) {
  /** @type {Set<string>} */
  let onScreen = new Set();
  /** @type {Set<string>} */
  const told = new Set();
  /** @type {Set<string>} */
  const waiting = new Set();
  return (shown) => {
    onScreen = new Set(shown);
    for (const id of shown) {
      if (told.has(id) || waiting.has(id)) continue;
      waiting.add(id);
      // The first callback comes before the frame is painted, the second after it.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          waiting.delete(id);
          if (!onScreen.has(id) || document.visibilityState !== 'visible') return;
          told.add(id);
          painted(id);
        }),
      );
    }
  };
}
