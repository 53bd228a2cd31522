//! A guard against taps that were meant for what was on the screen before.

/** A person cannot have read and answered something new faster than this, in milliseconds. */
const READ_MS = 450;

/**
 * Watches what a surface shows; taps count once it has stood for a moment.
 * @returns {{ shows(what: string): void, ready(began?: number): boolean }} `began`: when the tap did.
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
