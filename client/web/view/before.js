//! What both are told before it is live.

import { t } from '../i18n/index.js';
import { CHECK_IN_HOLD_MS } from '../limits.js';
import { holdsToConsent } from './logic.js';

/** @import { Session } from './types.d.ts' */

/** That a professional has cleared it, in a sentence; empty where nothing was to be cleared.
 * @param {Session} session */
export function clearedLine({ state: { confirmed } }) {
  return confirmed.warning_signs === true && confirmed.cleared ? t('advice_was_cleared') : '';
}

/** That it will be asked by the clock, and what silence means then; empty where it is not so.
 * @param {Pick<Session, 'welcome'>} session */
export function willAsk({ welcome }) {
  const every = welcome?.options.check_in_every_s ?? 0;
  if (every === 0 || holdsToConsent({ welcome })) return '';
  return t('will_ask', { time: timeText(every), n: CHECK_IN_HOLD_MS / 1_000 });
}

/** Seconds, or minutes where they are whole. @param {number} seconds */
export function timeText(seconds) {
  const whole = seconds >= 120 && seconds % 60 === 0;
  return whole ? t('minutes', { n: seconds / 60 }) : t('seconds', { n: seconds });
}
