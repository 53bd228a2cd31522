//! Sound, speech and vibration. Each cue has its own tune, alarms repeat until their reason is gone,
//! and the receiver's own "stop" is shouted before any network. Unlocked inside the first tap, as
//! phones demand. Turning the volume down never hides anything on the screen.

import { ALARMS, soundOf } from './alarms.js';
import { t } from './i18n/index.js';
import { TUNES, lengthOf } from './tunes.js';

/** @import { Sounding } from './alarms.js' */
/** @import { Note, TuneName } from './tunes.js' */

/** Sound that has not begun this long after a tap asked for it does not come, in milliseconds: a
 * browser without a way to a loudspeaker never answers. */
const SILENT_MS = 2_000;

/** The pause before a receipt, so that it is not taken for the end of what it answers, in
 * milliseconds. */
const PAUSE_MS = 140;

export class Sound {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #master = null;
  #volume;
  #spoke = false;
  /** @type {Sounding | null} */
  #alarm = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #repeat;
  /** When what sounds now is over, on the clock of the page. */
  #busyUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #buzzLater;
  /** Whether sound has had its time to begin. */
  #waited = false;
  #changed;

  /** @param {number} volume 0 to 1 @param {() => void} [changed] Whether it is silent may be another. */
  constructor(volume, changed = () => {}) {
    this.#volume = volume;
    this.#changed = changed;
  }

  /** Whether the browser plays nothing although it was tapped. */
  get silent() {
    return this.#waited && this.#context?.state !== 'running';
  }

  /** To be called inside a tap or a key press: phones play nothing before. */
  unlock() {
    this.#context ??= this.#made();
    const context = this.#context;
    if (!context) return;
    if (!this.#master) {
      const limiter = context.createDynamicsCompressor();
      this.#master = context.createGain();
      this.#master.connect(limiter).connect(context.destination);
      this.#loudness();
    }
    if (context.state !== 'running') context.resume().catch(() => {});
    if (!this.#spoke && 'speechSynthesis' in globalThis) {
      this.#spoke = true;
      const silent = new SpeechSynthesisUtterance(' ');
      silent.volume = 0;
      speechSynthesis.speak(silent);
    }
  }

  /** @param {number} loud 0 to 1 */
  setVolume(loud) {
    this.#volume = loud;
    this.#loudness();
  }

  /** Plays a tune once, and lets the device buzz. @param {TuneName} name */
  play(name) {
    const tune = TUNES[name];
    const now = performance.now();
    const wait = tune.follows ? Math.max(0, this.#busyUntil + PAUSE_MS - now) : 0;
    this.#busyUntil = now + wait + lengthOf(tune);
    // A buzz takes the place of the one before it, so a receipt's would cut short what it answers.
    clearTimeout(this.#buzzLater);
    if (wait > 0) this.#buzzLater = setTimeout(() => buzz(tune.buzz), wait);
    else buzz(tune.buzz);
    const context = this.#context;
    if (!context || !this.#master || this.#volume === 0) return;
    if (context.state !== 'running' && hasBeenTapped()) context.resume().catch(() => {});
    const out = this.#panned(context, tune.pan ?? 0);
    for (const [pitch, start, length] of tune.notes) {
      ring(context, out, tune.wave ?? 'triangle', [pitch, start + wait / 1_000, length]);
    }
  }

  /** Says words aloud, in place of what was being said or after it.
   * @param {string} words @param {boolean} [after] */
  say(words, after = false) {
    if (!('speechSynthesis' in globalThis) || this.#volume === 0) return;
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = document.documentElement.lang;
    utterance.volume = this.#volume;
    if (!after) speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }

  /** The receiver's own "stop", at the instant of the tap. */
  shout() {
    this.play('stop');
    this.say(t('cue_stop'));
  }

  /** Sounds this alarm until another, or none, takes its place. @param {Sounding | null} alarm */
  alarm(alarm) {
    if (alarm === this.#alarm) return;
    this.#alarm = alarm;
    clearInterval(this.#repeat);
    if (!alarm) {
      buzz([0]);
      return;
    }
    let times = 0;
    const once = () => {
      const { tune, words } = soundOf(alarm, times);
      this.play(tune);
      if (words) this.say(t(words));
      times += 1;
    };
    once();
    this.#repeat = setInterval(once, ALARMS[alarm].every);
  }

  #made() {
    const context = makeContext();
    context?.addEventListener('statechange', this.#changed);
    setTimeout(() => {
      this.#waited = true;
      this.#changed();
    }, SILENT_MS);
    return context;
  }

  #loudness() {
    if (this.#master) this.#master.gain.value = this.#volume ** 2;
  }

  /** @param {AudioContext} context @param {number} pan -1 left to 1 right @returns {AudioNode} */
  #panned(context, pan) {
    const master = this.#master ?? context.destination;
    if (pan === 0 || !('createStereoPanner' in context)) return master;
    const panner = context.createStereoPanner();
    panner.pan.value = pan;
    panner.connect(master);
    return panner;
  }
}

/** Browsers without a motor do nothing here. @param {number[]} pattern */
function buzz(pattern) {
  if ('vibrate' in navigator && hasBeenTapped()) navigator.vibrate(pattern);
}

/** Whether this page may sound and buzz yet. Not every browser says. */
function hasBeenTapped() {
  return navigator.userActivation?.hasBeenActive !== false;
}

/** @returns {AudioContext | null} */
function makeContext() {
  const media = /** @type {{ audioSession?: { type: string } }} */ (navigator);
  // Without this an iPhone's silent switch silences the alarms too.
  if (media.audioSession) media.audioSession.type = 'playback';
  const old = /** @type {{ webkitAudioContext?: typeof AudioContext }} */ (globalThis);
  const Context = globalThis.AudioContext ?? old.webkitAudioContext;
  return Context ? new Context() : null;
}

/**
 * @param {AudioContext} context
 * @param {AudioNode} out
 * @param {OscillatorType} wave
 * @param {Note} note
 */
function ring(context, out, wave, [pitch, start, length]) {
  const from = context.currentTime + start;
  const oscillator = context.createOscillator();
  const envelope = context.createGain();
  oscillator.type = wave;
  oscillator.frequency.value = pitch;
  // Short ramps, or every note begins and ends with a click.
  envelope.gain.setValueAtTime(0, from);
  envelope.gain.linearRampToValueAtTime(0.8, from + 0.012);
  envelope.gain.setValueAtTime(0.8, from + length - 0.03);
  envelope.gain.linearRampToValueAtTime(0, from + length);
  oscillator.connect(envelope).connect(out);
  oscillator.start(from);
  oscillator.stop(from + length);
}
