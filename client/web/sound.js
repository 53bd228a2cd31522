//! Sound, speech and vibration. Each cue has its own tune, alarms repeat until their reason is gone,
//! and the receiver's own "stop" is shouted before any network. Unlocked inside the first tap, as
//! phones demand. Turning the volume down never hides anything on the screen.

import { ALARMS, soundOf } from './alarms.js';
import { locale, spoken, t } from './i18n/index.js';
import { attempt, buzz, newAudioContext, speak, voices, wasTapped } from './optional.js';
import { TUNES, lengthOf } from './tunes.js';
import { canSay, voiceFor } from './voice.js';

/** @import { Sounding } from './alarms.js' */
/** @import { Note, Tune, TuneName } from './tunes.js' */

/** Whether sound is heard, as far as a page can know: `unknown` before the first tap; `interrupted` by
 * a call or another app; `silent` if the browser lets nothing sound although it was tapped.
 * @typedef {'unknown' | 'yes' | 'interrupted' | 'silent'} Hearing */

/** A context that says it runs while its clock stands still for this long is dead, in milliseconds.
 * iPhones leave such ones behind after a call. */
const DEAD_MS = 1_000;
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
  /** What the context's clock read when it was last seen to move, and when that was. */
  #ticked = { time: -1, at: 0 };
  /** @type {Hearing} */
  hearing = 'unknown';
  #changed;
  #makeContext;

  /**
   * @param {number} volume 0 to 1
   * @param {() => void} [changed] `hearing` is another.
   * @param {() => AudioContext | null} [make] A parameter so that tests can be other browsers.
   */
  constructor(volume, changed = () => {}, make = newAudioContext) {
    this.#volume = volume;
    this.#changed = changed;
    this.#makeContext = make;
  }

  /** Whether the browser plays nothing although it was tapped. */
  get silent() {
    return this.hearing === 'silent' || this.hearing === 'interrupted';
  }

  /** To be called inside a tap or a key press: phones play nothing before. */
  unlock() {
    attempt(() => this.#unlock(), null);
  }

  #unlock() {
    // Resuming what a call interrupted leaves a context that runs and stays silent: only a new one helps.
    if (this.#context && (stateOf(this.#context) === 'interrupted' || this.#isDead(this.#context))) this.#drop();
    if (!this.#context) this.#begin();
    const context = this.#context;
    if (context && context.state !== 'running') this.#resume(context);
    if (!this.#spoke) {
      this.#spoke = true;
      speak(' ', { volume: 0, after: true });
    }
  }

  /** The page is seen again: what was put to sleep meanwhile wakes up, if it may without a tap. */
  wake() {
    attempt(() => {
      const context = this.#context;
      if (context && stateOf(context) === 'suspended') this.#resume(context);
    }, null);
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
    attempt(() => this.#sound(tune, wait), null);
  }

  /** @param {Tune} tune @param {number} wait Until it begins, in milliseconds. */
  #sound(tune, wait) {
    const context = this.#context;
    if (!context || !this.#master || this.#volume === 0) return;
    if (stateOf(context) === 'suspended' && wasTapped()) this.#resume(context);
    const out = this.#panned(context, tune.pan ?? 0);
    for (const [pitch, start, length] of tune.notes) {
      ring(context, out, tune.wave ?? 'triangle', [pitch, start + wait / 1_000, length]);
    }
  }

  /** Says words aloud, in place of what was being said or after it; not at all where every voice is
   * of another language. @param {string} words @param {boolean} [after] */
  say(words, after = false) {
    if (this.#volume === 0) return;
    const all = voices();
    if (!canSay(all, locale())) return;
    const voice = voiceFor(all, locale());
    speak(spoken(words), { voice, lang: voice?.lang ?? locale(), volume: this.#volume, after });
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

  #begin() {
    const context = attempt(() => this.#makeContext(), null);
    if (!context) return;
    this.#context = context;
    this.#ticked = { time: -1, at: 0 };
    const limiter = context.createDynamicsCompressor();
    const master = context.createGain();
    master.connect(limiter).connect(context.destination);
    this.#master = master;
    this.#loudness();
    const look = () => {
      if (this.#context !== context) return;
      const state = stateOf(context);
      // A call is over when the browser says "suspended"; before that it refuses.
      if (state === 'suspended' && this.hearing === 'interrupted') this.#resume(context);
      if (state === 'running') this.#hears('yes');
      else if (state === 'interrupted') this.#hears('interrupted');
    };
    context.addEventListener('statechange', look);
    look();
    setTimeout(() => {
      if (this.#context === context && stateOf(context) === 'suspended') this.#hears('silent');
    }, SILENT_MS);
  }

  #drop() {
    const old = this.#context;
    this.#context = this.#master = null;
    attempt(() => old?.close(), null);
  }

  /** @param {AudioContext} context */
  #resume(context) {
    const refused = () => {
      if (this.#context === context && this.hearing !== 'interrupted') this.#hears('silent');
    };
    // A promise that never settles is noticed by SILENT_MS.
    attempt(() => context.resume().catch(refused), null);
  }

  /** @param {AudioContext} context */
  #isDead(context) {
    const at = performance.now();
    if (context.state !== 'running' || context.currentTime !== this.#ticked.time) {
      this.#ticked = { time: context.currentTime, at };
      return false;
    }
    return at - this.#ticked.at > DEAD_MS;
  }

  /** @param {Hearing} hearing */
  #hears(hearing) {
    if (hearing === this.hearing) return;
    this.hearing = hearing;
    this.#changed();
  }

  #loudness() {
    const master = this.#master;
    if (master) attempt(() => (master.gain.value = this.#volume ** 2), null);
  }

  /** @param {AudioContext} context @param {number} pan -1 left to 1 right @returns {AudioNode} */
  #panned(context, pan) {
    const master = this.#master ?? context.destination;
    if (pan === 0) return master;
    return attempt(() => {
      const panner = context.createStereoPanner();
      panner.pan.value = pan;
      panner.connect(master);
      return panner;
    }, master);
  }
}

/** Not every browser knows the state that iPhones have beside the three others.
 * @param {AudioContext} context @returns {string} */
function stateOf(context) {
  return context.state;
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
