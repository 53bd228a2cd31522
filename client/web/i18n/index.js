//! Looks up words: English. Another language is another table with the same keys.

import { en } from './en.js';

/** @typedef {keyof typeof en} Key */

/** @type {Record<Key, string>} */
let words = en;

/**
 * The words for a key, with its `{blanks}` filled in.
 * @param {Key} key
 * @param {Record<string, string | number>} [blanks]
 * @returns {string}
 */
export function t(key, blanks) {
  const text = words[key];
  if (!blanks) return text;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(blanks[name] ?? ''));
}

/**
 * Whether these words exist: for keys put together at run time.
 * @param {string} key
 * @returns {key is Key}
 */
export function has(key) {
  return Object.hasOwn(words, key);
}

/**
 * Words for the first of these keys that exists.
 * @param {...string} keys
 * @returns {string}
 */
export function first(...keys) {
  const key = keys.find(has);
  return key && has(key) ? t(key) : '';
}
