//! Parts of a long page that stand empty at first: those near the view are filled at once, the others
//! while nothing else is to be done. So much is there soon, all is there in the end, and a tap waits for
//! neither.

/** What is filled at once: this far beyond the view. */
const NEAR = '800px';
/** For this long at a stretch parts are filled, in milliseconds: with the piece that is under way then a
 * tap waits no longer than the 50 ms that people take for at once. */
const SLICE_MS = 24;

/** One part. `fill` does a piece of it, some milliseconds' worth on a slow phone, and says whether there
 * is more to do. @typedef {{ element: Element, fill: () => boolean }} Part */

/** @param {Element} inside They are filled as long as this is on the page. */
export function later(inside) {
  /** @type {Part[]} */
  let parts = [];
  /** Those before it have nothing more to do. */
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
    /** From now on these, in the order in which they matter. @param {Part[]} now */
    set(now) {
      watch.disconnect();
      parts = now;
      done = 0;
      for (const { element } of parts) watch.observe(element);
      const mine = (run += 1);
      whenIdle(() => idle(mine));
    },
    /** All of them at once. */
    all() {
      parts.forEach(whole);
    },
  };
}

/** After this long it goes on even if the browser finds no time, in milliseconds: after keys Chromium may
 * find none for as long as nobody does anything. */
const AT_LAST_MS = 200;

/** @param {() => void} work */
function whenIdle(work) {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: AT_LAST_MS });
  else setTimeout(work, 16);
}
