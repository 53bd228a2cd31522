//! The invitation that this tab was opened with. It is removed from the address at once and survives a
//! reload until it is used or refused. In a browser without storage it stays in the address.

import { replaceAddress } from './optional.js';
import * as store from './store.js';
import { readInvitation } from './typed.js';

/** @import { Key } from '../i18n/index.js' */

export class Invitation {
  /** @type {string | null} */
  secret = store.invitation();
  /** What to tell the person about it. @type {Key | null} */
  problem = null;

  /** Takes the invitation from the address. Returns whether there was one. */
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

  /** Drops the invitation, because it was used, refused or declined. */
  drop() {
    this.secret = null;
    store.keepInvitation(null);
    clearAddress();
  }

  /** Drops the invitation, because the relay refused it. */
  refused() {
    this.drop();
    this.problem = 'invite_used';
  }
}

/** Removes the part of the address after `#`. */
export function clearAddress() {
  if (location.hash !== '' && !replaceAddress(location.pathname + location.search)) location.hash = '';
}
