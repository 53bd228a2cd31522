//! Looks up words in this device's language. Each language has two tables, the main one and the
//! review's, with the keys of the English ones. Only those of the chosen language are fetched.

import { keptLanguage } from '../store.js';

/** @typedef {typeof import('../../../shared/catalog/en.json').page} Main */
/** @typedef {typeof import('../../../shared/catalog/en.json').review} Review */
/** @typedef {keyof Main | keyof Review} Key */
/** @typedef {keyof typeof LANGUAGES} Language */

/** The languages: their own names, how a page of theirs is marked, and which locale they have where
 * the browser names none. Arabic dates and times have the digits that clocks and codes have here. */
export const LANGUAGES = /** @type {const} */ ({
  en: { name: 'English', html: 'en', dir: 'ltr', locale: 'en', extension: '' },
  es: { name: 'Español', html: 'es', dir: 'ltr', locale: 'es', extension: '' },
  fr: { name: 'Français', html: 'fr', dir: 'ltr', locale: 'fr', extension: '' },
  de: { name: 'Deutsch', html: 'de', dir: 'ltr', locale: 'de', extension: '' },
  zh: { name: '中文', html: 'zh-Hans', dir: 'ltr', locale: 'zh-CN', extension: '' },
  ar: { name: 'العربية', html: 'ar', dir: 'rtl', locale: 'ar', extension: '-u-ca-gregory-nu-latn' },
});

/** What makes a text run the other way than the page: letters of the one, letters and digits of the
 * other. */
const OTHER_WAY = { ltr: /[\u0590-\u08ff\ufb1d-\ufefc]/, rtl: /[\dA-Za-z\u00c0-\u024f]/ };
const ISOLATE = '\u2068';
const END_ISOLATE = '\u2069';

/** Only a page has a language of its own; tests read English. */
const page = globalThis.document?.documentElement ?? null;
const wanted = page ? navigator.languages : [];

/** @type {Language} */
let current = page ? choose(keptLanguage(), wanted) : 'en';
/** @type {Partial<Record<string, string>>} */
let words = {};
mark();

/** Settles when there are words. English takes the place of a language that cannot be fetched. */
export const ready = table('').catch(() => {
  current = 'en';
  mark();
  return table('');
});

/** The language of this page. */
export function language() {
  return current;
}

/** Its locale, for dates, times and voices: with the region that the browser names. */
export function locale() {
  return localeOf(current, wanted);
}

/** Fetches the words of the review as well. */
export async function reviewWords() {
  await table('-review').catch(() => table('-review', 'en'));
}

/** @param {'' | '-review'} part @param {Language} [of] */
async function table(part, of = current) {
  /** @type {{ words: Main | Review }} */
  const fetched = await import(`./${of}${part}.js`);
  words = { ...words, ...fetched.words };
}

/** Marks the page: what a screen reader says it with, which fonts, which way it runs. */
function mark() {
  if (!page) return;
  page.lang = LANGUAGES[current].html;
  page.dir = LANGUAGES[current].dir;
}

/**
 * The language that was chosen here, else the first one that the browser's owner reads, else English.
 * @param {string | null} kept
 * @param {readonly string[]} asked As the browser lists them: `de-AT`.
 * @returns {Language}
 */
export function choose(kept, asked) {
  return [kept ?? '', ...asked.map(base)].find(isLanguage) ?? 'en';
}

/**
 * The locale for dates: the region is the browser's, if it names one with this language.
 * @param {Language} of
 * @param {readonly string[]} asked
 */
export function localeOf(of, asked) {
  const { locale: own, extension } = LANGUAGES[of];
  // Chinese is the simplified one here, whatever else the browser's owner reads.
  const named = of === 'zh' ? undefined : asked.find((tag) => base(tag) === of);
  return `${named?.replace(/-[ux]-.*$/i, '') ?? own}${extension}`;
}

/** @param {string} tag @returns {string} */
function base(tag) {
  return tag.toLowerCase().split('-')[0] ?? '';
}

/** @param {string} name @returns {name is Language} */
export function isLanguage(name) {
  return Object.hasOwn(LANGUAGES, name);
}

/**
 * The words for a key, with its `{blanks}` filled in.
 * @param {Key} key
 * @param {Record<string, string | number>} [blanks]
 * @returns {string}
 */
export function t(key, blanks) {
  const text = words[key] ?? key;
  if (!blanks) return text;
  return text.replace(/\{(\w+)\}/g, (_, name) => isolated(String(blanks[name] ?? '')));
}

/** A name, a number or a code on its own: should it run the other way than the page, it does not
 * take what is beside it along. @param {string} text */
export function isolated(text) {
  return OTHER_WAY[LANGUAGES[current].dir].test(text) ? `${ISOLATE}${text}${END_ISOLATE}` : text;
}

/** A text as it is spoken: without the marks of `isolated`, and without where a word may be parted.
 * @param {string} text */
export function spoken(text) {
  return text.replaceAll(/[\u2068\u2069\u00ad]/g, '');
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
