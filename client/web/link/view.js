//! What a device may show: the link by its own watch, go, stop and the alarms. The twin of
//! shared/src/link/view.rs.

import * as limits from '../limits.js';
import { since } from './clock.js';
import { isStop } from './words.js';

/** @import { Alarm, Clock, DeviceLink, Limits, Phase, Role, State, StopNotice, View } from '../protocol.d.ts' */
/** @import { Conn } from './types.d.ts' */
/** @import { Outgoing } from './outgoing.js' */

/**
 * What the machine knows.
 * @typedef {object} Facts
 * @property {Conn} conn
 * @property {Limits} limits
 * @property {boolean} hidden
 * @property {Role | null} role
 * @property {State | null} state
 * @property {number} lastWord
 * @property {{ phase: Phase, epoch: number } | null} word
 * @property {StopNotice | null} notice
 * @property {number | null} stopSince
 * @property {boolean} needsThumb
 * @property {boolean} thumb
 * @property {Outgoing} outgoing
 * @property {number[]} roundTrips
 * @property {Clock | null} clock
 * @property {boolean} unrecorded
 */

/**
 * What may be shown at this moment.
 * @param {number} now
 * @param {Facts} facts
 * @returns {View}
 */
export function viewOf(now, facts) {
  const { notice, outgoing, roundTrips, clock } = facts;
  const link = linkOf(now, facts);
  const stopped = notice !== null || outgoing.stopUnderWay() !== null;
  return {
    link,
    go: !stopped && go(link, facts),
    stopped,
    lamp: outgoing.lamp(),
    thumb: facts.thumb && facts.conn.at === 'up',
    alarm: alarm(now, link, facts),
    round_trip_ms: roundTrips.length > 0 ? Math.min(...roundTrips) : null,
    clock,
    ...(facts.unrecorded && facts.conn.at === 'up' ? { unrecorded: true } : {}),
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
function alarm(now, link, { role, state, notice, stopSince, outgoing }) {
  if (link === 'over' || state?.phase === 'ended') return null;
  // Before anything else is known: a stop must not wait in silence for the first welcome.
  if (outgoing.stopNotDelivered(now)) return 'not_delivered';
  if (link === 'lost') return 'link_lost';
  // Nobody can acknowledge anything on a device that has no role any more.
  if (link === 'superseded' || link === 'refused' || !state) return null;
  const helps = role === 'helper';
  const reason = state.hold && !state.hold.acknowledged ? state.hold.reason : null;
  const long = stopSince !== null && since(now, stopSince) >= limits.STOP_NOT_ACKNOWLEDGED_MS;
  const stopped = reason !== null && isStop(reason);
  if (stopped && long) return 'not_acknowledged';
  if (helps && (stopped || notice)) return 'stop';
  if (helps && reason !== null && reason !== 'start') return 'hold';
  return state.check_in && !helps ? 'check_in' : null;
}
