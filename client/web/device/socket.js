//! Drives the device's machine with a real WebSocket, real timers and the page's visibility. It decides
//! nothing: link.js decides what to send, when to give up and what may be shown.

import { Clock, RelayClock } from './clock.js';
import { freshId } from './ids.js';
import { LOST_AFTER_MS } from './limits.js';
import { Link } from './link.js';
import { attempt } from './optional.js';

/** @import { Cue, ErrorCode, Pairing, Role, State, ToDevice, ToRelay, Welcome } from './protocol.d.ts' */
/** @import { LinkEffect as Effect, LinkInput as Input, View } from './protocol.d.ts' */

/** The WebSocket subprotocol. Source: shared/rules/src/message.rs. */
export const SUBPROTOCOL = 'tapcue.v1';
/** The close code of a connection that could not be opened. Source: RFC 6455. */
const NO_SOCKET = 1006;
/** The name and version of this client, for the transcript. */
export const CLIENT = 'web/0.1.0';

/**
 * The content of the machine and of the welcome at one moment.
 * @typedef {object} Snapshot
 * @property {number} now On the device's own clock.
 * @property {number} relayNow The relay's clock, as estimated here.
 * @property {State | null} state
 * @property {Role | null} role
 * @property {View} view
 * @property {Welcome | null} welcome The last welcome.
 * @property {Pairing | null} pairing How the other device can join, while it can.
 * @property {ErrorCode | null} error The relay's last error.
 * @property {string | null} field The field of the hello that this error is about.
 * @property {Role | null} deletedBy With the error `deleted`: who did it; null if the retention time ended.
 * @property {boolean} beenLive Whether this page has seen the session live.
 * @property {number} attempts How often the transport was opened.
 * @property {number} freshUntil When the relay's last status becomes stale, on the device's clock.
 * @property {boolean} resuming Whether this page returns to a place that it had before.
 */

/**
 * @typedef {object} Listener
 * @property {() => void} changed Update the screen, because something may have changed.
 * @property {() => void} shout Say "stop" aloud, before anything else.
 * @property {() => void} tooSoon Say that an action came too soon after its screen and had no effect.
 * @property {(welcome: Welcome) => void} welcomed This device has its place.
 * @property {(code: ErrorCode, id: string | null) => void} failed The relay refused something.
 */

/** One device in one session. */
export class Device {
  #link;
  #listener;
  #clock = new Clock();
  #relayClock = new RelayClock();
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Welcome | null} */
  #welcome = null;
  /** @type {Pairing | null} */
  #pairing = null;
  /** @type {ErrorCode | null} */
  #error = null;
  /** @type {string | null} */
  #field = null;
  /** @type {Role | null} */
  #deletedBy = null;
  #beenLive = false;
  /** Whether the current connection was welcomed. */
  #placed = false;
  #attempts = 0;
  #freshUntil = 0;
  #resuming;
  #undo = new AbortController();

  /**
   * @param {ToRelay} hello create, join or resume
   * @param {Listener} listener
   */
  constructor(hello, listener) {
    this.#link = new Link(hello);
    this.#listener = listener;
    this.#resuming = hello.type === 'resume';
  }

  /** Connects, and watches the page's visibility. */
  start() {
    const { signal } = this.#undo;
    const hidden = () => this.#give({ input: 'hidden' });
    const visible = () => {
      if (document.visibilityState === 'visible') this.#give({ input: 'visible' });
    };
    document.addEventListener(
      'visibilitychange',
      () => (document.visibilityState === 'visible' ? visible() : hidden()),
      { signal },
    );
    document.addEventListener('freeze', hidden, { signal });
    document.addEventListener('resume', visible, { signal });
    addEventListener('pagehide', hidden, { signal });
    addEventListener('pageshow', (event) => event.persisted && visible(), { signal });
    addEventListener('online', visible, { signal });
    this.#give({ input: 'start' });
    if (document.visibilityState !== 'visible') hidden();
  }

  /** Leaves for good: no more timers, events or sockets. */
  leave() {
    this.#undo.abort();
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** A person tapped a cue. @param {Cue} cue @param {number} [began] When the press began, from its event. */
  tap(cue, began) {
    this.#give({ input: 'tap', id: freshId(), cue, ...this.#began(began) });
  }

  /** Hold to consent: the receiver's thumb was put down, or lifted. @param {boolean} down @param {number} [began] */
  thumb(down, began) {
    this.#give({ input: 'thumb', id: freshId(), down, ...this.#began(began) });
  }

  /** A person said "seen" or "hands off". @param {number} [began] */
  acknowledge(began) {
    this.#give({ input: 'acknowledge', ...this.#began(began) });
  }

  /** The screen has painted this. @param {string} id @param {boolean} acknowledged For a hold: that
   * "hands off" was said. */
  painted(id, acknowledged) {
    this.#give({ input: 'painted', id, ...(acknowledged && { acknowledged }) });
  }

  /** The moment of an event on the device's clock. @param {number} [at] */
  #began(at) {
    if (at === undefined) return {};
    const ago = Math.max(0, Math.round(performance.now() - at));
    return { began: this.#clock.read().now - ago };
  }

  /** @param {ToRelay} message */
  say(message) {
    this.#give({ input: 'say', message });
  }

  /** @returns {Snapshot} */
  snapshot() {
    const { now } = this.#clock.read();
    return {
      now,
      relayNow: this.#relayClock.at(now),
      state: this.#link.state,
      role: this.#link.role,
      view: this.#link.view(now),
      welcome: this.#welcome,
      pairing: this.#pairing,
      error: this.#error,
      field: this.#field,
      deletedBy: this.#deletedBy,
      beenLive: this.#beenLive,
      attempts: this.#attempts,
      freshUntil: this.#freshUntil,
      resuming: this.#resuming,
    };
  }

  /** @param {Input} input */
  #give(input) {
    const { now, jumped } = this.#clock.read();
    if (jumped) {
      this.#relayClock.forget();
      this.#step(now, { input: 'tick' });
      if (document.visibilityState === 'visible') this.#step(now, { input: 'visible' });
    }
    this.#step(now, input);
    clearTimeout(this.#timer);
    const deadline = this.#link.deadline(now);
    if (deadline !== null && !this.#undo.signal.aborted) {
      this.#timer = setTimeout(() => this.#give({ input: 'tick' }), Math.max(0, deadline - now));
    }
    this.#beenLive ||= this.#link.state?.phase === 'live';
    this.#listener.changed();
  }

  /** @param {number} now @param {Input} input */
  #step(now, input) {
    const effects = this.#link.step(now, input);
    // Messages go out before the shout, because sound may throw or be slow.
    for (const effect of effects) if (effect.effect !== 'shout') this.#do(effect);
    if (effects.some(({ effect }) => effect === 'shout')) attempt(() => this.#listener.shout(), null);
  }

  /** @param {Effect} effect */
  #do(effect) {
    switch (effect.effect) {
      case 'shout':
        break;
      case 'too_soon':
        this.#listener.tooSoon();
        break;
      case 'connect':
        this.#connect();
        break;
      case 'disconnect':
        this.#drop();
        break;
      case 'send':
        if (this.#socket?.readyState === WebSocket.OPEN) {
          this.#socket.send(JSON.stringify(effect.message));
        }
        break;
    }
  }

  #connect() {
    this.#drop();
    this.#attempts += 1;
    this.#placed = false;
    const url = new URL('/ws', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    // Some browsers have no WebSocket, and some extensions block it.
    const socket = attempt(() => new WebSocket(url, SUBPROTOCOL), null);
    this.#socket = socket;
    if (!socket) {
      setTimeout(() => this.#socket === null && !this.#undo.signal.aborted && this.#give({ input: 'closed', code: NO_SOCKET }));
      return;
    }
    // A dropped socket may still deliver events, so only the current one counts.
    socket.onopen = () => this.#socket === socket && this.#give({ input: 'opened' });
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#give({ input: 'closed', code: event.code });
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket && typeof event.data === 'string') this.#heard(event.data);
    };
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  /** @param {string} text */
  #heard(text) {
    const message = parse(text);
    if (!message) return;
    const { now } = this.#clock.read();
    switch (message.type) {
      case 'welcome':
        this.#welcome = message;
        this.#placed = true;
        this.#resuming = true;
        this.#error = this.#field = null;
        this.#relayClock.heard(now, now, message.relay_at);
        if (message.code) this.#pairing = pairingOf(message);
        this.#listener.welcomed(message);
        break;
      case 'beat':
        this.#relayClock.heard(message.sent_at, now, message.relay_at);
        this.#freshUntil = message.sent_at + (this.#welcome?.limits.lost_after_ms ?? LOST_AFTER_MS);
        break;
      case 'pairing':
        this.#pairing = message;
        break;
      case 'error':
        // A hello that the relay cannot read is refused again at every attempt.
        if (message.code === 'bad_message' && !this.#placed) message.fatal = true;
        this.#error = message.code;
        this.#field = fieldOf(message);
        this.#deletedBy = message.by ?? null;
        this.#listener.failed(message.code, message.id ?? null);
        break;
      case 'state':
      case 'stop':
      case 'recorded':
        break;
    }
    this.#give({ input: 'message', message });
  }
}

/** @param {string} text @returns {ToDevice | null} */
function parse(text) {
  try {
    const message = JSON.parse(text);
    return typeof message === 'object' && message !== null ? message : null;
  } catch {
    return null;
  }
}

/** The field of a message that the relay refused, if it names one.
 * @param {object} error @returns {string | null} */
function fieldOf(error) {
  return 'field' in error && typeof error.field === 'string' ? error.field : null;
}

/** @param {Welcome & Partial<Pairing>} welcome @returns {Pairing | null} */
function pairingOf({ code, link, qr, qr_size, code_expires_at, burned }) {
  if (!code || !link || !qr || !qr_size || !code_expires_at) return null;
  return { code, link, qr, qr_size, code_expires_at, burned: burned ?? false };
}
