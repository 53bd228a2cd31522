//! Which voice says the words: one of the device's language, or none. A voice of another language
//! would make something else of them.

/** @typedef {Pick<SpeechSynthesisVoice, 'lang' | 'default' | 'localService'>} Voice */

/** Voices whose tag begins with a language's, but that speak another one: Cantonese. */
const OTHERS = /^(zh-hk|zh-mo|zh-yue|yue)/;

/**
 * The best voice for a locale: of its region, on the device itself, the browser's own choice.
 * @template {Voice} Kind
 * @param {readonly Kind[]} voices
 * @param {string} locale
 * @returns {Kind | null}
 */
export function voiceFor(voices, locale) {
  const wanted = tag(locale);
  const language = wanted.split('-')[0];
  const able = voices.filter(({ lang }) => tag(lang).split('-')[0] === language && !OTHERS.test(tag(lang)));
  const worth = (/** @type {Kind} */ voice) =>
    (tag(voice.lang) === wanted ? 4 : 0) + (voice.localService ? 2 : 0) + (voice.default ? 1 : 0);
  return able.reduce((/** @type {Kind | null} */ best, voice) => (best && worth(best) >= worth(voice) ? best : voice), null);
}

/**
 * Whether the words can be said, as far as the browser tells: some name their voices late, or never.
 * @param {readonly Voice[]} voices
 * @param {string} locale
 */
export function canSay(voices, locale) {
  return voices.length === 0 || voiceFor(voices, locale) !== null;
}

/** A language tag as all browsers would write it: Android has `de_DE`. @param {string} lang */
function tag(lang) {
  return lang.toLowerCase().replaceAll('_', '-').replace(/-[ux]-.*$/, '');
}
