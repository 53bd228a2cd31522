//! Time on a device: a clock that never runs backwards and also counts sleep, and what it says about
//! the relay's clock.

/** Once the wall clock is ahead of the other by more than this, in milliseconds, the device slept or
 * its clock was set: less is how finely browsers measure, and how clocks are slowly set right. */
const JUMP_MS = 250;
/** How many round trips the offset is taken from: the one with the least is the truest. */
const SAMPLES = 8;

/** Milliseconds that never run backwards. Some systems stop `performance.now()` while they sleep;
 * the wall clock tells, and the time slept is added, so that whatever was fresh is stale on waking. */
export class Clock {
  #slept = 0;
  /** By how much the wall clock was ahead, all told. */
  #ahead;
  #performance;
  #wall;

  /**
   * @param {() => number} [performanceNow]
   * @param {() => number} [wallNow]
   */
  constructor(performanceNow = () => performance.now(), wallNow = () => Date.now()) {
    this.#performance = performanceNow;
    this.#wall = wallNow;
    this.#ahead = wallNow() - performanceNow();
  }

  /**
   * The time, and whether the device slept or its clock jumped since the last call.
   * @returns {{ now: number, jumped: boolean }}
   */
  read() {
    const passed = this.#performance();
    // Short sleeps add up until they are seen.
    const jump = this.#wall() - passed - this.#ahead;
    const jumped = jump > JUMP_MS;
    if (jumped) this.#slept += jump;
    if (Math.abs(jump) > JUMP_MS) this.#ahead += jump;
    return { now: Math.round(passed + this.#slept), jumped };
  }
}

/** The relay's clock as this device estimates it. */
export class RelayClock {
  /** @type {{ roundTrip: number, offset: number }[]} */
  #samples = [];

  /**
   * The relay named its time in an answer.
   * @param {number} sentAt When this device asked, on its own clock.
   * @param {number} now When the answer came.
   * @param {number} relayAt What the relay said.
   */
  heard(sentAt, now, relayAt) {
    const roundTrip = Math.max(0, now - sentAt);
    this.#samples.push({ roundTrip, offset: relayAt - (now - roundTrip / 2) });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** The device slept: what was known before is not known any more. */
  forget() {
    this.#samples = [];
  }

  /**
   * The relay's time, in milliseconds since the epoch.
   * @param {number} now
   * @returns {number}
   */
  at(now) {
    const [first, ...rest] = this.#samples;
    if (!first) return Date.now();
    const best = rest.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a), first);
    return Math.round(now + best.offset);
  }
}
