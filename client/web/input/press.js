//! Turns presses into acts. A press is one finger, pen, mouse button or key, from when it comes down.
//!
//! Safety Invariant: a press acts at most once, whatever the page does meanwhile. The click that a browser
//! makes of a press that has acted reaches no control. A press acts only on the control that it came down
//! on, and only if that control has stood in its place for MEANT_MS. Stop has no such conditions.

import { MEANT_MS } from '../device/limits.js';
import { afterPaint } from '../ui/dom.js';

/** A control that moves by no more than this counts as unmoved, in CSS pixels: a thumb rolls that far. */
const MOVED_PX = 24;
/** A browser makes the click of a press within this time after the lift, in milliseconds. Some browsers wait
 * 300 ms for a second tap. */
const CLICK_WITHIN_MS = 700;
/** Further fingers within this time after one that acted belong to the same hand, in milliseconds. */
const SAME_HAND_MS = 400;
/** A key that stays down repeats within this time, in milliseconds. Source: the longest usual delay before
 * a key repeats, 660 ms in X11. */
const REPEATS_WITHIN_MS = 700;

/**
 * @typedef {object} Press
 * @property {EventTarget[]} path The element that it came down on, and all elements around that one.
 * @property {number} began As `performance.now()`.
 * @property {number | null} ended
 * @property {boolean} spent Whether it has acted, or may not act.
 * @property {Set<HTMLElement>} dead The controls under it that were too new.
 */
/** An act.
 * @typedef {(began: number) => void} Do `began`: when the press came down, as `performance.now()`. */

/** The pointers that are down, or whose click may still come. @type {Map<number, Press>} */
const presses = new Map();
/** The press behind each click; null for a keyboard or a screen reader, which only click.
 * @type {WeakMap<Event, Press | null>} */
const clicks = new WeakMap();
/** The keys that have acted and are still down. @type {Set<string>} */
const keys = new Set();
/** When each key that is still down last came down or repeated. @type {Map<string, number>} */
const held = new Map();
/** The key events that are only repeats. @type {WeakSet<Event>} */
const repeats = new WeakSet();
/** When the last press that acted began. */
let acted = -Infinity;

/** Each control with its place and the time since when it stands there; null while it is not visible.
 * @type {Map<HTMLElement, { box: DOMRect, since: number } | null>} */
const controls = new Map();
/** Whether the page scrolled since the last look: then every control moves, and none is new. */
let scrolled = false;

/**
 * Acts at the touch, before the finger lifts; this is for cues that ask for less. A keyboard or a screen
 * reader only clicks, and acts too.
 * @param {HTMLElement} element
 * @param {Do} act
 */
export function onTouch(element, act) {
  controls.set(element, null);
  element.addEventListener('pointerdown', (event) => {
    const press = presses.get(event.pointerId);
    if (event.button === 0 && press && may(press, element)) doOnce(press, act);
  });
  element.addEventListener('click', (event) => {
    if (!clicks.get(event) && isSettled(element)) act(event.timeStamp);
  });
}

/**
 * Acts when the finger lifts on the control that it came down on.
 * @param {HTMLElement} element
 * @param {Do} act
 */
export function onPress(element, act) {
  controls.set(element, null);
  element.addEventListener('click', (event) => {
    const press = clicks.get(event);
    if (press) {
      if (press.path.includes(element) && may(press, element)) doOnce(press, act);
    } else if (isSettled(element) && !event.defaultPrevented) {
      // A key press on a control inside another control acts only once.
      event.preventDefault();
      act(event.timeStamp);
    }
  });
}

/** Acts for stop: at the touch of any finger, in any state of the page.
 * @param {HTMLElement} element @param {Do} act */
export function onStop(element, act) {
  element.addEventListener('pointerdown', (event) => {
    const press = presses.get(event.pointerId);
    if (event.button !== 0) return;
    if (press) doOnce(press, act);
    else act(event.timeStamp);
  });
  // A finger that slides here from elsewhere is a stop too.
  element.addEventListener('click', (event) => act(clicks.get(event)?.began ?? event.timeStamp));
}

/** Marks a pointer as used by code that reads pointers itself, so that its click does nothing.
 * @param {PointerEvent} event */
export function spend({ pointerId }) {
  const press = presses.get(pointerId);
  if (press) press.spent = true;
}

/** Marks a key as having acted when it went down, so that its repeats and its release do nothing.
 * @param {KeyboardEvent} event */
export function spendKey(event) {
  keys.add(event.code);
  event.preventDefault();
}

/** Whether this event is only a repeat, even if the browser does not say so. @param {KeyboardEvent} event */
export function isRepeat(event) {
  return event.repeat || repeats.has(event);
}

/** Whether this key press has acted already. @param {KeyboardEvent} event */
export function hasActed({ code }) {
  return keys.has(code);
}

/** @param {Press} press @param {Do} act */
function doOnce(press, act) {
  press.spent = true;
  acted = press.began;
  act(press.began);
}

/** @param {Press} press @param {HTMLElement} element */
function may(press, element) {
  return !press.spent && !press.dead.has(element) && !isDisabled(element);
}

/** Whether a click without a press may act on this control. @param {HTMLElement} element */
function isSettled(element) {
  if (isDisabled(element)) return false;
  look();
  return !isNew(element, performance.now());
}

/** @param {HTMLElement} element @param {number} now */
function isNew(element, now) {
  const place = controls.get(element);
  return !place || now - place.since < MEANT_MS;
}

/** @param {HTMLElement} element */
function isDisabled(element) {
  return element.getAttribute('aria-disabled') === 'true';
}

/** The press behind a click. Each press makes one click.
 * @param {MouseEvent} event @returns {Press | null} */
function pressOf(event) {
  const { detail, timeStamp } = event;
  if (detail === 0) return null;
  const named = /** @type {Partial<PointerEvent>} */ (event).pointerId ?? -1;
  const lifted = [...presses].filter(([, { ended }]) => ended !== null && timeStamp - ended <= CLICK_WITHIN_MS);
  // In some engines a click does not name its pointer; then it belongs to the newest press.
  const [id, press] = lifted.find(([id]) => id === named) ?? lifted.sort(([, a], [, b]) => b.began - a.began)[0] ?? [];
  if (id === undefined || press === undefined) return null;
  presses.delete(id);
  return press;
}

/** Notes where each control is, and which controls are new in their place. */
function look() {
  const now = performance.now();
  for (const [element, before] of controls) {
    const box = element.isConnected ? element.getBoundingClientRect() : null;
    if (box === null) {
      // The control belonged to a screen that is gone.
      if (before) controls.delete(element);
    } else if (box.width === 0) {
      controls.set(element, null);
    } else {
      const moved = !before || (!scrolled && grew(before.box, box));
      controls.set(element, { box, since: before && !moved ? before.since : now });
    }
  }
  scrolled = false;
}

/** Whether a control now covers a place that it did not cover. @param {DOMRect} from @param {DOMRect} to */
function grew(from, to) {
  const further = [from.left - to.left, to.right - from.right, from.top - to.top, to.bottom - from.bottom];
  return further.some((by) => by > MOVED_PX);
}

/** @param {PointerEvent} event */
function down(event) {
  const { pointerId, timeStamp, isPrimary } = event;
  for (const [id, { ended }] of presses) {
    if (ended !== null && timeStamp - ended > CLICK_WITHIN_MS) presses.delete(id);
  }
  look();
  const path = event.composedPath();
  const now = performance.now();
  presses.set(pointerId, {
    path,
    began: timeStamp,
    ended: null,
    spent: !isPrimary && timeStamp - acted < SAME_HAND_MS,
    dead: new Set([...controls.keys()].filter((element) => path.includes(element) && isNew(element, now))),
  });
}

if (globalThis.document) {
  const first = { capture: true };
  addEventListener('pointerdown', down, first);
  addEventListener('pointerup', ({ pointerId, timeStamp }) => {
    const press = presses.get(pointerId);
    if (press) press.ended = timeStamp;
  }, first);
  addEventListener('pointercancel', ({ pointerId }) => presses.delete(pointerId), first);
  addEventListener('click', (event) => {
    const press = pressOf(event);
    clicks.set(event, press);
    if (!press?.spent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, first);
  addEventListener('keydown', (event) => {
    const { code, timeStamp, target, key } = event;
    if (timeStamp - (held.get(code) ?? -Infinity) < REPEATS_WITHIN_MS) repeats.add(event);
    held.set(code, timeStamp);
    const control = target instanceof Element && target.closest('button, summary, a[href]');
    const again = isRepeat(event) && (keys.has(code) || control);
    if (again && (key === 'Enter' || key === ' ')) event.preventDefault();
  }, first);
  addEventListener('keyup', (event) => {
    held.delete(event.code);
    if (keys.delete(event.code)) event.preventDefault();
  }, first);
  addEventListener('blur', () => [keys, held].forEach((of) => of.clear()));
  addEventListener('scroll', () => (scrolled = true), first);
  let waits = false;
  const soon = () => {
    if (waits) return;
    waits = true;
    afterPaint(() => {
      waits = false;
      look();
    });
  };
  new MutationObserver(soon).observe(document, { subtree: true, childList: true, attributes: true });
  addEventListener('resize', soon);
}
