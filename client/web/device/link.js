//! A device's state machine: it connects, sends heartbeats, watches the link, retries and decides what to
//! show. It mirrors shared/rules/src/link.rs, and both replay shared/vectors. Pure: no clock, no socket, no
//! DOM.
//!
//! Safety Invariant: `view().go` is true only under three conditions. The relay's last status is fresh and
//! says live. It is for the epoch of the state on screen. This device has no stop of its own in flight.

import * as limits from './limits.js';
import { answers, aheadOf, isTooSoon, mayAcknowledgeAt } from './link/act.js';
import { ClockFilter, onRelay, since } from './link/clock.js';
import { connDeadline } from './link/conn.js';
import { Outgoing } from './link/outgoing.js';
import { Painted, onScreen } from './link/painted.js';
import { whole } from './link/state.js';
import { isStop, linkOfClose, linkOfError } from './link/words.js';
import { viewOf } from './link/view.js';

/** @import { Cue, ErrorCode, Limits, Phase, Role, State, StopNotice, ToDevice, ToRelay, Welcome } from './protocol.d.ts' */
/** @import { LinkEffect as Effect, LinkInput as Input, View } from './protocol.d.ts' */
/** @import { Conn } from './link/types.d.ts' */

/** The limits until the relay sends its own. @type {import('./protocol.d.ts').Limits} */
const DEFAULT_LIMITS = {
  frame_bytes: limits.FRAME_BYTES,
  beat_every_ms: limits.BEAT_EVERY_MS,
  late_after_ms: limits.LOST_AFTER_MS / 2,
  lost_after_ms: limits.LOST_AFTER_MS,
};

/** A device that sends `hello` (create, join or resume) when it is connected. */
export class Link {
  /** @type {ToRelay} */
  #hello;
  /** @type {string | undefined} */
  #client;
  /** @type {Conn} */
  #conn = { at: 'idle' };
  /** @type {Limits} */
  #limits = DEFAULT_LIMITS;
  #hidden = false;
  /** The number of attempts since the link was last up. */
  #attempts = 0;
  /** @type {Role | null} */
  #role = null;
  /** @type {State | null} */
  #state = null;
  /** When this device sent the newest heartbeat that the relay answered. The time of the answer does not
   * count: a link that delays everything by seconds delivers old answers at a steady rate. */
  #lastWord = 0;
  /** The phase and epoch in the relay's last answer. Null until the relay has answered a heartbeat that was
   * sent at `trustedFrom` or later, because older answers may be stale.
   * @type {{ phase: Phase, epoch: number } | null} */
  #word = null;
  /** When this connection was welcomed, or when the page was last shown again. */
  #trustedFrom = 0;
  /** @type {StopNotice | null} */
  #notice = null;
  /** Since when this device knows of a stop that is not acknowledged. A further stop does not restart the
   * time.
   * @type {number | null} */
  #stopSince = null;
  /** The stop that a person dismissed on this device after the session ended.
   * @type {string | null} */
  #dismissed = null;
  /** Hold to consent: live only while the receiver's thumb is down. */
  #consent = false;
  /** The receiver's thumb, as this device reported it to the relay in this epoch.
   * @type {{ id: string, epoch: number } | null} */
  #thumb = null;
  #painted = new Painted();
  #outgoing = new Outgoing();
  #nextBeat = 0;
  #beats = 0;
  /** @type {number[]} */
  #roundTrips = [];
  /** Whether the relay last said that it cannot record. */
  #unrecorded = false;
  #clock = new ClockFilter();

  /** @param {ToRelay} hello */
  constructor(hello) {
    this.#hello = hello;
    this.#client = 'client' in hello ? (hello.client ?? undefined) : undefined;
  }

  /** The newest state that this device has received. */
  get state() {
    return this.#state;
  }

  /** This device's role, once it has one. */
  get role() {
    return this.#role;
  }

  /** Takes one input at a moment of the device's monotonic clock. Returns what the device must do, in order.
   * @param {number} now @param {Input} input @returns {Effect[]} */
  step(now, input) {
    /** @type {Effect[]} */
    const out = [];
    this.#timers(now, out);
    switch (input.input) {
      case 'tick':
        break;
      case 'start':
        if (this.#conn.at === 'idle') this.#connect(now, out);
        break;
      case 'opened':
        this.#opened(now, out);
        break;
      case 'closed':
        this.#closed(now, input.code ?? null);
        break;
      case 'message':
        this.#message(now, input.message, out);
        break;
      case 'tap':
        this.#tap(now, input.began ?? now, input, out);
        break;
      case 'thumb':
        if (input.down) this.#thumbDown(now, input.began ?? now, input.id, out);
        else this.#thumbLifted(now, input.id, out);
        break;
      case 'acknowledge':
        this.#acknowledge(input.began ?? now, out);
        break;
      case 'painted':
        this.#paint(now, input, out);
        break;
      case 'say':
        this.#say(input.message, out);
        break;
      case 'hidden':
        this.#hidden = true;
        this.#thumb = null;
        this.#say({ type: 'away' }, out);
        break;
      case 'visible':
        this.#visible(now, out);
        break;
    }
    return out;
  }

  /** When to give the next tick, if nothing happens before.
   * @param {number} now @returns {number | null} */
  deadline(now) {
    const alarm = (this.#stopSince ?? -Infinity) + limits.STOP_NOT_ACKNOWLEDGED_MS;
    const at = Math.min(
      connDeadline(now, this.#conn, {
        limits: this.#limits,
        lastWord: this.#lastWord,
        nextBeat: this.#hidden ? null : this.#nextBeat,
      }) ?? Infinity,
      this.#outgoing.deadline(now, this.#conn.at === 'up') ?? Infinity,
      alarm > now ? alarm : Infinity,
    );
    return at === Infinity ? null : at;
  }

  /** What may be shown at this moment. @param {number} now @returns {View} */
  view(now) {
    return viewOf(now, {
      ...this.#acting(),
      limits: this.#limits,
      hidden: this.#hidden,
      lastWord: this.#lastWord,
      word: this.#word,
      stopSince: this.#stopSince,
      consent: this.#consent,
      needsThumb: this.#needsThumb(),
      thumb: this.#thumb !== null,
      roundTrips: this.#roundTrips,
      clock: this.#clock.best(),
      unrecorded: this.#unrecorded,
    });
  }

  /** The facts that decide whether a person's action counts. */
  #acting() {
    return {
      conn: this.#conn,
      role: this.#role,
      state: this.#state,
      notice: this.#notice,
      dismissed: this.#dismissed,
      trustedFrom: this.#trustedFrom,
      painted: this.#painted,
      outgoing: this.#outgoing,
    };
  }

  /** @param {number} now @param {Effect[]} out */
  #timers(now, out) {
    const conn = this.#conn;
    switch (conn.at) {
      case 'idle':
      case 'closed':
        break;
      case 'down':
        if (now >= conn.retryAt && !this.#hidden) this.#connect(now, out);
        break;
      case 'connecting':
      case 'greeting':
        if (since(now, conn.since) >= limits.CONNECT_TIMEOUT_MS) {
          out.push({ effect: 'disconnect' });
          this.#down(now);
        }
        break;
      case 'up':
        if (since(now, this.#lastWord) >= this.#limits.lost_after_ms) {
          // A dead socket can look open. Only a new connection shows whether the relay is reachable.
          out.push({ effect: 'disconnect' });
          this.#attempts = 0;
          this.#down(now);
        } else if (now >= this.#nextBeat && !this.#hidden) {
          this.#beat(now, out);
        }
        break;
    }
    for (const message of this.#outgoing.tick(now, this.#clock.best(), this.#conn.at === 'up')) {
      out.push({ effect: 'send', message });
      if (message.type !== 'cue' && message.type !== 'thumb') continue;
      // The relay ignored a paint that it received before the stop, so it is sent again.
      for (const shown of this.#painted.toldAgain(message.id, this.#clock.best())) {
        out.push({ effect: 'send', message: shown });
      }
    }
  }

  /** @param {number} now @param {Effect[]} out */
  #beat(now, out) {
    this.#nextBeat = now + this.#limits.beat_every_ms;
    out.push({ effect: 'send', message: { type: 'beat', n: this.#beats, sent_at: now } });
    this.#beats += 1;
  }

  /** @param {number} now @param {Effect[]} out */
  #connect(now, out) {
    this.#conn = { at: 'connecting', since: now };
    out.push({ effect: 'connect' });
  }

  /** Waits before the next attempt. The delay doubles each time, up to a maximum. @param {number} now */
  #down(now) {
    const [first, longest] = limits.RECONNECT_MS;
    const pause = Math.min(first * 2 ** Math.min(this.#attempts, 16), longest);
    this.#attempts += 1;
    this.#conn = { at: 'down', retryAt: now + pause };
  }

  /** @param {number} now @param {Effect[]} out */
  #opened(now, out) {
    if (this.#conn.at !== 'connecting') return;
    this.#conn = { at: 'greeting', since: now };
    out.push({ effect: 'send', message: this.#hello });
  }

  /** @param {number} now @param {number | null} code */
  #closed(now, code) {
    const { at } = this.#conn;
    if (at === 'idle' || at === 'closed' || at === 'down') return;
    const link = code === null ? null : linkOfClose(code);
    if (link) this.#conn = { at: 'closed', link };
    else this.#down(now);
  }

  /** @param {number} now @param {ToDevice} message @param {Effect[]} out */
  #message(now, message, out) {
    if (this.#conn.at !== 'up' && this.#conn.at !== 'greeting') return;
    switch (message.type) {
      case 'welcome':
        this.#welcome(now, { ...message, state: whole(message.state) }, out);
        break;
      case 'state':
        // One connection delivers in order, so an older state is only a repeat.
        if (this.#state === null || message.state.seq >= this.#state.seq) {
          this.#take(now, whole(message.state));
          this.#outgoing.stated();
        }
        this.#recorded(message.recorded ?? []);
        out.push({ effect: 'send', message: { type: 'received', seq: message.seq } });
        break;
      case 'stop':
        if (this.#state === null || message.seq > this.#state.seq) {
          this.#notice = message;
          this.#stopSince ??= now;
        }
        break;
      case 'beat':
        this.#recorded(message.recorded ?? []);
        this.#unrecorded = message.unrecorded === true;
        if (message.sent_at >= this.#trustedFrom) {
          this.#word = { phase: message.phase, epoch: message.epoch };
          this.#clock.answer(message.sent_at, message.relay_at, now);
        }
        this.#lastWord = Math.max(this.#lastWord, Math.min(message.sent_at, now));
        this.#roundTrips.push(since(now, message.sent_at));
        if (this.#roundTrips.length > limits.ROUND_TRIPS) this.#roundTrips.shift();
        if (!this.#unrecorded) this.#tellPainted(out);
        break;
      case 'recorded':
        this.#recorded([message.id]);
        break;
      case 'error':
        if (message.id) {
          this.#outgoing.refused(message.id, message.code);
          this.#outgoing.settleLift(this.#state);
          // A thumb that the relay could not record still counts, so its lift must be sent.
          const refused = message.code !== 'unavailable';
          if (refused && this.#thumb?.id === message.id) this.#thumb = null;
        }
        if (message.code === 'unavailable') {
          this.#unrecorded = true;
          this.#painted.doubt();
        }
        if (message.fatal) {
          out.push({ effect: 'disconnect' });
          this.#fatal(now, message.code);
        }
        break;
      case 'pairing':
        break;
    }
  }

  /** Takes the receipts of cues that are durable. @param {string[]} ids */
  #recorded(ids) {
    for (const id of ids) {
      this.#outgoing.recorded(id, this.#state);
      this.#outgoing.settleLift(this.#state);
    }
  }

  /** Takes this device's role. The link timeout starts now; go waits for the answer to a heartbeat.
   * @param {number} now @param {Welcome} welcome @param {Effect[]} out */
  #welcome(now, welcome, out) {
    this.#conn = { at: 'up' };
    this.#attempts = 0;
    this.#lastWord = now;
    this.#word = null;
    this.#trustedFrom = now;
    this.#limits = welcome.limits;
    this.#role = welcome.role;
    this.#consent = welcome.options.hold_to_consent;
    this.#thumb = null;
    this.#hello = { type: 'resume', token: welcome.token };
    if (this.#client !== undefined) this.#hello.client = this.#client;
    this.#roundTrips = [];
    this.#clock.reconnected();
    const clock = this.#clock.best();
    // A relay that lost its newest entries has a lower `seq`, so its welcome replaces what this device knew.
    this.#notice = null;
    this.#painted.reconnected(welcome.state);
    // The helper can acknowledge to the relay now, so an earlier dismissal ends.
    if (welcome.role === 'helper') this.#dismissed = null;
    for (const message of this.#outgoing.again(now, clock, welcome.state)) {
      out.push({ effect: 'send', message });
    }
    this.#take(now, welcome.state);
    if (this.#hidden) this.#say({ type: 'away' }, out);
    else this.#beat(now, out);
    this.#tellPainted(out);
  }

  /** Ends this connection. The code decides whether the device connects again.
   * @param {number} now @param {ErrorCode} code */
  #fatal(now, code) {
    const link = linkOfError(code, this.#conn.at === 'up');
    if (link) this.#conn = { at: 'closed', link };
    else this.#down(now);
  }

  /** @param {number} now @param {State} state */
  #take(now, state) {
    this.#word &&= { phase: state.phase, epoch: state.epoch };
    if (this.#notice && this.#notice.seq <= state.seq) this.#notice = null;
    const held = state.hold !== null && isStop(state.hold.reason) && !state.hold.acknowledged;
    const open = this.#notice !== null || held;
    this.#stopSince = open ? (this.#stopSince ?? now) : null;
    if (this.#thumb?.epoch !== state.epoch || state.phase === 'ended') this.#thumb = null;
    this.#outgoing.carried(state, this.#role);
    this.#state = state;
  }

  /** @param {number} now @param {number} began @param {{ id: string, cue: Cue }} tap
   * @param {Effect[]} out */
  #tap(now, began, { id, cue }, out) {
    if (cue === 'ready' && this.#isTooSoon(began, out)) return;
    if (cue === 'stop') {
      this.#stopsAnew(id);
      if (this.#role !== 'helper') out.push({ effect: 'shout' });
    }
    const epoch = this.#state ? this.#state.epoch : null;
    const tapped = { at: now, clock: this.#clock.best() };
    const message = this.#outgoing.tap(tapped, began, id, cue, epoch, this.#conn.at === 'up');
    if (message) out.push({ effect: 'send', message });
  }

  /** @param {number} began @param {Effect[]} out */
  #isTooSoon(began, out) {
    const soon = isTooSoon(this.#acting(), began);
    if (soon) out.push({ effect: 'too_soon' });
    return soon;
  }

  #needsThumb() {
    return this.#consent && this.#role === 'receiver';
  }

  /** @param {number} now @param {number} began @param {string} id @param {Effect[]} out */
  #thumbDown(now, began, id, out) {
    const up = this.#conn.at === 'up' && !this.#hidden;
    if (!up || !this.#state || !this.#needsThumb() || this.#thumb) return;
    if (this.#isTooSoon(began, out)) return;
    const { epoch, phase } = this.#state;
    this.#thumb = { id, epoch };
    this.#outgoing.thumbIsBack(phase === 'held');
    const { at, uncertainty } = onRelay({ at: now, clock: this.#clock.best() }, null);
    const when = at === undefined ? {} : { tapped_at: at, uncertainty_ms: uncertainty };
    out.push({ effect: 'send', message: { type: 'thumb', id, down: true, epoch, ...when } });
  }

  /** Sends a stop if the session is live or may be live by now. A hidden page has already reported that it
   * is away.
   * @param {number} now @param {string} id @param {Effect[]} out */
  #thumbLifted(now, id, out) {
    const live = this.#state?.phase === 'live';
    const thumb = this.#thumb;
    this.#thumb = null;
    if (!this.#needsThumb() || this.#hidden || (!thumb && !live)) return;
    if (live && this.#outgoing.stopUnderWay() === null) out.push({ effect: 'shout' });
    this.#stopsAnew(id);
    const lifted = { at: now, clock: this.#clock.best() };
    this.#say(this.#outgoing.lift(lifted, id, thumb?.id ?? null, live), out);
  }

  /** This device stops again, so an earlier dismissal of this id no longer silences the stop.
   * @param {string} id */
  #stopsAnew(id) {
    if (this.#dismissed === id) this.#dismissed = null;
  }

  /** Acknowledges with "hands off" or "seen". A stop comes first, even one that no state contains yet,
   * because the screen shows it. @param {number} began @param {Effect[]} out */
  #acknowledge(began, out) {
    const facts = this.#acting();
    const to = answers(facts);
    if (!to) return;
    if (began < (mayAcknowledgeAt(facts) ?? Infinity)) out.push({ effect: 'too_soon' });
    else if (to.here) this.#dismissed = to.id;
    else this.#say({ type: 'acknowledge', id: to.id }, out);
  }

  /** @param {number} now @param {{ id: string, acknowledged?: boolean }} painted
   * @param {Effect[]} out */
  #paint(now, { id, acknowledged }, out) {
    const state = this.#state;
    /** @param {string} of */
    const shows = (of) =>
      aheadOf(this.#acting()) === of || (state !== null && onScreen(state, of).length > 0);
    const at = { at: now, clock: this.#clock.best() };
    this.#painted.add(id, at, acknowledged === true, shows);
    this.#tellPainted(out);
  }

  /** Reports to the relay what the screen has painted, each once per connection.
   * @param {Effect[]} out */
  #tellPainted(out) {
    if (this.#conn.at !== 'up') return;
    for (const message of this.#painted.untold(this.#clock.best())) {
      out.push({ effect: 'send', message });
    }
  }

  /** @param {ToRelay} message @param {Effect[]} out */
  #say(message, out) {
    if (this.#conn.at === 'up') out.push({ effect: 'send', message });
  }

  /** @param {number} now @param {Effect[]} out */
  #visible(now, out) {
    this.#hidden = false;
    // The relay was told that this page was away, so its earlier status no longer counts.
    this.#word = null;
    this.#trustedFrom = now;
    this.#clock.forget();
    const { at } = this.#conn;
    if (at === 'idle' || at === 'closed') return;
    if (at === 'up' && since(now, this.#lastWord) < this.#limits.late_after_ms) {
      this.#beat(now, out);
      return;
    }
    if (at !== 'down') {
      // The device may have slept, so the old connection is not trusted.
      out.push({ effect: 'disconnect' });
      this.#down(now);
    }
    this.#attempts = 0;
    this.#connect(now, out);
  }
}
