//! What people type and paste: codes and invitations as chat programs, keyboards and other people
//! change them. Pure. The relay and the terminal client read codes alike: shared/written/codes.json.

import { NAME_CHARS } from './limits.js';

/** Characters of a code without the dash. */
export const CODE_CHARS = 8;
/** Characters of its first part, which finds the session. */
const FIRST_PART = 3;
/** Characters of a link's secret: 128 bits in base 64 without padding. Source: docs/protocol.md. */
const SECRET_CHARS = 22;
/** How often an address may have been percent-encoded: by a chat program, and by what it opens. */
const ENCODED_TIMES = 2;

/** Marks that show nothing: directions, joiners, byte order marks, soft hyphens. */
const INVISIBLE = /[\p{Cf}\p{Cc}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu;
/** The same but for line breaks and the joiners that some scripts and pictures need. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0001}]/gu;
const DASH = '[\\p{Pd}\\u2212\\u00af\\u30fc_~]';
const GAP = `(?:\\s|${DASH})`;
/** The letters and digits of Crockford's base 32, and those that are read as digits. */
const LETTER = '[0-9A-TV-Z]';

/**
 * What was typed into the field for a code.
 * @typedef {object} Typed
 * @property {string | null} secret It was an invitation.
 * @property {string} text What the field shows: the code as far as it goes, or what was typed.
 * @property {number} missing How many characters the code lacks; negative if it has too many.
 * @property {string} wrong Characters that are in no code.
 */

/** @param {string} typed @returns {Typed} */
export function readTyped(typed) {
  const invited = readInvitation(typed);
  if (typeof invited === 'object' && invited) return { secret: invited.secret, text: typed, missing: 0, wrong: '' };
  const plain = plainly(typed);
  const found = codeIn(plain);
  if (found) return { secret: null, text: inParts(found), missing: 0, wrong: '' };
  const characters = [...plain].filter((one) => /[\p{L}\p{N}\p{M}]/u.test(one));
  const wrong = [...new Set(characters.filter((one) => !new RegExp(LETTER).test(one)))].join('');
  const code = asDigits(characters.join(''));
  const missing = CODE_CHARS - characters.length;
  return { secret: null, text: wrong === '' && missing >= 0 ? inParts(code) : typed, missing, wrong };
}

/** The code in a text: all of it, or a part of three and one of five side by side, rather those with
 * a dash or a digit. @param {string} plain @returns {string | null} */
function codeIn(plain) {
  const all = plain.replace(new RegExp(`${GAP}+`, 'gu'), '');
  if (new RegExp(`^${LETTER}{${CODE_CHARS}}$`).test(all)) return asDigits(all);
  const parts = new RegExp(`(?<![\\p{L}\\p{N}])(${LETTER}{${FIRST_PART}})(${GAP}*)(${LETTER}{${CODE_CHARS - FIRST_PART}})(?![\\p{L}\\p{N}])`, 'gu');
  const worth = (/** @type {RegExpMatchArray} */ [whole, , gap = '']) =>
    (new RegExp(DASH, 'u').test(gap) ? 2 : 0) + (/\d/.test(whole) ? 1 : 0);
  // Each beginning is looked at: one pair of words must not use up the first part of the code.
  const found = [];
  for (let match = parts.exec(plain); match; match = parts.exec(plain)) {
    found.push(match);
    parts.lastIndex = match.index + 1;
  }
  const most = Math.max(1, ...found.map(worth));
  const best = new Set(found.filter((one) => worth(one) === most).map(([, first, , second]) => asDigits(`${first}${second}`)));
  // Of two different ones nobody knows which is meant.
  return best.size === 1 ? ([...best][0] ?? null) : null;
}

/** Letters and digits of other widths and scripts as those of codes, in capitals, without what
 * nobody sees. @param {string} text */
function plainly(text) {
  const seen = text.normalize('NFKC').replace(INVISIBLE, '');
  return seen.replace(/\p{Nd}/gu, digit).toUpperCase();
}

/** A digit of any script as one of 0 to 9: a script's ten stand side by side. @param {string} one */
function digit(one) {
  const point = one.codePointAt(0) ?? 0;
  let zero = point;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((point - zero) % 10);
}

/** I, L and O are read as the digits that they look like. @param {string} code */
function asDigits(code) {
  return code.replace(/[IL]/g, '1').replace(/O/g, '0');
}

/** @param {string} code */
function inParts(code) {
  return code.length > FIRST_PART ? `${code.slice(0, FIRST_PART)}-${code.slice(FIRST_PART)}` : code;
}

/**
 * The invitation in an address or a text; `broken` if it is one whose secret cannot be read.
 * @param {string} text
 * @returns {{ secret: string } | 'broken' | null}
 */
export function readInvitation(text) {
  const plain = decoded(text).normalize('NFKC').replace(INVISIBLE, '');
  const [, behind] = /#[\s/!?&]*join\b(.*)$/isu.exec(plain) ?? [];
  if (behind === undefined) return null;
  const run = /^\s*[=:/]?[\s<"'`([{*“”„«]*([\w\-\u2013\u2014]+)/u.exec(behind)?.[1] ?? '';
  // Some programs make one long dash of two, or of one.
  const read = [run.replaceAll('\u2014', '--').replaceAll('\u2013', '-'), run.replace(/[\u2013\u2014]/g, '-')];
  const secret = read.map((one) => new RegExp(`^([\\w-]{${SECRET_CHARS}})[-_]*$`).exec(one)?.[1]).find(Boolean);
  return secret ? { secret } : 'broken';
}

/** Without percent-encoding, as far as it is some. @param {string} text */
function decoded(text) {
  let plain = text;
  for (let time = 0; time < ENCODED_TIMES; time += 1) {
    plain = plain.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
  return plain;
}

/** A name as the relay takes it: without marks that nobody sees, and not too long.
 * @param {string} typed */
export function tidyName(typed) {
  const seen = typed.normalize('NFC').replace(/\s+/gu, ' ').replace(NOT_IN_NAMES, '').trim();
  return [...seen].slice(0, NAME_CHARS).join('').trim();
}
