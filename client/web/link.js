//! A device's machine: connect, beat, watch, send again, say what may be shown. The twin of
//! shared/rules/src/link.rs; both replay shared/vectors. Pure: no clock, no socket, no DOM.
//!
//! Safety Invariant: `view().go` is true only while the last word of the relay is fresh and says
//! live, in the epoch of the state on screen, and this device has no stop of its own under way.

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

/** What a device works with until its relay names its own limits. @type {import('./protocol.d.ts').Limits} */
const DEFAULT_LIMITS = {
  frame_bytes: limits.FRAME_BYTES,
  beat_every_ms: limits.BEAT_EVERY_MS,
  late_after_ms: limits.LOST_AFTER_MS / 2,
  lost_after_ms: limits.LOST_AFTER_MS,
};

/** A device that will say `hello` (create, join or resume) when it is connected. */
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
  /** Attempts since the link was last up. */
  #attempts = 0;
  /** @type {Role | null} */
  #role = null;
  /** @type {State | null} */
  #state = null;
  /** The last moment at which the relay is known not to have said its last word yet: when the
   * newest beat that it answered was sent. Not when the answer arrived: a line that delays
   * everything by seconds delivers old words at a steady pace. */
  #lastWord = 0;
  /** The phase and epoch that the relay named last; none until it has answered a beat that was sent
   * at `trustedFrom` or later, for until then nothing shows how old its words are.
   * @type {{ phase: Phase, epoch: number } | null} */
  #word = null;
  /** When this connection was welcomed, or the page was last hidden and came back. */
  #trustedFrom = 0;
  /** @type {StopNotice | null} */
  #notice = null;
  /** Since when this device knows of a stop that nobody has acknowledged. A further stop does not
   * start the time anew.
   * @type {number | null} */
  #stopSince = null;
  /** The stop that a person dismissed on this device after the session was over.
   * @type {string | null} */
  #dismissed = null;
  /** Hold to consent: live only while the receiver's thumb is down. */
  #consent = false;
  /** The receiver's thumb, as this device told the relay in this epoch.
   * @type {{ id: string, epoch: number } | null} */
  #thumb = null;
  #painted = new Painted();
  #outgoing = new Outgoing();
  #nextBeat = 0;
  #beats = 0;
  /** @type {number[]} */
  #roundTrips = [];
  /** Whether the relay said last that it cannot record. */
  #unrecorded = false;
  #clock = new ClockFilter();

  /** @param {ToRelay} hello */
  constructor(hello) {
    this.#hello = hello;
    this.#client = 'client' in hello ? (hello.client ?? undefined) : undefined;
  }

  /** The newest state this device has taken. */
  get state() {
    return this.#state;
  }

  /** This device's role, once it has one. */
  get role() {
    return this.#role;
  }

  /** Takes one input at a moment of the device's monotonic clock. The effects are what the device
   * has to do, in their order.
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

  /** What a person's act is judged by. */
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
          // The socket may look open while it is dead: a new one is the only way to know.
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
      // A paint that was told ahead of a stop which the relay did not get was passed over.
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

  /** Waits before the next attempt, twice as long each time. @param {number} now */
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
        // One connection delivers in order, so an older one can only be a repeat.
        if (this.#state === null || message.state.seq >= this.#state.seq) {
          this.#take(now, whole(message.state));
          this.#outgoing.stated();
        }
        out.push({ effect: 'send', message: { type: 'received', seq: message.seq } });
        break;
      case 'stop':
        if (this.#state === null || message.seq > this.#state.seq) {
          this.#notice = message;
          this.#stopSince ??= now;
        }
        break;
      case 'beat':
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
        this.#outgoing.recorded(message.id, this.#state);
        this.#outgoing.settleLift(this.#state);
        break;
      case 'error':
        if (message.id) {
          this.#outgoing.refused(message.id, message.code);
          this.#outgoing.settleLift(this.#state);
          // One that is not recorded counts all the same: lifting it must be told.
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

  /** This device has its role. The watch begins with the arrival; go waits for a beat's answer.
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
    // A relay that lost its newest entries counts from further back: what it says now is all.
    this.#notice = null;
    this.#painted.reconnected(welcome.state);
    // The helper can say it to the relay now, and so to both.
    if (welcome.role === 'helper') this.#dismissed = null;
    for (const message of this.#outgoing.again(now, clock, welcome.state)) {
      out.push({ effect: 'send', message });
    }
    this.#take(now, welcome.state);
    if (this.#hidden) this.#say({ type: 'away' }, out);
    else this.#beat(now, out);
    this.#tellPainted(out);
  }

  /** Nothing comes on this connection any more; whether to come back depends on why.
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

  /** A stop, where the session is live or may be by now. A page that is hidden said so already.
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

  /** This device stops: what a person dismissed before, with this id, does not silence it.
   * @param {string} id */
  #stopsAnew(id) {
    if (this.#dismissed === id) this.#dismissed = null;
  }

  /** "Hands off", or "seen". A stop comes first, even one that no state carries yet: it is what the
   * screen shows. @param {number} began @param {Effect[]} out */
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

  /** Tells the relay what the screen has painted, each once on a connection.
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
    // The relay was told that this page was away: what it said before is void.
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
      // Asleep or not, whatever was there is not to be trusted.
      out.push({ effect: 'disconnect' });
      this.#down(now);
    }
    this.#attempts = 0;
    this.#connect(now, out);
  }
}
