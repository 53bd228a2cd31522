//! Module hooks: `i18n/LANGUAGE.js` and `i18n/LANGUAGE-review.js` come from the catalog of the language.

import { readFile } from 'node:fs/promises';

const CATALOGS = new URL('../../../shared/catalog/', import.meta.url);
const WORDS = /\/i18n\/([a-z]{2})(-review)?\.js$/;

/** The text at a path such as `cues.stop.says`. @param {any} catalog @param {string} path */
const at = (catalog, path) => path.split('.').reduce((value, key) => value[key], catalog);

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const url = new URL(specifier, context.parentURL);
  return WORDS.test(url.href) ? { url: url.href, format: 'module', shortCircuit: true } : next(specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  const [, language, review] = WORDS.exec(url) ?? [];
  if (!language) return next(url, context);
  const catalog = JSON.parse(await readFile(new URL(`${language}.json`, CATALOGS), 'utf8'));
  // The words of the cues have a section of their own.
  const cues = Object.entries(catalog.cues).map(([cue, { says }]) => [`cue_${cue}`, says]);
  const section = review ? Object.entries(catalog.review) : [...Object.entries(catalog.page), ...cues];
  const words = section.map(([key, text]) => [key, text.replace(/^\$t\((.+)\)$/, (_, path) => at(catalog, path))]);
  const source = `export const words = ${JSON.stringify(Object.fromEntries(words))};`;
  return { source, format: 'module', shortCircuit: true };
}
