//! Detects whether another tab of this browser is in a session. The tabs ask each other.

import { attempt, channel } from './optional.js';

/** The messages between the tabs. */
const ASKS = 'who is in a session';
const IS = 'in a session';

export class Elsewhere {
  /** Whether another tab answered that it is in a session. */
  found = false;
  #channel = channel('tapcue.tabs');

  /**
   * @param {() => boolean} inSession Whether this tab is in a session.
   * @param {() => void} changed Called when `found` changes.
   */
  constructor(inSession, changed) {
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }) => {
      if (data === ASKS && inSession()) this.#say(IS);
      if (data !== IS || this.found) return;
      this.found = true;
      changed();
    };
  }

  /** Asks the other tabs again. */
  ask() {
    this.found = false;
    this.#say(ASKS);
  }

  /** @param {string} words */
  #say(words) {
    attempt(() => this.#channel?.postMessage(words), null);
  }
}
