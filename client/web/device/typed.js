//! Reads the codes, invitations and names that people type and paste, as chat programs, keyboards and other
//! people change them. Pure. The relay and the terminal client read codes the same way:
//! shared/written/codes.json.

import { NAME_CHARS } from './limits.js';

/** The number of characters of a code without the dash. */
export const CODE_CHARS = 8;
/** The number of characters of its first part, which identifies the session. */
const FIRST_PART = 3;
/** The number of characters of a link's secret: 128 bits in base 64 without padding. Source:
 * docs/protocol.md. */
const SECRET_CHARS = 22;
/** How often an address may be percent-encoded: by a chat program, and by the app that it opens. */
const ENCODED_TIMES = 2;

/** Invisible characters: direction marks, joiners, byte order marks, soft hyphens. */
const INVISIBLE = /[\p{Cf}\p{Cc}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu;
/** Characters that a name may not contain. It may contain the joiners that some scripts and emoji need. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0001}]/gu;
const DASH = '[\\p{Pd}\\u2212\\u00af\\u30fc_~]';
const GAP = `(?:\\s|${DASH})`;
/** A letter or digit of Crockford's base 32, or a letter that is read as a digit. */
const LETTER = '[0-9A-TV-Z]';

/**
 * The text in the field for a code.
 * @typedef {object} Typed
 * @property {string | null} secret The secret, if the text is an invitation.
 * @property {string} text What the field shows: the code so far, or the text as typed.
 * @property {number} missing How many characters the code lacks; negative if it has too many.
 * @property {string} wrong The characters that no code contains.
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

/** The code in a text: the whole text, or a part of three characters beside a part of five. Parts with a
 * dash or a digit are preferred. @param {string} plain @returns {string | null} */
function codeIn(plain) {
  const all = plain.replace(new RegExp(`${GAP}+`, 'gu'), '');
  if (new RegExp(`^${LETTER}{${CODE_CHARS}}$`).test(all)) return asDigits(all);
  const parts = new RegExp(`(?<![\\p{L}\\p{N}])(${LETTER}{${FIRST_PART}})(${GAP}*)(${LETTER}{${CODE_CHARS - FIRST_PART}})(?![\\p{L}\\p{N}])`, 'gu');
  const worth = (/** @type {RegExpMatchArray} */ [whole, , gap = '']) =>
    (new RegExp(DASH, 'u').test(gap) ? 2 : 0) + (/\d/.test(whole) ? 1 : 0);
  // Matches may overlap, so that a pair of words does not consume the first part of the code.
  const found = [];
  for (let match = parts.exec(plain); match; match = parts.exec(plain)) {
    found.push(match);
    parts.lastIndex = match.index + 1;
  }
  const most = Math.max(1, ...found.map(worth));
  const best = new Set(found.filter((one) => worth(one) === most).map(([, first, , second]) => asDigits(`${first}${second}`)));
  // Two different codes are ambiguous.
  return best.size === 1 ? ([...best][0] ?? null) : null;
}

/** The text in the capitals and digits of codes, whatever their width and script, without invisible
 * characters. @param {string} text */
function plainly(text) {
  const seen = text.normalize('NFKC').replace(INVISIBLE, '');
  return seen.replace(/\p{Nd}/gu, digit).toUpperCase();
}

/** A digit of any script as 0 to 9. The ten digits of a script are consecutive. @param {string} one */
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
 * The invitation in an address or a text; `broken` if its secret cannot be read.
 * @param {string} text
 * @returns {{ secret: string } | 'broken' | null}
 */
export function readInvitation(text) {
  const plain = decoded(text).normalize('NFKC').replace(INVISIBLE, '');
  const [, behind] = /#[\s/!?&]*join\b(.*)$/isu.exec(plain) ?? [];
  if (behind === undefined) return null;
  const run = /^\s*[=:/]?[\s<"'\x60([{*“”„«]*([\w\-\u2013\u2014]+)/u.exec(behind)?.[1] ?? '';
  // Some programs replace one or two hyphens with a long dash.
  const read = [run.replaceAll('\u2014', '--').replaceAll('\u2013', '-'), run.replace(/[\u2013\u2014]/g, '-')];
  const secret = read.map((one) => new RegExp(`^([\\w-]{${SECRET_CHARS}})[-_]*$`).exec(one)?.[1]).find(Boolean);
  return secret ? { secret } : 'broken';
}

/** The text without its percent-encoding, where that is valid. @param {string} text */
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

/** A name as the relay accepts it: without invisible characters, and not too long.
 * @param {string} typed */
export function tidyName(typed) {
  const seen = typed.normalize('NFC').replace(/\s+/gu, ' ').replace(NOT_IN_NAMES, '').trim();
  return [...seen].slice(0, NAME_CHARS).join('').trim();
}
