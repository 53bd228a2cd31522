//! The meaning of keys, the same as in the terminal client. Clickers and foot pedals act as keyboards, and
//! the meaning of their keys can be chosen on this device. Four keys always mean stop.

import { CUES, TILES } from './cues.js';

/** @import { Cue, Role } from './protocol.d.ts' */
/** @import { ScreenName } from '../screens/types.d.ts' */

/** @typedef {{ tap: Cue } | 'acknowledge' | 'end' | null} KeyAct */
/** @typedef {Cue | 'acknowledge' | 'nothing'} KeyChoice A meaning that can be chosen for a key. */
/** @typedef {Partial<Record<Role, Record<string, KeyChoice>>>} OwnKeys The chosen meanings, by key name. */
/** @typedef {{ key: string, code?: string, repeat: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} KeyPress */

/** The screens on which keys act. @type {ScreenName[]} */
const IN_SESSION = ['pair', 'setup', 'rehearse', 'live', 'held', 'lost'];

/** The cue of each key. @param {Role} role @returns {Record<string, Cue>} */
const cueKeys = (role) =>
  Object.fromEntries(
    /** @type {Cue[]} */ (Object.keys(CUES))
      .filter((cue) => CUES[cue].from.includes(role))
      .flatMap((cue) => CUES[cue].keys.map((key) => [key, cue])),
  );
const KEYS = { receiver: cueKeys('receiver'), helper: cueKeys('helper') };
/** The helper's keys for "seen": the keys of a clicker and Enter. */
const ACKNOWLEDGE = ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Enter'];
const END = 'q';
/** These stop even while a modifier key is held down. */
const ALWAYS_STOP = [' ', 'Escape'];
/** The meaning of these cannot be changed, so every keyboard and most clickers have a stop. */
const STAYS_STOP = [...ALWAYS_STOP, 'b', '.'];

/** Holding one of these replaces the receiver's thumb in hold to consent. F and J can be found by touch. */
const THUMB = ['t', 'f', 'j'];
/** Keys whose meaning cannot be chosen: they move the focus, are modifiers, or have no name. */
const NOT_OURS = ['', 'Tab', 'Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock', 'ScrollLock', 'Fn', 'Dead', 'Compose', 'Process', 'Unidentified'];

/** The meanings that each role can choose, in the order shown. @type {Record<Role, KeyChoice[]>} */
export const CHOICES = {
  receiver: ['stop', ...TILES, 'nothing'],
  helper: ['stop', 'acknowledge', 'check_in', 'ready', 'nothing'],
};

/** What keyboards and input methods may write for a space and for a full stop. */
const SPACES = [' ', 'Spacebar', '\u00a0', '\u202f', '\u2007', '\u3000'];
const FULL_STOPS = ['.', '\u3002', '\uff0e', '\uff61'];
/** Names that do not identify a key: a dead key, a key that an input method takes, a key without a name. */
const SILENT = ['', 'Dead', 'Process', 'Compose', 'Unidentified'];

/** The name under which a key is stored. Upper and lower case letters have the same name. A key that writes
 * no Latin letter is named by its position on a Latin keyboard.
 * @param {{ key: string, code?: string }} event */
export function keyName({ key, code = '' }) {
  if (code === 'Space' || SPACES.includes(key)) return ' ';
  if (code === 'Escape' || key === 'Esc') return 'Escape';
  if (FULL_STOPS.includes(key)) return '.';
  const silent = SILENT.includes(key);
  // A key that writes no character has a name in Latin letters, such as Enter, F5 or ArrowUp.
  if (!silent && /^[A-Z][A-Za-z0-9]+$/.test(key)) return key;
  const letters = key.normalize('NFKC').toLowerCase();
  if (!silent && !/[^\p{Script=Latin}\p{Script=Common}]/u.test(letters)) return letters;
  return byPlace(code) ?? (key === '' || key === 'Unidentified' ? code : key);
}

/** @param {string} code */
function byPlace(code) {
  return code === 'Period' ? '.' : /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
}

/** Whether holding this key replaces the thumb.
 * @param {{ key: string, code?: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event */
export function isThumbKey({ key, code, ctrlKey, metaKey, altKey }) {
  return THUMB.includes(keyName({ key, code })) && !ctrlKey && !metaKey && !altKey;
}

/** Whether this key's meaning can be chosen. @param {string} name */
export function isFree(name) {
  return !STAYS_STOP.includes(name) && !THUMB.includes(name) && !NOT_OURS.includes(name);
}

/** What a key means to a role, including the choices on this device.
 * @param {string} name @param {Role} role @param {OwnKeys} own
 * @returns {KeyChoice | 'end'} */
export function meaningOf(name, role, own) {
  const chosen = isFree(name) ? own[role]?.[name] : undefined;
  if (chosen) return chosen;
  const cue = KEYS[role][name];
  if (cue) return cue;
  if (name === END) return 'end';
  return role === 'helper' && ACKNOWLEDGE.includes(name) ? 'acknowledge' : 'nothing';
}

/** The keys of a role, grouped by meaning, with stop first.
 * @param {Role} role @param {OwnKeys} own @returns {{ choice: KeyChoice | 'end', keys: string[] }[]} */
export function keysOf(role, own) {
  const chosen = Object.keys(own[role] ?? {});
  const names = new Set([...Object.keys(KEYS[role]), ...ACKNOWLEDGE, END, ...chosen]);
  const all = [...CHOICES[role].filter((choice) => choice !== 'nothing'), /** @type {const} */ ('end')];
  return all
    .map((choice) => ({ choice, keys: [...names].filter((name) => meaningOf(name, role, own) === choice) }))
    .filter(({ keys }) => keys.length > 0);
}

/** The choices with a new meaning for a key; null restores its default.
 * @param {OwnKeys} own @param {Role} role @param {string} name @param {KeyChoice | null} choice
 * @returns {OwnKeys} */
export function choose(own, role, name, choice) {
  if (!isFree(name)) return own;
  const { [name]: _, ...others } = own[role] ?? {};
  return { ...own, [role]: choice === null ? others : { ...others, [name]: choice } };
}

/** The valid part of the stored choices. @param {unknown} kept @returns {OwnKeys} */
export function ownKeysFrom(kept) {
  /** @type {OwnKeys} */
  const own = {};
  if (typeof kept !== 'object' || kept === null) return own;
  for (const role of /** @type {const} */ (['receiver', 'helper'])) {
    const of = /** @type {Record<string, unknown>} */ (kept)[role];
    if (typeof of !== 'object' || of === null) continue;
    const known = CHOICES[role];
    const pairs = Object.entries(of).flatMap(([name, choice]) => {
      const right = known.find((one) => one === choice);
      return right && isFree(name) ? [/** @type {const} */ ([name, right])] : [];
    });
    if (pairs.length > 0) own[role] = Object.fromEntries(pairs);
  }
  return own;
}

/**
 * What a key press does on this screen.
 * @param {KeyPress} event
 * @param {{ role: Role | null, screen: ScreenName, onControl: boolean, typing: boolean, own?: OwnKeys }} where
 *   `onControl`: a button has the focus, so Enter activates it.
 * @returns {KeyAct}
 */
export function keyAct(event, { role, screen, onControl, typing, own = {} }) {
  if (!IN_SESSION.includes(screen) || role === null) return null;
  const name = keyName(event);
  // In a text field keys are text, except Escape.
  if (typing && name !== 'Escape') return null;
  const withOther = event.ctrlKey || event.metaKey || event.altKey;
  if (withOther && !ALWAYS_STOP.includes(name)) return null;
  const meant = meaningOf(name, role, own);
  // A held key repeats. Only stop also counts from a repeat.
  if (event.repeat && meant !== 'stop') return null;
  switch (meant) {
    case 'nothing':
      return null;
    case 'stop':
      return { tap: meant };
    case 'end':
      return screen === 'lost' ? null : meant;
    case 'acknowledge':
      return name === 'Enter' && onControl ? null : meant;
    // Ready counts only on the held screen, where it can be read. Other cues also count on the live screen.
    case 'ready':
      return screen === 'held' ? { tap: meant } : null;
    default:
      if (name === 'Enter' && onControl) return null;
      return screen === 'live' || screen === 'held' ? { tap: meant } : null;
  }
}
