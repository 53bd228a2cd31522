//! The invitation that this tab was opened with. It leaves the address at once and outlives a reload
//! of the tab, until it is used or refused. Where the browser keeps nothing it stays in the address.

import { replaceAddress } from './optional.js';
import * as store from './store.js';
import { readInvitation } from './typed.js';

/** @import { Key } from './i18n/index.js' */

export class Invitation {
  /** @type {string | null} */
  secret = store.invitation();
  /** What is to be said about it. @type {Key | null} */
  problem = null;

  /** Takes the invitation in the address, if there is one. Whether there is. */
  take() {
    const read = readInvitation(location.hash);
    if (read === null) return false;
    this.problem = null;
    if (read === 'broken') {
      this.problem = 'invite_broken';
      this.drop();
    } else {
      this.put(read.secret);
    }
    return true;
  }

  /** @param {string} secret */
  put(secret) {
    this.secret = secret;
    this.problem = null;
    if (store.keepInvitation(secret)) clearAddress();
  }

  /** It is used, refused, or not wanted. */
  drop() {
    this.secret = null;
    store.keepInvitation(null);
    clearAddress();
  }

  /** The relay does not take it any more. */
  refused() {
    this.drop();
    this.problem = 'invite_used';
  }
}

/** Whatever the address has behind `#` goes. */
export function clearAddress() {
  if (location.hash !== '' && !replaceAddress(location.pathname + location.search)) location.hash = '';
}
