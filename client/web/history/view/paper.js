//! Work that is done before a page is printed, and undone after it.

/**
 * Calls `before` and `after` around each print, as long as `element` is on the page.
 * @param {Element} element
 * @param {() => void} before
 * @param {() => void} [after]
 */
export function onPrint(element, before, after = () => {}) {
  const watch = new AbortController();
  const run = (/** @type {() => void} */ act) => () => (element.isConnected ? act() : watch.abort());
  addEventListener('beforeprint', run(before), { signal: watch.signal });
  addEventListener('afterprint', run(after), { signal: watch.signal });
}
