//! Detects at run time what this device can do. Each capability has a line of text, which says what to do
//! if the capability is missing.

import { locale } from '../i18n/index.js';
import { playsVideo } from './keepawake.js';
import { canBuzz, canSound, canSpeak, matches, voices, wakeLock } from '../device/optional.js';
import { canSay } from './voice.js';

/** @import { Key } from '../i18n/index.js' */
/** @import { Awake } from './keepawake.js' */
/** @import { Hearing } from './sound.js' */

/** `href`: a page that helps. @typedef {{ name: Key, line: Key, ok: boolean, href?: string }} Capability */

/**
 * The features of a browser that matter here. A parameter, so that tests can simulate other browsers.
 * @typedef {object} Browser
 * @property {boolean} audio
 * @property {boolean} speech
 * @property {boolean} voice Whether it has a voice for the language, as far as it reports.
 * @property {boolean} vibration
 * @property {boolean} wakeLock
 * @property {boolean} video Whether it plays a silent video, which may keep the screen on.
 * @property {boolean} secure
 * @property {boolean} ios
 * @property {boolean} installed Whether the page was opened as an installed app.
 */

/**
 * What was detected since the page was opened.
 * @typedef {object} Found
 * @property {Awake} awake
 * @property {Hearing} hearing
 * @property {boolean} kept Whether the page can be stored on this device.
 * @property {boolean} trust Whether the relay has a page about trusting it.
 */

/** The features of this browser. @returns {Browser} */
export function thisBrowser() {
  const agent = navigator.userAgent ?? '';
  const all = voices();
  // iPadOS reports itself as a Mac, but a Mac has no touch screen.
  const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  const { standalone } = /** @type {{ standalone?: boolean }} */ (navigator);
  return {
    audio: canSound(),
    // Some browsers offer speech but have no voices.
    speech: canSpeak() && all.length > 0,
    voice: canSpeak() && canSay(all, locale()),
    // Desktops without a vibration motor offer it too. A touch screen makes a motor likely.
    vibration: canBuzz() && navigator.maxTouchPoints > 0 && !ios,
    wakeLock: wakeLock() !== null,
    video: playsVideo(),
    secure: globalThis.isSecureContext && location.protocol === 'https:',
    ios,
    installed: standalone === true || matches('(display-mode: standalone)'),
  };
}

/** The capabilities to show. @param {Browser} browser @param {Found} found @returns {Capability[]} */
export function capabilities(browser, { awake, hearing, kept, trust }) {
  const { audio, speech, voice, vibration, secure, ios, installed } = browser;
  const heard = audio && hearing !== 'interrupted' && hearing !== 'silent';
  const speechLine = voice ? 'can_speech_yes' : 'can_speech_voice';
  return [
    { name: 'can_sound', ok: heard, line: soundLine(browser, hearing) },
    { name: 'can_speech', ok: speech && voice, line: speech ? speechLine : 'can_speech_no' },
    { name: 'can_vibration', ok: vibration, line: vibration ? 'can_vibration_yes' : 'can_vibration_no' },
    awakeLine(browser, awake),
    httpsLine(secure, trust),
    {
      name: 'can_install',
      ok: kept,
      line: !kept ? 'can_install_no' : installed ? 'can_install_done' : ios ? 'can_install_ios' : 'can_install_yes',
    },
  ];
}

/** @param {Browser} browser @param {Hearing} hearing @returns {Key} */
function soundLine({ audio, ios }, hearing) {
  if (!audio || hearing === 'silent') return 'can_sound_no';
  if (hearing === 'interrupted') return 'can_sound_interrupted';
  return ios ? 'can_sound_ios' : 'can_sound_yes';
}

/** @param {boolean} secure @param {boolean} trust @returns {Capability} */
function httpsLine(secure, trust) {
  const name = 'can_https';
  if (secure) return { name, ok: true, line: 'can_https_yes' };
  return trust ? { name, ok: false, line: 'can_https_trust', href: '/trust' } : { name, ok: false, line: 'can_https_no' };
}

/** @param {Browser} browser @param {Awake} awake @returns {Capability} */
function awakeLine({ wakeLock, video }, awake) {
  const name = 'can_awake';
  if (awake === 'refused') return { name, ok: false, line: 'can_awake_refused' };
  if (awake === 'video') return { name, ok: true, line: 'can_awake_video' };
  if (wakeLock) return { name, ok: true, line: 'can_awake_yes' };
  return video ? { name, ok: true, line: 'can_awake_video' } : { name, ok: false, line: 'can_awake_no' };
}
