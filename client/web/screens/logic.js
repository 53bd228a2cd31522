//! Pure functions of the model that decide which screen and colour to show, and what is missing to go on.
//! They use no DOM.

import { CUES } from '../device/cues.js';
import { isStop as isStopReason } from '../device/link/words.js';

/** @import { Hold, Role } from '../device/protocol.d.ts' */
/** @import { Colour, Model, Need, ScreenName, Session } from './types.d.ts' */

/** @param {Role} role @returns {Role} */
export function other(role) {
  return role === 'receiver' ? 'helper' : 'receiver';
}

/** The session, if this device has a place in one. @param {Model} model @returns {Session | null} */
export function sessionOf({ device }) {
  if (!device?.state || !device.role || device.view.link === 'refused') return null;
  return { ...device, role: device.role, state: device.state };
}

/** Which screen to show. @param {Model} model @returns {ScreenName} */
export function screenOf(model) {
  const session = sessionOf(model);
  if (!session) {
    const { device, route } = model;
    if (device?.view.link === 'superseded') return 'superseded';
    // A page that resumes a session shows that nothing is known yet, instead of an empty start page.
    return device?.resuming && device.view.link !== 'refused' ? 'lost' : route;
  }
  const { state, view, role } = session;
  // A stop that no device acknowledged stays on the screen after the end.
  if (isOver(session)) return view.stopped ? 'held' : 'end';
  if (view.link === 'superseded') return 'superseded';
  if (view.link === 'lost') return 'lost';
  if (state.peers[other(role)] === 'absent') return 'pair';
  if (view.stopped) return 'held';
  if (state.phase === 'live') return view.go ? 'live' : 'held';
  if (mustBeAcknowledged(state.hold) && !state.hold?.acknowledged) return 'held';
  if (setUpIsMine(session)) return 'setup';
  return rehearsalIsMissing(session) ? 'rehearse' : 'held';
}

/** Whether the session has ended, or was deleted. @param {Pick<Session, 'state' | 'view'>} session */
export function isOver({ state, view }) {
  return state.phase === 'ended' || view.link === 'over';
}

/** Whether this hold needs a "hands off". @param {Hold | null} hold */
export function mustBeAcknowledged(hold) {
  return hold !== null && hold.reason !== 'start';
}

/** Whether a stop or a lifted thumb is in force. @param {Session} session */
export function isStop({ view, state }) {
  return view.stopped || (state.phase !== 'ended' && state.hold !== null && isStopReason(state.hold.reason));
}

/** The reason of the hold, in one word; a stop that no state contains yet comes first.
 * @param {Session} session */
export function holdReason({ view, state: { hold } }) {
  if (view.stopped && !(hold && isStopReason(hold.reason))) return 'stop';
  return hold?.reason ?? 'start';
}

/** Whether the session is live only while the receiver's thumb stays down.
 * @param {Pick<Session, 'welcome'>} session */
export function holdsToConsent({ welcome }) {
  return welcome?.options.hold_to_consent === true;
}

/** Whether this device's person has something to do on the set-up screen, or advice to read.
 * @param {Session} session */
export function setUpIsMine({ state: { confirmed }, role, welcome }) {
  if (signsForbid(confirmed)) return true;
  if (!welcome?.options.setup) return false;
  return !confirmed[role] || (role === 'receiver' && confirmed.warning_signs === null);
}

/** Whether both lists and the warning signs are answered, and no sign forbids the session.
 * @param {Session} session */
export function setUpIsDone({ state: { confirmed } }) {
  return confirmed.receiver && confirmed.helper && confirmed.warning_signs !== null && !signsForbid(confirmed);
}

/** Whether a warning sign applies that no professional has cleared.
 * @param {Session['state']['confirmed']} confirmed */
export function signsForbid({ warning_signs: signs, cleared }) {
  return signs === true && !cleared;
}

/** @param {Session} session */
function rehearsalIsMissing({ state, welcome }) {
  return Boolean(welcome?.options.rehearsal) && !state.rehearsed;
}

/** What is needed to go live, in the order to show it. @param {Session} session @returns {Need[]} */
export function needs(session) {
  const { state, view, welcome, beenLive } = session;
  /** @type {Need[]} */
  const list = [];
  if (view.stopped) list.push({ id: 'hands_off', done: false });
  else if (state.hold && mustBeAcknowledged(state.hold)) {
    list.push({ id: 'hands_off', done: state.hold.acknowledged });
  }
  const mine = view.link === 'here' || view.link === 'late';
  const peers = [state.peers.receiver, state.peers.helper];
  const theirs = peers.every((peer) => peer === 'here' || peer === 'late');
  list.push({ id: 'link', done: mine && theirs });
  if (!beenLive && welcome?.options.setup) list.push({ id: 'set_up', done: setUpIsDone(session) });
  if (!beenLive && welcome?.options.rehearsal) {
    list.push({ id: 'rehearsal', done: state.rehearsed });
  }
  const ready = !view.stopped && state.phase === 'held' ? state.ready : null;
  if (holdsToConsent(session)) {
    const counts = session.role === 'helper' || view.thumb;
    list.push({ id: 'thumb', done: ready !== null && state.thumb && counts });
  }
  list.push({ id: 'receiver_ready', done: ready?.receiver ?? false });
  list.push({ id: 'helper_ready', done: ready?.helper ?? false });
  return list;
}

/** Whether this person may say "ready" now. @param {Session} session */
export function mayBeReady({ state, view, role }) {
  if (view.stopped || state.phase !== 'held' || state.ready[role]) return false;
  const handsOff = !mustBeAcknowledged(state.hold) || state.hold?.acknowledged === true;
  // The helper says "hands off" first; the receiver may say ready in any order.
  return handsOff || role === 'receiver';
}

/** The colour of the helper's whole screen. @param {Session} session @returns {Colour} */
export function colourOf(session) {
  const { state, view } = session;
  if (isStop(session)) return 'stop';
  if (!view.go) return 'held';
  if (state.check_in) return 'ask';
  const cue = state.cue;
  if (!cue || (cue.acknowledged !== null && cue.cue !== 'stay')) return 'go';
  return CUES[cue.cue].colour;
}

/** The i18n key of the reason that a session is held. @param {Session} session @returns {string} */
export function whyHeld({ state: { hold }, view, role }) {
  if (view.stopped && !(hold && isStopReason(hold.reason))) {
    // The stop is this device's own, or the other's that arrived before its state.
    const mine = view.lamp?.cue === 'stop' && view.lamp.stage !== 'acknowledged';
    return `held_stop_${mine ? 'you' : other(role)}`;
  }
  if (!hold) return 'wait_hint';
  const by = hold.by === null ? 'nobody' : hold.by === role ? 'you' : hold.by;
  return `held_${hold.reason}_${by}`;
}

/** The number of seconds left to answer.
 * @param {NonNullable<Session['state']['check_in']>} question @param {number} relayNow */
export function secondsLeft({ due_at: due }, relayNow) {
  return Math.max(0, Math.ceil((due - relayNow) / 1_000));
}

/** Minutes and seconds: `4:38`. @param {number} ms @returns {string} */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}
