//! Sound, speech and vibration. Each cue has its own tune, alarms repeat until their reason is gone,
//! and the receiver's own "stop" is shouted before any network. Unlocked inside the first tap, as
//! phones demand. Turning the volume down never hides anything on the screen.

import { t } from './i18n/index.js';

/** @import { Cue } from './protocol.d.ts' */
/** @import { Alarm } from './protocol.d.ts' */
/** @import { Key } from './i18n/index.js' */

/** One note: pitch in hertz, start and length in seconds. @typedef {[number, number, number]} Note */
/** @typedef {{ notes: Note[], wave?: OscillatorType, pan?: number, buzz: number[] }} Tune */

/** @type {Tune} */
const SIREN = {
  notes: [[932, 0, 0.15], [622, 0.16, 0.15], [932, 0.32, 0.15], [622, 0.48, 0.2]],
  wave: 'square',
  buzz: [300, 80, 300, 80, 300],
};
/** @type {Tune} */
const TWO_LOW = { notes: [[466, 0, 0.22], [466, 0.3, 0.22]], wave: 'square', buzz: [220, 120, 220] };

/** What each thing sounds like; the buzz is a pattern of milliseconds on and off.
 * @type {Record<Cue | 'live' | 'joined' | 'shown' | 'acknowledged' | 'held' | 'lost' | 'back' | 'mark', Tune>} */
const TUNES = {
  stop: SIREN,
  ready: { notes: [[523, 0, 0.12], [659, 0.14, 0.18]], buzz: [40] },
  slower: { notes: [[494, 0, 0.2], [392, 0.24, 0.3]], buzz: [120, 80, 120] },
  ease_up: { notes: [[587, 0, 0.13], [440, 0.15, 0.13], [330, 0.3, 0.26]], buzz: [90, 50, 90, 50, 90] },
  more_pressure: { notes: [[392, 0, 0.14], [587, 0.17, 0.24]], buzz: [60] },
  stay: { notes: [[440, 0, 0.55]], buzz: [350] },
  left: { notes: [[659, 0, 0.12], [494, 0.14, 0.2]], pan: -1, buzz: [60, 60, 200] },
  right: { notes: [[494, 0, 0.12], [659, 0.14, 0.2]], pan: 1, buzz: [200, 60, 60] },
  good: { notes: [[523, 0, 0.1], [659, 0.11, 0.1], [784, 0.22, 0.22]], buzz: [40, 40, 40] },
  check_in: { notes: [[587, 0, 0.16], [784, 0.2, 0.28]], buzz: [150, 100, 150] },
  live: { notes: [[392, 0, 0.14], [523, 0.15, 0.14], [659, 0.3, 0.32]], buzz: [60, 60, 160] },
  joined: { notes: [[523, 0, 0.12], [784, 0.14, 0.25]], buzz: [60] },
  shown: { notes: [[1175, 0, 0.06]], buzz: [25] },
  acknowledged: { notes: [[1175, 0, 0.06], [1568, 0.1, 0.09]], buzz: [25, 50, 25] },
  held: TWO_LOW,
  lost: TWO_LOW,
  back: { notes: [[440, 0, 0.12], [554, 0.14, 0.2]], buzz: [60] },
  mark: { notes: [[880, 0, 0.1], [880, 0.16, 0.1]], buzz: [80] },
};
/** @typedef {keyof typeof TUNES} TuneName */

/** What each alarm plays, how often in milliseconds, and what it says at every how manieth time.
 * @type {Record<Alarm, { tune: TuneName, every: number, words?: Key, wordsEach: number }>} */
const ALARMS = {
  not_delivered: { tune: 'stop', every: 900, words: 'say_not_delivered', wordsEach: 4 },
  link_lost: { tune: 'lost', every: 1_500, words: 'say_lost', wordsEach: 4 },
  not_acknowledged: { tune: 'stop', every: 1_000, words: 'say_stop', wordsEach: 5 },
  stop: { tune: 'stop', every: 1_300, words: 'say_stop', wordsEach: 4 },
  hold: { tune: 'held', every: 1_800, words: 'say_held', wordsEach: 4 },
  check_in: { tune: 'check_in', every: 2_500, words: 'cue_check_in', wordsEach: 2 },
};

export class Sound {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #master = null;
  #volume;
  #spoke = false;
  /** @type {Alarm | null} */
  #alarm = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #repeat;

  /** @param {number} volume 0 to 1 */
  constructor(volume) {
    this.#volume = volume;
  }

  /** To be called inside a tap or a key press: phones play nothing before. */
  unlock() {
    this.#context ??= makeContext();
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
    buzz(tune.buzz);
    const context = this.#context;
    if (!context || !this.#master || this.#volume === 0) return;
    if (context.state !== 'running' && hasBeenTapped()) context.resume().catch(() => {});
    const out = this.#panned(context, tune.pan ?? 0);
    for (const note of tune.notes) ring(context, out, tune.wave ?? 'triangle', note);
  }

  /** Says words aloud, in place of what was being said. @param {string} words */
  say(words) {
    if (!('speechSynthesis' in globalThis) || this.#volume === 0) return;
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = document.documentElement.lang;
    utterance.volume = this.#volume;
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }

  /** The receiver's own "stop", at the instant of the tap. */
  shout() {
    this.play('stop');
    this.say(t('cue_stop'));
  }

  /** Sounds this alarm until another, or none, takes its place. @param {Alarm | null} alarm */
  alarm(alarm) {
    if (alarm === this.#alarm) return;
    this.#alarm = alarm;
    clearInterval(this.#repeat);
    if (!alarm) {
      buzz([0]);
      return;
    }
    const { tune, every, words, wordsEach } = ALARMS[alarm];
    let times = 0;
    const once = () => {
      this.play(tune);
      if (words && times % wordsEach === 0) this.say(t(words));
      times += 1;
    };
    once();
    this.#repeat = setInterval(once, every);
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
