//! Gives a recogniser the fingers on an element: they go down on the element and lift anywhere.
//! The recogniser is pure; its events and its timer are here. Any code that reads fingers can use this.

import { spend } from './press.js';

/** @import { Input } from './gestures.js' */

/**
 * Turns finger inputs into signals.
 * @template Signal
 * @typedef {object} Recogniser
 * @property {number[]} fingers The fingers that have not lifted.
 * @property {(input: Input) => Signal[]} step
 * @property {() => number | null} deadline When it needs a tick, on the clock of the inputs; null for never.
 */

/**
 * Feeds `recogniser` with the fingers on `element`.
 * @template Signal
 * @param {HTMLElement} element
 * @param {Recogniser<Signal>} recogniser
 * @param {(signal: Signal) => void} heard
 * @returns {{ cancel(): void }} Call `cancel` when the element goes away under the fingers.
 */
export function contact(element, recogniser, heard) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @param {Input} input */
  const give = (input) => {
    for (const signal of recogniser.step(input)) heard(signal);
    clearTimeout(timer);
    const due = recogniser.deadline();
    if (due === null) return;
    timer = setTimeout(() => give({ type: 'tick', at: performance.now() }), Math.max(0, due - performance.now()));
  };
  /** @param {'down' | 'move' | 'up' | 'cancel'} type @param {PointerEvent} event */
  const pointer = (type, event) =>
    give({ type, id: event.pointerId, x: event.clientX, y: event.clientY, at: event.timeStamp });
  const cancel = (at = performance.now()) => {
    for (const id of recogniser.fingers) give({ type: 'cancel', id, x: 0, y: 0, at });
  };

  element.addEventListener('pointerdown', (event) => {
    // A primary pointer is the first of its kind on the screen, so fingers still noted here lifted unseen.
    if (event.isPrimary) cancel(event.timeStamp);
    spend(event);
    pointer('down', event);
  });
  /** @type {['pointermove' | 'pointerup' | 'pointercancel', 'move' | 'up' | 'cancel'][]} */
  const later = [['pointermove', 'move'], ['pointerup', 'up'], ['pointercancel', 'cancel']];
  for (const [name, type] of later) {
    addEventListener(name, (event) => recogniser.fingers.includes(event.pointerId) && pointer(type, event));
  }
  return { cancel: () => cancel() };
}
