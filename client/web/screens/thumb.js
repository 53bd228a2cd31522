//! Hold to consent on the receiver's screen: the whole area between the bar and stop takes the thumb.
//! To touch it and stay is consent, one act for thumb and ready. Lifting, a second finger, a short tap and
//! anything unclear are stop. No slide sends a cue, because a hand that goes limp slides too.
//! A key that is held down does the same; a button holds for a person who can do neither.

import { Grip } from '../input/grip.js';
import { first, t } from '../i18n/index.js';
import { isThumbKey } from '../device/keys.js';
import { HOLDING_ANSWERS_MS } from '../device/limits.js';
import { armedFor } from '../ui/armed.js';
import { h, setAttribute, setText, show } from '../ui/dom.js';
import { shownIds, showNeeds, symbolOf, whyLine } from './held.js';
import { lateText } from './late.js';
import { clock, holdReason, mayBeReady, needs, sessionOf } from './logic.js';
import { isRepeat, onPress, spend } from '../input/press.js';
import { askOf, mustBeTold, thumbIsOn } from './thumb-logic.js';
import { draw, symbol } from '../ui/symbols.js';

/** @import { Contact, Said } from '../input/grip.js' */
/** @import { Ask } from './thumb-logic.js' */
/** @import { Act, Model, ScreenName, Session, Shown } from './types.d.ts' */

/** The contact that stands for the button. */
const BUTTON = 'button';
/** How long a thumb has not counted before the device says so, and how often it says so, in milliseconds.
 * The delay lets a stop of the other person sound first. */
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
  /** The session's epoch in which lifting this thumb was the stop. @type {number | null} */
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
      // The same act says ready, unless ready was said already or the thumb does not count.
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

  // This listens to the whole page: while a contact holds, a second finger anywhere is only a stop.
  addEventListener('pointerdown', (event) => {
    const { target, pointerId, pointerType, isPrimary } = event;
    // A primary pointer is the first of its kind on the screen, so others of its kind here lifted unseen.
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
    // A mouse or a pen may leave the screen; a browser captures a finger without this call.
    surface.setPointerCapture(pointerId);
  }, { capture: true });
  addEventListener('pointerup', (event) => ends('up', event.pointerId, event.timeStamp));
  addEventListener('pointercancel', (event) => ends('cancel', event.pointerId, event.timeStamp));
  // A browser may not report a lift as a pointer event; when no touch is left, every finger has lifted.
  for (const name of /** @type {const} */ (['touchend', 'touchcancel'])) {
    addEventListener(name, ({ touches }) => touches.length === 0 && cancel((id) => kinds.get(id) === 'touch'));
  }
  // A surface that is still shown but loses its pointer may never be told that the pointer lifted.
  surface.addEventListener('lostpointercapture', ({ pointerId }) => on && ends('cancel', pointerId));
  // This prevents the menu, the selection, the swipe back from the edge and the magnifier.
  surface.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
  // A screen reader can only click, so a click moves the focus to the button that holds.
  surface.addEventListener('click', (event) => event.detail === 0 && button.focus());

  addEventListener('keydown', (event) => {
    // While Meta is down some systems do not report the release of other keys.
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

  /** Says aloud that the thumb does not count, after a delay and then repeatedly.
   * @param {Session} session @param {Ask} ask */
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
    /** Shows the button that holds in place of a thumb: it appears when it has the focus. */
    instead: () => button.focus(),
    /**
     * Shows the surface if the screen takes the thumb now.
     * @param {Model} model @param {ScreenName} screen
     * @returns {Shown[] | null} What the surface shows, for the receipts; null if it is hidden.
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
      // A person does not lift the button by hand, so it releases itself when it does not count any more.
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

/** For how many more seconds the receiver has to hold on to answer. They count from when the question was
 * painted, or was asked if that is not known.
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
