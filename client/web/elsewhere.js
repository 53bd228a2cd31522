//! Whether another tab of this browser is in a session: they ask each other.

import { attempt, channel } from './optional.js';

/** What the tabs say to each other. */
const ASKS = 'who is in a session';
const IS = 'in a session';

export class Elsewhere {
  /** Whether another tab answered that it is. */
  found = false;
  #channel = channel('tapcue.tabs');

  /**
   * @param {() => boolean} inSession Whether this tab is in a session.
   * @param {() => void} changed `found` is another.
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

  /** Asks the other tabs anew. */
  ask() {
    this.found = false;
    this.#say(ASKS);
  }

  /** @param {string} words */
  #say(words) {
    attempt(() => this.#channel?.postMessage(words), null);
  }
}
