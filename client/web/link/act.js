//! What a person's act answers, and whether it can be meant: only what was on this screen for a while
//! before the finger or key went down. A stop is never judged. The twin of shared/rules/src/link/act.rs.

import { MEANT_MS } from '../limits.js';
import { isStop } from './words.js';

/** @import { Hold, Role, State, StopNotice } from '../protocol.d.ts' */
/** @import { Conn } from './types.d.ts' */
/** @import { Outgoing } from './outgoing.js' */
/** @import { Painted } from './painted.js' */

/**
 * What the machine knows.
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

/** Another device has this role, and alarms in place of this one. @param {Acting} facts */
function isSuperseded({ conn }) {
  return conn.at === 'closed' && conn.link === 'superseded';
}

/** Whether the helper has yet to say "hands off". @param {Hold} hold */
function isOpen(hold) {
  return !hold.acknowledged && hold.reason !== 'start';
}

/** A stop that arrived ahead of its state. @param {Acting} facts @returns {string | null} */
export function noticeId(facts) {
  const id = isSuperseded(facts) ? null : (facts.notice?.id ?? null);
  return id === facts.dismissed ? null : id;
}

/** A stop that is red on this device although no state carries it yet: its own, or one that arrived
 * ahead of its state. @param {Acting} facts @returns {string | null} */
export function aheadOf(facts) {
  const own = facts.outgoing.stopUnderWay();
  return (own === facts.dismissed ? null : own) ?? noticeId(facts);
}

/** The stop of the newest state that nobody has acknowledged.
 * @param {Acting} facts @returns {string | null} */
export function openStop(facts) {
  const hold = facts.state?.hold;
  if (!hold || !isOpen(hold) || !isStop(hold.reason) || isSuperseded(facts)) return null;
  return hold.id === facts.dismissed ? null : hold.id;
}

/** Whether stop is to be shown. After the end no hold's screen says it, so this does.
 * @param {Acting} facts */
export function isStopped(facts) {
  return aheadOf(facts) !== null || (isOver(facts) && openStop(facts) !== null);
}

/** From when on a ready, or a thumb that is put down, counts in this hold; null while nothing makes it
 * count. The helper's answers the hold's "hands off". @param {Acting} facts @returns {number | null} */
export function mayReadyAt(facts) {
  const { state, role, painted, outgoing } = facts;
  if (state?.phase !== 'held' || !state.hold) return null;
  // A thumb that was lifted does not stand in the way: the relay has the word of it before this.
  if (noticeId(facts) !== null || outgoing.tappedStopUnderWay() !== null) return null;
  const paint = painted.of(state.hold.id);
  if (!paint) return null;
  const afterHandsOff = role === 'helper' && state.hold.reason !== 'start';
  const from = afterHandsOff ? paint.acknowledged : paint.at.at;
  return from === null ? null : meantFrom(facts, from);
}

/** Whether a ready or a thumb is too soon. Outside a hold the relay alone judges.
 * @param {Acting} facts @param {number} began */
export function isTooSoon(facts, began) {
  if (!facts.state || (facts.state.phase !== 'held' && !isStopped(facts))) return false;
  return began < (mayReadyAt(facts) ?? Infinity);
}

/**
 * What "hands off" or "seen" answers. With `here` nobody else can be told any more: it is dismissed on
 * this device only.
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

/** From when on "hands off" or "seen" counts; null while there is nothing to say it to.
 * @param {Acting} facts @returns {number | null} */
export function mayAcknowledgeAt(facts) {
  const to = answers(facts);
  const paint = to && facts.painted.of(to.id);
  return paint ? meantFrom(facts, paint.at.at) : null;
}

/** What was hidden, or behind "link lost", is on the screen anew once it is back.
 * @param {Acting} facts @param {number} painted */
function meantFrom({ trustedFrom }, painted) {
  return Math.max(painted, trustedFrom) + MEANT_MS;
}
