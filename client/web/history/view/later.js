//! Fills the parts of a long page: those near the view at once, the others while the page is idle.
//! What is in view appears soon, every part is filled in the end, and a tap waits for neither.

/** Parts up to this far beyond the view are filled at once. */
const NEAR = '800px';
/** Parts are filled for this long at a time, in milliseconds. With the piece in progress at its end a tap
 * waits at most 50 ms, which people take for at once. */
const SLICE_MS = 24;

/** One part. `fill` does a piece of it, which takes some milliseconds on a slow phone, and returns whether
 * more is left. @typedef {{ element: Element, fill: () => boolean }} Part */

/** @param {Element} inside Idle filling goes on as long as this is on the page. */
export function later(inside) {
  /** @type {Part[]} */
  let parts = [];
  /** The parts before this index are full. */
  let done = 0;
  let run = 0;
  const whole = (/** @type {Part} */ part) => {
    while (part.fill());
  };
  const watch = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        const part = isIntersecting && parts.find(({ element }) => element === target);
        if (part) whole(part);
      }
    },
    { root: document.querySelector('#screen'), rootMargin: `${NEAR} 0px` },
  );
  const idle = (/** @type {number} */ mine) => {
    if (mine !== run || !inside.isConnected) return;
    const until = performance.now() + SLICE_MS;
    while (done < parts.length && performance.now() < until) if (!parts[done]?.fill()) done += 1;
    if (done < parts.length) whenIdle(() => idle(mine));
  };
  return {
    /** Fills these parts from now on, in the order in which they matter. @param {Part[]} now */
    set(now) {
      watch.disconnect();
      parts = now;
      done = 0;
      for (const { element } of parts) watch.observe(element);
      const mine = (run += 1);
      whenIdle(() => idle(mine));
    },
    /** Fills all parts at once. */
    all() {
      parts.forEach(whole);
    },
  };
}

/** After this long filling goes on even if the browser reports no idle time, in milliseconds. After keys
 * Chromium may report none until the next input. */
const AT_LAST_MS = 200;

/** @param {() => void} work */
function whenIdle(work) {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: AT_LAST_MS });
  else setTimeout(work, 16);
}
