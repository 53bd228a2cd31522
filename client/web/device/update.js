//! Checks whether the relay answers and whether it has the same version as the page. A service worker
//! stores an installed page, so the page starts without a relay and may be older than the relay. The page
//! is updated while no session is active. If the relay does not speak the page's protocol, the page is
//! updated at any time, because no session is possible.

import { answerOf, ask, attempt, canConnect, canFetch, isOffline, keep, kept, serviceWorkers, shareLock } from './optional.js';
import { SUBPROTOCOL } from './socket.js';

/** `trust`: the relay has its own certificate authority, and a page about trusting it.
 * @typedef {{ web: string, protocol: string, trust: boolean }} Version */
/** @typedef {'stay' | 'renew' | 'stuck'} Verdict */
/** Whether the relay can be reached. `other`: it speaks another protocol, and an update of the page did not
 * help. `foreign`: another server answers. `busy`: the relay or a proxy accepts no requests now. `blocked`:
 * it answers, but no WebSocket opens. `no_…`: this browser lacks a function.
 * @typedef {'unknown' | 'here' | 'gone' | 'other' | 'offline' | 'foreign' | 'busy' | 'blocked' | 'no_fetch'
 *   | 'no_socket'} Reach */

/** The address at which a relay reports its version. */
const ADDRESS = '/version';
/** The timeout of a request, in milliseconds. */
const PATIENCE_MS = 4_000;
/** How often a relay that did not answer is asked again, in milliseconds. */
const AGAIN_MS = 5_000;
/** How long a new service worker may take to take over, in milliseconds. */
const TAKE_OVER_MS = 5_000;
/** The storage key of the relay version for which this tab was last updated. */
const RENEWED = 'tapcue.renewed';
/** A lock that every page in a session holds in shared mode. client/web/worker/sw.js checks it. */
const SESSION_LOCK = 'tapcue.session';

/** The version of this page; null if its address does not contain it.
 * @param {string} address @returns {string | null} */
export function versionOf(address) {
  return /\/v\/(\w+)\//.exec(address)?.[1] ?? null;
}

/**
 * What a page of version `web` does when the relay has `theirs`.
 * @param {string | null} web
 * @param {Version} theirs
 * @param {{ idle: boolean, tried: string | null }} now `idle`: a reload loses nothing. `tried`: the
 *   relay version for which this tab was last updated.
 * @returns {Verdict}
 */
export function verdict(web, theirs, { idle, tried }) {
  const again = tried === theirs.web;
  if (theirs.protocol !== SUBPROTOCOL) return again ? 'stuck' : 'renew';
  if (web === null || web === theirs.web || !idle || again) return 'stay';
  return 'renew';
}

/** The version in a relay's answer; null if it is none. @param {string} text @returns {Version | null} */
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
  /** Whether the browser stores the page. Plain http and some private windows do not allow it. */
  kept = serviceWorkers() !== null;
  /** Whether the relay has a page about trusting it, which makes https possible. */
  trust = false;
  #idle;
  #changed;
  /** Whether the page that asked could not open a WebSocket. */
  #shut = false;
  #web = versionOf(import.meta.url);
  /** @type {Promise<void> | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** Releases this page's session lock. @type {(() => void) | null} */
  #release = null;

  /**
   * @param {() => boolean} idle Whether a reload would lose nothing.
   * @param {() => void} changed Called when `reach`, `kept` or `trust` changes.
   */
  constructor(idle, changed) {
    this.#idle = idle;
    this.#changed = changed;
  }

  /** Stores the page for the next start, and asks the relay from now on. */
  start() {
    // A page that cannot be stored is loaded from the relay every time.
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

  /** Asks whether a relay answers, and which version it has. A hidden page does not ask.
   * @param {boolean} [shut] Whether no WebSocket opens. */
  ask(shut = false) {
    this.#shut = shut;
    clearTimeout(this.#again);
    if (document.visibilityState !== 'visible') return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
  }

  /** Holds a lock while this page is in a session, so that no other page of this browser updates the worker.
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
    // Without storage the page cannot note that it tried, and it would reload forever. An old page is better.
    if (!keep('tab', RENEWED, theirs.web)) return;
    location.reload();
  }
}

/** The relay's version, or why it is unknown. @returns {Promise<Version | Reach>} */
async function version() {
  if (!canFetch()) return 'no_fetch';
  if (!canConnect()) return 'no_socket';
  // A network often redirects to its sign-in page, so redirects are not followed.
  const answer = await ask(ADDRESS, { cache: 'no-store', redirect: 'manual' }, PATIENCE_MS);
  if (!answer) return isOffline() ? 'offline' : 'gone';
  const text = answer.ok ? await answerOf(() => answer.text(), PATIENCE_MS) : null;
  return (text === null ? null : versionIn(text)) ?? whoAnswers(answer);
}

/** What answers in place of a relay. @param {Pick<Response, 'status'>} answer @returns {Reach} */
export function whoAnswers({ status }) {
  if (status === 429 || status === 503) return 'busy';
  // A proxy answers for a relay that does not run: bad gateway, gateway timeout.
  return status === 500 || status === 502 || status === 504 ? 'gone' : 'foreign';
}

/** Updates the service worker to the relay's. Returns whether a reload gives a new page.
 * @param {boolean} must Whether to ignore pages that are in a session.
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
