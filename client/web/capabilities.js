//! What this device can do, found out at run time, with an honest line for each and what to do where
//! something is missing.

import { locale } from './i18n/index.js';
import { playsVideo } from './keepawake.js';
import { canBuzz, canSound, canSpeak, matches, voices, wakeLock } from './optional.js';
import { canSay } from './voice.js';

/** @import { Key } from './i18n/index.js' */
/** @import { Awake } from './keepawake.js' */
/** @import { Hearing } from './sound.js' */

/** `href`: where it can be helped. @typedef {{ name: Key, line: Key, ok: boolean, href?: string }} Capability */

/**
 * What matters of a browser; a parameter so that tests can be other browsers.
 * @typedef {object} Browser
 * @property {boolean} audio
 * @property {boolean} speech
 * @property {boolean} voice Whether it has a voice for the language, as far as it says.
 * @property {boolean} vibration
 * @property {boolean} wakeLock
 * @property {boolean} video Whether it plays a silent video, which may keep the screen on.
 * @property {boolean} secure
 * @property {boolean} ios
 * @property {boolean} installed Whether it was started like an app.
 */

/**
 * What has turned out since the page was opened.
 * @typedef {object} Found
 * @property {Awake} awake
 * @property {Hearing} hearing
 * @property {boolean} kept Whether the page can be kept on this device.
 * @property {boolean} trust Whether the relay has a page about trusting it.
 */

/** This browser. @returns {Browser} */
export function thisBrowser() {
  const agent = navigator.userAgent ?? '';
  const all = voices();
  // iPadOS calls itself a Mac; a Mac has no touch screen.
  const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  const { standalone } = /** @type {{ standalone?: boolean }} */ (navigator);
  return {
    audio: canSound(),
    // Some browsers can speak and have no voice to do it with.
    speech: canSpeak() && all.length > 0,
    voice: canSpeak() && canSay(all, locale()),
    // Present on desktops without a motor too: only a touch screen makes it likely.
    vibration: canBuzz() && navigator.maxTouchPoints > 0 && !ios,
    wakeLock: wakeLock() !== null,
    video: playsVideo(),
    secure: globalThis.isSecureContext && location.protocol === 'https:',
    ios,
    installed: standalone === true || matches('(display-mode: standalone)'),
  };
}

/** The lines to show. @param {Browser} browser @param {Found} found @returns {Capability[]} */
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
