//! What this device can do, found out at run time, with an honest line for each and what to do where
//! something is missing.

/** @import { Key } from './i18n/index.js' */

/** @typedef {{ name: Key, line: Key, ok: boolean }} Capability */

/**
 * What matters of a browser; a parameter so that tests can be other browsers.
 * @typedef {object} Browser
 * @property {boolean} audio
 * @property {boolean} speech
 * @property {boolean} vibration
 * @property {boolean} wakeLock
 * @property {boolean} video Whether a silent video may keep the screen on.
 * @property {boolean} secure
 * @property {boolean} ios
 */

/** This browser. @returns {Browser} */
export function thisBrowser() {
  const agent = navigator.userAgent;
  // iPadOS calls itself a Mac; a Mac has no touch screen.
  const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  return {
    audio: 'AudioContext' in globalThis || 'webkitAudioContext' in globalThis,
    // Some browsers can speak and have no voice to do it with.
    speech: 'speechSynthesis' in globalThis && speechSynthesis.getVoices().length > 0,
    // Present on desktops without a motor too: only a touch screen makes it likely.
    vibration: 'vibrate' in navigator && navigator.maxTouchPoints > 0 && !ios,
    wakeLock: 'wakeLock' in navigator,
    video: 'captureStream' in HTMLCanvasElement.prototype,
    secure: globalThis.isSecureContext && location.protocol === 'https:',
    ios,
  };
}

/** The lines to show. @param {Browser} browser @returns {Capability[]} */
export function capabilities({ audio, speech, vibration, wakeLock, video, secure, ios }) {
  const soundLine = ios ? 'can_sound_ios' : 'can_sound_yes';
  const awakeLine = video ? 'can_awake_video' : 'can_awake_no';
  return [
    { name: 'can_sound', ok: audio, line: audio ? soundLine : 'can_sound_no' },
    { name: 'can_speech', ok: speech, line: speech ? 'can_speech_yes' : 'can_speech_no' },
    { name: 'can_vibration', ok: vibration, line: vibration ? 'can_vibration_yes' : 'can_vibration_no' },
    { name: 'can_awake', ok: wakeLock || video, line: wakeLock ? 'can_awake_yes' : awakeLine },
    { name: 'can_https', ok: secure, line: secure ? 'can_https_yes' : 'can_https_no' },
  ];
}
