//! The eyes-free layout as pure functions: when it is the whole screen, what may be said on it, what is
//! practised, and what it shows. They use no DOM.

import { SWIPES } from '../input/gestures.js';
import { holdsToConsent, isOver, isStop, mayBeReady, mustBeAcknowledged, sessionOf } from './logic.js';

/** @import { Cue } from '../device/protocol.d.ts' */
/** @import { Direction } from '../ui/cues.js' */
/** @import { Model, ScreenName, Session } from './types.d.ts' */
/** @import { SymbolName } from '../ui/symbols.js' */

/** The screens that the pad replaces: those that send cues. @type {ScreenName[]} */
const WITH_PAD = ['rehearse', 'live', 'held', 'lost'];

/** After this long without a link a stop from here reaches no device, so the pad offers the way out, in
 * milliseconds. */
export const HOPELESS_MS = 15_000;

/** The swipes in the order to practise them: those that ask for less come first.
 * @type {Direction[]} */
export const PRACTICE = ['left', 'down', 'right', 'up'];

/** Whether the whole screen is the pad. It never is with hold to consent: a resting finger means go there
 * and stop here, which no one should have to remember. @param {Model} model @param {ScreenName} screen */
export function padIsOn(model, screen) {
  const session = sessionOf(model);
  const mine = session?.role === 'receiver' && !holdsToConsent(session) && !isOver(session);
  return mine && model.eyesFree && !model.ending && WITH_PAD.includes(screen);
}

/** Whether the pad shows its way out. It does not while, as far as this device knows, a helper's hands may
 * be on. Then the pad is the whole screen, so that no corner swallows a stop.
 * @param {Session} session @param {ScreenName} screen @param {number} lostFor In milliseconds. */
export function wayOutIsOpen({ state, view }, screen, lostFor) {
  if (view.stopped) return false;
  if (screen === 'lost') return lostFor >= HOPELESS_MS;
  if (state.phase !== 'held') return false;
  return !mustBeAcknowledged(state.hold) || state.hold?.acknowledged === true;
}

/** The swipe to practise now, if any. The practice is part of the rehearsal; a receiver who stops during it
 * finishes it before saying ready.
 * @param {Session} session @param {ScreenName} screen @param {number} done How many are practised.
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
 * The result of a practice swipe: as asked, the opposite (the phone lies the other way round), or another.
 * @param {Direction} asked @param {Cue} said @returns {'right' | 'opposite' | 'other'}
 */
export function practised(asked, said) {
  if (said === SWIPES[asked]) return 'right';
  return said === SWIPES[OPPOSITE[asked]] ? 'opposite' : 'other';
}
/** @type {Record<Direction, Direction>} */
const OPPOSITE = { left: 'right', right: 'left', up: 'down', down: 'up' };

/** What the pad says by its colour and symbol.
 * @typedef {{ tone: 'go' | 'ask' | 'stop' | 'held' | null, symbol: SymbolName }} PadLook */

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
