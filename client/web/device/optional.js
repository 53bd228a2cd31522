//! Browser features that may be missing, forbidden or broken, and that Tapcue works without: sound, speech,
//! vibration, storage, the address bar's history and more. Only this module uses them. No exception and no
//! rejected promise leaves it, and every wait has a timeout.

/** The timeout for an answer, in milliseconds. */
const ANSWER_MS = 4_000;

/**
 * Returns what `use` returns, or `otherwise` if it throws or returns nothing. If it returns a promise, a
 * rejection is ignored.
 * @template Value, Instead
 * @param {() => Value} use
 * @param {Instead} otherwise
 * @returns {NonNullable<Value> | Instead}
 */
export function attempt(use, otherwise) {
  try {
    const value = use();
    if (isPromise(value)) value.then(undefined, () => {});
    return value ?? otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * Returns the answer of `ask`; null if it throws, rejects or times out.
 * @template Value
 * @param {() => Promise<Value> | Value} ask
 * @param {number} [patience] In milliseconds.
 * @returns {Promise<Value | null>}
 */
export function answerOf(ask, patience = ANSWER_MS) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), patience);
    const settle = (/** @type {Value | null} */ value) => {
      clearTimeout(timer);
      resolve(value);
    };
    const value = attempt(ask, null);
    if (isPromise(value)) value.then(settle, () => settle(null));
    else settle(value);
  });
}

/** @param {unknown} value @returns {value is PromiseLike<any>} */
function isPromise(value) {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Whether this page was tapped, so that it may sound and vibrate. True if the browser does not report it. */
export function wasTapped() {
  return attempt(() => navigator.userActivation.hasBeenActive, true);
}

/** Vibrates. @param {number[]} pattern Milliseconds on and off, in turn. */
export function buzz(pattern) {
  if (wasTapped()) attempt(() => navigator.vibrate(pattern), false);
}

/** Whether the browser offers to vibrate. */
export function canBuzz() {
  return attempt(() => typeof navigator.vibrate === 'function', false);
}

/** @returns {AudioContext | null} */
export function newAudioContext() {
  // Without this an iPhone's silent switch also silences the alarms.
  attempt(() => {
    const media = /** @type {{ audioSession?: { type: string } }} */ (navigator);
    if (media.audioSession) media.audioSession.type = 'playback';
  }, null);
  return attempt(() => {
    const Context = audioClass();
    return Context ? new Context() : null;
  }, null);
}

/** Whether the browser offers sound. */
export function canSound() {
  return attempt(() => typeof audioClass() === 'function', false);
}

function audioClass() {
  const old = /** @type {{ webkitAudioContext?: typeof AudioContext }} */ (globalThis);
  return globalThis.AudioContext ?? old.webkitAudioContext;
}

/** Whether the browser offers speech. */
export function canSpeak() {
  return attempt(() => typeof speechSynthesis.speak === 'function', false);
}

/** The voices that the browser lists. @returns {SpeechSynthesisVoice[]} */
export function voices() {
  return attempt(() => [...speechSynthesis.getVoices()].filter((voice) => typeof voice.lang === 'string'), []);
}

/** Calls `found` when the browser's list of voices changes. @param {() => void} found */
export function onVoices(found) {
  attempt(() => speechSynthesis.addEventListener('voiceschanged', found), null);
}

/**
 * Speaks words, in place of the current speech or after it.
 * @param {string} words
 * @param {{ voice?: SpeechSynthesisVoice | null, lang?: string, volume: number, after: boolean }} how
 */
export function speak(words, { voice = null, lang, volume, after }) {
  attempt(() => {
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.voice = voice;
    if (lang !== undefined) utterance.lang = lang;
    utterance.volume = volume;
    // A browser that cannot cancel speech may still speak.
    if (!after) attempt(() => speechSynthesis.cancel(), null);
    speechSynthesis.speak(utterance);
  }, null);
}

/** The text stored under a key.
 * @param {'tab' | 'device'} where @param {string} key @returns {string | null} */
export function kept(where, key) {
  const text = attempt(() => storage(where).getItem(key), null);
  return typeof text === 'string' ? text : null;
}

/** Stores a text under a key, or removes it. Returns whether that worked.
 * @param {'tab' | 'device'} where @param {string} key @param {string | null} text */
export function keep(where, key, text) {
  attempt(() => (text === null ? storage(where).removeItem(key) : storage(where).setItem(key, text)), null);
  return kept(where, key) === text;
}

/** @param {'tab' | 'device'} where */
function storage(where) {
  return where === 'tab' ? sessionStorage : localStorage;
}

/** Whether a media query matches. @param {string} query */
export function matches(query) {
  return attempt(() => matchMedia(query).matches === true, false);
}

/** Replaces the address in the address bar. Returns whether that worked. @param {string} address */
export function replaceAddress(address) {
  return attempt(() => {
    history.replaceState(history.state, '', address);
    return true;
  }, false);
}

/** Adds an entry to the browser's history. @param {unknown} state */
export function pushStep(state) {
  attempt(() => history.pushState(state, ''), null);
}

/** Goes back one entry in the browser's history. */
export function stepBack() {
  attempt(() => history.back(), null);
}

/** The state of the current entry in the browser's history. @returns {unknown} */
export function presentStep() {
  return attempt(() => history.state, null);
}

/** @returns {Pick<WakeLock, 'request'> | null} */
export function wakeLock() {
  return attempt(() => navigator.wakeLock, null);
}

/** Whether the browser can share a link with another app. */
export function canShare() {
  return attempt(() => typeof navigator.share === 'function', false);
}

/**
 * Shares something with another app. `cancelled`: the person chose no app.
 * @param {ShareData} what
 * @returns {Promise<'shared' | 'cancelled' | 'failed'>}
 */
export async function shareWith(what) {
  try {
    await navigator.share(what);
    return 'shared';
  } catch (error) {
    return attempt(() => /** @type {{ name?: unknown }} */ (error).name === 'AbortError', false) ? 'cancelled' : 'failed';
  }
}

/** Copies a text. Returns whether that worked. @param {string} text @returns {Promise<boolean>} */
export async function copy(text) {
  const copied = await answerOf(async () => {
    await navigator.clipboard.writeText(text);
    return true;
  });
  return copied ?? copyTheOldWay(text);
}

/** Copies a text over plain http, where the browser offers no clipboard. @param {string} text */
function copyTheOldWay(text) {
  return attempt(() => {
    const focused = document.activeElement;
    const field = document.createElement('textarea');
    field.className = 'unseen';
    field.readOnly = true;
    field.value = text;
    document.body.append(field);
    try {
      field.select();
      return document.execCommand('copy') === true;
    } finally {
      field.remove();
      if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    }
  }, false);
}

/** @returns {ServiceWorkerContainer | null} */
export function serviceWorkers() {
  return attempt(() => navigator.serviceWorker, null);
}

/** Holds a shared lock while `held` is pending. @param {string} name @param {Promise<unknown>} held */
export function shareLock(name, held) {
  attempt(() => navigator.locks.request(name, { mode: 'shared' }, () => held), null);
}

/** A channel to this browser's other tabs of the same origin. @param {string} name @returns {BroadcastChannel | null} */
export function channel(name) {
  return attempt(() => new BroadcastChannel(name), null);
}

/** Whether the browser can fetch. */
export function canFetch() {
  return attempt(() => typeof fetch === 'function', false);
}

/** Whether the browser has WebSockets. */
export function canConnect() {
  return attempt(() => typeof WebSocket === 'function', false);
}

/** Whether the browser reports that this device has no network. */
export function isOffline() {
  return attempt(() => navigator.onLine === false, false);
}

/** Fetches an address; null if there is no answer in time.
 * @param {string} address @param {RequestInit} [how] @param {number} [patience] In milliseconds. */
export function ask(address, how = {}, patience = ANSWER_MS) {
  return answerOf(() => fetch(address, { ...how, signal: timeLimit(patience) }), patience);
}

/** A signal that ends a request after a time; null if the browser cannot do that. @param {number} ms */
export function timeLimit(ms) {
  return attempt(() => AbortSignal.timeout(ms), null);
}

/** Random bytes. If the browser has no secure source, they are unique enough for an id but unfit for a
 * secret. @param {number} count */
export function randomBytes(count) {
  const likely = () => Uint8Array.from({ length: count }, () => Math.random() * 256);
  return attempt(() => crypto.getRandomValues(new Uint8Array(count)), null) ?? likely();
}
