//! Decides what holds in hold to consent: one thumb on the screen, one key, or the button that replaces the
//! thumb. Pure: it takes contacts and time, without DOM or clock.
//!
//! Safety Invariant: only a fresh contact puts the thumb down, and only while nothing else touches. Once
//! the last contact is gone, a lift or a stop was said after the thumb was put down, for every order of
//! inputs. A second contact is a stop at its touch and ends the grip. A new grip begins only after every
//! contact has let go.

/** A contact that is shorter than this is a tap, and a tap is a stop, in milliseconds. */
export const TAP_MS = 500;
/** Further contacts within this time after a stop belong to the same hand, in milliseconds. */
export const SAME_HAND_MS = 400;

/** What is said: the thumb was put down, or lifted, or stop. @typedef {'down' | 'lifted' | 'stop'} Said */
/** What touches: a pointer's id, a key, or the button. @typedef {number | string} Contact */
/**
 * @typedef {{ type: 'down', id: Contact, at: number, counts: boolean }
 *   | { type: 'up' | 'cancel', id: Contact, at: number }} Input
 * `counts`: false for a finger that went down before the screen could be read. `up`: the contact let go.
 * `cancel`: the browser no longer reports whether it is there. Times are milliseconds of one clock.
 */

/** Watches the contacts of one person. */
export class Grip {
  /** @type {Set<Contact>} */
  #contacts = new Set();
  /** The contact that holds, while it is the only one.
   * @type {{ id: Contact, began: number, counts: boolean } | null} */
  #owner = null;
  /** The time of the last stop since every contact had let go. */
  #stopped = -Infinity;

  /** The contacts that have not let go. */
  get contacts() {
    return [...this.#contacts];
  }

  /** The contact that holds, or that would hold if it counted. @returns {Contact | null} */
  get owner() {
    return this.#owner?.id ?? null;
  }

  /** Takes one input and returns what to say, if anything. @param {Input} input @returns {Said | null} */
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

  /** Forgets every contact, because there is nothing left to hold. */
  forget() {
    this.#contacts.clear();
    this.#owner = null;
  }

  /** @param {{ id: Contact, at: number, counts: boolean }} down @returns {Said | null} */
  #down({ id, at, counts }) {
    // A held key repeats.
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
