//! Keeps the screen on during a session: by the wake lock where the page is secure, otherwise by a
//! silent video that plays in a corner.
//!
//! What keeps an iPhone awake is a video on the screen that has a sound track and is not muted; one
//! that loops by itself, or draws from a canvas, does not. Pages on an iPhone's home screen are granted
//! a wake lock that does nothing before iOS 18.4, so they do both.

import { attempt, wakeLock } from './optional.js';

/** @typedef {'off' | 'asked' | 'lock' | 'video' | 'refused'} Awake How the screen is kept on just now;
 *   `refused`: it is not, and should be. */

/**
 * What it needs of a browser; a parameter so that tests can be other browsers.
 * @typedef {object} Hands
 * @property {Pick<WakeLock, 'request'> | null} wakeLock
 * @property {boolean} both Whether a wake lock that is granted may do nothing.
 * @property {() => Promise<HTMLVideoElement | null>} makeVideo Null if it cannot be played here.
 * @property {() => boolean} visible
 */

/** This long before its end the video goes back to its beginning, in seconds: at the end the screen
 * would be free to sleep. */
const BEFORE_END_S = 2;
/** A wake lock that is not granted within this is not waited for, in milliseconds. */
const GRANT_MS = 2_000;

export class KeepAwake {
  /** @type {Awake} */
  state = 'off';
  #hands;
  #changed;
  #wanted = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #asking = false;
  /** @type {HTMLVideoElement | null} */
  #video = null;
  #primed = false;

  /** @param {Hands} hands @param {() => void} changed `state` is another. */
  constructor(hands, changed) {
    this.#hands = hands;
    this.#changed = changed;
  }

  /** Makes the video ready where one is needed: a tap has no time to wait for it. */
  async prepare() {
    if (this.#hands.wakeLock && !this.#hands.both) return;
    await this.#load();
  }

  /** Keeps the screen on, or lets it sleep again. @param {boolean} awake */
  keep(awake) {
    if (awake === this.#wanted) return;
    this.#wanted = awake;
    if (awake) {
      this.#is('asked');
      this.again();
    } else {
      release(this.#lock);
      this.#lock = null;
      attempt(() => this.#video?.pause(), null);
      this.#is('off');
    }
  }

  /** Something may have ended it: the page was hidden, the battery is low, a call came in. */
  again() {
    if (!this.#wanted || !this.#hands.visible()) return;
    if (this.#hands.wakeLock) this.#ask(this.#hands.wakeLock);
    if (!this.#hands.wakeLock || this.#hands.both) this.#play();
  }

  /** To be called inside a tap or a key press: phones play nothing before. */
  touched() {
    const video = this.#video;
    if (this.#wanted) {
      if (this.state === 'refused' || video?.paused) this.again();
    } else if (video && !this.#primed) {
      // What was played inside a tap may be played later without one.
      this.#primed = true;
      const again = () => (this.#primed = false);
      attempt(() => video.play().then(() => this.#wanted || video.pause(), again), null);
    }
  }

  /** @param {Pick<WakeLock, 'request'>} wakeLock */
  #ask(wakeLock) {
    if (this.#asking || this.#lock) return;
    this.#asking = true;
    const refused = () => {
      clearTimeout(late);
      this.#asking = false;
      if (this.#wanted) this.#play();
    };
    const late = setTimeout(() => this.#wanted && !this.#lock && this.#play(), GRANT_MS);
    const asked = attempt(() => wakeLock.request('screen'), null);
    if (!asked) {
      refused();
      return;
    }
    asked
      .then((granted) => {
        clearTimeout(late);
        this.#asking = false;
        if (!this.#wanted) {
          release(granted);
          return;
        }
        granted.addEventListener('release', () => {
          if (this.#lock === granted) this.#lost();
        });
        this.#lock = granted;
        this.#is('lock');
      })
      .catch(refused);
  }

  /** The browser took the lock away. If the page is hidden it is asked for again when it is seen. */
  #lost() {
    this.#lock = null;
    if (!this.#wanted) return;
    this.#is('asked');
    this.again();
  }

  async #play() {
    const video = await this.#load();
    if (!this.#wanted || !this.#hands.visible()) return;
    try {
      if (!video) throw new TypeError('no video');
      await video.play();
      if (!this.#wanted) attempt(() => video.pause(), null);
      else if (!this.#lock) this.#is('video');
    } catch {
      if (this.#wanted && !this.#lock) this.#is('refused');
    }
  }

  async #load() {
    this.#video ??= await attempt(() => this.#hands.makeVideo().catch(() => null), null);
    const video = this.#video;
    if (video && !video.ontimeupdate) {
      video.ontimeupdate = () => {
        if (video.currentTime > video.duration - BEFORE_END_S) video.currentTime = 0;
      };
      // A call or another app's sound pauses it.
      video.onpause = () => this.#wanted && this.again();
    }
    return video;
  }

  /** @param {Awake} state */
  #is(state) {
    if (state === this.state) return;
    this.state = state;
    this.#changed();
  }
}

/** @param {Pick<WakeLockSentinel, 'release'> | null} lock */
function release(lock) {
  attempt(() => lock?.release(), null);
}

/** What this browser has. @param {boolean} both @returns {Hands} */
export function handsOf(both) {
  /** @type {Promise<HTMLVideoElement | null> | null} */
  let making = null;
  return {
    wakeLock: wakeLock(),
    both,
    makeVideo: () => (making ??= silentVideo()),
    visible: () => document.visibilityState === 'visible',
  };
}

/** Whether this browser plays the video. */
export function playsVideo() {
  const plays = () => document.createElement('video').canPlayType('video/mp4; codecs="avc1.42E00A, mp4a.40.2"');
  return attempt(plays, '') !== '';
}

async function silentVideo() {
  if (!playsVideo()) return null;
  const { VIDEO } = await import('./awake-video.js');
  const video = document.createElement('video');
  video.className = 'keep-awake';
  video.playsInline = true;
  video.disableRemotePlayback = true;
  video.setAttribute('aria-hidden', 'true');
  video.src = VIDEO;
  document.body.append(video);
  return video;
}
