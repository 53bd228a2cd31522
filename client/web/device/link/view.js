//! What a device may show: the link as it judges it, go, stop and the alarms. Mirrors
//! shared/rules/src/link/view.rs.

import * as limits from '../limits.js';
import { aheadOf, isOver, isStopped, mayAcknowledgeAt, mayReadyAt, noticeId, openStop } from './act.js';
import { since } from './clock.js';

/** @import { Alarm, Clock, DeviceLink, Limits, Phase, State, View } from '../protocol.d.ts' */
/** @import { Acting } from './act.js' */

/**
 * The machine's facts about the link and the session.
 * @typedef {object} Watching
 * @property {Limits} limits
 * @property {boolean} hidden
 * @property {number} lastWord
 * @property {{ phase: Phase, epoch: number } | null} word
 * @property {number | null} stopSince
 * @property {boolean} consent
 * @property {boolean} needsThumb
 * @property {boolean} thumb
 * @property {number[]} roundTrips
 * @property {Clock | null} clock
 * @property {boolean} unrecorded
 */

/** @typedef {Acting & Watching} Facts */

/**
 * What may be shown at this moment.
 * @param {number} now
 * @param {Facts} facts
 * @returns {View}
 */
export function viewOf(now, facts) {
  const { outgoing, roundTrips, clock } = facts;
  const link = linkOf(now, facts);
  const stopped = isStopped(facts);
  const ahead = aheadOf(facts);
  const ready = mayReadyAt(facts);
  const acknowledge = mayAcknowledgeAt(facts);
  return {
    link,
    go: !stopped && go(link, facts),
    stopped,
    ...(ahead !== null && { ahead }),
    lamp: outgoing.lamp(),
    thumb: facts.thumb && facts.conn.at === 'up',
    alarm: alarm(now, link, facts),
    round_trip_ms: roundTrips.length > 0 ? Math.min(...roundTrips) : null,
    clock,
    ...(facts.unrecorded && facts.conn.at === 'up' ? { unrecorded: true } : {}),
    ...(ready !== null && { may_ready_at: ready }),
    ...(acknowledge !== null && { may_acknowledge_at: acknowledge }),
  };
}

/** @param {number} now @param {Facts} facts @returns {DeviceLink} */
function linkOf(now, { conn, state, lastWord, limits: { lost_after_ms, late_after_ms } }) {
  if (conn.at === 'closed') return conn.link;
  if (conn.at !== 'up') return state ? 'lost' : 'connecting';
  const silent = since(now, lastWord);
  if (silent >= lost_after_ms) return 'lost';
  return silent >= late_after_ms ? 'late' : 'here';
}

/** @param {DeviceLink} link @param {Facts} facts */
function go(link, { state, word, hidden, needsThumb, thumb }) {
  const up = link === 'here' || link === 'late';
  const live = state?.phase === 'live' && word?.phase === 'live' && word.epoch === state.epoch;
  return up && live && !hidden && (!needsThumb || thumb);
}

/** @param {number} now @param {DeviceLink} link @param {Facts} facts @returns {Alarm | null} */
function alarm(now, link, facts) {
  const { role, state, stopSince, outgoing, dismissed } = facts;
  const alone = state?.phase === 'waiting';
  // This comes first: a stop must raise its alarm even before the first welcome. Before the other person
  // has joined there is no device to deliver it to.
  const own = outgoing.stopNotShown();
  const silenced = alone || (own !== null && own === dismissed);
  if (outgoing.stopNotDelivered(now) && !silenced) return 'not_delivered';
  const over = isOver(facts);
  if (link === 'lost' && !over) return 'link_lost';
  if (!state || alone) return null;
  const helps = role === 'helper';
  const stopped = noticeId(facts) !== null || openStop(facts) !== null;
  const long = stopSince !== null && since(now, stopSince) >= limits.STOP_NOT_ACKNOWLEDGED_MS;
  if (stopped && long) return 'not_acknowledged';
  if (stopped && helps) return 'stop';
  if (over) return null;
  const reason = state.hold && !state.hold.acknowledged ? state.hold.reason : null;
  if (helps && (reason === 'link_lost' || reason === 'away' || reason === 'no_answer')) return 'hold';
  return asked(state, facts);
}

/** The alarm for a question to the receiver. In hold to consent, a thumb that stays down answers by itself.
 * @param {State} state @param {Facts} facts @returns {Alarm | null} */
function asked({ check_in: question }, { role, consent }) {
  if (!question || role !== 'receiver' || consent) return null;
  return question.again ? 'check_in_again' : 'check_in';
}
