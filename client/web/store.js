//! What the browser keeps: this tab's place in a session, the recent sessions of this device, and
//! settings. Everything works without storage; then a reload is a new start.

import { ownKeysFrom } from './keys.js';

/** @import { OwnKeys } from './keys.js' */
/** @import { Role } from './protocol.d.ts' */

/** @typedef {{ session: string, role: Role, token: string, at: number, ended?: boolean }} Place */

const TAB = 'tapcue.place';
const RECENT = 'tapcue.recent';
const VOLUME = 'tapcue.volume';
const NAME = 'tapcue.name';
const LANGUAGE = 'tapcue.language';
const RENEW = 'tapcue.renew';
const EYES_FREE = 'tapcue.eyes-free';
const KEYS = 'tapcue.keys';
const PRACTISED = 'tapcue.practised';
/** How many recent sessions are kept. */
const RECENT_AT_MOST = 10;

/** This tab's place, to resume after a reload. @returns {Place | null} */
export function tabPlace() {
  return place(read(sessionStorageOrNull(), TAB));
}

/** Recent sessions of this device, the newest first. @returns {Place[]} */
export function recentPlaces() {
  const list = read(localStorageOrNull(), RECENT);
  return Array.isArray(list) ? list.map(place).filter((one) => one !== null) : [];
}

/** Remembers a place in this tab and among the recent ones. @param {Place} at */
export function remember(at) {
  write(sessionStorageOrNull(), TAB, at);
  const others = recentPlaces().filter(({ session }) => session !== at.session);
  write(localStorageOrNull(), RECENT, [at, ...others].slice(0, RECENT_AT_MOST));
}

/** The session is over: this tab does not go back to it; the list says when it was.
 * @param {string} session */
export function over(session) {
  leaveTab();
  const list = recentPlaces().map((one) => (one.session === session ? { ...one, ended: true } : one));
  write(localStorageOrNull(), RECENT, list);
}

/** The token opens nothing any more. @param {string} token */
export function forgetToken(token) {
  leaveTab();
  write(localStorageOrNull(), RECENT, recentPlaces().filter((one) => one.token !== token));
}

/** The session was deleted: nothing of it is kept here either. @param {string} session */
export function forgetSession(session) {
  if (tabPlace()?.session === session) leaveTab();
  write(localStorageOrNull(), RECENT, recentPlaces().filter((one) => one.session !== session));
}

/** This tab has no place any more. */
export function leaveTab() {
  write(sessionStorageOrNull(), TAB, null);
}

/** Forgets every recent session of this device. */
export function forgetRecent() {
  write(localStorageOrNull(), RECENT, null);
}

/** The volume of sounds, 0 to 1. */
export function volume() {
  const kept = read(localStorageOrNull(), VOLUME);
  return typeof kept === 'number' && kept >= 0 && kept <= 1 ? kept : 1;
}

/** @param {number} loud 0 to 1. */
export function keepVolume(loud) {
  write(localStorageOrNull(), VOLUME, loud);
}

/** The language that was chosen on this device. @returns {string | null} */
export function keptLanguage() {
  const kept = read(localStorageOrNull(), LANGUAGE);
  return typeof kept === 'string' ? kept : null;
}

/** @param {string} language */
export function keepLanguage(language) {
  write(localStorageOrNull(), LANGUAGE, language);
}

/** This tab is about to be loaded anew while it shows a code: then it asks for a new one. */
export function renewLater() {
  write(sessionStorageOrNull(), RENEW, true);
}

/** Whether it said so; once. */
export function takeRenew() {
  const later = read(sessionStorageOrNull(), RENEW) === true;
  if (later) write(sessionStorageOrNull(), RENEW, null);
  return later;
}

/** Whether the whole screen is the pad when this device receives. */
export function eyesFree() {
  return read(localStorageOrNull(), EYES_FREE) === true;
}

/** @param {boolean} on */
export function keepEyesFree(on) {
  write(localStorageOrNull(), EYES_FREE, on ? true : null);
}

/** What the keys of this device were made to mean. */
export function ownKeys() {
  return ownKeysFrom(read(localStorageOrNull(), KEYS));
}

/** @param {OwnKeys} own */
export function keepOwnKeys(own) {
  write(localStorageOrNull(), KEYS, own);
}

/** How many swipes this tab has practised in a session. @param {string} session */
export function practisedIn(session) {
  const kept = /** @type {{ session?: unknown, done?: unknown } | null} */ (read(sessionStorageOrNull(), PRACTISED));
  return kept?.session === session && typeof kept.done === 'number' ? kept.done : 0;
}

/** @param {string} session @param {number} done */
export function keepPractised(session, done) {
  write(sessionStorageOrNull(), PRACTISED, { session, done });
}

/** The name typed last. */
export function lastName() {
  const kept = read(localStorageOrNull(), NAME);
  return typeof kept === 'string' ? kept : '';
}

/** @param {string} name */
export function keepName(name) {
  write(localStorageOrNull(), NAME, name === '' ? null : name);
}

/** @param {unknown} value @returns {Place | null} */
function place(value) {
  if (typeof value !== 'object' || value === null) return null;
  const { session, role, token, at, ended } = /** @type {Record<string, unknown>} */ (value);
  if (typeof session !== 'string' || typeof token !== 'string' || typeof at !== 'number') return null;
  if (role !== 'receiver' && role !== 'helper') return null;
  return ended === true ? { session, role, token, at, ended } : { session, role, token, at };
}

/** @param {Storage | null} storage @param {string} key @returns {unknown} */
function read(storage, key) {
  try {
    return JSON.parse(storage?.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {Storage | null} storage @param {string} key @param {unknown} value */
function write(storage, key, value) {
  try {
    if (value === null) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the session itself does not depend on it.
  }
}

// Reading the property alone throws where storage is forbidden.
function sessionStorageOrNull() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function localStorageOrNull() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
