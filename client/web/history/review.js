//! Which entries each filter shows, and what an entry did to the session. Pure: no DOM.

import { t } from '../i18n/index.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Entry } from './transcript.d.ts' */

/** The entries that a filter shows. @typedef {'all' | 'people' | 'cues' | 'holds' | 'notes'} Filter */

/** The filters, in the order of their buttons. @type {Filter[]} */
export const FILTERS = ['all', 'people', 'cues', 'holds', 'notes'];

/** @param {Filter} filter @param {Entry} entry */
export function passes(filter, { recorded: { what }, outcome }) {
  switch (filter) {
    case 'all':
      return true;
    case 'people':
      return what !== 'shown' && what !== 'link';
    case 'cues':
      return what === 'cue' || what === 'stops' || what === 'thumb';
    case 'holds':
      return tintOf({ outcome }) !== null || (what === 'ended' && outcome.result === 'taken');
    case 'notes':
      return what === 'noted';
  }
}

/** The effect of an entry on the session: it held it or made it live.
 * @param {Pick<Entry, 'outcome'>} entry */
export function tintOf({ outcome: { hold, within, live } }) {
  if (live) return 'live';
  return (hold && hold.reason !== 'start') || within !== undefined ? 'held' : null;
}

/** The name of a role, or of the relay, with a capital letter. @param {Role | null | undefined} by */
export function who(by) {
  return t(by ? `who_${by}` : 'who_relay');
}

/** The text of a note, null if this copy does not contain it, and the entry that the note is about.
 * @param {Entry} entry */
export function noteOf({ recorded, note }) {
  return { text: recorded.text ?? note?.text ?? null, about: recorded.about ?? note?.about ?? null };
}
