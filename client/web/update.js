//! The page and the relay it talks to: whether one answers, and whether both are of one version. An
//! installed page is kept by its service worker, so it starts without a relay, and may be older than
//! the relay that answers. It is made new while nobody is in a session; one whose protocol the relay
//! does not speak has no session to lose.

import { answerOf, ask, attempt, canConnect, canFetch, isOffline, keep, kept, serviceWorkers, shareLock } from './optional.js';
import { SUBPROTOCOL } from './socket.js';

/** `trust`: the relay has an authority of its own, and a page about trusting it.
 * @typedef {{ web: string, protocol: string, trust: boolean }} Version */
/** @typedef {'stay' | 'renew' | 'stuck'} Verdict */
/** Whether there is a way to the relay. `other`: it speaks another protocol, and making the page new did
 * not help. `foreign`: something else answers in its place. `busy`: it, or what stands before it, takes
 * nobody just now. `blocked`: it answers, but no WebSocket opens. `no_…`: this browser lacks a function.
 * @typedef {'unknown' | 'here' | 'gone' | 'other' | 'offline' | 'foreign' | 'busy' | 'blocked' | 'no_fetch'
 *   | 'no_socket'} Reach */

/** Where a relay says what it has. */
const ADDRESS = '/version';
/** After this long without an answer there is none, in milliseconds. */
const PATIENCE_MS = 4_000;
/** How often a relay that did not answer is asked again, in milliseconds. */
const AGAIN_MS = 5_000;
/** How long a new service worker may take to take over, in milliseconds. */
const TAKE_OVER_MS = 5_000;
/** Which version of a relay this tab was made new for. */
const RENEWED = 'tapcue.renewed';
/** Held, shared, by every page that is in a session: client/web/worker/sw.js. */
const SESSION_LOCK = 'tapcue.session';

/** Which version this page is of; null if its address does not say.
 * @param {string} address @returns {string | null} */
export function versionOf(address) {
  return /\/v\/(\w+)\//.exec(address)?.[1] ?? null;
}

/**
 * What a page of `web` is to do about a relay that has `theirs`.
 * @param {string | null} web
 * @param {Version} theirs
 * @param {{ idle: boolean, tried: string | null }} now `idle`: nothing would be lost. `tried`: the
 *   version of a relay that this tab was made new for before.
 * @returns {Verdict}
 */
export function verdict(web, theirs, { idle, tried }) {
  const again = tried === theirs.web;
  if (theirs.protocol !== SUBPROTOCOL) return again ? 'stuck' : 'renew';
  if (web === null || web === theirs.web || !idle || again) return 'stay';
  return 'renew';
}

/** What an answer says; null if it is none of a relay's. @param {string} text @returns {Version | null} */
export function versionIn(text) {
  try {
    const { web, protocol, trust } = JSON.parse(text);
    return typeof web === 'string' && typeof protocol === 'string' ? { web, protocol, trust: trust === true } : null;
  } catch {
    return null;
  }
}

export class Relay {
  /** @type {Reach} */
  reach = 'unknown';
  /** Whether the browser keeps the page. Not by plain http, nor in some private windows. */
  kept = serviceWorkers() !== null;
  /** Whether it can be trusted, and by that come to by https. */
  trust = false;
  #idle;
  #changed;
  /** Whether a page that asked finds no WebSocket open. */
  #shut = false;
  #web = versionOf(import.meta.url);
  /** @type {Promise<void> | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** Lets go of the lock that says that this page is in a session. @type {(() => void) | null} */
  #release = null;

  /**
   * @param {() => boolean} idle Whether nothing would be lost by loading the page anew.
   * @param {() => void} changed `reach`, `kept` or `trust` is another.
   */
  constructor(idle, changed) {
    this.#idle = idle;
    this.#changed = changed;
  }

  /** Keeps the page for the next start, and asks the relay from now on. */
  start() {
    // What cannot be kept is loaded from the relay as ever.
    const lost = () => {
      this.kept = false;
      this.#changed();
    };
    const workers = serviceWorkers();
    if (workers) attempt(() => workers.register('/sw.js', { updateViaCache: 'none' }).catch(lost), null);
    document.addEventListener('visibilitychange', () => this.ask());
    addEventListener('pageshow', (event) => event.persisted && this.ask());
    addEventListener('online', () => this.ask());
    this.ask();
  }

  /** Asks whether a relay answers, and which version it has. A page that nobody sees does not ask.
   * @param {boolean} [shut] Whether no WebSocket opens. */
  ask(shut = false) {
    this.#shut = shut;
    clearTimeout(this.#again);
    if (document.visibilityState !== 'visible') return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
  }

  /** While a page is in a session no other page of this browser makes the worker new under it.
   * @param {boolean} on */
  inSession(on) {
    if (on === (this.#release !== null)) return;
    if (!on) {
      this.#release?.();
      this.#release = null;
      this.ask();
      return;
    }
    const over = new Promise((resolve) => (this.#release = () => resolve(undefined)));
    shareLock(SESSION_LOCK, over);
  }

  async #ask() {
    const theirs = await version();
    if (typeof theirs === 'string') {
      this.#is(theirs);
      this.#again = setTimeout(() => this.ask(this.#shut), AGAIN_MS);
      return;
    }
    if (theirs.trust !== this.trust) {
      this.trust = theirs.trust;
      this.#changed();
    }
    const what = verdict(this.#web, theirs, { idle: this.#idle(), tried: kept('tab', RENEWED) });
    this.#is(what === 'stuck' ? 'other' : this.#shut ? 'blocked' : 'here');
    if (what === 'renew') await this.#renew(theirs);
  }

  /** @param {Reach} reach */
  #is(reach) {
    if (reach === this.reach) return;
    this.reach = reach;
    this.#changed();
  }

  /** @param {Version} theirs */
  async #renew(theirs) {
    const must = theirs.protocol !== SUBPROTOCOL;
    if (!(await workerIsNew(must)) || !(must || this.#idle())) return;
    // Without storage nothing says that it was tried: rather an old page than one without end.
    if (!keep('tab', RENEWED, theirs.web)) return;
    location.reload();
  }
}

/** Which version the relay has, or why nobody knows. @returns {Promise<Version | Reach>} */
async function version() {
  if (!canFetch()) return 'no_fetch';
  if (!canConnect()) return 'no_socket';
  // A network's sign-in page is often come to by a redirection: it is not followed.
  const answer = await ask(ADDRESS, { cache: 'no-store', redirect: 'manual' }, PATIENCE_MS);
  if (!answer) return isOffline() ? 'offline' : 'gone';
  const text = answer.ok ? await answerOf(() => answer.text(), PATIENCE_MS) : null;
  return (text === null ? null : versionIn(text)) ?? whoAnswers(answer);
}

/** Who answers in place of a relay. @param {Pick<Response, 'status'>} answer @returns {Reach} */
export function whoAnswers({ status }) {
  if (status === 429 || status === 503) return 'busy';
  // A proxy says of a relay that does not run: bad gateway, gateway timeout.
  return status === 500 || status === 502 || status === 504 ? 'gone' : 'foreign';
}

/** Makes the service worker that of the relay. Whether loading the page anew gives a new one.
 * @param {boolean} must Whether pages in a session count for nothing.
 * @returns {Promise<boolean>} */
async function workerIsNew(must) {
  try {
    const registration = await serviceWorkers()?.getRegistration();
    if (!registration?.active) return true;
    await registration.update();
    const next = registration.installing ?? registration.waiting;
    if (!next) return true;
    if (!(await becomes(next, 'installed'))) return false;
    next.postMessage(must ? 'take over now' : 'take over');
    return await becomes(next, 'activated');
  } catch {
    return false;
  }
}

/** @param {ServiceWorker} worker @param {'installed' | 'activated'} state @returns {Promise<boolean>} */
function becomes(worker, state) {
  const is = () => worker.state === state || (state === 'installed' && worker.state !== 'installing');
  return new Promise((resolve) => {
    const look = () => {
      const gone = worker.state === 'redundant';
      if (gone || is()) resolve(!gone);
    };
    worker.addEventListener('statechange', look);
    setTimeout(() => resolve(is()), TAKE_OVER_MS);
    look();
  });
}
