//! Keys, the same as in the terminal client. Clickers and foot pedals are keyboards too.

/** @import { Cue, Role } from './protocol.d.ts' */
/** @import { ScreenName } from './view/types.d.ts' */

/** @typedef {{ tap: Cue } | 'acknowledge' | 'end' | null} KeyAct */

/** On these screens a key means a cue. @type {ScreenName[]} */
const IN_SESSION = ['pair', 'setup', 'rehearse', 'live', 'held', 'lost'];

/** @type {Record<string, Cue>} */
const BOTH = { ' ': 'stop', Escape: 'stop', b: 'stop', '.': 'stop', r: 'ready' };
/** @type {Record<string, Cue>} */
const RECEIVER = {
  s: 'slower',
  e: 'ease_up',
  m: 'more_pressure',
  y: 'stay',
  h: 'left',
  l: 'right',
  g: 'good',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'ease_up',
  ArrowDown: 'slower',
  PageUp: 'ease_up',
  PageDown: 'slower',
};
/** @type {Record<string, Cue>} */
const HELPER = { c: 'check_in' };
/** What a clicker has beside the arrows: for the helper it says "seen" like Enter. */
const ACKNOWLEDGE = ['Enter', 'PageUp', 'PageDown', 'ArrowUp', 'ArrowDown'];
/** These stop whatever else is held down with them. */
const ALWAYS_STOP = [' ', 'Escape'];

/** Held down they are the receiver's thumb in hold to consent. F and J can be felt. */
const THUMB = ['t', 'f', 'j'];

/** Whether this key is held down in place of a thumb.
 * @param {{ key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event */
export function isThumbKey({ key, ctrlKey, metaKey, altKey }) {
  return THUMB.includes(key.toLowerCase()) && !ctrlKey && !metaKey && !altKey;
}

/**
 * What a key means here.
 * @param {{ key: string, repeat: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event
 * @param {{ role: Role | null, screen: ScreenName, onControl: boolean, typing: boolean }} where
 *   `onControl`: a button has the focus, which Enter belongs to.
 * @returns {KeyAct}
 */
export function keyAct(event, { role, screen, onControl, typing }) {
  if (typing || !IN_SESSION.includes(screen) || role === null) return null;
  const withOther = event.ctrlKey || event.metaKey || event.altKey;
  if (withOther && !ALWAYS_STOP.includes(event.key)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const cue = BOTH[key] ?? (role === 'receiver' ? RECEIVER : HELPER)[key];
  if (event.repeat) return null;
  if (cue === 'stop') return { tap: cue };
  // Elsewhere other cues mean nothing yet, and ready is only said where it can be read.
  if (cue === 'ready') return screen === 'held' ? { tap: cue } : null;
  if (cue) return screen === 'live' || screen === 'held' ? { tap: cue } : null;
  if (key === 'q') return screen === 'lost' ? null : 'end';
  if (role !== 'helper' || !ACKNOWLEDGE.includes(key)) return null;
  return key === 'Enter' && onControl ? null : 'acknowledge';
}
