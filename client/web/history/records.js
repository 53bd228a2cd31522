//! Fetches a session's record from the relay, adds notes to it and deletes it. The token is sent in a
//! header, never in an address.

import { timeLimit } from '../device/optional.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Place } from '../device/store.js' */
/** @import { Language } from '../i18n/index.js' */

/** The formats of an export, with their file extensions. */
export const FORMATS = /** @type {const} */ ({ html: 'html', csv: 'csv', json: 'json', text: 'txt' });
/** @typedef {keyof typeof FORMATS} Format */

/** The timeout of a request, in milliseconds. A deletion waits for the relay's disk for up to ten seconds. */
const PATIENCE_MS = 15_000;

/**
 * Why a request failed.
 * @typedef {{ why: 'deleted', by: Role | null, at: number | null } | { why: 'bad_token' | 'not_over'
 *   | 'open_stop' | 'bad_note' | 'too_fast' | 'unavailable' | 'no_answer' }} Trouble
 */

/** A request failed. */
export class Refused extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble.why);
    this.trouble = trouble;
  }
}

/**
 * The record in one of the formats, or its words or its drawing, byte for byte as the relay writes it. It is a blob, because decoding to
 * text drops the byte order mark of a CSV, which spreadsheets need.
 * @param {Place} place
 * @param {Format | 'words' | 'drawing'} format
 * @param {number} [offset] Minutes east of UTC, for the times in the text.
 * @param {Language} [lang] The language of the text.
 * @param {number} [width] The width of the drawing, in CSS pixels.
 * @returns {Promise<Blob>}
 * @throws {Refused}
 */
export async function record(place, format, offset = 0, lang = 'en', width = 0) {
  const wide = width ? `&width=${Math.round(width)}` : '';
  const answer = await ask(place, `/transcript?format=${format}&offset=${offset}&lang=${lang}${wide}`, { method: 'GET' });
  try {
    return await answer.blob();
  } catch {
    throw new Refused({ why: 'no_answer' });
  }
}

/**
 * Adds a note after the end. It is durable when this returns.
 * @param {Place} place
 * @param {{ text: string, shared: boolean, about?: number }} note
 * @throws {Refused}
 */
export async function addNote(place, note) {
  await ask(place, '/notes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(note),
  });
}

/** Deletes the session for both people. @param {Place} place @throws {Refused} */
export async function erase(place) {
  await ask(place, '', { method: 'DELETE' });
}

/** The key with which this relay signs seals; null if it is not available now.
 * @returns {Promise<{ public_key: string, fingerprint: string } | null>} */
export async function relayKey() {
  try {
    const answer = await fetch('/api/v1/key', { signal: timeLimit(PATIENCE_MS) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** @param {Place} place @param {string} path @param {RequestInit} request @returns {Promise<Response>} */
async function ask({ session, token }, path, request) {
  let answer;
  try {
    answer = await fetch(`/api/v1/sessions/${encodeURIComponent(session)}${path}`, {
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${token}` },
      cache: 'no-store',
      signal: timeLimit(PATIENCE_MS),
    });
  } catch {
    throw new Refused({ why: 'no_answer' });
  }
  if (answer.ok) return answer;
  throw new Refused(await troubleOf(answer));
}

/** @param {Response} answer @returns {Promise<Trouble>} */
async function troubleOf(answer) {
  switch (answer.status) {
    case 401:
      return { why: 'bad_token' };
    case 409: {
      const { code } = await answer.json().catch(() => ({}));
      return { why: code === 'held' ? 'open_stop' : 'not_over' };
    }
    case 410: {
      const { by, at } = await answer.json().catch(() => ({}));
      const role = by === 'receiver' || by === 'helper' ? by : null;
      return { why: 'deleted', by: role, at: typeof at === 'number' ? at : null };
    }
    case 413:
    case 422:
      return { why: 'bad_note' };
    case 429:
      return { why: 'too_fast' };
    default:
      return { why: 'unavailable' };
  }
}
