//! Sound, speech and vibration. Each cue has its own tune, alarms repeat until their cause is gone, and the
//! receiver's own "stop" is spoken without waiting for the network. The first tap unlocks sound, as phones
//! require. The volume never hides anything on the screen.

import { ALARMS, soundOf } from './alarms.js';
import { locale, spoken, t } from '../i18n/index.js';
import { attempt, buzz, newAudioContext, speak, voices, wasTapped } from '../device/optional.js';
import { TUNES, lengthOf } from './tunes.js';
import { canSay, voiceFor } from './voice.js';

/** @import { Sounding } from './alarms.js' */
/** @import { TuneName } from './tunes.js' */
/** @import { Note, Tune } from '../ui/cues.js' */

/** Whether sound plays, as far as a page can tell. `unknown`: before the first tap. `interrupted`: by a call
 * or another app. `silent`: the browser plays nothing although the page was tapped.
 * @typedef {'unknown' | 'yes' | 'interrupted' | 'silent'} Hearing */

/** A running context whose clock stands still for longer than this is dead, in milliseconds. iPhones leave
 * such contexts after a call. */
const DEAD_MS = 1_000;
/** The timeout for sound to start after a tap, in milliseconds. A browser without an audio output never
 * answers. */
const SILENT_MS = 2_000;
/** The pause before a receipt, in milliseconds, so that it does not sound like the end of what it answers. */
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
  /** When the current sound ends, on the clock of the page. */
  #busyUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #buzzLater;
  /** The context's clock when it last advanced, and when that was seen. */
  #ticked = { time: -1, at: 0 };
  /** @type {Hearing} */
  hearing = 'unknown';
  #changed;
  #makeContext;

  /**
   * @param {number} volume 0 to 1
   * @param {() => void} [changed] Called when `hearing` changes.
   * @param {() => AudioContext | null} [make] A parameter, so that tests can simulate other browsers.
   */
  constructor(volume, changed = () => {}, make = newAudioContext) {
    this.#volume = volume;
    this.#changed = changed;
    this.#makeContext = make;
  }

  /** Whether the browser plays nothing although the page was tapped. */
  get silent() {
    return this.hearing === 'silent' || this.hearing === 'interrupted';
  }

  /** Call this inside a tap or a key press, because phones play nothing before one. */
  unlock() {
    attempt(() => this.#unlock(), null);
  }

  #unlock() {
    // A context that is resumed after a call runs but stays silent, so it is replaced.
    if (this.#context && (stateOf(this.#context) === 'interrupted' || this.#isDead(this.#context))) this.#drop();
    if (!this.#context) this.#begin();
    const context = this.#context;
    if (context && context.state !== 'running') this.#resume(context);
    if (!this.#spoke) {
      this.#spoke = true;
      speak(' ', { volume: 0, after: true });
    }
  }

  /** Resumes a suspended context when the page is visible again, if the browser allows it without a tap. */
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

  /** Plays a tune once, and vibrates. @param {TuneName} name */
  play(name) {
    const tune = TUNES[name];
    const now = performance.now();
    const wait = tune.follows ? Math.max(0, this.#busyUntil + PAUSE_MS - now) : 0;
    this.#busyUntil = now + wait + lengthOf(tune);
    // A vibration replaces the one before it, so a receipt's vibration has to wait.
    clearTimeout(this.#buzzLater);
    if (wait > 0) this.#buzzLater = setTimeout(() => buzz(tune.buzz), wait);
    else buzz(tune.buzz);
    attempt(() => this.#sound(tune, wait), null);
  }

  /** @param {Tune} tune @param {number} wait The delay before it begins, in milliseconds. */
  #sound(tune, wait) {
    const context = this.#context;
    if (!context || !this.#master || this.#volume === 0) return;
    if (stateOf(context) === 'suspended' && wasTapped()) this.#resume(context);
    const out = this.#panned(context, tune.pan ?? 0);
    for (const [pitch, start, length] of tune.notes) {
      ring(context, out, tune.wave ?? 'triangle', [pitch, start + wait / 1_000, length]);
    }
  }

  /** Speaks words, in place of the current speech or after it. It says nothing if every voice is of another
   * language. @param {string} words @param {boolean} [after] */
  say(words, after = false) {
    if (this.#volume === 0) return;
    const all = voices();
    if (!canSay(all, locale())) return;
    const voice = voiceFor(all, locale());
    speak(spoken(words), { voice, lang: voice?.lang ?? locale(), volume: this.#volume, after });
  }

  /** Sounds and speaks the receiver's own "stop", at the moment of the tap. */
  shout() {
    this.play('stop');
    this.say(t('cue_stop'));
  }

  /** Repeats this alarm until another alarm, or none, replaces it. @param {Sounding | null} alarm */
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
      // The browser reports "suspended" when a call is over. Before that it refuses to resume.
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
    // SILENT_MS covers a promise that never settles.
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

/** The state of a context, as a string because iPhones have one more than the three of the standard.
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
  // Short ramps avoid a click at the beginning and the end of every note.
  envelope.gain.setValueAtTime(0, from);
  envelope.gain.linearRampToValueAtTime(0.8, from + 0.012);
  envelope.gain.setValueAtTime(0.8, from + length - 0.03);
  envelope.gain.linearRampToValueAtTime(0, from + length);
  oscillator.connect(envelope).connect(out);
  oscillator.start(from);
  oscillator.stop(from + length);
}
