//! Verifies an export in the page, as docs/transcript.md specifies: the chain of hashes and the relay's
//! signatures. It does not verify figures and outcomes, because that needs the session machine, which
//! `tapcue verify` has.

import { locale } from '../i18n/index.js';
import { strictJson } from './strict-json.js';

/** @import { Entry, Seal, Transcript } from './transcript.d.ts' */
/** @import { Key } from '../i18n/index.js' */

/**
 * The result of a verification. `words` are keys with the values of their blanks, in reading order.
 * @typedef {object} Verdict
 * @property {'sealed' | 'prefix' | 'broken' | 'unsigned'} standing `unsigned`: the chain is valid, but
 *   this browser cannot check the signatures.
 * @property {Finding[]} words
 * @property {SealedBy[]} seals The valid seals.
 */
/** @typedef {{ ok: boolean | null, key: Key, blanks?: Record<string, string | number> }} Finding */
/** @typedef {{ count: number, sealed_at: number, public_key: string, fingerprint: string }} SealedBy */

/** The first problem found. */
class Problem extends Error {
  /** @param {Key} key @param {Record<string, string | number>} [blanks] */
  constructor(key, blanks = {}) {
    super(key);
    this.key = key;
    this.blanks = blanks;
  }
}

const FORMAT = 'tapcue.transcript';
/** The version of a transcript that this page reads. */
export const VERSION = 2;
/** The version before it, whose figures and timeline follow earlier rules. */
const EARLIER = 1;
/** How many hashes are computed at once. */
const BATCH = 256;

/**
 * Verifies the text of an export.
 * @param {string} text
 * @param {string | null} relayKey The relay's public key in hex, if it is known.
 * @param {SubtleCrypto} [subtle]
 * @returns {Promise<Verdict>}
 */
export async function verify(text, relayKey, subtle = crypto.subtle) {
  try {
    return await check(text, relayKey, subtle);
  } catch (problem) {
    // A part has the wrong type, or is nested too deeply.
    const unlike = problem instanceof TypeError || problem instanceof RangeError;
    if (!unlike && !(problem instanceof Problem)) throw problem;
    const { key, blanks } = unlike ? new Problem('check_not_ours') : problem;
    return { standing: 'broken', seals: [], words: [{ ok: false, key, blanks }, { ok: null, key: 'check_broken' }] };
  }
}

/** The canonical form of a value (RFC 8785). All numbers of a transcript are integers.
 * @param {unknown} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = /** @type {Record<string, unknown>} */ (value);
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`).join(',')}}`;
}

/** The fingerprint that people compare: the first 16 hex digits of the key's hash, in groups of four.
 * @param {string} publicKey @param {SubtleCrypto} [subtle] */
export async function fingerprint(publicKey, subtle = crypto.subtle) {
  const hash = hex(await subtle.digest('SHA-256', bytes(publicKey)));
  return hash.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ');
}

/** @param {string} text @param {string | null} relayKey @param {SubtleCrypto} subtle @returns {Promise<Verdict>} */
async function check(text, relayKey, subtle) {
  const file = read(text);
  const hashes = await walk(file, subtle);
  const signatures = await Promise.all(file.seals.map((seal) => holds(seal, subtle)));
  checkEnd(file, hashes, signatures);
  await checkNotes(file.entries, subtle);
  checkSeals(file, hashes, signatures);
  const n = file.entries.length;
  const sealed = file.seals.at(-1)?.count ?? 0;
  if (sealed === 0) {
    return {
      standing: 'prefix',
      seals: [],
      words: [{ ok: true, key: 'check_chain', blanks: { n } }, { ok: null, key: 'check_prefix' }, rest(file)],
    };
  }
  const unsigned = signatures.includes(null);
  /** @type {SealedBy[]} */
  const seals = await Promise.all(
    file.seals.map(async ({ count, sealed_at, public_key }) => ({
      count,
      sealed_at,
      public_key,
      fingerprint: await fingerprint(public_key, subtle),
    })),
  );
  /** @type {Finding[]} */
  const words = [
    { ok: true, key: 'check_whole', blanks: { n: sealed } },
    { ok: true, key: 'check_order' },
    { ok: true, key: 'check_unchanged' },
    ...(unsigned ? [{ ok: null, key: /** @type {const} */ ('check_no_ed25519') }] : newestOfEach(seals).map((seal) => signedBy(seal, relayKey))),
  ];
  if (n > sealed) words.push({ ok: null, key: 'check_after', blanks: { from: sealed + 1, n } });
  words.push(rest(file));
  const standing = unsigned ? 'unsigned' : 'sealed';
  return { standing, seals: unsigned ? [] : seals, words };
}

/** The last seal of each key. It covers everything that the earlier ones cover. @param {SealedBy[]} seals */
function newestOfEach(seals) {
  return [...new Map(seals.map((seal) => [seal.public_key, seal])).values()];
}

/** @param {SealedBy} seal @param {string | null} relayKey @returns {Finding} */
function signedBy({ count, sealed_at, public_key, fingerprint }, relayKey) {
  const blanks = { count, when: new Date(sealed_at).toLocaleString(locale()), key: fingerprint };
  if (relayKey === null) return { ok: null, key: 'check_signed_unknown', blanks };
  return relayKey === public_key
    ? { ok: true, key: 'check_signed_here', blanks }
    : { ok: null, key: 'check_signed_other', blanks };
}

/** What is not checked here. @param {Transcript} file @returns {Finding} */
function rest({ version }) {
  return { ok: null, key: version === EARLIER ? 'check_earlier' : 'check_rest' };
}

/** @param {string} text @returns {Transcript} */
function read(text) {
  const file = strictJson(text);
  if (file === undefined) throw new Problem('check_not_json');
  const { format, version, entries, seals, session } = /** @type {Partial<Transcript>} */ (file ?? {});
  if (format !== FORMAT) throw new Problem('check_not_ours');
  if (version !== VERSION && version !== EARLIER) throw new Problem('check_version');
  if (typeof session !== 'string' || !Array.isArray(entries) || !Array.isArray(seals)) throw new Problem('check_not_ours');
  if (entries.length === 0) throw new Problem('check_missing', { n: 1 });
  return /** @type {Transcript} */ (file);
}

/** The start value of the chain, and then the hashes of the entries in order.
 * @param {Transcript} file @param {SubtleCrypto} subtle @returns {Promise<string[]>} */
async function walk({ session, entries, head }, subtle) {
  const computed = await hashed(entries, subtle);
  const places = new Set(entries.map((entry) => entry?.recorded?.seq));
  let before = await sha256(`tapcue.transcript.v1:${session}`, subtle);
  const hashes = [before];
  for (const [index, entry] of entries.entries()) {
    const n = index + 1;
    const own = computed[index] ?? '';
    const { recorded } = entry ?? {};
    const seq = recorded?.seq;
    if (!recorded || typeof seq !== 'number' || entry.hash !== own) throw new Problem('check_changed', { n });
    if (recorded.session !== session) throw new Problem('check_foreign', { n });
    if (seq < n) throw new Problem(hashes[seq] === own ? 'check_repeated' : 'check_added', { n, seq });
    if (seq > n) throw new Problem(places.has(n) ? 'check_out_of_order' : 'check_missing', { n, seq });
    if (recorded.prev !== before) {
      // If the next entry or the head names this hash, the entry before this one was changed.
      const next = entries[n];
      const vouched = (next ? next.recorded?.prev : head) === own;
      throw new Problem('check_neighbour', { n: vouched ? Math.max(index, 1) : n });
    }
    hashes.push((before = own));
  }
  return hashes;
}

/** @param {Entry[]} entries @param {SubtleCrypto} subtle @returns {Promise<string[]>} */
async function hashed(entries, subtle) {
  /** @type {string[]} */
  const all = [];
  for (let from = 0; from < entries.length; from += BATCH) {
    const batch = entries.slice(from, from + BATCH);
    all.push(...(await Promise.all(batch.map((entry) => sha256(canonical(entry?.recorded ?? null), subtle)))));
  }
  return all;
}

/** Checks that no entries are missing at the end, by the counts of the seals and the head.
 * @param {Transcript} file @param {string[]} hashes @param {(boolean | null)[]} signatures */
function checkEnd({ entries, seals, head }, hashes, signatures) {
  const have = entries.length;
  const counts = seals.filter((_, index) => signatures[index] !== false).map(({ count }) => count);
  const most = Math.max(0, ...counts);
  if (most > have) throw new Problem('check_cut', { n: have + 1, sealed: most, have });
  if (hashes.at(-1) !== head) throw new Problem('check_end', { n: have });
}

/** Checks that the texts of private notes match their commitments.
 * @param {Entry[]} entries @param {SubtleCrypto} subtle */
async function checkNotes(entries, subtle) {
  for (const [index, { recorded, note }] of entries.entries()) {
    if (note === undefined) continue;
    const { text, salt, about } = note;
    const opening = about === undefined ? { salt, text } : { about, salt, text };
    const good = recorded.commitment === (await sha256(canonical(opening), subtle));
    if (!good) throw new Problem('check_note', { n: index + 1 });
  }
}

/** @param {Transcript} file @param {string[]} hashes @param {(boolean | null)[]} signatures */
function checkSeals({ session, entries, seals }, hashes, signatures) {
  const opened = entries[0]?.recorded.at;
  const ended = entries.find(({ recorded }) => recorded.what === 'ended')?.recorded.at;
  let before = 0;
  for (const [index, seal] of seals.entries()) {
    const n = index + 1;
    if (signatures[index] === false) throw new Problem('check_seal_changed', { n });
    if (seal.session !== session) throw new Problem('check_seal_foreign', { n });
    if (!(seal.count > before)) throw new Problem('check_seal_order', { n });
    before = seal.count;
    if (hashes[seal.count] !== seal.head) throw new Problem('check_seal_head', { n, count: seal.count });
    if (seal.opened_at !== opened || seal.ended_at !== ended) throw new Problem('check_seal_times', { n });
  }
}

/** Whether a signature is valid; null if this browser cannot check it.
 * @param {Seal} seal @param {SubtleCrypto} subtle @returns {Promise<boolean | null>} */
async function holds({ signature, ...sealed }, subtle) {
  if (!/^[0-9a-f]{64}$/.test(sealed.public_key) || !/^[0-9a-f]{128}$/.test(signature)) return false;
  /** @type {CryptoKey} */
  let key;
  try {
    key = await subtle.importKey('raw', bytes(sealed.public_key), 'Ed25519', false, ['verify']);
  } catch (error) {
    // A `DataError` means that the key is invalid. Any other error means that the algorithm is missing.
    return error instanceof DOMException && error.name === 'DataError' ? false : null;
  }
  const message = new TextEncoder().encode(canonical({ domain: 'tapcue.seal.v1', ...sealed }));
  return subtle.verify('Ed25519', key, bytes(signature), message);
}

/** @param {string} text @param {SubtleCrypto} subtle */
async function sha256(text, subtle) {
  return hex(await subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** @param {ArrayBuffer} buffer */
function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} digits */
function bytes(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
