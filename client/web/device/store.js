//! What the browser stores: this tab's place in a session, the recent sessions of this device, and settings.
//! Everything works without storage, but then a reload starts anew.

import { ownKeysFrom } from './keys.js';
import { attempt, keep, kept } from './optional.js';

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
const INVITATION = 'tapcue.invitation';
/** How many recent sessions are kept. */
const RECENT_AT_MOST = 10;

/** This tab's place, to resume after a reload. @returns {Place | null} */
export function tabPlace() {
  return place(read('tab', TAB));
}

/** Recent sessions of this device, the newest first. @returns {Place[]} */
export function recentPlaces() {
  const list = read('device', RECENT);
  return Array.isArray(list) ? list.map(place).filter((one) => one !== null) : [];
}

/** Stores a place for this tab and among the recent ones. @param {Place} at */
export function remember(at) {
  write('tab', TAB, at);
  const others = recentPlaces().filter(({ session }) => session !== at.session);
  write('device', RECENT, [at, ...others].slice(0, RECENT_AT_MOST));
}

/** Marks a session as over: this tab does not resume it, and it stays in the list with its time.
 * @param {string} session */
export function over(session) {
  leaveTab();
  const list = recentPlaces().map((one) => (one.session === session ? { ...one, ended: true } : one));
  write('device', RECENT, list);
}

/** Forgets a token that is no longer valid. @param {string} token */
export function forgetToken(token) {
  leaveTab();
  write('device', RECENT, recentPlaces().filter((one) => one.token !== token));
}

/** Forgets a deleted session. @param {string} session */
export function forgetSession(session) {
  if (tabPlace()?.session === session) leaveTab();
  write('device', RECENT, recentPlaces().filter((one) => one.session !== session));
}

/** Forgets this tab's place. */
export function leaveTab() {
  write('tab', TAB, null);
}

/** Forgets every recent session of this device. */
export function forgetRecent() {
  write('device', RECENT, null);
}

/** The volume of sounds, 0 to 1. */
export function volume() {
  const kept = read('device', VOLUME);
  return typeof kept === 'number' && kept >= 0 && kept <= 1 ? kept : 1;
}

/** @param {number} loud 0 to 1. */
export function keepVolume(loud) {
  write('device', VOLUME, loud);
}

/** The language that was chosen on this device. @returns {string | null} */
export function keptLanguage() {
  const kept = read('device', LANGUAGE);
  return typeof kept === 'string' ? kept : null;
}

/** @param {string} language */
export function keepLanguage(language) {
  write('device', LANGUAGE, language);
}

/** Notes that this tab reloads while it shows a code, so that it then asks for a new code. */
export function renewLater() {
  write('tab', RENEW, true);
}

/** Whether that was noted. It is true only once. */
export function takeRenew() {
  const later = read('tab', RENEW) === true;
  if (later) write('tab', RENEW, null);
  return later;
}

/** The secret of the invitation that this tab was opened with. @returns {string | null} */
export function invitation() {
  const secret = read('tab', INVITATION);
  return typeof secret === 'string' ? secret : null;
}

/** Stores the secret, or removes it if null. Returns whether that worked. @param {string | null} secret */
export function keepInvitation(secret) {
  return write('tab', INVITATION, secret);
}

/** Whether the receiver's whole screen is the pad. */
export function eyesFree() {
  return read('device', EYES_FREE) === true;
}

/** @param {boolean} on */
export function keepEyesFree(on) {
  write('device', EYES_FREE, on ? true : null);
}

/** The meanings of keys that were chosen on this device. */
export function ownKeys() {
  return ownKeysFrom(read('device', KEYS));
}

/** @param {OwnKeys} own */
export function keepOwnKeys(own) {
  write('device', KEYS, own);
}

/** How many swipes this tab has practised in a session. @param {string} session */
export function practisedIn(session) {
  const kept = /** @type {{ session?: unknown, done?: unknown } | null} */ (read('tab', PRACTISED));
  return kept?.session === session && typeof kept.done === 'number' ? kept.done : 0;
}

/** @param {string} session @param {number} done */
export function keepPractised(session, done) {
  write('tab', PRACTISED, { session, done });
}

/** The name that was typed last. */
export function lastName() {
  const kept = read('device', NAME);
  return typeof kept === 'string' ? kept : '';
}

/** @param {string} name */
export function keepName(name) {
  write('device', NAME, name === '' ? null : name);
}

/** @param {unknown} value @returns {Place | null} */
function place(value) {
  if (typeof value !== 'object' || value === null) return null;
  const { session, role, token, at, ended } = /** @type {Record<string, unknown>} */ (value);
  if (typeof session !== 'string' || typeof token !== 'string' || typeof at !== 'number') return null;
  if (role !== 'receiver' && role !== 'helper') return null;
  return ended === true ? { session, role, token, at, ended } : { session, role, token, at };
}

/** @param {'tab' | 'device'} where @param {string} key @returns {unknown} */
function read(where, key) {
  return attempt(() => JSON.parse(kept(where, key) ?? 'null'), null);
}

/** Stores a value. Returns whether that worked: storage may be full or forbidden.
 * @param {'tab' | 'device'} where @param {string} key @param {unknown} value */
function write(where, key, value) {
  return keep(where, key, value === null ? null : JSON.stringify(value));
}
