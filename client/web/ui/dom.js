//! Small helpers for the DOM: build an element once, then change only what differs. Text is inserted as
//! text, never as markup.

/** @typedef {Node | string | null} Child */

/**
 * An element with attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean>} [attributes] `true` sets an empty attribute, `false` sets none.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | boolean | null} value
 */
export function setAttribute(element, name, value) {
  const text = value === true ? '' : value;
  if (text === null || text === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== text) {
    element.setAttribute(name, text);
  }
}

/** @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} element @param {boolean} shown */
export function show(element, shown) {
  setAttribute(element, 'hidden', !shown);
}

/** A visible page paints within this time, in milliseconds. A page that does not is hidden. */
const UNSEEN_MS = 300;

/** Runs `work` after the next paint. A hidden page is never painted, so there it runs after UNSEEN_MS.
 * @param {() => void} work */
export function afterPaint(work) {
  let waits = true;
  const once = () => {
    if (waits) work();
    waits = false;
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, UNSEEN_MS);
}

/** Whether the target takes typed letters. @param {EventTarget | null} target */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=button])');
}
