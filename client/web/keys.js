//! Keys, the same as in the terminal client. Clickers and foot pedals are keyboards too: what theirs
//! mean can be chosen on this device. Four keys are stop and stay it.

/** @import { Cue, Role } from './protocol.d.ts' */
/** @import { ScreenName } from './view/types.d.ts' */

/** @typedef {{ tap: Cue } | 'acknowledge' | 'end' | null} KeyAct */
/** @typedef {Cue | 'acknowledge' | 'nothing'} KeyChoice What a key can be made to mean. */
/** @typedef {Partial<Record<Role, Record<string, KeyChoice>>>} OwnKeys What was chosen, by key name. */
/** @typedef {{ key: string, code?: string, repeat: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} KeyPress */

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
const END = 'q';
/** These stop whatever else is held down with them. */
const ALWAYS_STOP = [' ', 'Escape'];
/** Nothing else can be made of these: there is a stop on every keyboard and most clickers. */
const STAYS_STOP = [...ALWAYS_STOP, 'b', '.'];

/** Held down they are the receiver's thumb in hold to consent. F and J can be felt. */
const THUMB = ['t', 'f', 'j'];
/** These lead through the page, or are held with others, or name no key. */
const NOT_OURS = ['', 'Tab', 'Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock', 'ScrollLock', 'Fn', 'Dead', 'Compose', 'Process', 'Unidentified'];

/** What each role can make of a key, in the order to show it. @type {Record<Role, KeyChoice[]>} */
export const CHOICES = {
  receiver: ['stop', 'slower', 'ease_up', 'more_pressure', 'stay', 'left', 'right', 'good', 'ready', 'nothing'],
  helper: ['stop', 'acknowledge', 'check_in', 'ready', 'nothing'],
};

/** What keyboards and input methods write in place of a space and of a full stop. */
const SPACES = [' ', 'Spacebar', '\u00a0', '\u202f', '\u2007', '\u3000'];
const FULL_STOPS = ['.', '\u3002', '\uff0e', '\uff61'];
/** Keys that say nothing of themselves: a dead key, one that an input method takes, one without a name. */
const SILENT = ['', 'Dead', 'Process', 'Compose', 'Unidentified'];

/** The name of a key as it is kept: a letter is the same large or small. Where it writes no Latin letter
 * its place counts, as it is on a keyboard of Latin letters.
 * @param {{ key: string, code?: string }} event */
export function keyName({ key, code = '' }) {
  if (code === 'Space' || SPACES.includes(key)) return ' ';
  if (code === 'Escape' || key === 'Esc') return 'Escape';
  if (FULL_STOPS.includes(key)) return '.';
  const silent = SILENT.includes(key);
  // Enter, F5, ArrowUp: a key that writes nothing has a name of Latin letters.
  if (!silent && /^[A-Z][A-Za-z0-9]+$/.test(key)) return key;
  const letters = key.normalize('NFKC').toLowerCase();
  if (!silent && !/[^\p{Script=Latin}\p{Script=Common}]/u.test(letters)) return letters;
  return byPlace(code) ?? (key === '' || key === 'Unidentified' ? code : key);
}

/** @param {string} code */
function byPlace(code) {
  return code === 'Period' ? '.' : /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
}

/** Whether this key is held down in place of a thumb.
 * @param {{ key: string, code?: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event */
export function isThumbKey({ key, code, ctrlKey, metaKey, altKey }) {
  return THUMB.includes(keyName({ key, code })) && !ctrlKey && !metaKey && !altKey;
}

/** Whether this key's meaning can be chosen. @param {string} name */
export function isFree(name) {
  return !STAYS_STOP.includes(name) && !THUMB.includes(name) && !NOT_OURS.includes(name);
}

/** What a key means to a role, with what was chosen on this device.
 * @param {string} name @param {Role} role @param {OwnKeys} own
 * @returns {KeyChoice | 'end'} */
export function meaningOf(name, role, own) {
  const chosen = isFree(name) ? own[role]?.[name] : undefined;
  if (chosen) return chosen;
  const cue = BOTH[name] ?? (role === 'receiver' ? RECEIVER : HELPER)[name];
  if (cue) return cue;
  if (name === END) return 'end';
  return role === 'helper' && ACKNOWLEDGE.includes(name) ? 'acknowledge' : 'nothing';
}

/** Every key that means something to a role, by what it means: the stops first.
 * @param {Role} role @param {OwnKeys} own @returns {{ choice: KeyChoice | 'end', keys: string[] }[]} */
export function keysOf(role, own) {
  const chosen = Object.keys(own[role] ?? {});
  const names = new Set([...Object.keys(BOTH), ...Object.keys(RECEIVER), ...Object.keys(HELPER), ...ACKNOWLEDGE, END, ...chosen]);
  const all = [...CHOICES[role].filter((choice) => choice !== 'nothing'), /** @type {const} */ ('end')];
  return all
    .map((choice) => ({ choice, keys: [...names].filter((name) => meaningOf(name, role, own) === choice) }))
    .filter(({ keys }) => keys.length > 0);
}

/** The same with another meaning for a key; null for the one it had at first.
 * @param {OwnKeys} own @param {Role} role @param {string} name @param {KeyChoice | null} choice
 * @returns {OwnKeys} */
export function choose(own, role, name, choice) {
  if (!isFree(name)) return own;
  const { [name]: _, ...others } = own[role] ?? {};
  return { ...own, [role]: choice === null ? others : { ...others, [name]: choice } };
}

/** What was kept on this device, as far as it makes sense. @param {unknown} kept @returns {OwnKeys} */
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
 * What a key means here.
 * @param {KeyPress} event
 * @param {{ role: Role | null, screen: ScreenName, onControl: boolean, typing: boolean, own?: OwnKeys }} where
 *   `onControl`: a button has the focus, which Enter belongs to.
 * @returns {KeyAct}
 */
export function keyAct(event, { role, screen, onControl, typing, own = {} }) {
  if (!IN_SESSION.includes(screen) || role === null) return null;
  const name = keyName(event);
  // Whoever types means letters; nobody types Escape.
  if (typing && name !== 'Escape') return null;
  const withOther = event.ctrlKey || event.metaKey || event.altKey;
  if (withOther && !ALWAYS_STOP.includes(name)) return null;
  const meant = meaningOf(name, role, own);
  // A key that is held repeats itself. Only stop is taken at whichever of its presses is seen first.
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
    // Elsewhere other cues mean nothing yet, and ready is only said where it can be read.
    case 'ready':
      return screen === 'held' ? { tap: meant } : null;
    default:
      if (name === 'Enter' && onControl) return null;
      return screen === 'live' || screen === 'held' ? { tap: meant } : null;
  }
}
