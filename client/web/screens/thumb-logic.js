//! Hold to consent as pure functions: when the whole screen takes the thumb, what it asks for, and its
//! colour. They use no DOM.

import { holdsToConsent, isOver, isStop, sessionOf } from './logic.js';

/** @import { Model, ScreenName, Session } from './types.d.ts' */

/** The screens on which the thumb is put down. @type {ScreenName[]} */
const WITH_THUMB = ['live', 'held'];

/** Whether the whole screen takes the thumb. @param {Model} model @param {ScreenName} screen */
export function thumbIsOn(model, screen) {
  const session = sessionOf(model);
  if (!session || !WITH_THUMB.includes(screen)) return false;
  return session.role === 'receiver' && holdsToConsent(session) && !isOver(session);
}

/**
 * What the screen asks of the thumb. `put`: put it down. `keep`: it counts, but something else is missing.
 * `again`: it is down but does not count, so it has to be lifted. `live`: the session is live.
 * @typedef {'put' | 'keep' | 'again' | 'live'} Ask
 */

/** @param {Session} session @param {boolean} touched Whether anything touches. @returns {Ask} */
export function askOf({ view }, touched) {
  if (view.go) return 'live';
  if (!touched) return 'put';
  return view.thumb && !view.stopped ? 'keep' : 'again';
}

/** Whether to say aloud that the thumb has to be lifted. During an alarm it is not said, because the alarm
 * has its own words.
 * @param {Session} session @param {Ask} ask */
export function mustBeTold({ view }, ask) {
  return ask === 'again' && view.alarm === null && view.link !== 'lost';
}

/** The colour behind the thumb: green only with go. @param {Session} session */
export function thumbTone(session) {
  if (isStop(session)) return 'stop';
  if (session.view.go) return session.state.check_in ? 'ask' : 'go';
  return session.state.hold?.reason === 'start' ? null : 'held';
}
