//! What both people are told before the session is live.

import { t } from '../i18n/index.js';
import { CHECK_IN_HOLD_MS } from '../device/limits.js';
import { holdsToConsent } from './logic.js';

/** @import { Session } from './types.d.ts' */

/** A sentence that a professional cleared the warning signs; empty if there was nothing to clear.
 * @param {Session} session */
export function clearedLine({ state: { confirmed } }) {
  return confirmed.warning_signs === true && confirmed.cleared ? t('advice_was_cleared') : '';
}

/** A sentence that the relay asks at intervals, and what silence means; empty if it does not ask.
 * @param {Pick<Session, 'welcome'>} session */
export function willAsk({ welcome }) {
  const every = welcome?.options.check_in_every_s ?? 0;
  if (every === 0 || holdsToConsent({ welcome })) return '';
  return t('will_ask', { time: timeText(every), n: CHECK_IN_HOLD_MS / 1_000 });
}

/** The time in words: whole minutes from two minutes on, otherwise seconds. @param {number} seconds */
export function timeText(seconds) {
  const whole = seconds >= 120 && seconds % 60 === 0;
  return whole ? t('minutes', { n: seconds / 60 }) : t('seconds', { n: seconds });
}
