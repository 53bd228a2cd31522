//! What each alarm plays, how often, and what it says. device/link/view.js decides which alarm there is. Pure.

import { STOP_NOT_ACKNOWLEDGED_MS } from '../device/limits.js';
import { isStop } from '../device/link/words.js';

/** @import { Alarm } from '../device/protocol.d.ts' */
/** @import { Key } from '../i18n/index.js' */
/** @import { TuneName } from './tunes.js' */
/** @import { Session } from '../screens/types.d.ts' */

/** The device's own alarms, and two for a receiver whose helper may not hear an alarm.
 * `helper_gone`: the helper's link is down, and the helper has not said "hands off". `not_hands_off`: the
 * helper's device is there, but the helper has not said it.
 * @typedef {Alarm | 'helper_gone' | 'not_hands_off'} Sounding */

/** The longest time that an alarm may be silent, in milliseconds. Source: docs/safety.md, "The clock". */
export const REPEAT_AT_LEAST_MS = 10_000;

/** For each alarm: its tune, its interval in milliseconds, its words, and how many times it sounds for each
 * time that it speaks them.
 * @type {Record<Sounding, { tune: TuneName, every: number, words: Key, wordsEach: number }>} */
export const ALARMS = {
  not_delivered: { tune: 'stop', every: 900, words: 'say_not_delivered', wordsEach: 4 },
  link_lost: { tune: 'lost', every: 1_500, words: 'say_lost', wordsEach: 4 },
  not_acknowledged: { tune: 'stop', every: 1_000, words: 'say_stop', wordsEach: 5 },
  stop: { tune: 'stop', every: 1_300, words: 'say_stop', wordsEach: 4 },
  hold: { tune: 'held', every: 1_800, words: 'say_held', wordsEach: 4 },
  check_in: { tune: 'check_in', every: 5_000, words: 'cue_check_in', wordsEach: 2 },
  check_in_again: { tune: 'check_in', every: 2_500, words: 'cue_check_in', wordsEach: 1 },
  helper_gone: { tune: 'lost', every: 4_000, words: 'say_helper_gone', wordsEach: 2 },
  not_hands_off: { tune: 'held', every: 5_000, words: 'say_held', wordsEach: 2 },
};

/** The alarm to sound now. @param {Session} session @returns {Sounding | null} */
export function alarmOf({ view, state, role, relayNow }) {
  if (view.alarm) return view.alarm;
  const here = view.link === 'here' || view.link === 'late';
  const { hold, peers } = state;
  if (role !== 'receiver' || !here || state.phase !== 'held' || !hold || hold.acknowledged) return null;
  // A stop has its own alarm. Before the first go the helper's hands are not on the receiver.
  if (hold.reason === 'start' || isStop(hold.reason)) return null;
  if (peers.helper === 'lost' || peers.helper === 'away') return 'helper_gone';
  return relayNow - hold.since >= STOP_NOT_ACKNOWLEDGED_MS ? 'not_hands_off' : null;
}

/** What an alarm plays and says the `nth` time it sounds, counted from 0.
 * @param {Sounding} alarm @param {number} nth @returns {{ tune: TuneName, words: Key | null }} */
export function soundOf(alarm, nth) {
  const { tune, words, wordsEach } = ALARMS[alarm];
  return { tune, words: nth % wordsEach === 0 ? words : null };
}
