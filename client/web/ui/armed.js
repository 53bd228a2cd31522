//! Rejects taps that were meant for what the screen showed before.

/** No person reads and answers something new in less time than this, in milliseconds. */
const READ_MS = 450;

/**
 * Watches what a surface shows: a tap counts only if this has not changed for READ_MS before the tap.
 * @returns {{ shows(what: string): void, ready(began?: number): boolean }} `began`: when the tap began.
 */
export function armedFor() {
  /** @type {string | null} */
  let shown = null;
  let since = 0;
  return {
    shows(what) {
      if (what === shown) return;
      shown = what;
      since = performance.now();
    },
    ready: (began = performance.now()) => began - since >= READ_MS,
  };
}
