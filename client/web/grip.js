//! What holds on in hold to consent: one thumb on the screen, or one key, or the button that holds in
//! somebody's place. Pure: contacts and time in, words out; no DOM, no clock.
//!
//! Safety Invariant: the thumb is put down only by a fresh contact while nothing else touches. Once
//! the last contact is gone, whatever came and in whatever order, the thumb was lifted or stop was
//! said after it was put down. A second contact is stop at its touch, and ends the grip: it begins
//! anew only after everything has let go.

/** A contact that lets go this soon is a tap, and a tap is stop, in milliseconds. */
export const TAP_MS = 500;
/** Further contacts this soon after a stop are the same hand, in milliseconds. */
export const SAME_HAND_MS = 400;

/** What is said: the thumb was put down, or lifted, or stop. @typedef {'down' | 'lifted' | 'stop'} Said */
/** Whoever touches: a pointer's id, a key, or the button. @typedef {number | string} Contact */
/**
 * @typedef {{ type: 'down', id: Contact, at: number, counts: boolean }
 *   | { type: 'up' | 'cancel', id: Contact, at: number }} Input
 * `counts`: not a finger that was on its way before what is on the screen could be read. `up`: it let
 * go. `cancel`: nobody can tell any more whether it is there. Milliseconds of one clock.
 */

/** Watches the contacts of one person. */
export class Grip {
  /** @type {Set<Contact>} */
  #contacts = new Set();
  /** The one that holds on, while it is the only one. @type {{ id: Contact, began: number, counts: boolean } | null} */
  #owner = null;
  /** The last stop since everything had let go. */
  #stopped = -Infinity;

  /** Everything that touches and has not let go. */
  get contacts() {
    return [...this.#contacts];
  }

  /** Who holds on, or would if it counted. @returns {Contact | null} */
  get owner() {
    return this.#owner?.id ?? null;
  }

  /** Takes one input; what is to be said, if anything. @param {Input} input @returns {Said | null} */
  step(input) {
    if (input.type === 'down') return this.#down(input);
    const { type, id, at } = input;
    this.#contacts.delete(id);
    const owner = this.#owner;
    if (owner?.id !== id) return null;
    this.#owner = null;
    const tap = type === 'up' && owner.counts && at - owner.began < TAP_MS;
    return tap ? 'stop' : 'lifted';
  }

  /** Forgets every contact: there is nothing left to hold on to. */
  forget() {
    this.#contacts.clear();
    this.#owner = null;
  }

  /** @param {{ id: Contact, at: number, counts: boolean }} down @returns {Said | null} */
  #down({ id, at, counts }) {
    // A key that repeats.
    if (this.#contacts.has(id)) return null;
    const alone = this.#contacts.size === 0;
    this.#contacts.add(id);
    if (alone) {
      this.#stopped = -Infinity;
      this.#owner = { id, began: at, counts };
      return counts ? 'down' : null;
    }
    this.#owner = null;
    if (at - this.#stopped < SAME_HAND_MS) return null;
    this.#stopped = at;
    return 'stop';
  }
}
