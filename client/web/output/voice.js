//! Chooses the voice that speaks: one of the device's language, or none. A voice of another language would
//! mispronounce the words.

/** @typedef {Pick<SpeechSynthesisVoice, 'lang' | 'default' | 'localService'>} Voice */

/** Tags of Cantonese voices. Most begin with the tag of Chinese, but the voices speak another language. */
const OTHERS = /^(zh-hk|zh-mo|zh-yue|yue)/;

/**
 * The best voice for a locale: first by its region, then one on the device, then the browser's default.
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
 * Whether a voice can speak the words. It is true if the browser lists no voices, because some list them
 * late or never.
 * @param {readonly Voice[]} voices
 * @param {string} locale
 */
export function canSay(voices, locale) {
  return voices.length === 0 || voiceFor(voices, locale) !== null;
}

/** A language tag in one notation, because Android writes `de_DE`. @param {string} lang */
function tag(lang) {
  return lang.toLowerCase().replaceAll('_', '-').replace(/-[ux]-.*$/, '');
}
