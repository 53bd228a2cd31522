//! The eyes-free layout as pure functions: where it is the whole screen, what may be said on it, what
//! is practised, and what it shows. No DOM.

import { SWIPES } from '../gestures.js';
import { holdsToConsent, isOver, isStop, mayBeReady, mustBeAcknowledged, sessionOf } from './logic.js';

/** @import { Direction, PadCue } from '../gestures.js' */
/** @import { Model, ScreenName, Session } from './types.d.ts' */
/** @import { SymbolName } from './symbols.js' */

/** Where the pad takes the place of the screen: where cues go out. @type {ScreenName[]} */
const WITH_PAD = ['rehearse', 'live', 'held', 'lost'];

/** Without a link for this long there is nobody to stop by this device, and the way out is fair, in
 * milliseconds. */
export const HOPELESS_MS = 15_000;

/** The swipes in the order to practise them: what asks for less comes first.
 * @type {Direction[]} */
export const PRACTICE = ['left', 'down', 'right', 'up'];

/** Whether the whole screen is the pad. Not with hold to consent: there a finger that rests means go, and
 * here stop; nobody should have to remember which. @param {Model} model @param {ScreenName} screen */
export function padIsOn(model, screen) {
  const session = sessionOf(model);
  const mine = session?.role === 'receiver' && !holdsToConsent(session) && !isOver(session);
  return mine && model.eyesFree && !model.ending && WITH_PAD.includes(screen);
}

/** Whether somebody's hands may be on, as far as this device knows: then the whole screen is the pad,
 * and no corner of it swallows a stop.
 * @param {Session} session @param {ScreenName} screen @param {number} lostFor In milliseconds. */
export function wayOutIsOpen({ state, view }, screen, lostFor) {
  if (view.stopped) return false;
  if (screen === 'lost') return lostFor >= HOPELESS_MS;
  if (state.phase !== 'held') return false;
  return !mustBeAcknowledged(state.hold) || state.hold?.acknowledged === true;
}

/** Which swipe is to be practised now, if any. The practice belongs to the rehearsal; whoever stops
 * in the middle of it goes on with it before saying ready.
 * @param {Session} session @param {ScreenName} screen @param {number} done How many are.
 * @returns {Direction | null} */
export function practice(session, screen, done) {
  const { welcome, beenLive } = session;
  if (!welcome?.options.rehearsal || beenLive) return null;
  if (screen !== 'rehearse' && !(screen === 'held' && mayBeReady(session))) return null;
  return PRACTICE[done] ?? null;
}

/** Whether a long press says ready now. @param {Session} session @param {ScreenName} screen
 * @param {Direction | null} practised */
export function mayPressReady(session, screen, practised) {
  return screen === 'held' && practised === null && mayBeReady(session);
}

/**
 * What became of a swipe in the practice: as asked, the very opposite (the phone lies the other way
 * round), or another.
 * @param {Direction} asked @param {PadCue} said @returns {'right' | 'opposite' | 'other'}
 */
export function practised(asked, said) {
  if (said === SWIPES[asked]) return 'right';
  return said === SWIPES[OPPOSITE[asked]] ? 'opposite' : 'other';
}
/** @type {Record<Direction, Direction>} */
const OPPOSITE = { left: 'right', right: 'left', up: 'down', down: 'up' };

/** What the pad says by its colour and symbol. @typedef {{ tone: 'go' | 'ask' | 'stop' | 'held' | null, symbol: SymbolName }} PadLook */

/** @param {Session} session @param {ScreenName} screen @returns {PadLook} */
export function padLook(session, screen) {
  if (isStop(session)) return { tone: 'stop', symbol: screen === 'lost' ? 'lost' : 'stop' };
  if (screen === 'lost') return { tone: 'held', symbol: 'lost' };
  if (screen === 'rehearse') return { tone: null, symbol: 'held' };
  if (screen === 'live' && session.view.go) {
    return session.state.check_in ? { tone: 'ask', symbol: 'check_in' } : { tone: 'go', symbol: 'ready' };
  }
  const reason = session.state.hold?.reason ?? null;
  if (reason === 'start') return { tone: null, symbol: 'held' };
  return { tone: 'held', symbol: reason === 'link_lost' || reason === 'away' ? 'lost' : 'held' };
}
