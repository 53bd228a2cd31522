//! How late a stop arrived, counted from its tap on the relay's clock.

import { t } from '../i18n/index.js';
import { isStop } from '../device/link/words.js';

/** @import { State } from '../device/protocol.d.ts' */
/** @import { Session } from './types.d.ts' */

/** A stop that took at least this long to arrive is late, in milliseconds. A shorter delay is hard to tell
 * from the error of two clock estimates. */
export const LATE_MS = 2_000;

/** How long ago the stop on the screen was tapped, in milliseconds; null if it did not arrive late.
 * @param {Session} session @returns {number | null} */
export function lateStop({ state, relayNow }) {
  const { hold } = state;
  if (!hold || !isStop(hold.reason) || hold.tapped_at === null) return null;
  const arrived = arrivedAt(state);
  if (arrived === null || arrived - hold.tapped_at < LATE_MS) return null;
  return Math.max(0, relayNow - hold.tapped_at);
}

/** When the relay received the newest stop of this hold; null if the state does not say.
 * @param {State} state @returns {number | null} */
function arrivedAt({ hold, cue, earlier }) {
  if (!hold) return null;
  const stop = [cue, ...earlier].find((one) => one?.id === hold.id);
  if (stop) return stop.at;
  // For several stops the state has the tap of the newest one, but the arrival of the first.
  return hold.count <= 1 ? hold.since : null;
}

/** The lateness in words; empty if the stop was not late. @param {Session} session */
export function lateText(session) {
  const ago = lateStop(session);
  if (ago === null) return '';
  const seconds = Math.floor(ago / 1_000);
  return seconds < 60 ? t('late_stop', { n: seconds }) : t('late_stop_minutes', { n: Math.floor(seconds / 60) });
}
