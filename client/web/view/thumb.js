//! Hold to consent on the receiver's screen: all between the bar and stop is the thumb's. Touching it
//! and staying is consent, one act for thumb and ready; lifting, a second finger, a short tap and
//! whatever is unclear is stop. There is no slide for other cues: a hand that goes limp slides too.
//! A key that is held down does the same; a button holds for whoever can do neither.

import { Grip } from '../grip.js';
import { first, t } from '../i18n/index.js';
import { isThumbKey } from '../keys.js';
import { HOLDING_ANSWERS_MS } from '../limits.js';
import { armedFor } from './armed.js';
import { h, setAttribute, setText, show } from './dom.js';
import { shownIds, showNeeds, symbolOf, whyLine } from './held.js';
import { lateText } from './late.js';
import { clock, holdReason, mayBeReady, needs, sessionOf } from './logic.js';
import { isRepeat, onPress, spend } from './press.js';
import { askOf, mustBeTold, thumbIsOn } from './thumb-logic.js';
import { draw, symbol } from './symbols.js';

/** @import { Contact, Said } from '../grip.js' */
/** @import { Ask } from './thumb-logic.js' */
/** @import { Act, Model, ScreenName, Session, Shown } from './types.d.ts' */

/** The button as a contact. */
const BUTTON = 'button';
/** How long a thumb does not count before it is told so aloud, and how often, in milliseconds: a stop
 * of the other person sounds first. */
const TELL_AFTER_MS = 1_200;
const TELL_EVERY_MS = 6_000;

/** @param {Act} act */
export function thumb(act) {
  const surface = h('button', { type: 'button', class: 'thumb-surface', 'aria-describedby': 'thumb-help', 'aria-label': t('thumb_put') });
  const picture = symbol('held', 'symbol thumb-symbol');
  const title = h('h1', { tabindex: '-1' });
  const why = h('p', { class: 'why' });
  const late = h('p', { class: 'late' });
  const word = h('p', { class: 'thumb-ask', role: 'status' });
  const count = h('p', { class: 'count' });
  const list = h('ul', { class: 'needs', 'aria-label': t('held_missing') });
  const spot = h('div', { class: 'spot', 'aria-hidden': 'true' }, h('i', {}, symbol('thumb')));
  const hint = h('p', { id: 'thumb-help', class: 'thumb-hint' });
  const head = h('div', { class: 'thumb-head' }, picture, h('div', {}, title, why));
  const view = h('div', { class: 'thumb-view' }, head, late, word, count, list, spot, hint);
  const state = h('b', {});
  const button = h('button', { type: 'button', class: 'primary', 'data-action': 'hold-for-me' }, state, h('small', {}, t('thumb_button_hint')));
  const instead = h('div', { class: 'thumb-instead' }, button);
  const element = h('div', { id: 'thumb', role: 'main', 'aria-label': t('thumb_name') }, surface, view, instead);
  show(element, false);

  const grip = new Grip();
  const armed = armedFor();
  /** @type {Map<Contact, string>} */
  const kinds = new Map();
  /** @type {Session | null} */
  let now = null;
  let on = false;
  /** The epoch of the session that this thumb's lifting stopped. @type {number | null} */
  let lifted = null;
  /** @type {Ask | null} */
  let asked = null;
  let tellAt = Infinity;

  /** @param {Said | null} said @param {number} at */
  function say(said, at) {
    if (said === 'stop') act.tap('stop', at);
    else if (said === 'lifted') {
      if (now?.state.phase === 'live' && !now.view.stopped) lifted = now.state.epoch;
      act.thumb(false, at);
    } else if (said === 'down') {
      act.thumb(true, at);
      // One act of a person; it may have been said already, and a thumb that does not count is none.
      if (now?.view.thumb && mayBeReady(now)) act.tap('ready', at);
    }
  }
  /** @param {Contact} id @param {number} [at] */
  const down = (id, at = performance.now()) => say(grip.step({ type: 'down', id, at, counts: on && armed.ready(at) }), at);
  /** @param {'up' | 'cancel'} type @param {Contact} id @param {number} [at] */
  const ends = (type, id, at = performance.now()) => {
    if (!grip.contacts.includes(id)) return;
    kinds.delete(id);
    say(grip.step({ type, id, at }), at);
    act.refresh();
  };
  /** @param {(id: Contact) => boolean} [of] */
  const cancel = (of = () => true) => grip.contacts.filter(of).forEach((id) => ends('cancel', id));

  // Wherever it comes down: while anything holds on, a second finger anywhere is stop and nothing else.
  addEventListener('pointerdown', (event) => {
    const { target, pointerId, pointerType, isPrimary } = event;
    // The first of its kind on the screen: whatever of that kind is still down here has lifted unseen.
    if (isPrimary) cancel((id) => kinds.get(id) === pointerType);
    const holding = grip.contacts.length > 0;
    if (!holding && !(on && target === surface && event.button === 0)) return;
    event.stopPropagation();
    spend(event);
    if (grip.owner === BUTTON && target instanceof Node && button.contains(target)) return ends('cancel', BUTTON);
    kinds.set(pointerId, pointerType);
    down(pointerId, event.timeStamp);
    surface.focus({ preventScroll: true });
    if (target !== surface) return;
    // A mouse or a pen may leave the screen; a finger is caught anyway.
    surface.setPointerCapture(pointerId);
  }, { capture: true });
  addEventListener('pointerup', (event) => ends('up', event.pointerId, event.timeStamp));
  addEventListener('pointercancel', (event) => ends('cancel', event.pointerId, event.timeStamp));
  // Should the browser have kept a lifting to itself: no finger is left.
  for (const name of /** @type {const} */ (['touchend', 'touchcancel'])) {
    addEventListener(name, ({ touches }) => touches.length === 0 && cancel((id) => kinds.get(id) === 'touch'));
  }
  // What takes the finger away from a surface that is still there may keep its lifting to itself.
  surface.addEventListener('lostpointercapture', ({ pointerId }) => on && ends('cancel', pointerId));
  // No menu, no selection, no swipe back from the edge, no magnifier.
  surface.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
  // A screen reader can only click: the button is what it can hold with.
  surface.addEventListener('click', (event) => event.detail === 0 && button.focus());

  addEventListener('keydown', (event) => {
    // With it down some systems keep the release of other keys to themselves.
    if (event.key === 'Meta') cancel((id) => typeof id === 'string' && id !== BUTTON);
    const onSurface = event.key === 'Enter' && event.target === surface;
    if (!on || !(onSurface || isThumbKey(event))) return;
    event.preventDefault();
    if (!isRepeat(event)) down(`key ${event.code}`, event.timeStamp);
  });
  addEventListener('keyup', (event) => ends('up', `key ${event.code}`));
  addEventListener('blur', () => cancel());
  addEventListener('pagehide', () => cancel());
  document.addEventListener('visibilitychange', () => document.visibilityState !== 'visible' && cancel());
  onPress(button, (began) => (grip.owner === BUTTON ? ends('cancel', BUTTON) : down(BUTTON, began)));

  /** Tells aloud that the thumb does not count, after a while and again. @param {Session} session @param {Ask} ask */
  function tell(session, ask) {
    if (ask !== asked) tellAt = session.now + TELL_AFTER_MS;
    if (ask === 'keep' && asked !== 'keep') act.play('armed');
    asked = ask;
    if (!mustBeTold(session, ask) || session.now < tellAt) return;
    tellAt = session.now + TELL_EVERY_MS;
    act.play('refused');
    act.speak(t('thumb_again'));
  }

  return {
    element,
    /** Shows the button that holds in somebody's place. */
    instead: () => button.focus(),
    /**
     * Shows it if the screen is the thumb's now.
     * @param {Model} model @param {ScreenName} screen
     * @returns {Shown[] | null} What is on the screen, for the receipts; null if it is not the thumb's.
     */
    update(model, screen) {
      const session = sessionOf(model);
      const entered = !on && thumbIsOn(model, screen);
      on = thumbIsOn(model, screen);
      now = session;
      show(element, on);
      if (!session || session.role !== 'receiver' || screen === 'end' || screen === 'superseded') grip.forget();
      if (!session || !on) {
        armed.shows('');
        asked = null;
        return null;
      }
      armed.shows(`on ${session.state.hold?.id}`);
      if (entered) surface.focus({ preventScroll: true });
      // It cannot be lifted by hand: it springs back when it does not count any more.
      if (grip.owner === BUTTON && !session.view.thumb) grip.step({ type: 'cancel', id: BUTTON, at: 0 });
      const byButton = grip.owner === BUTTON;
      const ask = askOf(session, grip.contacts.length > 0);
      tell(session, ask);
      setAttribute(element, 'data-ask', ask);
      setAttribute(element, 'data-by', byButton ? 'button' : null);
      setAttribute(button, 'aria-pressed', String(byButton));
      setText(state, t(byButton ? 'thumb_button_on' : 'thumb_button'));

      const { check_in: question, live_since: since, epoch } = session.state;
      const own = session.view.stopped && lifted === epoch;
      const live = ask === 'live';
      draw(picture, live ? (question ? 'check_in' : 'ready') : symbolOf(holdReason(session)));
      setText(title, live && byButton && !question ? t('thumb_button_live') : titleOf(session, live, own));
      setText(why, live ? liveLine(session) : own ? t('held_released_you') : whyLine(session));
      const lateness = lateText(session);
      setText(late, lateness);
      show(late, lateness !== '');
      setText(word, t(byButton && ask === 'keep' ? 'thumb_button_on' : `thumb_${ask}`));
      show(word, !live);
      setText(count, live && since !== null ? clock(session.relayNow - since) : '');
      show(count, live);
      show(list, !live);
      if (!live) showNeeds(list, needs(session), session);
      setText(hint, t(live ? 'thumb_hint_live' : 'thumb_hint'));
      if (live) return question ? [question.id] : [];
      return shownIds(session);
    },
  };
}

/** @param {Session} session @param {boolean} live @param {boolean} own */
function titleOf(session, live, own) {
  if (live) return t(session.state.check_in ? 'ask_title' : 'thumb_live');
  if (own) return t('held_released');
  const reason = holdReason(session);
  return session.state.phase === 'live' && reason !== 'stop' ? t('wait_receiver') : first(`held_${reason}`);
}

/** How many seconds holding on has to go on until it is the answer. It counts from the paint.
 * @param {NonNullable<Session['state']['check_in']>} question @param {number} relayNow */
function secondsHeld({ asked_at: asked, shown }, relayNow) {
  const left = (shown ?? asked) + HOLDING_ANSWERS_MS - relayNow;
  return Math.min(HOLDING_ANSWERS_MS / 1_000, Math.max(1, Math.ceil(left / 1_000)));
}

/** @param {Session} session */
function liveLine({ state: { check_in: question }, relayNow }) {
  if (!question) return t('you_are_live');
  return t('holding_answers', { n: secondsHeld(question, relayNow) });
}
