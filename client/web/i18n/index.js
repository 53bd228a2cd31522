//! Looks up words in this device's language. Each language has two tables, the main one and the review's,
//! with the same keys as in English. Only the tables of the chosen language are fetched.

import { keptLanguage } from '../device/store.js';

/** @typedef {typeof import('../../../shared/catalog/en.json').page} Main */
/** @typedef {typeof import('../../../shared/catalog/en.json').review} Review */
/** @typedef {`cue_${keyof typeof import('../../../shared/catalog/en.json').cues}`} CueKey */
/** @typedef {keyof Main | keyof Review | CueKey} Key */
/** @typedef {keyof typeof LANGUAGES} Language */

/** The languages: their own names, the attributes of their pages, and their locale if the browser names
 * none. Arabic dates and times use the same digits as clocks and codes on the page. */
export const LANGUAGES = /** @type {const} */ ({
  en: { name: 'English', html: 'en', dir: 'ltr', locale: 'en', extension: '' },
  es: { name: 'Español', html: 'es', dir: 'ltr', locale: 'es', extension: '' },
  fr: { name: 'Français', html: 'fr', dir: 'ltr', locale: 'fr', extension: '' },
  de: { name: 'Deutsch', html: 'de', dir: 'ltr', locale: 'de', extension: '' },
  zh: { name: '中文', html: 'zh-Hans', dir: 'ltr', locale: 'zh-CN', extension: '' },
  ar: { name: 'العربية', html: 'ar', dir: 'rtl', locale: 'ar', extension: '-u-ca-gregory-nu-latn' },
});

/** Characters that run against the direction of the page: right-to-left letters in one case, Latin letters
 * and digits in the other. */
const OTHER_WAY = { ltr: /[\u0590-\u08ff\ufb1d-\ufefc]/, rtl: /[\dA-Za-z\u00c0-\u024f]/ };
const ISOLATE = '\u2068';
const END_ISOLATE = '\u2069';

/** Only a page chooses a language; tests use English. */
const page = globalThis.document?.documentElement ?? null;
const wanted = page ? navigator.languages : [];

/** @type {Language} */
let current = page ? choose(keptLanguage(), wanted) : 'en';
/** @type {Partial<Record<string, string>>} */
let words = {};
mark();

/** Settles when the words are loaded. English replaces a language that cannot be fetched. */
export const ready = table('').catch(() => {
  current = 'en';
  mark();
  return table('');
});

/** The language of this page. */
export function language() {
  return current;
}

/** Its locale, for dates, times and voices, with the region that the browser names. */
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

/** Sets the page's language and direction, for screen readers, fonts and layout. */
function mark() {
  if (!page) return;
  page.lang = LANGUAGES[current].html;
  page.dir = LANGUAGES[current].dir;
}

/**
 * The language chosen on this device, else the first of the browser's that exists here, else English.
 * @param {string | null} kept
 * @param {readonly string[]} asked As the browser lists them: `de-AT`.
 * @returns {Language}
 */
export function choose(kept, asked) {
  return [kept ?? '', ...asked.map(base)].find(isLanguage) ?? 'en';
}

/**
 * The locale for dates, with the browser's region if it names one for this language.
 * @param {Language} of
 * @param {readonly string[]} asked
 */
export function localeOf(of, asked) {
  const { locale: own, extension } = LANGUAGES[of];
  // The Chinese words are simplified, so the browser's region does not count.
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

/** Isolates a name, a number or a code that runs against the direction of the page. Otherwise it could
 * reorder the text beside it. @param {string} text */
export function isolated(text) {
  return OTHER_WAY[LANGUAGES[current].dir].test(text) ? `${ISOLATE}${text}${END_ISOLATE}` : text;
}

/** A text as it is spoken: without the marks of `isolated` and without soft hyphens.
 * @param {string} text */
export function spoken(text) {
  return text.replaceAll(/[\u2068\u2069\u00ad]/g, '');
}

/**
 * Whether this key exists. Needed for keys that are composed at run time.
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
