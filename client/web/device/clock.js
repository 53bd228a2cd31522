//! Time on a device: a monotonic clock that also counts sleep, and an estimate of the relay's clock.

/** If the wall clock gains more than this, in milliseconds, the device slept or its clock was set. Smaller
 * gains come from coarse timers and from gradual corrections of the wall clock. */
const JUMP_MS = 250;
/** How many round trips are kept for the offset. The shortest one has the smallest error. */
const SAMPLES = 8;

/** A monotonic clock in milliseconds. Some systems stop `performance.now()` during sleep. The sleep is
 * measured by the wall clock and added, so that old data is stale after waking. */
export class Clock {
  #slept = 0;
  /** How far the wall clock is ahead of `performance.now()`, in milliseconds. */
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
    // Short sleeps add up until they exceed the threshold.
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
   * Takes a time of the relay from an answer.
   * @param {number} sentAt When this device asked, on its own clock.
   * @param {number} now When the answer came.
   * @param {number} relayAt The relay's time in it.
   */
  heard(sentAt, now, relayAt) {
    const roundTrip = Math.max(0, now - sentAt);
    this.#samples.push({ roundTrip, offset: relayAt - (now - roundTrip / 2) });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** Drops the samples, because the device slept. */
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
