//! Turns the fingers on the pad into cues. Pure: it takes pointer events and time, without DOM or clock.
//!
//! Safety Invariant: every touch that is not clearly a swipe or a long press is a stop, and every touch
//! leads to a cue. `more_pressure` comes only from one finger's clear swipe up. `ready` comes only where
//! ready may be said; elsewhere a finger that rests is a stop.
//!
//! A touch can become a tap, a swipe or a long press, so it is judged when the finger lifts. Three cases
//! are a stop earlier: a second finger at its touch, a finger that rests at STILL_MS, and a finger that
//! moves about at MOVING_MS.

import { swiped } from '../ui/cues.js';

/** @import { Cue } from '../device/protocol.d.ts' */

/** A finger that moves less than this counts as still, in CSS pixels, because a thumb rolls that far. */
export const STILL_PX = 24;
/** The shortest swipe, in CSS pixels. */
export const SWIPE_PX = 64;
/** The shortest swipe up, in CSS pixels. It asks for more pressure, so it must be deliberate. */
export const SWIPE_UP_PX = 96;
/** The greatest sideways movement of a swipe, as a part of its length: one half is 27 degrees. */
const ASIDE = 0.5;
/** The same for a swipe up: 19 degrees. */
const ASIDE_UP = 0.35;
/** How far a swipe may turn back on its way, in CSS pixels. A rub back and forth is not a swipe. */
const BACK_PX = 20;
/** Where ready may not be said, a finger that rests for this long is a stop, in milliseconds. */
export const STILL_MS = 500;
/** A finger that moves and has not lifted after this time is a stop, in milliseconds. */
export const MOVING_MS = 1_000;
/** A finger that rests for this long and then lifts says ready, in milliseconds. */
export const READY_MS = 800;
/** A finger that rests for longer than this is a resting hand, and therefore a stop, in milliseconds. */
export const READY_UNTIL_MS = 2_500;
/** The times at which a long press sounds before it is ready, in milliseconds. */
export const PRESS_STEPS_MS = [350, 500, 650];
/** Further fingers within this time after a stop belong to the same hand, in milliseconds. */
export const SAME_HAND_MS = 400;

/** The cue of each swipe. */
export const SWIPES = { left: swiped('left'), down: swiped('down'), right: swiped('right'), up: swiped('up') };

/**
 * A pointer event, in CSS pixels and milliseconds of one clock, or only the time.
 * @typedef {{ type: 'down' | 'move' | 'up' | 'cancel', id: number, x: number, y: number, at: number }
 *   | { type: 'tick', at: number }} Input
 */
/**
 * What to do: say a cue once, sound a step of a long press (counted from 1), or signal that lifting now
 * says ready.
 * @typedef {{ kind: 'cue', cue: Cue } | { kind: 'pressing', step: number } | { kind: 'armed' }} Signal
 */

/** A finger's movement along one axis, relative to where it came down. */
class Axis {
  #start;
  now = 0;
  /** The extremes on either side. */
  least = 0;
  most = 0;
  /** The furthest return from the highest point so far, and the furthest from the lowest. */
  fall = 0;
  rise = 0;

  /** @param {number} start */
  constructor(start) {
    this.#start = start;
  }

  /** @param {number} to */
  move(to) {
    this.now = to - this.#start;
    this.least = Math.min(this.least, this.now);
    this.most = Math.max(this.most, this.now);
    this.fall = Math.max(this.fall, this.most - this.now);
    this.rise = Math.max(this.rise, this.now - this.least);
  }

  /** The greatest distance from the start. */
  get reach() {
    return Math.max(this.most, -this.least);
  }
}

/**
 * The finger that is being judged.
 * @typedef {{ id: number, began: number, x: Axis, y: Axis, ready: boolean, steps: number }} Touch
 */

/** Reads one pad. */
export class Gestures {
  #mayBeReady;
  /** Every finger on the pad, judged or not. @type {Set<number>} */
  #fingers = new Set();
  /** @type {Touch | null} */
  #touch = null;
  /** The time of the last stop since the pad was last free. */
  #stopped = -Infinity;

  /** @param {() => boolean} mayBeReady Whether ready may be said at this moment. */
  constructor(mayBeReady) {
    this.#mayBeReady = mayBeReady;
  }

  /** The fingers that have not lifted. */
  get fingers() {
    return [...this.#fingers];
  }

  /** Takes one input. @param {Input} input @returns {Signal[]} */
  step(input) {
    const out = this.#due(input.at);
    switch (input.type) {
      case 'tick':
        break;
      case 'down':
        this.#down(input, out);
        break;
      case 'move':
        this.#move(input);
        out.push(...this.#due(input.at));
        break;
      case 'up':
        this.#move(input);
        this.#lift(input.id, (touch) => this.#judge(touch, input.at), out);
        break;
      case 'cancel':
        this.#lift(input.id, () => 'stop', out);
        break;
    }
    return out;
  }

  /** When to give the next tick, if nothing happens before. @returns {number | null} */
  deadline() {
    const touch = this.#touch;
    if (!touch) return null;
    const next = isStill(touch) && touch.ready ? steps[touch.steps] : undefined;
    return Math.min(limitOf(touch), touch.began + (next ?? Infinity));
  }

  /** @param {{ id: number, x: number, y: number, at: number }} down @param {Signal[]} out */
  #down({ id, x, y, at }, out) {
    const alone = this.#fingers.size === 0;
    this.#fingers.add(id);
    if (alone) {
      this.#stopped = -Infinity;
      this.#touch = { id, began: at, x: new Axis(x), y: new Axis(y), ready: this.#mayBeReady(), steps: 0 };
      return;
    }
    this.#touch = null;
    if (!(at - this.#stopped < SAME_HAND_MS)) out.push(this.#stop(at));
  }

  /** @param {{ id: number, x: number, y: number }} move */
  #move({ id, x, y }) {
    const touch = this.#touch;
    if (touch?.id !== id) return;
    touch.x.move(x);
    touch.y.move(y);
  }

  /** @param {number} id @param {(touch: Touch) => Cue} judge @param {Signal[]} out */
  #lift(id, judge, out) {
    this.#fingers.delete(id);
    const touch = this.#touch;
    if (touch?.id !== id) return;
    this.#touch = null;
    out.push({ kind: 'cue', cue: judge(touch) });
  }

  /** @param {Touch} touch @param {number} at @returns {Cue} */
  #judge(touch, at) {
    if (!isStill(touch)) return swipeOf(touch) ?? 'stop';
    return touch.ready && at - touch.began >= READY_MS && this.#mayBeReady() ? 'ready' : 'stop';
  }

  /** The signals that are due at this time. @param {number} at @returns {Signal[]} */
  #due(at) {
    const touch = this.#touch;
    if (!touch) return [];
    if (at >= limitOf(touch)) {
      this.#touch = null;
      return [this.#stop(at)];
    }
    /** @type {Signal[]} */
    const out = [];
    while (touch.ready && isStill(touch) && at - touch.began >= (steps[touch.steps] ?? Infinity)) {
      touch.steps += 1;
      out.push(touch.steps === steps.length ? { kind: 'armed' } : { kind: 'pressing', step: touch.steps });
    }
    return out;
  }

  /** @param {number} at @returns {Signal} */
  #stop(at) {
    this.#stopped = at;
    return { kind: 'cue', cue: 'stop' };
  }
}

/** The times at which a long press sounds. At the last one, lifting says ready. */
const steps = [...PRESS_STEPS_MS, READY_MS];

/** @param {Touch} touch */
function isStill({ x, y }) {
  return Math.hypot(x.reach, y.reach) < STILL_PX;
}

/** From this time on the touch is a stop, even if it has not lifted. @param {Touch} touch */
function limitOf(touch) {
  if (!isStill(touch)) return touch.began + MOVING_MS;
  return touch.began + (touch.ready ? READY_UNTIL_MS : STILL_MS);
}

/** @param {Touch} touch @returns {Cue | null} */
function swipeOf({ x, y }) {
  if (isSwipe(-y.now, y.rise, x, SWIPE_UP_PX, ASIDE_UP)) return SWIPES.up;
  if (isSwipe(y.now, y.fall, x, SWIPE_PX, ASIDE)) return SWIPES.down;
  if (isSwipe(-x.now, x.rise, y, SWIPE_PX, ASIDE)) return SWIPES.left;
  return isSwipe(x.now, x.fall, y, SWIPE_PX, ASIDE) ? SWIPES.right : null;
}

/**
 * @param {number} length How far along the direction.
 * @param {number} back How far it turned back on the way.
 * @param {Axis} across
 * @param {number} least How far it must be.
 * @param {number} aside How far across it may be, as a part of the length.
 */
function isSwipe(length, back, across, least, aside) {
  return length >= least && back <= BACK_PX && across.reach <= length * aside;
}
