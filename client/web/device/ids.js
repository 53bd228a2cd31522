//! Ids of cues: UUID version 7, made without `crypto.randomUUID`, which plain http does not have.

import { randomBytes } from './optional.js';

/**
 * A fresh id.
 * @param {number} [unixMs] The wall clock, in milliseconds.
 * @param {Uint8Array} [random] 16 random bytes.
 * @returns {string}
 */
export function freshId(unixMs = Date.now(), random = randomBytes(16)) {
  const bytes = Uint8Array.from(random);
  let ms = unixMs;
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
