//! How late a stop came: told from when it was tapped, on the relay's clock.

import { t } from '../i18n/index.js';
import { isStop } from '../link/words.js';

/** @import { State } from '../protocol.d.ts' */
/** @import { Session } from './types.d.ts' */

/** A stop that was under way for at least this long is late, in milliseconds. Less is hard to tell
 * from what the estimates of two clocks may be wrong by. */
export const LATE_MS = 2_000;

/** How long ago the stop on the screen was said, if it arrived late; in milliseconds.
 * @param {Session} session @returns {number | null} */
export function lateStop({ state, relayNow }) {
  const { hold } = state;
  if (!hold || !isStop(hold.reason) || hold.tapped_at === null) return null;
  const arrived = arrivedAt(state);
  if (arrived === null || arrived - hold.tapped_at < LATE_MS) return null;
  return Math.max(0, relayNow - hold.tapped_at);
}

/** When the relay had the newest stop of this hold. @param {State} state @returns {number | null} */
function arrivedAt({ hold, cue, earlier }) {
  if (!hold) return null;
  const stop = [cue, ...earlier].find((one) => one?.id === hold.id);
  if (stop) return stop.at;
  // Of several the state tells the newest one's tap, and when the first came.
  return hold.count <= 1 ? hold.since : null;
}

/** That in words; empty if it was not late. @param {Session} session */
export function lateText(session) {
  const ago = lateStop(session);
  if (ago === null) return '';
  const seconds = Math.floor(ago / 1_000);
  return seconds < 60 ? t('late_stop', { n: seconds }) : t('late_stop_minutes', { n: Math.floor(seconds / 60) });
}
