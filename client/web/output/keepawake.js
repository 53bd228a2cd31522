//! Keeps the screen on during a session: by the wake lock where the page is secure, otherwise by a
//! silent video that plays in a corner.
//!
//! A video keeps an iPhone awake only if it is on the screen, has a sound track and is not muted. A video
//! that loops by itself or is drawn from a canvas does not. Before iOS 18.4, pages on an iPhone's home
//! screen are granted a wake lock that does nothing, so they use both.

import { attempt, wakeLock } from '../device/optional.js';

/** @typedef {'off' | 'asked' | 'lock' | 'video' | 'refused'} Awake How the screen is kept on now;
 *   `refused`: it should be kept on, but is not. */

/**
 * What this needs from a browser. A parameter, so that tests can simulate other browsers.
 * @typedef {object} Hands
 * @property {Pick<WakeLock, 'request'> | null} wakeLock
 * @property {boolean} both Whether a wake lock that is granted may do nothing.
 * @property {() => Promise<HTMLVideoElement | null>} makeVideo Null if it cannot be played here.
 * @property {() => boolean} visible
 */

/** The video jumps back to its start this long before its end, in seconds, because the screen may sleep
 * when it ends. */
const BEFORE_END_S = 2;
/** The timeout for a wake lock, in milliseconds. Then the video plays. */
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

  /** @param {Hands} hands @param {() => void} changed Called when `state` changes. */
  constructor(hands, changed) {
    this.#hands = hands;
    this.#changed = changed;
  }

  /** Loads the video where one is needed, because a tap cannot wait for it. */
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

  /** Asks again, because a hidden page, a low battery or a call may have ended it. */
  again() {
    if (!this.#wanted || !this.#hands.visible()) return;
    if (this.#hands.wakeLock) this.#ask(this.#hands.wakeLock);
    if (!this.#hands.wakeLock || this.#hands.both) this.#play();
  }

  /** Call this inside a tap or a key press, because phones play nothing before one. */
  touched() {
    const video = this.#video;
    if (this.#wanted) {
      if (this.state === 'refused' || video?.paused) this.again();
    } else if (video && !this.#primed) {
      // A video that was played inside a tap may be played later without one.
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

  /** Handles a lock that the browser released. A hidden page asks again when it becomes visible. */
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
      // A call or another app's sound pauses the video.
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

/** The features of this browser. @param {boolean} both @returns {Hands} */
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
