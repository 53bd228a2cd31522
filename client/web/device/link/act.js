//! Decides what a person's action answers, and whether it counts. It counts only if its target was on this
//! screen for long enough before the finger or key went down. A stop always counts. Mirrors
//! shared/rules/src/link/act.rs.

import { MEANT_MS } from '../limits.js';
import { isStop } from './words.js';

/** @import { Hold, Role, State, StopNotice } from '../protocol.d.ts' */
/** @import { Conn } from './types.d.ts' */
/** @import { Outgoing } from './outgoing.js' */
/** @import { Painted } from './painted.js' */

/**
 * The machine's facts that decide whether an action counts.
 * @typedef {object} Acting
 * @property {Conn} conn
 * @property {Role | null} role
 * @property {State | null} state
 * @property {StopNotice | null} notice
 * @property {string | null} dismissed
 * @property {number} trustedFrom
 * @property {Painted} painted
 * @property {Outgoing} outgoing
 */

/** Whether the session is over for this device: it ended, or the connection closed for good.
 * @param {Acting} facts */
export function isOver({ conn, state }) {
  return state?.phase === 'ended' || conn.at === 'closed';
}

/** Whether another device has this role. Then that device raises the alarms. @param {Acting} facts */
function isSuperseded({ conn }) {
  return conn.at === 'closed' && conn.link === 'superseded';
}

/** Whether the helper has not said "hands off" to this hold yet. @param {Hold} hold */
function isOpen(hold) {
  return !hold.acknowledged && hold.reason !== 'start';
}

/** A stop that arrived ahead of its state. @param {Acting} facts @returns {string | null} */
export function noticeId(facts) {
  const id = isSuperseded(facts) ? null : (facts.notice?.id ?? null);
  return id === facts.dismissed ? null : id;
}

/** A stop that this device shows although no state contains it yet: its own, or one that arrived ahead of
 * its state. @param {Acting} facts @returns {string | null} */
export function aheadOf(facts) {
  const own = facts.outgoing.stopUnderWay();
  return (own === facts.dismissed ? null : own) ?? noticeId(facts);
}

/** The stop in the newest state that is not acknowledged.
 * @param {Acting} facts @returns {string | null} */
export function openStop(facts) {
  const hold = facts.state?.hold;
  if (!hold || !isOpen(hold) || !isStop(hold.reason) || isSuperseded(facts)) return null;
  return hold.id === facts.dismissed ? null : hold.id;
}

/** Whether stop is shown outside of a running hold. After the end no hold's screen shows it.
 * @param {Acting} facts */
export function isStopped(facts) {
  return aheadOf(facts) !== null || (isOver(facts) && openStop(facts) !== null);
}

/** From when on a ready, or a thumb that is put down, counts in this hold; null if neither can count.
 * The helper's ready counts only after "hands off" to it. @param {Acting} facts @returns {number | null} */
export function mayReadyAt(facts) {
  const { state, role, painted, outgoing } = facts;
  if (state?.phase !== 'held' || !state.hold) return null;
  // A lifted thumb does not block this, because the relay receives the lift first.
  if (noticeId(facts) !== null || outgoing.tappedStopUnderWay() !== null) return null;
  const paint = painted.of(state.hold.id);
  if (!paint) return null;
  const afterHandsOff = role === 'helper' && state.hold.reason !== 'start';
  const from = afterHandsOff ? paint.acknowledged : paint.at.at;
  return from === null ? null : meantFrom(facts, from);
}

/** Whether a ready or a thumb comes too soon. Outside a hold, only the relay decides.
 * @param {Acting} facts @param {number} began */
export function isTooSoon(facts, began) {
  if (!facts.state || (facts.state.phase !== 'held' && !isStopped(facts))) return false;
  return began < (mayReadyAt(facts) ?? Infinity);
}

/**
 * The target of "hands off" or "seen". With `here` the relay cannot take the answer any more, so it is
 * dismissed on this device only.
 * @param {Acting} facts
 * @returns {{ id: string, here: boolean } | null}
 */
export function answers(facts) {
  const { conn, role, state, outgoing, dismissed } = facts;
  const helps = role === 'helper';
  if (isOver(facts)) {
    const own = outgoing.stopNotShown();
    const id = (own === dismissed ? null : own) ?? aheadOf(facts) ?? openStop(facts);
    if (id === null) return null;
    return { id, here: !(helps && conn.at === 'up' && !outgoing.isRefused(id)) };
  }
  if (!helps || !state || state.phase === 'waiting') return null;
  const held = state.hold && isOpen(state.hold) ? state.hold.id : null;
  const seen = state.cue && state.cue.acknowledged === null ? state.cue.id : null;
  const id = aheadOf(facts) ?? held ?? seen;
  return id === null ? null : { id, here: false };
}

/** From when on "hands off" or "seen" counts; null if there is nothing to acknowledge.
 * @param {Acting} facts @returns {number | null} */
export function mayAcknowledgeAt(facts) {
  const to = answers(facts);
  const paint = to && facts.painted.of(to.id);
  return paint ? meantFrom(facts, paint.at.at) : null;
}

/** After a hidden page or "link lost", the content of the screen counts as painted anew.
 * @param {Acting} facts @param {number} painted */
function meantFrom({ trustedFrom }, painted) {
  return Math.max(painted, trustedFrom) + MEANT_MS;
}
